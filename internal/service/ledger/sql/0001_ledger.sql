-- +goose Up
CREATE TABLE ledger_hash (
	idx  BIGINT PRIMARY KEY,     -- tlog.StoredHashIndex
	hash TEXT NOT NULL           -- base64
);
CREATE TABLE ledger_seal (
	seq BIGINT PRIMARY KEY,      -- of an entry that is not public
	mac TEXT NOT NULL            -- hex: HMAC-SHA256 over its columns, with a key that is not in the database
);
CREATE TABLE ledger_checkpoint (
	size  BIGINT PRIMARY KEY,
	root  TEXT NOT NULL,         -- base64
	note  TEXT NOT NULL,         -- the signed note, with the cosignatures of witnesses
	seen  INTEGER NOT NULL,      -- how many witnesses have signed
	at    BIGINT NOT NULL
);
