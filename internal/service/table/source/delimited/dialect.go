package delimited

import (
	"bytes"
	"strings"

	"ceiba/internal/service/table/source"
)

// delimiters are the candidates, each with how readily it is believed: spaces
// and colons stand in ordinary text.
var delimiters = []struct {
	c      byte
	weight float64
}{{',', 1}, {';', 1}, {'\t', 1}, {'|', 1}, {'^', 0.8}, {'~', 0.8}, {' ', 0.35}, {':', 0.2}}

// alone is the delimiter of a text of one column: it separates units, and no
// publisher types it.
const alone = 0x1f

// trialBytes is how much text a dialect is judged by.
const trialBytes = 128 << 10

// sniffDialect finds the dialect of the text, or takes what the publisher said.
// whole tells that text is the whole file.
// The usual width comes with it, 0 when there is none.
func sniffDialect(text []byte, whole bool, o source.Options) (dialect, int, error) {
	text = firstLines(text, whole)
	if o.Delimiter != "" {
		d, err := namedDialect(text, o.Delimiter)
		return d, judge(text, d).mode, err
	}
	best, bestScore := dialect{delim: alone, quote: '"'}, 0.0
	for _, d := range delimiters {
		if bytes.IndexByte(text, d.c) < 0 {
			continue
		}
		t := quoting(text, d.c)
		if score := judge(text, t).score() * d.weight; score > bestScore {
			best, bestScore = t, score
		}
	}
	best.pad = padded(text, best.delim)
	return best, judge(text, best).mode, nil
}

func namedDialect(text []byte, delim string) (dialect, error) {
	pad := len(delim) == 2 && delim[1] == ' '
	switch {
	case delim == `\t` || delim == "tab":
		delim = "\t"
	case len(delim) != 1 && !pad || strings.ContainsAny(delim, "\r\n\"") || delim[0] >= 0x80:
		return dialect{}, source.Refuse("delimiter", "delimiter", delim)
	}
	d := quoting(text, delim[0])
	d.pad = pad || padded(text, d.delim)
	return d, nil
}

// firstLines cuts text to whole lines of about trialBytes.
func firstLines(text []byte, whole bool) []byte {
	if len(text) <= trialBytes && whole {
		return text
	}
	cut := text[:min(len(text), trialBytes)]
	if k := bytes.LastIndexAny(cut, "\r\n"); k >= 0 && bytes.Count(cut[:k], []byte{'\n'}) > 3 {
		return cut[:k+1]
	}
	if k := bytes.LastIndexAny(text, "\r\n"); k >= 0 && !whole {
		return text[:k+1]
	}
	return text
}

// quoting chooses quote and escape for a delimiter.
func quoting(text []byte, delim byte) dialect {
	d := dialect{delim: delim, quote: '"'}
	if single := quotedCells(text, delim, '\''); single > 1 && single > quotedCells(text, delim, '"') {
		d.quote = '\''
	}
	if !bytes.Contains(text, []byte{'\\', d.quote}) {
		return d
	}
	e := d
	e.escape = '\\'
	if judge(text, e).faults() < judge(text, d).faults() {
		return e
	}
	return d
}

// quotedCells counts the cells that start and end with a quote, as the lesser
// of starts and ends.
func quotedCells(text []byte, delim, quote byte) int {
	opens, closes := 0, 0
	for i := bytes.IndexByte(text, quote); i >= 0; {
		before, after := byte('\n'), byte('\n')
		for k := i - 1; k >= 0; k-- {
			if before = text[k]; before != ' ' || delim == ' ' {
				break
			}
		}
		if i+1 < len(text) {
			after = text[i+1]
		}
		if before == delim || before == '\n' || before == '\r' {
			opens++
		}
		if after == delim || after == '\n' || after == '\r' {
			closes++
		}
		k := bytes.IndexByte(text[i+1:], quote)
		if k < 0 {
			break
		}
		i += 1 + k
	}
	return min(opens, closes)
}

// verdict is how well a dialect fits.
type verdict struct {
	records int // that are not blank
	mode    int // the usual width
	usual   int // records of that width
	bad     int // with quotes that fit no rule
	cells   int // not empty, in records of the usual width
	clean   int // of these, without another delimiter or a quote inside
}

// judge splits text by d and looks for the usual width.
func judge(text []byte, d dialect) verdict {
	s := newScannerBytes(bytes.Clone(text), d)
	var v verdict
	widths := map[int]*verdict{}
	for {
		r, err := s.next()
		if err != nil {
			break
		}
		if len(r.Cells) == 1 && len(bytes.TrimSpace(r.Cells[0])) == 0 {
			continue
		}
		v.records++
		if len(r.Problems) > 0 {
			v.bad++
		}
		w := widths[len(r.Cells)]
		if w == nil {
			w = &verdict{mode: len(r.Cells)}
			widths[len(r.Cells)] = w
		}
		w.usual++
		w.look(s, r.Cells)
	}
	for _, w := range widths {
		if w.mode > 1 && (w.usual > v.usual || w.usual == v.usual && w.mode > v.mode) {
			v.mode, v.usual, v.cells, v.clean = w.mode, w.usual, w.cells, w.clean
		}
	}
	return v
}

func (v *verdict) look(s *scanner, cells [][]byte) {
	others := ";\t|"
	if s.delim == ' ' || s.delim == ':' {
		others = ",;\t|"
	}
	for i, c := range cells {
		if len(c) == 0 {
			continue
		}
		v.cells++
		at := bytes.IndexAny(c, others)
		loose := i < len(s.spans) && s.spans[i].kind == 0 && bytes.IndexByte(c, s.quote) >= 0
		if !loose && (at < 0 || c[at] == s.delim) {
			v.clean++
		}
	}
}

// score is between 0 and 1: how many records have the usual width, how wide
// that is, how clean the cells are.
func (v verdict) score() float64 {
	if v.mode < 2 || v.usual*4 < v.records {
		return 0 // running text
	}
	clean := 1.0
	if v.cells > 0 {
		clean = float64(v.clean) / float64(v.cells)
	}
	n := float64(v.records)
	return float64(v.usual) / n * (1 - 1/float64(v.mode)) * (0.3 + 0.7*clean) * (1 - 0.5*float64(v.bad)/n)
}

// faults counts records that are not as they should be.
func (v verdict) faults() int { return v.records - v.usual + 2*v.bad }

// padded reports that a space follows nearly every delimiter.
func padded(text []byte, delim byte) bool {
	if delim == ' ' || delim == alone {
		return false
	}
	all := bytes.Count(text, []byte{delim})
	atEnd := bytes.Count(text, []byte{delim, '\n'}) + bytes.Count(text, []byte{delim, '\r'})
	with := bytes.Count(text, []byte{delim, ' '})
	return with >= 2 && with*10 >= (all-atEnd)*9
}
