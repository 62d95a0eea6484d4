package geo

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
)

const (
	// importBatch is how many places one transaction writes: an import that is
	// cut off keeps what it has done, and starting it again changes nothing.
	importBatch = 500
	// maxReasons is how many skipped lines an Import names; it counts them all.
	maxReasons = 1000
	// maxLine is the longest line of a GeoNames file that is read, in bytes.
	maxLine = 1 << 20
	// maxAlt is how many other names of one place are kept.
	maxAlt = 60
)

// Import is what an import did.
type Import struct {
	Added, Changed, Same, Skipped int
	Elsewhere                     int       // lines about other countries, not counted as skipped
	Reasons                       []Skipped // the first thousand
}

// Skipped is a line that was left out, and why: a fault with its sentence.
type Skipped struct {
	Line int // of the file, from 1
	Err  error
}

func (r *Import) skip(line int, err error) {
	r.Skipped++
	if len(r.Reasons) < maxReasons {
		r.Reasons = append(r.Reasons, Skipped{line, err})
	}
}

// importer gathers places into batches and writes them.
type importer struct {
	d       *db.DB
	batch   []Place
	lines   []int
	waiting map[string]bool // source ids in batch
	report  Import
}

// add takes one place of the file; it writes when the batch is full or already
// holds another version of the same place.
func (m *importer) add(ctx context.Context, line int, p Place) error {
	if err := p.settle(); err != nil {
		m.report.skip(line, err)
		return nil
	}
	if m.waiting[p.SourceID] || len(m.batch) >= importBatch {
		if err := m.flush(ctx); err != nil {
			return err
		}
	}
	m.waiting[p.SourceID] = true
	m.batch, m.lines = append(m.batch, p), append(m.lines, line)
	return nil
}

