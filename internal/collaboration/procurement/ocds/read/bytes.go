package read

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

// A gzip file may unpack to ratio times its size; only what unpacks to more than
// harmless bytes is asked. The densest real file seen unpacks 30-fold.
const (
	ratio    = 200
	harmless = 16 << 20
)

// counter counts the packed bytes that were read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// source gives the bytes of a file, unpacked, and knows where it is.
type source struct {
	r      io.Reader
	packed *counter // nil if the file is plain
	buf    []byte
	pos    int   // in buf
	start  int64 // offset of buf[0]
	line   int
	bol    int64 // offset at which the line begins
	err    error // why buf is the last of it
}

const window = 64 << 10

// open recognises gzip by its first bytes, and steps over a byte-order mark.
func open(r io.Reader) *source {
	s := &source{line: 1, buf: make([]byte, 0, window)}
	c := &counter{r: r}
	head := bufio.NewReaderSize(c, window)
	if magic, _ := head.Peek(2); string(magic) == "\x1f\x8b" {
		s.packed = c
		z, err := gzip.NewReader(head)
		if err != nil {
			s.err = err
			return s
		}
		head = bufio.NewReaderSize(z, window)
	}
	s.r = head
	if mark, _ := head.Peek(3); string(mark) == "\xef\xbb\xbf" {
		head.Discard(3)
	}
	return s
}

// whole is a source of a text that is there already: nothing is copied, and a
// small value needs no window.
func whole(text []byte) *source {
	rest := bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	return &source{line: 1, buf: rest, start: int64(len(text) - len(rest)), err: io.EOF}
}

// errBomb says that a gzip file unpacks to far more than data does.
var errBomb = errors.New("unpacks to too much")

// fill reads on when buf is used up. It reports whether there is a byte.
func (s *source) fill() bool {
	for s.pos >= len(s.buf) {
		if s.err != nil {
			return false
		}
		s.start += int64(len(s.buf))
		s.pos = 0
		n, err := s.r.Read(s.buf[:window])
		s.buf, s.err = s.buf[:n], err
		if s.packed != nil && s.start > harmless && s.start/ratio > s.packed.n {
			s.buf, s.err = s.buf[:0], errBomb
		}
	}
	return true
}

// peek returns the next byte without taking it, or 0 at the end.
func (s *source) peek() byte {
	if s.pos < len(s.buf) || s.fill() {
		return s.buf[s.pos]
	}
	return 0
}

// ended reports whether nothing is left.
func (s *source) ended() bool { return s.pos >= len(s.buf) && !s.fill() }

// take steps over a byte that peek showed.
func (s *source) take() {
	if s.buf[s.pos] == '\n' {
		s.line++
		s.bol = s.offset() + 1
	}
	s.pos++
}

func (s *source) offset() int64 { return s.start + int64(s.pos) }

// space steps over white space.
func (s *source) space() {
	for !s.ended() {
		switch s.buf[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.take()
		default:
			return
		}
	}
}

// restOfLine steps over everything up to the end of the line.
func (s *source) restOfLine() {
	for !s.ended() {
		end := s.buf[s.pos] == '\n'
		s.take()
		if end {
			return
		}
	}
}

// ending says why the file ended, as a kind of fault; "" if as it should.
func (s *source) ending() (kind string, cause error) {
	switch {
	case s.err == nil || errors.Is(s.err, io.EOF):
		return "", nil
	case errors.Is(s.err, errBomb):
		return Bomb, nil
	case s.packed == nil:
		return Input, s.err
	case errors.Is(s.err, io.ErrUnexpectedEOF):
		return GzipShort, s.err
	}
	return Gzip, s.err
}
