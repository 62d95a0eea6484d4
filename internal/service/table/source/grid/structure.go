package grid

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table/source"
)

// sampleBytes and sampleRecords are how much of a file its structure is judged
// by.
const (
	sampleBytes   = 1 << 20
	sampleRecords = 1000
)

// Layout is the structure of a grid: where its table starts, and its columns.
type Layout struct {
	skip   int // records before the first row
	header int // line of the (last) header row, -1 for none
	Raw    int // cells of a usual record
	Width  int // columns of the table: raw without empty ones at the end
	labels []string
	heads  [][]string // the cells of each header row, to know them again
	kinds  []class    // what most cells of a column look like
	text   bool       // a delimited file, where a short record is a fault
	hashes bool       // lines with # before the header are comments, and so are later ones
	notes  []source.Note
}

// Sample is the first records of a grid, copied.
type Sample struct {
	before  int // records left out in front, by HeaderRow
	records []Record
	text    bool
}

// Take reads and copies the first records of g. text says that the file is
// delimited text, where the cells of a short record were never written.
func Take(g Records, o source.Options, text bool) (*Sample, error) {
	s := &Sample{text: text}
	for size := 0; len(s.records) < sampleRecords && size < 4*sampleBytes; {
		r, err := g.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if int64(o.HeaderRow) > r.Line {
			s.before++
			continue
		}
		c := r.clone()
		for _, b := range c.Cells {
			size += len(b) + 24
		}
		s.records = append(s.records, c)
	}
	return s, nil
}

// Filled counts the records of the sample that are not blank.
func (s *Sample) Filled() int {
	n := 0
	for i := range s.records {
		if s.records[i].distinct() > 0 {
			n++
		}
	}
	return n
}

// Layout finds the structure, or refuses a file without a table.
func (s *Sample) Layout(o source.Options) (*Layout, error) {
	l := &Layout{header: -1, text: s.text}
	l.Raw = s.usualWidth()
	if l.Raw == 0 {
		return nil, source.Refuse("empty")
	}
	at := s.headerAt(l.Raw, o)
	if s.text {
		l.Raw = s.headWidth(at, l.Raw)
	} else {
		l.Raw = s.widest(at)
	}
	if l.Raw > o.MaxColumns {
		return nil, fault.New(fault.Invalid, "table.read.too_wide", "columns", l.Raw, "max", o.MaxColumns)
	}
	l.skip = s.before + at
	l.hashes = s.commented(at)
	s.noteBefore(l, s.columns(l, at, o))
	return l, nil
}

