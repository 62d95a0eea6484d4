// Package derive makes the files of a version that can wait: a SQLite file for
// small look-ups, with its indexes, words and places, and Parquet and CSV to
// download. All are made of the rows that package build wrote, and can be made
// again from them.
//
// The two halves work side by side, each in about 100 MB. The SQLite file is
// written without a journal: it is thrown away if the load does not come to its
// end.
package derive
