-- +goose Up
CREATE TABLE moderation_case (
	id        TEXT COLLATE "C" PRIMARY KEY,
	comment   TEXT COLLATE "C" NOT NULL,
	kind      TEXT COLLATE "C" NOT NULL,   -- of the record that is discussed
	record    TEXT COLLATE "C" NOT NULL,
	org       TEXT COLLATE "C" NOT NULL,   -- that answers for it
	author    TEXT COLLATE "C" NOT NULL,
	source    TEXT COLLATE "C" NOT NULL,   -- report, held
	reporter  TEXT COLLATE "C" NOT NULL,   -- who reported it first; empty for held
	message   TEXT NOT NULL,               -- what they said
	reports   INTEGER NOT NULL,
	state     TEXT COLLATE "C" NOT NULL,   -- open, taken, decided, appealed, closed
	taken_by  TEXT COLLATE "C" NOT NULL,
	rule      INTEGER NOT NULL,            -- 0 for none
	outcome   TEXT COLLATE "C" NOT NULL,   -- hidden, kept; empty before
	reason    TEXT NOT NULL,
	decided_by TEXT COLLATE "C" NOT NULL,
	appeal    TEXT NOT NULL,               -- the author's words
	appeal_outcome TEXT COLLATE "C" NOT NULL, -- upheld, reversed; empty before
	opened    BIGINT NOT NULL,
	decided   BIGINT,
	ended     BIGINT
);
CREATE UNIQUE INDEX moderation_case_open ON moderation_case (comment) WHERE state IN ('open', 'taken');
CREATE INDEX moderation_case_state ON moderation_case (state, opened);
CREATE INDEX moderation_case_author ON moderation_case (author, opened);
