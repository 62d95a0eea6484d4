package declare_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/procurement/bods"
	"ceiba/internal/collaboration/procurement/bods/check"
	"ceiba/internal/collaboration/procurement/bods/declare"
	"ceiba/internal/collaboration/procurement/bods/graph"
	"ceiba/internal/collaboration/procurement/bods/schema"
)

func facts() declare.Facts {
	return declare.Facts{
		Declaration: "bid 7", Date: "2026-05-04", Source: bods.Source{Types: []string{"selfDeclaration"}}, Publisher: bods.Publisher{Name: "Ministry of Finance"},
		Company: declare.Company{Record: "c-1", Name: "Example Limited", Jurisdiction: bods.Country{Name: "Belize", Code: "BZ"}, Identifiers: []bods.Identifier{{SchemeName: "Companies registry", ID: "000042"}}},
		Owners: []declare.Owner{
			{Person: &declare.Person{Record: "p-1", Name: "First Owner", Born: "1980-02-03"}, Interests: []declare.Interest{{Type: "shareholding", Share: bods.Share{Exact: "60"}, Since: "2020-01-01", Beneficial: true}}},
			{Company: &declare.Company{Record: "c-2", Name: "Holding Limited"}, Interests: []declare.Interest{{Type: "shareholding", Share: bods.Share{Minimum: "25", Maximum: "40"}}}},
			{Unknown: "interestedPartyHasNotProvidedInformation"},
		},
	}
}

// TestRound: what is written is read again, is valid, and says what was meant.
func TestRound(t *testing.T) {
	all, err := declare.Statements(facts())
	if err != nil {
		t.Fatal(err)
	}
	objects, faults := bods.All(declare.Write(all))
	if len(objects) != 6 || len(faults) > 0 {
		t.Fatal(len(objects), faults)
	}
	var read []*bods.Statement
	for i, o := range objects {
		if p := schema.Validate(o, i); len(p) > 0 {
			t.Error(p)
		}
		read = append(read, bods.Of(o))
	}
	if p := check.Check(objects, check.Options{Today: "2026-05-04"}); len(p) > 0 {
		t.Error(p)
	}
	s := graph.New(read, graph.Options{}).Behind("c-1")
	if len(s.Owners) != 1 || s.Owners[0].Min != "60" || !s.Owners[0].Declared || s.Owners[0].Name != "First Owner" || len(s.Ends) != 2 {
		t.Errorf("%+v", s)
	}
	again, _ := declare.Statements(facts())
	if string(declare.Write(again)) != string(declare.Write(all)) {
		t.Error("the same facts give other statements")
	}
}

func TestNoOwners(t *testing.T) {
	f := facts()
	f.Owners, f.NoOwners = nil, "noBeneficialOwners"
	all, err := declare.Statements(f)
	if err != nil || len(all) != 2 || all[1].Details.Owner.Reason.Reason != "noBeneficialOwners" {
		t.Error(all, err)
	}
}

func TestMissing(t *testing.T) {
	for why, spoil := range map[string]func(*declare.Facts){
		"record and name":        func(f *declare.Facts) { f.Company.Name = "" },
		"why there is none":      func(f *declare.Facts) { f.Owners = nil },
		"why nobody knows":       func(f *declare.Facts) { f.Owners[0] = declare.Owner{} },
		"choice at":              func(f *declare.Facts) { f.Date, f.Published = "4 May", "2026-05-04" },
		"enum at":                func(f *declare.Facts) { f.Owners[0].Interests[0].Type = "friendship" },
		"maximum at":             func(f *declare.Facts) { f.Owners[0].Interests[0].Share.Exact = "101" },
		"exact_has_min_max":      func(f *declare.Facts) { f.Owners[0].Interests[0].Share.Minimum = "5" },
		"start_after_end":        func(f *declare.Facts) { f.Owners[0].Interests[0].Until = "2019-01-01" },
		"interested_party_not_p": func(f *declare.Facts) { f.Owners[1].Interests[0].Beneficial = true },
	} {
		f := facts()
		spoil(&f)
		if _, err := declare.Statements(f); !errors.Is(err, declare.ErrFacts) || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", why, err)
		}
	}
}

// TestAnyFacts: whatever is written down is either refused or valid.
func TestAnyFacts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 12, 40)
		f := facts()
		f.Company.Name, f.Declaration = text.Draw(t, "name"), text.Draw(t, "declaration")
		f.Owners[0].Person.Name, f.Owners[0].Person.Born = text.Draw(t, "owner"), rapid.SampledFrom([]string{"", "1980", "1980-02", "1980-02-30", "x"}).Draw(t, "born")
		f.Owners[0].Interests[0].Share = bods.Share{Minimum: bods.Percent(rapid.SampledFrom([]string{"", "0", "10.5", "100"}).Draw(t, "min")), Maximum: bods.Percent(rapid.SampledFrom([]string{"", "0", "30", "100"}).Draw(t, "max"))}
		all, err := declare.Statements(f)
		if err != nil {
			return
		}
		objects, faults := bods.All(declare.Write(all))
		if len(objects) != len(all) || len(faults) > 0 {
			t.Fatal(faults)
		}
		for i, o := range objects {
			if p := schema.Validate(o, i); len(p) > 0 {
				t.Error(p)
			}
		}
	})
}
