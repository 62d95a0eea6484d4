package admin

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/job"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, job.Schema, who.Schema, org.Schema, record.Schema, Schema}

// office is the administration of a small site behind real routes.
type office struct {
	t      *testing.T
	admin  *Admin
	policy *who.Policy
	server *web.Server
	now    who.Actor // who sends requests
	ann    who.Actor // an administrator with an account
	broken error     // what making or taking a backup answers
	staged string    // what was handed in to be restored
	anew   int       // how often the server was told to start anew
}

// Session and Key make an office the sessions of its server.
func (o *office) Session(context.Context, string) (who.Actor, error) { return o.now, nil }
func (o *office) Key(context.Context, string) (who.Actor, error)     { return o.now, nil }

// Make is the office's backup.
func (o *office) Make(_ context.Context, w io.Writer) error {
	if o.broken == nil {
		_, o.broken = io.WriteString(w, "a whole site")
		return o.broken
	}
	return o.broken
}

// Stage, Anew and Failed are the office's restore.
func (o *office) Stage(_ context.Context, r io.Reader) error {
	text, err := io.ReadAll(r)
	if o.staged = string(text); err != nil {
		return err
	}
	return o.broken
}

func (o *office) Anew() { o.anew++ }

func (o *office) Failed(context.Context) (*fault.Error, error) {
	if o.broken == nil {
		return nil, nil
	}
	return web.Explain(o.broken), nil
}

func (o *office) as(role who.Role) who.Actor {
	a := who.Actor{ID: "p-" + string(role), Name: string(role), Level: who.L3, Strong: true, Session: "s"}
	if role != who.Resident {
		a.Grants = []who.Grant{{Role: role}}
	}
	return who.As(o.policy, a)
}

func (o *office) send(method, path string, form url.Values) (int, string) {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Authorization", "Bearer key")
	w := httptest.NewRecorder()
	o.server.ServeHTTP(w, r)
	_, main, _ := strings.Cut(w.Body.String(), "<main")
	if main == "" {
		main = w.Body.String()
	}
	return w.Code, main
}

// wants sends a request and complains about another status or a missing text.
func (o *office) wants(status int, text, method, path string, fields ...string) {
	o.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	if code, main := o.send(method, path, form); code != status || !strings.Contains(main, text) {
		o.t.Errorf("%s %s: %d, want %d with %q in %s", method, path, code, status, text, main)
	}
}

func newOffice(t *testing.T, d *db.DB) *office {
	t.Helper()
	store, err := blob.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	rules := append(append(append([]who.Rule{}, Rules...), who.Rules...), org.Rules...)
	o := &office{t: t, policy: who.MustPolicy(rules...)}
	words := i18n.NewCatalog()
	for _, err := range []error{words.Add("web", web.Words), words.Add("ui", ui.Words), words.Add("admin", Words), words.Add("who", who.Words), words.Add("org", org.Words), words.Add("job", job.Words)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	people, err := who.New(who.Config{DB: d, Policy: o.policy, Secret: make([]byte, 32), Base: "https://test.example", Mailer: &who.DemoMailer{Words: words, Out: io.Discard}})
	if err != nil {
		t.Fatal(err)
	}
	o.admin = &Admin{DB: d, Blob: store, Who: func() *who.Store { return people }, Backups: o, Version: "test"}
	p, _, err := people.AddPerson(t.Context(), who.System(o.policy, "test"), "ann@test.example", "Ann", who.Grant{Role: who.Administrator})
	if err != nil {
		t.Fatal(err)
	}
	o.ann = o.as(who.Administrator)
	o.ann.ID = p.ID
	routes := &web.Routes{}
	o.admin.routes(routes)
	o.server, err = web.NewServer(web.Config{Words: words, Policy: o.policy, Sessions: o, Log: slog.New(slog.DiscardHandler), Version: func() string { return "1" }}, routes)
	if err != nil {
		t.Fatal(err)
	}
	o.now = o.ann
	return o
}

func TestOverview(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		o.wants(200, "How the site stands", "GET", "/admin")
		o.admin.Mails = func() bool { return false }
		o.wants(200, "cannot send mail", "GET", "/admin")
		o.now = o.as(who.Secretariat)
		if code, main := o.send("GET", "/admin", nil); code != 200 || strings.Contains(main, "How the site stands") || !strings.Contains(main, "/admin/organisations") || strings.Contains(main, "/admin/backup") {
			t.Errorf("the secretariat's first page: %d %s", code, main)
		}
		for _, path := range []string{"/admin/jobs", "/admin/backup", "/admin/people", "/admin/invite"} {
			o.wants(403, "", "GET", path)
		}
		o.now = o.as(who.Resident)
		o.wants(403, "", "GET", "/admin")
		o.now = who.Nobody(o.policy)
		if code, _ := o.send("GET", "/admin", nil); code != 303 {
			t.Errorf("nobody is not sent to sign in: %d", code)
		}
	}, schemas...)
}

