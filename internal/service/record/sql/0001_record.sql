-- +goose Up
CREATE TABLE record_slug (
	kind    TEXT COLLATE "C" NOT NULL,
	slug    TEXT COLLATE "C" NOT NULL,
	id      TEXT COLLATE "C" NOT NULL,
	current BOOLEAN NOT NULL,        -- the others redirect to this one
	PRIMARY KEY (kind, slug)
);
CREATE INDEX record_slug_id ON record_slug (kind, id);

CREATE TABLE record_link (
	from_kind TEXT COLLATE "C" NOT NULL,
	from_id   TEXT COLLATE "C" NOT NULL,
	rel       TEXT COLLATE "C" NOT NULL,
	to_kind   TEXT COLLATE "C" NOT NULL,
	to_id     TEXT COLLATE "C" NOT NULL,
	by_person TEXT COLLATE "C" NOT NULL,
	at        BIGINT NOT NULL,
	PRIMARY KEY (from_kind, from_id, rel, to_kind, to_id)
);
CREATE INDEX record_link_to ON record_link (to_kind, to_id);
