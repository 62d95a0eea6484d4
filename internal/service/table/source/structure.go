package source

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"ceiba/internal/ground/fault"
)

// layout is the structure of a grid: where its table starts, and its columns.
type layout struct {
	skip   int // records before the first row
	header int // line of the (last) header row, -1 for none
	raw    int // cells of a usual record
	width  int // columns of the table: raw without empty ones at the end
	labels []string
	heads  [][]string // the cells of each header row, to know them again
	kinds  []class    // what most cells of a column look like
	text   bool       // a delimited file, where a short record is a fault
	hashes bool       // lines with # before the header are comments, and so are later ones
	notes  []Note
}

// sample is the first records of a grid, copied.
type sample struct {
	before  int // records left out in front, by HeaderRow
	records []record
	text    bool
}

// takeSample reads and copies the first records of g.
func takeSample(g grid, o Options) (*sample, error) {
	s := &sample{}
	_, s.text = g.(*text)
	for size := 0; len(s.records) < sampleRecords && size < 4*sampleBytes; {
		r, err := g.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if int64(o.HeaderRow) > r.line {
			s.before++
			continue
		}
		c := r.clone()
		for _, b := range c.cells {
			size += len(b) + 24
		}
		s.records = append(s.records, c)
	}
	return s, nil
}

// clone copies a record out of its grid's memory.
func (r *record) clone() record {
	c := record{line: r.line, spread: r.spread, down: slices.Clone(r.down), problems: slices.Clone(r.problems)}
	c.cells = make([][]byte, len(r.cells))
	for i, b := range r.cells {
		c.cells[i] = bytes.Clone(b)
	}
	return c
}

// filled counts the cells with something in them.
func (r *record) filled() int {
	n := 0
	for _, c := range r.cells {
		if !blank(c) {
			n++
		}
	}
	return n
}

// distinct counts the filled cells, and one merged over columns once.
func (r *record) distinct() int {
	if !r.spread {
		return r.filled()
	}
	n := 0
	var last []byte
	for _, c := range r.cells {
		if !blank(c) && !bytes.Equal(c, last) {
			n++
			last = c
		}
	}
	return n
}

// trimmed is the width without empty cells at the end.
func (r *record) trimmed() int {
	n := len(r.cells)
	for n > 0 && blank(r.cells[n-1]) {
		n--
	}
	return n
}

func blank(c []byte) bool {
	for _, b := range c {
		if b != ' ' && b != '\t' && b != '\r' && b != '\n' {
			return false
		}
	}
	return true
}

// layout finds the structure, or refuses a file without a table.
func (s *sample) layout(o Options) (*layout, error) {
	l := &layout{header: -1, text: s.text}
	l.raw = s.usualWidth()
	if l.raw == 0 {
		return nil, refuse("empty")
	}
	at := s.headerAt(l.raw, o)
	if s.text {
		l.raw = s.headWidth(at, l.raw)
	} else {
		l.raw = s.widest(at)
	}
	if l.raw > o.MaxColumns {
		return nil, fault.New(fault.Invalid, "table.read.too_wide", "columns", l.raw, "max", o.MaxColumns)
	}
	l.skip = s.before + at
	l.hashes = s.commented(at)
	s.noteBefore(l, s.columns(l, at, o))
	return l, nil
}

// usualWidth is the most frequent width of records that are not blank; more
// than one cell goes before one, and the earlier of equals.
func (s *sample) usualWidth() int {
	count := map[int]int{}
	var order []int
	for i := range s.records {
		r := &s.records[i]
		if r.filled() == 0 {
			continue
		}
		w := len(r.cells)
		if !s.text {
			w = r.trimmed()
		}
		if count[w]++; count[w] == 1 {
			order = append(order, w)
		}
	}
	best := 0
	for _, w := range order {
		if best < 2 && w > 1 || count[w] > count[best] && (w > 1 || best == 0) {
			best = w
		}
	}
	return best
}

// headWidth is the width that the header names, where the records agree too
// little on one to gainsay it.
func (s *sample) headWidth(at, width int) int {
	head := s.records[at].trimmed()
	if head <= width {
		return width
	}
	usual, all := 0, 0
	for i := at + 1; i < len(s.records); i++ {
		if r := &s.records[i]; r.filled() > 0 {
			all++
			if len(r.cells) == width {
				usual++
			}
		}
	}
	if usual*5 >= all*4 {
		return width
	}
	return head
}

// widest is the greatest width from the header on.
func (s *sample) widest(at int) int {
	w := 0
	for i := at; i < len(s.records); i++ {
		w = max(w, s.records[i].trimmed())
	}
	return w
}

