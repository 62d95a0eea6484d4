package record_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// library is a kind whose texts people translate, with somebody who may. A
// book's language is the beginning of its id.
func library(t *testing.T) (*record.Registry, who.Actor) {
	t.Helper()
	kind := record.Kind{
		Name: "book",
		Describe: func(_ context.Context, _ *db.Tx, _ who.Actor, ids []string) (out []record.Card, err error) {
			for _, id := range ids {
				lang, _, _ := strings.Cut(id, "-")
				out = append(out, record.Card{Ref: record.Ref{Kind: "book", ID: id}, Title: "Title of " + id, Summary: "About " + id, Lang: lang, Org: "o1", Public: true, Gone: id == "en-gone"})
			}
			return out, nil
		},
		Text: func(_ context.Context, _ *db.Tx, ids []string) (out []record.Text, err error) {
			for _, id := range ids {
				if id != "en-draft" {
					out = append(out, record.Text{ID: id, Lang: id[:2], Title: "Title of " + id, Body: "all", Facets: map[string][]string{"org": {"o1"}}})
				}
			}
			return out, nil
		},
		Fields: []record.Field{
			{Name: "title", Label: "book.title", Max: 20},
			{Name: "summary", Label: "book.summary", Max: 60},
			{Name: "notes", Label: "book.notes", Max: 500, Lines: true, Markdown: true},
		},
		Originals: func(context.Context, *db.Tx, []string) (map[string]map[string]string, error) { return nil, nil },
	}
	reg, err := record.NewRegistry(kind)
	if err != nil {
		t.Fatal(err)
	}
	return reg, who.As(who.MustPolicy(record.Rules...), who.Actor{ID: "ana", Level: who.L1, Strong: true, Grants: []who.Grant{{Role: who.Member, Org: "o1"}}})
}

func book(id string) record.Ref { return record.Ref{Kind: "book", ID: id} }

func speaking(lang string) context.Context {
	return i18n.With(context.Background(), i18n.NewCatalog().For(lang))
}

