package inbox_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/job"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/outbound"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
	"ceiba/internal/site/inbox"
)

// site is a server whose reader is named by a cookie: "ann", "bob", or an
// editor of org1.
type site struct {
	t      *testing.T
	db     *db.DB
	notify *notify.Store
	log    *activity.Log
	jobs   *job.Runner
	http   http.Handler
	policy *who.Policy
}

const ann, bob, eve = "0190aaaa-0000-7000-8000-000000000001", "0190aaaa-0000-7000-8000-000000000002", "0190aaaa-0000-7000-8000-000000000003"

// Session implements web.Sessions.
func (s *site) Session(_ context.Context, token string) (who.Actor, error) {
	a := who.Actor{ID: map[string]string{"ann": ann, "bob": bob, "eve": eve}[token], Name: token}
	if token == "eve" {
		a.Grants, a.Strong, a.Level = []who.Grant{{Role: who.Editor, Org: "org1"}}, true, who.L1
	}
	return who.As(s.policy, a), nil
}

// Key implements web.Sessions.
func (s *site) Key(context.Context, string) (who.Actor, error) { return who.Nobody(s.policy), nil }

// thing is a record that everybody sees.
func thing(_ context.Context, _ *db.Tx, _ who.Actor, ids []string) (cards []record.Card, err error) {
	for _, id := range ids {
		cards = append(cards, record.Card{Ref: record.Ref{Kind: "thing", ID: id}, Title: "Bridge <" + id + ">", Public: true})
	}
	return cards, nil
}

var schemas = []db.Schema{activity.Schema, record.Schema, who.Schema, job.Schema, notify.Schema}

func open(t *testing.T) *site {
	t.Helper()
	return openOn(t, dbtest.Open(t, dbtest.SQLite(t), schemas...))
}

