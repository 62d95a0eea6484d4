-- +goose Up
CREATE TABLE search_doc (
	n      INTEGER PRIMARY KEY,   -- grows: the last indexed is the newest
	kind   TEXT NOT NULL,
	record TEXT NOT NULL,
	lang   TEXT NOT NULL,
	title  TEXT NOT NULL,
	body   TEXT NOT NULL,
	title_terms TEXT NOT NULL,    -- distinct words and stems, sorted, with blanks between
	body_terms  TEXT NOT NULL,
	facet_terms TEXT NOT NULL
);
CREATE UNIQUE INDEX search_doc_record ON search_doc (kind, record, lang);

CREATE TABLE search_facet (
	doc   BIGINT NOT NULL,
	facet TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (doc, facet, value)
) WITHOUT ROWID;

CREATE TABLE search_word (
	word TEXT PRIMARY KEY,
	docs BIGINT NOT NULL          -- documents that hold it
) WITHOUT ROWID;

CREATE TABLE search_gram (
	gram TEXT NOT NULL,
	word TEXT NOT NULL,
	PRIMARY KEY (gram, word)
) WITHOUT ROWID;

CREATE VIRTUAL TABLE search_fts USING fts5 (title, body, facets, content = '', contentless_delete = 1, detail = column,
	tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3');
