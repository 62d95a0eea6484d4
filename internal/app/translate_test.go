package app

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ceiba/internal/ground/config"
	"ceiba/internal/innovation/catalog"
	"ceiba/internal/service/record"
)

// TestTranslationReachesEveryPage takes a translation from the form to
// everything that shows datasets: their page, lists, feeds, search, the API and
// the export, in the languages of several readers and through the shared cache.
func TestTranslationReachesEveryPage(t *testing.T) {
	h := openHouse(t, config.Store{})
	const words = "Pozos del país medidos"
	id := h.one(`SELECT id FROM dataset WHERE title LIKE '%water%'`)
	nobody, page := h.as("nobody"), "/dataset/"+h.one(`SELECT slug FROM record_slug WHERE kind = 'dataset' AND id = $1 AND current`, id)
	pages := []string{page, "/datasets", "/", "/activity", "/place/BZ-TOL", "/search?q=pozos+medidos", "/activity.atom", "/api/v1/search?q=medidos", "/api/v1/datasets", "/api/v1/datasets/" + id}
	in := func(path, lang string) string {
		t.Helper()
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		r := h.get(nobody, path+sep+"lang="+lang)
		if r.status != 200 {
			t.Fatalf("%s in %s: %d", path, lang, r.status)
		}
		return strings.NewReplacer("<mark>", "", "</mark>", "").Replace(r.body)
	}
	for _, p := range pages {
		in(p, "es")
		if body := in(p, "es"); strings.Contains(body, words) { // twice: the second comes from the cache
			t.Fatalf("%s has the translation before anybody wrote it", p)
		}
	}
	before := h.one(`SELECT text FROM record_translation WHERE record = $1 AND lang = 'es' AND field = 'title'`, id)
	if r := h.post(h.as("member"), "/record/dataset/"+id+"/translate", url.Values{"to": {"es"}, "title": {words}, "seen.title": {record.Stamp(before)}}); r.status != 303 {
		t.Fatalf("saving: %d %s", r.status, visible(r.body))
	}
	h.quiet()
	for _, p := range pages {
		h.until(p+" to be Spanish", func() bool { return strings.Contains(in(p, "es"), words) })
		mixed := strings.Contains(p, "medidos") || strings.HasPrefix(p, "/api/v1/datasets") // they say the words in both
		if !mixed && strings.Contains(in(p, "en"), words) {
			t.Errorf("%s is Spanish for readers of English", p)
		}
	}
	for _, want := range []string{"<h1>" + words + "</h1>", `lang="en"`, ">English</span>", "<title>" + words} {
		if !strings.Contains(in(page, "es"), want) {
			t.Errorf("the Spanish page lacks %s", want)
		}
	}
	for _, want := range []string{`<h1 lang="en">`, `<span class="tongue" lang="en">English</span>`} {
		if !strings.Contains(in(page, "kek"), want) {
			t.Errorf("the Q’eqchi’ page lacks %s", want)
		}
	}
	if strings.Contains(in(page, "en"), `class="tongue"`) {
		t.Error("the English page marks English texts")
	}
	if !strings.Contains(in("/search?q=medidos", "en"), "Demonstration: water readings") {
		t.Error("a reader of English does not find what was translated into Spanish, or not under its English title")
	}
	dir := t.TempDir()
	if _, err := h.export(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	h.sameEverywhere(t, dir, id, words)
}

// sameEverywhere reads the dataset from the API and from the export.
func (h *house) sameEverywhere(t *testing.T, dir, id, title string) {
	t.Helper()
	const english = "Demonstration: water readings"
	text, err := os.ReadFile(filepath.Join(dir, "datasets", "demonstration-water-readings", "dataset.json"))
	must(t, err)
	for name, x := range map[string]struct{ text, title string }{
		"the export":         {string(text), english},
		"the API":            {h.get(h.as("nobody"), "/api/v1/datasets/"+id).body, english},
		"the API in Spanish": {h.get(h.as("nobody"), "/api/v1/datasets/"+id+"?lang=es").body, title},
		"the API in Mopan":   {h.get(h.as("nobody"), "/api/v1/datasets/"+id+"?lang=mop").body, english},
	} {
		var d catalog.DatasetBody
		must(t, json.Unmarshal([]byte(x.text), &d))
		if d.Title != x.title || d.Lang != "en" || d.TitleTranslated["es"] != title || d.TitleTranslated["en"] != english || d.SummaryTranslated["es"] == "" || d.NotesTranslated["en"] == "" || d.NotesTranslated["es"] != "" || d.MachineTranslated != nil {
			t.Errorf("%s: %+v", name, d)
		}
	}
	if r := h.get(h.as("nobody"), "/api/v1/datasets?lang=klingon"); r.status != 422 {
		t.Errorf("a language that nobody knows: %d", r.status)
	}
}
