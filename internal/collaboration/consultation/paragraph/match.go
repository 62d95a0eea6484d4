package paragraph

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"ceiba/internal/ground/id"
)

// Fate is what became of a paragraph from one version to the next.
type Fate string

// The fates. What moved and was also changed is Changed.
const (
	Same    Fate = "same"
	Moved   Fate = "moved"
	Changed Fate = "changed"
	New     Fate = "new"
	Gone    Fate = "gone"
)

// Matched is a new version with the numbers of its paragraphs.
type Matched struct {
	Paragraphs []Paragraph
	Fates      []Fate      // of each of them
	Gone       []Paragraph // of the former version, in its order
	Next       int         // the number that the next new paragraph will have
	Compared   int         // how many pairs were compared word by word
}

// Count is how many paragraphs have a fate.
func (m Matched) Count(f Fate) int {
	if f == Gone {
		return len(m.Gone)
	}
	n := 0
	for _, x := range m.Fates {
		if x == f {
			n++
		}
	}
	return n
}

// How alike two paragraphs must be to count as one that was changed: twice the
// words that they share in order, over the words of both.
const alike = 0.5

// window is how many neighbours, and how many others with rare words in common,
// a paragraph is compared with.
const window = 6

// Match gives the paragraphs of a new version the numbers of the former ones
// that they come from, and numbers from next on to those that are new.
func Match(former, now []Paragraph, next int) Matched {
	m := &matcher{old: former, now: slices.Clone(now), from: make([]int, len(now)), taken: make([]bool, len(former))}
	for i := range m.from {
		m.from[i] = -1
	}
	m.exact()
	stays := longestRising(m.from)
	m.alike(stays, m.rare())
	return m.result(stays, next)
}

// Replace gives the paragraph at a place other words, and nothing else: it keeps
// its number however little they have in common with the former ones.
func Replace(former []Paragraph, place int, text string, next int) Matched {
	m := &matcher{old: former, now: slices.Clone(former), from: make([]int, len(former)), taken: make([]bool, len(former))}
	for i := range m.from {
		m.pair(i, i)
	}
	m.now[place].Text, m.now[place].SHA = text, Sum(text)
	return m.result(longestRising(m.from), next)
}

type matcher struct {
	old, now []Paragraph
	from     []int  // the former place of each new paragraph, or -1
	taken    []bool // of the former ones
	words    map[int][]string
	compared int
}

// exact pairs those with the same text: the first of several with the first.
func (m *matcher) exact() {
	places := map[string][]int{}
	for i, p := range m.old {
		places[p.SHA] = append(places[p.SHA], i)
	}
	for j, p := range m.now {
		if at := places[p.SHA]; len(at) > 0 {
			m.pair(at[0], j)
			places[p.SHA] = at[1:]
		}
	}
}

func (m *matcher) pair(i, j int) { m.from[j], m.taken[i] = i, true }

// alike pairs what is left, in order, each with the most alike of the next few
// between the same two unmoved neighbours and of those, wherever they are, that
// share most rare words with it.
func (m *matcher) alike(stays []bool, rare map[string][]int) {
	low := 0
	for j := 0; j < len(m.now); {
		if stays[j] {
			low, j = m.from[j]+1, j+1
			continue
		}
		end := j
		for end < len(m.now) && !stays[end] {
			end++
		}
		high := len(m.old)
		if end < len(m.now) {
			high = m.from[end]
		}
		for ; j < end; j++ {
			if m.from[j] >= 0 {
				continue
			}
			i, ok := m.best(j, append(m.open(low, high), m.sharing(rare, j)...))
			if !ok {
				continue
			}
			m.pair(i, j)
			if i >= low && i < high {
				low = i + 1
			}
		}
	}
}

// open lists the next few former paragraphs of a stretch that have no pair yet.
func (m *matcher) open(low, high int) (out []int) {
	for i := low; i < high && len(out) < window; i++ {
		if !m.taken[i] {
			out = append(out, i)
		}
	}
	return out
}

// best returns the most alike of some former paragraphs, the first of equals.
func (m *matcher) best(j int, candidates []int) (at int, ok bool) {
	most := alike
	for _, i := range candidates {
		if (m.old[i].Level > 0) != (m.now[j].Level > 0) {
			continue
		}
		m.compared++
		if s := similarity(m.wordsOf(i), wordsIn(m.now[j].Text)); s > most || s == most && !ok {
			at, most, ok = i, s, true
		}
	}
	return at, ok
}

func (m *matcher) wordsOf(i int) []string {
	if m.words == nil {
		m.words = map[int][]string{}
	}
	w, ok := m.words[i]
	if !ok {
		w = wordsIn(m.old[i].Text)
		m.words[i] = w
	}
	return w
}

