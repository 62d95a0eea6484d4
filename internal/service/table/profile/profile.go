package profile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/open"
)

// Limits of what a table may be.
const (
	MaxColumns  = 1500 // SQLite holds 2,000; we add a few
	MaxIndexed  = 6    // columns with an index besides the key and the place
	sampleRows  = 20
	sampleBytes = 2000 // of a cell
)

// Options say how to profile a file.
type Options struct {
	Source   source.Options      // how to read the file; the zero value sniffs everything
	Declared map[string]Declared // by column name: what the publisher corrected
	Key      string              // the column that names a row; "" lets the profile choose, "-" means none
	Index    []string            // columns to index; nil lets the profile choose
}

// Declared is what a publisher says about a column. Zero fields leave the
// profile's finding.
type Declared struct {
	Type         table.Type `json:"type,omitempty"`
	Label        string     `json:"label,omitempty"`
	NullWords    []string   `json:"nullWords,omitempty"`
	DayFirst     *bool      `json:"dayFirst,omitempty"`
	DecimalComma *bool      `json:"decimalComma,omitempty"`
	Unit         string     `json:"unit,omitempty"`
}

// Profile is what one pass over all rows of a file found out. It is shown to
// the publisher, may be corrected through Options, and directs package build.
type Profile struct {
	Source    source.Options   `json:"source"`
	Format    string           `json:"format"`
	Encoding  string           `json:"encoding,omitempty"`
	Delimiter string           `json:"delimiter,omitempty"`
	Rows      int64            `json:"rows"`
	Columns   []table.Column   `json:"columns"`
	Key       string           `json:"key,omitempty"`
	Index     []string         `json:"index,omitempty"`
	Geo       *table.Geo       `json:"geo,omitempty"`
	Problems  map[string]int64 `json:"problems,omitempty"` // of whole rows, by code: ragged and the like
	Notes     []table.Note     `json:"notes,omitempty"`
	Sample    [][]*string      `json:"sample,omitempty"` // the first rows as they stand in the file; nil is an absent cell
}

// Column returns the column called name and its position, or nil and -1.
func (p *Profile) Column(name string) (*table.Column, int) { return table.ColumnNamed(p.Columns, name) }

// File reads every row of the file at path once and proposes a type for
// each column, a key, columns to index and the place of the rows. It fails with
// a fault when the file cannot be read as a table at all.
func File(ctx context.Context, path string, opts Options, progress table.Progress) (*Profile, error) {
	opts.Source.MaxColumns = MaxColumns
	in, err := open.File(ctx, path, opts.Source)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	info := in.Info()
	p := &Profile{Source: opts.Source, Format: info.Format, Encoding: info.Encoding, Delimiter: info.Delimiter, Problems: map[string]int64{}}
	for i, name := range info.Names {
		c := table.Column{Name: name}
		if i < len(info.Labels) && info.Labels[i] != name {
			c.Label = info.Labels[i]
		}
		p.Columns = append(p.Columns, c)
	}
	tallies := p.tallies(opts)
	if err := p.readAll(ctx, in, tallies, progress); err != nil {
		return nil, err
	}
	for _, n := range in.Info().Notes { // complete only now
		p.Notes = append(p.Notes, noteFrom(n))
	}
	return p, p.settle(tallies, opts, info)
}

// noteFrom puts a remark of the reader beside our own.
func noteFrom(n source.Note) table.Note {
	note := table.Note{Key: "table.note." + n.Code}
	for _, name := range slices.Sorted(maps.Keys(n.Args)) {
		note.Args = append(note.Args, name, n.Args[name])
	}
	return note
}

func (p *Profile) tallies(opts Options) []*tally {
	all := make([]*tally, len(p.Columns))
	for i := range all {
		all[i] = newTally()
		all[i].voids = wordSet(opts.Declared[p.Columns[i].Name].NullWords...)
	}
	for n, i := range p.keyCandidates() {
		if n < 4 {
			all[i].unique = &uniqueness{growing: true, last: math.MinInt64}
		}
	}
	return all
}

// keyCandidates lists columns whose name says identifier, and the first.
func (p *Profile) keyCandidates() []int {
	var out []int
	for i := range p.Columns {
		if nameHas(p.Columns[i].Name, "id", "uuid", "guid", "key", "code", "codigo", "ref", "reference", "no", "number", "numero", "folio", "ocid", "serial") {
			out = append(out, i)
		}
	}
	if len(p.Columns) > 0 && !slices.Contains(out, 0) {
		out = append(out, 0)
	}
	slices.Sort(out)
	return out
}

func (p *Profile) readAll(ctx context.Context, in *source.Reader, tallies []*tally, progress table.Progress) error {
	for {
		row, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("profile: %w", err)
		}
		for i, t := range tallies {
			t.see(row.Cells[i])
		}
		for _, pr := range row.Problems {
			if pr.Column < 0 {
				p.Problems[pr.Code]++
			}
		}
		if p.Rows < sampleRows {
			p.Sample = append(p.Sample, copyCells(row.Cells))
		}
		p.Rows++
		if p.Rows&8191 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			done, total := in.Bytes()
			progress.Tell("table.stage.profile", done, total)
		}
	}
	for _, t := range tallies {
		t.finish()
	}
	return ctx.Err()
}

func copyCells(cells [][]byte) []*string {
	out := make([]*string, len(cells))
	for i, c := range cells {
		if c != nil {
			s := string(c[:min(len(c), sampleBytes)])
			out[i] = &s
		}
	}
	return out
}