// flush writes the batch in one transaction.
func (m *importer) flush(ctx context.Context) error {
	if len(m.batch) == 0 {
		return nil
	}
	var done [3]int
	err := m.d.Update(ctx, func(tx *db.Tx) error {
		done = [3]int{} // Update may run this more than once
		was, err := m.stored(ctx, tx)
		if err != nil {
			return err
		}
		for i := range m.batch {
			outcome, err := m.batch[i].write(ctx, tx, was[m.batch[i].SourceID])
			if err != nil {
				return fmt.Errorf("line %d: %w", m.lines[i], err)
			}
			done[outcome]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	m.report.Same, m.report.Added, m.report.Changed =
		m.report.Same+done[Same], m.report.Added+done[Added], m.report.Changed+done[Changed]
	m.batch, m.lines, m.waiting = m.batch[:0], m.lines[:0], map[string]bool{}
	return nil
}

// stored returns the entries that the batch will meet, by source id.
func (m *importer) stored(ctx context.Context, tx *db.Tx) (map[string]*Place, error) {
	ids := make([]string, len(m.batch))
	for i, p := range m.batch {
		ids[i] = p.SourceID
	}
	in, args := db.In(2, ids)
	places, err := listPlaces(ctx, tx, `WHERE source = $1 AND source_id IN `+in, append([]any{m.batch[0].Source}, args...)...)
	was := make(map[string]*Place, len(places))
	for i := range places {
		was[places[i].SourceID] = &places[i]
	}
	return was, err
}

// GeoNames is the source of places read by both importers, and its licence.
const (
	GeoNames        = "GeoNames"
	GeoNamesLicence = "CC BY 4.0"
)

// ImportGeoNames reads a file in the text format of GeoNames (a country file
// such as BZ.txt, or allCountries.txt: 19 columns, tabs between, no header) as a
// stream, and adds or updates the places of Belize. Lines that cannot be used
// are counted and named, and never stop the rest. Reading the same file again
// changes nothing. The caller has checked who asks.
func ImportGeoNames(ctx context.Context, d *db.DB, r io.Reader) (Import, error) {
	m := &importer{d: d, waiting: map[string]bool{}}
	in := bufio.NewReaderSize(r, 64<<10)
	for n := 1; ; n++ {
		line, whole, err := readLine(in)
		if errors.Is(err, io.EOF) {
			return m.report, m.flush(ctx)
		}
		if err != nil {
			return m.report, fmt.Errorf("line %d: %w", n, err)
		}
		if !whole {
			m.report.skip(n, fault.New(fault.Invalid, "geo.line_too_long", "max", maxLine))
		} else if err := m.geoNamesLine(ctx, n, line); err != nil {
			return m.report, err
		}
	}
}

// readLine returns the next line without its end, and whether it was short
// enough to hold. A longer one is read to its end and thrown away.
func readLine(in *bufio.Reader) (line string, whole bool, err error) {
	var b []byte
	whole = true
	for {
		part, more, err := in.ReadLine()
		if err != nil {
			return "", whole, err
		}
		if len(b)+len(part) > maxLine {
			whole = false
			b = nil
		}
		if whole {
			b = append(b, part...)
		}
		if !more {
			return string(b), whole, nil
		}
	}
}

func (m *importer) geoNamesLine(ctx context.Context, n int, line string) error {
	if line == "" {
		return nil
	}
	col := strings.Split(strings.TrimPrefix(line, "\ufeff"), "\t")
	if len(col) != 19 {
		m.report.skip(n, fault.New(fault.Invalid, "geo.columns", "n", len(col), "want", 19))
		return nil
	}
	if col[8] != "BZ" {
		m.report.Elsewhere++
		return nil
	}
	p, err := geoNamesPlace(col)
	if err != nil {
		m.report.skip(n, err)
		return nil
	}
	return m.add(ctx, n, p)
}

// geoNamesPlace makes a place of the columns: geonameid, name, asciiname,
// alternatenames, latitude, longitude, feature class, feature code, country,
// cc2, admin1, admin2, admin3, admin4, population, elevation, dem, time zone,
// modification date.
func geoNamesPlace(col []string) (Place, error) {
	p := Place{Code: col[7], Name: col[1], Source: GeoNames, SourceID: col[0], Licence: GeoNamesLicence}
	if err := readable(col...); err != nil {
		return p, err
	}
	if _, err := strconv.ParseUint(col[0], 10, 64); err != nil {
		return p, fault.New(fault.Invalid, "geo.not_a_number", "column", "geonameid", "text", col[0])
	}
	if err := p.setPoint(col[4], col[5]); err != nil {
		return p, err
	}
	if err := p.setPopulation(col[14]); err != nil {
		return p, err
	}
	p.Kind = kindOf(col[6], col[7], p.Population)
	p.Alt = alternatives(p.Name, append([]string{col[2]}, strings.Split(col[3], ",")...))
	for _, d := range atlas().districts {
		if d.Admin1 == col[10] {
			p.Stated = d.Code
		}
	}
	return p, nil
}

// readable refuses text that a database or a page cannot hold.
func readable(values ...string) error {
	for _, v := range values {
		if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
			return fault.New(fault.Invalid, "geo.not_text")
		}
	}
	return nil
}

func (p *Place) setPoint(lat, lon string) error {
	var err error
	if p.Point.Lat, err = strconv.ParseFloat(strings.TrimSpace(lat), 64); err != nil {
		return fault.New(fault.Invalid, "geo.not_a_number", "column", "lat", "text", lat)
	}
	if p.Point.Lon, err = strconv.ParseFloat(strings.TrimSpace(lon), 64); err != nil {
		return fault.New(fault.Invalid, "geo.not_a_number", "column", "lon", "text", lon)
	}
	return nil
}

// setPopulation reads a number of people; GeoNames writes 0 for unknown.
func (p *Place) setPopulation(text string) error {
	if text = strings.TrimSpace(text); text == "" || text == "0" {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return fault.New(fault.Invalid, "geo.not_a_number", "column", "population", "text", text)
	}
	p.Population = &n
	return nil
}

// alternatives keeps the other names that fold to something new.
func alternatives(name string, others []string) []string {
	seen := map[string]bool{foldName(name): true, "": true}
	var out []string
	for _, o := range others {
		o = strings.TrimSpace(o)
		if f := foldName(o); !seen[f] && len(out) < maxAlt && len(o) <= 200 {
			seen[f] = true
			out = append(out, o)
		}
	}
	return out
}

// kindOf maps GeoNames' feature class and code. A settlement is a town when it
// is a seat of government or has 5,000 people.
func kindOf(class, code string, people *int64) Kind {
	switch {
	case class == "P" && (code == "PPLC" || code == "PPLA" || code == "PPLG" || people != nil && *people >= 5000):
		return Town
	case class == "P" && code == "PPLX":
		return Neighbourhood
	case class == "P":
		return Village
	case class == "T" && (strings.HasPrefix(code, "ISL") || code == "ATOL"):
		return Caye
	case class == "A", class == "L":
		return Area
	case class == "R":
		return Road
	case class == "S":
		return Facility
	case class == "H", class == "U":
		return Water
	}
	return Landform
}

// ImportCSV reads places from a CSV file with a header, as a stream. It needs
// the columns name, lat and lon, and knows geonameid, district, fcode and
// population; others are ignored. A row without geonameid is known by its name
// and rounded place. Otherwise it is as ImportGeoNames.
func ImportCSV(ctx context.Context, d *db.DB, r io.Reader) (Import, error) {
	m := &importer{d: d, waiting: map[string]bool{}}
	in := csv.NewReader(r)
	in.ReuseRecord, in.FieldsPerRecord, in.LazyQuotes = true, -1, true
	header, err := readHeader(in)
	if err != nil {
		return m.report, err
	}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return m.report, m.flush(ctx)
		}
		line, _ := in.FieldPos(0)
		var bad *csv.ParseError
		switch {
		case errors.As(err, &bad):
			m.report.skip(bad.StartLine, fault.New(fault.Invalid, "geo.csv_broken").Wrap(err))
			continue
		case err != nil:
			return m.report, err
		}
		if p, err := header.place(row); err != nil {
			m.report.skip(line, err)
		} else if err := m.add(ctx, line, p); err != nil {
			return m.report, err
		}
	}
}

