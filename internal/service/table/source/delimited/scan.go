package delimited

import (
	"bytes"
	"errors"
	"io"

	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/grid"
)

// dialect is how a delimited file separates and quotes its cells.
type dialect struct {
	delim  byte
	quote  byte // 0: cells are never quoted
	escape byte // 0: only a doubled quote
	pad    bool // spaces after a delimiter belong to it
}

// reading is how a quote that fits no rule is understood.
type reading uint8

const (
	lazy    reading = iota // a quote inside a quoted cell is a character of it
	literal                // the quote that opened the cell is a character of it
	bare                   // a doubled quote before a delimiter is a character and the end
)

// span is one cell in the buffer.
type span struct {
	from, to int
	kind     uint8
}

const (
	spanQuoted uint8 = 1 << iota
	spanEscaped
	spanBad // the quotes of this cell fit no rule
)

// The buffer starts at bufSize and grows for long records up to maxRecord. A
// longer record is cut there, which is a problem of both halves.
const (
	bufSize   = 256 << 10
	maxRecord = 32 << 20
)

// A cell with a bad quote is read on for the quote that closes it so far and no
// farther: hostile text would have every line read to the end of the file. Once
// wasteBytes were read in vain, no cell is read on for more than lazyLeast.
const (
	lazyQuotes = 32
	lazyBytes  = 16 << 10
	lazyLeast  = 1 << 10
	wasteBytes = 8 << 20
)

var errMore = errors.New("record goes on after the buffer")

// scanner splits UTF-8 text into records. It allocates nothing per record that
// follows the rules.
type scanner struct {
	dialect
	src   io.Reader
	err   error // of src; io.EOF at the end
	buf   []byte
	pos   int // of the next record
	end   int // of the bytes in buf
	line  int64
	waste int // bytes read on in vain
	want  int // cells of a usual record, 0 while unknown: decides between readings

	stop  [256]bool // bytes that end an unquoted cell
	spans []span
	cells [][]byte
	trial []span
	rec   grid.Record
}

func newScanner(src io.Reader, d dialect, want int) *scanner {
	s := &scanner{dialect: d, src: src, want: want, line: 1, buf: make([]byte, bufSize)}
	for _, c := range []byte{d.delim, '\n', '\r'} {
		s.stop[c] = true
	}
	return s
}

// fill reads more, after moving the current record to the front.
func (s *scanner) fill() {
	if s.pos > 0 {
		copy(s.buf, s.buf[s.pos:s.end])
		s.end -= s.pos
		s.pos = 0
	}
	if s.end == len(s.buf) {
		bigger := make([]byte, min(2*len(s.buf), maxRecord))
		copy(bigger, s.buf[:s.end])
		s.buf = bigger
	}
	for s.end < len(s.buf) && s.err == nil {
		var n int
		n, s.err = s.src.Read(s.buf[s.end:])
		s.end += n
		if n > 0 {
			return
		}
	}
}

// final reports that the buffer holds all that this record will get.
func (s *scanner) final() bool {
	return s.err != nil || (s.pos == 0 && s.end == maxRecord)
}

// next returns the next record, or io.EOF. A blank line is a record with one
// empty cell.
func (s *scanner) next() (*grid.Record, error) {
	s.rec.Problems = s.rec.Problems[:0]
	for {
		if s.pos < s.end {
			n, err := s.split(lazy)
			if err == nil {
				return s.take(n), nil
			}
		} else if s.err != nil {
			if s.err == io.EOF {
				return nil, io.EOF
			}
			return nil, s.err
		}
		s.fill()
	}
}

// split finds the cells of the record at pos and returns where it ends.
func (s *scanner) split(how reading) (int, error) {
	s.spans = s.spans[:0]
	buf := s.buf[:s.end]
	i := s.pos
	for {
		if s.pad {
			for i < len(buf) && buf[i] == ' ' {
				i++
			}
		}
		var j int
		if s.quote != 0 && i < len(buf) && buf[i] == s.quote {
			var sp span
			sp, j = s.quoted(buf, i, how)
			s.spans = append(s.spans, sp)
		} else {
			j = i
			for j < len(buf) && !s.stop[buf[j]] {
				j++
			}
			s.spans = append(s.spans, span{from: i, to: j})
		}
		if j >= len(buf) {
			if s.final() {
				return len(buf), nil
			}
			return 0, errMore
		}
		if how != lazy && j-s.pos > 4*s.far() {
			s.waste += j - s.pos
			return 0, errMore // a second reading is not worth it
		}
		switch c := buf[j]; {
		case c == s.delim:
			i = j + 1
		case c == '\n':
			return j + 1, nil
		case j+1 < len(buf):
			if buf[j+1] == '\n' {
				return j + 2, nil
			}
			return j + 1, nil
		case s.final():
			return j + 1, nil
		default:
			return 0, errMore
		}
	}
}