// look returns the card of a book as a reader of a language sees it.
func look(t *testing.T, reg *record.Registry, d *db.DB, lang, id string) (c record.Card) {
	t.Helper()
	if err := d.View(t.Context(), func(tx *db.Tx) (err error) {
		c, err = reg.One(speaking(lang), tx, who.Actor{}, book(id))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAPersonsTranslationStands(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		reg, ana := library(t)
		save := func(origin record.Origin, title string) {
			t.Helper()
			if err := reg.Translate(ctx, d, ana, record.Draft{Of: book("en-a"), Lang: "es", Origin: origin, Texts: map[string]string{"title": title}}); err != nil {
				t.Fatal(err)
			}
		}
		for _, x := range []struct {
			by      record.Origin
			text    string
			want    string
			machine bool
		}{
			{record.Machine, "La calle", "La calle", true},
			{record.Human, "La calle", "La calle", false}, // read, and found right
			{record.Machine, "La ruta", "La calle", false},
			{record.Machine, "", "La calle", false},
			{record.Human, "  El\n camino ", "El camino", false},
			{record.Human, "El camino", "El camino", false}, // no news
			{record.Human, "", "Title of en-a", false},
			{record.Machine, "La ruta", "La ruta", true},
			{record.Machine, "", "Title of en-a", false},
		} {
			save(x.by, x.text)
			c := look(t, reg, d, "es", "en-a")
			if c.Title != x.want || c.TitleIn.Machine != x.machine || c.Written != "Title of en-a" {
				t.Errorf("after %q of a %s: %+v", x.text, x.by, c)
			}
		}
		verbs := newLog(t, d)
		if len(verbs) != 6 {
			t.Errorf("the log says %v", verbs)
		}
		for _, e := range verbs {
			if e.Verb != "record.translated" || e.Note != "Español" || e.Title != "Title of en-a" || !e.Public {
				t.Errorf("%+v", e)
			}
		}
	}, activity.Schema, record.Schema)
}

func newLog(t *testing.T, d *db.DB) (out []activity.Event) {
	t.Helper()
	if err := activity.NewLog(d, nil).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.View(t.Context(), func(tx *db.Tx) (err error) {
		out, err = activity.List(t.Context(), tx, activity.Filter{}, 50)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryTextSaysItsLanguage(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		reg, ana := library(t)
		for _, x := range []record.Draft{
			{Of: book("en-a"), Lang: "es", Origin: record.Human, Texts: map[string]string{"title": "Caminos", "notes": "Una *línea*\r\ny otra"}},
			{Of: book("en-a"), Lang: "kek", Origin: record.Machine, Texts: map[string]string{"summary": "B’e"}},
			{Of: book("es-b"), Lang: "en", Origin: record.Human, Texts: map[string]string{"title": "Schools"}},
		} {
			if err := reg.Translate(ctx, d, ana, x); err != nil {
				t.Fatal(err)
			}
		}
		in := func(lang string, machine bool) i18n.Tongue { return i18n.Tongue{Lang: lang, Machine: machine} }
		for _, x := range []struct {
			reader, id, title, summary string
			titleIn, summaryIn         i18n.Tongue
		}{
			{"en", "en-a", "Title of en-a", "About en-a", in("en", false), in("en", false)},
			{"es", "en-a", "Caminos", "About en-a", in("es", false), in("en", false)},
			{"kek", "en-a", "Title of en-a", "B’e", in("en", false), in("kek", true)},
			{"mop", "en-a", "Title of en-a", "About en-a", in("en", false), in("en", false)},
			{"en", "es-b", "Schools", "About es-b", in("en", false), in("es", false)},
			{"es", "es-b", "Title of es-b", "About es-b", in("es", false), in("es", false)},
		} {
			c := look(t, reg, d, x.reader, x.id)
			if c.Title != x.title || c.Summary != x.summary || c.TitleIn != x.titleIn || c.SummaryIn != x.summaryIn {
				t.Errorf("%s of %s: %+v", x.id, x.reader, c)
			}
		}
		d.View(ctx, func(tx *db.Tx) error {
			all, err := record.AllTranslations(ctx, tx, "book", []string{"en-a", "es-b", "en-c"})
			if err != nil || len(all) != 2 {
				t.Error(all, err)
			}
			if diff := cmp.Diff(map[string]string{"en": "Roads", "es": "Caminos"}, all["en-a"].Map("title", "Roads", "en")); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(map[string]string{"es": "Rutas"}, all["en-a"].Map("title", "Rutas", "es")); diff != "" {
				t.Error("a record written in Spanish by now:", diff)
			}
			if diff := cmp.Diff(map[string][]string{"kek": {"summary"}}, all["en-a"].ByMachine("en")); diff != "" {
				t.Error(diff)
			}
			if got := all["en-c"].Map("title", "Roads", "en"); len(got) != 1 {
				t.Error(got)
			}
			kind, _ := reg.Kind("book")
			texts, err := kind.AllText(ctx, tx, []string{"en-a", "en-draft"})
			if diff := cmp.Diff([]record.Text{
				{ID: "en-a", Lang: "en", Title: "Title of en-a", Body: "all", Facets: map[string][]string{"org": {"o1"}}},
				{ID: "en-a", Lang: "es", Title: "Caminos", Body: "Una *línea*\ny otra", Facets: map[string][]string{"org": {"o1"}}},
				{ID: "en-a", Lang: "kek", Body: "B’e", Facets: map[string][]string{"org": {"o1"}}},
			}, texts); err != nil || diff != "" {
				t.Error(err, diff)
			}
			return nil
		})
	}, activity.Schema, record.Schema)
}

func TestWhatCannotBeTranslated(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		reg, ana := library(t)
		resident := ana
		resident.Grants = nil
		draft := func(id, lang, field, text string) record.Draft {
			return record.Draft{Of: book(id), Lang: lang, Origin: record.Human, Texts: map[string]string{field: text, "title": "Bien"}}
		}
		for name, x := range map[string]struct {
			err  error
			want fault.Kind
			says string
		}{
			"own language":     {reg.Translate(ctx, d, ana, draft("es-b", "es", "summary", "x")), fault.Invalid, "record.own_language"},
			"unknown language": {reg.Translate(ctx, d, ana, draft("en-a", "fr", "summary", "x")), fault.Invalid, "record.no_language"},
			"unknown field":    {reg.Translate(ctx, d, ana, draft("en-a", "es", "licence", "x")), fault.Invalid, "record.no_field"},
			"too long":         {reg.Translate(ctx, d, ana, draft("en-a", "es", "summary", strings.Repeat("ñ", 61))), fault.Invalid, "fault.too_long"},
			"withdrawn":        {reg.Translate(ctx, d, ana, draft("en-gone", "es", "summary", "x")), fault.Gone, "record.gone"},
			"a resident":       {reg.Translate(ctx, d, resident, draft("en-a", "es", "summary", "x")), fault.Denied, ""},
			"no such kind":     {reg.Translate(ctx, d, ana, record.Draft{Of: record.Ref{Kind: "no", ID: "a"}}), fault.NotFound, ""},
		} {
			var fields fault.Fields
			if errors.As(x.err, &fields) {
				if len(fields) != 1 || fields[0].Key != x.says {
					t.Errorf("%s: %v", name, x.err)
				}
			} else if kindOf(x.err) != x.want {
				t.Errorf("%s: %v", name, x.err)
			}
		}
		if c := look(t, reg, d, "es", "en-a"); c.TitleIn.Lang != "en" {
			t.Errorf("half of a refused draft was kept: %+v", c)
		}
		plain := newVillage(t, d)
		if err := plain.Translate(ctx, d, plain.official, record.Draft{Of: plain.public, Lang: "es", Origin: record.Human}); kindOf(err) != fault.Conflict {
			t.Errorf("a kind without texts: %v", err)
		}
	}, activity.Schema, record.Schema)
}

