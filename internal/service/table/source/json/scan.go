package json

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"ceiba/internal/service/table/source"
)

// scanner walks JSON text as it streams by: it can step into objects and
// arrays, and take or skip a whole value.
type scanner struct {
	src  io.Reader
	buf  []byte
	pos  int
	end  int
	err  error
	line int64
}

// firstBuffer is how much text is held at first; it grows for longer records.
const firstBuffer = 256 << 10

// maxValue is the longest single record of a JSON file.
const maxValue = 64 << 20

// maxNesting is how deep lists and objects of one record may stand in each
// other. Tables of the wild stay below 20; what goes deeper is no table, and a
// parser that calls itself would run out of stack.
const maxNesting = 100

func newScanner(r io.Reader) *scanner {
	return &scanner{src: r, buf: make([]byte, firstBuffer), line: 1}
}

// more reads on, keeping the bytes from keep on, which move to the front.
func (j *scanner) more(keep int) error {
	if j.err != nil {
		return j.err
	}
	if keep > 0 {
		copy(j.buf, j.buf[keep:j.end])
		j.end -= keep
		j.pos -= keep
	}
	if j.end == len(j.buf) {
		if len(j.buf) >= maxValue {
			return source.Refuse("json_record_too_long")
		}
		j.buf = append(j.buf, make([]byte, len(j.buf))...)
	}
	var n int
	n, j.err = j.src.Read(j.buf[j.end:])
	j.end += n
	if n > 0 {
		return nil
	}
	return j.err
}

// peek returns the next byte that is not a space, without taking it.
func (j *scanner) peek() (byte, error) {
	for {
		for ; j.pos < j.end; j.pos++ {
			switch c := j.buf[j.pos]; c {
			case '\n':
				j.line++
			case ' ', '\t', '\r', 0x1e: // RFC 7464 separates records by 0x1e
			default:
				return c, nil
			}
		}
		if err := j.more(j.pos); err != nil {
			return 0, err
		}
	}
}

// take takes the next byte that is not a space if it is c.
func (j *scanner) take(c byte) bool {
	got, err := j.peek()
	if err != nil || got != c {
		return false
	}
	j.pos++
	return true
}

// value takes the next value whole; it is valid until the next call. It may be
// malformed inside: json.Valid tells.
func (j *scanner) value() ([]byte, error) {
	if _, err := j.peek(); err != nil {
		return nil, err
	}
	from, depth, inString := j.pos, 0, false
	for i := j.pos; ; {
		for ; i < j.end; i++ {
			c := j.buf[i]
			switch {
			case inString:
				if c == '\\' {
					i++
				} else if c == '"' {
					inString = false
				}
			case c == '"':
				inString = true
			case c == '{' || c == '[':
				if depth++; depth > maxNesting {
					return nil, source.Refuse("json_too_deep", "line", j.line, "max", maxNesting)
				}
				continue
			case c == '}' || c == ']':
				depth--
				if depth < 0 {
					return j.cut(from, i)
				}
			case depth == 0 && (c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ':'):
				return j.cut(from, i)
			case c != '"' && depth == 0:
				continue
			}
			if depth == 0 && !inString && (c == '}' || c == ']' || c == '"') {
				return j.cut(from, i+1)
			}
		}
		over := i - j.end // an escape may end the buffer
		at := j.end - from
		j.pos = from
		if err := j.more(from); err != nil {
			if err == io.EOF && depth == 0 && !inString && j.end > j.pos {
				return j.cut(j.pos, j.end)
			}
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return j.buf[j.pos:j.end], err
		}
		from = j.pos
		i = from + at + over
	}
}

// cut takes the bytes up to to.
func (j *scanner) cut(from, to int) ([]byte, error) {
	b := j.buf[from:to]
	j.line += int64(bytes.Count(b, []byte{'\n'}))
	j.pos = to
	if len(b) == 0 {
		return nil, errNoValue
	}
	return b, nil
}

var errNoValue = &json.SyntaxError{}

// key takes the next key of an object and its colon; ok is false at the end of
// the object.
func (j *scanner) key() (name string, ok bool, err error) {
	j.take(',')
	c, err := j.peek()
	if err != nil {
		return "", false, err
	}
	if c == '}' {
		j.pos++
		return "", false, nil
	}
	b, err := j.value()
	if err != nil {
		return "", false, err
	}
	name = string(unquote(nil, b))
	if !j.take(':') {
		return "", false, errNoValue
	}
	return name, true, nil
}

// skipLine takes the rest of the line, for going on after a bad record.
func (j *scanner) skipLine() []byte {
	from := j.pos
	for {
		if k := bytes.IndexByte(j.buf[j.pos:j.end], '\n'); k >= 0 {
			b := j.buf[from : j.pos+k]
			j.pos += k
			return b
		}
		j.pos = j.end
		at := j.pos - from
		j.pos = from
		err := j.more(from)
		from = j.pos
		j.pos = from + at
		if err != nil {
			j.pos = j.end
			return j.buf[from:j.end]
		}
	}
}

// fields calls each for every key and raw value of the object b, which is
// valid JSON.
func fields(b []byte, each func(key, value []byte)) {
	i := bytes.IndexByte(b, '{') + 1
	for {
		for i < len(b) && (b[i] == ',' || b[i] <= ' ') {
			i++
		}
		if i >= len(b) || b[i] == '}' {
			return
		}
		k := valueEnd(b, i)
		key := b[i+1 : k-1]
		for i = k; b[i] == ':' || b[i] <= ' '; i++ {
		}
		k = valueEnd(b, i)
		each(key, b[i:k])
		i = k
	}
}

// valueEnd returns where the value that starts at b[i] ends.
func valueEnd(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch c := b[i]; c {
		case '"':
			i = stringEnd(b, i)
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
			if depth < 0 {
				return i
			}
		case ',', ' ', '\n', '\r', '\t':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

// stringEnd returns the place of the quote that closes the string at b[i].
func stringEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		if b[i] == '\\' {
			i++
		} else if b[i] == '"' {
			return i
		}
	}
	return i
}

// unquote appends the text of a JSON string, with or without its quotes.
func unquote(out, b []byte) []byte {
	if len(b) >= 2 && b[0] == '"' && b[len(b)-1] == '"' {
		b = b[1 : len(b)-1]
	}
	for {
		k := bytes.IndexByte(b, '\\')
		if k < 0 || k+1 >= len(b) {
			return append(out, b...)
		}
		out = append(out, b[:k]...)
		switch c := b[k+1]; c {
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case 'r':
			out = append(out, '\r')
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'u':
			var r rune
			r, b = unicodeEscape(b[k:])
			out = utf8.AppendRune(out, r)
			continue
		default:
			out = append(out, c)
		}
		b = b[k+2:]
	}
}

// unicodeEscape reads \uXXXX, and a second one that completes a pair.
func unicodeEscape(b []byte) (rune, []byte) {
	hex := func(b []byte) rune {
		if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
			return -1
		}
		n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
		if err != nil {
			return -1
		}
		return rune(n)
	}
	r := hex(b)
	if r < 0 {
		return utf8.RuneError, b[min(len(b), 2):]
	}
	b = b[6:]
	if utf16.IsSurrogate(r) {
		if p := utf16.DecodeRune(r, hex(b)); p != utf8.RuneError {
			return p, b[6:]
		}
		r = utf8.RuneError
	}
	if r == 0 {
		r = utf8.RuneError
	}
	return r, b
}
