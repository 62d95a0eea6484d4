// Package db opens the one relational database behind Ceiba and runs code
// inside transactions. It is the only package that knows whether the engine is
// SQLite or PostgreSQL, and the only one that imports database/sql.
//
// Queries are written once, in the dialect both engines share, with $1, $2 …
// placeholders: ON CONFLICT … DO UPDATE, RETURNING, common table expressions,
// window functions, row values. What they cannot share (full-text search, row
// locks) goes through the few methods of Tx that say so.
//
// # Promises
//
//   - When Update returns nil, what it wrote is on disk, and so is all that a
//     View showed: SQLite's log is synced after each commit, as at
//     synchronous=FULL (see shore); PostgreSQL has its own defaults.
//   - Writes are serialisable on both engines. SQLite has one writer, whose
//     callers share commits (see group); PostgreSQL runs SERIALIZABLE and Update
//     tries again when it must.
//   - View sees one consistent snapshot.
//   - One time, Tx.Now, is read per transaction.
//
// # Limits
//
// A SQLite file belongs to one process on one machine: Open refuses a network
// file system and a file that another process has open. Times are microseconds
// (type Time), documents are JSON text (type JSON). Columns that must sort the
// same on both engines say COLLATE "C", which is taken out for SQLite, where it
// is the default.
package db
