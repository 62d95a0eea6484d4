package recordsite

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ceiba/internal/face/api"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// site is a server whose reader is named by the session's cookie.
type site struct {
	t      *testing.T
	d      *db.DB
	kinds  *record.Registry
	policy *who.Policy
	http   http.Handler
}

// Session implements web.Sessions.
func (s *site) Session(_ context.Context, token string) (who.Actor, error) {
	return s.actor(token), nil
}

// Key implements web.Sessions.
func (s *site) Key(context.Context, string) (who.Actor, error) { return who.Nobody(s.policy), nil }

func (s *site) actor(name string) who.Actor {
	a := who.Actor{ID: name, Name: name, Level: who.L1, Strong: true}
	switch name {
	case "":
		return who.Nobody(s.policy)
	case "mod":
		a.Grants = []who.Grant{{Role: who.Moderator}}
	case "editor":
		a.Grants = []who.Grant{{Role: who.Editor, Org: "o1"}}
	}
	return who.As(s.policy, a)
}

// thing is a kind that people discuss; "secret" things only moderators see.
func thing(_ context.Context, _ *db.Tx, a who.Actor, ids []string) (out []record.Card, err error) {
	for _, id := range ids {
		if id == "secret" && !a.Has(who.Moderator, "") || id == "none" {
			continue
		}
		out = append(out, record.Card{Ref: record.Ref{Kind: "thing", ID: id}, Title: "Thing " + id, Org: "o1", Lang: "en", Public: id != "secret"})
	}
	return out, nil
}

func originals(_ context.Context, _ *db.Tx, ids []string) (map[string]map[string]string, error) {
	out := map[string]map[string]string{}
	for _, id := range ids {
		out[id] = map[string]string{"title": "Thing " + id, "notes": "All about <" + id + ">"}
	}
	return out, nil
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	s := &site{t: t, d: d, policy: who.MustPolicy(record.Rules...)}
	var err error
	s.kinds, err = record.NewRegistry(record.Kind{Name: "thing", Comments: true, Describe: thing, Originals: originals, Fields: []record.Field{
		{Name: "title", Label: "recordsite.text", Max: 40}, {Name: "notes", Label: "recordsite.file", Max: 900, Lines: true, Markdown: true},
	}})
	ok(t, err)
	files, err := blob.Open(t.Context(), t.TempDir(), blob.CacheIn(t.TempDir(), 1<<20))
	ok(t, err)
	t.Cleanup(func() { files.Close() })
	p := &Pages{DB: d, Blob: files, Kinds: func() *record.Registry { return s.kinds }}
	m := p.Module()
	words := i18n.NewCatalog()
	for name, w := range map[string]fs.FS{"web": web.Words, "ui": ui.Words, "who": who.Words, "record": record.Words, "talk": talk.Words, "blob": blob.Words, m.Name: m.Words} {
		ok(t, words.Add(name, w))
	}
	routes := &web.Routes{}
	m.Routes(routes)
	m.API(api.New(d, routes, "test"))
	s.http, err = web.NewServer(web.Config{Words: words, Policy: s.policy, Sessions: s, Log: slog.New(slog.DiscardHandler), Version: func() string { return "1" }}, routes)
	ok(t, err)
	return s
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// do sends a request of somebody, checks the status and returns where it leads
// and what it says.
func (s *site) do(as, method, path string, status int, body string, contentType string) (location, text string) {
	s.t.Helper()
	r := httptest.NewRequest(method, "http://open.example"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if as != "" {
		r.AddCookie(&http.Cookie{Name: web.SessionCookie(false), Value: as})
	}
	w := httptest.NewRecorder()
	s.http.ServeHTTP(w, r)
	if w.Code != status {
		s.t.Fatalf("%s %s of %q: %d, want %d\n%s", method, path, as, w.Code, status, w.Body)
	}
	return w.Header().Get("Location"), w.Body.String()
}

func (s *site) post(as, path string, status int, pairs ...string) (location, text string) {
	s.t.Helper()
	form := url.Values{"sent": {"1"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return s.do(as, "POST", path, status, form.Encode(), "application/x-www-form-urlencoded")
}

func (s *site) comments(as string) (out []record.Comment) {
	s.t.Helper()
	ok(s.t, s.d.View(s.t.Context(), func(tx *db.Tx) (err error) {
		out, err = record.Comments(s.t.Context(), tx, s.actor(as), record.Ref{Kind: "thing", ID: "a"})
		return err
	}))
	return out
}

var schemas = []db.Schema{activity.Schema, who.Schema, record.Schema, api.Schema}

func TestDiscussionByForms(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		_, text := s.post("ana", "/record/thing/a/comment", 422, "text", "  ")
		if !strings.Contains(text, `name="text"`) {
			t.Error("an empty contribution does not come back as a form")
		}
		to, _ := s.post("ana", "/record/thing/a/comment", 303, "text", "First <b>")
		first := s.comments("ana")[0]
		if to != "/thing/a#c-"+first.ID {
			t.Errorf("leads to %s", to)
		}
		if _, text := s.do("ben", "GET", "/comment/"+first.ID+"/reply", 200, "", ""); !strings.Contains(text, "First &lt;b&gt;") {
			t.Error("does not show what is answered")
		}
		s.post("ben", "/comment/"+first.ID+"/reply", 303, "text", "Second")
		if all := s.comments("ana"); len(all) != 2 || all[1].Parent != first.ID {
			t.Errorf("%+v", all)
		}
		s.post("ben", "/comment/"+first.ID+"/edit", 403, "text", "Mine now")
		s.post("ana", "/comment/"+first.ID+"/edit", 303, "text", "First, better")
		for range 3 {
			s.post("ana", "/record/thing/a/comment", 303, "text", "again")
		}
		if _, text := s.post("ana", "/record/thing/a/comment", 429, "text", "What I wrote"); !strings.Contains(text, "What I wrote") || !strings.Contains(text, "Wait a little") {
			t.Error("who is too fast loses their words")
		}
	}, schemas...)
}

// TestDoors knocks at every writing door as nobody and as somebody who may not.
func TestDoors(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.post("ana", "/record/thing/a/comment", 303, "text", "hello")
		c := s.comments("ana")[0].ID
		for _, path := range []string{
			"/record/thing/a/comment", "/record/thing/a/follow", "/comment/" + c + "/reply", "/comment/" + c + "/edit",
			"/record/thing/a/attach", "/attachment/x/remove",
		} {
			s.post("", path, 401, "text", "x")
		}
		for _, path := range []string{"/record/thing/a/attach", "/attachment/x/remove"} {
			s.post("ana", path, 403, "text", "x")
		}
		for _, id := range []string{"secret", "none"} { // and nothing tells them apart
			s.post("ana", "/record/thing/"+id+"/comment", 404, "text", "x")
			s.post("ana", "/record/thing/"+id+"/follow", 404, "follow", "yes")
		}
	}, schemas...)
}

