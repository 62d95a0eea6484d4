-- +goose Up
CREATE TABLE plan (
	id            TEXT COLLATE "C" PRIMARY KEY,
	org           TEXT COLLATE "C" NOT NULL,  -- that leads the process
	forum         TEXT COLLATE "C" NOT NULL,  -- that owns it; may be empty
	code          TEXT COLLATE "C" NOT NULL,  -- AP_BLZ01
	number        INTEGER NOT NULL,
	title         TEXT NOT NULL,
	summary       TEXT NOT NULL,
	texts         JSONB NOT NULL,             -- the sections: introduction, efforts, process, vision
	lang          TEXT COLLATE "C" NOT NULL,
	level         TEXT COLLATE "C" NOT NULL,  -- national, local
	district      TEXT COLLATE "C" NOT NULL,
	start_date    TEXT COLLATE "C" NOT NULL,
	end_date      TEXT COLLATE "C" NOT NULL,
	years         INTEGER NOT NULL,
	previous_end  TEXT COLLATE "C" NOT NULL,  -- last day of the plan before; empty if there was none
	refresh_of    TEXT COLLATE "C" NOT NULL,  -- the plan of four years that this one refreshes
	contact_name  TEXT NOT NULL,
	contact_email TEXT NOT NULL,
	website       TEXT NOT NULL,              -- if the process has another public page than this site's
	state         TEXT COLLATE "C" NOT NULL,
	created_by    TEXT COLLATE "C" NOT NULL,
	created       BIGINT NOT NULL,
	changed       BIGINT NOT NULL,
	delivered     BIGINT,
	version       INTEGER NOT NULL
);
CREATE INDEX plan_state ON plan (state, start_date);

CREATE TABLE plan_step (                   -- every state that a plan has had; nothing is changed here
	id     TEXT COLLATE "C" PRIMARY KEY,
	plan   TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
	state  TEXT COLLATE "C" NOT NULL,
	at     BIGINT NOT NULL,
	by     TEXT COLLATE "C" NOT NULL,
	reason TEXT NOT NULL
);
CREATE INDEX plan_step_plan ON plan_step (plan, at);

CREATE TABLE plan_timeline (               -- versions, as they were published
	id         TEXT COLLATE "C" PRIMARY KEY,
	plan       TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
	version    INTEGER NOT NULL,
	phases     JSONB NOT NULL,
	note       TEXT NOT NULL,
	published  BIGINT NOT NULL,
	by         TEXT COLLATE "C" NOT NULL,
	UNIQUE (plan, version)
);

CREATE TABLE plan_outreach (
	id       TEXT COLLATE "C" PRIMARY KEY,
	plan     TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
	day      TEXT COLLATE "C" NOT NULL,
	district TEXT COLLATE "C" NOT NULL,
	place    TEXT NOT NULL,
	lang     TEXT COLLATE "C" NOT NULL,
	channel  TEXT COLLATE "C" NOT NULL,
	audience TEXT NOT NULL,
	reach    INTEGER NOT NULL,               -- people; 0 is not known
	text     TEXT NOT NULL,
	recorded BIGINT NOT NULL,
	by       TEXT COLLATE "C" NOT NULL
);
CREATE INDEX plan_outreach_plan ON plan_outreach (plan, day);

CREATE TABLE plan_paper (                  -- the repository
	id         TEXT COLLATE "C" PRIMARY KEY,
	plan       TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
	commitment TEXT COLLATE "C" NOT NULL,    -- empty for the plan as a whole
	phase      TEXT COLLATE "C" NOT NULL,
	title      TEXT NOT NULL,
	url        TEXT NOT NULL,
	sha        TEXT COLLATE "C" NOT NULL,    -- of a file in the store
	name       TEXT NOT NULL,
	media_type TEXT COLLATE "C" NOT NULL,
	bytes      BIGINT NOT NULL,
	published  BIGINT NOT NULL,
	by         TEXT COLLATE "C" NOT NULL,
	removed    BIGINT,
	reason     TEXT NOT NULL                 -- why it was removed
);
CREATE INDEX plan_paper_plan ON plan_paper (plan, published);

CREATE TABLE plan_look (                   -- visits to the public page, made without signing in
	plan  TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
	day   TEXT COLLATE "C" NOT NULL,
	at    BIGINT NOT NULL,
	ok    BOOLEAN NOT NULL,
	words TEXT NOT NULL,
	PRIMARY KEY (plan, day)
);

CREATE TABLE plan_reminder (               -- what was reminded of, so that it is once
	milestone TEXT COLLATE "C" NOT NULL,
	why       TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (milestone, why)
);

