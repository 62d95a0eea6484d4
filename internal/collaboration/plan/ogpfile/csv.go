package ogpfile

import (
	"io"
	"strings"
	"unicode/utf8"

	"ceiba/internal/ground/fault"
)

// maxBytes bounds what is read; the whole of OGP's own table has about 25 MB.
const maxBytes = 64 << 20

// line is one record of a CSV file with what it takes to write it again byte
// for byte.
type line struct {
	cells []string
	odd   map[int]string // cells as they were written, where we would write them otherwise
	end   string         // "\r\n", "\n" or, at the end of the file, ""
	at    int            // number of its first line in the file, from 1
}

// scanner cuts a text into records. It is not encoding/csv, because that does
// not tell how a cell was quoted and how a line ended.
type scanner struct {
	text string
	pos  int
	at   int
}

// records reads all records. A blank line is one with a single empty cell.
func records(text string) (out []line, err error) {
	s := scanner{text: text, at: 1}
	for s.pos < len(s.text) {
		l, err := s.record()
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

func (s *scanner) record() (l line, err error) {
	l.at = s.at
	for {
		from := s.pos
		cell, err := s.cell()
		if err != nil {
			return l, err
		}
		if raw := s.text[from:s.pos]; raw != quote(cell) {
			if l.odd == nil {
				l.odd = map[int]string{}
			}
			l.odd[len(l.cells)] = raw
		}
		l.cells = append(l.cells, cell)
		if l.end = s.lineEnd(); l.end != "" || s.pos == len(s.text) {
			return l, nil
		}
		s.pos++ // the comma
	}
}

// cell reads one cell and stops before the comma, the line's end or the end.
func (s *scanner) cell() (string, error) {
	if s.pos < len(s.text) && s.text[s.pos] == '"' {
		return s.quoted()
	}
	rest := s.text[s.pos:]
	n := strings.IndexAny(rest, ",\n")
	switch {
	case n < 0:
		n = len(rest)
	case rest[n] == '\n' && n > 0 && rest[n-1] == '\r':
		n--
	}
	s.pos += n
	return rest[:n], nil
}

func (s *scanner) quoted() (string, error) {
	start := s.at
	var b strings.Builder
	for i := s.pos + 1; i < len(s.text); i++ {
		c := s.text[i]
		if c == '\n' {
			s.at++
		}
		if c != '"' {
			b.WriteByte(c)
			continue
		}
		if strings.HasPrefix(s.text[i+1:], `"`) {
			b.WriteByte('"')
			i++
			continue
		}
		s.pos = i + 1
		if s.atBreak() {
			return b.String(), nil
		}
		break
	}
	return "", fault.New(fault.Invalid, "ogpfile.read.quote", "line", start)
}

// atBreak tells whether a cell may end here.
func (s *scanner) atBreak() bool {
	rest := s.text[s.pos:]
	return rest == "" || rest[0] == ',' || rest[0] == '\n' || strings.HasPrefix(rest, "\r\n")
}

func (s *scanner) lineEnd() string {
	for _, end := range []string{"\r\n", "\n"} {
		if strings.HasPrefix(s.text[s.pos:], end) {
			s.pos += len(end)
			s.at++
			return end
		}
	}
	return ""
}

// quote writes a cell with quotes where it needs them (RFC 4180).
func quote(cell string) string {
	if !strings.ContainsAny(cell, "\",\r\n") {
		return cell
	}
	return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
}

func (l line) blank() bool { return len(l.cells) == 1 && l.cells[0] == "" }

func (l line) write(w io.Writer) error {
	var b strings.Builder
	for i, c := range l.cells {
		if i > 0 {
			b.WriteByte(',')
		}
		if raw, ok := l.odd[i]; ok {
			b.WriteString(raw)
		} else {
			b.WriteString(quote(c))
		}
	}
	b.WriteString(l.end)
	_, err := io.WriteString(w, b.String())
	return err
}

// textOf reads a whole file and refuses what is not text.
func textOf(r io.Reader) (string, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	text := string(raw)
	switch {
	case err != nil:
		return "", err
	case len(raw) > maxBytes:
		return "", fault.New(fault.TooLarge, "ogpfile.read.large", "mb", maxBytes>>20)
	case strings.TrimSpace(text) == "":
		return "", fault.New(fault.Invalid, "ogpfile.read.empty")
	case strings.HasPrefix(text, "PK\x03\x04"), strings.HasPrefix(text, "\xd0\xcf\x11\xe0"):
		return "", fault.New(fault.Invalid, "ogpfile.read.workbook")
	case !utf8.ValidString(text), strings.ContainsRune(text, 0):
		return "", fault.New(fault.Invalid, "ogpfile.read.encoding")
	}
	return text, nil
}
