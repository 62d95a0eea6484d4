-- +goose Up
CREATE TABLE joint (
	id         TEXT COLLATE "C" PRIMARY KEY,
	title      TEXT NOT NULL,
	problem    TEXT NOT NULL,
	objective  TEXT NOT NULL,
	budget     TEXT NOT NULL,               -- references to budget lines, in words
	lang       TEXT COLLATE "C" NOT NULL,
	commitment TEXT COLLATE "C" NOT NULL,   -- empty for none
	lead       TEXT COLLATE "C" NOT NULL,   -- organisation
	state      TEXT COLLATE "C" NOT NULL,
	reason     TEXT NOT NULL,               -- why it ended
	created_by TEXT COLLATE "C" NOT NULL,
	created    BIGINT NOT NULL,
	changed    BIGINT NOT NULL,
	version    INTEGER NOT NULL
);
CREATE INDEX joint_list ON joint (created, id);
CREATE INDEX joint_commitment ON joint (commitment);

CREATE TABLE joint_partner (              -- a new role is a new row
	id         TEXT COLLATE "C" PRIMARY KEY,
	joint      TEXT COLLATE "C" NOT NULL REFERENCES joint (id),
	org        TEXT COLLATE "C" NOT NULL,
	role       TEXT COLLATE "C" NOT NULL,
	invited    BIGINT NOT NULL,
	invited_by TEXT COLLATE "C" NOT NULL,
	joined     BIGINT,
	joined_by  TEXT COLLATE "C" NOT NULL,
	left_at    BIGINT,
	reason     TEXT NOT NULL
);
CREATE INDEX joint_partner_joint ON joint_partner (joint, invited);
CREATE INDEX joint_partner_org ON joint_partner (org);

CREATE TABLE joint_pledge (
	id       TEXT COLLATE "C" PRIMARY KEY,
	joint    TEXT COLLATE "C" NOT NULL REFERENCES joint (id),
	org      TEXT COLLATE "C" NOT NULL,     -- that gives
	what     TEXT NOT NULL,
	in_kind  BOOLEAN NOT NULL,
	amount   BIGINT NOT NULL,               -- minor units; 0 is not said
	currency TEXT COLLATE "C" NOT NULL,
	due      TEXT COLLATE "C" NOT NULL,
	state    TEXT COLLATE "C" NOT NULL,     -- what its words come to
	since    BIGINT NOT NULL,
	changed  BIGINT NOT NULL,
	version  INTEGER NOT NULL
);
CREATE INDEX joint_pledge_joint ON joint_pledge (joint, id);
CREATE INDEX joint_pledge_due ON joint_pledge (state, due);

CREATE TABLE joint_word (                 -- what was said of a pledge; nothing is changed here
	id       TEXT COLLATE "C" PRIMARY KEY,
	pledge   TEXT COLLATE "C" NOT NULL REFERENCES joint_pledge (id),
	org      TEXT COLLATE "C" NOT NULL,     -- the partner for which it was said
	spoke    TEXT COLLATE "C" NOT NULL,     -- the organisation that said it: the partner, or what followed it
	person   TEXT COLLATE "C" NOT NULL,
	says     TEXT COLLATE "C" NOT NULL,
	text     TEXT NOT NULL,
	evidence JSONB NOT NULL,                -- [{title, url}]
	at       BIGINT NOT NULL
);
CREATE INDEX joint_word_pledge ON joint_word (pledge, at, id);
CREATE INDEX joint_word_person ON joint_word (person);

CREATE TABLE joint_milestone (
	id       TEXT COLLATE "C" PRIMARY KEY,
	joint    TEXT COLLATE "C" NOT NULL REFERENCES joint (id),
	title    TEXT NOT NULL,
	due      TEXT COLLATE "C" NOT NULL,
	state    TEXT COLLATE "C" NOT NULL,
	note     TEXT NOT NULL,
	changed  BIGINT NOT NULL,
	version  INTEGER NOT NULL
);
CREATE INDEX joint_milestone_joint ON joint_milestone (joint, due, id);

CREATE TABLE joint_reminder (             -- what was reminded of, so that it is once
	thing TEXT COLLATE "C" NOT NULL,        -- id of a pledge or a milestone
	why   TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (thing, why)
);
