package table

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/xuri/excelize/v2"

	"ceiba/internal/ground/fault"
)

// Format is how rows are exported.
type Format string

// The formats of Export. CSV is for machines: every text as it is. SheetCSV
// and XLSX are for people: texts that a spreadsheet would run as a formula are
// made harmless, with an apostrophe in CSV and as text cells in XLSX.
const (
	CSV      Format = "csv"
	SheetCSV Format = "sheet.csv"
	NDJSON   Format = "ndjson"
	AsJSON   Format = "json"
	GeoJSON  Format = "geojson"
	Parquet  Format = "parquet"
	XLSX     Format = "xlsx"
)

// MaxSheetRows is how many rows an XLSX sheet holds besides its header.
const MaxSheetRows = 1_048_575

// exportSlice is how many rows are in memory at once.
const exportSlice = 5_000

// exporter writes rows in one format.
type exporter interface {
	row(id int64, cells []any) error
	close() error
}

// Export writes all rows of a query to w, whatever its Limit unless that is
// set, in constant memory. Near and Text are answered with one page. The
// budget holds for each slice of rows, not for the whole.
func (v *Version) Export(ctx context.Context, w io.Writer, format Format, q Query) error {
	m := v.Manifest()
	p, err := m.plan(q)
	if err != nil {
		return err
	}
	if format == Parquet {
		return v.exportParquet(ctx, w, p)
	}
	x, err := newExporter(w, format, p)
	if err != nil {
		return err
	}
	if err = v.exportRows(ctx, x, q); err == nil {
		err = x.close()
	} else if s, ok := x.(*sheetExporter); ok {
		s.file.Close()
	}
	return err
}

func newExporter(w io.Writer, format Format, p *plan) (exporter, error) {
	names := make([]string, len(p.columns))
	for i, c := range p.columns {
		names[i] = c.Name
	}
	switch format {
	case CSV, SheetCSV:
		return csvExporter{newCSVWriter(w, names, format == SheetCSV)}, nil
	case NDJSON, AsJSON:
		return newJSONExporter(w, names, format == AsJSON), nil
	case GeoJSON:
		return newGeoExporter(w, p, names)
	case XLSX:
		return newSheetExporter(w, p, names)
	}
	return nil, fault.New(fault.Invalid, "table.bad_format", "format", clip(string(format), 20))
}

// exportRows pages through the query. A GeoJSON export also needs the place,
// which the exporter asks for by needing more columns than were selected.
func (v *Version) exportRows(ctx context.Context, x exporter, q Query) error {
	left := int64(q.Limit)
	if q.Limit <= 0 {
		left = v.Manifest().Rows
	}
	if g, ok := x.(*geoExporter); ok {
		q.Select = g.selected
	}
	q.Total = false
	for left > 0 {
		q.Limit = int(min(left, exportSlice))
		page, err := v.Rows(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range page.Rows {
			if err := x.row(r.ID, r.Cells); err != nil {
				return err
			}
		}
		left -= int64(len(page.Rows))
		if q.Cursor = page.Next; page.Next == "" || q.Near != nil {
			return nil
		}
	}
	return nil
}

type csvExporter struct{ w *csvWriter }

func (x csvExporter) row(_ int64, cells []any) error { return x.w.row(cells) }
func (x csvExporter) close() error                   { return x.w.close() }

// jsonExporter writes objects, one a line, or in an array.
type jsonExporter struct {
	w     *bufio.Writer
	keys  [][]byte // `"name":`
	array bool
	n     int
	buf   []byte
}

func newJSONExporter(w io.Writer, names []string, array bool) *jsonExporter {
	x := &jsonExporter{w: bufio.NewWriterSize(w, 1<<16), array: array}
	for _, n := range names {
		x.keys = append(x.keys, append(appendJSON(nil, n), ':'))
	}
	return x
}

func (x *jsonExporter) row(_ int64, cells []any) error {
	x.buf = x.buf[:0]
	if x.array {
		x.buf = append(x.buf, ",["[b2i(x.n == 0)], '\n')
	}
	x.buf = append(appendObject(x.buf, x.keys, cells), '\n')
	if x.array {
		x.buf = x.buf[:len(x.buf)-1]
	}
	x.n++
	_, err := x.w.Write(x.buf)
	return err
}

func (x *jsonExporter) close() error {
	switch {
	case x.array && x.n == 0:
		x.w.WriteString("[]\n")
	case x.array:
		x.w.WriteString("\n]\n")
	}
	return x.w.Flush()
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func appendObject(b []byte, keys [][]byte, cells []any) []byte {
	b = append(b, '{')
	for i, c := range cells {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(append(b, keys[i]...), c)
	}
	return append(b, '}')
}

// appendJSON writes a cell as JSON.
func appendJSON(b []byte, v any) []byte {
	switch x := v.(type) {
	case nil:
		return append(b, "null"...)
	case string:
		text, err := json.Marshal(x)
		if err != nil {
			return append(b, "null"...) // strings always marshal
		}
		return append(b, text...)
	}
	return appendPlain(b, v)
}

// geoExporter writes a FeatureCollection (RFC 7946).
type geoExporter struct {
	w        *bufio.Writer
	selected []string // columns of the query, then those of the place
	keys     [][]byte
	geo      *Geo
	reader   *cellReader
	n        int
	buf      []byte
}

func newGeoExporter(w io.Writer, p *plan, names []string) (*geoExporter, error) {
	g := p.m.Geo
	if g == nil {
		return nil, fault.New(fault.Invalid, "table.no_place")
	}
	x := &geoExporter{w: bufio.NewWriterSize(w, 1<<16), geo: g}
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == g.Shape && n != "" })
	for _, n := range names {
		x.keys = append(x.keys, append(appendJSON(nil, n), ':'))
	}
	x.selected = names
	for _, n := range []string{g.Lat, g.Lon, g.Point, g.Shape} {
		if n != "" {
			x.selected = append(x.selected, n)
		}
	}
	if c, _ := p.m.Column(g.Point); c != nil {
		x.reader = newCellReader(c)
	}
	x.w.WriteString(`{"type":"FeatureCollection","features":[`)
	return x, nil
}