// settle turns the counts into decisions.
func (p *Profile) settle(tallies []*tally, opts Options, info source.Info) error {
	for name, d := range opts.Declared {
		if c, _ := p.Column(name); c == nil {
			return table.UnknownColumn(name)
		}
		if d.Type != "" && !d.Type.Known() {
			return fault.New(fault.Invalid, "table.unknown_type", "column", name, "type", string(d.Type))
		}
	}
	commaFile := p.commaFile(tallies)
	for i := range p.Columns {
		c := &p.Columns[i]
		v := verdict{t: tallies[i], col: c, commaFile: commaFile, declared: opts.Declared[c.Name]}
		v.decide()
		if c.Name == info.GeometryColumn && v.declared.Type == "" {
			c.Type, c.Misfit = table.Geometry, v.t.filled-v.t.nulls-v.t.shape
		}
		p.Notes = append(p.Notes, v.notes...)
	}
	p.findPlace(tallies)
	return p.choose(tallies, opts)
}

// commaFile reports that columns which can be read in one way only are written
// with a decimal comma, and none with a point: the undecided follow them.
func (p *Profile) commaFile(tallies []*tally) bool {
	commas := false
	for _, t := range tallies {
		n := t.filled - t.nulls
		switch {
		case n == 0 || t.point.fit == t.comma.fit || max(t.point.fit, t.comma.fit)*100 < n*99:
		case t.point.fit > t.comma.fit:
			return false
		default:
			commas = true
		}
	}
	return commas
}

// findPlace looks for coordinates: geometry, pairs, or two named columns.
func (p *Profile) findPlace(tallies []*tally) {
	lat, lon := -1, -1
	for i := range p.Columns {
		c := &p.Columns[i]
		switch {
		case c.Type == table.Geometry:
			p.Geo = &table.Geo{Shape: c.Name}
			return
		case c.Type == table.Point && p.Geo == nil:
			p.Geo = &table.Geo{Point: c.Name}
		case lat < 0 && isCoordinate(c, tallies[i], table.Latitude, latNames, 90):
			lat = i
		case lon < 0 && isCoordinate(c, tallies[i], table.Longitude, lonNames, 180):
			lon = i
		}
	}
	if lat >= 0 && lon >= 0 {
		p.Columns[lat].Type, p.Columns[lon].Type = table.Latitude, table.Longitude
		p.Geo = &table.Geo{Lat: p.Columns[lat].Name, Lon: p.Columns[lon].Name}
	}
}

func isCoordinate(c *table.Column, t *tally, want table.Type, names map[string]bool, limit float64) bool {
	if c.Type == want {
		return true
	}
	s := t.point
	if c.DecimalComma {
		s = t.comma
	}
	short := len(c.Name) == 1 // x and y are often something else: whole numbers
	return !c.Declared && c.Type == table.Number && names[nameWords(c.Name)] && s.min >= -limit && s.max <= limit &&
		!(short && s.integral*2 > s.fit)
}

// choose picks the key and the columns to index, or checks the publisher's.
func (p *Profile) choose(tallies []*tally, opts Options) error {
	for i, t := range tallies {
		p.Columns[i].Unique = t.unique.unique() && p.Columns[i].Misfit == 0
		t.unique = nil
	}
	if err := p.chooseKey(opts.Key); err != nil {
		return err
	}
	if opts.Index == nil {
		p.Index = p.worthIndexing(tallies)
		return nil
	}
	for _, name := range opts.Index {
		c, _ := p.Column(name)
		if c == nil {
			return table.UnknownColumn(name)
		}
		if len(p.Index) < MaxIndexed && name != p.Key && !slices.Contains(p.Index, name) {
			p.Index = append(p.Index, name)
		}
	}
	return nil
}

func (p *Profile) chooseKey(declared string) error {
	if declared == "-" {
		return nil
	}
	if declared != "" {
		c, _ := p.Column(declared)
		if c == nil {
			return table.UnknownColumn(declared)
		}
		p.Key = declared // package build proves it
		return nil
	}
	for _, i := range p.keyCandidates() {
		if c := &p.Columns[i]; c.Unique && (c.Type == table.Integer || c.Type == table.Text) {
			p.Key = c.Name
			return nil
		}
	}
	return nil
}

// worthIndexing prefers dates, districts, then the columns with few values
// that people filter by, then those with up to some thousands.
func (p *Profile) worthIndexing(tallies []*tally) []string {
	type candidate struct {
		name string
		rank int64
	}
	var all []candidate
	for i := range p.Columns {
		c := &p.Columns[i]
		d := c.Distinct
		rank := int64(-1)
		switch {
		case c.Name == p.Key || d < 2 || c.Filled == 0:
		case c.Type.Temporal():
			rank = 0
		case c.Type == table.District:
			rank = 1
		case (c.Type == table.Text || c.Type == table.Boolean || c.Type == table.Integer) && d <= 20_000 && d*5 <= max(c.Filled, 50) && tallies[i].longest <= 100:
			rank = 10 + d
		}
		if rank >= 0 {
			all = append(all, candidate{c.Name, rank})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return int(a.rank - b.rank) })
	var out []string
	for _, c := range all[:min(len(all), MaxIndexed)] {
		out = append(out, c.name)
	}
	return out
}

// Schema describes what a file will hold once it is built as profiled.
func (p *Profile) Schema() table.TableSchema { return table.SchemaOf(p.Columns, p.Key) }
