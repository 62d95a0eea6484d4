package codebook

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/plan/ogpfile"
)

func ids(vs []Variable) string {
	var out []string
	for _, v := range vs {
		out = append(out, v.ID)
	}
	return strings.Join(out, " ")
}

// TestErasAndProducts checks what is coded when: ogp.md 3.2, with the year of
// the first plans from package ogpfile.
func TestErasAndProducts(t *testing.T) {
	for _, x := range []struct {
		p    Product
		year int
		want string
	}{
		{Review, 2024, "verifiable lens potential promising"},
		{Results, 2024, "verifiable lens potential promising completion early"},
		{Midterm, 2024, "verifiable lens potential promising completion_progress"},
		{Results, 2020, "verifiable lens potential promising completion opened opened_information opened_participation opened_accountability"},
		{Review, 2016, "verifiable specificity value_information value_participation value_accountability value_technology impact"},
		{Results, 2019, "verifiable value_information value_participation value_accountability value_technology impact completion opened opened_information opened_participation opened_accountability carried"},
		{Review, 2011, "verifiable specificity value_information value_participation value_accountability value_technology"},
		{Brief, 2024, ""},
	} {
		if got := ids(Of(x.p, x.year)); got != x.want {
			t.Errorf("%s %d: %s\nwant %s", x.p, x.year, got, x.want)
		}
	}
}

// TestBookAgreesWithTheTable holds every variable against OGP's table: headings,
// labels, numbers and years.
func TestBookAgreesWithTheTable(t *testing.T) {
	all := ogpfile.Columns()
	for _, v := range Variables {
		for _, c := range []ogpfile.Column{v.Label, v.Number} {
			if c != "" && !slices.Contains(all, c) {
				t.Errorf("%s: no column %q", v.ID, c)
			}
		}
	}
	for _, b := range ogpfile.Books {
		if b.Label == ogpfile.ColChange { // computed from the two completions
			continue
		}
		i := slices.IndexFunc(Variables, func(v Variable) bool { return v.Label == b.Label })
		if i < 0 {
			t.Errorf("no variable for %s", b.Label)
			continue
		}
		v := Variables[i]
		if v.Number != b.Number || v.From != b.From || v.To != b.To || len(v.Values) != len(b.Codes) {
			t.Errorf("%s: %s %d-%d with %d values, the table has %s %d-%d with %d", v.ID, v.Number, v.From, v.To, len(v.Values), b.Number, b.From, b.To, len(b.Codes))
		}
		for _, x := range v.Values {
			if b.Codes[x.Name] != x.Number {
				t.Errorf("%s: %s is %s, in the table %s", v.ID, x.Name, x.Number, b.Codes[x.Name])
			}
		}
	}
}

// TestMissingIsNoValue: ND, NR and NA are none of the values, nor 0, nor empty.
func TestMissingIsNoValue(t *testing.T) {
	for _, v := range Variables {
		for _, m := range []string{ND, NR, NA, "", "0"} {
			if _, ok := v.Value(m); ok {
				t.Errorf("%s has the value %q", v.ID, m)
			}
		}
		if v.Allows("") {
			t.Errorf("%s allows nothing", v.ID)
		}
	}
	if !Missing(NA) || Missing("no") || Missing("") {
		t.Error("missing")
	}
}

// TestProcedure draws sheets and compares the rules with the procedure's steps.
func TestProcedure(t *testing.T) {
	vars := Of(Review, 2024)
	rapid.Check(t, func(t *rapid.T) {
		s := Sheet{}
		for _, v := range vars {
			var choices []string
			for _, x := range v.Values {
				choices = append(choices, x.ID)
			}
			if x := rapid.SampledFrom(append(choices, append(v.Lacks, "")...)).Draw(t, v.ID); x != "" {
				s[v.ID] = x
			}
		}
		name, _ := s.Conflict()
		through := s["verifiable"] == "yes" && s["lens"] == "yes"
		if (s["potential"] != "" && !through) != (name == "potential") {
			t.Fatalf("%v: conflict %q", s, name)
		}
		if name == "" && s["promising"] == "yes" && (!through || s["potential"] != "substantial" && s["potential"] != "modest") {
			t.Fatalf("%v is promising", s)
		}
		for _, v := range s.Needed(vars) {
			if s[v.ID] != "" || s.Stopped() && (v.ID == "potential" || v.ID == "promising") {
				t.Fatalf("%v needs %s", s, v.ID)
			}
		}
	})
}

func TestStarred(t *testing.T) {
	s := Sheet{"verifiable": "yes", "value_participation": "yes", "impact": "transformative", "completion": "substantial"}
	if !s.Starred("completion", false) || s.Starred("completion_progress", false) {
		t.Error("transformative and substantial")
	}
	s["impact"] = "moderate"
	if s.Starred("completion", false) || !s.Starred("completion", true) {
		t.Error("moderate counted in 2015 only")
	}
	delete(s, "value_participation")
	s["value_technology"] = "yes"
	if s.Starred("completion", true) {
		t.Error("technology alone is no value")
	}
}