// quoted reads the cell whose quote is at i, and returns it and where it ended.
func (s *scanner) quoted(buf []byte, i int, how reading) (span, int) {
	sp := span{from: i + 1, kind: spanQuoted}
	stray := 0
	for j := i + 1; ; {
		q := bytes.IndexByte(buf[j:], s.quote)
		if stray > lazyQuotes || ((stray > 0 || s.waste > wasteBytes) && j-i > s.far()) {
			s.waste += j - i
			return s.asWritten(buf, i)
		}
		if q < 0 {
			if (stray > 0 || s.waste > wasteBytes) && len(buf)-i > s.far() {
				s.waste += len(buf) - i
				return s.asWritten(buf, i)
			}
			if !s.final() {
				return sp, len(buf)
			}
			return s.unclosed(buf, i, how)
		}
		q += j
		if s.escape != 0 && s.escaped(buf[i+1:q]) {
			sp.kind |= spanEscaped
			j = q + 1
			continue
		}
		if q+1 < len(buf) && buf[q+1] == s.quote {
			if how == bare && (q+2 >= len(buf) || s.stop[buf[q+2]]) {
				sp.to = q + 1
				sp.kind |= spanBad
				return sp, q + 2
			}
			sp.kind |= spanEscaped
			j = q + 2
			continue
		}
		if e := s.closing(buf, q+1); e >= 0 {
			sp.to = q
			return sp, e
		}
		if how == literal {
			return s.asWritten(buf, i)
		}
		sp.kind |= spanBad | spanEscaped
		stray++
		j = q + 1
	}
}

// far is how far a cell is read on whose quote is bad.
func (s *scanner) far() int {
	if s.waste > wasteBytes {
		return lazyLeast
	}
	return lazyBytes
}

// closing returns where a quoted cell ends whose closing quote is before k, or
// -1 when that quote closes nothing.
func (s *scanner) closing(buf []byte, k int) int {
	for k < len(buf) && buf[k] == ' ' && s.delim != ' ' {
		k++
	}
	if k >= len(buf) || s.stop[buf[k]] {
		return k
	}
	return -1
}

// escaped reports that the quote after b is escaped: an odd number of escapes
// stands before it.
func (s *scanner) escaped(b []byte) bool {
	n := 0
	for n < len(b) && b[len(b)-1-n] == s.escape {
		n++
	}
	return n%2 == 1
}

// unclosed reads a cell whose quote is never closed: up to the end of the text
// in a lazy reading, else as it is written.
func (s *scanner) unclosed(buf []byte, i int, how reading) (span, int) {
	if how == literal {
		return s.asWritten(buf, i)
	}
	return span{from: i + 1, to: len(buf), kind: spanQuoted | spanEscaped | spanBad}, len(buf)
}

func (s *scanner) asWritten(buf []byte, i int) (span, int) {
	j := i
	for j < len(buf) && !s.stop[buf[j]] {
		j++
	}
	return span{from: i, to: j, kind: spanBad}, j
}

// take makes the record that ends at n out of the spans, after choosing another
// reading where the quotes or the width are wrong.
func (s *scanner) take(n int) *grid.Record {
	lines, bad := s.measure(n)
	if bad || (lines > 1 && s.want > 0 && len(s.spans) != s.want) {
		n, lines = s.reread(n, lines, bad)
	}
	s.rec.Line = s.line
	if n == maxRecord && s.err == nil {
		s.rec.Problems = append(s.rec.Problems, source.NewProblem(-1, "too_long", s.buf[:n]))
	}
	if s.want < 3 || len(s.spans) >= s.want || lines > 1 || !s.otherDelimiter(n) {
		s.cells = s.cells[:0]
		for _, sp := range s.spans {
			s.cells = append(s.cells, s.cell(sp))
		}
		s.rec.Cells = s.cells
	}
	s.line += lines
	s.pos = n
	return &s.rec
}

// measure counts the physical lines of the record that ends at n, and tells
// whether any of its quotes is bad.
func (s *scanner) measure(n int) (lines int64, bad bool) {
	lines = 1
	for _, sp := range s.spans {
		if sp.kind == 0 {
			continue
		}
		bad = bad || sp.kind&spanBad != 0
		lines += breaks(s.buf[sp.from:sp.to])
	}
	return lines, bad
}

// breaks counts line ends of any kind.
func breaks(b []byte) int64 {
	n := int64(bytes.Count(b, []byte{'\n'}))
	for i := bytes.IndexByte(b, '\r'); i >= 0; {
		if i+1 >= len(b) || b[i+1] != '\n' {
			n++
		}
		k := bytes.IndexByte(b[i+1:], '\r')
		if k < 0 {
			break
		}
		i += 1 + k
	}
	return n
}

