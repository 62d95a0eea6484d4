// Package linked answers what BZ-11 asks, out of the graph of owners and
// declarations: whether few steps lead from a payee to a public person of the
// body that pays.
//
// It says what is missing rather than "no": a payee whom the graph does not have,
// a body none of whose people declared anything, an owner whom nobody knows.
//
// Limits: the graph is that of one day (graph.Options.On), so payments of a long
// time are judged by links that held on that day. Whether two records are one
// person is for the graph to know.
package linked

import (
	"slices"

	"ceiba/internal/collaboration/procurement/bods"
	"ceiba/internal/collaboration/procurement/bods/graph"
	"ceiba/internal/collaboration/procurement/spending"
)

// Links is what a spending.Judge asks.
type Links struct {
	Graph     *graph.Graph
	Payees    map[string]string   // the ledger's id of a payee, to its record
	Officials map[string][]string // the ledger's id of a body, to the records of its public persons who declared
}

// Path is a shortest path from a payee to one of the body's public persons; of
// several the one to the person whose record comes first.
func (l *Links) Path(payee, body string, edges int) spending.Path {
	record, ok := l.Payees[payee]
	if !ok || !l.Graph.Has(record) {
		return spending.Path{Missing: "payee"}
	}
	var best spending.Path
	declared := false
	for _, person := range slices.Sorted(slices.Values(l.Officials[body])) {
		if !l.Graph.Has(person) {
			continue
		}
		declared = true
		if steps, found := l.Graph.Path(record, person, edges); found && (!best.Found || len(steps) < len(best.Steps)) {
			best = spending.Path{Found: true, Steps: l.steps(steps, body)}
		}
	}
	switch {
	case best.Found:
	case !declared:
		best.Missing = "declarations"
	case len(l.Graph.Behind(record).Ends) > 0:
		best.Missing = "owners"
	}
	return best
}

// steps are those of a path. One that touches a person who is no public person of
// the body tells of that person.
func (l *Links) steps(all []graph.Step, body string) []spending.Step {
	private := func(record string) bool {
		n, _ := l.Graph.Node(record)
		return n.Type == bods.PersonRecord && !slices.Contains(l.Officials[body], record)
	}
	out := make([]spending.Step, len(all))
	for i, s := range all {
		out[i] = spending.Step{Kind: s.Kind, At: s.Statement, Personal: s.Personal || private(s.From) || private(s.To)}
	}
	return out
}