// usualWidth is the most frequent width of records that are not blank; more
// than one cell goes before one, and the earlier of equals.
func (s *Sample) usualWidth() int {
	count := map[int]int{}
	var order []int
	for i := range s.records {
		r := &s.records[i]
		if r.filled() == 0 {
			continue
		}
		w := len(r.Cells)
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
func (s *Sample) headWidth(at, width int) int {
	head := s.records[at].trimmed()
	if head <= width {
		return width
	}
	usual, all := 0, 0
	for i := at + 1; i < len(s.records); i++ {
		if r := &s.records[i]; r.filled() > 0 {
			all++
			if len(r.Cells) == width {
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
func (s *Sample) widest(at int) int {
	w := 0
	for i := at; i < len(s.records); i++ {
		w = max(w, s.records[i].trimmed())
	}
	return w
}

// headerAt returns the first record that is filled like a row of the table: at
// least half as much as the fuller ones.
func (s *Sample) headerAt(width int, o source.Options) int {
	if o.HeaderRow != 0 {
		return 0
	}
	var fills []int
	for i := range s.records {
		if r := &s.records[i]; len(r.Cells) == width || !s.text && r.distinct() > 1 {
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
		if r.distinct() >= need && !(width == 1 && r.comment()) && !(len(r.Cells) < (width+1)/2 && r.comment()) {
			return i
		}
	}
	return 0
}

func (s *Sample) commented(at int) bool {
	for i := range at {
		if s.records[i].comment() {
			return true
		}
	}
	return false
}

// columns decides which records from at on are the header, and labels the
// columns; l.skip then counts past them. It returns the first header record.
func (s *Sample) columns(l *Layout, at int, o source.Options) (first int) {
	body := s.records[at:]
	first = at
	last := at
	switch {
	case o.HeaderRow < 0:
		last = at - 1
	case o.HeaderRow == 0 && !s.headDown(at) && !headed(body, l.Raw, o):
		last = at - 1
	default:
		last += s.moreHeads(at, l.Raw, o)
		if o.HeaderRow == 0 {
			first -= s.groupHeads(at, l.Raw)
		}
	}
	l.kinds = classes(firstBlock(s.records[last+1:]), l.Raw, o)
	heads := s.records[first : last+1]
	l.skip = s.before + last + 1
	l.labels = make([]string, l.Raw)
	if len(heads) == 0 {
		l.notes = append(l.notes, source.NewNote("header_synthesised", "columns", l.Raw))
	} else {
		l.header = int(heads[len(heads)-1].Line)
		s.label(l, heads, at-first)
	}
	s.trim(l, heads, s.records[last+1:])
	for i := range heads {
		l.heads = append(l.heads, heads[i].words(l.Raw))
	}
	return first
}

// label joins the header rows column by column; the first group of them are
// headings over several columns.
func (s *Sample) label(l *Layout, heads []Record, groups int) {
	parts := make([][]string, l.Raw)
	for i := range heads {
		r := &heads[i]
		last := ""
		for c, w := range r.words(l.Raw) {
			if w == "" && i < groups {
				w = last
			}
			last = w
			down := c < len(r.Down) && r.Down[c]
			if w != "" && !(down && i > 0) {
				parts[c] = append(parts[c], w)
			}
		}
	}
	for c, p := range parts {
		l.labels[c] = strings.Join(p, " ")
	}
	if len(heads) > 1 {
		l.notes = append(l.notes, source.NewNote("multirow_header", "rows", len(heads), "line", heads[0].Line))
	}
	if wide := heads[len(heads)-1].trimmed(); wide > l.Raw {
		l.notes = append(l.notes, source.NewNote("header_too_wide", "columns", wide, "kept", l.Raw))
	}
}

// trim leaves out columns at the end that have no label and no value.
func (s *Sample) trim(l *Layout, heads, body []Record) {
	used := 0
	if n := len(heads); n > 0 && s.text && len(heads[n-1].Cells) < l.Raw {
		used = l.Raw // the header is too short to tell
	}
	for i := range body {
		used = max(used, min(body[i].trimmed(), l.Raw))
	}
	l.Width = l.Raw
	for l.Width > max(1, used) && l.labels[l.Width-1] == "" && l.header >= 0 {
		l.Width--
	}
	if l.Width < l.Raw {
		l.notes = append(l.notes, source.NewNote("empty_columns", "n", l.Raw-l.Width))
	}
	l.labels, l.kinds = l.labels[:l.Width], l.kinds[:l.Width]
}

// moreHeads counts the records after at that go on with the header: a repetition
// of it, or units and sub-headings, which are words where the columns hold
// numbers and dates.
func (s *Sample) moreHeads(at, width int, o source.Options) int {
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
func (s *Sample) headDown(at int) bool {
	return at+1 < len(s.records) && s.records[at+1].Line == s.records[at].Line+1 && slices.Contains(s.records[at+1].Down, true)
}

// strange reports words in at least two columns of numbers or dates, and no
// number or date in any of them.
func (r *Record) strange(kinds []class, o source.Options) bool {
	words := 0
	for c := range min(len(kinds), len(r.Cells)) {
		if kinds[c] == wordy || kinds[c] == unseen || Blank(r.Cells[c]) {
			continue
		}
		if k := classify(r.Cells[c]); k != wordy || nullWord(r.Cells[c], o.NullWords) {
			return false
		}
		words++
	}
	return words >= 2
}

// groupHeads counts the records right above the header that head several of
// its columns.
func (s *Sample) groupHeads(at, width int) int {
	n := 0
	for n < 3 && at-n-1 >= 0 {
		r := &s.records[at-n-1]
		if r.distinct() < max(2, (width+3)/4) || len(r.Cells) < width-1 || r.comment() || !r.allWords() ||
			bytes.HasSuffix(bytes.TrimSpace(r.Cells[0]), []byte(":")) {
			break
		}
		n++
	}
	return n
}

// headed reports that the first record of body is a header: its cells are words
// over numbers, not more of the same. Where nothing speaks for either, distinct
// words that do not come again are taken as a header.
func headed(body []Record, width int, o source.Options) bool {
	if len(body) == 0 {
		return false
	}
	head := &body[0]
	body = slices.DeleteFunc(slices.Clone(firstBlock(body)), func(r Record) bool { return r.Line > head.Line && r.equal(head, width) })
	kinds := classes(body[1:], width, o)
	votes, plain := 0, 0
	for c := range min(width, len(head.Cells)) {
		if Blank(head.Cells[c]) {
			continue
		}
		k := classify(head.Cells[c])
		switch {
		case k != wordy && kinds[c] == unseen:
			plain++
		case kinds[c] == wordy || kinds[c] == unseen:
		case k == wordy:
			votes++
		case k == kinds[c] && !year(head.Cells[c]):
			votes--
		}
		if k != wordy && !year(head.Cells[c]) && kinds[c] == wordy {
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
func firstBlock(body []Record) []Record {
	for i := range body {
		if i > 1 && body[i].filled() == 0 {
			return body[:i]
		}
	}
	return body
}

// again reports that values of the first record come again in their columns.
func again(body []Record, width int) bool {
	hits, seen := 0, 0
	for c := range min(width, len(body[0].Cells)) {
		v := body[0].Cells[c]
		if Blank(v) {
			continue
		}
		seen++
		if slices.ContainsFunc(body[1:], func(r Record) bool { return c < len(r.Cells) && bytes.Equal(r.Cells[c], v) }) {
			hits++
		}
	}
	return hits*3 > seen
}

// noteBefore notes the lines that stand before the header.
func (s *Sample) noteBefore(l *Layout, end int) {
	var first []string
	n := s.before
	for i := range end {
		r := &s.records[i]
		if r.filled() == 0 {
			continue
		}
		n++
		if len(first) < 20 {
			first = append(first, source.Clip(bytes.Join(r.Cells, []byte(" "))))
		}
	}
	if n > 0 {
		l.notes = append(l.notes, source.NewNote("preamble_skipped", "n", n, "text", strings.Join(first, "\n")))
	}
}

// Describe puts what was found into info.
func (l *Layout) Describe(info *source.Info) {
	info.HeaderRow = l.header
	info.Labels = l.labels
	info.Names = Names(l.labels)
	info.Notes = append(info.Notes, l.notes...)
	if again := repeated(l.labels); len(again) > 0 {
		info.Notes = append(info.Notes, source.NewNote("duplicate_names", "names", strings.Join(again, ", ")))
	}
	if empty := slices.Index(l.labels, ""); empty >= 0 && l.header >= 0 {
		info.Notes = append(info.Notes, source.NewNote("empty_names", "column", empty+1))
	}
}
