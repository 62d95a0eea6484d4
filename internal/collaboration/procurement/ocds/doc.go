// Package ocds reads, merges and checks data in the Open Contracting Data
// Standard (OCDS), versions 1.0 and 1.1: what a public body plans to buy, whom
// it asked, who won, what was signed and what was paid.
//
// This package holds what the others share: a JSON value that loses nothing.
// Numbers keep their text (15890000000 stays what it is, 1.10 is not 1.1),
// properties keep their order. Below it stand
//
//   - read: one release or record after the other out of whatever publishers
//     hand out, with the place of each;
//   - schema: the official schemas, embedded;
//   - merge: compiled and versioned releases as the standard defines them;
//   - check: what is wrong with a file, in plain words.
//
// It is pure: no database, no pages, no network.
//
// Source: https://standard.open-contracting.org/1.1/en/ and the repositories
// open-contracting/standard (tags 1__1__5 and 1__0__3) and
// open-contracting/ocds-merge (0.8.0).
package ocds
