-- +goose Up
CREATE TABLE assessment (
	id         TEXT COLLATE "C" PRIMARY KEY,
	plan       TEXT COLLATE "C" NOT NULL,
	org        TEXT COLLATE "C" NOT NULL,    -- that leads the plan's process
	product    TEXT COLLATE "C" NOT NULL,
	title      TEXT NOT NULL,
	lang       TEXT COLLATE "C" NOT NULL,
	since      TEXT COLLATE "C" NOT NULL,    -- year since which the member takes part
	texts      JSONB NOT NULL,
	year       INTEGER NOT NULL,             -- of submission: the era of the code-book
	state      TEXT COLLATE "C" NOT NULL,
	reason     TEXT NOT NULL,                -- of a withdrawal
	edition    INTEGER NOT NULL,
	corrects   TEXT COLLATE "C" NOT NULL,    -- the assessment that this one corrects; empty for none
	correction TEXT NOT NULL,                -- why
	opened     BIGINT,                       -- when the public comment began
	until      BIGINT,                       -- until when it is open
	finished   BIGINT,
	report     JSONB NOT NULL,               -- as it became final; {} before
	created_by TEXT COLLATE "C" NOT NULL,
	created    BIGINT NOT NULL,
	changed    BIGINT NOT NULL,
	version    INTEGER NOT NULL
);
CREATE INDEX assessment_plan ON assessment (plan, product);
CREATE INDEX assessment_list ON assessment (created, id);

CREATE TABLE assessment_reviewer (
	assessment TEXT COLLATE "C" NOT NULL REFERENCES assessment (id),
	person     TEXT COLLATE "C" NOT NULL,
	added      BIGINT NOT NULL,
	added_by   TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (assessment, person)
);

CREATE TABLE assessment_cluster (
	id         TEXT COLLATE "C" PRIMARY KEY,
	assessment TEXT COLLATE "C" NOT NULL REFERENCES assessment (id),
	name       TEXT COLLATE "C" NOT NULL,    -- CL1
	title      TEXT NOT NULL,
	area       TEXT NOT NULL,                -- policy area, by OGP's headings
	reason     TEXT NOT NULL,                -- what they have in common
	members    JSONB NOT NULL,               -- ids of commitments
	made       BIGINT NOT NULL,
	by         TEXT COLLATE "C" NOT NULL,
	split      BIGINT,
	split_why  TEXT NOT NULL
);
CREATE INDEX assessment_cluster_of ON assessment_cluster (assessment, name);

CREATE TABLE assessment_code (              -- nothing is changed here: each code is a new version
	id         TEXT COLLATE "C" PRIMARY KEY,
	assessment TEXT COLLATE "C" NOT NULL REFERENCES assessment (id),
	subject    TEXT COLLATE "C" NOT NULL,    -- id of a commitment, a requirement of OGP, or "process"
	variable   TEXT COLLATE "C" NOT NULL,    -- of the code-book, or a phase
	value      TEXT COLLATE "C" NOT NULL,    -- empty: the code was taken back
	rationale  TEXT NOT NULL,
	evidence   JSONB NOT NULL,
	cluster    TEXT COLLATE "C" NOT NULL,    -- by which it was rated; empty if by itself
	version    INTEGER NOT NULL,
	by         TEXT COLLATE "C" NOT NULL,
	at         BIGINT NOT NULL,
	UNIQUE (assessment, subject, variable, version)
);

CREATE TABLE assessment_passage (           -- what the reviewer writes about a commitment or cluster
	assessment TEXT COLLATE "C" NOT NULL REFERENCES assessment (id),
	subject    TEXT COLLATE "C" NOT NULL,
	texts      JSONB NOT NULL,
	by         TEXT COLLATE "C" NOT NULL,
	at         BIGINT NOT NULL,
	version    INTEGER NOT NULL,
	PRIMARY KEY (assessment, subject)
);

CREATE TABLE assessment_comment (
	id          TEXT COLLATE "C" PRIMARY KEY,
	assessment  TEXT COLLATE "C" NOT NULL REFERENCES assessment (id),
	person      TEXT COLLATE "C" NOT NULL,
	org         TEXT COLLATE "C" NOT NULL,   -- for which they speak; empty for themselves
	text        TEXT NOT NULL,
	at          BIGINT NOT NULL,
	answer      TEXT NOT NULL,
	answered    BIGINT,
	answered_by TEXT COLLATE "C" NOT NULL
);
CREATE INDEX assessment_comment_of ON assessment_comment (assessment, at);
CREATE INDEX assessment_comment_person ON assessment_comment (person);

CREATE TABLE assessment_interest (          -- declared by reviewers
	id       TEXT COLLATE "C" PRIMARY KEY,
	person   TEXT COLLATE "C" NOT NULL,
	org      TEXT COLLATE "C" NOT NULL,
	text     TEXT NOT NULL,                  -- what the interest is
	declared BIGINT NOT NULL,
	ended    BIGINT
);
CREATE INDEX assessment_interest_person ON assessment_interest (person);
