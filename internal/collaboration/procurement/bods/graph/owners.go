package graph

import (
	"math/big"
	"slices"
	"strings"
)

// Level is whether an owner's share reaches the threshold.
type Level string

// The levels.
const (
	Reaches Level = "yes"
	May     Level = "perhaps" // the least share is below it, the most is not
	Below   Level = "no"
)

// Owner is somebody at the end of a chain, with the share of the company that
// is theirs.
type Owner struct {
	Node
	Min, Max string // per cent: four decimals, Min cut off and Max rounded up
	Level    Level
	Paths    int  // how many ways lead there
	Declared bool // a statement says that they are a beneficial owner of the company
	min, max *big.Rat
}

// End is where a chain ends without a person who is known.
type End struct {
	Record    string // where it ends
	Statement string // that says so; empty where there is none
	Why       Reason
}

// Structure is what stands behind a company.
type Structure struct {
	Record   string
	Owners   []Owner    // persons, known or not; the largest first
	Ends     []End      // dead ends, in the order of their records
	Circles  [][]string // records that own one another, each circle in order
	Cut      bool       // there are more paths than were walked
	NoOwners bool       // a statement says that no owner has to be disclosed
}

// walk goes up from a company.
type walk struct {
	*Graph
	on     map[int]bool // nodes of the path
	steps  int
	min    map[int]*big.Rat
	max    map[int]*big.Rat
	paths  map[int]int
	seen   map[int]bool
	ends   map[End]bool
	direct map[[2]int]bool // pairs that a chain of direct interests joins
	out    *Structure
}

// Behind finds who stands behind a company. Of a company that is not in the
// graph nothing is declared.
func (g *Graph) Behind(record string) *Structure {
	out := &Structure{Record: record}
	start, ok := g.at[record]
	if !ok {
		out.Ends = []End{{record, "", Undeclared}}
		return out
	}
	w := &walk{
		Graph: g, on: map[int]bool{}, min: map[int]*big.Rat{}, max: map[int]*big.Rat{}, paths: map[int]int{},
		seen: map[int]bool{}, ends: map[End]bool{}, direct: map[[2]int]bool{}, out: out,
	}
	w.from(start, big.NewRat(1, 1), big.NewRat(1, 1), true)
	w.declared(start)
	w.list(start)
	out.Circles = g.circles(w.seen)
	for e := range w.ends {
		out.Ends = append(out.Ends, e)
	}
	slices.SortFunc(out.Ends, func(a, b End) int {
		return strings.Compare(a.Record+"\x00"+a.Statement+"\x00"+string(a.Why), b.Record+"\x00"+b.Statement+"\x00"+string(b.Why))
	})
	return out
}

// from goes up from a node that has low to high of the company by this path.
// Counts is false beyond a step that has no share.
func (w *walk) from(at int, low, high *big.Rat, counts bool) {
	w.seen[at], w.on[at] = true, true
	defer delete(w.on, at)
	n := &w.nodes[at]
	if n.Dead != "" {
		w.ends[End{n.Record, "", n.Dead}] = true
	}
	owners := 0
	for _, i := range w.up[at] {
		e := &w.edges[i]
		owners++
		if e.from < 0 {
			w.nobody(e)
			continue
		}
		if e.nominee {
			w.ends[End{w.nodes[e.from].Record, e.statement, NomineeOwner}] = true
		}
		if w.steps++; w.steps > w.Steps || len(w.on) > w.Depth {
			w.out.Cut = true
			return
		}
		if w.on[e.from] || e.indirect && w.joined(e.from, at) {
			continue
		}
		w.up1(e, low, high, counts && e.counts)
	}
	if owners == 0 && n.Type != "person" && n.open && n.Dead == "" {
		w.ends[End{n.Record, "", Undeclared}] = true
	}
}

// up1 takes one step to an owner.
func (w *walk) up1(e *edge, low, high *big.Rat, counts bool) {
	a, b := new(big.Rat), new(big.Rat)
	if counts {
		a.Mul(low, e.low)
		b.Mul(high, e.high)
	}
	if w.nodes[e.from].Type == "person" {
		if w.min[e.from] == nil {
			w.min[e.from], w.max[e.from] = new(big.Rat), new(big.Rat)
		}
		w.min[e.from].Add(w.min[e.from], a)
		w.max[e.from].Add(w.max[e.from], b)
		w.paths[e.from]++
	}
	w.from(e.from, a, b, counts)
}

// nobody notes why a relationship names no owner.
func (w *walk) nobody(e *edge) {
	if e.why == "noBeneficialOwners" {
		w.out.NoOwners = true
		return
	}
	w.ends[End{w.nodes[e.to].Record, e.statement, e.why}] = true
}

