-- +goose Up
CREATE TABLE activity (
	id      TEXT COLLATE "C" PRIMARY KEY,
	seq     BIGINT,                -- gapless, in the order of commits; null until sequenced
	at      BIGINT NOT NULL,
	actor   TEXT COLLATE "C" NOT NULL,
	verb    TEXT COLLATE "C" NOT NULL,
	kind    TEXT COLLATE "C" NOT NULL,
	record  TEXT COLLATE "C" NOT NULL,
	org     TEXT COLLATE "C" NOT NULL,
	public  BOOLEAN NOT NULL,
	digest  TEXT NOT NULL,         -- hex of SHA-256(salt || payload)
	salt    TEXT,                  -- null once erased
	payload TEXT                   -- the signed bytes, so TEXT and not JSONB; null once erased
);
CREATE UNIQUE INDEX activity_seq ON activity (seq);
CREATE INDEX activity_record ON activity (kind, record, seq);
CREATE INDEX activity_actor ON activity (actor, seq);
CREATE INDEX activity_org ON activity (org, seq);
CREATE INDEX activity_unsequenced ON activity (at, id) WHERE seq IS NULL;

CREATE TABLE activity_cursor (
	listener TEXT COLLATE "C" PRIMARY KEY,
	seq      BIGINT NOT NULL,      -- the last event it has handled
	tries    INTEGER NOT NULL,     -- failures in a row at seq+1
	not_before BIGINT NOT NULL,    -- when to try again
	error    TEXT NOT NULL         -- what the last failure said
);
