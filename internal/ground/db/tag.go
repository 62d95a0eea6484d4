//go:build !sqlite_fts5

package db

// Ceiba needs SQLite's full-text search: build with `make build`, or add
// `-tags sqlite_fts5` to your go command.
var _ = build_with_tags_sqlite_fts5_or_use_make_build
