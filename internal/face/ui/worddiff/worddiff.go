// Package worddiff says in which words two texts differ, for pages that show
// them side by side: a draft and the next one, a promise and its amendment.
//
// Diff cuts both texts into words, the white space between them and single
// marks, and returns runs of what both have, what only the old one has and what
// only the new one has. Nothing is lost: the equal and the deleted runs together
// are the old text, the equal and the inserted runs the new one, byte by byte.
//
// The difference is the shortest there is (Myers 1986, "An O(ND) difference
// algorithm and its variations", the variant in linear space), as long as it is
// found within Steps; from there on a passage that differs too much is shown as
// taken out and put in whole. The same two texts always give the same runs.
package worddiff

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind says which of the two texts has a run.
type Kind int

// The kinds of runs.
const (
	Equal  Kind = iota // both
	Delete             // only the old one
	Insert             // only the new one
)

// Run is a passage of one kind.
type Run struct {
	Kind Kind
	Text string
}

// Steps is how many places a comparison looks at before it stops being exact:
// some hundredths of a second.
const Steps = 4_000_000

// Diff returns the runs that make the new text of the old one. Between two equal
// runs stands at most one deletion, followed by at most one insertion.
func Diff(before, after string) []Run {
	runs, _ := diff(before, after, Steps)
	return runs
}

// diff also returns how many steps it took.
func diff(before, after string, steps int) ([]Run, int) {
	d := &differ{left: steps, number: map[string]int{}}
	olds, news := tokens(before), tokens(after)
	d.a, d.b = d.numbers(olds), d.numbers(news)
	d.gone, d.come = make([]bool, len(olds)), make([]bool, len(news))
	d.walk(0, len(olds), 0, len(news))
	return tidy(d.runs(olds, news)), steps - d.left
}

// tokens cuts a text into words, white space and single marks.
func tokens(s string) (out []string) {
	for s != "" {
		n := token(s)
		out, s = append(out, s[:n]), s[n:]
	}
	return out
}

// token is the length of the first token of a text.
func token(s string) int {
	r, first := utf8.DecodeRuneInString(s)
	in := within(r)
	if in == nil {
		return first
	}
	for i, r := range s {
		if !in(r) {
			return i
		}
	}
	return len(s)
}

// within is the class of runes that a token which begins with r goes on with.
func within(r rune) func(rune) bool {
	switch {
	case unicode.IsSpace(r):
		return unicode.IsSpace
	case inWord(r):
		return inWord
	}
	return nil
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '\'' || r == '’'
}

type differ struct {
	a, b       []int // the tokens of both texts, by number
	gone, come []bool
	left       int // steps
	number     map[string]int
}

func (d *differ) numbers(tokens []string) []int {
	out := make([]int, len(tokens))
	for i, t := range tokens {
		n, ok := d.number[t]
		if !ok {
			n = len(d.number)
			d.number[t] = n
		}
		out[i] = n
	}
	return out
}

// walk marks what is gone and what has come between two stretches.
func (d *differ) walk(a0, a1, b0, b1 int) {
	for a0 < a1 && b0 < b1 && d.a[a0] == d.b[b0] {
		a0, b0 = a0+1, b0+1
	}
	for a0 < a1 && b0 < b1 && d.a[a1-1] == d.b[b1-1] {
		a1, b1 = a1-1, b1-1
	}
	x, y, ok := 0, 0, false
	if a0 < a1 && b0 < b1 {
		x, y, ok = d.middle(d.a[a0:a1], d.b[b0:b1])
	}
	if !ok || x+y == 0 || x+y == a1-a0+b1-b0 {
		mark(d.gone[a0:a1])
		mark(d.come[b0:b1])
		return
	}
	d.walk(a0, a0+x, b0, b0+y)
	d.walk(a0+x, a1, b0+y, b1)
}

func mark(all []bool) {
	for i := range all {
		all[i] = true
	}
}

// front is how far one of the two searches has come: on diagonal k it has read
// far[off+k] tokens of the old text.
type front struct {
	a, b       []int
	back       bool // reads both texts from their ends
	far        []int
	off        int
	start, end int // diagonals that left the field
}

