// Package query answers questions about versions: pages of rows, filtered,
// sorted, searched by word, by box or by distance; facets, groups, histograms.
//
// A Library keeps versions open and closes those nobody asks. A Version is asked
// by Rows, Each, Facets, Aggregate, Histogram, Spread.
//
// # Promises
//
//   - Every query has a budget (three seconds unless said otherwise), after
//     which it is cancelled with a fault, and a share of memory it cannot
//     exceed.
//   - Queries are built from a small syntax tree over known columns; every value
//     is a parameter. The engine that answers can reach no other file.
//   - Every way to the rows gives the same rows; only the time differs.
//
// # Ways
//
// Rows by key, by place, by word and by indexed columns come from SQLite when it
// is there, and everything else, and everything before it is there, from DuckDB.
// Answers say which way they came (Page.Indexed). Often DuckDB finds the numbers
// of the rows and SQLite hands out the rows. The way is chosen from the
// statistics of the manifest (way.go, estimate.go), and SQLite is held to it.
package query
