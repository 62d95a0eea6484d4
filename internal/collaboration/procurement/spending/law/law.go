// Package law keeps the limits that rules of spending are judged by: what the
// law says, what is practice, what was proposed, and what we chose ourselves.
//
// Each is a line of a table (belize.csv) with the days on which it is in force,
// the place it is from, and whether that place itself was read. When the law
// changes, the old line gets a last day and a new line is added; no code
// changes, and what was judged by the old line stays as it was. A line without a
// value is a limit that is there but not known: rules then say so.
//
// Limits: values are decimal numbers of at most four places, amounts of two.
package law

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
)

//go:embed belize.csv
var belize []byte

// Basis is what a line stands on.
type Basis string

// The bases.
const (
	Statute  Basis = "law"
	Practice Basis = "practice"
	Proposal Basis = "proposal"
	Choice   Basis = "choice" // ours
)

// Unit is what a value counts. Any other than these is a currency.
type Unit string

// The units.
const (
	Count  Unit = "count"
	Days   Unit = "days"
	Month  Unit = "month"
	Edges  Unit = "edges"
	Factor Unit = "factor"
	Share  Unit = "share"
)

// Line is one parameter in the days in which it is in force.
type Line struct {
	Name     string
	Known    bool   // it has a value
	Value    Number // meaningless if not Known
	Unit     Unit
	From, To civil.Date // first and last day; 0 where there is none
	Basis    Basis
	Legal    outcome.Legal
}

// In tells whether the line is in force on a day.
func (l *Line) In(d civil.Date) bool { return d >= l.From && (l.To == 0 || d <= l.To) }

// Book is a table of parameters. It does not change, and serves many at once.
type Book struct {
	names  []string // in the order of the table
	byName map[string][]Line
	hashes sync.Map // of span, to text
}

// Belize is the table that the program comes with.
var Belize = sync.OnceValue(func() *Book {
	b, err := Read(belize)
	if err != nil {
		panic(err)
	}
	return b
})

// columns are those of the table, in their order.
var columns = []string{"name", "value", "unit", "valid_from", "valid_to", "basis", "legal_ref", "source", "url", "verified", "note"}

// Read reads a table. It refuses a line it does not understand, and two lines of
// one name that are in force on the same day.
func Read(text []byte) (*Book, error) {
	r := csv.NewReader(bytes.NewReader(text))
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("table of parameters: %w", err)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], columns) {
		return nil, errors.New("table of parameters: the first line has to be " + strings.Join(columns, ","))
	}
	b := &Book{byName: map[string][]Line{}}
	for i, row := range rows[1:] {
		l, err := lineOf(row)
		if err != nil {
			return nil, fmt.Errorf("table of parameters: line %d, %s: %w", i+2, row[0], err)
		}
		if b.byName[l.Name] == nil {
			b.names = append(b.names, l.Name)
		}
		b.byName[l.Name] = append(b.byName[l.Name], l)
	}
	return b, b.order()
}

// order sorts the lines of each name by day and sees that they do not overlap.
func (b *Book) order() error {
	for name, lines := range b.byName {
		slices.SortFunc(lines, func(a, b Line) int { return int(a.From) - int(b.From) })
		for i := 1; i < len(lines); i++ {
			if last := lines[i-1]; last.To == 0 || last.To >= lines[i].From {
				return fmt.Errorf("table of parameters: %s has two lines in force on %s", name, lines[i].From)
			}
			if lines[i].Unit != lines[0].Unit {
				return fmt.Errorf("table of parameters: %s is in %s and in %s", name, lines[0].Unit, lines[i].Unit)
			}
		}
	}
	return nil
}

func lineOf(row []string) (Line, error) {
	l := Line{Name: row[0], Unit: Unit(row[2]), Basis: Basis(row[5]), Legal: outcome.Legal{
		Ref: row[6], Source: row[7], URL: row[8], ValidFrom: row[3], ValidTo: row[4], Verified: row[9] == "yes", Note: row[10],
	}}
	var okFrom, okTo bool
	l.From, okFrom = day(row[3])
	l.To, okTo = day(row[4])
	switch {
	case l.Name == "" || l.Unit == "":
		return l, errors.New("a name and a unit are needed")
	case !okFrom || !okTo || l.To != 0 && l.To < l.From:
		return l, errors.New("valid_from and valid_to are days such as 2018-04-01, or empty")
	case !slices.Contains([]Basis{Statute, Practice, Proposal, Choice}, l.Basis):
		return l, errors.New("basis is law, practice, proposal or choice")
	case row[9] != "yes" && row[9] != "no":
		return l, errors.New("verified is yes or no")
	}
	if row[1] == "" {
		return l, nil
	}
	n, err := ParseNumber(row[1])
	if err != nil || !n.fits(l.Unit) {
		return l, fmt.Errorf("%q is no value in %s", row[1], l.Unit)
	}
	l.Known, l.Value = true, n
	return l, nil
}

func day(s string) (civil.Date, bool) {
	if s == "" {
		return 0, true
	}
	return civil.Parse(s)
}

// Names are those of all parameters, in the order of the table.
func (b *Book) Names() []string { return slices.Clone(b.names) }

// Lines are all lines of a parameter, the earliest first.
func (b *Book) Lines(name string) []Line { return slices.Clone(b.byName[name]) }

// At is the line of a parameter that is in force on a day. Without one, or
// without a value in it, ok is false.
func (b *Book) At(name string, d civil.Date) (l Line, ok bool) {
	for i := range b.byName[name] {
		if one := &b.byName[name][i]; one.In(d) {
			return *one, one.Known
		}
	}
	return Line{}, false
}

// span is part of the time for which a set of parameters is hashed.
type span struct {
	names    string
	from, to civil.Date // 0 where there is no end
}

// Hash is a digest of the lines of some parameters that are in force on any day
// from the first to the last. A line for other days does not change it, nor do
// the words of a line: only what is computed with does.
func (b *Book) Hash(names []string, first, last civil.Date) string {
	s := span{strings.Join(names, " "), 0, 0}
	for _, name := range names { // the stretch around the days in which nothing changes
		for i := range b.byName[name] {
			s = s.within(&b.byName[name][i], first, last)
		}
	}
	if known, ok := b.hashes.Load(s); ok {
		return known.(string)
	}
	d := outcome.NewDigest("parameters")
	for _, name := range names {
		for _, l := range b.byName[name] {
			if (l.To == 0 || l.To >= first) && l.From <= last {
				d.Add(l.Name, l.text(), string(l.Unit), l.From.String(), l.To.String())
			}
		}
	}
	sum := d.Sum()
	b.hashes.Store(s, sum)
	return sum
}

// within narrows a span down to the nearest begins of lines around the days.
func (s span) within(l *Line, first, last civil.Date) span {
	for _, begin := range []civil.Date{l.From, l.To + 1} {
		if begin == 1 && l.To == 0 { // it has no end
			continue
		}
		if begin <= first {
			s.from = max(s.from, begin)
		}
		if begin > last && (s.to == 0 || begin < s.to) {
			s.to = begin
		}
		if begin > first && begin <= last { // changes in between: no wider than the days themselves
			s.from, s.to = max(s.from, first), last+1
		}
	}
	return s
}

// text is the value as it stands in a hash.
func (l *Line) text() string {
	if !l.Known {
		return ""
	}
	return l.Value.String()
}
