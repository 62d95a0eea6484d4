// Package table turns one tabular file into a version: a folder of immutable
// files that hold its rows typed, counted and indexed, and answers questions
// about them.
//
// # The way of a file
//
// ProfileFile reads every row once and proposes types, a key, columns worth an
// index and the place of the rows. A person may correct it (Options.Declared).
// Build reads the file again as the profile says and writes the version: rows
// in DuckDB, rejects, statistics and a manifest. Derive then adds what can
// wait: a SQLite file for small look-ups, Parquet and CSV to download. A
// Library keeps versions open and answers queries.
//
// # Promises
//
//   - Nothing is lost silently. Only an empty cell is silently no value. A cell
//     that cannot be read as its column's type becomes no value and one reject
//     with its line, column and text; so does a null word such as N/A in a typed
//     column, unless the publisher declared it. A ragged row keeps what fits.
//     All rejects are counted, the first 10,000 kept.
//   - A type is accepted when 99 in 100 filled cells fit it and at most 1,000
//     do not, null words aside. Anything with a leading zero stays text, as do
//     amounts in two currencies, and integers over 18 digits.
//   - A version appears complete and on disk or not at all, also when the
//     process is killed or the power goes; derived files one by one likewise.
//   - Rows keep the order of the file: _id counts from 1.
//   - The same file and profile give the same Digest, on every machine.
//   - Every query has a budget (three seconds unless said otherwise), after
//     which it is cancelled with a fault, and a share of memory it cannot
//     exceed. Queries are built from a small syntax tree over known columns;
//     every value is a parameter.
//
// # Two engines
//
// DuckDB holds the rows by columns: facets, groups and filters on any column
// read a million rows in tens of milliseconds, but it needs milliseconds for
// a single row. SQLite holds them by row with B-tree, full-text and R*Tree
// indexes: a page takes a fraction of a millisecond when an index leads to it,
// and half a minute of building. So rows by key, by place, by word and by
// indexed columns come from SQLite when it is there, and everything else, and
// everything before it is there, from DuckDB. Answers say which way they came
// (Page.Indexed). Often DuckDB finds the numbers of the rows and SQLite hands
// out the rows.
//
// # What it costs
//
// Measured on two busy cores with a million rows of twelve columns (165 MB of
// CSV; go test -bench . prints the figures of another machine): profile and
// build take 9 seconds of processor, 100,000 rows a second when half of the
// machine is free, at 300 MB; look-ups, Parquet and CSV 16 seconds more. On
// disk 32 MB of DuckDB, 500 MB of SQLite, 39 MB of Parquet. Pages in load
// order, by key or by an index take 0.1 to 1 ms, sorts and filters on any
// other column 6 to 26 ms, boxes and the nearest rows 0.1 to 2 ms, four
// facets of a filter 20 to 60 ms, a group 10 to 25 ms, "contains" 35 ms.
//
// # Limits
//
// 1,500 columns. Texts sort by their bytes. Numbers are float64 or int64: sums
// of amounts are compensated, yet a register of accounts is no calculation to
// the cent. Times without a zone stay as they are, with a zone they become UTC.
// Distances to shapes are to the centre of their bounds.
//
// Sources: shared/spec/opendata.md sections 5 and 9 with their measurements;
// SQLite's and DuckDB's documentation of their file and vector formats.
package table
