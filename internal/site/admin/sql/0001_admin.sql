-- +goose Up
CREATE TABLE admin_backup (
	id        TEXT COLLATE "C" PRIMARY KEY,
	at        BIGINT NOT NULL,
	by_person TEXT COLLATE "C" NOT NULL,
	bytes     BIGINT NOT NULL
);
