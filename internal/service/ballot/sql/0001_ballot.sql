-- +goose Up
CREATE TABLE poll (
	id       TEXT COLLATE "C" PRIMARY KEY,
	of_kind  TEXT COLLATE "C" NOT NULL,   -- of the record that it decides about; empty for none
	of_id    TEXT COLLATE "C" NOT NULL,
	org      TEXT COLLATE "C" NOT NULL,   -- that answers for it
	title    TEXT NOT NULL,
	body     TEXT NOT NULL,
	lang     TEXT NOT NULL,
	rules    JSONB NOT NULL,              -- method, options, secrecy …: fixed once declared
	state    TEXT COLLATE "C" NOT NULL,
	opens    BIGINT NOT NULL,
	closes   BIGINT NOT NULL,
	electors INTEGER NOT NULL,            -- how many may vote
	digest   TEXT NOT NULL,               -- of the electorate; empty before it is declared
	waits    BIGINT,                      -- since when secret ballots wait for their batch
	reminded BOOLEAN NOT NULL,
	closing  TEXT COLLATE "C" NOT NULL,   -- the entry of the log that closed it
	seed     TEXT NOT NULL,               -- of the lot; empty until it is known
	reason   TEXT NOT NULL,               -- why it was aborted or annulled
	result   TEXT NOT NULL,               -- JSON; empty before the count
	counted  BIGINT,                      -- when the result became provisional
	made_by  TEXT COLLATE "C" NOT NULL,
	created  BIGINT NOT NULL,
	changed  BIGINT NOT NULL,
	version  BIGINT NOT NULL
);
CREATE INDEX poll_of ON poll (of_kind, of_id);
CREATE INDEX poll_state ON poll (state, closes);
CREATE INDEX poll_closes ON poll (closes, id);

-- The electorate, and with it the credentials: who may vote, and whether they
-- have. Of a secret poll nothing here leads to a ballot.
CREATE TABLE poll_voter (
	poll     TEXT COLLATE "C" NOT NULL,
	voter    TEXT COLLATE "C" NOT NULL,   -- id of a person or an organisation
	kind     TEXT COLLATE "C" NOT NULL,   -- person, org
	bloc     TEXT COLLATE "C" NOT NULL,
	district TEXT COLLATE "C" NOT NULL,
	level    INTEGER NOT NULL,            -- how well the voter is known
	named    TEXT COLLATE "C" NOT NULL,   -- the one person who may cast; empty: whoever acts for the voter
	state    TEXT COLLATE "C" NOT NULL,   -- issued, cast, paper, recused
	cast_by  TEXT COLLATE "C" NOT NULL,   -- the person who cast for an organisation
	bag      TEXT COLLATE "C" NOT NULL,   -- of paper ballots
	reason   TEXT NOT NULL,               -- why they are recused
	mark     TEXT COLLATE "C" NOT NULL,   -- digest of the line, for that of the electorate
	PRIMARY KEY (poll, voter)
);
CREATE INDEX poll_voter_voter ON poll_voter (voter);

-- Votes of open polls.
CREATE TABLE poll_vote (
	poll    TEXT COLLATE "C" NOT NULL,
	voter   TEXT COLLATE "C" NOT NULL,
	choices TEXT NOT NULL,                -- JSON
	at      BIGINT NOT NULL,
	PRIMARY KEY (poll, voter)
);

-- Secret ballots that wait for their batch, in an order that says nothing.
CREATE TABLE poll_waiting (
	poll     TEXT COLLATE "C" NOT NULL,
	token    TEXT COLLATE "C" NOT NULL,   -- digest of the voter's own random token
	receipt  TEXT COLLATE "C" NOT NULL,   -- digest of the receipt
	choices  TEXT NOT NULL,
	bloc     TEXT COLLATE "C" NOT NULL,
	district TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (poll, token)
);

CREATE TABLE poll_ballot (
	id       TEXT COLLATE "C" PRIMARY KEY, -- random
	poll     TEXT COLLATE "C" NOT NULL,
	token    TEXT COLLATE "C",            -- null once superseded, and for all after closing
	salt     TEXT NOT NULL,
	choices  TEXT NOT NULL,
	bloc     TEXT COLLATE "C" NOT NULL,
	district TEXT COLLATE "C" NOT NULL,
	state    TEXT COLLATE "C" NOT NULL    -- counted, superseded
);
CREATE UNIQUE INDEX poll_ballot_token ON poll_ballot (poll, token);

CREATE TABLE poll_batch (
	poll  TEXT COLLATE "C" NOT NULL,
	n     INTEGER NOT NULL,
	size  INTEGER NOT NULL,
	entry TEXT COLLATE "C" NOT NULL,      -- of the log, which holds the commitments
	PRIMARY KEY (poll, n)
);

-- Receipts say in which batch a ballot went, and no more.
CREATE TABLE poll_receipt (
	poll    TEXT COLLATE "C" NOT NULL,
	receipt TEXT COLLATE "C" NOT NULL,
	batch   INTEGER NOT NULL,
	PRIMARY KEY (poll, receipt)
);

-- What was read off the paper ballots of a bag, once for each who entered it.
CREATE TABLE poll_paper (
	poll      TEXT COLLATE "C" NOT NULL,
	bag       TEXT COLLATE "C" NOT NULL,
	entered_by TEXT COLLATE "C" NOT NULL,
	sheet     TEXT NOT NULL,              -- JSON
	witness1  TEXT COLLATE "C" NOT NULL,
	witness2  TEXT COLLATE "C" NOT NULL,
	at        BIGINT NOT NULL,
	PRIMARY KEY (poll, bag, entered_by)
);

CREATE TABLE poll_objection (
	id     TEXT COLLATE "C" PRIMARY KEY,
	poll   TEXT COLLATE "C" NOT NULL,
	made_by TEXT COLLATE "C" NOT NULL,
	text   TEXT NOT NULL,
	answer TEXT NOT NULL,                 -- empty until it is answered
	at     BIGINT NOT NULL
);
CREATE INDEX poll_objection_poll ON poll_objection (poll, at);
