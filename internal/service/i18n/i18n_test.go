package i18n

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"ceiba/internal/ground/money"
)

func catalog(t *testing.T, files map[string]string) (*Catalog, error) {
	t.Helper()
	m := fstest.MapFS{}
	for name, text := range files {
		m["locale/"+name+".json"] = &fstest.MapFile{Data: []byte(text)}
	}
	c := NewCatalog()
	return c, c.Add("m", m)
}

func TestWords(t *testing.T) {
	c, err := catalog(t, map[string]string{
		"en":  `{"m.hello": "Hello {name}", "m.rows": {"one": "{n} row of {of}", "other": "{n} rows of {of}"}, "m.only": "English"}`,
		"es":  `{"m.hello": "Hola {name}", "m.rows": {"one": "{n} fila de {of}", "other": "{n} filas de {of}"}}`,
		"kek": `{"m.hello": "B’antiox {name}"}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ got, want string }{
		{c.For("en").T("m.hello", "name", "Ana"), "Hello Ana"},
		{c.For("es").T("m.hello", "name", "Ana"), "Hola Ana"},
		{c.For("kek").T("m.hello", "name", "Ana"), "B’antiox Ana"},
		{c.For("kek").N("m.rows", 1, "of", 2000), "1 row of 2,000"},
		{c.For("es").N("m.rows", 1200, "of", "x"), "1,200 filas de x"},
		{c.For("en").N("m.rows", 0, "of", 1), "0 rows of 1"},
		{c.For("es").T("m.only"), "English"},
		{c.For("xx").T("m.none"), "m.none"},
		{T(With(context.Background(), c.For("es")), "m.hello", "name", "{x}"), "Hola {x}"},
		{T(context.Background(), "m.hello"), "m.hello"},
	} {
		if x.got != x.want {
			t.Errorf("got %q, want %q", x.got, x.want)
		}
	}
}

func TestAddRefuses(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"unknown language": {"xx": `{}`},
		"holds":            {"en": `{"m.a": "{x}"}`, "es": `{"m.a": "{y}"}`},
		"form":             {"en": `{"m.a": {"single": "x", "other": "y"}}`},
		"other":            {"en": `{"m.a": {"one": "x"}}`},
		"neither":          {"en": `{"m.a": 3}`},
	} {
		if _, err := catalog(t, files); err == nil || !strings.Contains(err.Error(), strings.Fields(name)[0][:4]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNumbersAndDates(t *testing.T) {
	en, es := NewCatalog().For("en"), NewCatalog().For("es")
	late := time.Date(2026, 3, 4, 3, 0, 0, 0, time.UTC) // still the 3rd in Belize
	for _, x := range []struct{ got, want string }{
		{en.Date(late), "3 March 2026"},
		{es.Date(late), "3 de marzo de 2026"},
		{en.DateTime(late), "3 March 2026, 21:00"},
		{en.CivilDate("2026-03-03"), "3 March 2026"},
		{en.CivilDate("soon"), "soon"},
		{en.Number(1234567.5), "1,234,567.5"},
		{en.Number(-1000), "−1,000"},
		{en.Number(0.1 + 0.2), "0.3"},
		{en.Money(money.Amount{Minor: 1250000, Currency: "BZD"}), "BZ$12,500"},
		{en.Money(money.Amount{Minor: -1250005, Currency: "USD"}), "−US$12,500.05"},
		{en.Bytes(999), "999 B"},
		{en.Bytes(1400), "1.4 KB"},
		{en.Bytes(165400000), "165 MB"},
		{en.Date(time.Time{}), ""},
	} {
		if x.got != x.want {
			t.Errorf("got %q, want %q", x.got, x.want)
		}
	}
}

func TestTranslatorsFile(t *testing.T) {
	c, err := catalog(t, map[string]string{
		"en": `{"m.hello": "Hello {name}", "m.rows": {"one": "{n} row", "other": "{n} rows"}}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := c.Export(&b, "bzj"); err != nil {
		t.Fatal(err)
	}
	filled := strings.NewReplacer("Hello {name},", "Hello {name},Weh di goh aan {name}", "{n} row,", "{n} row,{n} roa",
		"{n} rows,", "{n} rows,no number").Replace(b.String())
	lang, words, problems, err := c.Import(strings.NewReader(filled))
	if err != nil || lang != "bzj" || len(problems) != 1 {
		t.Fatalf("%s %v %v %v", lang, words, problems, err)
	}
	if words["m"]["m.hello"] != "Weh di goh aan {name}" {
		t.Errorf("got %v", words)
	}
}
