package settings

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, who.Schema, record.Schema, api.Schema, Schema}

// house is the module behind real routes, with somebody at the door.
type house struct {
	*web.Server
	*Site
	policy *who.Policy
	now    who.Actor // who sends requests
}

// Session and Key make a house the sessions of its own server.
func (h *house) Session(context.Context, string) (who.Actor, error) { return h.now, nil }
func (h *house) Key(context.Context, string) (who.Actor, error)     { return h.now, nil }

func (h *house) as(role who.Role) who.Actor {
	a := who.Actor{ID: "p-" + string(role), Name: string(role), Lang: "en", Level: who.L3, Strong: true, Session: "s"}
	if role != who.Resident {
		a.Grants = []who.Grant{{Role: role}}
	}
	return who.As(h.policy, a)
}

func newHouse(t *testing.T, d *db.DB) *house {
	t.Helper()
	store, err := blob.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	h := &house{policy: who.MustPolicy(Rules...)}
	h.Site = &Site{DB: d, Blob: store, Base: func() string { return "https://test.example" }, Licences: []Choice{{"CC0-1.0", "CC0"}}}
	h.now = who.Nobody(h.policy)
	words := i18n.NewCatalog()
	for _, err := range []error{words.Add("web", web.Words), words.Add("ui", ui.Words), words.Add("settings", Words), words.Add("blob", blob.Words)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	routes := &web.Routes{}
	h.routes(routes)
	h.api(api.New(d, routes, "test"))
	h.Server, err = web.NewServer(web.Config{Words: words, Policy: h.policy, Sessions: h, Log: slog.New(slog.DiscardHandler), Version: func() string { return "1" }}, routes)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) get(path string) *httptest.ResponseRecorder {
	return h.send(httptest.NewRequest("GET", path, nil))
}

func (h *house) post(path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return h.send(r)
}

func (h *house) send(r *http.Request) *httptest.ResponseRecorder {
	if h.now.SignedIn() {
		r.Header.Set("Authorization", "Bearer key")
	}
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// said is the main part of a page, for complaints.
func said(w *httptest.ResponseRecorder) string {
	_, main, _ := strings.Cut(w.Body.String(), "<main")
	main, _, _ = strings.Cut(main, "</main>")
	return main
}

func TestDefaults(t *testing.T) {
	for _, key := range defaults {
		p, ok := defaultOf(key)
		for _, lang := range []string{"en", "es"} {
			if text := p.Texts[lang]; !ok || len(text.Title) < 4 || len(text.Body) < 300 {
				t.Errorf("%s in %s: %q, %d bytes", key, lang, text.Title, len(text.Body))
			}
		}
	}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		if w := h.get("/page/about"); w.Code != 200 || !strings.Contains(w.Body.String(), "About this site") || strings.Contains(w.Body.String(), "{name}") {
			t.Errorf("about: %d %s", w.Code, said(w))
		}
		if w := h.get("/page/privacy?lang=es"); w.Code != 200 || !strings.Contains(w.Body.String(), "Privacidad") {
			t.Errorf("privacy in Spanish: %d", w.Code)
		}
		for _, f := range h.Footer(t.Context()) {
			if strings.HasPrefix(f.Value, "/page/help-") {
				t.Errorf("%s stands in the footer", f.Value)
			}
		}
		if w := h.get("/page/help-journalists"); w.Code != 200 || strings.Contains(w.Body.String(), "{email}") {
			t.Errorf("help for journalists: %d", w.Code)
		}
		if w := h.get("/page/nothing"); w.Code != 404 {
			t.Errorf("an unknown page: %d", w.Code)
		}
	}, schemas...)
}

