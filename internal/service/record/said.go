package record

import (
	"context"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
)

// Said is a text as a reader gets it, with the language it is really in.
type Said struct {
	Text string
	In   i18n.Tongue
}

// Translated are the translations of one record into one language, by field.
type Translated map[string]Translation

// Say returns the translation of a field, or text, which is how it was written,
// where there is none. A record is never translated into its own language.
func (t Translated) Say(field, text, written string) Said {
	if x, ok := t[field]; ok && x.Lang != written && text != "" {
		return Said{x.Text, i18n.Tongue{Lang: x.Lang, Machine: x.Origin == Machine}}
	}
	return Said{text, i18n.Tongue{Lang: written}}
}

// ByLang are all translations of one record, by language and field.
type ByLang map[string]Translated

// Map is a field in every language there is, by language, the one it was
// written in among them: {"en": …, "es": …}.
func (b ByLang) Map(field, text, written string) map[string]string {
	out := map[string]string{}
	for lang, t := range b {
		if said := t.Say(field, text, written); said.In.Lang == lang {
			out[lang] = said.Text
		}
	}
	if text != "" {
		out[written] = text
	}
	return out
}

// ByMachine lists the fields that only a machine translated, by language.
func (b ByLang) ByMachine(written string) map[string][]string {
	out := map[string][]string{}
	for lang, t := range b {
		for field, x := range t {
			if x.Origin == Machine && lang != written {
				out[lang] = append(out[lang], field)
			}
		}
		slices.Sort(out[lang])
	}
	return out
}

// Translations returns the fields of records that there are in a language, by
// record and field, in one query.
func Translations(ctx context.Context, tx *db.Tx, kind, lang string, ids []string) (map[string]Translated, error) {
	in, args := db.In(3, ids)
	list, err := db.List(ctx, tx, translationFields, `SELECT `+translationColumns+` FROM record_translation
		WHERE kind = $1 AND lang = $2 AND record IN `+in, append([]any{kind, lang}, args...)...)
	out := map[string]Translated{}
	for _, t := range list {
		if out[t.Of.ID] == nil {
			out[t.Of.ID] = Translated{}
		}
		out[t.Of.ID][t.Field] = t
	}
	return out, err
}

// AllTranslations returns the fields of records in every language there is, by
// record, language and field, in one query.
func AllTranslations(ctx context.Context, tx *db.Tx, kind string, ids []string) (map[string]ByLang, error) {
	in, args := db.In(2, ids)
	list, err := db.List(ctx, tx, translationFields, `SELECT `+translationColumns+` FROM record_translation
		WHERE kind = $1 AND record IN `+in, append([]any{kind}, args...)...)
	out := map[string]ByLang{}
	for _, t := range list {
		if out[t.Of.ID] == nil {
			out[t.Of.ID] = ByLang{}
		}
		if out[t.Of.ID][t.Lang] == nil {
			out[t.Of.ID][t.Lang] = Translated{}
		}
		out[t.Of.ID][t.Lang][t.Field] = t
	}
	return out, err
}

// AllText is what search keeps of records of the kind: what Text says, and for
// each language that somebody translated into, a text in that language alone.
func (k Kind) AllText(ctx context.Context, tx *db.Tx, ids []string) ([]Text, error) {
	texts, err := k.Text(ctx, tx, ids)
	if err != nil || len(k.Fields) == 0 || len(texts) == 0 {
		return texts, err
	}
	public := make([]string, len(texts))
	for i, t := range texts {
		public[i] = t.ID
	}
	all, err := AllTranslations(ctx, tx, k.Name, public)
	var more []Text
	for _, t := range texts {
		for _, l := range i18n.Languages {
			if in := all[t.ID][l.Code]; len(in) > 0 && l.Code != t.Lang {
				more = append(more, k.text(t, l.Code, in))
			}
		}
	}
	return append(texts, more...), err
}

// text is a record's text in one language that it was translated into.
func (k Kind) text(of Text, lang string, in Translated) Text {
	out := Text{ID: of.ID, Lang: lang, Facets: of.Facets}
	var body []string
	for _, f := range k.Fields {
		switch text := in[f.Name].Text; {
		case text == "":
		case f.Name == "title":
			out.Title = text
		case f.Markdown:
			body = append(body, Unmarked(text))
		default:
			body = append(body, text)
		}
	}
	out.Body = strings.Join(body, "\n")
	return out
}

var marks = strings.NewReplacer("**", "", "__", "", "`", "", "# ", "", "#", "", "> ", "", "](", " (")

// Unmarked takes the marks of Markdown out of a text, so that snippets show
// words.
func Unmarked(text string) string { return marks.Replace(text) }
