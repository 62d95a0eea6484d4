-- +goose Up
CREATE TABLE redflag (                      -- what is asked now; made anew by each run
	id       TEXT COLLATE "C" PRIMARY KEY,   -- the same for the same question, however often it is asked
	rule     TEXT COLLATE "C" NOT NULL,
	kind     TEXT COLLATE "C" NOT NULL,      -- of the subject
	about    TEXT COLLATE "C" NOT NULL,   -- the subject, as the data have it
	process  TEXT COLLATE "C" NOT NULL,      -- id, where the subject is one; empty
	finding  TEXT NOT NULL,                  -- JSON
	since    BIGINT NOT NULL,                -- first asked
	changed  BIGINT NOT NULL
);
CREATE INDEX redflag_process ON redflag (process, id);
CREATE INDEX redflag_rule ON redflag (rule, id);

CREATE TABLE redflag_run (
	id        TEXT COLLATE "C" PRIMARY KEY,
	started   BIGINT NOT NULL,
	ended     BIGINT NOT NULL,
	processes BIGINT NOT NULL,
	asked     BIGINT NOT NULL,              -- flags
	digest    TEXT COLLATE "C" NOT NULL,    -- SHA-256 over the flags, in their order
	counts    TEXT NOT NULL                 -- JSON: by rule and outcome
);

CREATE TABLE redflag_reply (               -- nothing is changed here
	id      TEXT COLLATE "C" PRIMARY KEY,
	flag    TEXT COLLATE "C" NOT NULL,      -- also of one that is not asked any more
	org     TEXT COLLATE "C" NOT NULL,
	by_person TEXT COLLATE "C" NOT NULL,
	text    TEXT NOT NULL,
	at      BIGINT NOT NULL
);
CREATE INDEX redflag_reply_flag ON redflag_reply (flag, id);
