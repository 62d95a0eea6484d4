// Package graph finds who stands at the end of chains of companies, out of
// statements of BODS 0.4.
//
// What it promises:
//
//   - A share along a path is the product of its steps' shares, and the share of
//     an owner the sum over all paths that come by nothing twice. Shares that are
//     known as ranges give a range. Numbers are exact.
//   - Owners in a circle are reported, not followed for ever. A graph with too many
//     paths, or too long ones, is cut off (Options.Steps, Depth), which the result
//     says.
//   - Where a chain ends without a person that is known, that is said, with why.
//   - The same statements give the same result, whatever their order among records.
//
// The last statement of each record counts, by its date; a record that was closed
// is gone. Records that have one identifier of one scheme are one.
//
// Limits: an interest said to be indirect counts only where no chain of direct
// ones leads from the one to the other, so that nothing is counted twice. Only
// interests of Options.Interest have shares; control by other means is shown as
// the statements declare it. The shares of a company's owners may add up to more
// than the whole where ranges are wide.
package graph

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"ceiba/internal/collaboration/procurement/bods"
)

// Options are what results depend on beside the statements.
type Options struct {
	On        string // YYYY-MM-DD on which interests hold; empty for those without an end
	Interest  string // type of interest whose shares count; "shareholding" if empty
	Threshold int    // per cent from which somebody is an owner that matters; 10 if zero, as in Belize
	Steps     int    // edges that are walked for one company; 100,000 if zero
	Depth     int    // edges of one chain; 60 if zero
}

// Node is an entity or a person.
type Node struct {
	Record string // the first of its records' ids
	Type   bods.RecordType
	Name   string
	Dead   Reason // why nobody knows who is behind it; "" where that is known
	known  bool   // there is a statement
	open   bool   // an entity of which owners are expected: no state, no company whose shares are traded
}

// Reason is why a chain ends without a person who is known.
type Reason string

// The reasons. Beside these there are those of the codelist unspecifiedReason.
const (
	UnknownOwner   Reason = "unknown"
	AnonymousOwner Reason = "anonymous"
	NomineeOwner   Reason = "nominee"    // holds it for somebody else
	Undeclared     Reason = "undeclared" // an entity of whose owners no statement tells
	Unspecified    Reason = "unspecified"
)

// edge says that one holds something of another.
type edge struct {
	from, to  int // owner, owned
	statement string
	kind      string // the first interest
	low, high *big.Rat
	counts    bool // it has a share of Options.Interest
	indirect  bool
	declared  bool // beneficial ownership is declared
	nominee   bool
	why       Reason // from is nobody: why
	link      bool   // Link made it: no interest
	personal  bool
}

// Graph is what the statements say together. It does not change once it is
// built, save by Link, and then serves many at once.
type Graph struct {
	Options
	nodes []Node
	edges []edge
	at    map[string]int // by record id
	up    map[int][]int  // edges to a node
	near  map[int][]int  // edges at a node
}

// New builds a graph.
func New(statements []*bods.Statement, o Options) *Graph {
	o.Interest = cmp.Or(o.Interest, "shareholding")
	o.Threshold = cmp.Or(o.Threshold, 10)
	o.Steps = cmp.Or(o.Steps, 100_000)
	o.Depth = cmp.Or(o.Depth, 60)
	g := &Graph{Options: o, at: map[string]int{}, up: map[int][]int{}, near: map[int][]int{}}
	records := latest(statements)
	g.places(records)
	for _, s := range records {
		if s.Type == bods.RelationshipRecord {
			g.relate(s)
		}
	}
	g.index()
	return g
}

// latest is the last statement of each record that is not closed, in the order
// of the records' ids.
func latest(statements []*bods.Statement) []*bods.Statement {
	last := map[string]*bods.Statement{}
	for _, s := range statements {
		if s.Record == "" {
			continue
		}
		if old := last[s.Record]; old == nil || bods.Day(s.Date) >= bods.Day(old.Date) {
			last[s.Record] = s
		}
	}
	var out []*bods.Statement
	for _, s := range last {
		if s.Status != "closed" {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *bods.Statement) int { return strings.Compare(a.Record, b.Record) })
	return out
}

// places makes the nodes: records with an identifier in common are one.
func (g *Graph) places(records []*bods.Statement) {
	type number struct {
		t          bods.RecordType
		scheme, id string
	}
	parent := map[string]string{}
	root := func(s string) string {
		for parent[s] != "" && parent[s] != s {
			s = parent[s]
		}
		return s
	}
	owner := map[number]string{}
	for _, s := range records {
		if s.Type == bods.RelationshipRecord {
			continue
		}
		for _, i := range s.Details.Identifiers {
			n := number{s.Type, cmp.Or(i.Scheme, i.SchemeName), strings.ToUpper(strings.TrimSpace(i.ID))}
			if n.scheme == "" || n.id == "" {
				continue
			}
			if first, ok := owner[n]; ok {
				a, b := root(first), root(s.Record)
				parent[max(a, b)] = min(a, b)
			} else {
				owner[n] = s.Record
			}
		}
	}
	for _, s := range records {
		if s.Type != bods.RelationshipRecord {
			g.place(s, root(s.Record))
		}
	}
}

