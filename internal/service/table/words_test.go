package table

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/service/i18n"
	"ceiba/internal/service/table/source"
)

// TestEveryKeyHasItsSentence loads the words as the program does, which also
// compares the languages, and looks for the key of every fault, note and step of
// this package and those below it.
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
	below, _ := filepath.Glob("*/*.go")
	files = slices.DeleteFunc(append(files, below...), func(f string) bool { return strings.HasPrefix(f, "source/") }) // has words of its own
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
	kinds, err := os.ReadFile("personal/personal.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`Kind = "([a-z_]+)"`).FindAllStringSubmatch(string(kinds), -1) {
		if !has("table.personal." + m[1]) {
			t.Errorf("kind of personal data %s has no name", m[1])
		}
	}
	for _, code := range []string{CodeBadValue, CodeNullWord} {
		if !has("table.problem." + code) {
			t.Errorf("reject %s has no sentence", code)
		}
	}
}