func TestPeople(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		ben, _, err := o.admin.Who().AddPerson(t.Context(), o.ann, "ben@test.example", "Ben <b>", who.Grant{})
		if err != nil {
			t.Fatal(err)
		}
		page := "/admin/people/" + ben.ID
		o.wants(200, "Ben &lt;b&gt;", "GET", "/admin/people?q=ben")
		o.wants(200, "Nobody found", "GET", "/admin/people?q=zzz")
		o.wants(422, "Say in which organisation", "POST", page+"/grant", "role", "editor", "org", "")
		o.wants(303, "", "POST", page+"/grant", "role", "moderator")
		o.wants(200, "/revoke", "GET", page)
		o.wants(409, "last administrator", "POST", "/admin/people/"+o.ann.ID+"/revoke", "role", "administrator")
		o.wants(303, "", "POST", page+"/revoke", "role", "moderator")
		o.wants(422, "is needed", "POST", page+"/suspend", "why", "")
		o.wants(303, "", "POST", page+"/suspend", "why", "Spam")
		o.wants(200, "Restore this account", "GET", page)
		o.now = o.as(who.Moderator)
		o.wants(303, "", "POST", page+"/restore")
		o.wants(403, "", "POST", page+"/grant", "role", "moderator")
		o.now = o.ann
		o.wants(422, "is not an e-mail address", "POST", "/admin/invite", "email", "nobody", "role", "moderator")
		o.wants(303, "", "POST", "/admin/invite", "email", "cas@test.example", "role", "moderator")
		o.wants(200, "cas@test.example", "GET", "/admin/invite")
	}, schemas...)
}

func TestOrganisations(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		o.now = o.as(who.Secretariat)
		o.wants(422, "Name is needed", "POST", "/admin/organisations/new", "name", "", "kind", "media", "description", "Kept text")
		o.wants(422, "Kept text", "POST", "/admin/organisations/new", "name", "", "kind", "media", "description", "Kept text")
		for _, name := range []string{"Ministry of Works", "Ministry of Transport"} {
			o.wants(303, "", "POST", "/admin/organisations/new", "name", name, "kind", "government_national")
		}
		var list []org.Org
		d.View(t.Context(), func(tx *db.Tx) (err error) { list, _, err = org.List(t.Context(), tx, org.Filter{}); return err })
		if len(list) != 2 {
			t.Fatalf("%d organisations", len(list))
		}
		page := "/admin/organisations/" + list[0].ID
		o.wants(200, list[0].Name, "GET", page)
		o.wants(303, "", "POST", page, "name", "Ministry of Roads", "kind", "government_national", "version", "1")
		o.wants(409, "Somebody else saved", "POST", page, "name", "Ministry of Rails", "kind", "government_national", "version", "1")
		o.wants(422, "", "POST", page+"/end", "reason", "renamed", "on.day", "1", "on.month", "2", "on.year", "2026")
		o.wants(303, "", "POST", page+"/end", "reason", "renamed", "to", list[1].ID, "on.day", "1", "on.month", "2", "on.year", "2026")
		o.wants(200, "Ministry of Roads", "GET", "/admin/organisations?ended=yes")
	}, schemas...)
}