// headerAt returns the first record that is filled like a row of the table: at
// least half as much as the fuller ones.
func (s *sample) headerAt(width int, o Options) int {
	if o.HeaderRow != 0 {
		return 0
	}
	var fills []int
	for i := range s.records {
		if r := &s.records[i]; len(r.cells) == width || !s.text && r.distinct() > 1 {
			fills = append(fills, r.filled())
		}
	}
	slices.Sort(fills)
	need := 1
	if width > 1 && len(fills) > 0 {
		need = max(min(2, fills[len(fills)-1]), (fills[len(fills)*3/4]+1)/2)
	}
	for i := range s.records {
		r := &s.records[i]
		if r.distinct() >= need && !(width == 1 && r.comment()) && !(len(r.cells) < (width+1)/2 && r.comment()) {
			return i
		}
	}
	return 0
}

// comment reports a line that starts with # and has no other cell.
func (r *record) comment() bool {
	return len(r.cells) > 0 && bytes.HasPrefix(bytes.TrimLeft(r.cells[0], " "), []byte("#")) && r.filled() == 1
}

func (s *sample) commented(at int) bool {
	for i := range at {
		if s.records[i].comment() {
			return true
		}
	}
	return false
}

// columns decides which records from at on are the header, and labels the
// columns; l.skip then counts past them. It returns the first header record.
func (s *sample) columns(l *layout, at int, o Options) (first int) {
	body := s.records[at:]
	first = at
	last := at
	switch {
	case o.HeaderRow < 0:
		last = at - 1
	case o.HeaderRow == 0 && !s.headDown(at) && !headed(body, l.raw, o):
		last = at - 1
	default:
		last += s.moreHeads(at, l.raw, o)
		if o.HeaderRow == 0 {
			first -= s.groupHeads(at, l.raw)
		}
	}
	l.kinds = classes(firstBlock(s.records[last+1:]), l.raw, o)
	heads := s.records[first : last+1]
	l.skip = s.before + last + 1
	l.labels = make([]string, l.raw)
	if len(heads) == 0 {
		l.notes = append(l.notes, Note{"header_synthesised", map[string]any{"columns": l.raw}})
	} else {
		l.header = int(heads[len(heads)-1].line)
		s.label(l, heads, at-first)
	}
	s.trim(l, heads, s.records[last+1:])
	for i := range heads {
		l.heads = append(l.heads, heads[i].words(l.raw))
	}
	return first
}

// label joins the header rows column by column; the first group of them are
// headings over several columns.
func (s *sample) label(l *layout, heads []record, groups int) {
	parts := make([][]string, l.raw)
	for i := range heads {
		r := &heads[i]
		last := ""
		for c, w := range r.words(l.raw) {
			if w == "" && i < groups {
				w = last
			}
			last = w
			down := c < len(r.down) && r.down[c]
			if w != "" && !(down && i > 0) {
				parts[c] = append(parts[c], w)
			}
		}
	}
	for c, p := range parts {
		l.labels[c] = strings.Join(p, " ")
	}
	if len(heads) > 1 {
		l.notes = append(l.notes, Note{"multirow_header", map[string]any{"rows": len(heads), "line": heads[0].line}})
	}
	if wide := heads[len(heads)-1].trimmed(); wide > l.raw {
		l.notes = append(l.notes, Note{"header_too_wide", map[string]any{"columns": wide, "kept": l.raw}})
	}
}

// words gives the first n cells as trimmed text.
func (r *record) words(n int) []string {
	out := make([]string, n)
	for i := range min(n, len(r.cells)) {
		out[i] = strings.Join(strings.Fields(string(r.cells[i])), " ")
	}
	return out
}

// trim leaves out columns at the end that have no label and no value.
func (s *sample) trim(l *layout, heads, body []record) {
	used := 0
	if n := len(heads); n > 0 && s.text && len(heads[n-1].cells) < l.raw {
		used = l.raw // the header is too short to tell
	}
	for i := range body {
		used = max(used, min(body[i].trimmed(), l.raw))
	}
	l.width = l.raw
	for l.width > max(1, used) && l.labels[l.width-1] == "" && l.header >= 0 {
		l.width--
	}
	if l.width < l.raw {
		l.notes = append(l.notes, Note{"empty_columns", map[string]any{"n": l.raw - l.width}})
	}
	l.labels, l.kinds = l.labels[:l.width], l.kinds[:l.width]
}

// moreHeads counts the records after at that go on with the header: a repetition
// of it, or units and sub-headings, which are words where the columns hold
// numbers and dates.
func (s *sample) moreHeads(at, width int, o Options) int {
	n := 0
	for n < 8 && s.headDown(at+n) {
		n++ // a heading merged over rows reaches down here
	}
	for n < 3 && at+n+4 <= len(s.records) {
		r := &s.records[at+n+1]
		if !r.equal(&s.records[at], width) && !r.strange(classes(s.records[at+n+2:], width, o), o) {
			break
		}
		n++
	}
	return n
}

