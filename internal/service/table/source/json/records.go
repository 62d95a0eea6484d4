package json

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/grid"
	"ceiba/internal/service/table/source/raw"
)

// maxDepth is how deep under keys an array of records is looked for.
const maxDepth = 4

// Kind tells NDJSON from JSON by what follows the first value; where the
// first value is longer than the text, it is one document.
func Kind(text []byte) string {
	j := newScanner(bytes.NewReader(text))
	v, err := j.value()
	if err != nil {
		return source.JSON
	}
	if len(v) > 0 && v[0] == '{' && json.Valid(v) {
		if c, err := j.peek(); err == nil && (c == '{' || c == '[') || err == io.EOF && bytes.IndexByte(v, '\n') < 0 && !geoText(v) && !nested(v) {
			return source.NDJSON
		}
	}
	if geoText(v) {
		return source.GeoJSON
	}
	return source.JSON
}

// nested reports an object that holds an array of objects.
func nested(v []byte) (found bool) {
	fields(v, func(_, value []byte) {
		if value[0] == '{' || value[0] == '[' {
			found = true
		}
	})
	return found
}

func geoText(v []byte) (found bool) {
	if len(v) == 0 || v[0] != '{' || !json.Valid(v) {
		return false
	}
	fields(v, func(key, value []byte) {
		if string(key) == "type" {
			switch string(value) {
			case `"FeatureCollection"`, `"Feature"`:
				found = true
			}
		}
	})
	return found
}

// place is where the records of a JSON document stand.
type place struct {
	format string
	path   []string // keys down to the array; nil: the top
	single bool     // one Feature
	lists  []string // other keys that hold arrays of records
}

// findRecords looks for the records: the longest array of objects (or of
// arrays) within a few keys.
func findRecords(f raw.File, o source.Options, dec raw.Decoder) (place, error) {
	j, s, err := openJSON(f, o, dec)
	if err != nil {
		return place{}, err
	}
	defer s.Close()
	w := &finder{json: j, want: o.Sheet}
	p := place{format: source.JSON}
	switch c, err := j.peek(); {
	case err == io.EOF:
		return p, source.Refuse("empty")
	case err != nil:
		return p, err
	case c == '[':
		if j.pos++; j.take(']') {
			return p, source.Refuse("empty")
		}
		return p, nil
	case c != '{':
		return p, source.Refuse("json_no_records")
	}
	j.pos++
	if err := w.object(nil); err != nil && !w.geo && w.best == nil {
		if errors.Is(err, io.ErrUnexpectedEOF) || isSyntax(err) || err == io.EOF {
			return p, source.Refuse("json_malformed", "line", j.line).Wrap(err)
		}
		return p, err
	}
	switch {
	case w.geo:
		return place{format: source.GeoJSON, path: []string{"features"}}, nil
	case w.feature:
		return place{format: source.GeoJSON, single: true}, nil
	case w.best == nil && w.grid != nil && (o.Sheet == "" || o.Sheet == strings.Join(w.grid, ".")):
		p.path, p.lists = w.grid, []string{strings.Join(w.grid, ".")}
		return p, nil
	case w.best == nil && o.Sheet != "":
		return p, source.Refuse("sheet", "sheet", o.Sheet, "sheets", strings.Join(w.all, ", "))
	case w.best == nil:
		return p, source.Refuse("json_no_records")
	}
	p.path, p.lists = w.best, w.all
	return p, nil
}

func isSyntax(err error) bool {
	_, ok := errors.AsType[*json.SyntaxError](err)
	return ok
}

// finder walks a document for its arrays of records.
type finder struct {
	json    *scanner
	want    string
	best    []string
	bestN   int
	all     []string
	grid    []string // the longest array of arrays of values, for files without one of objects
	gridN   int
	geo     bool // a FeatureCollection
	feature bool // a single Feature
}

