-- +goose Up
CREATE TABLE job (
	id          TEXT COLLATE "C" PRIMARY KEY,
	kind        TEXT COLLATE "C" NOT NULL,
	state       TEXT COLLATE "C" NOT NULL,  -- queued running done dead cancelled
	run_at      BIGINT NOT NULL,            -- not before
	rank        BIGINT NOT NULL,            -- run_at less ten minutes for each step of priority: the smallest goes first
	priority    INTEGER NOT NULL,
	unique_key  TEXT COLLATE "C",           -- at most one queued or running job of the kind
	args        TEXT NOT NULL,              -- JSON
	actor       TEXT COLLATE "C" NOT NULL,
	record_kind TEXT COLLATE "C" NOT NULL,
	record      TEXT COLLATE "C" NOT NULL,
	tries       INTEGER NOT NULL,           -- attempts begun, save those put back
	lost        INTEGER NOT NULL,           -- of these, the ones whose process died
	runner      TEXT COLLATE "C" NOT NULL,  -- which process has it
	node        TEXT COLLATE "C" NOT NULL,  -- on which machine, for people
	holder      TEXT COLLATE "C" NOT NULL,  -- which attempt has it: guards every write of an attempt
	lease_until BIGINT NOT NULL,
	cancel      BOOLEAN NOT NULL,           -- somebody asked a running job to stop
	done        BIGINT NOT NULL,
	total       BIGINT NOT NULL,
	words       TEXT NOT NULL,              -- JSON: what it is doing, a key and its arguments
	error       TEXT NOT NULL,              -- the last failure, for the administrator
	why         TEXT NOT NULL,              -- JSON: the same for everybody
	created_at  BIGINT NOT NULL,
	started_at  BIGINT,                     -- of the last attempt
	ended_at    BIGINT
);
CREATE UNIQUE INDEX job_unique ON job (kind, unique_key) WHERE unique_key IS NOT NULL AND state IN ('queued', 'running');
CREATE INDEX job_due ON job (kind, rank, id) WHERE state = 'queued';
CREATE INDEX job_lease ON job (lease_until) WHERE state = 'running';
CREATE INDEX job_state ON job (state, id);
CREATE INDEX job_record ON job (record_kind, record, id);
CREATE INDEX job_ended ON job (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE job_schedule (
	name    TEXT COLLATE "C" PRIMARY KEY,
	every   TEXT NOT NULL,
	next_at BIGINT NOT NULL,
	last_at BIGINT                          -- null until it fired for the first time
);