func TestJobs(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		ctx := t.Context()
		var key string
		if err := d.Update(ctx, func(tx *db.Tx) (err error) { key, err = job.Enqueue(ctx, tx, "test.fails", job.Options{}); return err }); err != nil {
			t.Fatal(err)
		}
		runner, err := job.NewRunner(d, slog.New(slog.DiscardHandler), "here", []job.Kind{{
			Name: "test.fails", MaxTries: 1,
			Run: func(context.Context, *job.Run) error { return errors.New("the <cable> is cut") },
		}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := runner.Drain(ctx); err == nil {
			t.Fatal("the job did not fail")
		}
		o.wants(200, "the &lt;cable&gt; is cut", "GET", "/admin/jobs?state=dead")
		o.wants(200, "gave up and waits for you", "GET", "/admin")
		if err := o.admin.Retry(ctx, o.as(who.Moderator), key); fault.KindOf(err) != fault.Denied {
			t.Errorf("a moderator starts a job: %v", err)
		}
		o.wants(303, "", "POST", "/admin/jobs/"+key+"/retry")
		o.wants(409, "", "POST", "/admin/jobs/"+key+"/retry")
		o.wants(303, "", "POST", "/admin/jobs/"+key+"/cancel")
		o.wants(404, "", "POST", "/admin/jobs/nothing/cancel")
	}, schemas...)
}

func TestBackup(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		ctx := t.Context()
		o.wants(200, "Keep it like a key", "GET", "/admin/backup")
		if code, text := o.send("POST", "/admin/backup", nil); code != 401 || strings.Contains(text, "a whole site") {
			t.Errorf("a backup for a session that nobody opened: %d %s", code, text)
		}
		if _, err := o.admin.MakeBackup(ctx, o.as(who.Moderator), io.Discard); fault.KindOf(err) != fault.Denied {
			t.Errorf("a moderator makes a backup: %v", err)
		}
		o.now = who.System(o.policy, "test") // is always fresh
		o.wants(200, "a whole site", "POST", "/admin/backup")
		o.wants(200, "The last one was made", "GET", "/admin/backup")
		o.broken = errors.New("the disk is gone")
		if code, text := o.send("POST", "/admin/backup", nil); code != 500 || strings.Contains(text, "a whole site") {
			t.Errorf("a backup that failed: %d %s", code, text)
		}
	}, schemas...)
}

// TestRestore hands in a backup by the form: only somebody who has just shown
// who they are, who says that they are sure, and not a file that is none.
func TestRestore(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		hand := func(sure bool, file string) (int, string) {
			var b bytes.Buffer
			m := multipart.NewWriter(&b)
			if sure {
				m.WriteField("sure", "yes")
			}
			if file != "" {
				part, _ := m.CreateFormFile("file", "site.backup")
				io.WriteString(part, file)
			}
			m.Close()
			r := httptest.NewRequest("POST", "/admin/restore", &b)
			r.Header.Set("Content-Type", m.FormDataContentType())
			r.Header.Set("Authorization", "Bearer key")
			r.Header.Set("Accept", "text/html")
			w := httptest.NewRecorder()
			o.server.ServeHTTP(w, r)
			return w.Code, w.Body.String()
		}
		if code, _ := hand(true, "a backup"); code == 202 || o.staged != "" {
			t.Errorf("somebody who has not shown who they are: %d", code)
		}
		o.now = who.System(o.policy, "test") // is always fresh
		if code, text := hand(false, "a backup"); code != 422 || o.staged != "" || !strings.Contains(text, "Say that you are sure") {
			t.Errorf("not sure: %d", code)
		}
		if code, text := hand(true, ""); code != 422 || !strings.Contains(text, "Backup is needed") {
			t.Errorf("without a file: %d", code)
		}
		o.broken = fault.New(fault.Invalid, "web.fields")
		if code, _ := hand(true, "no backup"); code != 422 || o.anew != 0 {
			t.Errorf("a file that is none: %d, begun anew %d times", code, o.anew)
		}
		o.wants(200, "the site stayed as it was", "GET", "/admin/backup")
		o.broken = nil
		if code, text := hand(true, "a backup"); code != 202 || o.staged != "a backup" || o.anew != 1 || !strings.Contains(text, "is being restored") {
			t.Errorf("restore: %d, %q, begun anew %d times", code, o.staged, o.anew)
		}
	}, schemas...)
}
