package i18n

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Lang is a language Ceiba speaks.
type Lang struct {
	Code string // BCP 47, such as "es" or the ISO 639-3 code "kek"
	Name string // in the language itself
	Full bool   // every sentence is translated
}

// Languages are the languages of Belize that Ceiba speaks, English first.
var Languages = []Lang{
	{"en", "English", true},
	{"es", "Español", true},
	{"bzj", "Kriol", false},
	{"cab", "Garifuna", false},
	{"kek", "Q’eqchi’", false},
	{"mop", "Mopan", false},
	{"yua", "Maaya T’aan", false},
}

// Known reports whether code is one of Languages.
func Known(code string) bool {
	return slices.ContainsFunc(Languages, func(l Lang) bool { return l.Code == code })
}

// message is one sentence: the text of each plural form, or only "other".
type message map[plural.Form]string

// Catalog holds the words of all modules. It is read-only once loaded.
type Catalog struct {
	words map[string]map[string]message // language -> key -> sentence
	from  map[string]string             // key -> module, for translators' files
}

// NewCatalog returns a catalogue without words.
func NewCatalog() *Catalog {
	c := &Catalog{words: map[string]map[string]message{}, from: map[string]string{}}
	for _, l := range Languages {
		c.words[l.Code] = map[string]message{}
	}
	return c
}

// Add reads a module's locale/*.json. It refuses a key that another module
// has, an unknown language, and a sentence whose {names} differ from English.
func (c *Catalog) Add(module string, files fs.FS) error {
	names, err := fs.Glob(files, "locale/*.json")
	if err != nil {
		return err
	}
	slices.SortFunc(names, func(a, b string) int { // English first: the others are compared with it
		return strings.Compare(strings.TrimPrefix(a, "locale/en"), strings.TrimPrefix(b, "locale/en"))
	})
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		lang := strings.TrimSuffix(path.Base(name), ".json")
		if err := c.addFile(module, lang, text); err != nil {
			return fmt.Errorf("%s/%s: %w", module, name, err)
		}
	}
	return nil
}

func (c *Catalog) addFile(module, lang string, text []byte) error {
	if !Known(lang) {
		return fmt.Errorf("unknown language %q", lang)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	for key, v := range raw {
		m, err := parseMessage(v)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		if owner, ok := c.from[key]; ok && owner != module {
			return fmt.Errorf("%s: also in module %s", key, owner)
		}
		if en, ok := c.words["en"][key]; ok && lang != "en" {
			if want, got := holes(en), holes(m); !slices.Equal(want, got) {
				return fmt.Errorf("%s: holds %v where English holds %v", key, got, want)
			}
		}
		c.from[key] = module
		c.words[lang][key] = m
	}
	return nil
}

var forms = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other,
}

func parseMessage(v json.RawMessage) (message, error) {
	var s string
	if json.Unmarshal(v, &s) == nil {
		return message{plural.Other: s}, nil
	}
	var many map[string]string
	if err := json.Unmarshal(v, &many); err != nil {
		return nil, fmt.Errorf("neither a sentence nor an object of plural forms")
	}
	m := message{}
	for name, text := range many {
		f, ok := forms[name]
		if !ok {
			return nil, fmt.Errorf("unknown plural form %q", name)
		}
		m[f] = text
	}
	if _, ok := m[plural.Other]; !ok {
		return nil, fmt.Errorf(`no form "other"`)
	}
	return m, nil
}

// holes lists the {names} in a message, sorted, each once.
func holes(m message) []string {
	var out []string
	for _, text := range m {
		for rest := text; ; {
			_, after, ok := strings.Cut(rest, "{")
			if !ok {
				break
			}
			name, tail, ok := strings.Cut(after, "}")
			if !ok {
				break
			}
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
			rest = tail
		}
	}
	slices.Sort(out)
	return out
}

// Keys returns the keys that lang has of its own, sorted.
func (c *Catalog) Keys(lang string) []string {
	var out []string
	for k := range c.words[lang] {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// find returns the sentence for key in lang, or in English, and the language
// it was found in.
func (c *Catalog) find(lang, key string) (message, string, bool) {
	if m, ok := c.words[lang][key]; ok {
		return m, lang, true
	}
	m, ok := c.words["en"][key]
	return m, "en", ok
}

// form picks the plural form of n in a language.
func form(lang string, n int64) plural.Form {
	if lang == "en" || lang == "es" {
		tag := language.English
		if lang == "es" {
			tag = language.Spanish
		}
		if n < 0 {
			n = -n
		}
		return plural.Cardinal.MatchPlural(tag, int(n), 0, 0, 0, 0)
	}
	if n == 1 {
		return plural.One
	}
	return plural.Other
}
