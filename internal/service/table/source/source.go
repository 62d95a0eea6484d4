package source

import (
	"context"
	"embed"
	"errors"
	"io"

	"ceiba/internal/ground/fault"
)

// Words are the sentences of this package, for the catalogue.
//
//go:embed locale/*.json
var Words embed.FS

// The kinds of file that can be read, as in Info.Format and Options.Format.
const (
	CSV     = "csv" // delimited text of any dialect
	XLSX    = "xlsx"
	GeoJSON = "geojson"
	JSON    = "json" // an array of records, at the top or under a key
	NDJSON  = "ndjson"
)

// Options let a publisher overrule what was sniffed; the zero value sniffs
// everything.
type Options struct {
	Name        string   // original file name, a hint only
	Format      string   // one of CSV, XLSX, GeoJSON, JSON, NDJSON
	Encoding    string   // a WHATWG label such as "windows-1252"
	Delimiter   string   // one byte, or "\\t", or one byte and a space
	Sheet       string   // name of a sheet, or the key that holds the records of a JSON file
	HeaderRow   int      // 1-based, counted in lines or sheet rows; 0 sniffs; -1 there is none
	MaxColumns  int      // default 2,000
	MaxRows     int64    // 0: no limit
	MaxBytes    int64    // of the file; default 4 GiB
	MaxInflated int64    // of what a compressed file holds; default 4 GiB
	NullWords   []string // words the publisher declared to mean "no value"; only used to judge headers
}

// Note is something about the file as a whole that its publisher should know.
// Code has a sentence at "table.note."+Code in locale/.
type Note struct {
	Code string
	Args map[string]any
}

// Info is what was found out about a file.
type Info struct {
	Format         string
	Encoding       string
	Delimiter      string
	Quote          string
	Escape         string
	Sheet          string // the sheet or the JSON key that was read
	Sheets         []string
	HeaderRow      int      // line or sheet row of the (last) header row; -1: none
	Labels         []string // as written
	Names          []string // unique lower-case ASCII identifiers
	Notes          []Note   // complete after io.EOF
	GeometryColumn string   // name of the column of GeoJSON geometries, or ""
}

// NewNote returns a Note; args are names and values in turn.
func NewNote(code string, args ...any) Note {
	n := Note{Code: code, Args: make(map[string]any, len(args)/2)}
	for i := 0; i+1 < len(args); i += 2 {
		n.Args[args[i].(string)] = args[i+1]
	}
	return n
}

// Problem is what is wrong with a row. Code has a sentence at
// "table.problem."+Code in locale/.
type Problem struct {
	Column int // -1: the whole row
	Code   string
	Value  string // what stood there, at most 200 bytes
}

// NewProblem returns a Problem that quotes what stood there.
func NewProblem(column int, code string, value []byte) Problem {
	return Problem{column, code, Clip(value)}
}

// Row is one row of the table. Its memory is reused by the next call of Next.
type Row struct {
	Line     int64    // where the record starts, 1-based: physical line or sheet row
	Cells    [][]byte // one per Info.Names; nil: absent cell
	Problems []Problem
}

// Rows is what stands behind a Reader: one implementation per family of files.
type Rows interface {
	Next() (*Row, error)
	Notes() []Note // what was learnt while reading
	Progress() (done, total int64)
	Close() error
}

// Reader reads one table. It is not safe for concurrent use.
type Reader struct {
	ctx   context.Context
	info  Info
	rows  Rows
	limit int64
	n     int64
	ended bool
}

// NewReader returns a Reader of the rows of a file about which info was found
// out; limit is the most rows, or 0.
func NewReader(ctx context.Context, info Info, rows Rows, limit int64) *Reader {
	return &Reader{ctx: ctx, info: info, rows: rows, limit: limit}
}

// Info tells what was found out. Its Notes are complete after io.EOF.
func (r *Reader) Info() Info {
	i := r.info
	i.Notes = append(i.Notes[:len(i.Notes):len(i.Notes)], r.rows.Notes()...)
	return i
}

// Next returns the next row, or io.EOF. The row is valid until the next call.
func (r *Reader) Next() (*Row, error) {
	if r.n&0xfff == 0 && r.ctx.Err() != nil {
		return nil, r.ctx.Err()
	}
	row, err := r.rows.Next()
	if err != nil {
		if errors.Is(err, io.EOF) {
			r.ended = true
		}
		return nil, err
	}
	r.n++
	if r.limit > 0 && r.n > r.limit {
		return nil, fault.New(fault.TooLarge, "table.read.too_many_rows", "max", r.limit)
	}
	return row, nil
}

// Bytes tells how much of the file has been read, for progress.
func (r *Reader) Bytes() (done, total int64) {
	done, total = r.rows.Progress()
	if r.ended {
		done = total
	}
	return min(done, total), total
}

// Close releases the file. It may be called more than once.
func (r *Reader) Close() error { return r.rows.Close() }

// Refuse returns the fault for a file that cannot be read as a table.
func Refuse(code string, args ...any) *fault.Error {
	return fault.New(fault.Invalid, "table.read."+code, args...)
}

// Clip shortens what a problem quotes.
func Clip(b []byte) string {
	const most = 200
	if len(b) <= most {
		return string(b)
	}
	n := most
	for n > most-4 && b[n]&0xc0 == 0x80 {
		n--
	}
	return string(b[:n]) + "…"
}
