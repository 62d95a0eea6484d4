package ogpfile

import (
	"io"
	"maps"
	"slices"
	"strings"

	"ceiba/internal/service/table/csv"

	"ceiba/internal/ground/fault"
)

// File is a table of commitments. It is not safe for use from several
// goroutines while somebody calls Set.
type File struct {
	bom   bool
	head  line
	rows  []line
	tail  []line            // blank lines at the end
	at    map[Column]int    // where each known column stands
	bent  map[Column]string // headings that were matched only with tolerance, as they stand
	extra []string          // headings that OGP does not have
	year  int               // the newest year in which something was submitted or reported
}

// Read reads a table. It must have the 19 columns of identity and the 86 tags;
// what else is missing, Missing tells. Errors are faults of kind Invalid whose
// sentence says in one line what is wrong.
func Read(r io.Reader) (*File, error) {
	text, err := textOf(r)
	if err != nil {
		return nil, err
	}
	f := &File{bom: strings.HasPrefix(text, "\ufeff")}
	lines, err := records(strings.TrimPrefix(text, "\ufeff"))
	if err != nil {
		return nil, err
	}
	f.head, f.rows = lines[0], lines[1:]
	for n := len(f.rows); n > 0 && f.rows[n-1].blank(); n-- {
		f.tail = append([]line{f.rows[n-1]}, f.tail...)
		f.rows = f.rows[:n-1]
	}
	if err := f.readHead(); err != nil {
		return nil, err
	}
	for _, l := range f.rows {
		if len(l.cells) != len(f.head.cells) {
			return nil, fault.New(fault.Invalid, "ogpfile.read.width", "line", l.at, "cells", len(l.cells), "columns", len(f.head.cells))
		}
	}
	if len(f.rows) == 0 {
		return nil, fault.New(fault.Invalid, "ogpfile.read.rows")
	}
	f.year = f.newestYear()
	return f, nil
}

// readHead finds the columns.
func (f *File) readHead() error {
	f.at, f.bent = map[Column]int{}, map[Column]string{}
	byPlain := map[string]Column{}
	for _, c := range columns {
		byPlain[plainHeading(string(c))] = c
	}
	for i, cell := range f.head.cells {
		c, ok := byPlain[plainHeading(cell)]
		if !ok {
			f.extra = append(f.extra, cell)
			continue
		}
		if _, twice := f.at[c]; twice {
			return fault.New(fault.Invalid, "ogpfile.read.twice", "column", string(c))
		}
		f.at[c] = i
		if cell != string(c) {
			f.bent[c] = cell
		}
	}
	for _, c := range columns[:identityColumns+len(tags)] {
		if !f.Has(c) {
			return fault.New(fault.Invalid, "ogpfile.read.missing", "column", string(c), "n", len(f.Missing()), "of", len(columns))
		}
	}
	return nil
}

// plainHeading is a heading without what may differ: case and white space.
func plainHeading(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.Trim(s, "\ufeff")), " "))
}

func (f *File) newestYear() (year int) {
	for _, r := range f.Rows() {
		for _, c := range []Column{ColSubmitted, ColReportYear, ColEndReportYear} {
			if n, ok := r.Value(c).Number(); ok {
				year = max(year, n)
			}
		}
	}
	return year
}

// Has tells whether the file has a column.
func (f *File) Has(c Column) bool { _, ok := f.at[c]; return ok }

// Missing returns the columns of OGP that the file lacks, in OGP's order.
func (f *File) Missing() (out []Column) {
	for _, c := range columns {
		if !f.Has(c) {
			out = append(out, c)
		}
	}
	return out
}

// Need says with a fault which of some columns the file lacks.
func (f *File) Need(cs ...Column) error {
	for _, c := range cs {
		if !f.Has(c) {
			return fault.New(fault.Invalid, "ogpfile.read.missing", "column", string(c), "n", len(f.Missing()), "of", len(columns))
		}
	}
	return nil
}

// Extra returns the headings that OGP does not have, in the file's order.
func (f *File) Extra() []string { return slices.Clone(f.extra) }

// Width is how many columns the file has, extra ones included.
func (f *File) Width() int { return len(f.head.cells) }

// Len is how many commitments the file has.
func (f *File) Len() int { return len(f.rows) }

// Row returns commitment i, from 0.
func (f *File) Row(i int) Row { return Row{f, i} }

// Rows returns all commitments in the file's order.
func (f *File) Rows() []Row {
	out := make([]Row, len(f.rows))
	for i := range out {
		out[i] = Row{f, i}
	}
	return out
}

// Find returns the first commitment with an identifier.
func (f *File) Find(id string) (Row, bool) {
	for _, r := range f.Rows() {
		if r.ID() == id {
			return r, true
		}
	}
	return Row{}, false
}

// Distinct counts the different values of a column: of ColMember for members,
// of ColPlan for action plans.
func (f *File) Distinct(c Column) int {
	seen := map[string]bool{}
	for _, r := range f.Rows() {
		seen[r.Text(c)] = true
	}
	return len(seen)
}

// Set changes one cell, for a repair that somebody has accepted. A column that
// the file lacks is not added.
func (f *File) Set(i int, c Column, text string) {
	at, ok := f.at[c]
	if !ok || f.rows[i].cells[at] == text {
		return
	}
	l := f.rows[i]
	l.cells, l.odd = slices.Clone(l.cells), maps.Clone(l.odd)
	l.cells[at] = text
	delete(l.odd, at)
	f.rows[i] = l
}

// Write writes the table as it was read, byte for byte but for the cells that
// Set changed.
func (f *File) Write(w io.Writer) error {
	if f.bom {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return err
		}
	}
	for _, l := range slices.Concat([]line{f.head}, f.rows, f.tail) {
		if err := l.write(w); err != nil {
			return err
		}
	}
	return nil
}

// Row is one commitment of a file.
type Row struct {
	file *File
	i    int
}

// N is the number of the row among the commitments, from 1.
func (r Row) N() int { return r.i + 1 }

// Line is the number of the row's first line in the file, from 1.
func (r Row) Line() int { return r.file.rows[r.i].at }

// ID is the commitment's identifier, such as JM0003.
func (r Row) ID() string { return r.Text(ColID) }

// Text is what a cell says: as it stands, without a guard of ours against
// spreadsheets; empty also where the file lacks the column.
func (r Row) Text(c Column) string {
	if at, ok := r.file.at[c]; ok {
		return csv.Unguard(r.file.rows[r.i].cells[at])
	}
	return ""
}

// Value is a cell with the way in which it may be missing.
func (r Row) Value(c Column) Value { return valueOf(r.Text(c)) }

// Extra is the cell under a heading that OGP does not have.
func (r Row) Extra(heading string) string {
	if at := slices.Index(r.file.head.cells, heading); at >= 0 {
		return r.file.rows[r.i].cells[at]
	}
	return ""
}

// Tags returns the tags that are set.
func (r Row) Tags() (out []Column) {
	for _, t := range tags {
		if r.Text(t.Column) == "1" {
			out = append(out, t.Column)
		}
	}
	return out
}