// header gives the number of each column by its name.
type header map[string]int

func readHeader(in *csv.Reader) (header, error) {
	row, err := in.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "geo.csv_broken").Wrap(err)
	}
	h := header{}
	for i, name := range row {
		h[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))] = i
	}
	for _, name := range []string{"name", "lat", "lon"} {
		if _, ok := h[name]; !ok {
			return nil, fault.New(fault.Invalid, "geo.column_missing", "column", name)
		}
	}
	return h, nil
}

func (h header) cell(row []string, name string) string {
	if i, ok := h[name]; ok && i < len(row) {
		return strings.Clone(strings.TrimSpace(row[i])) // row is used again
	}
	return ""
}

func (h header) place(row []string) (Place, error) {
	p := Place{Code: h.cell(row, "fcode"), Name: h.cell(row, "name"), Source: GeoNames, SourceID: h.cell(row, "geonameid"), Licence: GeoNamesLicence}
	if err := readable(row...); err != nil {
		return p, err
	}
	if err := p.setPoint(h.cell(row, "lat"), h.cell(row, "lon")); err != nil {
		return p, err
	}
	if err := p.setPopulation(h.cell(row, "population")); err != nil {
		return p, err
	}
	if said := h.cell(row, "district"); said != "" {
		d, ok := ParseDistrict(said)
		if !ok {
			return p, fault.New(fault.Invalid, "geo.district_unknown", "text", said)
		}
		p.Stated = d.Code
	}
	if p.SourceID == "" {
		p.SourceID = fmt.Sprintf("%s@%.3f,%.3f", foldName(p.Name), p.Point.Lat, p.Point.Lon)
	}
	p.Kind = kindOf("P", p.Code, p.Population)
	return p, nil
}
