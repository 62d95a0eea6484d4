package grid

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"ceiba/internal/service/table/source"
)

// maxHeld is how many records are held back as perhaps a footer.
const maxHeld = 50

// shaper makes the records of a grid rows of the table: it leaves out blank
// rows, comments, repeated headers, footnotes and a second table, notes each,
// and reports records that are too short or too long.
type shaper struct {
	grid Records
	*Layout
	row     source.Row
	pad     [][]byte
	held    []Record // one-cell records that may be the footer, then the record that proves they are not
	give    int      // how many of held are to be given as rows
	ended   bool
	blanked bool // the last record was blank
	gap     bool // a blank record stood before the first held one
	firstAt int64
	lead    [24]byte
	leadLen int

	blankRows, comments, headers, footer span2
	second                               span2
	footerText                           []string
}

// span2 counts records and remembers the first and the last of their lines.
type span2 struct {
	n           int64
	first, last int64
}

func (s *span2) add(line int64) {
	if s.n == 0 {
		s.first = line
	}
	s.n++
	s.last = line
}

// NewRows returns the rows of the table that l found in g, which stands at its
// start.
func NewRows(g Records, l *Layout) source.Rows {
	return &shaper{grid: g, Layout: l, pad: make([][]byte, l.Width)}
}

func (s *shaper) Progress() (done, total int64) { return s.grid.Progress() }
func (s *shaper) Close() error                  { return s.grid.Close() }

// Next returns the next row of the table.
func (s *shaper) Next() (*source.Row, error) {
	for s.skip > 0 {
		if _, err := s.grid.Next(); err != nil {
			return nil, err
		}
		s.skip--
	}
	for {
		if s.give > 0 {
			return s.giveHeld(), nil
		}
		if s.ended {
			return nil, io.EOF
		}
		r, err := s.grid.Next()
		if err == io.EOF {
			s.ended = true
			s.finish()
			continue
		}
		if err != nil {
			return nil, err
		}
		if s.usual(r) || s.admit(r) {
			return s.shape(r), nil
		}
	}
}

// usual is the short way for a record with two cells filled at its start.
func (s *shaper) usual(r *Record) bool {
	return len(r.Cells) > 1 && len(s.held) == 0 && !s.blanked && s.second.n == 0 && !r.Spread &&
		len(r.Cells[0]) > 0 && len(r.Cells[1]) > 0 && !Blank(r.Cells[0]) && !Blank(r.Cells[1]) && !s.maybeHeader(r)
}

// maybeHeader reports that the first cell is a label of the first column.
func (s *shaper) maybeHeader(r *Record) bool {
	for _, h := range s.heads {
		if len(r.Cells) > 0 && len(h) > 0 && len(r.Cells[0]) >= len(h[0]) && bytes.Equal(bytes.TrimSpace(r.Cells[0]), []byte(h[0])) {
			return true
		}
	}
	return false
}

// admit decides on a record that may be no row of the table.
func (s *shaper) admit(r *Record) bool {
	n := r.distinct()
	switch {
	case s.second.n > 0:
		if n > 0 {
			s.second.add(r.Line)
		}
		return false
	case n == 0 && len(r.Problems) == 0:
		s.blankRows.add(r.Line)
		s.blanked = true
		return false
	case s.hashes && r.comment() && len(r.Cells) == 1:
		s.comments.add(r.Line)
		return false
	case s.repeats(r):
		s.headers.add(r.Line)
		return false
	case s.starts(r):
		s.holdAsFooter()
		s.second.add(r.Line)
		return false
	case s.lonely(r, n) && len(s.held) < maxHeld:
		if len(s.held) == 0 {
			s.gap = s.blanked
		}
		s.blanked = false
		s.held = append(s.held, r.clone())
		return false
	}
	s.blanked = false
	if len(s.held) == 0 {
		return true
	}
	s.held = append(s.held, r.clone())
	s.give = len(s.held)
	return false
}

// repeats reports the header once more, as at the top of each printed page.
func (s *shaper) repeats(r *Record) bool {
	if !s.maybeHeader(r) {
		return false
	}
	words := r.words(s.Raw)
	if r.trimmed() > s.Raw || r.filled() < 2 {
		return false
	}
	return slices.ContainsFunc(s.heads, func(h []string) bool { return slices.Equal(h, words) })
}

// starts reports the header of a second table: most labels of this one with
// some others, or, after a blank row, words in every column of numbers.
func (s *shaper) starts(r *Record) bool {
	if s.header < 0 || r.filled() < 2 {
		return false
	}
	if s.maybeHeader(r) {
		last := s.heads[len(s.heads)-1]
		same := 0
		for c, w := range r.words(len(r.Cells)) {
			if w != "" && c < len(last) && strings.EqualFold(w, last[c]) {
				same++
			}
		}
		return same >= 2 && same*10 >= 6*max(r.filled(), s.Width)
	}
	return s.blanked && r.strange(s.kinds, source.Options{})
}

