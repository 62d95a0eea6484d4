-- +goose Up
-- key is not unique: a write that happened twice must show.
CREATE TABLE gatewriter (
	id TEXT COLLATE "C" PRIMARY KEY,
	key TEXT NOT NULL,
	filler TEXT NOT NULL,
	created BIGINT NOT NULL
);
