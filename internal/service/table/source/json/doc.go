// Package json reads records of JSON: an array of objects or of arrays, at the
// top of a document or under a key, one object a line (NDJSON), or the features
// of GeoJSON. The text is streamed and one record is held at a time; a first pass
// over all records finds their keys, which are the columns. Arrays of values are
// rows as of a sheet, whose header package grid finds.
//
// Text that is no JSON is a Problem of its row. In NDJSON reading goes on at the
// next line; elsewhere nothing tells where the next record begins, and the rows
// end there.
package json
