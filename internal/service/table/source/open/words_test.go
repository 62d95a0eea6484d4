package open

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ceiba/internal/service/table/source"
)

var codes = map[string]*regexp.Regexp{
	"read":    regexp.MustCompile(`(?:Refuse\("|"table\.read\.)([a-z_]+)"`),
	"problem": regexp.MustCompile(`NewProblem\([^,]+, "([a-z_]+)"`),
	"note":    regexp.MustCompile(`(?:NewNote\(|note\(|^\s*\}\{|\}, \{)"([a-z_]+)"`),
}

// TestWords finds a sentence in both languages for every code in the packages
// that read, and a code for every sentence.
func TestWords(t *testing.T) {
	files, _ := filepath.Glob("../*.go")
	below, _ := filepath.Glob("../*/*.go")
	var text strings.Builder
	for _, f := range append(files, below...) {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(b)
	}
	src := text.String()
	used := map[string]bool{}
	for _, m := range magics {
		if m.code != "" {
			used["table.read."+m.code] = true
		}
	}
	if len(files) < 2 || len(below) < 15 {
		t.Fatalf("only %d and %d files found", len(files), len(below))
	}
	for group, form := range codes {
		for _, m := range form.FindAllStringSubmatch(src, -1) {
			used["table."+group+"."+strings.Join(m[1:], "")] = true
		}
	}
	for _, lang := range []string{"en", "es"} {
		b, err := source.Words.ReadFile("locale/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]string
		if err := json.Unmarshal(b, &words); err != nil {
			t.Fatal(err)
		}
		for key := range used {
			if words[key] == "" {
				t.Errorf("%s: no words for %s", lang, key)
			}
		}
		for key := range words {
			_, code, _ := strings.Cut(strings.TrimPrefix(key, "table."), ".")
			if !strings.Contains(src, `"`+code+`"`) && !strings.Contains(src, `.`+code+`"`) {
				t.Errorf("%s: %s is used nowhere", lang, key)
			}
		}
	}
}
