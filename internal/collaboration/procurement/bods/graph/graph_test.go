package graph_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/procurement/bods"
	"ceiba/internal/collaboration/procurement/bods/graph"
)

func person(id string) *bods.Statement {
	return &bods.Statement{ID: "s-" + id, Record: id, Type: bods.PersonRecord, Date: "2026-01-01", Details: bods.Details{PersonType: "knownPerson"}}
}

func company(id string) *bods.Statement {
	return &bods.Statement{ID: "s-" + id, Record: id, Type: bods.EntityRecord, Date: "2026-01-01", Details: bods.Details{EntityType: &bods.EntityType{Type: "registeredEntity"}}}
}

// holds says that one has a share of another: "60", or "25-50" for a range.
func holds(owner, owned, share string, more ...func(*bods.Interest)) *bods.Statement {
	i := bods.Interest{Type: "shareholding", Direct: "direct", Share: &bods.Share{Exact: bods.Percent(share)}}
	if low, high, ok := strings.Cut(share, "-"); ok {
		i.Share = &bods.Share{Minimum: bods.Percent(low), Maximum: bods.Percent(high)}
	}
	for _, m := range more {
		m(&i)
	}
	id := owner + ">" + owned
	return &bods.Statement{ID: "s-" + id, Record: id, Type: bods.RelationshipRecord, Date: "2026-01-01", Details: bods.Details{
		Owner: &bods.Party{Record: owner}, Owned: &bods.Party{Record: owned}, Interests: []bods.Interest{i},
	}}
}

// told gives a structure, a word for each part.
func told(s *graph.Structure) string {
	var out []string
	for _, o := range s.Owners {
		share := o.Min
		if o.Min != o.Max {
			share += "-" + o.Max
		}
		out = append(out, fmt.Sprintf("%s=%s(%s)", o.Record, share, o.Level))
	}
	for _, e := range s.Ends {
		out = append(out, fmt.Sprintf("%s:%s", e.Record, e.Why))
	}
	for _, c := range s.Circles {
		out = append(out, "circle:"+strings.Join(c, "+"))
	}
	if s.Cut {
		out = append(out, "cut")
	}
	if s.NoOwners {
		out = append(out, "none")
	}
	return strings.Join(out, " ")
}

func TestBehind(t *testing.T) {
	a, b, c := person("A"), company("B"), company("C")
	nobody := func(reason string) *bods.Statement {
		s := holds("", "C", "")
		s.Details.Owner = &bods.Party{Reason: bods.Reason{Reason: reason}}
		return s
	}
	indirect := func(i *bods.Interest) { i.Direct = "indirect" }
	ended := func(day string) func(*bods.Interest) { return func(i *bods.Interest) { i.End = day } }
	unknown := person("U")
	unknown.Details.PersonType = "unknownPerson"
	for _, s := range []struct {
		name string
		all  []*bods.Statement
		want string
	}{
		{"60 % of 50 %, and 10 %", []*bods.Statement{a, b, c, holds("A", "B", "60"), holds("B", "C", "50"), holds("A", "C", "10")}, "A=40(yes)"},
		{"ranges", []*bods.Statement{a, b, c, holds("A", "B", "25-50"), holds("B", "C", "30-40")}, "A=7.5-20(perhaps)"},
		{"just the threshold", []*bods.Statement{a, c, holds("A", "C", "10")}, "A=10(yes)"},
		{"just below it", []*bods.Statement{a, c, holds("A", "C", "9.9999")}, "A=9.9999(no)"},
		{"a third of a third", []*bods.Statement{a, b, c, holds("A", "B", "33.333333"), holds("B", "C", "33.333333")}, "A=11.1111-11.1112(yes)"},
		{"two companies own one another", []*bods.Statement{company("A"), b, holds("A", "B", "50"), holds("B", "A", "50")}, "circle:A+B"},
		{"itself", []*bods.Statement{c, holds("C", "C", "20"), a, holds("A", "C", "80")}, "A=80(yes) circle:C"},
		{"a circle with a way out", []*bods.Statement{a, b, c, holds("B", "C", "50"), holds("C", "B", "50"), holds("A", "B", "50")}, "A=25(yes) circle:B+C"},
		{"indirect beside its parts", []*bods.Statement{a, b, c, holds("A", "B", "80"), holds("B", "C", "50"), holds("A", "C", "40", indirect)}, "A=40(yes)"},
		{"indirect without them", []*bods.Statement{a, c, holds("A", "C", "40", indirect)}, "A=40(yes)"},
		{"it ended", []*bods.Statement{a, c, holds("A", "C", "40", ended("2026-06-30"))}, "C:undeclared"},
		{"nobody knows", []*bods.Statement{unknown, c, holds("U", "C", "40")}, "U=40(yes) U:unknown"},
		{"nobody says", []*bods.Statement{c, nobody("interestedPartyHasNotProvidedInformation")}, "C:interestedPartyHasNotProvidedInformation"},
		{"no owners", []*bods.Statement{c, nobody("noBeneficialOwners")}, "none"},
		{"for somebody else", []*bods.Statement{a, c, holds("A", "C", "", func(i *bods.Interest) { i.Type, i.Share = "nominee", nil })}, "A=0(no) A:nominee"},
		{"of no statement", []*bods.Statement{c, holds("X", "C", "30")}, "X:unknown"},
		{"what it is was not published", []*bods.Statement{a, c, holds("A", "C", "", func(i *bods.Interest) { i.Type, i.Share = "unpublishedInterest", nil })}, "A=0-100(perhaps)"},
		{"a company by itself", []*bods.Statement{c}, "C:undeclared"},
	} {
		top := "C"
		if s.name == "two companies own one another" {
			top = "A"
		}
		for range 3 {
			rand.Shuffle(len(s.all), func(i, j int) { s.all[i], s.all[j] = s.all[j], s.all[i] })
			if got := told(graph.New(s.all, graph.Options{}).Behind(top)); got != s.want {
				t.Errorf("%s: %q, want %q", s.name, got, s.want)
			}
		}
	}
}

