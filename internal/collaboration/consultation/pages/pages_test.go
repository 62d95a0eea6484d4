package pages

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ceiba/internal/collaboration/consultation"
	"ceiba/internal/face/api"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var (
	policy  = who.MustPolicy(append(append([]who.Rule{}, consultation.Rules...), record.Rules...)...)
	schemas = []db.Schema{activity.Schema, who.Schema, org.Schema, record.Schema, api.Schema, consultation.Schema}
	words   = strings.TrimSpace(strings.Repeat("because ", consultation.FewestWords))
)

// site is the module behind the real server, with a clock that tests turn.
type site struct {
	*web.Server
	*Pages
	t   *testing.T
	now time.Time
}

// as returns an actor by name: officer works for the office that answers.
func as(name string) who.Actor {
	a := who.Actor{ID: name, Name: name, Level: who.L1, Strong: true}
	switch name {
	case "":
		return who.Nobody(policy)
	case "officer", "colleague":
		a.Grants = []who.Grant{{Role: who.Official, Org: "works"}}
	case "anna":
		a.Grants = []who.Grant{{Role: who.Member, Org: "ngo"}}
	}
	return who.As(policy, a)
}

type doors struct{}

func (doors) Session(_ context.Context, token string) (who.Actor, error) { return as(token), nil }
func (doors) Key(context.Context, string) (who.Actor, error)             { return as(""), nil }

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	s := &site{t: t, now: time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)}
	d.SetClock(func() time.Time { s.now = s.now.Add(time.Minute); return s.now })
	desk := &consultation.Desk{DB: d}
	kinds, err := record.NewRegistry(desk.Records()...)
	if err != nil {
		t.Fatal(err)
	}
	desk.Kinds = func() *record.Registry { return kinds }
	s.Pages = &Pages{Desk: desk, Base: func() string { return "https://open.example" }}
	catalog := i18n.NewCatalog()
	for name, files := range map[string]fs.FS{"ui": ui.Words, "web": web.Words, "api": api.Words, "who": who.Words, "record": record.Words, "talk": talk.Words, "org": org.Words, "consultation": Words} {
		if err := catalog.Add(name, files); err != nil {
			t.Fatal(err)
		}
	}
	routes := &web.Routes{}
	m := s.Module()
	m.Routes(routes)
	m.API(api.New(d, routes, "test"))
	if s.Server, err = web.NewServer(web.Config{Words: catalog, Policy: policy, Sessions: doors{}, NoLimits: true, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}, routes); err != nil {
		t.Fatal(err)
	}
	if err := d.Update(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO organisation
			(id, slug, kind, name, name_key, names, description, url, district, parent, valid_from, valid_to, version, changed_at)
			SELECT id, id, 'civil_society', 'Office of ' || id, id, '{}', '', '', '', '', '', '', 1, 0 FROM (SELECT 'works' AS id UNION SELECT 'ngo') AS ids`)
		if err != nil {
			return err
		}
		for _, name := range []string{"anna", "ben", "officer"} {
			if _, err := tx.Exec(t.Context(), `INSERT INTO person (id, name, email, lang, level, district, state, demo, created_at, version)
				VALUES ($1, $2, '', 'en', 1, '', 'active', FALSE, 0, 1)`, name, name); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

// ask sends one request as somebody; a body makes it a form, or JSON for the API.
func (s *site) ask(name, method, path, body, lang string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", lang)
	switch {
	case strings.HasPrefix(path, "/api/"):
		r.Header.Set("Accept", "application/json")
		r.Header.Set("Content-Type", "application/json")
	case body != "":
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if name != "" {
		r.AddCookie(&http.Cookie{Name: web.SessionCookie(false), Value: name})
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// step is one request and what its answer must and must not show.
type step struct {
	as, method, path, body string
	status                 int
	shows, hides           string
}

func (s *site) walk(steps []step) (last *httptest.ResponseRecorder) {
	s.t.Helper()
	for _, c := range steps {
		last = s.ask(c.as, c.method, c.path, c.body, "en")
		body := last.Body.String()
		if last.Code != c.status || !strings.Contains(body, c.shows) || c.hides != "" && strings.Contains(body, c.hides) {
			s.t.Errorf("%s %s as %q: %d, want %d with %q and without %q in\n%s", c.method, c.path, c.as, last.Code, c.status, c.shows, c.hides, main(body))
		}
	}
	return last
}

func main(body string) string {
	if i := strings.Index(body, "<main"); i >= 0 {
		body = body[i:]
	}
	return body[:min(len(body), 4000)]
}

func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

const text = "# Roads\n\nWe will pave <script>alert(1)</script> the road by June.\n\n[Residents](javascript:alert(2)) see every contract.\n"

// published puts a text before the public, through the forms.
func (s *site) published() {
	s.t.Helper()
	made := form("title", "Draft promise", "org", "works", "introduction", "What **we** promise.", "lang", "en", "closes.day", "1", "closes.month", "4", "closes.year", "2026")
	s.walk([]step{
		{"", "GET", "/consultations", "", 200, "Nothing is open at the moment", ""},
		{"", "GET", "/consultations/new", "", 303, "", ""},
		{"ben", "GET", "/consultations/new", "", 200, "Ask the secretariat", "<textarea"},
		{"ben", "POST", "/consultations", made, 403, "", ""},
		{"officer", "GET", "/consultations/new", "", 200, "<textarea", ""},
		{"officer", "POST", "/consultations", strings.Replace(made, "Draft+promise", "+", 1), 422, "What **we** promise.", ""},
		{"officer", "POST", "/consultations", strings.Replace(made, "closes.day=1", "closes.day=77", 1), 422, `value="77"`, ""},
		{"officer", "POST", "/consultations", made, 303, "", ""},
		{"", "GET", "/consultation/draft-promise", "", 404, "", "Draft promise"},
		{"officer", "GET", "/consultation/draft-promise", "", 200, "There is no text yet", ""},
		{"officer", "POST", "/consultation/draft-promise/move", form("to", "published", "version", "1"), 422, "Give it its text first", ""},
		{"officer", "GET", "/consultation/draft-promise/write", "", 200, "<textarea", ""},
		{"officer", "POST", "/consultation/draft-promise/write", form("version", "0", "text", text, "do", "preview"), 200, "What this version would change", ""},
		{"officer", "POST", "/consultation/draft-promise/write", form("version", "0", "text", text), 303, "", ""},
		{"officer", "POST", "/consultation/draft-promise/move", form("to", "published", "version", "1"), 409, "", ""},
		{"officer", "POST", "/consultation/draft-promise/move", form("to", "published", "version", "2"), 303, "", ""},
		{"", "GET", "/consultations", "", 200, "Open until 1 April 2026", ""},
		{"", "GET", "/consultation/draft-promise", "", 200, "Write about this", "<script>alert"},
		{"", "GET", "/consultation/draft-promise", "", 200, "Office of works reads what you write", "javascript:"},
	})
}

func site2(t *testing.T, f func(s *site)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.published()
		f(s)
	}, schemas...)
}

// made is the address of the annotation to which a form led.
func (s *site) made(w *httptest.ResponseRecorder) string {
	s.t.Helper()
	to := w.Header().Get("Location")
	if !strings.HasPrefix(to, "/annotation/") {
		s.t.Fatalf("status %d leads to %q\n%s", w.Code, to, main(w.Body.String()))
	}
	return to
}

func TestWriteAboutAParagraph(t *testing.T) {
	site2(t, func(s *site) {
		p := "/consultation/draft-promise/p/2"
		s.walk([]step{
			{"", "GET", p, "", 200, "Sign in to write", "<textarea"},
			{"", "POST", p, form("kind", "comment", "text", "A", "lang", "en"), 401, "", ""},
			{"ben", "GET", p, "", 200, "What do you think of it?", "For whom do you speak"},
			{"anna", "GET", p, "", 200, "For whom do you speak", ""},
			{"ben", "GET", p + "?kind=amendment", "", 200, "We will pave &lt;script&gt;", ""},
			{"ben", "GET", "/consultation/draft-promise/p/99", "", 404, "", ""},
			{"ben", "POST", p, form("kind", "question", "text", "Typed & kept", "quote", "not there", "lang", "es"), 422, "Typed &amp; kept", ""},
		})
		note := s.made(s.ask("anna", "POST", p, form("kind", "question", "text", "<b>Why</b> June?", "quote", "by June", "lang", "es", "org", "ngo"), "en"))
		s.walk([]step{
			{"", "GET", "/consultation/draft-promise", "", 200, "1 note", ""},
			{"", "GET", p, "", 200, `lang="es">&lt;b&gt;Why&lt;/b&gt; June?`, "<b>Why"},
			{"", "GET", p, "", 200, "for Office of ngo", ""},
			{"", "GET", note, "", 200, "Office of works has not answered yet", ""},
			{"ben", "POST", note + "/agree", form("back", p), 303, "", ""},
			{"ben", "GET", p, "", 200, "I no longer agree", ""},
			{"anna", "POST", note + "/agree", form("back", p), 409, "", ""},
			{"ben", "POST", note + "/retract", form("x", "y"), 403, "", ""},
			{"", "GET", "/consultation/draft-promise/notes?show=question", "", 200, "June?", ""},
			{"", "GET", "/consultation/draft-promise/notes?show=amendment", "", 200, "Nobody has written here yet", "June?"},
			{"", "GET", "/consultation/draft-promise/notes.csv", "", 200, ",by June,", ""},
		})
		s.made(s.ask("ben", "POST", p, form("kind", "comment", "text", "Danger", "quote", "<script>alert(1)</script>", "lang", "en"), "en"))
		s.walk([]step{{"", "GET", p, "", 200, "“&lt;script&gt;alert(1)", "<script>alert"}})
		var rows []AnnotationBody
		if err := json.Unmarshal(s.ask("", "GET", "/consultation/draft-promise/notes.json", "", "en").Body.Bytes(), &rows); err != nil || len(rows) != 2 || rows[0].Author != "anna" || rows[0].Sector != "civil_society" {
			s.t.Errorf("JSON: %+v, %v", rows, err)
		}
		for _, path := range []string{"/consultations", "/consultation/draft-promise", p, note, "/consultation/draft-promise/versions", "/consultation/draft-promise/notes", "/consultation/draft-promise/compare"} {
			body := s.ask("ben", "GET", path, "", "es").Body.String()
			if !strings.Contains(body, `<html lang="es"`) || untranslated.MatchString(body) {
				s.t.Errorf("%s in Spanish: %s", path, untranslated.FindString(body))
			}
		}
	})
}

var untranslated = regexp.MustCompile(`>\s*(consultation|did)\.[a-z_.]+`)

// TestTwoAtOnce: whoever comes second sees both texts, and nothing is lost.
func TestTwoAtOnce(t *testing.T) {
	site2(t, func(s *site) {
		next := func(last string) string {
			return form("version", "1", "text", "# Roads\n\n"+last, "reason", "Asked for")
		}
		edit := func(title string) string {
			return form("version", "3", "title", title, "introduction", "What we promise.", "lang", "en")
		}
		s.walk([]step{
			{"officer", "POST", "/consultation/draft-promise/write", next("First."), 303, "", ""},
			{"colleague", "POST", "/consultation/draft-promise/write", next("Second."), 409, "Second.", ""},
			{"colleague", "POST", "/consultation/draft-promise/write", next("Second."), 409, "First.", ""},
			{"officer", "POST", "/consultation/draft-promise/edit", edit("Stale"), 409, "Stale", ""},
			{"officer", "POST", "/consultation/draft-promise/edit", strings.Replace(edit("New name"), "version=3", "version=4", 1), 303, "", ""},
			{"", "GET", "/consultation/draft-promise", "", 301, "", ""},
			{"", "GET", "/consultation/new-name/versions", "", 200, "Asked for", ""},
			{"", "GET", "/consultation/new-name/compare?from=1&to=2", "", 200, "<ins>", ""},
			{"", "GET", "/consultation/new-name/compare?from=2&to=1", "", 200, "<del>", ""},
			{"", "GET", "/consultation/new-name/compare?from=1&to=9", "", 404, "", ""},
			{"", "GET", "/consultation/new-name?version=1", "", 200, "no longer the present one", "Write about this"},
		})
	})
}

func TestAmendmentAndAnswers(t *testing.T) {
	site2(t, func(s *site) {
		p := "/consultation/draft-promise/p/3"
		draft := s.made(s.ask("ben", "POST", p, form("kind", "amendment", "text", "Clearer", "replacement", "Residents see it all.", "lang", "en", "do", "keep"), "en"))
		s.walk([]step{
			{"", "GET", draft, "", 404, "", "Clearer"},
			{"ben", "GET", draft, "", 200, "Only you see this", ""},
			{"ben", "GET", "/consultation/draft-promise", "", 200, "You have drafts", ""},
			{"ben", "POST", draft + "/send", "x=y", 303, "", ""},
		})
		other := s.made(s.ask("anna", "POST", p, form("kind", "amendment", "text", "Shorter", "replacement", "All is open.", "lang", "en"), "en"))
		comment := s.made(s.ask("anna", "POST", p, form("kind", "comment", "text", "Good", "lang", "en"), "en"))
		id := strings.TrimPrefix(comment, "/annotation/")
		s.walk([]step{
			{"ben", "GET", draft + "/decide", "", 403, "", ""},
			{"ben", "GET", "/consultation/draft-promise/queue", "", 403, "", ""},
			{"officer", "GET", draft + "/decide", "", 200, "Another proposal for this paragraph", ""},
			{"officer", "POST", draft + "/decide", form("do", "evaluate"), 303, "", ""},
			{"officer", "POST", draft + "/decide", form("do", "accept", "version", "7", "words", "Residents see it all."), 409, "Look at both", ""},
			{"officer", "POST", draft + "/decide", form("do", "accept", "version", "1", "words", "Residents see most.", "because", "few"), 422, "Residents see most.", ""},
			{"officer", "POST", draft + "/decide", form("do", "accept", "version", "1", "words", "Residents see it all."), 303, "", ""},
			{"", "GET", "/consultation/draft-promise", "", 200, "Residents see it all.", ""},
			{"", "GET", "/consultation/draft-promise/versions", "", 200, "From the proposal of ben", ""},
			{"", "GET", other, "", 200, "The proposal and the text now", ""},
			{"officer", "GET", "/consultation/draft-promise/queue", "", 200, "Good", "Residents see it all."},
			{"officer", "POST", "/consultation/draft-promise/queue", form("annotations", id, "decision", "not_adopted", "because", "Too short"), 422, "Too short", ""},
			{"officer", "POST", "/consultation/draft-promise/queue", form("annotations", id, "annotations", strings.TrimPrefix(other, "/annotation/"), "decision", "already_doing", "because", words), 303, "", ""},
			{"", "GET", "/consultation/draft-promise/notes", "", 200, "Answered: <a", ""},
			{"", "GET", comment, "", 200, "We do this already", ""},
		})
	})
}

func TestStepsOfTheDesk(t *testing.T) {
	site2(t, func(s *site) {
		move := "/consultation/draft-promise/move"
		s.walk([]step{
			{"ben", "POST", move, form("to", "withdrawn", "version", "3", "reason", "Mine"), 403, "", ""},
			{"officer", "POST", move, form("to", "extended", "version", "3", "closes.day", "2", "closes.month", "3", "closes.year", "2026", "reason", "Kept reason"), 422, "Kept reason", ""},
			{"officer", "POST", move, form("to", "extended", "version", "3", "closes.day", "9", "closes.month", "4", "closes.year", "2026", "reason", "A storm"), 303, "", ""},
			{"", "GET", "/consultation/draft-promise", "", 200, "Open until 9 April 2026", ""},
			{"officer", "POST", move, form("to", "answered", "version", "4"), 409, "", ""},
			{"officer", "POST", move, form("to", "nonsense", "version", "4"), 400, "", ""},
		})
		s.now = s.now.AddDate(0, 2, 0)
		s.walk([]step{
			{"", "GET", "/consultations", "", 200, "Closed, being answered", ""},
			{"ben", "GET", "/consultation/draft-promise/p/2", "", 200, "Nobody can write about this text at the moment", "<textarea"},
			{"ben", "POST", "/consultation/draft-promise/p/2", form("kind", "comment", "text", "Kept words", "lang", "en"), 409, "", ""},
			{"officer", "POST", move, form("to", "withdrawn", "version", "4", "reason", "Another text comes"), 303, "", ""},
			{"", "GET", "/consultation/draft-promise", "", 410, "Another text comes", ""},
			{"officer", "GET", "/consultation/draft-promise", "", 200, "This text was withdrawn: Another text comes", ""},
			{"officer", "GET", "/consultations/desk", "", 200, "You work on no text", ""},
		})
	})
}

// TestLongText: two thousand paragraphs come in parts, each of them small.
func TestLongText(t *testing.T) {
	site2(t, func(s *site) {
		var b strings.Builder
		for i := range 2000 {
			fmt.Fprintf(&b, "Promise number %d is kept by an office and seen by residents.\n\n", i)
		}
		s.walk([]step{
			{"officer", "POST", "/consultation/draft-promise/write", form("version", "1", "text", b.String(), "reason", "The whole plan"), 303, "", ""},
			{"", "GET", "/consultation/draft-promise", "", 200, "Paragraphs 1 to 150 of 2,000", "Promise number 150 is"},
			{"", "GET", "/consultation/draft-promise?from=1950", "", 200, "Promise number 1999 is", "Promise number 1949 is"},
			{"", "GET", "/consultation/draft-promise?from=99999", "", 400, "", ""},
			{"", "GET", "/consultation/draft-promise/compare", "", 200, "at=100", "Promise number 120 is"},
		})
		if n := s.ask("", "GET", "/consultation/draft-promise", "", "en").Body.Len(); n > 200_000 {
			s.t.Errorf("one part is %d bytes", n)
		}
	})
}

func TestAPI(t *testing.T) {
	site2(t, func(s *site) {
		base := "/api/v1/consultations/draft-promise"
		note := `{"paragraph":"2","kind":"comment","text":"By API"}`
		s.walk([]step{
			{"", "GET", "/api/v1/consultations", "", 200, `"title":"Draft promise"`, ""},
			{"", "GET", base, "", 200, `"text":"# Roads"`, ""},
			{"", "GET", base + "?version=4", "", 404, "", ""},
			{"", "POST", base + "/annotations", note, 401, "", ""},
			{"ben", "POST", base + "/annotations", `{"paragraph":"2","kind":"comment","text":""}`, 422, "text", ""},
			{"ben", "POST", base + "/annotations", `{"paragraph":"2","kind":"comment","text":"By\u0000 API"}`, 201, `"text":"By API"`, ""},
			{"", "GET", base + "/annotations?show=unanswered", "", 200, `"author":"ben"`, ""},
			{"", "GET", base + "/annotations?paragraph=3", "", 200, `"annotations":[]`, ""},
		})
		var list struct{ Annotations []AnnotationBody }
		if err := json.Unmarshal(s.ask("", "GET", base+"/annotations", "", "en").Body.Bytes(), &list); err != nil || len(list.Annotations) != 1 {
			s.t.Fatalf("%+v, %v", list, err)
		}
		answer := `{"annotations":["` + list.Annotations[0].ID + `"],"decision":"adopted"}`
		s.walk([]step{
			{"ben", "POST", base + "/responses", answer, 403, "", ""},
			{"officer", "POST", base + "/responses", strings.Replace(answer, "adopted", "not_adopted", 1), 422, "", ""},
			{"officer", "POST", base + "/responses", answer, 201, `"answered":1`, ""},
			{"", "GET", base + "/annotations", "", 200, `"decision":"adopted"`, ""},
		})
	})
}
