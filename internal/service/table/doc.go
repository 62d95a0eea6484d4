// Package table says what a table is: its columns and their types, where its
// rows are on the ground, and the version that a file becomes, a folder of
// immutable files that hold its rows typed, counted and indexed. The packages
// below make versions and answer questions about them; this one holds what they
// all speak of: Column, Manifest, ColumnStats, Reject, Note, the description for
// other programs (Schema) and the words.
//
// # The way of a file
//
// profile.File reads every row once and proposes types, a key, columns worth an
// index and the place of the rows. A person may correct it (profile.Options).
// build.Version reads the file again as the profile says and writes the version:
// rows in DuckDB, rejects, statistics and a manifest. derive.Files then adds what
// can wait: a SQLite file for small look-ups, Parquet and CSV to download. A
// query.Library keeps versions open and answers queries; export.Rows writes them
// out in the formats of others.
//
//	source    reads a publisher's file as it is, whatever its kind
//	personal  finds columns that tell something about living people
//	cell      what a cell means under the type of its column
//	profile   what one pass over a file proposes
//	stored    how the rows of a version lie in its files, and how to open them
//	build     makes a version of a file
//	derive    adds the files of a version that can wait
//	filter    conditions on rows, from program or from text
//	query     answers questions about versions
//	export    writes the rows of a query in the formats of others
//	csv       writes comma-separated text
//
// # Promises
//
//   - Nothing is lost silently. Only an empty cell is silently no value. A cell
//     that cannot be read as its column's type becomes no value and one reject
//     with its line, column and text; so does a null word such as N/A in a typed
//     column, unless the publisher declared it. A ragged row keeps what fits.
//     All rejects are counted, the first 10,000 kept.
//   - A version appears complete and on disk or not at all, also when the
//     process is killed or the power goes; derived files one by one likewise.
//   - Rows keep the order of the file: _id counts from 1.
//   - The same file and profile give the same Digest, on every machine.
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