CREATE TABLE commitment (
	id         TEXT COLLATE "C" PRIMARY KEY,
	plan       TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
	number     TEXT COLLATE "C" NOT NULL,
	title      TEXT NOT NULL,
	texts      JSONB NOT NULL,               -- of both templates
	lang       TEXT COLLATE "C" NOT NULL,
	lead       TEXT COLLATE "C" NOT NULL,    -- organisation; may be empty while it is an idea
	start_date TEXT COLLATE "C" NOT NULL,
	end_date   TEXT COLLATE "C" NOT NULL,
	tags       JSONB NOT NULL,               -- policy areas
	districts  JSONB NOT NULL,
	contact    JSONB NOT NULL,
	state      TEXT COLLATE "C" NOT NULL,
	reason     TEXT NOT NULL,
	successor  TEXT COLLATE "C" NOT NULL,
	created_by TEXT COLLATE "C" NOT NULL,
	created    BIGINT NOT NULL,
	changed    BIGINT NOT NULL,
	version    INTEGER NOT NULL
);
CREATE INDEX commitment_plan ON commitment (plan, number);
CREATE INDEX commitment_lead ON commitment (lead);

CREATE TABLE commitment_version (          -- the whole text, as it was; nothing is changed here
	commitment TEXT COLLATE "C" NOT NULL REFERENCES commitment (id),
	version    INTEGER NOT NULL,
	body       JSONB NOT NULL,
	state      TEXT COLLATE "C" NOT NULL,
	at         BIGINT NOT NULL,
	by         TEXT COLLATE "C" NOT NULL,
	reason     TEXT NOT NULL,
	decision   TEXT COLLATE "C" NOT NULL,    -- of the forum, for an amendment
	PRIMARY KEY (commitment, version)
);

CREATE TABLE commitment_party (
	id           TEXT COLLATE "C" PRIMARY KEY,
	commitment   TEXT COLLATE "C" NOT NULL REFERENCES commitment (id),
	org          TEXT COLLATE "C" NOT NULL,
	role         TEXT COLLATE "C" NOT NULL,
	added        BIGINT NOT NULL,
	added_by     TEXT COLLATE "C" NOT NULL,
	confirmed    BIGINT,
	confirmed_by TEXT COLLATE "C" NOT NULL,
	left_at      BIGINT,
	reason       TEXT NOT NULL
);
CREATE INDEX commitment_party_commitment ON commitment_party (commitment);
CREATE INDEX commitment_party_org ON commitment_party (org);

CREATE TABLE milestone (
	id         TEXT COLLATE "C" PRIMARY KEY,
	commitment TEXT COLLATE "C" NOT NULL REFERENCES commitment (id),
	position   INTEGER NOT NULL,
	title      TEXT NOT NULL,
	output     TEXT NOT NULL,                -- what can be seen when it is done
	start_date TEXT COLLATE "C" NOT NULL,
	end_date   TEXT COLLATE "C" NOT NULL,
	lead       TEXT COLLATE "C" NOT NULL,
	supporting TEXT NOT NULL,
	indicator  TEXT NOT NULL,
	baseline   TEXT NOT NULL,
	target     TEXT NOT NULL,
	budget     TEXT NOT NULL,
	removed    BOOLEAN NOT NULL,
	created    BIGINT NOT NULL,
	version    INTEGER NOT NULL
);
CREATE INDEX milestone_commitment ON milestone (commitment, position);

CREATE TABLE progress (                    -- what somebody said of a milestone; nothing is changed here
	id         TEXT COLLATE "C" PRIMARY KEY,
	plan       TEXT COLLATE "C" NOT NULL REFERENCES plan (id),
	commitment TEXT COLLATE "C" NOT NULL REFERENCES commitment (id),
	milestone  TEXT COLLATE "C" NOT NULL REFERENCES milestone (id),
	period     TEXT COLLATE "C" NOT NULL,    -- 2026-H1
	voice      TEXT COLLATE "C" NOT NULL,    -- government, civil_society, independent
	org        TEXT COLLATE "C" NOT NULL,
	person     TEXT COLLATE "C" NOT NULL,
	status     TEXT COLLATE "C" NOT NULL,
	text       TEXT NOT NULL,
	challenges TEXT NOT NULL,
	reason     TEXT NOT NULL,                -- why it is less than was said before
	evidence   JSONB NOT NULL,               -- [{title, url}]
	at         BIGINT NOT NULL
);
CREATE TABLE progress_last (               -- the last word of each voice, so that pages need not look for it
	milestone TEXT COLLATE "C" NOT NULL REFERENCES milestone (id),
	voice     TEXT COLLATE "C" NOT NULL,
	plan      TEXT COLLATE "C" NOT NULL,
	progress  TEXT COLLATE "C" NOT NULL REFERENCES progress (id),
	status    TEXT COLLATE "C" NOT NULL,
	shows     BOOLEAN NOT NULL,              -- there is evidence
	at        BIGINT NOT NULL,
	PRIMARY KEY (milestone, voice)
);
CREATE INDEX progress_last_plan ON progress_last (plan);
CREATE INDEX progress_commitment ON progress (commitment, at);
CREATE INDEX progress_plan ON progress (plan, at);