// headDown reports that a cell merged over rows reaches from record at to the
// next.
func (s *sample) headDown(at int) bool {
	return at+1 < len(s.records) && s.records[at+1].line == s.records[at].line+1 && slices.Contains(s.records[at+1].down, true)
}

// equal reports the same filled cells in both.
func (r *record) equal(q *record, width int) bool {
	return r.filled() > 1 && slices.Equal(r.words(width), q.words(width))
}

// strange reports words in at least two columns of numbers or dates, and no
// number or date in any of them.
func (r *record) strange(kinds []class, o Options) bool {
	words := 0
	for c := range min(len(kinds), len(r.cells)) {
		if kinds[c] == wordy || kinds[c] == unseen || blank(r.cells[c]) {
			continue
		}
		if k := classify(r.cells[c]); k != wordy || nullWord(r.cells[c], o.NullWords) {
			return false
		}
		words++
	}
	return words >= 2
}

// groupHeads counts the records right above the header that head several of
// its columns.
func (s *sample) groupHeads(at, width int) int {
	n := 0
	for n < 3 && at-n-1 >= 0 {
		r := &s.records[at-n-1]
		if r.distinct() < max(2, (width+3)/4) || len(r.cells) < width-1 || r.comment() || !r.allWords() ||
			bytes.HasSuffix(bytes.TrimSpace(r.cells[0]), []byte(":")) {
			break
		}
		n++
	}
	return n
}

func (r *record) allWords() bool {
	for _, c := range r.cells {
		if !blank(c) && classify(c) != wordy {
			return false
		}
	}
	return true
}

// headed reports that the first record of body is a header: its cells are words
// over numbers, not more of the same. Where nothing speaks for either, distinct
// words that do not come again are taken as a header.
func headed(body []record, width int, o Options) bool {
	if len(body) == 0 {
		return false
	}
	head := &body[0]
	body = slices.DeleteFunc(slices.Clone(firstBlock(body)), func(r record) bool { return r.line > head.line && r.equal(head, width) })
	kinds := classes(body[1:], width, o)
	votes, plain := 0, 0
	for c := range min(width, len(head.cells)) {
		if blank(head.cells[c]) {
			continue
		}
		k := classify(head.cells[c])
		switch {
		case k != wordy && kinds[c] == unseen:
			plain++
		case kinds[c] == wordy || kinds[c] == unseen:
		case k == wordy:
			votes++
		case k == kinds[c] && !year(head.cells[c]):
			votes--
		}
		if k != wordy && !year(head.cells[c]) && kinds[c] == wordy {
			plain++
		}
	}
	switch {
	case votes != 0:
		return votes > 0
	case len(body) == 1:
		return plain == 0
	}
	return !again(body, width)
}

// firstBlock is the records up to the first blank one after the second: behind
// it another table may stand.
func firstBlock(body []record) []record {
	for i := range body {
		if i > 1 && body[i].filled() == 0 {
			return body[:i]
		}
	}
	return body
}

// again reports that values of the first record come again in their columns.
func again(body []record, width int) bool {
	hits, seen := 0, 0
	for c := range min(width, len(body[0].cells)) {
		v := body[0].cells[c]
		if blank(v) {
			continue
		}
		seen++
		if slices.ContainsFunc(body[1:], func(r record) bool { return c < len(r.cells) && bytes.Equal(r.cells[c], v) }) {
			hits++
		}
	}
	return hits*3 > seen
}

// noteBefore notes the lines that stand before the header.
func (s *sample) noteBefore(l *layout, end int) {
	var first []string
	n := s.before
	for i := range end {
		r := &s.records[i]
		if r.filled() == 0 {
			continue
		}
		n++
		if len(first) < 20 {
			first = append(first, clip(bytes.Join(r.cells, []byte(" "))))
		}
	}
	if n > 0 {
		l.notes = append(l.notes, Note{"preamble_skipped", map[string]any{"n": n, "text": strings.Join(first, "\n")}})
	}
}

// describe puts what was found into info.
func (l *layout) describe(info *Info) {
	info.HeaderRow = l.header
	info.Labels = l.labels
	info.Names = names(l.labels)
	info.Notes = append(info.Notes, l.notes...)
	if again := repeated(l.labels); len(again) > 0 {
		info.Notes = append(info.Notes, Note{"duplicate_names", map[string]any{"names": strings.Join(again, ", ")}})
	}
	if empty := slices.Index(l.labels, ""); empty >= 0 && l.header >= 0 {
		info.Notes = append(info.Notes, Note{"empty_names", map[string]any{"column": empty + 1}})
	}
}