// reread tries every reading of the record and keeps the one that comes
// nearest to the usual width, then the one on the fewest lines.
func (s *scanner) reread(n int, lines int64, bad bool) (int, int64) {
	best, bestLines, bestOff := n, lines, s.off()
	s.trial = append(s.trial[:0], s.spans...)
	for _, how := range []reading{bare, literal} {
		m, err := s.rereadAs(how, bad)
		if err != nil {
			continue
		}
		l, _ := s.measure(m)
		if off := s.off(); off < bestOff || (off == bestOff && l < bestLines) {
			best, bestLines, bestOff = m, l, off
			s.trial = append(s.trial[:0], s.spans...)
		}
	}
	s.spans = append(s.spans[:0], s.trial...)
	s.waste += max(0, n-best)
	for c, sp := range s.spans {
		if sp.kind&spanBad != 0 {
			s.rec.Problems = append(s.rec.Problems, source.NewProblem(c, "bad_quote", s.buf[sp.from:sp.to]))
		}
	}
	return best, bestLines
}

// rereadAs splits once more. A record over several lines without a bad quote
// may have swallowed the next lines: its first cell with a line end in it is
// then read as it is written.
func (s *scanner) rereadAs(how reading, bad bool) (int, error) {
	if bad || how != literal {
		return s.split(how)
	}
	quote := s.quote
	at := -1
	for _, sp := range s.spans {
		if sp.kind&spanQuoted != 0 && breaks(s.buf[sp.from:sp.to]) > 0 {
			at = sp.from - 1
			break
		}
	}
	if at < 0 {
		return 0, errMore
	}
	s.buf[at] = 0 // hides the quote while the record is split
	n, err := s.split(literal)
	s.buf[at] = quote
	for i := range s.spans {
		if s.spans[i].from == at {
			s.spans[i].kind |= spanBad
		}
	}
	return n, err
}

// off tells how far the spans are from the usual width.
func (s *scanner) off() int {
	if s.want == 0 {
		return 0
	}
	return max(len(s.spans)-s.want, s.want-len(s.spans))
}

// cell returns the text of a span, resolved in place.
func (s *scanner) cell(sp span) []byte {
	b := s.buf[sp.from:sp.to:sp.to]
	if sp.kind&spanEscaped == 0 {
		return b
	}
	w := 0
	for i := 0; i < len(b); i++ {
		c := b[i]
		if i+1 < len(b) {
			switch {
			case s.escape != 0 && c == s.escape && (b[i+1] == s.quote || b[i+1] == s.escape):
				i++
				c = b[i]
			case c == s.quote && b[i+1] == s.quote:
				i++
			}
		}
		b[w] = c
		w++
	}
	return b[:w:w]
}

// otherDelimiter splits a line that is too narrow by each other delimiter, and
// takes the cells when one of them gives exactly the usual width.
func (s *scanner) otherDelimiter(n int) bool {
	line := bytes.TrimRight(s.buf[s.pos:n], "\r\n")
	if len(line) > lazyBytes {
		return false
	}
	for _, d := range []byte{',', ';', '\t', '|', ' '} {
		if d == s.delim || bytes.Count(line, []byte{d}) < s.want-1 {
			continue
		}
		if cells, ok := splitLine(line, dialect{delim: d, quote: s.quote, escape: s.escape}); ok && len(cells) == s.want && (d != ' ' || !prose(cells)) {
			s.rec.Cells = cells
			s.rec.Problems = append(s.rec.Problems[:0], source.NewProblem(-1, "other_delimiter", line))
			return true
		}
	}
	return false
}

// prose reports fewer than three cells that are numbers or dates, as in a
// comment that happens to have as many words as the table has columns.
func prose(cells [][]byte) bool {
	n := 0
	for _, c := range cells {
		if !grid.Blank(c) && !grid.Wordy(c) {
			n++
		}
	}
	return n < 3
}

// splitLine splits one line by d, in memory of its own; ok is false where its
// quotes do not fit.
func splitLine(line []byte, d dialect) (cells [][]byte, ok bool) {
	t := newScannerBytes(bytes.Clone(line), d)
	n, err := t.split(lazy)
	if err != nil || n != t.end {
		return nil, false
	}
	for _, sp := range t.spans {
		if sp.kind&spanBad != 0 {
			return nil, false
		}
		cells = append(cells, t.cell(sp))
	}
	return cells, true
}

// newScannerBytes scans text that is wholly in memory, and owns it.
func newScannerBytes(text []byte, d dialect) *scanner {
	s := &scanner{dialect: d, line: 1, buf: text, end: len(text), err: io.EOF}
	for _, c := range []byte{d.delim, '\n', '\r'} {
		s.stop[c] = true
	}
	return s
}