func TestFollowing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		if _, text := s.do("ana", "GET", "/following", 200, "", ""); !strings.Contains(text, "You follow nothing yet") {
			t.Error("the empty list does not say what to do")
		}
		if to, _ := s.post("ana", "/record/thing/a/follow", 303, "follow", "yes"); to != "/thing/a" {
			t.Error(to)
		}
		if _, text := s.do("ana", "GET", "/following", 200, "", ""); !strings.Contains(text, "Thing a") {
			t.Error("what is followed is not in the list")
		}
		s.post("ana", "/record/thing/a/follow", 303, "follow", "no")
		if _, text := s.do("ana", "GET", "/following", 200, "", ""); strings.Contains(text, "Thing a") {
			t.Error("what is no longer followed still is in the list")
		}
	}, schemas...)
}

func TestReportAnError(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		for address, want := range map[string]string{"/dataset/x": "/dataset/x", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/"} {
			_, text := s.do("", "GET", "/report-error?page="+url.QueryEscape(address), 200, "", "")
			if !strings.Contains(text, `name="page" value="`+want+`"`) {
				t.Errorf("%s: not %s in the form", address, want)
			}
		}
		if _, text := s.post("", "/report-error", 422, "page", "/x", "message", "", "email", "nobody"); !strings.Contains(text, `value="nobody"`) {
			t.Error("a wrong address is lost")
		}
		if to, _ := s.post("", "/report-error", 303, "page", "/x", "message", "The sum is wrong", "email", "a@example.org"); to != "/x" {
			t.Error(to)
		}
		s.post("", "/report-error", 303, "page", "/x", "message", "Buy this", "website", "http://spam")
		var list []record.Report
		ok(t, d.View(t.Context(), func(tx *db.Tx) (err error) { list, err = record.Reports(t.Context(), tx, s.actor("mod")); return err }))
		if len(list) != 1 || list[0].Message != "The sum is wrong" || list[0].Email != "a@example.org" {
			t.Errorf("the moderators see %+v", list)
		}
	}, schemas...)
}

