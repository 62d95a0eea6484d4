-- +goose Up
CREATE TABLE procurement_import (
	id         TEXT COLLATE "C" PRIMARY KEY,
	name       TEXT NOT NULL,               -- of the file
	org        TEXT COLLATE "C" NOT NULL,   -- the organisation that published it; empty if it is not here
	licence    TEXT NOT NULL,
	created    BIGINT NOT NULL,
	created_by TEXT COLLATE "C" NOT NULL,
	read       BIGINT NOT NULL,             -- releases that the file has, so far
	fresh      BIGINT NOT NULL,             -- of which were not here
	processes  BIGINT NOT NULL,             -- that changed
	faults     BIGINT NOT NULL,
	digest     TEXT COLLATE "C" NOT NULL,   -- SHA-256 over the digests of the releases, in their order
	ended      BIGINT                       -- null while it runs, or was cut off
);
CREATE TABLE procurement_fault (
	import  TEXT COLLATE "C" NOT NULL REFERENCES procurement_import (id),
	n       BIGINT NOT NULL,                -- from 1, in the order of the file
	line    BIGINT NOT NULL,
	ocid    TEXT COLLATE "C" NOT NULL,      -- empty where it is not known
	pointer TEXT NOT NULL,                  -- within the document (RFC 6901)
	word    TEXT COLLATE "C" NOT NULL,      -- key of the sentence
	value   TEXT NOT NULL,
	PRIMARY KEY (import, n)
);
CREATE TABLE procurement_process (
	id          TEXT COLLATE "C" PRIMARY KEY,
	ocid        TEXT COLLATE "C" NOT NULL UNIQUE,
	org         TEXT COLLATE "C" NOT NULL,   -- the organisation that published it; empty if it is not here
	title       TEXT NOT NULL,
	description TEXT NOT NULL,
	stage       TEXT COLLATE "C" NOT NULL,   -- planning, tender, award, contract, implementation, ended, cancelled
	method      TEXT COLLATE "C" NOT NULL,   -- open, selective, limited, direct; empty where it is not said
	details     TEXT NOT NULL,               -- procurementMethodDetails
	category    TEXT COLLATE "C" NOT NULL,   -- goods, works, services; empty
	buyer       TEXT NOT NULL,               -- name
	buyer_key   TEXT COLLATE "C" NOT NULL,
	suppliers   TEXT NOT NULL,               -- names
	amount      BIGINT,                      -- minor units; null where none is said
	currency    TEXT COLLATE "C" NOT NULL,
	amount_of   TEXT COLLATE "C" NOT NULL,   -- contract, award or tender
	latest      TEXT COLLATE "C" NOT NULL,   -- civil date of the last release
	opened      TEXT COLLATE "C" NOT NULL,   -- civil dates; empty where they are not said
	closes      TEXT COLLATE "C" NOT NULL,
	awarded     TEXT COLLATE "C" NOT NULL,
	signed      TEXT COLLATE "C" NOT NULL,
	bidders     BIGINT,
	district    TEXT COLLATE "C" NOT NULL,
	lat         DOUBLE PRECISION,
	lon         DOUBLE PRECISION,
	folded      TEXT COLLATE "C" NOT NULL,   -- what the list is searched by
	releases    BIGINT NOT NULL,
	trouble     TEXT COLLATE "C" NOT NULL,   -- key of why not all of its releases could be merged; empty
	digest      TEXT COLLATE "C" NOT NULL,   -- SHA-256 of compiled
	compiled    TEXT NOT NULL,               -- the compiled release, as JSON
	created     BIGINT NOT NULL,
	changed     BIGINT NOT NULL,
	version     INTEGER NOT NULL
);
CREATE INDEX procurement_process_latest ON procurement_process (latest, id);
CREATE INDEX procurement_process_buyer ON procurement_process (buyer_key, latest, id);
CREATE INDEX procurement_process_amount ON procurement_process (amount, id);
CREATE INDEX procurement_process_place ON procurement_process (lat, lon);

CREATE TABLE procurement_release (          -- nothing is changed here
	id      TEXT COLLATE "C" PRIMARY KEY,    -- in the order in which they came
	process TEXT COLLATE "C" NOT NULL REFERENCES procurement_process (id),
	digest  TEXT COLLATE "C" NOT NULL,       -- SHA-256 of text
	name    TEXT NOT NULL,                   -- the release's own id
	date    TEXT COLLATE "C" NOT NULL,       -- as it is written
	tags    TEXT NOT NULL,                   -- JSON
	import  TEXT COLLATE "C" NOT NULL,       -- empty for one written here
	old     BOOLEAN NOT NULL,                -- its package says OCDS 1.0
	at      BIGINT NOT NULL,
	text    TEXT NOT NULL,
	UNIQUE (process, digest)
);

CREATE TABLE procurement_party (
	process TEXT COLLATE "C" NOT NULL REFERENCES procurement_process (id),
	role    TEXT COLLATE "C" NOT NULL,       -- buyer, supplier, tenderer
	key     TEXT COLLATE "C" NOT NULL,       -- the same for the same organisation, as far as the data tell
	name    TEXT NOT NULL,
	PRIMARY KEY (process, role, key)
);
CREATE INDEX procurement_party_key ON procurement_party (key, role, process);

CREATE TABLE procurement_contract (
	process  TEXT COLLATE "C" NOT NULL REFERENCES procurement_process (id),
	n        BIGINT NOT NULL,                -- its place in the list
	name     TEXT NOT NULL,                  -- its own id
	award    TEXT NOT NULL,
	title    TEXT NOT NULL,
	status   TEXT COLLATE "C" NOT NULL,
	amount   BIGINT,
	currency TEXT COLLATE "C" NOT NULL,
	signed   TEXT COLLATE "C" NOT NULL,
	starts   TEXT COLLATE "C" NOT NULL,
	ends     TEXT COLLATE "C" NOT NULL,
	supplier TEXT COLLATE "C" NOT NULL,      -- key, where its award names one
	PRIMARY KEY (process, n)
);
