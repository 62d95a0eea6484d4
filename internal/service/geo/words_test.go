package geo

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestWords checks that every sentence the code names is there in English and
// Spanish, with the same values in it.
func TestWords(t *testing.T) {
	en, es := words(t, "en"), words(t, "es")
	var keys []string
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(geo\.[a-z_]+)"`).FindAllStringSubmatch(string(text), -1) {
			keys = append(keys, m[1])
		}
	}
	for _, d := range Districts() {
		keys = append(keys, d.NameKey())
	}
	for _, k := range Kinds {
		keys = append(keys, k.Key())
	}
	if len(keys) < 30 {
		t.Errorf("only %d keys", len(keys))
	}
	for _, k := range keys {
		if en[k] == "" || es[k] == "" {
			t.Errorf("no words for %s", k)
		}
	}
	value := regexp.MustCompile(`\{\w+\}`)
	for k := range en {
		if a, b := value.FindAllString(en[k], -1), value.FindAllString(es[k], -1); len(a) != len(b) {
			t.Errorf("%s has %v in English and %v in Spanish", k, a, b)
		}
	}
	if len(en) != len(es) {
		t.Errorf("%d English sentences, %d Spanish", len(en), len(es))
	}
}

func words(t *testing.T, lang string) (out map[string]string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("locale", lang+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
