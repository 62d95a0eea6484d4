package grid

import (
	"bytes"
	"slices"
	"strings"

	"ceiba/internal/service/table/source"
)

// Record is one raw record: as many cells as were written.
type Record struct {
	Line     int64 // where it starts, 1-based: physical line or sheet row
	Cells    [][]byte
	Spread   bool   // cells were filled from a cell merged over columns
	Down     []bool // by column: the cell was filled from a row above
	Problems []source.Problem
}

// Records gives the raw records of a file, from its start.
type Records interface {
	Next() (*Record, error)        // io.EOF at the end; valid until the next call
	Progress() (done, total int64) // bytes
	Notes() []source.Note
	Close() error
}

// clone copies a record out of its grid's memory.
func (r *Record) clone() Record {
	c := Record{Line: r.Line, Spread: r.Spread, Down: slices.Clone(r.Down), Problems: slices.Clone(r.Problems)}
	c.Cells = make([][]byte, len(r.Cells))
	for i, b := range r.Cells {
		c.Cells[i] = bytes.Clone(b)
	}
	return c
}

// filled counts the cells with something in them.
func (r *Record) filled() int {
	n := 0
	for _, c := range r.Cells {
		if !Blank(c) {
			n++
		}
	}
	return n
}

// distinct counts the filled cells, and one merged over columns once.
func (r *Record) distinct() int {
	if !r.Spread {
		return r.filled()
	}
	n := 0
	var last []byte
	for _, c := range r.Cells {
		if !Blank(c) && !bytes.Equal(c, last) {
			n++
			last = c
		}
	}
	return n
}

// trimmed is the width without empty cells at the end.
func (r *Record) trimmed() int {
	n := len(r.Cells)
	for n > 0 && Blank(r.Cells[n-1]) {
		n--
	}
	return n
}

// Blank reports a cell without a visible character.
func Blank(c []byte) bool {
	for _, b := range c {
		if b != ' ' && b != '\t' && b != '\r' && b != '\n' {
			return false
		}
	}
	return true
}

// comment reports a line that starts with # and has no other cell.
func (r *Record) comment() bool {
	return len(r.Cells) > 0 && bytes.HasPrefix(bytes.TrimLeft(r.Cells[0], " "), []byte("#")) && r.filled() == 1
}

// words gives the first n cells as trimmed text.
func (r *Record) words(n int) []string {
	out := make([]string, n)
	for i := range min(n, len(r.Cells)) {
		out[i] = strings.Join(strings.Fields(string(r.Cells[i])), " ")
	}
	return out
}

// equal reports the same filled cells in both.
func (r *Record) equal(q *Record, width int) bool {
	return r.filled() > 1 && slices.Equal(r.words(width), q.words(width))
}

func (r *Record) allWords() bool {
	for _, c := range r.Cells {
		if !Blank(c) && classify(c) != wordy {
			return false
		}
	}
	return true
}

// FillDown notes that a cell was filled from a row above.
func (r *Record) FillDown(c int) {
	for len(r.Down) <= c {
		r.Down = append(r.Down, false)
	}
	r.Down[c] = true
}
