package table

import (
	"bufio"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// csvWriter writes rows as RFC 4180, with plain line feeds.
type csvWriter struct {
	w       *bufio.Writer
	guarded bool
	buf     []byte
}

// newCSVWriter writes the header and returns a writer of rows. A guarded file
// is for people with a spreadsheet: a text that the program would take for a
// formula gets an apostrophe before it. Numbers never do.
func newCSVWriter(w io.Writer, header []string, guarded bool) *csvWriter {
	c := &csvWriter{w: bufio.NewWriterSize(w, 1<<16), guarded: guarded}
	for i, h := range header {
		if i > 0 {
			c.buf = append(c.buf, ',')
		}
		c.text(h)
	}
	c.buf = append(c.buf, '\n')
	return c
}

func (c *csvWriter) row(cells []any) error {
	for i, v := range cells {
		if i > 0 {
			c.buf = append(c.buf, ',')
		}
		if s, ok := v.(string); ok {
			c.text(s)
		} else {
			c.buf = appendPlain(c.buf, v)
		}
	}
	c.buf = append(c.buf, '\n')
	_, err := c.w.Write(c.buf)
	c.buf = c.buf[:0]
	return err
}

func (c *csvWriter) text(s string) {
	if c.guarded && formula(s) {
		s = "'" + s
	}
	if s != "" && !strings.ContainsAny(s, ",\"\n\r") && s[0] != ' ' && s[len(s)-1] != ' ' {
		c.buf = append(c.buf, s...)
		return
	}
	c.buf = append(c.buf, '"')
	c.buf = append(c.buf, strings.ReplaceAll(s, `"`, `""`)...)
	c.buf = append(c.buf, '"')
}

func (c *csvWriter) close() error {
	if _, err := c.w.Write(c.buf); err != nil {
		return err
	}
	return c.w.Flush()
}

// formula reports that a spreadsheet would run s instead of showing it: it
// begins, blanks aside, with one of = + - @, or holds a tab or carriage return
// at the start.
func formula(s string) bool {
	if s != "" && (s[0] == '\t' || s[0] == '\r') {
		return true
	}
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " \u00a0\n"))
	return strings.ContainsRune("=+-@＝＋－＠\t\r", r) && r != utf8.RuneError
}

// appendPlain writes a value that is no text; nothing for no value.
func appendPlain(b []byte, v any) []byte {
	switch x := v.(type) {
	case int64:
		return strconv.AppendInt(b, x, 10)
	case float64:
		if math.Abs(x) < 1e15 {
			return strconv.AppendFloat(b, x, 'f', -1, 64)
		}
		return strconv.AppendFloat(b, x, 'g', -1, 64)
	case bool:
		return strconv.AppendBool(b, x)
	}
	return b
}