// lonely reports a record with one cell in a table of several columns.
func (s *shaper) lonely(r *Record, distinct int) bool {
	if distinct != 1 || s.Width < 2 || len(r.Problems) > 0 {
		return false
	}
	if s.Width == 2 {
		return s.text && len(r.Cells) == 1
	}
	return !Blank(r.Cells[0]) || r.Spread
}

// giveHeld gives the oldest held record as a row.
func (s *shaper) giveHeld() *source.Row {
	r := s.held[0]
	s.held = s.held[1:]
	s.give--
	return s.shape(&r)
}

// finish decides on what is held at the end of the grid.
func (s *shaper) finish() {
	s.holdAsFooter()
	s.give = len(s.held)
}

// holdAsFooter takes held records out as the footer from the first that is
// unmistakably one on. The others stay rows.
func (s *shaper) holdAsFooter() {
	for i := range s.held {
		if !(i == 0 && s.gap && s.Width > 2) && !footnote(s.held[i].Cells, s.Width) {
			continue
		}
		for _, r := range s.held[i:] {
			s.footer.add(r.Line)
			if len(s.footerText) < 20 {
				s.footerText = append(s.footerText, source.Clip(bytes.TrimSpace(bytes.Join(r.Cells, []byte(" ")))))
			}
		}
		s.held = s.held[:i]
		break
	}
	s.give = len(s.held)
}

// footWords start the notes under a table.
var footWords = []string{"source", "note", "fuente", "nota", "n.b.", "remark", "*", "#", "//", "©", "(1)", "1)", "¹", "footnote", "disclaimer", "prepared by", "elaborad", "compiled by", "last updated", "copyright", "end of ", "report generated"}

func footnote(cells [][]byte, width int) bool {
	for _, c := range cells {
		if Blank(c) {
			continue
		}
		w := strings.ToLower(strings.TrimSpace(string(c)))
		for _, f := range footWords {
			if strings.HasPrefix(w, f) {
				return true
			}
		}
		return width > 2 && len(w) > 60
	}
	return false
}

// shape makes a row of a record.
func (s *shaper) shape(r *Record) *source.Row {
	s.row.Line = r.Line
	s.row.Problems = r.Problems
	s.firstAt = r.Line
	if len(r.Cells) > 0 {
		s.leadLen = copy(s.lead[:], r.Cells[0])
	}
	switch n := len(r.Cells); {
	case n == s.Width:
		s.row.Cells = r.Cells
	case n > s.Width:
		s.row.Cells = r.Cells[:s.Width]
		s.tooLong(r)
	default:
		k := copy(s.pad, r.Cells)
		clear(s.pad[k:])
		s.row.Cells = s.pad
		if s.text {
			s.row.Problems = append(s.row.Problems, source.NewProblem(-1, "ragged_short", bytes.Join(r.Cells, []byte(" | "))))
			r.Problems = s.row.Problems
		}
	}
	return &s.row
}

// tooLong reports cells after the last column. Empty ones are no loss where the
// whole file has them, or in a sheet.
func (s *shaper) tooLong(r *Record) {
	if r.trimmed() <= s.Width && (!s.text || len(r.Cells) <= s.Raw) {
		return
	}
	s.row.Problems = append(s.row.Problems, source.NewProblem(-1, "ragged_long", bytes.Join(r.Cells[s.Width:], []byte(" | "))))
	r.Problems = s.row.Problems
}

// Notes tells what was left out so far.
func (s *shaper) Notes() []source.Note {
	var out []source.Note
	for _, k := range []struct {
		code string
		span span2
	}{{"blank_rows", s.blankRows}, {"comments", s.comments}, {"repeated_header", s.headers}, {"second_table", s.second}, {"footer", s.footer}} {
		if k.span.n == 0 {
			continue
		}
		note := source.NewNote(k.code, "n", k.span.n, "line", k.span.first, "last", k.span.last)
		if k.code == "footer" {
			note.Args["text"] = strings.Join(s.footerText, "\n")
		}
		out = append(out, note)
	}
	lead := strings.ToLower(strings.TrimSpace(string(s.lead[:s.leadLen])))
	if s.ended && (strings.HasPrefix(lead, "total") || strings.HasPrefix(lead, "grand total") || strings.HasPrefix(lead, "gran total")) {
		out = append(out, source.NewNote("total_row", "line", s.firstAt))
	}
	return append(out, s.grid.Notes()...)
}
