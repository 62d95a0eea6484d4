// Package csv writes rows as comma-separated text (RFC 4180), for machines or,
// guarded, for people with a spreadsheet. Reading is for package source.
package csv

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"

	"ceiba/internal/service/table/cell"
)

// Writer writes rows as RFC 4180, with plain line feeds.
type Writer struct {
	w       *bufio.Writer
	guarded bool
	buf     []byte
}

// NewWriter writes the header and returns a writer of rows. A guarded file
// is for people with a spreadsheet: a text that the program would take for a
// formula gets an apostrophe before it. Numbers never do.
func NewWriter(w io.Writer, header []string, guarded bool) *Writer {
	c := &Writer{w: bufio.NewWriterSize(w, 1<<16), guarded: guarded}
	for i, h := range header {
		if i > 0 {
			c.buf = append(c.buf, ',')
		}
		c.text(h)
	}
	c.buf = append(c.buf, '\n')
	return c
}

// Row writes a row: texts quoted where they need it, other values plain, nothing
// for no value.
func (c *Writer) Row(cells []any) error {
	for i, v := range cells {
		if i > 0 {
			c.buf = append(c.buf, ',')
		}
		if s, ok := v.(string); ok {
			c.text(s)
		} else {
			c.buf = cell.AppendPlain(c.buf, v)
		}
	}
	c.buf = append(c.buf, '\n')
	_, err := c.w.Write(c.buf)
	c.buf = c.buf[:0]
	return err
}

func (c *Writer) text(s string) {
	if c.guarded {
		s = Guard(s)
	}
	if s != "" && !strings.ContainsAny(s, ",\"\n\r") && s[0] != ' ' && s[len(s)-1] != ' ' {
		c.buf = append(c.buf, s...)
		return
	}
	c.buf = append(c.buf, '"')
	c.buf = append(c.buf, strings.ReplaceAll(s, `"`, `""`)...)
	c.buf = append(c.buf, '"')
}

// Close writes what is left. It leaves the writer below open.
func (c *Writer) Close() error {
	if _, err := c.w.Write(c.buf); err != nil {
		return err
	}
	return c.w.Flush()
}

// Guard puts an apostrophe before a text that a spreadsheet would run instead of
// showing (OWASP, CSV injection): for what people wrote, in a file for people. A
// text that begins as if it were guarded gets one more, so that nothing is lost.
func Guard(s string) string {
	if guarded := strings.TrimLeft(s, "'"); formula(guarded) {
		return "'" + s
	}
	return s
}

// Unguard takes the apostrophe away that Guard put there, when a file of ours
// comes back.
func Unguard(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && formula(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return s
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