func TestSettings(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := t.Context()
		for _, role := range []who.Role{who.Resident, who.Moderator, who.Secretariat} {
			if err := h.Change(ctx, h.as(role), Setting{Name: "x"}); fault.KindOf(err) != fault.Denied {
				t.Errorf("%s changes settings: %v", role, err)
			}
		}
		h.now = h.as(who.Administrator)
		w := h.post("/admin/settings", url.Values{"name": {"Open <Belize>"}, "place": {"Belize"}, "email": {"not an address"}, "languages": {"es"}})
		if w.Code != 422 || !strings.Contains(w.Body.String(), "Open &lt;Belize&gt;") || !strings.Contains(w.Body.String(), "is not an e-mail address") || !strings.Contains(w.Body.String(), "English cannot be left out") {
			t.Errorf("wrong settings: %d %s", w.Code, said(w))
		}
		good := url.Values{"name": {"Open Belize"}, "place": {"Belize"}, "email": {"office@test.example"}, "languages": {"en", "es"}, "licence": {"CC0-1.0"}}
		if w := h.post("/admin/settings", good); w.Code != 303 {
			t.Fatalf("settings: %d %s", w.Code, said(w))
		}
		if s := h.Current(ctx); s.Name != "Open Belize" || s.Version != 1 || s.Shows("cab") || !s.Shows("es") {
			t.Errorf("current: %+v", s)
		}
		if w := h.post("/admin/settings", good); w.Code != 409 {
			t.Errorf("settings from an old form: %d", w.Code)
		}
		if w := h.get("/page/about"); !strings.Contains(w.Body.String(), "Open Belize") || !strings.Contains(w.Body.String(), "office@test.example") {
			t.Error("the page about does not say what the settings say")
		}
		d.View(ctx, func(tx *db.Tx) error {
			es, err := activity.List(ctx, tx, activity.Filter{Kind: "site"}, 9)
			if err != nil || len(es) > 1 {
				t.Errorf("log: %d entries %v", len(es), err)
			}
			return nil
		})
	}, schemas...)
}

// A change that is heard of while the database does not answer is read once it
// does; until then pages have what was last known.
func TestSettingsAfterAway(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := t.Context()
		h.Current(ctx)
		other := &Site{DB: d, Base: h.Base}
		if err := other.Change(ctx, h.as(who.Administrator), Setting{Name: "Open Belize"}); err != nil {
			t.Fatal(err)
		}
		away, cancel := context.WithCancel(ctx)
		cancel()
		if name := h.Current(away).Name; name != "" {
			t.Errorf("without the database: %q, want what was last known", name)
		}
		for range 400 {
			if h.Current(ctx).Name == "Open Belize" {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Error("the change is never read")
	}, schemas...)
}

func TestLogo(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.now = h.as(who.Administrator)
		upload := func(content []byte) int {
			var b bytes.Buffer
			m := multipart.NewWriter(&b)
			f, _ := m.CreateFormFile("logo", "logo.png")
			f.Write(content)
			m.Close()
			r := httptest.NewRequest("POST", "/admin/settings/logo", &b)
			r.Header.Set("Content-Type", m.FormDataContentType())
			return h.send(r).Code
		}
		if code := upload([]byte("<svg onload=alert(1)></svg>")); code != 422 {
			t.Errorf("a picture that is none: %d", code)
		}
		var pic bytes.Buffer
		png.Encode(&pic, image.NewNRGBA(image.Rect(0, 0, 40, 20)))
		if code := upload(pic.Bytes()); code != 303 {
			t.Errorf("logo: %d", code)
		}
		h.now = who.Nobody(h.policy)
		first := h.Current(t.Context()).LogoPath()
		if w := h.get(first); w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "image/") {
			t.Errorf("logo: %d %v", w.Code, w.Header())
		}
		h.now = h.as(who.Administrator)
		pic.Reset()
		png.Encode(&pic, image.NewNRGBA(image.Rect(0, 0, 20, 20)))
		if code := upload(pic.Bytes()); code != 303 || h.Current(t.Context()).LogoPath() == first {
			t.Errorf("another logo: %d at the same address, which browsers keep", code)
		}
		if err := h.SetLogo(t.Context(), h.as(who.Administrator), nil); err != nil {
			t.Fatal(err)
		}
		if w := h.get("/site/logo"); w.Code != 404 || h.Current(t.Context()).LogoPath() != "" {
			t.Errorf("a logo that was taken away: %d", w.Code)
		}
	}, schemas...)
}

