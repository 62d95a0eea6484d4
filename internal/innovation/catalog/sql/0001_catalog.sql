-- +goose Up
CREATE TABLE dataset (
	id            TEXT COLLATE "C" PRIMARY KEY,
	org           TEXT COLLATE "C" NOT NULL,
	title         TEXT NOT NULL,
	summary       TEXT NOT NULL,
	notes         TEXT NOT NULL,       -- Markdown
	lang          TEXT COLLATE "C" NOT NULL,
	licence       TEXT COLLATE "C" NOT NULL,
	themes        JSONB NOT NULL,
	keywords      JSONB NOT NULL,
	districts     JSONB NOT NULL,
	period_start  TEXT COLLATE "C" NOT NULL,  -- civil dates, or empty
	period_end    TEXT COLLATE "C" NOT NULL,
	frequency     TEXT COLLATE "C" NOT NULL,
	contact_name  TEXT NOT NULL,
	contact_email TEXT NOT NULL,
	source        TEXT NOT NULL,       -- address of the origin
	state         TEXT COLLATE "C" NOT NULL,
	reason        TEXT NOT NULL,       -- why it was withdrawn or sent back
	folded        TEXT NOT NULL,       -- title, for sorting and plain search
	created_by    TEXT COLLATE "C" NOT NULL,
	created       BIGINT NOT NULL,
	changed       BIGINT NOT NULL,
	published     BIGINT,
	version       INTEGER NOT NULL
);
CREATE INDEX dataset_state ON dataset (state, changed, id);
CREATE INDEX dataset_org ON dataset (org, state, changed);

CREATE TABLE dataset_tag (             -- themes, districts and keywords, for filters and counts
	dataset TEXT COLLATE "C" NOT NULL REFERENCES dataset (id),
	facet   TEXT COLLATE "C" NOT NULL,
	value   TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (facet, value, dataset)
);
CREATE INDEX dataset_tag_dataset ON dataset_tag (dataset);

CREATE TABLE resource (
	id          TEXT COLLATE "C" PRIMARY KEY,
	dataset     TEXT COLLATE "C" NOT NULL REFERENCES dataset (id),
	position    INTEGER NOT NULL,
	kind        TEXT COLLATE "C" NOT NULL,
	title       TEXT NOT NULL,
	description TEXT NOT NULL,
	url         TEXT NOT NULL,         -- of a link
	name        TEXT NOT NULL,         -- of a file
	blob        TEXT NOT NULL,
	media_type  TEXT NOT NULL,
	bytes       BIGINT NOT NULL,
	removed     BOOLEAN NOT NULL,
	created     BIGINT NOT NULL,
	changed     BIGINT NOT NULL,
	version     INTEGER NOT NULL
);
CREATE INDEX resource_dataset ON resource (dataset, position);
