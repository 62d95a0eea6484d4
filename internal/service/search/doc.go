// Package search finds public records by their words, the same way and with
// the same results on both engines.
//
// # How it works
//
// A record's texts (record.Kind.Text) become documents, one for each language,
// in the ordinary table search_doc. Words are cut and folded in Go (case,
// accents and apostrophes gone), and each is kept as it is and as its stem, so
// that the database compares plain words only: SQLite in a contentless FTS5
// table, PostgreSQL in tsvector columns with a GIN index. What the index holds
// can be made anew at any time: Rebuild does, after a restore.
//
// A query's words must all be there. The last one counts as a beginning, as
// somebody may still be typing it. A word that no document holds is replaced by
// the nearest words of the vocabulary: those that share trigrams with it and
// are at most two edits away ("garifna" is "garifuna"). If no document holds
// all words, those that hold any are shown, and Result.Some says so.
//
// The stem is for plurals and for both languages alike, as nobody says which
// one they type: -s, -es, -ies, -ces. It knows no verbs.
//
// # What it promises
//
// Documents whose title matches come first, then the others; among equals the
// one that changed last. At most Depth results can be paged through; facets and
// totals count at most CountTo documents and say when there are more. A snippet
// says which field matched and which parts of it, as text, never as HTML.
//
// # What stays outside
//
// Only public records are indexed, but what a reader may see can change before
// the index hears of it: callers show what record.Registry describes, and
// nothing else. The rows of published tables have a search of their own
// (package table).
package search
