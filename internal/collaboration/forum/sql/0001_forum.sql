-- +goose Up
CREATE TABLE forum (
	id         TEXT COLLATE "C" PRIMARY KEY,
	org        TEXT COLLATE "C" NOT NULL,   -- that serves it
	name       TEXT NOT NULL,
	lang       TEXT COLLATE "C" NOT NULL,
	about      TEXT NOT NULL,
	scope      TEXT COLLATE "C" NOT NULL,   -- national, or a district
	mandate    TEXT COLLATE "C" NOT NULL,   -- decision, consultation, oversight
	instrument TEXT NOT NULL,               -- what establishes it
	document   TEXT NOT NULL,               -- where that can be read
	instrument_date TEXT COLLATE "C" NOT NULL,
	national   BOOLEAN NOT NULL,            -- the national coordination mechanism
	state      TEXT COLLATE "C" NOT NULL,   -- proposed, established, dissolved
	reason     TEXT NOT NULL,               -- why it is dissolved
	notice_days INTEGER NOT NULL,
	created_by TEXT COLLATE "C" NOT NULL,
	created    BIGINT NOT NULL,
	established BIGINT,
	changed    BIGINT NOT NULL,
	version    INTEGER NOT NULL
);
CREATE UNIQUE INDEX forum_one_national ON forum (national) WHERE national AND state = 'established';

CREATE TABLE forum_rules (
	forum    TEXT COLLATE "C" NOT NULL,
	n        INTEGER NOT NULL,
	text     TEXT NOT NULL,
	decision TEXT COLLATE "C" NOT NULL,     -- that adopted it; may be empty
	by_person TEXT COLLATE "C" NOT NULL,
	published BIGINT NOT NULL,
	PRIMARY KEY (forum, n)
);

CREATE TABLE forum_seat (
	id       TEXT COLLATE "C" PRIMARY KEY,
	forum    TEXT COLLATE "C" NOT NULL,
	name     TEXT NOT NULL,
	sector   TEXT COLLATE "C" NOT NULL,
	district TEXT COLLATE "C" NOT NULL,
	chair    BOOLEAN NOT NULL,              -- its holder is a co-chair
	created  BIGINT NOT NULL,
	abolished BIGINT
);
CREATE INDEX forum_seat_of ON forum_seat (forum, created, id);

CREATE TABLE forum_term (
	id       TEXT COLLATE "C" PRIMARY KEY,
	forum    TEXT COLLATE "C" NOT NULL,
	seat     TEXT COLLATE "C" NOT NULL,
	org      TEXT COLLATE "C" NOT NULL,
	person   TEXT COLLATE "C" NOT NULL,
	name     TEXT NOT NULL,                 -- of the person, as shown
	alternate TEXT NOT NULL,
	starts   TEXT COLLATE "C" NOT NULL,     -- civil dates, both included
	ends     TEXT COLLATE "C" NOT NULL,
	renewal  INTEGER NOT NULL,
	filled   TEXT COLLATE "C" NOT NULL,     -- election, appointment, self_selection
	poll     TEXT COLLATE "C" NOT NULL,     -- that elected
	instrument TEXT NOT NULL,               -- that appointed
	recorded BIGINT NOT NULL,
	ended    TEXT COLLATE "C" NOT NULL,     -- last day of a term that ended early; empty otherwise
	end_reason TEXT NOT NULL,
	end_recorded BIGINT
);
CREATE INDEX forum_term_of ON forum_term (forum, seat, starts);
CREATE INDEX forum_term_person ON forum_term (person);

CREATE TABLE forum_call (
	id       TEXT COLLATE "C" PRIMARY KEY,
	forum    TEXT COLLATE "C" NOT NULL,
	seat     TEXT COLLATE "C" NOT NULL,
	criteria TEXT NOT NULL,
	opened   BIGINT NOT NULL,
	closes   BIGINT NOT NULL,
	poll     TEXT COLLATE "C" NOT NULL,
	term     TEXT COLLATE "C" NOT NULL,     -- of whoever won
	by_person TEXT COLLATE "C" NOT NULL
);
CREATE INDEX forum_call_of ON forum_call (forum, opened);
CREATE INDEX forum_call_poll ON forum_call (poll);

CREATE TABLE forum_nomination (
	id       TEXT COLLATE "C" PRIMARY KEY,
	call     TEXT COLLATE "C" NOT NULL,
	org      TEXT COLLATE "C" NOT NULL,
	person   TEXT COLLATE "C" NOT NULL,     -- who would sit, if they have an account
	name     TEXT NOT NULL,
	statement TEXT NOT NULL,
	state    TEXT COLLATE "C" NOT NULL,     -- submitted, eligible, ineligible, withdrawn
	reason   TEXT NOT NULL,
	by_person TEXT COLLATE "C" NOT NULL,
	created  BIGINT NOT NULL,
	decided  BIGINT
);
CREATE UNIQUE INDEX forum_nomination_once ON forum_nomination (call, org) WHERE state <> 'withdrawn';

CREATE TABLE forum_interest (
	id       TEXT COLLATE "C" PRIMARY KEY,
	forum    TEXT COLLATE "C" NOT NULL,
	term     TEXT COLLATE "C" NOT NULL,
	person   TEXT COLLATE "C" NOT NULL,
	year     INTEGER NOT NULL,
	decision TEXT COLLATE "C" NOT NULL,     -- one matter; empty for the year
	text     TEXT NOT NULL,
	at       BIGINT NOT NULL
);
CREATE INDEX forum_interest_of ON forum_interest (forum, at);

CREATE TABLE forum_decision (
	id       TEXT COLLATE "C" PRIMARY KEY,
	forum    TEXT COLLATE "C" NOT NULL,
	number   INTEGER NOT NULL,
	meeting  TEXT COLLATE "C" NOT NULL,
	org      TEXT COLLATE "C" NOT NULL,
	title    TEXT NOT NULL,
	text     TEXT NOT NULL,
	lang     TEXT COLLATE "C" NOT NULL,
	about_kind TEXT COLLATE "C" NOT NULL,
	about_id TEXT COLLATE "C" NOT NULL,
	state    TEXT COLLATE "C" NOT NULL,     -- proposed, voting, adopted, rejected
	way      TEXT COLLATE "C" NOT NULL,     -- consensus, vote; empty before
	poll     TEXT COLLATE "C" NOT NULL,
	count    JSONB NOT NULL,                -- the quorum, as it was
	created_by TEXT COLLATE "C" NOT NULL,
	created  BIGINT NOT NULL,
	decided  BIGINT,
	changed  BIGINT NOT NULL,
	version  INTEGER NOT NULL
);
CREATE UNIQUE INDEX forum_decision_number ON forum_decision (forum, number);
CREATE INDEX forum_decision_poll ON forum_decision (poll);

-- Where a member stands. A row is never changed: the newest of a term holds.
CREATE TABLE forum_position (
	id       TEXT COLLATE "C" PRIMARY KEY,
	decision TEXT COLLATE "C" NOT NULL,
	term     TEXT COLLATE "C" NOT NULL,
	position TEXT COLLATE "C" NOT NULL,     -- agree, aside, object, recused
	reason   TEXT NOT NULL,
	by_person TEXT COLLATE "C" NOT NULL,
	at       BIGINT NOT NULL,
	n        INTEGER NOT NULL
);
CREATE INDEX forum_position_of ON forum_position (decision, term, n);
