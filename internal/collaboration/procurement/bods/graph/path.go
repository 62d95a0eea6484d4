package graph

// Step is an edge of a path, whichever way it is gone.
type Step struct {
	From, To  string // records, in the direction of the path
	Kind      string // interest, or what Link said
	Statement string // id of the statement or declaration that tells of it
	Personal  bool   // Link said that it tells of a person who holds no office
}

// Link adds what other sources say, such as a declaration that two people are
// married: an edge that has no share. It is for before the graph is used.
func (g *Graph) Link(a, b, kind, at string, personal bool) {
	g.edges = append(g.edges, edge{from: g.node(a), to: g.node(b), statement: at, kind: kind, personal: personal, link: true})
	g.index()
}

// Path is a shortest path of at most so many edges between two records, in
// whichever direction the edges lead; of several always the same. Found is false if there is
// none.
func (g *Graph) Path(from, to string, edges int) (steps []Step, found bool) {
	a, okA := g.at[from]
	b, okB := g.at[to]
	if !okA || !okB {
		return nil, false
	}
	came := map[int]int{a: -1} // by which edge
	layer := []int{a}
	for n := 0; n < edges && len(layer) > 0; n++ {
		if _, ok := came[b]; ok {
			break
		}
		var next []int
		for _, at := range layer {
			for _, i := range g.near[at] {
				other := g.other(i, at)
				if other < 0 {
					continue
				}
				if _, ok := came[other]; !ok {
					came[other] = i
					next = append(next, other)
				}
			}
		}
		layer = next
	}
	if _, ok := came[b]; !ok {
		return nil, false
	}
	for at := b; at != a; {
		i := came[at]
		before := g.other(i, at)
		e := g.edges[i]
		steps = append([]Step{{g.nodes[before].Record, g.nodes[at].Record, e.kind, e.statement, e.personal}}, steps...)
		at = before
	}
	return steps, true
}

// other is the other end of an edge.
func (g *Graph) other(i, at int) int {
	if e := &g.edges[i]; e.to == at {
		return e.from
	}
	return g.edges[i].to
}