func (g *Graph) place(s *bods.Statement, root string) {
	i := g.node(root)
	g.at[s.Record] = i
	n := &g.nodes[i]
	if n.known {
		return
	}
	*n = Node{Record: root, Type: s.Type, Name: s.Details.Name, known: true}
	switch d := s.Details; s.Type {
	case bods.PersonRecord:
		if len(d.Names) > 0 {
			n.Name = d.Names[0].Full
		}
		switch d.PersonType {
		case "unknownPerson":
			n.Dead = UnknownOwner
		case "anonymousPerson":
			n.Dead = AnonymousOwner
		}
	default:
		form := ""
		if d.EntityType != nil {
			form = d.EntityType.Type
		}
		switch form {
		case "unknownEntity":
			n.Dead = UnknownOwner
		case "anonymousEntity":
			n.Dead = AnonymousOwner
		}
		n.open = form != "state" && form != "stateBody" && (d.Listing == nil || !d.Listing.Listed)
	}
}

// node is the place of a record, made if there is none.
func (g *Graph) node(record string) int {
	if i, ok := g.at[record]; ok {
		return i
	}
	g.nodes = append(g.nodes, Node{Record: record, Dead: UnknownOwner})
	g.at[record] = len(g.nodes) - 1
	return len(g.nodes) - 1
}

// relate adds the interests of a relationship that hold.
func (g *Graph) relate(s *bods.Statement) {
	d := s.Details
	if d.Owned == nil || d.Owned.Record == "" || d.Owner == nil {
		return
	}
	e := edge{from: -1, to: g.node(d.Owned.Record), statement: s.ID, low: new(big.Rat), high: new(big.Rat)}
	if d.Owner.Record != "" {
		e.from = g.node(d.Owner.Record)
	} else {
		e.why = Reason(cmp.Or(d.Owner.Reason.Reason, string(Unspecified)))
	}
	holds := len(d.Interests) == 0
	direct := false
	for _, i := range d.Interests {
		if !g.holds(i) {
			continue
		}
		holds = true
		e.kind = cmp.Or(e.kind, i.Type)
		e.declared = e.declared || i.Owner != nil && *i.Owner
		e.nominee = e.nominee || i.Type == "nominee"
		direct = direct || i.Direct != "indirect"
		if low, high := bounds(i.Share); i.Type == g.Interest || hidden(i.Type) {
			e.low.Add(e.low, low)
			e.high.Add(e.high, high)
			e.counts = true
		}
	}
	if len(d.Interests) == 0 {
		e.high, e.counts = big.NewRat(1, 1), true
	}
	e.indirect = !direct && len(d.Interests) > 0
	e.low, e.high = atMostAll(e.low), atMostAll(e.high)
	if holds {
		g.edges = append(g.edges, e)
	}
}

// hidden tells interests of which nobody knows what they are: they may be any.
func hidden(kind string) bool {
	return kind == "" || kind == "unknownInterest" || kind == "unpublishedInterest"
}

// holds tells whether an interest holds on the day.
func (g *Graph) holds(i bods.Interest) bool {
	from, to := bods.Day(i.Start), bods.Day(i.End)
	if g.On == "" {
		return to == ""
	}
	return from <= g.On && (to == "" || to > g.On)
}

var hundred = big.NewRat(100, 1)

// bounds are the least and the most that a share may be, as parts of one.
func bounds(s *bods.Share) (low, high *big.Rat) {
	low, high = new(big.Rat), big.NewRat(1, 1)
	if s == nil {
		return low, high
	}
	part := func(all ...bods.Percent) *big.Rat {
		for _, p := range all {
			if n, ok := new(big.Rat).SetString(string(p)); ok && p != "" {
				return atMostAll(n.Quo(n, hundred))
			}
		}
		return nil
	}
	if n := part(s.Exact); n != nil {
		return n, n
	}
	if n := part(s.Minimum, s.AboveBound); n != nil {
		low = n
	}
	if n := part(s.Maximum, s.BelowBound); n != nil {
		high = n
	}
	if high.Cmp(low) < 0 { // contradicts itself: anything between
		return high, low
	}
	return low, high
}

func atMostAll(n *big.Rat) *big.Rat {
	if one := big.NewRat(1, 1); n.Cmp(one) > 0 {
		return one
	}
	return n
}

// index puts the edges in order and finds them by their ends.
func (g *Graph) index() {
	name := func(i int) string {
		if i < 0 {
			return ""
		}
		return g.nodes[i].Record
	}
	slices.SortStableFunc(g.edges, func(a, b edge) int {
		return cmp.Or(strings.Compare(name(a.to), name(b.to)), strings.Compare(name(a.from), name(b.from)), strings.Compare(a.statement, b.statement), strings.Compare(a.kind, b.kind))
	})
	clear(g.up)
	clear(g.near)
	for i, e := range g.edges {
		if !e.link {
			g.up[e.to] = append(g.up[e.to], i)
		}
		g.near[e.to] = append(g.near[e.to], i)
		if e.from >= 0 && e.from != e.to {
			g.near[e.from] = append(g.near[e.from], i)
		}
	}
}

// Has tells whether a statement describes the record.
func (g *Graph) Has(record string) bool {
	i, ok := g.at[record]
	return ok && g.nodes[i].known
}

// Node describes a record. Without a statement about it, or a relationship that
// names it, ok is false.
func (g *Graph) Node(record string) (n Node, ok bool) {
	i, ok := g.at[record]
	if !ok {
		return Node{}, false
	}
	return g.nodes[i], true
}