func TestAttachments(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		send := func(name, content, alt string, status int) (string, string) {
			t.Helper()
			var b bytes.Buffer
			form := multipart.NewWriter(&b)
			form.WriteField("alt", alt)
			if name != "" {
				part, _ := form.CreateFormFile("file", name)
				part.Write([]byte(content))
			}
			form.Close()
			return s.do("editor", "POST", "/record/thing/a/attach", status, b.String(), form.FormDataContentType())
		}
		if _, text := send("", "", "kept", 422); !strings.Contains(text, "kept") {
			t.Error("without a file the rest of the form is lost")
		}
		send("page.html", "<html><script>alert(1)</script></html>", "", 422)
		if to, _ := send("note.txt", "method note\n", "How it was measured", 303); to != "/thing/a" {
			t.Error(to)
		}
		var list []record.Attachment
		ok(t, d.View(t.Context(), func(tx *db.Tx) (err error) {
			list, err = record.Attachments(t.Context(), tx, record.Ref{Kind: "thing", ID: "a"})
			return err
		}))
		if len(list) != 1 || list[0].Name != "note.txt" || list[0].Bytes != 12 || list[0].Alt != "How it was measured" {
			t.Fatalf("%+v", list)
		}
		if _, text := s.do("", "GET", "/attachment/"+list[0].ID, 200, "", ""); text != "method note\n" {
			t.Errorf("gives %q", text)
		}
		s.post("editor", "/attachment/"+list[0].ID+"/remove", 303)
		s.do("", "GET", "/attachment/"+list[0].ID, 404, "", "")
	}, schemas...)
}

// TestTalkByAPI takes part in a discussion and follows by the API, with the same
// rules as the pages.
func TestTalkByAPI(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		const at, text = "/api/v1/records/thing/a/comments", `{"text":"A <b>word</b>"}`
		s.do("", "POST", at, 401, text, "application/json")
		s.do("ana", "POST", at, 422, `{"text":"  "}`, "application/json")
		s.do("ana", "POST", "/api/v1/records/thing/secret/comments", 404, text, "application/json")
		s.do("ana", "POST", "/api/v1/records/nothing/a/comments", 404, text, "application/json")
		_, said := s.do("ana", "POST", at, 201, text, "application/json")
		first := s.comments("ana")[0]
		if !strings.Contains(said, first.ID) || first.Body != "A <b>word</b>" {
			t.Errorf("said %s, kept %+v", said, first)
		}
		s.do("ben", "POST", at, 201, `{"text":"An answer","parent":"`+first.ID+`"}`, "application/json")
		s.do("ben", "POST", at, 404, `{"text":"To nothing","parent":"none"}`, "application/json")
		s.do("ben", "POST", at, 201, `{"text":"http://a http://b http://c"}`, "application/json")
		_, list := s.do("", "GET", at, 200, "", "")
		if strings.Count(list, `"id"`) != 2 || !strings.Contains(list, `"parent":"`+first.ID+`"`) {
			t.Errorf("nobody in particular reads %s", list)
		}
		s.do("", "GET", "/api/v1/records/thing/secret/comments", 404, "", "")
		s.do("", "PUT", "/api/v1/records/thing/a/follow", 401, "", "")
		s.do("ana", "PUT", "/api/v1/records/thing/a/follow", 204, "", "")
		if _, text := s.do("ana", "GET", "/following", 200, "", ""); !strings.Contains(text, "Thing a") {
			t.Error("what is followed by the API is not in the list")
		}
		s.do("ana", "DELETE", "/api/v1/records/thing/a/follow", 204, "", "")
		if _, text := s.do("ana", "GET", "/following", 200, "", ""); strings.Contains(text, "Thing a") {
			t.Error("what is no longer followed is in the list")
		}
	}, schemas...)
}
