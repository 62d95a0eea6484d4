-- +goose Up
CREATE TABLE organisation (
	id          TEXT COLLATE "C" PRIMARY KEY,
	slug        TEXT COLLATE "C" NOT NULL,
	kind        TEXT NOT NULL,
	name        TEXT NOT NULL,
	name_key    TEXT COLLATE "C" NOT NULL,  -- folded, for finding by name
	names       JSONB NOT NULL,             -- in other languages, by code
	description TEXT NOT NULL,
	url         TEXT NOT NULL,
	district    TEXT NOT NULL,
	parent      TEXT COLLATE "C" NOT NULL,  -- empty for none
	valid_from  TEXT NOT NULL,              -- civil date; empty where not known
	valid_to    TEXT NOT NULL,              -- civil date of its end; empty while it exists
	version     BIGINT NOT NULL,
	changed_at  BIGINT NOT NULL
);
CREATE INDEX organisation_name ON organisation (name_key, id);
CREATE INDEX organisation_parent ON organisation (parent);

-- Every version there ever was, the present one too: whole, so that it reads
-- the same whatever columns come later.
CREATE TABLE organisation_version (
	org        TEXT COLLATE "C" NOT NULL REFERENCES organisation (id),
	version    BIGINT NOT NULL,
	since      TEXT NOT NULL,               -- civil date from which it holds
	doc        JSONB NOT NULL,
	changed_by TEXT COLLATE "C" NOT NULL,
	changed_at BIGINT NOT NULL,
	note       TEXT NOT NULL,
	PRIMARY KEY (org, version)
);

CREATE TABLE organisation_successor (
	predecessor TEXT COLLATE "C" NOT NULL REFERENCES organisation (id),
	successor   TEXT COLLATE "C" NOT NULL REFERENCES organisation (id),
	reason      TEXT NOT NULL,              -- merged, split, renamed
	on_date     TEXT NOT NULL,
	PRIMARY KEY (predecessor, successor)
);
CREATE INDEX organisation_successor_of ON organisation_successor (successor);