// joined tells whether direct interests lead from one to the other.
func (w *walk) joined(from, to int) bool {
	pair := [2]int{from, to}
	known, ok := w.direct[pair]
	if ok {
		return known
	}
	seen, queue := map[int]bool{to: true}, []int{to}
	for len(queue) > 0 && !seen[from] {
		at := queue[0]
		queue = queue[1:]
		for _, i := range w.up[at] {
			if e := &w.edges[i]; e.from >= 0 && !e.indirect && !seen[e.from] {
				seen[e.from] = true
				queue = append(queue, e.from)
			}
		}
	}
	w.direct[pair] = seen[from]
	return seen[from]
}

// declared adds whom statements name as beneficial owners of the company itself.
func (w *walk) declared(start int) {
	for _, i := range w.up[start] {
		if e := &w.edges[i]; e.declared && e.from >= 0 && w.min[e.from] == nil {
			w.min[e.from], w.max[e.from] = new(big.Rat), new(big.Rat)
		}
	}
}

// list makes the owners out of what was summed up.
func (w *walk) list(start int) {
	said := map[int]bool{}
	for _, i := range w.up[start] {
		if e := &w.edges[i]; e.declared {
			said[e.from] = true
		}
	}
	threshold := big.NewRat(int64(w.Threshold), 100)
	for i, low := range w.min {
		low, high := atMostAll(low), atMostAll(w.max[i])
		o := Owner{Node: w.nodes[i], Min: percent(low, false), Max: percent(high, true), Level: Below, Paths: w.paths[i], Declared: said[i], min: low, max: high}
		switch {
		case low.Cmp(threshold) >= 0:
			o.Level = Reaches
		case high.Cmp(threshold) >= 0:
			o.Level = May
		}
		w.out.Owners = append(w.out.Owners, o)
	}
	slices.SortFunc(w.out.Owners, func(a, b Owner) int {
		if c := b.min.Cmp(a.min); c != 0 {
			return c
		}
		if c := b.max.Cmp(a.max); c != 0 {
			return c
		}
		return strings.Compare(a.Record, b.Record)
	})
}

// percent writes a part of one with at most four decimals, on the safe side.
func percent(n *big.Rat, up bool) string {
	const places = 10000
	scaled := new(big.Rat).Mul(n, big.NewRat(100*places, 1))
	q, r := new(big.Int).QuoRem(scaled.Num(), scaled.Denom(), new(big.Int))
	if up && r.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	s := new(big.Rat).SetFrac(q, big.NewInt(places)).FloatString(4)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// circles are the sets of nodes that own one another, among those seen: the
// strongly connected components, by Tarjan (1972).
func (g *Graph) circles(seen map[int]bool) [][]string {
	t := &tarjan{Graph: g, number: map[int]int{}, low: map[int]int{}, on: map[int]bool{}, within: seen}
	for i := range g.nodes {
		if seen[i] && t.number[i] == 0 {
			t.visit(i)
		}
	}
	slices.SortFunc(t.out, slices.Compare[[]string])
	return t.out
}

type tarjan struct {
	*Graph
	number, low map[int]int
	on, within  map[int]bool
	stack       []int
	out         [][]string
}

func (t *tarjan) visit(at int) {
	t.number[at] = len(t.number) + 1
	t.low[at] = t.number[at]
	t.stack, t.on[at] = append(t.stack, at), true
	self := false
	for _, i := range t.up[at] {
		to := t.edges[i].from
		switch {
		case to < 0 || !t.within[to]:
		case to == at:
			self = true
		case t.number[to] == 0:
			t.visit(to)
			t.low[at] = min(t.low[at], t.low[to])
		case t.on[to]:
			t.low[at] = min(t.low[at], t.number[to])
		}
	}
	if t.low[at] != t.number[at] {
		return
	}
	var circle []string
	for last := -1; last != at; {
		last = t.stack[len(t.stack)-1]
		t.stack, t.on[last] = t.stack[:len(t.stack)-1], false
		circle = append(circle, t.nodes[last].Record)
	}
	if len(circle) > 1 || self {
		slices.Sort(circle)
		t.out = append(t.out, circle)
	}
}

// Common is somebody who stands behind several companies.
type Common struct {
	Node
	Companies []string // in order
	Level     Level    // the lowest over the companies
}

// Shared finds who stands behind more than one of the companies with a share that
// reaches the threshold or may, or by a statement's word.
func (g *Graph) Shared(companies ...string) []Common {
	at := map[string]*Common{}
	for _, c := range slices.Compact(slices.Sorted(slices.Values(companies))) {
		for _, o := range g.Behind(c).Owners {
			if o.Level == Below && !o.Declared {
				continue
			}
			one := at[o.Record]
			if one == nil {
				one = &Common{Node: o.Node, Level: o.Level}
				at[o.Record] = one
			}
			one.Companies = append(one.Companies, c)
			one.Level = lower(one.Level, o.Level)
		}
	}
	var out []Common
	for _, one := range at {
		if len(one.Companies) > 1 {
			out = append(out, *one)
		}
	}
	slices.SortFunc(out, func(a, b Common) int { return strings.Compare(a.Record, b.Record) })
	return out
}

func lower(a, b Level) Level {
	for _, l := range []Level{Below, May} {
		if a == l || b == l {
			return l
		}
	}
	return Reaches
}
