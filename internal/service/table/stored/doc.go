// Package stored knows how the rows of a version lie in its files, for those who
// write them and those who ask: what columns are called there, which columns
// stand beside the publisher's, and how an engine is opened on a file.
//
// # Two engines
//
// DuckDB holds the rows by columns: facets, groups and filters on any column
// read a million rows in tens of milliseconds, but it needs milliseconds for
// a single row. SQLite holds them by row with B-tree, full-text and R*Tree
// indexes: a page takes a fraction of a millisecond when an index leads to it,
// and half a minute of building. The DuckDB file is there from the start, the
// SQLite file once package derive has made it.
//
// In both, the table of rows is called "rows" and its columns c0, c1, …, so that
// no name a publisher chose can clash with another or with ours.
package stored
