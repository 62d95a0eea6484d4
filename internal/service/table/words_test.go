package table

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ceiba/internal/service/i18n"
	"ceiba/internal/service/table/source"
)

// TestEveryKeyHasItsSentence loads the words as the program does, which also
// compares the languages, and looks for the key of every fault, note and step.
func TestEveryKeyHasItsSentence(t *testing.T) {
	c := i18n.NewCatalog()
	if err := c.Add("table", Words); err != nil {
		t.Fatal(err)
	}
	if err := c.Add("table/source", source.Words); err != nil {
		t.Fatal(err)
	}
	en, err := Words.ReadFile("locale/en.json")
	if err != nil {
		t.Fatal(err)
	}
	es, _ := Words.ReadFile("locale/es.json")
	has := func(key string) bool {
		return strings.Contains(string(en), `"`+key+`"`) && strings.Contains(string(es), `"`+key+`"`)
	}
	files, _ := filepath.Glob("*.go")
	keys := regexp.MustCompile(`"(table\.[a-z_.]*[a-z])"`)
	n := 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range keys.FindAllStringSubmatch(string(text), -1) {
			if n++; !has(m[1]) {
				t.Errorf("%s: no sentence for %s", f, m[1])
			}
		}
	}
	if n < 50 {
		t.Errorf("only %d keys found", n)
	}
	for _, k := range Types {
		if !has("table.type." + string(k)) {
			t.Errorf("type %s has no name", k)
		}
	}
	for _, code := range []string{CodeBadValue, CodeNullWord} {
		if !has("table.problem." + code) {
			t.Errorf("reject %s has no sentence", code)
		}
	}
}