// object walks the object whose brace has been taken.
func (w *finder) object(path []string) error {
	for {
		key, ok, err := w.json.key()
		if err != nil || !ok {
			return err
		}
		c, err := w.json.peek()
		if err != nil {
			return err
		}
		here := append(path[:len(path):len(path)], key)
		switch {
		case c == '{' && len(here) < maxDepth:
			w.json.pos++
			err = w.object(here)
		case c == '[':
			w.json.pos++
			err = w.array(here)
		default:
			var v []byte
			v, err = w.json.value()
			if len(path) == 0 && key == "type" {
				w.geo = w.geo || string(v) == `"FeatureCollection"`
				w.feature = string(v) == `"Feature"`
			}
		}
		if err != nil {
			return err
		}
	}
}

// array counts the records of the array whose bracket has been taken.
func (w *finder) array(path []string) error {
	n, rows := 0, 0
	for {
		c, err := w.json.peek()
		if err != nil {
			return err
		}
		if c == ']' {
			w.json.pos++
			break
		}
		if c == ',' {
			w.json.pos++
			continue
		}
		if c == '{' {
			n++
		}
		v, err := w.json.value()
		if err != nil {
			return err
		}
		if isRow(v) {
			rows++
		}
	}
	if rows > w.gridN {
		w.grid, w.gridN = path, rows
	}
	name := strings.Join(path, ".")
	if n == 0 {
		return nil
	}
	w.all = append(w.all, name)
	if w.want == name || w.want == "" && n > w.bestN {
		w.best, w.bestN = path, n
	}
	return nil
}

// isRow reports an array of values, which are no arrays themselves.
func isRow(v []byte) bool {
	if len(v) < 2 || v[0] != '[' {
		return false
	}
	body := bytes.TrimLeft(v[1:], " \t\r\n")
	return body[0] != '[' && body[0] != ']'
}

func openJSON(f raw.File, o source.Options, dec raw.Decoder) (*scanner, *raw.Stream, error) {
	s, err := f.Open(o.MaxInflated)
	if err != nil {
		return nil, nil, err
	}
	r, err := dec.Reader(s)
	if err != nil {
		s.Close()
		return nil, nil, err
	}
	return newScanner(r), s, nil
}

// recordFile gives records of JSON as rows.
type recordFile struct {
	file   raw.File
	opts   source.Options
	dec    raw.Decoder
	place  place
	lines  bool // NDJSON
	json   *scanner
	from   *raw.Stream
	index  map[string]int
	geo    *geometryColumns
	row    source.Row
	cells  [][]byte
	arena  []byte
	broken bool
	ended  bool
}

// Open finds the records of a JSON file, scans them once for their
// keys, and returns them as rows.
func Open(f raw.File, o source.Options, info *source.Info) (source.Rows, error) {
	dec, err := f.Decoder(o)
	if err != nil {
		return nil, err
	}
	info.Encoding = dec.Name
	r := &recordFile{file: f, opts: o, dec: dec, lines: info.Format == source.NDJSON}
	if !r.lines {
		if r.place, err = findRecords(f, o, dec); err != nil {
			return nil, err
		}
		info.Format = r.place.format
		info.Sheet, info.Sheets = strings.Join(r.place.path, "."), r.place.lists
	}
	if info.Format == source.GeoJSON {
		r.geo = &geometryColumns{}
		info.Sheet = ""
	}
	if len(r.place.lists) > 1 {
		info.Notes = append(info.Notes, source.NewNote("json_list_chosen", "key", info.Sheet, "others", strings.Join(r.place.lists, ", ")))
	}
	table, err := r.isGrid()
	if err != nil || table {
		r.from.Close()
		if err != nil {
			return nil, err
		}
		return openJSONGrid(r, o, info)
	}
	if err := r.scanKeys(info); err != nil {
		r.from.Close()
		return nil, err
	}
	return r, r.start()
}

