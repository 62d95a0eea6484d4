// Package merge puts the releases of one contracting process together: into a
// compiled release, which says how things stand, or a versioned release, which
// says of each value when it came and in which release.
//
// The rules are those of https://standard.open-contracting.org/1.1/en/schema/merging/
// as the reference carries them out (open-contracting/ocds-merge 0.8.0, whose
// fixtures are our tests): which property is left out, taken as a whole or
// merged item by item follows from the schema (Derive); releases are ordered by
// the text of their date, and those of the same date stay as they came.
//
// Where we go further than the reference, or apart from it:
//
//   - Items with the ids 1 and "1" are two items throughout. The reference keeps
//     them apart only as long as they have no property in common.
//   - An id that is an object or array tells items apart by what it says; the
//     reference stops with an error.
//   - A value that true and 1 share in Python is two values here.
//   - A single release without a date gets its ocid as id, where the reference
//     writes "None".
//   - What the reference drops without a word is a Warning: a value that hides
//     behind an object or array of an earlier release (Hidden). So is what it
//     mixes: items behind a value of another kind, or behind its history (Mixed).
//   - Dates whose order as texts is not their order in time are a Warning
//     (DateOrder): the result follows the texts, as the standard's tool does.
//
// It stops at what is in memory: the releases of one process. Merging goes on
// release by release (Merge.Add), but not from a compiled release that was
// written out before.
package merge
