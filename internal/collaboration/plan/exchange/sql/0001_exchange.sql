-- +goose Up
CREATE TABLE plan_origin (                 -- what was imported as which plan or commitment
	kind     TEXT COLLATE "C" NOT NULL,      -- plan, commitment
	source   TEXT COLLATE "C" NOT NULL,      -- ogp, ceiba, table
	key      TEXT COLLATE "C" NOT NULL,      -- the file's own id
	record   TEXT COLLATE "C" NOT NULL,
	imported BIGINT NOT NULL,
	PRIMARY KEY (kind, source, key)
);
CREATE INDEX plan_origin_record ON plan_origin (record);

CREATE TABLE plan_import (                 -- files that were handed in
	id      TEXT COLLATE "C" PRIMARY KEY,
	name    TEXT NOT NULL,
	sha     TEXT COLLATE "C" NOT NULL,
	source  TEXT COLLATE "C" NOT NULL,       -- ogp, canada, ceiba, table
	options JSONB NOT NULL,
	header  JSONB NOT NULL,                  -- of OGP's table, for the cells of its rows
	state   TEXT COLLATE "C" NOT NULL,       -- received, seen, running, done, failed
	result  JSONB NOT NULL,
	job     TEXT COLLATE "C" NOT NULL,
	at      BIGINT NOT NULL,
	by      TEXT COLLATE "C" NOT NULL
);
CREATE INDEX plan_import_at ON plan_import (at, id);

CREATE TABLE plan_reference (              -- commitments of other countries, to compare with: no promises of this site
	source   TEXT COLLATE "C" NOT NULL,      -- ogp, canada
	key      TEXT COLLATE "C" NOT NULL,      -- BG0003, nap6/C01
	import   TEXT COLLATE "C" NOT NULL,      -- that brought it, or last changed it
	plan     TEXT COLLATE "C" NOT NULL,      -- AP_BGR01, nap6
	code     TEXT COLLATE "C" NOT NULL,      -- of the country or locality
	country  TEXT NOT NULL,
	year     INTEGER NOT NULL,               -- of submission; 0 if not known
	number   TEXT NOT NULL,
	title    TEXT NOT NULL,
	body     TEXT NOT NULL,
	url      TEXT NOT NULL,
	cells    JSONB NOT NULL,                 -- of OGP's table as they stood, in the order of the import's header
	form     JSONB NOT NULL,                 -- canonical form, where the file has one
	record   TEXT COLLATE "C" NOT NULL,      -- commitment of this site that it is; empty for others
	changed  BIGINT NOT NULL,
	PRIMARY KEY (source, key)
);
CREATE INDEX plan_reference_plan ON plan_reference (country, plan, key);