func TestPageLife(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := t.Context()
		h.now = h.as(who.Secretariat)
		form := url.Values{"lang": {"en"}, "title": {"Public hours"}, "body": {"We are **here**.\n\n<script>alert(1)</script>"}, "state": {"draft"}, "sort": {"page"}, "footer": {"yes"}, "order": {"5"}}
		if w := h.post("/admin/pages/new", form); w.Code != 303 || w.Header().Get("Location") != "/page/public-hours" {
			t.Fatalf("new page: %d %s", w.Code, said(w))
		}
		if w := h.get("/page/public-hours"); w.Code != 200 || !strings.Contains(w.Body.String(), "<strong>here</strong>") || strings.Contains(w.Body.String(), "alert(1)</script>") {
			t.Errorf("the writer's view: %d %s", w.Code, said(w))
		}
		h.now = who.Nobody(h.policy)
		if w := h.get("/page/public-hours"); w.Code != 404 {
			t.Errorf("a draft is seen by anybody: %d", w.Code)
		}
		h.now = h.as(who.Secretariat)
		form.Set("state", "published")
		form.Set("version", "1")
		form.Set("title", "Opening hours")
		form.Set("slug", "opening-hours")
		if w := h.post("/admin/pages/public-hours", form); w.Code != 303 {
			t.Fatalf("publish: %d %s", w.Code, said(w))
		}
		if w := h.post("/admin/pages/opening-hours", form); w.Code != 409 || !strings.Contains(w.Body.String(), "another text meanwhile") {
			t.Errorf("an edit of an old version: %d", w.Code)
		}
		h.now = who.Nobody(h.policy)
		if w := h.get("/page/public-hours"); w.Code != 301 || w.Header().Get("Location") != "/page/opening-hours" {
			t.Errorf("the former address: %d %v", w.Code, w.Header())
		}
		found := false
		for _, f := range h.Footer(ctx) {
			found = found || f.Name == "Opening hours" && f.Value == "/page/opening-hours"
		}
		if !found {
			t.Errorf("footer: %v", h.Footer(ctx))
		}
		if _, err := h.Write(ctx, h.as(who.Secretariat), "opening-hours", Draftable{Lang: "en", Text: Text{"x", "y"}, Sort: Lasting, State: Withdrawn, Version: 2}); err != nil {
			t.Fatal(err)
		}
		if w := h.get("/page/opening-hours"); w.Code != 410 {
			t.Errorf("a withdrawn page: %d", w.Code)
		}
		h.now = h.as(who.Secretariat)
		if w := h.get("/admin/pages/opening-hours/versions/1"); w.Code != 200 || !strings.Contains(w.Body.String(), "Public hours") {
			t.Errorf("version 1: %d", w.Code)
		}
	}, schemas...)
}

// TestDefaultBecomesOwn edits a page that comes with the program: it keeps its
// address and what the office wrote stands alone.
func TestDefaultBecomesOwn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := t.Context()
		in := Draftable{Lang: "es", Text: Text{"Sobre nosotros", "Somos la oficina."}, Slug: "about", Sort: Lasting, State: Published, Footer: true, Order: 10}
		if _, err := h.Write(ctx, h.as(who.Resident), "about", in); fault.KindOf(err) != fault.Denied {
			t.Errorf("a resident writes about: %v", err)
		}
		p, err := h.Write(ctx, h.as(who.Administrator), "about", in)
		if err != nil || p.ID != "about" || p.Version != 1 || p.Texts["en"].Title == "" {
			t.Fatalf("%+v %v", p, err)
		}
		if _, err := h.Write(ctx, h.as(who.Administrator), "about", in); !errors.Is(err, db.ErrConflict) {
			t.Errorf("the same again: %v", err)
		}
		if w := h.get("/page/about?lang=es"); w.Code != 200 || !strings.Contains(w.Body.String(), "Somos la oficina.") {
			t.Errorf("about: %d", w.Code)
		}
		n := 0
		for _, f := range h.Footer(ctx) {
			if f.Value == "/page/about" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("about stands %d times in the footer", n)
		}
	}, schemas...)
}

func TestNews(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := t.Context()
		if w := h.get("/news?lang=en"); w.Code != 200 || !strings.Contains(w.Body.String(), "No news yet") {
			t.Errorf("no news: %d", w.Code)
		}
		for i, state := range []State{Published, Draft} {
			if _, err := h.Write(ctx, h.as(who.Administrator), "", Draftable{Lang: "en", Text: Text{[]string{"The road is open", "A secret"}[i], "Text"}, Sort: News, State: state}); err != nil {
				t.Fatal(err)
			}
		}
		w := h.get("/api/v1/news")
		if !strings.Contains(w.Body.String(), "The road is open") || strings.Contains(w.Body.String(), "A secret") {
			t.Errorf("news: %s", w.Body)
		}
	}, schemas...)
}