// start goes to the first record.
func (r *recordFile) start() error {
	if r.from != nil {
		r.from.Close()
	}
	var err error
	if r.json, r.from, err = openJSON(r.file, r.opts, r.dec); err != nil {
		return err
	}
	r.broken, r.ended = false, false
	if r.lines || r.place.single {
		return nil
	}
	for _, key := range r.place.path {
		if err := r.step(key); err != nil {
			return err
		}
	}
	if !r.json.take('[') {
		return source.Refuse("json_malformed", "line", r.json.line)
	}
	return nil
}

// step goes into the value of a key.
func (r *recordFile) step(want string) error {
	if !r.json.take('{') {
		return source.Refuse("json_malformed", "line", r.json.line)
	}
	for {
		key, ok, err := r.json.key()
		if err != nil || !ok {
			return source.Refuse("json_malformed", "line", r.json.line).Wrap(err)
		}
		if key == want {
			return nil
		}
		if _, err := r.json.value(); err != nil {
			return source.Refuse("json_malformed", "line", r.json.line).Wrap(err)
		}
	}
}

// isGrid reports that the records are arrays, as rows of a sheet.
func (r *recordFile) isGrid() (bool, error) {
	if err := r.start(); err != nil {
		return false, err
	}
	c, err := r.json.peek()
	if err != nil && err != io.EOF {
		return false, err
	}
	return c == '[', nil
}

// record takes the next record, its line, and what is wrong with it; io.EOF at
// the end. After text that is no JSON, records on lines of their own go on at
// the next line, and others end.
func (r *recordFile) record() (v []byte, line int64, code string, err error) {
	for !r.lines && !r.place.single && r.json.take(',') {
	}
	c, err := r.json.peek()
	line = r.json.line
	switch {
	case err == io.EOF && (r.lines || r.place.single || r.broken):
		return nil, line, "", io.EOF
	case err == io.EOF:
		r.broken = true
		return nil, line, "truncated", nil
	case err != nil:
		return nil, line, "", err
	case r.broken || !r.lines && c == ']':
		return nil, line, "", io.EOF
	}
	if r.place.single {
		r.broken = true
	}
	v, err = r.json.value()
	if err != nil && err != errNoValue && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, line, "", err
	}
	if err == nil && json.Valid(v) {
		if v[0] != '{' {
			return v, line, "not_a_record", nil
		}
		return v, line, "", nil
	}
	code = "bad_json"
	if errors.Is(err, io.ErrUnexpectedEOF) {
		code, r.broken = "truncated", true
		return v, line, code, nil
	}
	if r.lines {
		text := append(bytes.Clone(v), r.json.skipLine()...)
		return text, line, code, nil
	}
	if err != nil { // a bracket that closes nothing
		r.broken = true
	}
	return v, line, code, nil
}

// scanKeys reads all records once, for the columns.
func (r *recordFile) scanKeys(info *source.Info) error {
	r.index = map[string]int{}
	var labels []string
	add := func(key string) error {
		if _, ok := r.index[key]; !ok {
			if len(labels) >= r.opts.MaxColumns {
				return fault.New(fault.Invalid, "table.read.too_wide", "columns", len(labels)+1, "max", r.opts.MaxColumns)
			}
			r.index[key] = len(labels)
			labels = append(labels, key)
		}
		return nil
	}
	good := 0
	for n := 0; ; n++ {
		if n&0xff == 0 && r.file.Ctx.Err() != nil {
			return r.file.Ctx.Err()
		}
		v, _, code, err := r.record()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if code != "" {
			continue
		}
		good++
		if r.geo != nil {
			v = r.geo.look(v)
		}
		if err := r.keys(v, add); err != nil {
			return err
		}
	}
	if good == 0 {
		return source.Refuse("json_no_records")
	}
	if r.geo != nil {
		labels = r.geo.labels(labels)
		info.Notes = append(info.Notes, r.geo.notes()...)
	}
	if len(labels) == 0 {
		return source.Refuse("json_no_records")
	}
	info.HeaderRow, info.Labels, info.Names = -1, labels, grid.Names(labels)
	if r.geo != nil {
		info.GeometryColumn = info.Names[r.geo.geometry]
	}
	r.cells = make([][]byte, len(labels))
	return nil
}

