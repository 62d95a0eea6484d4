package export

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/xuri/excelize/v2"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/cell"
	"ceiba/internal/service/table/csv"
	"ceiba/internal/service/table/query"
)

// Format is how rows are exported.
type Format string

// The formats of Rows. CSV is for machines: every text as it is. SheetCSV
// and XLSX are for people: texts that a spreadsheet would run as a formula are
// made harmless, with an apostrophe in CSV and as text cells in XLSX.
const (
	CSV      Format = "csv"
	SheetCSV Format = "sheet.csv"
	NDJSON   Format = "ndjson"
	JSON     Format = "json"
	GeoJSON  Format = "geojson"
	Parquet  Format = "parquet"
	XLSX     Format = "xlsx"
)

// MaxSheetRows is how many rows an XLSX sheet holds besides its header.
const MaxSheetRows = 1_048_575

// exporter writes rows in one format.
type exporter interface {
	row(id int64, cells []any) error
	close() error
}

// Rows writes all rows of a query of v to w, whatever its Limit unless that is
// set, in constant memory. Near and Text are answered with one page. The
// budget holds for each slice of rows, not for the whole.
func Rows(ctx context.Context, w io.Writer, v *query.Version, format Format, q query.Query) error {
	if format == Parquet {
		return v.Parquet(ctx, w, q)
	}
	columns, err := v.Columns(q)
	if err != nil {
		return err
	}
	x, err := newExporter(w, format, v.Manifest(), q, columns)
	if err != nil {
		return err
	}
	if g, ok := x.(*geoExporter); ok {
		q.Select = g.selected
	}
	if err = v.Each(ctx, q, func(r query.Row) error { return x.row(r.ID, r.Cells) }); err == nil {
		err = x.close()
	} else if s, ok := x.(*sheetExporter); ok {
		s.file.Close()
	}
	return err
}

func newExporter(w io.Writer, format Format, m *table.Manifest, q query.Query, columns []table.Column) (exporter, error) {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	switch format {
	case CSV, SheetCSV:
		return csvExporter{csv.NewWriter(w, names, format == SheetCSV)}, nil
	case NDJSON, JSON:
		return newJSONExporter(w, names, format == JSON), nil
	case GeoJSON:
		return newGeoExporter(w, m, names)
	case XLSX:
		return newSheetExporter(w, m, q, names)
	}
	return nil, fault.New(fault.Invalid, "table.bad_format", "format", table.Shorten(string(format), 20))
}

type csvExporter struct{ w *csv.Writer }

func (x csvExporter) row(_ int64, cells []any) error { return x.w.Row(cells) }
func (x csvExporter) close() error                   { return x.w.Close() }

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
	return cell.AppendPlain(b, v)
}

// geoExporter writes a FeatureCollection (RFC 7946).
type geoExporter struct {
	w        *bufio.Writer
	selected []string // columns of the query, then those of the place
	keys     [][]byte
	geo      *table.Geo
	reader   *cell.Reader
	n        int
	buf      []byte
}

func newGeoExporter(w io.Writer, m *table.Manifest, names []string) (*geoExporter, error) {
	g := m.Geo
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
	if c, _ := m.Column(g.Point); c != nil {
		x.reader = cell.NewReader(c)
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
		lat, lon, ok = x.reader.Pair([]byte(s))
	default:
		lat, ok = place[0].(float64)
		if ok {
			lon, ok = place[1].(float64)
		}
	}
	if !ok {
		return append(b, "null"...)
	}
	b = cell.AppendPlain(append(b, `{"type":"Point","coordinates":[`...), lon)
	return append(cell.AppendPlain(append(b, ','), lat), "]}"...)
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

func newSheetExporter(w io.Writer, m *table.Manifest, q query.Query, names []string) (*sheetExporter, error) {
	if q.Filter == nil && q.Box == nil && q.Limit <= 0 && m.Rows > MaxSheetRows {
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
			cells[i] = table.Shorten(s, excelize.TotalCellChars-1)
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

// Rejects writes the kept rejects of v as CSV for people, with headings line,
// row, column, code and value.
func Rejects(w io.Writer, v *query.Version) error {
	list, err := v.Rejects(0, table.MaxRejects)
	if err != nil {
		return err
	}
	out := csv.NewWriter(w, []string{"line", "row", "column", "code", "value"}, true)
	for _, r := range list {
		if err := out.Row([]any{r.Line, r.Row, r.Column, r.Code, r.Value}); err != nil {
			return err
		}
	}
	return out.Close()
}
