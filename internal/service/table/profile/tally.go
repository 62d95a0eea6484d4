package profile

import (
	"slices"

	"ceiba/internal/service/table/cell"
)

// maxMisfits is how many cells of a column may fail its inferred type before
// the column is taken as text instead. One in a hundred is the other limit.
const maxMisfits = 1000

// dictionaryMax is how many different values a tally counts one by one. Most
// columns of public data have fewer, and each value is then classified once.
const dictionaryMax = 1000

// dictionaryLongest is the longest value, in bytes, that is remembered: a
// column of essays or polygons must not fill the memory.
const dictionaryLongest = 256

// tally watches one column go by and counts which types its cells would fit.
type tally struct {
	rows, filled, nulls int64
	voids               map[string]bool  // words the publisher declared to mean "no value"
	known               map[string]int64 // values so far, until there are too many
	overflow            bool
	textOnly            bool // nothing but text can come of it any more
	distinct            sketch
	nullSeen            map[string]int64
	spaced              int64 // cells with blanks around the text
	longest             int

	point, comma           style // numbers with decimal point, with decimal comma
	padded                 int64
	grouped                int64 // "1,234" or "1.234": a number either way
	units                  map[string]int64
	yes, no                int64
	dayFirst, monthFirst   calendar
	zoned, clocks          int64
	time, url, json, shape int64
	pair, lonFirst         int64
	district, misspelt     int64

	unique *uniqueness // set where the column may be the key
}

// style counts numbers read one way.
type style struct {
	fit, integral int64
	min, max      float64
}

// calendar counts dates read one way.
type calendar struct{ fit, sure, timed int64 }

func newTally() *tally {
	return &tally{known: map[string]int64{}, nullSeen: map[string]int64{}, units: map[string]int64{}}
}

// see takes the next cell; nil or blank means empty.
func (t *tally) see(raw []byte) {
	t.rows++
	b := cell.Trim(raw)
	if t.unique != nil {
		t.unique.see(b)
	}
	if len(b) == 0 || t.voids[string(b)] {
		return
	}
	t.filled++
	if len(b) != len(raw) {
		t.spaced++
	}
	if !t.overflow {
		if n, ok := t.known[string(b)]; ok {
			t.known[string(b)] = n + 1
			return
		}
		if len(t.known) < dictionaryMax && len(b) <= dictionaryLongest {
			t.known[string(b)] = 1
			return
		}
		t.flush()
	}
	t.distinct.add(cell.Hash(b))
	if !t.textOnly {
		t.classify(b, 1)
		if t.filled&1023 == 0 {
			t.textOnly = t.hopeless()
		}
		return
	}
	t.longest = max(t.longest, len(b))
}

// flush gives up counting values one by one.
func (t *tally) flush() {
	t.overflow = true
	for v, n := range t.known {
		t.classify([]byte(v), n)
		t.distinct.add(cell.Hash([]byte(v)))
	}
}

// finish classifies what a small column still holds.
func (t *tally) finish() {
	if !t.overflow {
		for v, n := range t.known {
			t.classify([]byte(v), n)
		}
	}
}

func (t *tally) different() int64 {
	if t.overflow {
		return max(t.distinct.estimate(), 1)
	}
	return int64(len(t.known))
}

// hopeless reports that no type but text can still be accepted.
func (t *tally) hopeless() bool {
	best := slices.Max([]int64{t.point.fit, t.comma.fit, t.yes + t.no, t.dayFirst.fit, t.monthFirst.fit, t.time, t.url, t.json, t.pair, t.district})
	return t.filled-t.nulls-best > maxMisfits
}

// classify counts n cells with the text b for every type they fit.
func (t *tally) classify(b []byte, n int64) {
	t.longest = max(t.longest, len(b))
	if cell.IsNullWord(b) {
		t.nulls += n
		t.nullSeen[string(b)] += n
		return
	}
	digit, letter := false, false
	for _, c := range b[:min(len(b), 64)] {
		digit = digit || c >= '0' && c <= '9'
		letter = letter || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
	}
	if digit && len(b) <= 64 {
		t.number(b, n)
		t.moment(b, n)
		t.place(b, n)
	}
	if letter {
		t.word(b, n)
	}
	if (b[0] == '{' || b[0] == '[') && cell.IsJSON(b) {
		t.json += n
		if _, ok := cell.ParseShape(b); ok {
			t.shape += n
		}
	}
}

