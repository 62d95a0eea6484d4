// Package delimited reads delimited text of any dialect: it finds delimiter,
// quote and escape over the first part of the file, then splits the text into
// records without making garbage, and reads a quote that fits no rule in the way
// that gives its record the usual width. What is header and what is row, package
// grid decides.
//
// Hostile text costs no more than a few times its length: how far a cell with a
// bad quote is read on for is bounded, and so is a record.
package delimited
