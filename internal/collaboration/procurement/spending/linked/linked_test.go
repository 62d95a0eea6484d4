package linked_test

import (
	"fmt"
	"testing"

	"ceiba/internal/collaboration/procurement/bods"
	"ceiba/internal/collaboration/procurement/bods/graph"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending"
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/collaboration/procurement/spending/linked"
	"ceiba/internal/ground/money"
)

// links: company C is of the spouse of M, a minister of works; company D of M;
// nobody knows whose E is; F is of Z, whom nothing links to anybody.
func links() *linked.Links {
	statement := func(id string, t bods.RecordType, d bods.Details) *bods.Statement {
		return &bods.Statement{ID: "s-" + id, Record: id, Type: t, Date: "2026-01-01", Details: d}
	}
	var all []*bods.Statement
	for _, id := range []string{"M", "spouse", "Z"} {
		all = append(all, statement(id, bods.PersonRecord, bods.Details{PersonType: "knownPerson"}))
	}
	for _, id := range []string{"C", "D", "E", "F"} {
		all = append(all, statement(id, bods.EntityRecord, bods.Details{EntityType: &bods.EntityType{Type: "registeredEntity"}}))
	}
	for owned, owner := range map[string]string{"C": "spouse", "D": "M", "F": "Z"} {
		all = append(all, statement(owner+">"+owned, bods.RelationshipRecord, bods.Details{
			Owned: &bods.Party{Record: owned}, Owner: &bods.Party{Record: owner}, Interests: []bods.Interest{{Type: "shareholding", Share: &bods.Share{Exact: "100"}}},
		}))
	}
	g := graph.New(all, graph.Options{})
	g.Link("M", "spouse", "spouse", "declaration-1", true)
	return &linked.Links{
		Graph: g, Payees: map[string]string{"c": "C", "d": "D", "e": "E", "f": "F", "x": "X"},
		Officials: map[string][]string{"works": {"M"}, "health": {"nobody"}},
	}
}

func TestPath(t *testing.T) {
	l := links()
	for _, c := range []struct{ payee, body, want string }{
		{"c", "works", "true 2 "},
		{"d", "works", "true 1 "},
		{"e", "works", "false 0 owners"},
		{"f", "works", "false 0 "},
		{"x", "works", "false 0 payee"},
		{"y", "works", "false 0 payee"},
		{"c", "health", "false 0 declarations"},
		{"c", "", "false 0 declarations"},
	} {
		p := l.Path(c.payee, c.body, 3)
		if got := fmt.Sprint(p.Found, " ", len(p.Steps), " ", p.Missing); got != c.want {
			t.Errorf("%s by %s: %s, want %s", c.payee, c.body, got, c.want)
		}
	}
	if l.Path("c", "works", 1).Found {
		t.Error("one step does not reach")
	}
}

// TestJudge: the rule's public form names the statement about the minister, and
// none about the spouse.
func TestJudge(t *testing.T) {
	day, _ := civil.Parse("2026-05-04")
	j := spending.New(spending.Options{Links: links()})
	for payee, public := range map[string]int{"c": 0, "d": 1} {
		rows := []spending.Payment{{ID: "1", Payer: spending.Payer{Body: "works"}, Payee: payee, Amount: money.Amount{Minor: 100, Currency: "BZD"}, Date: day}}
		for _, f := range j.Payee(rows, nil) {
			if f.Rule != "BZ-11" {
				continue
			}
			if p := f.Public(); f.Outcome != outcome.Flag || len(p.Evidence) != public {
				t.Errorf("%s: %s with %v", payee, f.Outcome, p.Evidence)
			}
		}
	}
}