func openOn(t *testing.T, d *db.DB) *site {
	t.Helper()
	s := &site{t: t, db: d}
	words := i18n.NewCatalog()
	ok(t, words.Add("web", web.Words))
	ok(t, words.Add("ui", ui.Words))
	ok(t, words.Add("who", who.Words))
	ok(t, words.Add("notify", notify.Words))
	ok(t, words.Add("outbound", outbound.Words))
	ok(t, words.Add("inbox", inbox.Words))
	s.policy = who.MustPolicy(notify.Rules...)
	kinds, err := record.NewRegistry(record.Kind{Name: "thing", Describe: thing}, notify.HookKind())
	ok(t, err)
	s.notify, err = notify.New(notify.Config{
		DB: s.db, Words: words, Records: kinds, Secret: []byte("a secret of the tests, 32 bytes.."), Base: "http://open.example",
		Follow: func(context.Context, *db.Tx, record.Ref, string, int) ([]string, error) {
			return []string{ann, bob}, nil
		},
		Outbound: outbound.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
	})
	ok(t, err)
	s.log = activity.NewLog(s.db, slog.New(slog.DiscardHandler), s.notify.Listener())
	s.jobs, err = job.NewRunner(s.db, slog.New(slog.DiscardHandler), "test", s.notify.Jobs(), nil)
	ok(t, err)
	pages := &inbox.Pages{
		DB: s.db, Notify: func() *notify.Store { return s.notify }, Kinds: func() *record.Registry { return kinds },
		Orgs: func(_ context.Context, _ *db.Tx, a who.Actor, action string) (out []inbox.Choice, _ error) {
			ids, _ := a.Orgs(action)
			for _, id := range ids {
				out = append(out, inbox.Choice{ID: id, Name: "Office " + id})
			}
			return out, nil
		},
	}
	routes := &web.Routes{}
	pages.Routes(routes)
	s.http, err = web.NewServer(web.Config{Words: words, Policy: s.policy, Sessions: s, Log: slog.New(slog.DiscardHandler)}, routes)
	ok(t, err)
	ok(t, s.log.Drain(t.Context())) // its listener hears from now on
	return s
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// happens appends a public event and lets everybody hear of it.
func (s *site) happens(thing string) {
	s.t.Helper()
	ctx := s.t.Context()
	ok(s.t, s.db.Update(ctx, func(tx *db.Tx) error {
		_, err := activity.Append(ctx, tx, activity.Entry{Actor: "system:test", Verb: "thing.changed", Kind: "thing", Record: thing, Public: true})
		return err
	}))
	for range 3 {
		ok(s.t, s.log.Drain(ctx))
		ok(s.t, s.jobs.Drain(ctx))
	}
}

// send is a request of somebody, and the answer with its body.
func (s *site) send(as, method, path string, form url.Values, headers ...string) (*http.Response, string) {
	s.t.Helper()
	r := httptest.NewRequest(method, "http://open.example"+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if as != "" {
		r.AddCookie(&http.Cookie{Name: web.SessionCookie(false), Value: as})
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.http.ServeHTTP(w, r)
	text, err := io.ReadAll(w.Result().Body)
	ok(s.t, err)
	return w.Result(), string(text)
}

func (s *site) want(as, path string, texts ...string) string {
	s.t.Helper()
	res, text := s.send(as, "GET", path, nil)
	if res.StatusCode != 200 {
		s.t.Fatalf("%s of %s: %d", path, as, res.StatusCode)
	}
	for _, x := range texts {
		if !strings.Contains(text, x) {
			s.t.Errorf("%s of %s lacks %q", path, as, x)
		}
	}
	if i := strings.Index(text, "inbox."); i >= 0 {
		s.t.Errorf("%s shows a key: %s", path, text[i:min(len(text), i+40)])
	}
	return text
}

func (s *site) unread(person string) (n int) {
	s.t.Helper()
	ok(s.t, s.db.View(s.t.Context(), func(tx *db.Tx) (err error) { n, err = notify.Unread(s.t.Context(), tx, person); return err }))
	return n
}

func TestInbox(t *testing.T) {
	s := open(t)
	s.want("ann", "/inbox", "Nothing here yet")
	s.happens("t1")
	s.happens("t2")
	text := s.want("ann", "/inbox", "“Bridge &lt;t1&gt;” has changed", `href="/thing/t2"`, "Mark all as read", "New")
	if n := s.unread(ann); n != 2 {
		t.Fatalf("%d unread", n)
	}
	upto := regexp.MustCompile(`name="upto" value="([^"]+)"`).FindStringSubmatch(text)[1]
	s.send("ann", "POST", "/inbox/read", url.Values{"kind": {"thing"}, "record": {"t1"}})
	if n := s.unread(ann); n != 1 {
		t.Errorf("after one was read: %d unread", n)
	}
	s.happens("t3")
	s.send("ann", "POST", "/inbox/read", url.Values{"upto": {upto}})
	if n := s.unread(ann); n != 1 {
		t.Errorf("what came after the page was made must stay unread: %d", n)
	}
	if n := s.unread(bob); n != 3 {
		t.Errorf("of somebody else: %d unread, want 3", n)
	}
	if res, _ := s.send("ann", "POST", "/inbox/read", url.Values{}); res.StatusCode != 400 {
		t.Errorf("a form that says nothing: %d", res.StatusCode)
	}
}

func TestInboxPages(t *testing.T) {
	s := open(t)
	for i := range 31 {
		s.happens(fmt.Sprint("t", i))
	}
	first := s.want("ann", "/inbox", "t30", "Older messages")
	next := regexp.MustCompile(`/inbox\?after=([^"]+)"`).FindStringSubmatch(first)
	if next == nil || strings.Contains(first, "/thing/t0\"") {
		t.Fatal("the first page holds everything, or leads nowhere")
	}
	s.want("ann", "/inbox?after="+next[1], "/thing/t0\"", "Newest messages")
	if res, _ := s.send("ann", "GET", "/inbox?after=%21", nil); res.StatusCode != 400 {
		t.Errorf("a broken cursor: %d", res.StatusCode)
	}
}

func TestNobody(t *testing.T) {
	s := open(t)
	for _, path := range []string{"/inbox", "/account/notifications", "/account/webhooks"} {
		if res, _ := s.send("", "GET", path, nil); res.StatusCode != 303 || !strings.HasPrefix(res.Header.Get("Location"), "/sign-in") {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

func TestChoices(t *testing.T) {
	s := open(t)
	s.want("ann", "/account/notifications", "What I follow", "sends no e-mail yet", "No browser rings")
	res, _ := s.send("ann", "POST", "/account/notifications", url.Values{"about-followed": {"weekly"}, "about-mention": {"off"}, "quiet": {"yes"}})
	if res.StatusCode != 303 {
		t.Fatal(res.StatusCode)
	}
	var c notify.Choices
	ok(t, s.db.View(t.Context(), func(tx *db.Tx) (err error) { c, err = s.notify.ChoicesOf(t.Context(), tx, ann); return err }))
	if c.By["followed"] != notify.Weekly || c.By["mention"] != notify.Off || c.By["news"] != notify.News.Default || c.Mail || !c.Quiet {
		t.Errorf("%+v", c)
	}
	if res, _ := s.send("ann", "POST", "/account/notifications", url.Values{"about-mention": {"weekly"}}); res.StatusCode != 422 {
		t.Errorf("what concerns oneself goes at once or not at all: %d", res.StatusCode)
	}
}

// TestStop follows the link at the foot of a letter as a person, as a scanner,
// and as a mail program with somebody else's session in its cookies.
func TestStop(t *testing.T) {
	s := open(t)
	path := strings.TrimPrefix(s.notify.StopURL(ann, "followed"), "http://open.example")
	chosen := func(person string) (c notify.Choices) {
		ok(t, s.db.View(t.Context(), func(tx *db.Tx) (err error) { c, err = s.notify.ChoicesOf(t.Context(), tx, person); return err }))
		return c
	}
	s.want("", path, "Stop these letters?", "What I follow", `method="post"`)
	if chosen(ann).By["followed"] == notify.Off {
		t.Fatal("looking at the page stopped the letters")
	}
	res, text := s.send("bob", "POST", path, url.Values{"List-Unsubscribe": {"One-Click"}}, "Sec-Fetch-Site", "cross-site", "Origin", "https://mail.example")
	if res.StatusCode != 200 || !strings.Contains(text, "no more letters") || strings.Contains(text, ">bob<") {
		t.Errorf("one click: %d", res.StatusCode)
	}
	if chosen(ann).By["followed"] != notify.Off || chosen(bob).By["followed"] == notify.Off {
		t.Error("the token says whose letters stop, not the session")
	}
	all := strings.TrimPrefix(s.notify.StopURL(bob, "*"), "http://open.example")
	s.want("", all, "except those about signing in")
	if s.send("", "POST", all, url.Values{}); chosen(bob).Mail {
		t.Error("all letters: mail is still on")
	}
	for _, method := range []string{"GET", "POST"} {
		if res, _ := s.send("ann", method, path[:len(path)-2]+"xx", url.Values{}); res.StatusCode != 404 {
			t.Errorf("%s of a forged link: %d", method, res.StatusCode)
		}
	}
}

func TestWebhooks(t *testing.T) {
	s := open(t)
	var heard []string
	answer := 200
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		heard = append(heard, r.Header.Get(notify.SignatureHeader)+"\n"+string(body))
		w.WriteHeader(answer)
	}))
	defer receiver.Close()
	s.want("eve", "/account/webhooks", "No webhooks yet", "Office org1")
	res, text := s.send("eve", "POST", "/account/webhooks", url.Values{"org": {"org1"}, "url": {"nonsense"}, "kinds": {"dragon"}})
	if res.StatusCode != 422 || !strings.Contains(text, `value="nonsense"`) || !strings.Contains(text, "dragon") {
		t.Errorf("a wrong form: %d", res.StatusCode)
	}
	res, text = s.send("eve", "POST", "/account/webhooks", url.Values{"org": {"org1"}, "url": {receiver.URL}, "kinds": {"thing"}})
	secret := regexp.MustCompile(`whsec_[A-Za-z0-9_-]+|id="secret"[^>]*>[^<]+`).FindString(text)
	if res.StatusCode != 200 || secret == "" {
		t.Fatalf("add: %d, secret %q", res.StatusCode, secret)
	}
	list := s.want("eve", "/account/webhooks?org=org1", receiver.URL)
	path := regexp.MustCompile(`/account/webhooks/[0-9a-f-]{36}`).FindString(list)
	if strings.Contains(list, secret) {
		t.Error("the secret is shown again")
	}
	s.happens("t1")
	if len(heard) != 1 {
		t.Fatalf("the receiver heard %d", len(heard))
	}
	text = s.want("eve", path, "Delivered", "HTTP 200", "Send again", "Office org1")
	delivery := regexp.MustCompile(`name="delivery" value="([^"]+)"`).FindStringSubmatch(text)[1]
	s.send("eve", "POST", path+"/replay", url.Values{"delivery": {delivery}})
	ok(t, s.jobs.Drain(t.Context()))
	if len(heard) != 2 || heard[0][strings.Index(heard[0], "\n"):] != heard[1][strings.Index(heard[1], "\n"):] {
		t.Errorf("replayed: %q", heard)
	}
	for _, as := range []string{"ann", "bob"} {
		if res, _ := s.send(as, "GET", strings.Replace(path, "/account/webhooks/", "/hook/", 1), nil); !slices.Contains([]int{403, 404}, res.StatusCode) {
			t.Errorf("%s hears of the webhook: %d", as, res.StatusCode)
		}
		for _, x := range []string{"", "/remove", "/enable", "/replay"} {
			method := map[bool]string{true: "GET", false: "POST"}[x == ""]
			if res, _ := s.send(as, method, path+x, url.Values{"delivery": {delivery}}); !slices.Contains([]int{403, 404}, res.StatusCode) {
				t.Errorf("%s may %s%s: %d", as, method, x, res.StatusCode)
			}
		}
	}
	if res, _ := s.send("eve", "GET", strings.Replace(path, "/account/webhooks/", "/hook/", 1), nil); res.Header.Get("Location") != path {
		t.Errorf("its permanent address leads to %q", res.Header.Get("Location"))
	}
	s.send("eve", "POST", path+"/remove", url.Values{})
	s.want("eve", "/account/webhooks?org=org1", "No webhooks yet")
}

func TestSpanish(t *testing.T) {
	s := open(t)
	s.want("ann", "/inbox?lang=es", "Bandeja de entrada", "Todavía no hay nada")
	s.want("eve", "/account/webhooks?lang=es", "Añadir un webhook")
}