// keys adds the keys of a record.
func (r *recordFile) keys(v []byte, add func(string) error) (err error) {
	if len(v) == 0 || v[0] != '{' {
		return nil
	}
	fields(v, func(key, _ []byte) {
		if _, ok := r.index[string(key)]; ok || err != nil {
			return
		}
		err = add(string(key))
	})
	return err
}

// Next returns the next record as a row. Text that is no record is a row
// without values that says so.
func (r *recordFile) Next() (*source.Row, error) {
	v, line, code, err := r.record()
	if err != nil {
		r.ended = err == io.EOF
		return nil, err
	}
	r.row = source.Row{Line: line, Cells: r.cells, Problems: r.row.Problems[:0]}
	clear(r.cells)
	if code != "" {
		r.row.Problems = append(r.row.Problems, source.NewProblem(-1, code, v))
		return &r.row, nil
	}
	r.arena = slices.Grow(r.arena[:0], len(v)+64) // so that cells do not move
	if r.geo != nil {
		v = r.geo.split(v, r)
	}
	if len(v) > 0 && v[0] == '{' {
		fields(v, r.set)
	}
	return &r.row, nil
}

// set puts a value into its column: the text of a string, nothing for null, and
// JSON text for the rest.
func (r *recordFile) set(key, value []byte) {
	c, ok := r.index[string(key)]
	if !ok {
		return
	}
	r.cells[c] = r.plain(c, value)
}

func (r *recordFile) plain(c int, value []byte) []byte {
	if string(value) == "null" {
		return nil
	}
	if value[0] != '"' {
		return value
	}
	from := len(r.arena)
	r.arena = unquote(r.arena, value)
	text := r.arena[from:len(r.arena):len(r.arena)]
	if bytes.IndexByte(text, 0) >= 0 || r.dec.Bad && !validText(text) {
		r.row.Problems = append(r.row.Problems, source.NewProblem(c, "bad_encoding", text))
		return raw.Mend(text)
	}
	return text
}

func (r *recordFile) Notes() []source.Note { return nil }

func (r *recordFile) Progress() (done, total int64) { return r.from.Taken(), r.file.Size }

func (r *recordFile) Close() error { return r.from.Close() }

// jsonGrid gives arrays of JSON values as records of a grid.
type jsonGrid struct {
	*recordFile
	rec grid.Record
}

func openJSONGrid(r *recordFile, o source.Options, info *source.Info) (source.Rows, error) {
	if err := r.start(); err != nil {
		return nil, err
	}
	s, err := grid.Take(&jsonGrid{recordFile: r}, o, false)
	if err != nil {
		return nil, err
	}
	l, err := s.Layout(o)
	if err != nil {
		r.Close()
		return nil, err
	}
	l.Describe(info)
	return grid.NewRows(&jsonGrid{recordFile: r}, l), r.start()
}

func (g *jsonGrid) Next() (*grid.Record, error) {
	v, line, code, err := g.record()
	if err != nil {
		return nil, err
	}
	g.rec = grid.Record{Line: line, Cells: g.rec.Cells[:0]}
	if code != "" && code != "not_a_record" || len(v) == 0 || v[0] != '[' {
		g.rec.Problems = append(g.rec.Problems, source.NewProblem(-1, cmp.Or(code, "not_a_record"), v))
		return &g.rec, nil
	}
	g.arena = slices.Grow(g.arena[:0], len(v)+64)
	for i := 1; ; {
		for i < len(v) && (v[i] == ',' || v[i] <= ' ') {
			i++
		}
		if i >= len(v) || v[i] == ']' {
			return &g.rec, nil
		}
		k := valueEnd(v, i)
		g.rec.Cells = append(g.rec.Cells, g.plain(len(g.rec.Cells), v[i:k]))
		i = k
	}
}
