package flag

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/collaboration/procurement/spending/law"
)

//go:embed rules.csv
var rulesCSV []byte

//go:embed params.csv
var paramsCSV []byte

// How says what computes a rule.
type How string

// The ways.
const (
	Ours     How = "yes"      // this package
	Cardinal How = "cardinal" // package indicator, by the definitions of Cardinal
	Never    How = "no"       // nothing: a compiled release cannot answer it
)

// Rule is one of the 73 flags of the guide.
type Rule struct {
	outcome.Rule
	Title string // as the guide has it, in English
	Class string // what kind of data decides whether it can be computed
	How   How

	// Fields are those that the guide requires, each with its alternatives: paths
	// of names. A process that has one of each can be judged.
	Fields [][]string
}

// Rules are the 73, in the order of their codes.
func Rules() []Rule { return append([]Rule(nil), rules()...) }

// Params is the table of the parameters that this package chose. Those of law
// are in the table of package law.
var Params = sync.OnceValue(func() *law.Book {
	b, err := law.Read(paramsCSV)
	if err != nil {
		panic(err)
	}
	return b
})

var rules = sync.OnceValue(func() []Rule {
	rows, err := csv.NewReader(bytes.NewReader(rulesCSV)).ReadAll()
	if err != nil {
		panic(err)
	}
	out := make([]Rule, 0, len(rows))
	for _, row := range rows[1:] {
		r, err := ruleOf(row)
		if err != nil {
			panic(err)
		}
		out = append(out, r)
	}
	return out
})

func ruleOf(row []string) (Rule, error) {
	doubts, err := strconv.Atoi(row[7])
	if err != nil {
		return Rule{}, fmt.Errorf("table of rules: %s: %w", row[0], err)
	}
	r := Rule{Title: row[2], Class: row[3], How: How(row[5]), Rule: outcome.Rule{
		ID: row[0], Version: 1, Stage: outcome.Stage(row[1]), Subject: row[4], Params: strings.Fields(row[6]),
		Needs: []outcome.Need{outcome.Need(row[3])}, Words: "flag.rule." + strings.ToLower(row[0]) + ".", Doubts: doubts,
	}}
	for f := range strings.SplitSeq(row[8], "; ") {
		r.Fields = append(r.Fields, strings.Split(f, "|"))
	}
	return r, nil
}

// Terms are the parameters of a rule on a day, for the places in its sentences:
// name and value in turn. A value that is not known is "?". A nil table is the
// one that the program comes with.
func Terms(own, belize *law.Book, r Rule, d civil.Date) []any {
	s := Settings{Own: own, Law: belize}.Filled()
	var out []any
	for _, name := range r.Params {
		value := "?"
		if l, ok := s.At(name, d); ok {
			value = l.Value.String()
		}
		out = append(out, name, value)
	}
	return out
}

// Settings are the two tables of parameters.
type Settings struct{ Own, Law *law.Book }

// Filled is with the tables that the program comes with where there are none.
func (s Settings) Filled() Settings {
	if s.Own == nil {
		s.Own = Params()
	}
	if s.Law == nil {
		s.Law = law.Belize()
	}
	return s
}

// At is a parameter on a day: our own, or else one of law.
func (s Settings) At(name string, d civil.Date) (law.Line, bool) {
	if l, ok := s.Own.At(name, max(d, 1)); ok {
		return l, true
	}
	return s.Law.At(name, max(d, 1))
}