func newFront(a, b []int, back bool) *front {
	most := (len(a)+len(b)+1)/2 + 1
	f := &front{a: a, b: b, back: back, far: make([]int, 2*most+2), off: most}
	for i := range f.far {
		f.far[i] = -1
	}
	f.far[f.off+1] = 0
	return f
}

// advance goes as far as it can on diagonal k with d differences.
func (f *front) advance(d, k int) (x, y, steps int) {
	i := f.off + k
	if k == -d || k != d && f.far[i-1] < f.far[i+1] {
		x = f.far[i+1]
	} else {
		x = f.far[i-1] + 1
	}
	y = x - k
	for x < len(f.a) && y < len(f.b) && f.same(x, y) {
		x, y, steps = x+1, y+1, steps+1
	}
	f.far[i] = x
	return x, y, steps + 1
}

func (f *front) same(x, y int) bool {
	if f.back {
		return f.a[len(f.a)-1-x] == f.b[len(f.b)-1-y]
	}
	return f.a[x] == f.b[y]
}

// at is how far the front has come on a diagonal, and whether it was there.
func (f *front) at(k int) (int, bool) {
	i := f.off + k
	if i < 0 || i >= len(f.far) || f.far[i] < 0 {
		return 0, false
	}
	return f.far[i], true
}

// middle finds a point on a shortest way through both texts, by searching from
// both ends until they meet. ok is false when the steps are used up.
func (d *differ) middle(a, b []int) (x, y int, ok bool) {
	there, here := newFront(a, b, false), newFront(a, b, true)
	delta := len(a) - len(b)
	odd := delta%2 != 0
	for n := range (len(a) + len(b) + 1) / 2 {
		if x, y, ok = d.meet(there, here, n, delta, odd); ok {
			return x, y, true
		}
		if x, y, ok = d.meet(here, there, n, delta, !odd); ok {
			return len(a) - x, len(b) - y, true
		}
		if d.left <= 0 {
			return 0, 0, false
		}
	}
	return 0, 0, false
}

// meet lets one front advance by a difference; look says whether it can meet the
// other one in this round. x and y are counted from where the front began.
func (d *differ) meet(f, other *front, n, delta int, look bool) (x, y int, ok bool) {
	for k := -n + f.start; k <= n-f.end; k += 2 {
		x, y, steps := f.advance(n, k)
		d.left -= steps
		switch {
		case x > len(f.a):
			f.end += 2
		case y > len(f.b):
			f.start += 2
		case look:
			if far, been := other.at(delta - k); been && x >= len(f.a)-far {
				return x, y, true
			}
		}
	}
	return 0, 0, false
}

// runs puts neighbours of one kind together.
func (d *differ) runs(olds, news []string) (out []Run) {
	i, j := 0, 0
	for i < len(olds) || j < len(news) {
		var deleted, inserted, equal strings.Builder
		for ; i < len(olds) && d.gone[i]; i++ {
			deleted.WriteString(olds[i])
		}
		for ; j < len(news) && d.come[j]; j++ {
			inserted.WriteString(news[j])
		}
		for i < len(olds) && j < len(news) && !d.gone[i] && !d.come[j] {
			equal.WriteString(olds[i])
			i, j = i+1, j+1
		}
		out = add(out, Delete, deleted.String())
		out = add(out, Insert, inserted.String())
		out = add(out, Equal, equal.String())
	}
	return out
}

func add(runs []Run, k Kind, text string) []Run {
	if text == "" {
		return runs
	}
	return append(runs, Run{k, text})
}

// tidy joins changes between which only white space is equal, since three words
// changed in a row read better as one change than as three.
func tidy(runs []Run) (out []Run) {
	var deleted, inserted string
	flush := func() {
		out = add(add(out, Delete, deleted), Insert, inserted)
		deleted, inserted = "", ""
	}
	for i, r := range runs {
		switch {
		case r.Kind == Delete:
			deleted += r.Text
		case r.Kind == Insert:
			inserted += r.Text
		case deleted+inserted != "" && i+1 < len(runs) && strings.TrimSpace(r.Text) == "":
			deleted, inserted = deleted+r.Text, inserted+r.Text
		default:
			flush()
			out = append(out, r)
		}
	}
	flush()
	return out
}
