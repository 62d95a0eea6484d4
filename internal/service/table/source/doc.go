// Package source reads a publisher's tabular file as it is: any delimiter,
// quote, escape and encoding, Excel sheets with covers and merged cells,
// GeoJSON, JSON records and NDJSON. It and the packages below it are the only
// code in Ceiba that reads a publisher's file.
//
// This package holds what they share and what a caller sees: the Options, the
// Info about a file, its Rows, the Problems of a row, the Notes about the whole,
// the refusals and their words. open.File gives a Reader:
//
//	open       tells the kind of a file by its content, and hands it to
//	delimited  text of any dialect,
//	sheet      workbooks of Excel, or
//	json       JSON, NDJSON and GeoJSON; each of them takes
//	raw        the bytes of the file, inflated and as UTF-8, and
//	grid       makes raw records the rows of one table.
//
// # What it promises
//
//   - The kind of a file is told by its content, never by its name.
//   - One bad row never loses a file. A ragged row keeps what fits, a stray
//     quote is read in the way that gives the row its width, a bad byte is read
//     as windows-1252; each is a Problem of the row.
//   - Nothing is dropped silently. Every record of the file is a Row, or is
//     named with its line in a Note: lines before the header, blank rows,
//     comments, repeated headers, footnotes, a second table. Notes that only
//     the whole file can tell are complete once Next returned io.EOF.
//   - Memory does not grow with the file: text and sheets are streamed, and one
//     record is held at a time. The strings an XLSX file shares are held, up to
//     a limit that is refused in words.
//   - Cells are what the publisher wrote: numbers are not rounded, null words
//     are not read, dates in text are not touched. Only dates that Excel stores
//     as a number become ISO text, as nothing else can tell them.
//   - What cannot be read is refused with a sentence that says how to save the
//     file again (a fault.Error, its words in locale/).
//
// # Limits
//
// A dialect is one per file, save single rows that a publisher's tool wrote with
// another delimiter. A second table in a sheet is noted with its line, and can
// be read with HeaderRow. A totals row is noted and kept, as only the publisher
// knows. Where an unclosed quote happens to be closed by a later one and the
// widths fit, nothing can tell. Rows whose cells slipped to the side are reported
// as ragged, not guessed back. .xls, .xlsb, .ods, PDF and archives are refused.
//
// # Sources
//
// RFC 4180, RFC 7946, RFC 8259, ECMA-376 (SpreadsheetML); the corpora of
// csv-spectrum, Pollock (HPI), messytables, frictionless and qsv, which
// open/testdata/corpora.golden sums up file by file.
package source
