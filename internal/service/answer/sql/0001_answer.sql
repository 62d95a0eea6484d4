-- +goose Up
CREATE TABLE answer_box (              -- a call: what collects inputs
	id         TEXT COLLATE "C" PRIMARY KEY,
	of_kind    TEXT COLLATE "C" NOT NULL,  -- the record it belongs to; both empty for none
	of_id      TEXT COLLATE "C" NOT NULL,
	org        TEXT COLLATE "C" NOT NULL,  -- that answers
	title      TEXT NOT NULL,
	question   TEXT NOT NULL,          -- Markdown
	lang       TEXT COLLATE "C" NOT NULL,
	kinds      JSONB NOT NULL,
	channels   JSONB NOT NULL,
	results    TEXT NOT NULL,          -- how people are told what became of it
	opens      BIGINT,
	closes     BIGINT,
	published  BIGINT,                 -- by the server's clock; null for a draft
	closed     BIGINT,                 -- when its end was noted in the log
	created_by TEXT COLLATE "C" NOT NULL,
	created    BIGINT NOT NULL,
	changed    BIGINT NOT NULL,
	version    INTEGER NOT NULL
);
CREATE INDEX answer_box_of ON answer_box (of_kind, of_id, published);
CREATE INDEX answer_box_org ON answer_box (org, published);
CREATE INDEX answer_box_published ON answer_box (published, id);
CREATE INDEX answer_box_ends ON answer_box (closes) WHERE closed IS NULL;

CREATE TABLE answer_announced (        -- every version of a call that people were told
	box       TEXT COLLATE "C" NOT NULL REFERENCES answer_box (id),
	n         INTEGER NOT NULL,
	title     TEXT NOT NULL,
	question  TEXT NOT NULL,
	results   TEXT NOT NULL,
	opens     BIGINT NOT NULL,
	closes    BIGINT NOT NULL,
	announced BIGINT NOT NULL,
	by_person TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (box, n)
);

CREATE TABLE answer_input (
	id          TEXT COLLATE "C" PRIMARY KEY, -- random for an anonymous one
	box         TEXT COLLATE "C" NOT NULL REFERENCES answer_box (id),
	org         TEXT COLLATE "C" NOT NULL,
	kind        TEXT COLLATE "C" NOT NULL,
	title       TEXT NOT NULL,
	body        TEXT NOT NULL,
	lang        TEXT COLLATE "C" NOT NULL,
	district    TEXT COLLATE "C" NOT NULL,
	community   TEXT NOT NULL,
	sector      TEXT COLLATE "C" NOT NULL,
	channel     TEXT COLLATE "C" NOT NULL,
	external    TEXT COLLATE "C" NOT NULL,    -- its id where it came from; empty for none
	for_org     TEXT NOT NULL,                -- the group it speaks for, as written
	naming      TEXT COLLATE "C" NOT NULL,
	name        TEXT NOT NULL,                -- a pseudonym
	author      TEXT COLLATE "C" NOT NULL,    -- a person; empty for an anonymous one
	recorded_by TEXT COLLATE "C" NOT NULL,    -- who wrote it down for somebody
	sheet       TEXT COLLATE "C" NOT NULL,    -- the file it came in
	state       TEXT COLLATE "C" NOT NULL,
	view        TEXT COLLATE "C" NOT NULL,    -- waiting, visible, held, hidden
	why         TEXT NOT NULL,                -- it is hidden
	received    BIGINT NOT NULL,              -- of an anonymous one, the day
	shown       BIGINT,                       -- since when others can read it
	receipt     TEXT COLLATE "C" NOT NULL,    -- keyed digest of the code
	root        TEXT COLLATE "C" NOT NULL,    -- the input it was merged into
	theme       TEXT COLLATE "C" NOT NULL,
	reply       TEXT COLLATE "C" NOT NULL,
	supports    INTEGER NOT NULL,
	points      INTEGER NOT NULL,
	words       INTEGER NOT NULL,             -- rows in answer_word
	acknowledged BIGINT,
	considered  BIGINT,
	answered    BIGINT,
	changed     BIGINT NOT NULL
);
CREATE UNIQUE INDEX answer_input_receipt ON answer_input (receipt);
CREATE UNIQUE INDEX answer_input_external ON answer_input (box, channel, external) WHERE external <> '';
CREATE INDEX answer_input_list ON answer_input (box, view, received, id);
CREATE INDEX answer_input_state ON answer_input (box, view, state, received, id);
CREATE INDEX answer_input_kind ON answer_input (box, view, kind, received, id);
CREATE INDEX answer_input_district ON answer_input (box, view, district, received, id);
CREATE INDEX answer_input_sector ON answer_input (box, view, sector, received, id);
CREATE INDEX answer_input_lang ON answer_input (box, view, lang, received, id);
CREATE INDEX answer_input_channel ON answer_input (box, view, channel, received, id);
CREATE INDEX answer_input_supports ON answer_input (box, view, supports, id);
CREATE INDEX answer_input_points ON answer_input (box, view, points, id);
CREATE INDEX answer_input_author ON answer_input (author, received, id) WHERE author <> '';
CREATE INDEX answer_input_held ON answer_input (received, id) WHERE view = 'held';
CREATE INDEX answer_input_root ON answer_input (root) WHERE root <> '';
CREATE INDEX answer_input_theme ON answer_input (theme) WHERE theme <> '';
CREATE INDEX answer_input_reply ON answer_input (reply) WHERE reply <> '';
CREATE INDEX answer_input_sheet ON answer_input (sheet, id) WHERE sheet <> '';

