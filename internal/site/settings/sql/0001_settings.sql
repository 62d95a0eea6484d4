-- +goose Up
CREATE TABLE site_setting (
	id      INTEGER PRIMARY KEY,        -- always 1
	doc     JSONB NOT NULL,
	version BIGINT NOT NULL,
	changed BIGINT NOT NULL,
	changed_by TEXT COLLATE "C" NOT NULL
);

CREATE TABLE site_page (
	id        TEXT COLLATE "C" PRIMARY KEY, -- about, privacy, help, or a UUID
	sort      TEXT COLLATE "C" NOT NULL,    -- page, news
	state     TEXT COLLATE "C" NOT NULL,    -- draft, published, withdrawn
	footer    BOOLEAN NOT NULL,
	position  INTEGER NOT NULL,             -- in the footer, small first
	texts     JSONB NOT NULL,               -- language -> title, body
	published BIGINT,                       -- the first time
	version   BIGINT NOT NULL,
	changed   BIGINT NOT NULL,
	changed_by TEXT COLLATE "C" NOT NULL
);
CREATE INDEX site_page_news ON site_page (sort, state, published, id);

CREATE TABLE site_page_version (
	page    TEXT COLLATE "C" NOT NULL,
	version BIGINT NOT NULL,
	doc     JSONB NOT NULL,
	note    TEXT NOT NULL,
	at      BIGINT NOT NULL,
	by_person TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (page, version)
);