func TestOnADay(t *testing.T) {
	all := []*bods.Statement{person("A"), company("C"), holds("A", "C", "40", func(i *bods.Interest) { i.Start, i.End = "2026-01-01", "2026-07-01" })}
	for day, want := range map[string]string{"2025-12-31": "C:undeclared", "2026-01-01": "A=40(yes)", "2026-06-30": "A=40(yes)", "2026-07-01": "C:undeclared"} {
		if got := told(graph.New(all, graph.Options{On: day}).Behind("C")); got != want {
			t.Errorf("%s: %s", day, got)
		}
	}
}

func TestLaterStatementsCount(t *testing.T) {
	updated := holds("A", "C", "5")
	updated.Date, updated.Status = "2026-02-01", "updated"
	closed := holds("A", "C", "5")
	closed.Date, closed.Status = "2026-03-01", "closed"
	all := []*bods.Statement{updated, person("A"), company("C"), holds("A", "C", "40")}
	if got := told(graph.New(all, graph.Options{Threshold: 5}).Behind("C")); got != "A=5(yes)" {
		t.Error(got)
	}
	if got := told(graph.New(append(all, closed), graph.Options{}).Behind("C")); got != "C:undeclared" {
		t.Error(got)
	}
}

// TestSharedOwner: two bidders whose owner declared the same number are one's.
func TestSharedOwner(t *testing.T) {
	same := func(id string) *bods.Statement {
		s := person(id)
		s.Details.Identifiers = []bods.Identifier{{Scheme: "BLZ-TAXID", ID: "000-" + "77"}}
		return s
	}
	g := graph.New([]*bods.Statement{
		same("A1"), same("A2"), person("Z"), company("C"), company("D"), company("E"), company("F"),
		holds("A1", "C", "60"), holds("A2", "F", "50"), holds("F", "D", "50"), holds("Z", "E", "100"),
	}, graph.Options{})
	got := g.Shared("D", "C", "E", "C")
	if len(got) != 1 || got[0].Record != "A1" || !slices.Equal(got[0].Companies, []string{"C", "D"}) || got[0].Level != graph.Reaches {
		t.Error(got)
	}
}

