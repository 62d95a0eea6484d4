// Package bods reads, checks and writes statements of the Beneficial Ownership
// Data Standard (BODS) 0.4: who owns or controls a company, as somebody declared
// it on some day.
//
// This package holds what the others share: a statement, a reader of files, what
// can be wrong with a statement, and the view of one that the public may have.
// Beside it stand
//
//   - schema: the official schemas, embedded, and validation by them;
//   - check: what the schemas cannot say, by the ids of Open Ownership's checks;
//   - declare: valid statements out of the few facts that an officer knows;
//   - graph: owners at the end of chains of companies.
//
// What it promises:
//
//   - Items reads a file of any length one statement at a time, within limits, and
//     never panics. What cannot be taken is an error with its place; reading goes
//     on behind it.
//   - A statement is kept as it was read, with properties that nobody knows;
//     Statement is a view of it that takes what has the right type.
//   - Public lets through what is named here and nothing else about a person: no
//     home address, no number of an identity, a birth date to the month.
//
// It is pure: no database, no pages, no network, no clock.
//
// Limits: versions before 0.4, whose statements have another form, are not read.
// Public cannot see what somebody wrote about a person into a name or an id; it
// refuses a statement that repeats one of the person's numbers anywhere.
//
// Source: https://standard.openownership.org/en/0.4.0/, openownership/data-standard
// (d97e798); names of the checks from openownership/lib-cove-bods.
package bods
