package recordsite

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
)

const translateA = "/record/thing/a/translate"

// translate sends the form with nothing in it but pairs.
func (s *site) translate(as string, status int, pairs ...string) (location, text string) {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return s.do(as, "POST", translateA, status, form.Encode(), "application/x-www-form-urlencoded")
}

// titleIn is the title of the thing as a reader of a language gets it.
func (s *site) titleIn(lang string) (c record.Card) {
	s.t.Helper()
	ctx := i18n.With(s.t.Context(), i18n.NewCatalog().For(lang))
	ok(s.t, s.d.View(ctx, func(tx *db.Tx) (err error) {
		c, err = s.kinds.One(ctx, tx, s.actor(""), record.Ref{Kind: "thing", ID: "a"})
		return err
	}))
	return c
}

func TestTranslatingByForm(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		none := record.Stamp("")
		_, text := s.do("editor", "GET", translateA+"?to=es", 200, "", "")
		for _, want := range []string{`name="to" value="es"`, `name="seen.title" value="` + none + `"`, `name="notes"`, "All about &lt;a&gt;", `lang="es"`, `lang="en"`, "Q’eqchi’", "0 of 2", `maxlength="40"`} {
			if !strings.Contains(text, want) {
				t.Errorf("the form lacks %s", want)
			}
		}
		if strings.Contains(text, "?to=en") {
			t.Error("the form offers the record's own language")
		}
		to, _ := s.translate("editor", 303, "to", "es", "title", "Cosa a", "seen.title", none, "notes", "", "seen.notes", none)
		if c := s.titleIn("es"); to != "/thing/a" || c.Title != "Cosa a" || c.TitleIn.Machine {
			t.Errorf("%s %+v", to, c)
		}
		if _, text := s.do("editor", "GET", translateA+"?to=es", 200, "", ""); !strings.Contains(text, ">Cosa a</textarea>") || !strings.Contains(text, "1 of 2") {
			t.Error("the form does not show what is there")
		}
		for name, x := range map[string][]string{
			"own language":     {"to", "en", "title", "Written & kept", "seen.title", none},
			"unknown language": {"to", "xx", "title", "Written & kept", "seen.title", none},
			"unknown field":    {"to", "es", "title", "Written & kept", "seen.title", none, "licence", "x"},
			"too long":         {"to", "es", "title", "Written & kept " + strings.Repeat("x", 40), "seen.title", record.Stamp("Cosa a")},
		} {
			if _, text := s.translate("editor", 422, x...); !strings.Contains(text, "Written &amp; kept") || !strings.Contains(text, `role="alert"`) {
				t.Errorf("%s: the form does not come back filled in", name)
			}
		}
		if c := s.titleIn("es"); c.Title != "Cosa a" {
			t.Errorf("a refused form changed it: %+v", c)
		}
	}, schemas...)
}

func TestWhoMayTranslate(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.do("", "GET", translateA, 303, "", "")
		s.do("ana", "GET", translateA, 403, "", "")
		s.translate("ana", 403, "to", "es", "title", "Mía")
		s.do("editor", "GET", "/record/thing/secret/translate", 404, "", "")
		s.do("editor", "GET", "/record/thing/none/translate", 404, "", "")
		s.do("editor", "GET", "/record/nothing/a/translate", 404, "", "")
		if c := s.titleIn("es"); c.Title != "Thing a" {
			t.Errorf("%+v", c)
		}
	}, schemas...)
}

func TestTwoTranslatorsAtOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		none := record.Stamp("")
		s.translate("editor", 303, "to", "es", "title", "Suyo", "seen.title", none)
		_, text := s.translate("editor", 409, "to", "es", "title", "Mío", "seen.title", none, "notes", "Mis notas", "seen.notes", none)
		for _, want := range []string{"Suyo", `value="Mío"`, `name="notes" value="Mis notas"`, `name="seen.title" value="` + record.Stamp("Suyo") + `"`, `name="to" value="es"`} {
			if !strings.Contains(text, want) {
				t.Errorf("the page of the conflict lacks %s", want)
			}
		}
		if c := s.titleIn("es"); c.Title != "Suyo" {
			t.Errorf("%+v", c)
		}
		s.translate("editor", 303, "to", "es", "version", "0", "title", "Nuestro", "seen.title", record.Stamp("Suyo"), "notes", "Mis notas", "seen.notes", none)
		if c := s.titleIn("es"); c.Title != "Nuestro" {
			t.Errorf("%+v", c)
		}
		// Somebody who left the title alone does not undo what another made of it.
		s.translate("editor", 303, "to", "es", "title", "Suyo", "seen.title", record.Stamp("Suyo"), "notes", "Otras notas", "seen.notes", record.Stamp("Mis notas"))
		if c := s.titleIn("es"); c.Title != "Nuestro" {
			t.Errorf("%+v", c)
		}
		// What was taken away meanwhile is told of too.
		s.translate("editor", 303, "to", "es", "title", "", "seen.title", record.Stamp("Nuestro"))
		if _, text := s.translate("editor", 409, "to", "es", "title", "Mío", "seen.title", record.Stamp("Nuestro")); !strings.Contains(text, `value="Mío"`) {
			t.Error("a translation that was taken away is no conflict")
		}
	}, schemas...)
}

func TestAMachinesTranslationIsRead(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		put := func(status int, body string) (text string) {
			t.Helper()
			_, text = s.do("editor", "PUT", "/api/v1/records/thing/a/translations", status, body, "application/json")
			return text
		}
		put(200, `{"lang": "es", "origin": "machine", "texts": {"title": "Cosa"}}`)
		if c := s.titleIn("es"); c.Title != "Cosa" || !c.TitleIn.Machine {
			t.Errorf("%+v", c)
		}
		if _, text := s.do("editor", "GET", translateA+"?to=es", 200, "", ""); !strings.Contains(text, `name="read.title"`) {
			t.Error("the form does not say that a machine translated it")
		}
		seen := record.Stamp("Cosa")
		s.translate("editor", 303, "to", "es", "title", "Cosa", "seen.title", seen)
		if c := s.titleIn("es"); !c.TitleIn.Machine {
			t.Error("to save the form is not to have read everything on it")
		}
		s.translate("editor", 303, "to", "es", "title", "Cosa", "seen.title", seen, "read.title", "yes")
		if c := s.titleIn("es"); c.TitleIn.Machine {
			t.Error("what was read is still a machine's")
		}
		put(200, `{"lang": "es", "origin": "machine", "texts": {"title": "Objeto"}}`)
		if c := s.titleIn("es"); c.Title != "Cosa" {
			t.Errorf("a machine overruled a person: %+v", c)
		}
		put(409, `{"lang": "es", "texts": {"title": "Objeto"}, "seen": {"title": "0000"}}`)
		for _, bad := range []string{`{"lang": "en", "texts": {"title": "x"}}`, `{"lang": "es", "texts": {"licence": "x"}}`, `{"lang": "fr", "texts": {}}`, `{"lang": "es", "origin": "dog", "texts": {}}`, `{"lang": "es"}`} {
			put(422, bad)
		}
		_, text := s.do("", "GET", "/api/v1/records/thing/a/translations", 200, "", "")
		var got struct {
			Lang         string
			Translations []TranslationBody
		}
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.Lang != "en" || len(got.Translations) != 1 || got.Translations[0].Text != "Cosa" || got.Translations[0].Stamp != seen || got.Translations[0].Origin != "human" {
			t.Error(text, err)
		}
		s.do("", "GET", "/api/v1/records/thing/secret/translations", 404, "", "")
		s.do("ana", "PUT", "/api/v1/records/thing/a/translations", 403, `{"lang": "es", "texts": {"title": "x"}}`, "application/json")
	}, schemas...)
}
