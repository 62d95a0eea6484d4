// Package export writes the rows of a query in the formats of others: CSV, JSON,
// NDJSON, GeoJSON, Parquet and XLSX, in constant memory, and the rejects of a
// version as CSV.
//
// What a spreadsheet would run as a formula is made harmless where the file is
// for people, and left as it is where it is for machines.
package export
