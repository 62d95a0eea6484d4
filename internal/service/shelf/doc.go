// Package shelf keeps the versions of published tables: for each owner (a
// resource of a dataset, later a budget or a register) the files that were
// handed in, what was found in them, and the immutable versions made of them.
//
// A version goes received → profiled → building → published, or failed with a
// sentence that says why; a profile may be corrected and made again as often as
// the publisher likes. Each step is a job, so that it survives the death of the
// process and shows its progress. A version counts only from the transaction
// that marks it published: its files lie complete in the blob store by then,
// and readers of the version before are not disturbed. What makes it faster
// (indexes, full text, Parquet) is derived afterwards.
//
// The work itself is done by package table, which knows files and folders
// only. Whoever calls has checked that the actor may.
package shelf