func TestPath(t *testing.T) {
	g := graph.New([]*bods.Statement{person("A"), person("M"), company("B"), company("C"), holds("A", "B", "60"), holds("B", "C", "5")}, graph.Options{})
	g.Link("M", "A", "spouse", "d-1", true)
	if _, found := g.Path("C", "M", 2); found {
		t.Error("two steps do not reach")
	}
	steps, found := g.Path("C", "M", 3)
	if want := []graph.Step{{"C", "B", "shareholding", "s-B>C", false}, {"B", "A", "shareholding", "s-A>B", false}, {"A", "M", "spouse", "d-1", true}}; !found || !slices.Equal(steps, want) {
		t.Error(steps)
	}
	if steps, found := g.Path("C", "C", 0); !found || len(steps) > 0 {
		t.Error("a thing is linked to itself")
	}
	if got := told(g.Behind("C")); got != "A=3(no)" {
		t.Error("a marriage is no share: " + got)
	}
}

// TestManyPaths: a lattice has more paths than atoms are known; looking for owners
// ends, and says that it did not see all.
func TestManyPaths(t *testing.T) {
	var all []*bods.Statement
	for layer := range 40 {
		for i := range 3 {
			all = append(all, company(fmt.Sprint(layer, "-", i)))
			for k := range 3 {
				all = append(all, holds(fmt.Sprint(layer+1, "-", k), fmt.Sprint(layer, "-", i), "33"))
			}
		}
	}
	if s := graph.New(all, graph.Options{}).Behind("0-0"); !s.Cut {
		t.Error("not cut")
	}
	chain := []*bods.Statement{}
	for i := range 5000 {
		chain = append(chain, company(fmt.Sprint(i)), holds(fmt.Sprint(i+1), fmt.Sprint(i), "99.999"))
	}
	if s := graph.New(chain, graph.Options{}).Behind("0"); !s.Cut {
		t.Error("a long chain is not cut")
	}
}

// TestSharesAddUp compares sums over paths with what one gets by going down from
// each owner company by company, where nobody owns in circles.
func TestSharesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 7).Draw(t, "companies")
		all := []*bods.Statement{person("p")}
		share := make([][]int64, n+1) // of i in j, for i above j; n is the person
		for i := range share {
			share[i] = make([]int64, n+1)
		}
		left := make([]int64, n)
		for j := range n {
			all, left[j] = append(all, company(fmt.Sprint(j))), 100
			for i := j + 1; i <= n; i++ {
				s := rapid.Int64Range(0, left[j]).Draw(t, "share")
				if s == 0 {
					continue
				}
				share[i][j], left[j] = s, left[j]-s
				owner := fmt.Sprint(i)
				if i == n {
					owner = "p"
				}
				all = append(all, holds(owner, fmt.Sprint(j), fmt.Sprint(s)))
			}
		}
		of := make([]*big.Rat, n) // the person's part of each, the highest first
		for j := n - 1; j >= 0; j-- {
			of[j] = big.NewRat(share[n][j], 100)
			for i := j + 1; i < n; i++ {
				of[j].Add(of[j], new(big.Rat).Mul(big.NewRat(share[i][j], 100), of[i]))
			}
		}
		got := "0"
		for _, o := range graph.New(all, graph.Options{}).Behind("0").Owners {
			got = o.Min
		}
		want := new(big.Rat).Mul(of[0], big.NewRat(100, 1))
		low, _ := new(big.Rat).SetString(got)
		if d := new(big.Rat).Sub(want, low); d.Sign() < 0 || d.Cmp(big.NewRat(1, 10000)) >= 0 {
			t.Errorf("%s, want %s", got, want.FloatString(8))
		}
	})
}

// FuzzGraph builds graphs out of any file.
func FuzzGraph(f *testing.F) {
	f.Add([]byte(`[{"recordId":"a","recordType":"person","recordDetails":{"personType":"knownPerson"}},{"recordId":"b","recordType":"entity"},{"recordId":"r","recordType":"relationship","recordDetails":{"subject":"b","interestedParty":"a","interests":[{"type":"shareholding","share":{"minimum":1,"exclusiveMaximum":"99"}}]}}]`))
	f.Add([]byte(`[{"recordId":"r","recordType":"relationship","recordDetails":{"subject":"b","interestedParty":{"reason":"x"},"interests":[]}}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var all []*bods.Statement
		objects, _ := bods.All(text)
		for _, o := range objects {
			all = append(all, bods.Of(o))
		}
		g := graph.New(all, graph.Options{Steps: 1000})
		for _, s := range all {
			first, again := g.Behind(s.Record), g.Behind(s.Record)
			if told(first) != told(again) {
				t.Error("not the same twice")
			}
			g.Path(s.Record, all[0].Record, 3)
		}
	})
}
