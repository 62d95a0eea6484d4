-- +goose Up
CREATE TABLE consultation (
	id             TEXT COLLATE "C" PRIMARY KEY,
	of_kind        TEXT COLLATE "C" NOT NULL, -- the record that the text is a draft of; may be empty
	of_id          TEXT COLLATE "C" NOT NULL,
	org            TEXT COLLATE "C" NOT NULL, -- that answers
	title          TEXT NOT NULL,
	introduction   TEXT NOT NULL,
	lang           TEXT COLLATE "C" NOT NULL,
	opens          BIGINT,
	closes         BIGINT,
	state          TEXT COLLATE "C" NOT NULL, -- draft, published, closed, answered, withdrawn
	reason         TEXT NOT NULL,             -- why it was withdrawn
	text           INTEGER NOT NULL,          -- number of the present version of the text; 0 before the first
	next_paragraph INTEGER NOT NULL,
	created_by     TEXT COLLATE "C" NOT NULL,
	created        BIGINT NOT NULL,
	changed        BIGINT NOT NULL,
	published      BIGINT,
	ended          BIGINT,                    -- answered or withdrawn
	version        INTEGER NOT NULL
);
CREATE INDEX consultation_state ON consultation (state, closes);
CREATE INDEX consultation_changed ON consultation (changed, id);
CREATE INDEX consultation_of ON consultation (of_kind, of_id);

-- What was announced about the time, and when: rows are never changed.
CREATE TABLE consultation_term (
	consultation TEXT COLLATE "C" NOT NULL REFERENCES consultation (id),
	at           BIGINT NOT NULL,
	opens        BIGINT NOT NULL,
	closes       BIGINT NOT NULL,
	reason       TEXT NOT NULL,
	by_person    TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (consultation, at)
);

CREATE TABLE consultation_version (
	consultation TEXT COLLATE "C" NOT NULL REFERENCES consultation (id),
	n            INTEGER NOT NULL,
	paragraphs   JSONB NOT NULL,
	changes      JSONB NOT NULL,             -- how many paragraphs have which fate
	reason       TEXT NOT NULL,
	amendment    TEXT COLLATE "C" NOT NULL,  -- the one that was accepted by it; may be empty
	by_person    TEXT COLLATE "C" NOT NULL,
	at           BIGINT NOT NULL,
	PRIMARY KEY (consultation, n)
);

CREATE TABLE consultation_response (
	id           TEXT COLLATE "C" PRIMARY KEY,
	consultation TEXT COLLATE "C" NOT NULL REFERENCES consultation (id),
	decision     TEXT COLLATE "C" NOT NULL,
	because      TEXT NOT NULL,
	later        TEXT COLLATE "C" NOT NULL,  -- civil date
	forwarded    TEXT NOT NULL,              -- to whom
	by_person    TEXT COLLATE "C" NOT NULL,
	at           BIGINT NOT NULL
);
CREATE INDEX consultation_response_of ON consultation_response (consultation, at);

CREATE TABLE consultation_annotation (
	id           TEXT COLLATE "C" PRIMARY KEY,
	consultation TEXT COLLATE "C" NOT NULL REFERENCES consultation (id),
	kind         TEXT COLLATE "C" NOT NULL,  -- comment, question, amendment
	state        TEXT COLLATE "C" NOT NULL,
	made_on      INTEGER NOT NULL,           -- version of the text
	paragraph    TEXT COLLATE "C" NOT NULL,
	quote        TEXT NOT NULL,
	prefix       TEXT NOT NULL,
	suffix       TEXT NOT NULL,
	was          TEXT NOT NULL,              -- the paragraph as it was
	now_in       TEXT COLLATE "C" NOT NULL,  -- the paragraph of the present version; empty for an orphan
	hold         TEXT COLLATE "C" NOT NULL,
	replacement  TEXT NOT NULL,
	unsent       TEXT NOT NULL,              -- what a draft says; afterwards the comment does
	comment      TEXT COLLATE "C" NOT NULL,  -- of package record, with the words; empty for a draft
	author       TEXT COLLATE "C" NOT NULL,
	org          TEXT COLLATE "C" NOT NULL,  -- for which they speak; may be empty
	sector       TEXT COLLATE "C" NOT NULL,
	lang         TEXT COLLATE "C" NOT NULL,
	agreed       INTEGER NOT NULL,
	response     TEXT COLLATE "C" NOT NULL,  -- the present one; may be empty
	answered     BIGINT,                     -- first
	created      BIGINT NOT NULL,
	published    BIGINT,
	version      INTEGER NOT NULL
);
CREATE INDEX consultation_annotation_of ON consultation_annotation (consultation, published, id);
CREATE INDEX consultation_annotation_now ON consultation_annotation (consultation, now_in);
CREATE INDEX consultation_annotation_author ON consultation_annotation (author);
CREATE INDEX consultation_annotation_response ON consultation_annotation (response);

CREATE TABLE consultation_agreement (
	annotation TEXT COLLATE "C" NOT NULL REFERENCES consultation_annotation (id),
	person     TEXT COLLATE "C" NOT NULL,
	at         BIGINT NOT NULL,
	PRIMARY KEY (annotation, person)
);
CREATE INDEX consultation_agreement_person ON consultation_agreement (person);