func TestALostTranslationIsToldOf(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		reg, ana := library(t)
		none := record.Translation{}.Stamp()
		save := func(title, summary, seenTitle, seenSummary string) error {
			return reg.Translate(ctx, d, ana, record.Draft{
				Of: book("en-a"), Lang: "es", Origin: record.Human, Texts: map[string]string{"title": title, "summary": summary},
				Seen: map[string]string{"title": seenTitle, "summary": seenSummary},
			})
		}
		if err := save("Uno", "", none, none); err != nil {
			t.Fatal(err)
		}
		if err := save("Dos", "Resumen", none, none); !errors.Is(err, db.ErrConflict) {
			t.Errorf("a lost update: %v", err)
		}
		if c := look(t, reg, d, "es", "en-a"); c.Title != "Uno" || c.SummaryIn.Lang != "en" {
			t.Errorf("half of it was saved: %+v", c)
		}
		if err := save("Uno", "Resumen", none, none); err != nil {
			t.Errorf("both wrote the same: %v", err)
		}
		if err := save("Tres", "Resumen", record.Stamp("Uno"), none); err != nil {
			t.Errorf("an honest save: %v", err)
		}
		if err := save("", "Resumen", record.Stamp("Uno"), none); !errors.Is(err, db.ErrConflict) {
			t.Errorf("taking away what was not seen: %v", err)
		}
	}, activity.Schema, record.Schema)
}

func TestWhoTranslatedGoesWithThem(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		reg, ana := library(t)
		if err := reg.Translate(ctx, d, ana, record.Draft{Of: book("en-a"), Lang: "es", Origin: record.Human, Texts: map[string]string{"title": "Caminos"}}); err != nil {
			t.Fatal(err)
		}
		update(t, d, func(tx *db.Tx) error {
			out, err := record.Personal.Export(ctx, tx, "ana")
			if ts, _ := out.(map[string]any)["translations"].([]record.Translation); err != nil || len(ts) != 1 || ts[0].Text != "Caminos" {
				t.Error(out, err)
			}
			if err := record.Personal.Erase(ctx, tx, "ana"); err != nil {
				return err
			}
			if out, err := record.Personal.Export(ctx, tx, "ana"); out != nil || err != nil {
				t.Error(out, err)
			}
			return nil
		})
		if c := look(t, reg, d, "es", "en-a"); c.Title != "Caminos" {
			t.Errorf("the record lost its translation: %+v", c)
		}
	}, activity.Schema, record.Schema)
}

func TestKindsWithFieldsThatCannotBe(t *testing.T) {
	good := record.Kind{
		Name: "x", Describe: func(context.Context, *db.Tx, who.Actor, []string) ([]record.Card, error) { return nil, nil },
		Originals: func(context.Context, *db.Tx, []string) (map[string]map[string]string, error) { return nil, nil },
	}
	f := record.Field{Name: "title", Label: "x.title", Max: 9}
	for name, fields := range map[string][]record.Field{
		"twice": {f, f}, "taken": {{Name: "to", Label: "x.to", Max: 9}}, "no label": {{Name: "title", Max: 9}},
		"no length": {{Name: "title", Label: "x"}}, "a name": {{Name: "Títle", Label: "x", Max: 9}},
	} {
		k := good
		k.Fields = fields
		if _, err := record.NewRegistry(k); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	k := good
	k.Fields, k.Originals = []record.Field{f}, nil
	if _, err := record.NewRegistry(k); err == nil {
		t.Error("without texts: accepted")
	}
	k.Originals = good.Originals
	if _, err := record.NewRegistry(k); err != nil {
		t.Error(err)
	}
}
