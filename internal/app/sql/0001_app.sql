-- +goose Up
CREATE TABLE app_fact (               -- what the program must know about this database
	name  TEXT COLLATE "C" PRIMARY KEY,
	value TEXT NOT NULL
);
