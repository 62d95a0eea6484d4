package i18n

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"

	"golang.org/x/text/feature/plural"
)

// Export writes a translator's file: CSV with the columns key, form, english,
// and the language's code, one line for each plural form.
func (c *Catalog) Export(w io.Writer, lang string) error {
	if !Known(lang) {
		return fmt.Errorf("unknown language %q", lang)
	}
	out := csv.NewWriter(w)
	out.Write([]string{"key", "form", "english", lang})
	for _, key := range c.Keys("en") {
		en, own := c.words["en"][key], c.words[lang][key]
		for _, name := range []string{"zero", "one", "two", "few", "many", "other"} {
			f := forms[name]
			if text, ok := en[f]; ok {
				out.Write([]string{key, name, text, own[f]})
			}
		}
	}
	out.Flush()
	return out.Error()
}

// Import reads a translator's file and returns, for each module, the keys and
// plural forms that are filled in, ready to be written as locale/LANG.json. It
// reports the lines it could not use instead of stopping at them.
func (c *Catalog) Import(r io.Reader) (lang string, words map[string]map[string]any, problems []string, err error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	head, err := in.Read()
	if err != nil {
		return "", nil, nil, fmt.Errorf("read the first line: %w", err)
	}
	if len(head) < 4 || head[0] != "key" || !Known(head[3]) {
		return "", nil, nil, fmt.Errorf("the first line is not key,form,english and a language")
	}
	got := map[string]message{}
	for line := 2; ; line++ {
		rec, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", nil, nil, err
		}
		if len(rec) < 4 || rec[3] == "" {
			continue
		}
		f, ok := forms[rec[1]]
		en, known := c.words["en"][rec[0]]
		text := message{plural.Other: rec[3]}
		switch {
		case !known || !ok:
			problems = append(problems, fmt.Sprintf("line %d: no sentence %q, form %q", line, rec[0], rec[1]))
			continue
		case !slices.Equal(holes(message{plural.Other: en[f]}), holes(text)):
			problems = append(problems, fmt.Sprintf("line %d: %q must hold the same {names} as English", line, rec[0]))
			continue
		}
		if got[rec[0]] == nil {
			got[rec[0]] = message{}
		}
		got[rec[0]][f] = rec[3]
	}
	return head[3], c.byModule(got), problems, nil
}

func (c *Catalog) byModule(got map[string]message) map[string]map[string]any {
	words := map[string]map[string]any{}
	for key, m := range got {
		mod := c.from[key]
		if words[mod] == nil {
			words[mod] = map[string]any{}
		}
		if len(c.words["en"][key]) == 1 {
			words[mod][key] = m[plural.Other]
			continue
		}
		many := map[string]string{}
		for name, f := range forms {
			if text, ok := m[f]; ok {
				many[name] = text
			}
		}
		words[mod][key] = many
	}
	return words
}