func wordsIn(s string) []string { return strings.Fields(id.Fold(Normalised(s))) }

// rare lists where the words are, among the former paragraphs that have no pair,
// that only a few of them have.
func (m *matcher) rare() map[string][]int {
	places := map[string][]int{}
	for i := range m.old {
		if m.taken[i] {
			continue
		}
		for _, w := range distinct(m.wordsOf(i)) {
			if at := places[w]; len(at) <= window {
				places[w] = append(at, i)
			}
		}
	}
	return places
}

// sharing lists the few open former paragraphs that share most rare words with a
// new one.
func (m *matcher) sharing(places map[string][]int, j int) (out []int) {
	shared := map[int]int{}
	for _, w := range distinct(wordsIn(m.now[j].Text)) {
		if at := places[w]; len(at) <= window {
			for _, i := range at {
				shared[i]++
			}
		}
	}
	for i := range shared {
		if !m.taken[i] {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b int) int { return cmp.Or(shared[b]-shared[a], a-b) })
	return out[:min(window, len(out))]
}

func distinct(words []string) []string {
	words = slices.Clone(words)
	slices.Sort(words)
	return slices.Compact(words)
}

// similarity is twice the length of the longest common subsequence of words
// over the number of words of both. It is 0 where the words alone, in whatever
// order, already say that it is below alike.
func similarity(a, b []string) float64 {
	if len(a)+len(b) == 0 || 2*float64(inCommon(a, b)) < alike*float64(len(a)+len(b)) {
		return 0
	}
	return 2 * float64(common(a, b)) / float64(len(a)+len(b))
}

func inCommon(a, b []string) (n int) {
	count := map[string]int{}
	for _, w := range a {
		count[w]++
	}
	for _, w := range b {
		if count[w] > 0 {
			count[w]--
			n++
		}
	}
	return n
}

// common is the length of the longest common subsequence, 64 words at a time
// (H. Hyyrö, "Bit-parallel LCS-length computation revisited", 2004).
func common(a, b []string) int {
	size := (len(a) + 63) / 64
	where := map[string][]uint64{}
	for i, w := range a {
		if where[w] == nil {
			where[w] = make([]uint64, size)
		}
		where[w][i/64] |= 1 << (i % 64)
	}
	row := make([]uint64, size) // a zero is a word that is in the subsequence
	for i := range row {
		row[i] = ^uint64(0)
	}
	for _, w := range b {
		step(row, where[w])
	}
	n := 0
	for i := range a {
		if row[i/64]>>(i%64)&1 == 0 {
			n++
		}
	}
	return n
}

func step(row, at []uint64) {
	if at == nil {
		return
	}
	carry := uint64(0)
	for i, v := range row {
		u := v & at[i]
		sum := v + u
		over := sum < v
		sum += carry
		if over = over || sum < carry; over {
			carry = 1
		} else {
			carry = 0
		}
		row[i] = sum | v&^u
	}
}

// longestRising marks the longest stretch, gaps allowed, whose places rise: what
// stays where it was while the others moved around it.
func longestRising(from []int) []bool {
	var ends []int // the index that ends the best stretch of each length
	before := make([]int, len(from))
	for j, i := range from {
		if i < 0 {
			continue
		}
		n := sort.Search(len(ends), func(n int) bool { return from[ends[n]] >= i })
		before[j] = -1
		if n > 0 {
			before[j] = ends[n-1]
		}
		if n == len(ends) {
			ends = append(ends, j)
		} else {
			ends[n] = j
		}
	}
	marks := make([]bool, len(from))
	if len(ends) > 0 {
		for j := ends[len(ends)-1]; j >= 0; j = before[j] {
			marks[j] = true
		}
	}
	return marks
}

// result numbers the paragraphs and says what became of each.
func (m *matcher) result(stays []bool, next int) Matched {
	out := Matched{Paragraphs: m.now, Fates: make([]Fate, len(m.now)), Next: max(next, 1), Compared: m.compared}
	section := ""
	for j := range m.now {
		p := &m.now[j]
		switch i := m.from[j]; {
		case i < 0:
			p.ID, out.Fates[j] = strconv.Itoa(out.Next), New
			out.Next++
		case m.old[i].SHA != p.SHA:
			p.ID, out.Fates[j] = m.old[i].ID, Changed
		case stays[j]:
			p.ID, out.Fates[j] = m.old[i].ID, Same
		default:
			p.ID, out.Fates[j] = m.old[i].ID, Moved
		}
		if p.Level > 0 {
			section = p.ID
		}
		p.Section = section
	}
	for i, p := range m.old {
		if !m.taken[i] {
			out.Gone = append(out.Gone, p)
		}
	}
	return out
}
