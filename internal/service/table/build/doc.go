// Package build makes a version of a file, as its profile says: the rows in a
// DuckDB file, the rejects, statistics of each column, and a manifest.
//
// One goroutine reads and types rows into batches by column, another hands
// these to DuckDB, whole vectors at a time, and digests them. What is counted,
// is counted by DuckDB over the finished rows. The version is made beside its
// place, flushed to the disk and moved there in one step.
//
// Rehash reads the rows of a version again and proves that they are what was
// built.
package build
