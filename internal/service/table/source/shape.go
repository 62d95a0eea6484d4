package source

import (
	"bytes"
	"io"
	"slices"
	"strings"
)

// maxHeld is how many records are held back as perhaps a footer.
const maxHeld = 50

// shaper makes the records of a grid rows of the table: it leaves out blank
// rows, comments, repeated headers, footnotes and a second table, notes each,
// and reports records that are too short or too long.
type shaper struct {
	grid grid
	*layout
	row     Row
	pad     [][]byte
	held    []record // one-cell records that may be the footer, then the record that proves they are not
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

func newShaper(g grid, l *layout) *shaper {
	s := &shaper{grid: g, layout: l, pad: make([][]byte, l.width)}
	return s
}

func (s *shaper) progress() (done, total int64) { return s.grid.progress() }
func (s *shaper) close() error                  { return s.grid.close() }

// next returns the next row of the table.
func (s *shaper) next() (*Row, error) {
	for s.skip > 0 {
		if _, err := s.grid.next(); err != nil {
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
		r, err := s.grid.next()
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
func (s *shaper) usual(r *record) bool {
	return len(r.cells) > 1 && len(s.held) == 0 && !s.blanked && s.second.n == 0 && !r.spread &&
		len(r.cells[0]) > 0 && len(r.cells[1]) > 0 && !blank(r.cells[0]) && !blank(r.cells[1]) && !s.maybeHeader(r)
}

// maybeHeader reports that the first cell is a label of the first column.
func (s *shaper) maybeHeader(r *record) bool {
	for _, h := range s.heads {
		if len(r.cells) > 0 && len(h) > 0 && len(r.cells[0]) >= len(h[0]) && bytes.Equal(bytes.TrimSpace(r.cells[0]), []byte(h[0])) {
			return true
		}
	}
	return false
}

// admit decides on a record that may be no row of the table.
func (s *shaper) admit(r *record) bool {
	n := r.distinct()
	switch {
	case s.second.n > 0:
		if n > 0 {
			s.second.add(r.line)
		}
		return false
	case n == 0 && len(r.problems) == 0:
		s.blankRows.add(r.line)
		s.blanked = true
		return false
	case s.hashes && r.comment() && len(r.cells) == 1:
		s.comments.add(r.line)
		return false
	case s.repeats(r):
		s.headers.add(r.line)
		return false
	case s.starts(r):
		s.holdAsFooter()
		s.second.add(r.line)
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
func (s *shaper) repeats(r *record) bool {
	if !s.maybeHeader(r) {
		return false
	}
	words := r.words(s.raw)
	if r.trimmed() > s.raw || r.filled() < 2 {
		return false
	}
	return slices.ContainsFunc(s.heads, func(h []string) bool { return slices.Equal(h, words) })
}

// starts reports the header of a second table: most labels of this one with
// some others, or, after a blank row, words in every column of numbers.
func (s *shaper) starts(r *record) bool {
	if s.header < 0 || r.filled() < 2 {
		return false
	}
	if s.maybeHeader(r) {
		last := s.heads[len(s.heads)-1]
		same := 0
		for c, w := range r.words(len(r.cells)) {
			if w != "" && c < len(last) && strings.EqualFold(w, last[c]) {
				same++
			}
		}
		return same >= 2 && same*10 >= 6*max(r.filled(), s.width)
	}
	return s.blanked && r.strange(s.kinds, Options{})
}

// lonely reports a record with one cell in a table of several columns.
func (s *shaper) lonely(r *record, distinct int) bool {
	if distinct != 1 || s.width < 2 || len(r.problems) > 0 {
		return false
	}
	if s.width == 2 {
		return s.text && len(r.cells) == 1
	}
	return !blank(r.cells[0]) || r.spread
}

// giveHeld gives the oldest held record as a row.
func (s *shaper) giveHeld() *Row {
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
		if !(i == 0 && s.gap && s.width > 2) && !footnote(s.held[i].cells, s.width) {
			continue
		}
		for _, r := range s.held[i:] {
			s.footer.add(r.line)
			if len(s.footerText) < 20 {
				s.footerText = append(s.footerText, clip(bytes.TrimSpace(bytes.Join(r.cells, []byte(" ")))))
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
		if blank(c) {
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
func (s *shaper) shape(r *record) *Row {
	s.row.Line = r.line
	s.row.Problems = r.problems
	s.firstAt = r.line
	if len(r.cells) > 0 {
		s.leadLen = copy(s.lead[:], r.cells[0])
	}
	switch n := len(r.cells); {
	case n == s.width:
		s.row.Cells = r.cells
	case n > s.width:
		s.row.Cells = r.cells[:s.width]
		s.tooLong(r)
	default:
		k := copy(s.pad, r.cells)
		clear(s.pad[k:])
		s.row.Cells = s.pad
		if s.text {
			s.row.Problems = append(s.row.Problems, Problem{-1, "ragged_short", clip(bytes.Join(r.cells, []byte(" | ")))})
			r.problems = s.row.Problems
		}
	}
	return &s.row
}

// tooLong reports cells after the last column. Empty ones are no loss where the
// whole file has them, or in a sheet.
func (s *shaper) tooLong(r *record) {
	if r.trimmed() <= s.width && (!s.text || len(r.cells) <= s.raw) {
		return
	}
	s.row.Problems = append(s.row.Problems, Problem{-1, "ragged_long", clip(bytes.Join(r.cells[s.width:], []byte(" | ")))})
	r.problems = s.row.Problems
}

// notes tells what was left out so far.
func (s *shaper) notes() []Note {
	var out []Note
	for _, k := range []struct {
		code string
		span span2
	}{{"blank_rows", s.blankRows}, {"comments", s.comments}, {"repeated_header", s.headers}, {"second_table", s.second}, {"footer", s.footer}} {
		if k.span.n == 0 {
			continue
		}
		args := map[string]any{"n": k.span.n, "line": k.span.first, "last": k.span.last}
		if k.code == "footer" {
			args["text"] = strings.Join(s.footerText, "\n")
		}
		out = append(out, Note{k.code, args})
	}
	lead := strings.ToLower(strings.TrimSpace(string(s.lead[:s.leadLen])))
	if s.ended && (strings.HasPrefix(lead, "total") || strings.HasPrefix(lead, "grand total") || strings.HasPrefix(lead, "gran total")) {
		out = append(out, Note{"total_row", map[string]any{"line": s.firstAt}})
	}
	return append(out, s.grid.notes()...)
}
