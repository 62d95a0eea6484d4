package scan

import (
	"cmp"
	"slices"
	"strings"

	"ceiba/internal/collaboration/procurement/flag"
	"ceiba/internal/collaboration/procurement/ocds"
)

// Coverage says which flags could be computed for the processes of a buyer in a
// year.
type Coverage struct {
	Buyer     string       `json:"buyer"` // key; empty where releases name none
	Name      string       `json:"name,omitempty"`
	Year      int          `json:"year"` // of the tender, else the award, else the release; 0 without
	Processes int          `json:"processes"`
	Flags     []Computable `json:"flags"` // of all 73, in their order
}

// Computable is in how many processes the fields are there that the guide
// requires for a flag, and which are not.
type Computable struct {
	Code     string         `json:"code"`
	Possible int            `json:"possible"`
	Missing  map[string]int `json:"missing,omitempty"` // processes without it, by path; alternatives with | between
}

// present is which of the paths a release has.
type present [3]uint64

func (p *present) set(i int)      { p[i/64] |= 1 << (i % 64) }
func (p *present) has(i int) bool { return p[i/64]&(1<<(i%64)) != 0 }

// node is a place in the tree of all paths.
type node struct {
	keys []string
	next []*node
	path int // number of the path that ends here; -1 if none does
}

type matrix struct {
	root   *node
	needs  []need
	byRule [][]int // needs of each rule
	cells  map[cellKey]*cell
}

type need struct {
	text  string
	paths []int
}

type cellKey struct {
	buyer int32
	year  int16
}

type cell struct {
	name               string
	n                  int
	possible, lackings []int32
}

func newMatrix() matrix {
	m := matrix{root: &node{path: -1}, cells: map[cellKey]*cell{}}
	paths, needs := map[string]int{}, map[string]int{}
	for _, r := range flag.Rules() {
		var mine []int
		for _, alternatives := range r.Fields {
			text := strings.Join(alternatives, "|")
			at, ok := needs[text]
			if !ok {
				at = len(m.needs)
				one := need{text: text}
				for _, path := range alternatives {
					if _, ok := paths[path]; !ok {
						paths[path] = len(paths)
						m.root.add(strings.Split(path, "/"), paths[path])
					}
					one.paths = append(one.paths, paths[path])
				}
				needs[text], m.needs = at, append(m.needs, one)
			}
			mine = append(mine, at)
		}
		m.byRule = append(m.byRule, mine)
	}
	if len(paths) > 64*len(present{}) {
		panic("flag: more paths than bits")
	}
	return m
}

func (n *node) add(steps []string, path int) {
	if len(steps) == 0 {
		n.path = path
		return
	}
	i := slices.Index(n.keys, steps[0])
	if i < 0 {
		i = len(n.keys)
		n.keys, n.next = append(n.keys, steps[0]), append(n.next, &node{path: -1})
	}
	n.next[i].add(steps[1:], path)
}

// look finds the paths of a release that have something.
func (m *matrix) look(o *ocds.Object) (p present) {
	m.root.walk(o, &p)
	return p
}

func (n *node) walk(v any, p *present) {
	switch x := v.(type) {
	case *ocds.Object:
		if x == nil {
			return
		}
		if n.path >= 0 && len(x.Fields) > 0 {
			p.set(n.path)
		}
		for i, key := range n.keys {
			if v, ok := x.Get(key); ok {
				n.next[i].walk(v, p)
			}
		}
	case []any:
		for _, v := range x {
			n.walk(v, p)
		}
	case nil:
	case string:
		if n.path >= 0 && strings.TrimSpace(x) != "" {
			p.set(n.path)
		}
	default:
		if n.path >= 0 {
			p.set(n.path)
		}
	}
}

func (m *matrix) take(p *flag.Process, buyer int32, bits present) {
	k := cellKey{buyer, int16(p.Year())}
	c := m.cells[k]
	if c == nil {
		c = &cell{possible: make([]int32, len(m.byRule)), lackings: make([]int32, len(m.needs))}
		m.cells[k] = c
	}
	c.n++
	if name := p.BuyerName; name != "" && (c.name == "" || name < c.name) {
		c.name = strings.Clone(name)
	}
	var lacks present
	for i := range m.needs {
		if !slices.ContainsFunc(m.needs[i].paths, bits.has) {
			lacks.set(i)
			c.lackings[i]++
		}
	}
	for i, needs := range m.byRule {
		if !slices.ContainsFunc(needs, lacks.has) {
			c.possible[i]++
		}
	}
}

// Matrix is which flags could be computed, by buyer and year, in their order.
func (s *Pass) Matrix() []Coverage {
	out := make([]Coverage, 0, len(s.matrix.cells))
	for k, c := range s.matrix.cells {
		one := Coverage{Buyer: s.names.name(k.buyer), Name: c.name, Year: int(k.year), Processes: c.n}
		for i, needs := range s.matrix.byRule {
			f := Computable{Code: s.rules[i].ID, Possible: int(c.possible[i])}
			for _, at := range needs {
				if n := c.lackings[at]; n > 0 {
					if f.Missing == nil {
						f.Missing = map[string]int{}
					}
					f.Missing[s.matrix.needs[at].text] = int(n)
				}
			}
			one.Flags = append(one.Flags, f)
		}
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b Coverage) int {
		return cmp.Or(strings.Compare(a.Buyer, b.Buyer), cmp.Compare(a.Year, b.Year))
	})
	return out
}
