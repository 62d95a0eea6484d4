-- +goose Up
CREATE TABLE record_comment (
	id      TEXT COLLATE "C" PRIMARY KEY,
	kind    TEXT COLLATE "C" NOT NULL,
	record  TEXT COLLATE "C" NOT NULL,
	parent  TEXT COLLATE "C" NOT NULL,  -- the comment it answers, or empty
	author  TEXT COLLATE "C" NOT NULL,  -- empty once the person is erased
	body    TEXT NOT NULL,
	state   TEXT COLLATE "C" NOT NULL,  -- visible, held, hidden
	reason  TEXT NOT NULL,              -- why a moderator hid it
	created BIGINT NOT NULL,
	edited  BIGINT
);
CREATE INDEX record_comment_record ON record_comment (kind, record, created);
CREATE INDEX record_comment_author ON record_comment (author, created);
CREATE INDEX record_comment_held ON record_comment (created) WHERE state = 'held';

CREATE TABLE record_follower (
	kind      TEXT COLLATE "C" NOT NULL,
	record    TEXT COLLATE "C" NOT NULL,
	person    TEXT COLLATE "C" NOT NULL,
	frequency TEXT COLLATE "C" NOT NULL, -- empty: as the person chose for all they follow
	since     BIGINT NOT NULL,
	PRIMARY KEY (kind, record, person)
);
CREATE INDEX record_follower_person ON record_follower (person, since);

CREATE TABLE record_attachment (
	id      TEXT COLLATE "C" PRIMARY KEY,
	kind    TEXT COLLATE "C" NOT NULL,
	record  TEXT COLLATE "C" NOT NULL,
	sha     TEXT COLLATE "C" NOT NULL,  -- of its content, in package blob
	name    TEXT NOT NULL,
	type    TEXT COLLATE "C" NOT NULL,
	bytes   BIGINT NOT NULL,
	alt     TEXT NOT NULL,              -- what a picture shows
	by_person TEXT COLLATE "C" NOT NULL,
	created BIGINT NOT NULL
);
CREATE INDEX record_attachment_record ON record_attachment (kind, record, created);

CREATE TABLE record_translation (
	kind     TEXT COLLATE "C" NOT NULL,
	record   TEXT COLLATE "C" NOT NULL,
	lang     TEXT COLLATE "C" NOT NULL,
	field    TEXT COLLATE "C" NOT NULL,
	text     TEXT NOT NULL,
	origin   TEXT COLLATE "C" NOT NULL, -- machine, human
	reviewed BOOLEAN NOT NULL,
	by_person TEXT COLLATE "C" NOT NULL,
	changed  BIGINT NOT NULL,
	PRIMARY KEY (kind, record, lang, field)
);

CREATE TABLE record_report (
	id      TEXT COLLATE "C" PRIMARY KEY,
	page    TEXT NOT NULL,              -- address of the page within the site
	message TEXT NOT NULL,
	email   TEXT NOT NULL,              -- where to answer; may be empty
	author  TEXT COLLATE "C" NOT NULL,  -- empty for somebody who was not signed in
	created BIGINT NOT NULL,
	done    BIGINT,
	done_by TEXT COLLATE "C" NOT NULL
);
CREATE INDEX record_report_open ON record_report (created) WHERE done IS NULL;
