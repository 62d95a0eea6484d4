-- +goose Up
CREATE TABLE api_once (
	actor       TEXT COLLATE "C" NOT NULL,
	key         TEXT COLLATE "C" NOT NULL,
	fingerprint TEXT NOT NULL,    -- SHA-256 of method, path and body
	answer      TEXT NOT NULL,    -- the JSON that was answered
	at          BIGINT NOT NULL,
	PRIMARY KEY (actor, key)
);
CREATE INDEX api_once_at ON api_once (at);