func (x *geoExporter) row(id int64, cells []any) error {
	b := x.buf[:0]
	if x.n > 0 {
		b = append(b, ',')
	}
	b = fmt.Appendf(b, "\n{\"type\":\"Feature\",\"id\":%d,\"geometry\":", id)
	k := len(x.keys)
	b = x.geometry(b, cells[k:])
	b = append(b, `,"properties":`...)
	b = append(appendObject(b, x.keys, cells[:k]), '}')
	x.n, x.buf = x.n+1, b
	_, err := x.w.Write(b)
	return err
}

func (x *geoExporter) geometry(b []byte, place []any) []byte {
	var lat, lon float64
	ok := false
	switch {
	case x.geo.Shape != "":
		if s, has := place[0].(string); has {
			return append(b, s...)
		}
	case x.geo.Point != "":
		s, _ := place[0].(string)
		lat, lon, ok = x.reader.pair([]byte(s))
	default:
		lat, ok = place[0].(float64)
		if ok {
			lon, ok = place[1].(float64)
		}
	}
	if !ok {
		return append(b, "null"...)
	}
	b = appendPlain(append(b, `{"type":"Point","coordinates":[`...), lon)
	return append(appendPlain(append(b, ','), lat), "]}"...)
}

func (x *geoExporter) close() error {
	x.w.WriteString("\n]}\n")
	return x.w.Flush()
}

// sheetExporter writes one sheet; excelize keeps it on disk when it is large.
type sheetExporter struct {
	w      io.Writer
	file   *excelize.File
	stream *excelize.StreamWriter
	n      int
}

func newSheetExporter(w io.Writer, p *plan, names []string) (*sheetExporter, error) {
	if p.filter == nil && p.q.Limit <= 0 && p.m.Rows > MaxSheetRows {
		return nil, tooManyForSheet()
	}
	f := excelize.NewFile()
	stream, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("start sheet: %w", err)
	}
	x := &sheetExporter{w: w, file: f, stream: stream}
	head := make([]any, len(names))
	for i, n := range names {
		head[i] = n
	}
	return x, x.row(0, head)
}

func tooManyForSheet() error {
	return fault.New(fault.TooLarge, "table.sheet_too_long", "max", MaxSheetRows)
}

// row writes texts as text cells, which no spreadsheet runs; a cell holds at
// most 32,767 characters.
func (x *sheetExporter) row(_ int64, cells []any) error {
	if x.n++; x.n > MaxSheetRows+1 {
		return tooManyForSheet()
	}
	for i, c := range cells {
		if s, ok := c.(string); ok && len(s) > excelize.TotalCellChars {
			cells[i] = firstRunes(s, excelize.TotalCellChars-1)
		}
	}
	at, err := excelize.CoordinatesToCellName(1, x.n)
	if err != nil {
		return err
	}
	return x.stream.SetRow(at, cells)
}

func (x *sheetExporter) close() error {
	err := x.stream.Flush()
	if err == nil {
		_, err = x.file.WriteTo(x.w)
	}
	return errors.Join(err, x.file.Close())
}

// exportParquet hands out the derived file, or lets an engine that may write
// into one temporary folder make one for the query.
func (v *Version) exportParquet(ctx context.Context, w io.Writer, p *plan) error {
	if len(p.words) > 0 || p.q.Near != nil {
		return fault.New(fault.Invalid, "table.parquet_rows_only")
	}
	path := v.path(ParquetFile)
	if p.filter != nil || p.q.Select != nil || p.q.Limit > 0 || len(p.sort) > 0 || !v.Manifest().Ready(ParquetFile) {
		dir, err := os.MkdirTemp(v.lib.lim.Temp, "export-")
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		defer os.RemoveAll(dir)
		path = filepath.Join(dir, "rows.parquet")
		if err := v.makeParquet(ctx, p, path); err != nil {
			return err
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

func (v *Version) makeParquet(ctx context.Context, p *plan, path string) error {
	_, lim, err := v.lib.engine(v)
	if err != nil {
		return err
	}
	db, err := openDuck(v.path(RowsFile), lim, []string{
		"SET allowed_directories = [" + quoteText(filepath.Dir(path)) + "]", "SET enable_external_access = false", "SET lock_configuration = true",
	})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := v.lib.slots.Acquire(ctx, 1); err != nil {
		return err
	}
	defer v.lib.slots.Release(1)
	where, args := p.m.where(inDuck, p.filter)
	q := "SELECT " + joinColumns(p) + " FROM rows" + whereAll(notEmpty(where))
	if len(p.sort) > 0 {
		q += " ORDER BY " + p.orderSQL()
	}
	if p.q.Limit > 0 {
		q += fmt.Sprintf(" LIMIT %d", p.q.Limit)
	}
	return copyParquet(ctx, db, q, args, path)
}