func (t *tally) number(b []byte, n int64) {
	p, okPoint := cell.ParseNumber(b, false)
	c, okComma := p, okPoint
	if !okPoint || p.Comma || p.Point {
		c, okComma = cell.ParseNumber(b, true)
	}
	if okPoint {
		t.point.count(p, n)
		if p.Padded {
			t.padded += n
		}
	}
	if okComma {
		t.comma.count(c, n)
		if !okPoint && c.Padded {
			t.padded += n
		}
	}
	if !okPoint && !okComma {
		return
	}
	if unit := p.Unit + c.Unit; unit != "" {
		t.units[b2s(p.Unit, c.Unit)] += n
	}
	if okPoint && okComma && (p.Comma || p.Point) {
		t.grouped += n
	}
}

func b2s(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (s *style) count(v cell.Numeral, n int64) {
	if s.fit == 0 {
		s.min, s.max = v.Float, v.Float
	}
	s.fit += n
	s.min, s.max = min(s.min, v.Float), max(s.max, v.Float)
	if v.Integral {
		s.integral += n
	}
}

func (t *tally) moment(b []byte, n int64) {
	if clock, ok := cell.ParseTime(b); ok {
		t.time += n
		t.clocks += min(clock, 1) * n
		return
	}
	m, ok := cell.ParseMoment(b)
	if !ok {
		return
	}
	for _, c := range []struct {
		dayFirst bool
		to       *calendar
	}{{true, &t.dayFirst}, {false, &t.monthFirst}} {
		if _, ok := m.Days(c.dayFirst); ok {
			c.to.fit += n
			if m.Sure {
				c.to.sure += n
			}
			if m.Timed && (m.Clock != 0 || m.Zoned) {
				c.to.timed += n
			}
		}
	}
	if m.Zoned {
		t.zoned += n
	}
}

func (t *tally) place(b []byte, n int64) {
	first, second, ok := cell.ParsePair(b)
	if !ok {
		return
	}
	t.pair += n
	if !cell.InRange(first, second) || first < -80 && first > -95 && second > 10 && second < 25 {
		t.lonFirst += n // the first number is no latitude, or the pair lies in Belize only when turned round
	}
}

func (t *tally) word(b []byte, n int64) {
	if v, ok := cell.ParseBool(b); ok {
		if v {
			t.yes += n
		} else {
			t.no += n
		}
	}
	if name, ok := cell.ParseDistrict(b); ok {
		t.district += n
		if name != string(b) {
			t.misspelt += n
		}
	}
	if cell.IsURL(b) {
		t.url += n
	}
}

// uniqueness decides whether a column names each row once. Numbers that only
// grow need no memory; anything else keeps one hash a row.
type uniqueness struct {
	failed  bool
	growing bool
	last    int64
	hashes  []uint64
	checked int
}

func (u *uniqueness) see(b []byte) {
	if u.failed {
		return
	}
	if len(b) == 0 || cell.IsNullWord(b) {
		u.failed, u.hashes = true, nil
		return
	}
	if u.growing {
		n, ok := cell.ParseNumber(b, false)
		if ok && n.Integral && n.Int > u.last {
			u.last = n.Int
			u.hashes = append(u.hashes, cell.Hash(b))
			return
		}
		u.growing = false
	}
	u.hashes = append(u.hashes, cell.Hash(b))
	if len(u.hashes) >= 4*u.checked && len(u.hashes) >= 1000 {
		u.check() // at 1,000, 4,000, 16,000 …: most columns fail early
	}
}

func (u *uniqueness) check() {
	u.checked = len(u.hashes)
	sorted := slices.Clone(u.hashes)
	slices.Sort(sorted)
	if len(slices.Compact(sorted)) < len(u.hashes) {
		u.failed, u.hashes = true, nil
	}
}

func (u *uniqueness) unique() bool {
	if u == nil || u.failed || len(u.hashes) == 0 {
		return false
	}
	if !u.growing {
		u.check()
	}
	return !u.failed
}
