// Package open tells what kind of file a publisher's file is, by its content,
// and opens it with the reader for that kind. Files of other kinds are refused
// with a sentence that names the kind and says how to save the file again.
//
// Its tests are those of reading as a whole: corpora, hostile files, fuzzing.
package open

import (
	"context"
	"os"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/delimited"
	"ceiba/internal/service/table/source/json"
	"ceiba/internal/service/table/source/raw"
	"ceiba/internal/service/table/source/sheet"
)

// withDefaults bounds what the publisher left open.
func withDefaults(o source.Options) source.Options {
	if o.MaxColumns <= 0 {
		o.MaxColumns = 2000
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 4 << 30
	}
	if o.MaxInflated <= 0 {
		o.MaxInflated = 4 << 30
	}
	return o
}

// File sniffs the file at path and returns a Reader before its first row. A
// file that cannot be read as a table is refused with a fault.Error whose key
// starts with "table.read."; other errors are the disk's.
func File(ctx context.Context, path string, o source.Options) (*source.Reader, error) {
	o = withDefaults(o)
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case st.Size() == 0:
		return nil, source.Refuse("empty")
	case st.Size() > o.MaxBytes:
		return nil, fault.New(fault.TooLarge, "table.read.too_large", "size", st.Size(), "max", o.MaxBytes)
	}
	f := raw.File{Ctx: ctx, Path: path, Size: st.Size()}
	info := source.Info{}
	rows, err := openRows(f, o, &info)
	if err != nil {
		return nil, err
	}
	return source.NewReader(ctx, info, rows, o.MaxRows), nil
}

// openRows hands the file to the reader of its kind.
func openRows(f raw.File, o source.Options, info *source.Info) (source.Rows, error) {
	k, err := kindOf(f, o)
	if err != nil {
		return nil, err
	}
	f.Gzip = k.gzip
	info.Format = k.format
	switch k.format {
	case source.XLSX:
		return sheet.Open(f, o, info)
	case source.GeoJSON, source.JSON, source.NDJSON:
		return json.Open(f, o, info)
	}
	return delimited.Open(f, o, info)
}
