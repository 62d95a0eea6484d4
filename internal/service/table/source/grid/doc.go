// Package grid makes the raw records of a file the rows of one table.
//
// A reader of text or sheets gives Records. Take copies the first of them,
// Sample.Layout finds the structure in these: which records stand before the
// header, which are the header, how wide the table is and what its columns are
// called. NewRows then reads the Records again from their start and leaves out
// blank rows, comments, repeated headers, footnotes and a second table, each of
// which it notes, and reports records that are too short or too long.
//
// It looks at cells only as far as telling headers from rows needs; their types
// are no matter of this package.
package grid
