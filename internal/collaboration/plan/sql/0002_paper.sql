-- +goose Up
-- Documents in versions, with the day they bear and what they show.
ALTER TABLE plan_paper ADD COLUMN root TEXT NOT NULL DEFAULT '';      -- the first version of the document
ALTER TABLE plan_paper ADD COLUMN n INTEGER NOT NULL DEFAULT 1;
ALTER TABLE plan_paper ADD COLUMN step TEXT NOT NULL DEFAULT '';      -- of co-creation: preparation, problems, ideas …
ALTER TABLE plan_paper ADD COLUMN milestone TEXT NOT NULL DEFAULT ''; -- of the commitment; empty for all of it
ALTER TABLE plan_paper ADD COLUMN dated TEXT NOT NULL DEFAULT '';     -- the day that stands on it, as its office says
ALTER TABLE plan_paper ADD COLUMN note TEXT NOT NULL DEFAULT '';      -- what a version changes
ALTER TABLE plan_paper ADD COLUMN replaced BIGINT;                    -- when the next version came
UPDATE plan_paper SET root = id;
CREATE UNIQUE INDEX plan_paper_root ON plan_paper (root, n);
