-- +goose Up
CREATE TABLE shelf_version (
	id         TEXT COLLATE "C" PRIMARY KEY,
	owner_kind TEXT COLLATE "C" NOT NULL,
	owner      TEXT COLLATE "C" NOT NULL,
	n          INTEGER,              -- 1, 2, 3 … once published
	state      TEXT COLLATE "C" NOT NULL,
	name       TEXT NOT NULL,        -- of the file, as handed in
	original   TEXT NOT NULL,        -- SHA-256 in the blob store
	media_type TEXT NOT NULL,
	bytes      BIGINT NOT NULL,
	options    JSONB NOT NULL,       -- table.Options: what the publisher declared
	profile    JSONB,                -- table.Profile
	files      TEXT,                 -- SHA-256 of the version's folder in the blob store
	row_count  BIGINT NOT NULL,
	rejects    BIGINT NOT NULL,
	derived    BOOLEAN NOT NULL,
	note       TEXT NOT NULL,        -- what changed, by the publisher
	job        TEXT NOT NULL,        -- the job that works on it, or the last that did
	fault      JSONB,                -- why it failed: key and values
	by_person  TEXT COLLATE "C" NOT NULL,
	created    BIGINT NOT NULL,
	published  BIGINT
);
CREATE UNIQUE INDEX shelf_version_n ON shelf_version (owner_kind, owner, n);
CREATE INDEX shelf_version_owner ON shelf_version (owner_kind, owner, created);
CREATE INDEX shelf_version_files ON shelf_version (files);
