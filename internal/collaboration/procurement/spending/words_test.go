package spending_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"

	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending"
	"ceiba/internal/collaboration/procurement/spending/law"
)

func wordsOf(t *testing.T, lang string) (words map[string]string) {
	t.Helper()
	b, err := spending.Words.ReadFile("locale/" + lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &words); err != nil {
		t.Fatal(err)
	}
	return words
}

var blank = regexp.MustCompile(`\{(\w+)\}`)

// TestWords: every rule has its question, formula, needs and explanations, and
// each place in a formula is a parameter that the rule reads.
func TestWords(t *testing.T) {
	rules := spending.Rules(law.Belize())
	for _, lang := range []string{"en", "es"} {
		words := wordsOf(t, lang)
		for _, r := range rules {
			keys := append(r.InnocentKeys(), r.Key(outcome.Title), r.Key(outcome.Asks), r.Key(outcome.Formula), r.Key(outcome.NeedsKey), spending.SubjectKey(r.Subject))
			for _, c := range append(r.Cases, "rows") {
				keys = append(keys, spending.CaseKey(c))
			}
			for _, n := range r.Needs {
				keys = append(keys, spending.NeedKey(n))
			}
			if words[r.Words+outcome.Innocent+string(rune('1'+r.Doubts))] != "" {
				t.Errorf("%s has more explanations than it says", r.ID)
			}
			for _, p := range r.Params {
				keys = append(keys, spending.ParamKey(p))
				if len(law.Belize().Lines(p)) == 0 {
					t.Errorf("%s reads %s, which the table lacks", r.ID, p)
				}
			}
			for _, k := range keys {
				if words[k] == "" {
					t.Errorf("%s: no sentence %s", lang, k)
				}
			}
			if q := []rune(words[r.Key(outcome.Asks)]); len(q) == 0 || q[len(q)-1] != '?' {
				t.Errorf("%s %s does not ask", lang, r.ID)
			}
			var places []string
			for _, m := range blank.FindAllStringSubmatch(words[r.Key(outcome.Formula)], -1) {
				places = append(places, m[1])
			}
			slices.Sort(places)
			if want := slices.Sorted(slices.Values(r.Params)); !slices.Equal(slices.Compact(places), want) {
				t.Errorf("%s %s: places %v, parameters %v", lang, r.ID, places, want)
			}
		}
	}
	if len(rules) != 12 {
		t.Errorf("%d rules", len(rules))
	}
}

// TestEveryFindingCanBeSaid: whatever comes out has its sentences.
func TestEveryFindingCanBeSaid(t *testing.T) {
	words := wordsOf(t, "en")
	j := spending.New(spending.Options{Links: graph{"P": {Found: true}}})
	rows := append(many("a", 40, "2026-01-01", 1, "9,500", by("ann", "ann")), many("b", 3, "2026-01-01", 1, "US$5", to("Q"))...)
	rows = append(rows, row("x", "2026-01-01", "5", to("R")))
	rows[len(rows)-1].Date = 0
	all := j.Ledger(rows, []spending.Contract{
		whole("60,000", unwritten(no), reasons(no), asked(no, no), cleared(unit, no, "")),
		{ID: "C2"},
		whole("30,000", asked(no, no)), whole("-1"),
		whole("60,000", method(spending.Selective), cleared(unit, unknown, "")),
	}, 1)
	for _, f := range all {
		keys := []string{spending.WhyKey(&f), spending.AboutKey(&f), spending.SubjectKey(f.Subject.Kind)}
		if f.Case != "" {
			keys = append(keys, spending.CaseKey(f.Case))
		}
		for _, one := range f.Figures {
			keys = append(keys, spending.FigureKey(one.Name))
		}
		for _, e := range f.Evidence {
			switch {
			case f.Outcome == outcome.Error:
				keys = append(keys, "spending.fact."+e.Field)
			case f.Rule != "BZ-11":
				keys = append(keys, spending.FigureKey(e.Field))
			}
		}
		for _, k := range keys {
			if k != "" && words[k] == "" {
				t.Errorf("%s: no sentence %s", f.Rule, k)
			}
		}
	}
}

func TestTerms(t *testing.T) {
	r := spending.Rules(law.Belize())[11]
	if got := spending.Terms(law.Belize(), r, day("2026-01-01")); len(got) != 2 || got[0] != "invoice_cap" || got[1] != "?" {
		t.Error(got)
	}
	if len(r.Legal) != 1 || r.Legal[0].Verified {
		t.Error(r.Legal)
	}
}

func TestInvoiceNumbers(t *testing.T) {
	for in, want := range map[string]string{
		"INV-0042": "INV42", "inv 42": "INV42", "Inv.#42": "INV42", "1-23": "1-23", "12-3": "12-3", "123": "123", "0": "", "N/A": "", " none ": "", "": "",
		"A-100": "A100", "a0": "A0", "a00": "A0", "2026/007": "2026-7", "7/": "7", "Ñ 5": "Ñ5", "10": "10", "00-5": "0-5",
	} {
		if got := spending.Invoice(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
