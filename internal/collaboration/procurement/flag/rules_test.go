package flag_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/flag"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/collaboration/procurement/spending/law"
)

func wordsOf(t *testing.T, lang string) (words map[string]string) {
	t.Helper()
	b, err := flag.Words.ReadFile("locale/" + lang + ".json")
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
	for _, lang := range []string{"en", "es"} {
		words := wordsOf(t, lang)
		for _, r := range flag.Rules() {
			keys := append(r.InnocentKeys(), r.Key(outcome.Title), r.Key(outcome.Asks), r.Key(outcome.Formula), r.Key(outcome.NeedsKey), flag.SubjectKey(r.Subject))
			for _, p := range r.Params {
				keys = append(keys, flag.ParamKey(p))
				if len(flag.Params().Lines(p))+len(law.Belize().Lines(p)) == 0 {
					t.Errorf("%s reads %s, which no table has", r.ID, p)
				}
			}
			for _, k := range keys {
				if words[k] == "" {
					t.Errorf("%s: no sentence %s", lang, k)
				}
			}
			if !strings.HasSuffix(words[r.Key(outcome.Asks)], "?") {
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
	if words := wordsOf(t, "en"); words["flag.rule.r003.title"] != flag.Rules()[2].Title {
		t.Error("a title is not that of the table")
	}
}

func TestRulesAreThe73(t *testing.T) {
	count := map[flag.How]int{}
	all := flag.Rules()
	for i, r := range all {
		if r.ID != fmt.Sprintf("R%03d", i+1) || len(r.Fields) == 0 || r.Doubts < 2 || r.Title == "" {
			t.Errorf("%+v", r)
		}
		count[r.How]++
	}
	if len(all) != 73 || count[flag.Ours] != 50 || count[flag.Cardinal] != 11 || count[flag.Never] != 12 {
		t.Error(len(all), count)
	}
}

func TestTerms(t *testing.T) {
	got := fmt.Sprint(flag.Terms(nil, nil, flag.Rules()[10], civil.Of(2026, 1, 1)))
	if got != "[tender_must 50000 split_days 30 split_count 2 class_digits 4]" {
		t.Error(got)
	}
}