CREATE TABLE answer_step (             -- every state an input was in
	input TEXT COLLATE "C" NOT NULL REFERENCES answer_input (id),
	n     INTEGER NOT NULL,
	state TEXT COLLATE "C" NOT NULL,
	at    BIGINT NOT NULL,
	reply TEXT COLLATE "C" NOT NULL,   -- that gave the outcome, and its version
	reply_n INTEGER NOT NULL,
	root  TEXT COLLATE "C" NOT NULL,   -- merged: into which
	PRIMARY KEY (input, n)
);

CREATE TABLE answer_seen (             -- every change of who may read an input
	input TEXT COLLATE "C" NOT NULL REFERENCES answer_input (id),
	at    BIGINT NOT NULL,
	view  TEXT COLLATE "C" NOT NULL,
	why   TEXT NOT NULL,
	PRIMARY KEY (input, at)
);

CREATE TABLE answer_word (             -- for finding words, and what is alike
	box   TEXT COLLATE "C" NOT NULL,
	word  TEXT COLLATE "C" NOT NULL,
	input TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (box, word, input)
);

CREATE TABLE answer_quiet (            -- what the log is to hear of anonymous people, later and shuffled
	id    TEXT COLLATE "C" PRIMARY KEY, -- random
	input TEXT COLLATE "C" NOT NULL,
	verb  TEXT COLLATE "C" NOT NULL
);

CREATE TABLE answer_theme (
	id         TEXT COLLATE "C" PRIMARY KEY,
	box        TEXT COLLATE "C" NOT NULL REFERENCES answer_box (id),
	title      TEXT NOT NULL,
	state      TEXT COLLATE "C" NOT NULL,   -- open, answered
	created_by TEXT COLLATE "C" NOT NULL,
	created    BIGINT NOT NULL
);
CREATE INDEX answer_theme_box ON answer_theme (box, id);

CREATE TABLE answer_reply (            -- every version of every reply
	id        TEXT COLLATE "C" NOT NULL,
	n         INTEGER NOT NULL,
	box       TEXT COLLATE "C" NOT NULL REFERENCES answer_box (id),
	outcome   TEXT COLLATE "C" NOT NULL,
	reason    TEXT NOT NULL,           -- Markdown
	lang      TEXT COLLATE "C" NOT NULL,
	evidence  JSONB NOT NULL,          -- addresses
	changed   JSONB NOT NULL,          -- records that it changed
	responder TEXT COLLATE "C" NOT NULL,
	org       TEXT COLLATE "C" NOT NULL,
	published BIGINT NOT NULL,
	PRIMARY KEY (id, n)
);

CREATE TABLE answer_merge (            -- what was merged into what, to be taken apart again
	input TEXT COLLATE "C" NOT NULL REFERENCES answer_input (id),
	root  TEXT COLLATE "C" NOT NULL,
	via   TEXT COLLATE "C" NOT NULL,   -- the input with which it came along; empty for itself
	at    BIGINT NOT NULL,
	by_person TEXT COLLATE "C" NOT NULL,
	undone BIGINT,
	PRIMARY KEY (input, root, at)
);

CREATE TABLE answer_support (
	input    TEXT COLLATE "C" NOT NULL REFERENCES answer_input (id),
	person   TEXT COLLATE "C" NOT NULL,
	level    INTEGER NOT NULL,         -- how well the person was known
	district TEXT COLLATE "C" NOT NULL, -- of the person; may be empty
	via      TEXT COLLATE "C" NOT NULL, -- the merged input that they supported; empty for this one
	at       BIGINT NOT NULL,
	PRIMARY KEY (input, person)
);
CREATE INDEX answer_support_person ON answer_support (person);

CREATE TABLE answer_point (
	box    TEXT COLLATE "C" NOT NULL,
	person TEXT COLLATE "C" NOT NULL,
	input  TEXT COLLATE "C" NOT NULL REFERENCES answer_input (id),
	points INTEGER NOT NULL,
	PRIMARY KEY (box, person, input)
);
CREATE INDEX answer_point_person ON answer_point (person);
CREATE INDEX answer_point_input ON answer_point (input);

CREATE TABLE answer_rating (           -- whether an answer answers the point
	input     TEXT COLLATE "C" PRIMARY KEY REFERENCES answer_input (id),
	value     TEXT COLLATE "C" NOT NULL, -- yes, partly, no
	contest   TEXT NOT NULL,           -- what its author says against the answer, once
	settled   BOOLEAN NOT NULL,        -- a second answer came
	changed   BIGINT NOT NULL          -- of an anonymous one, the day
);

CREATE TABLE answer_sheet (            -- a file of inputs
	id        TEXT COLLATE "C" PRIMARY KEY,
	box       TEXT COLLATE "C" NOT NULL REFERENCES answer_box (id),
	name      TEXT NOT NULL,
	channel   TEXT COLLATE "C" NOT NULL,
	content   TEXT NOT NULL,           -- until it is taken in
	bad       JSONB NOT NULL,          -- rows that could not be taken, with the reasons
	total     INTEGER NOT NULL,
	taken     INTEGER NOT NULL,
	doubled   INTEGER NOT NULL,        -- that were there already
	seed      TEXT NOT NULL,           -- of its receipts, until they are fetched
	by_person TEXT COLLATE "C" NOT NULL,
	created   BIGINT NOT NULL,
	imported  BIGINT
);
CREATE INDEX answer_sheet_box ON answer_sheet (box, created);
