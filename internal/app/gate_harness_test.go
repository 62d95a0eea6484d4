package app

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"ceiba/internal/ground/config"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// full reports whether the gates run whole (make gate) or small (go test).
func full() bool { return os.Getenv("CEIBA_GATE") == "full" }

// house is a whole Ceiba that holds the demonstration and serves on loopback.
type house struct {
	*App
	t        testing.TB
	url      string
	said     *journal
	org      string // the ministry of the demonstration
	other    string // another organisation
	visitors map[string]*visitor
	things   []thing
	made     int // people made so far
}

// journal keeps what the program logs as an error.
type journal struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lines.Write(p)
}

func (j *journal) tail() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := j.lines.String()
	return s[max(0, len(s)-1500):]
}

// eachEngine runs a gate on SQLite and, where there is one, on PostgreSQL.
func eachEngine(t *testing.T, f func(t *testing.T, h *house)) {
	t.Run("sqlite", func(t *testing.T) { f(t, openHouse(t, config.Store{})) })
	t.Run("postgres", func(t *testing.T) { f(t, openHouse(t, config.Store{Database: dbtest.Postgres(t)})) })
}

// wholeOnEach runs a gate on both engines in full, and in small on SQLite.
func wholeOnEach(t *testing.T, f func(t *testing.T, h *house)) {
	if full() {
		eachEngine(t, f)
		return
	}
	f(t, openHouse(t, config.Store{}))
}

// openHouse opens an App, fills it with the demonstration and serves it. The
// test's requests say by X-Forwarded-For where they come from.
func openHouse(t testing.TB, store config.Store, change ...func(*config.Serve)) *house {
	t.Helper()
	ctx := context.Background()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	if store.Data == "" {
		store.Data = t.TempDir()
	}
	said := &journal{}
	serve := config.Serve{Demo: true, Listen: listener.Addr().String(), TrustedProxies: []string{"127.0.0.1"}}
	for _, c := range change {
		c(&serve)
	}
	a, err := Open(ctx, store, serve, slog.New(slog.NewJSONHandler(said, &slog.HandlerOptions{Level: slog.LevelWarn})))
	must(t, err)
	h := &house{App: a, t: t, url: "http://" + listener.Addr().String(), said: said, visitors: map[string]*visitor{}}
	a.letters()().Out = io.Discard
	must(t, a.loadDemo(ctx))
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- a.Run(running, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serving ended with %v", err)
		}
		a.Close()
	})
	h.org = h.one(`SELECT org FROM dataset ORDER BY id LIMIT 1`)
	o, _, err := org.EnsureByName(ctx, a.DB, h.system(), "Gate Council", org.Subnational)
	must(t, err)
	h.other = o.ID
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) system() who.Actor { return who.System(h.Policy, "gate") }

// one reads one text from the database.
func (h *house) one(q string, args ...any) string {
	h.t.Helper()
	var s string
	must(h.t, h.DB.View(context.Background(), func(tx *db.Tx) (err error) {
		s, err = db.Get(context.Background(), tx, db.One[string], q, args...)
		return err
	}))
	return s
}

// acts counts what the log of activity holds, sequenced or not, save what is done
// some time after something was written.
func (h *house) acts() string {
	return h.one(`SELECT CAST(count(*) AS TEXT) FROM activity WHERE actor <> 'system:redflag'`)
}

// rows counts the rows of every table, save those of the machinery that works
// by itself.
func (h *house) rows() map[string]string {
	h.t.Helper()
	ctx := context.Background()
	out := map[string]string{}
	must(h.t, h.DB.View(ctx, func(tx *db.Tx) error {
		tables, err := db.List(ctx, tx, db.One[string], tx.Pick(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '%/_fts/_%' ESCAPE '/'`,
			`SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`))
		for _, name := range tables {
			if machinery.MatchString(name) {
				continue
			}
			n, err := db.Get(ctx, tx, db.One[string], `SELECT CAST(count(*) AS TEXT) FROM "`+name+`"`)
			if err != nil {
				return err
			}
			out[name] = n
		}
		return err
	}))
	return out
}

var machinery = regexp.MustCompile(`^(job|lease|goose|activity_|ledger_|redflag(_run)?$)|listener|_seen$|_try$|_limit$`)

// quiet waits until no job and no listener has anything to do.
func (h *house) quiet() {
	h.t.Helper()
	h.until("the queue to be empty", func() bool { return !h.pending(context.Background()) })
}

// until waits for something that must come, in small steps.
func (h *house) until(what string, ok func() bool) {
	h.t.Helper()
	for range 1200 {
		if ok() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	h.t.Fatalf("waited in vain for %s; the log says\n%s", what, h.said.tail())
}

// visitor is somebody who asks the site for pages.
type visitor struct {
	kind    string // a key of kinds
	actor   who.Actor
	token   string // of the session
	key     string // of the API
	address string
}

// kinds are the sorts of visitor that the gates send; elsewhere is an editor of
// another organisation, suspended somebody whose account was shut after they
// signed in, key an editor's API key that may only read.
var kinds = []string{"nobody", "suspended", "resident", "member", "elsewhere", "key", "facilitator", "evaluator", "secretariat", "editor", "official", "moderator", "administrator"}

// as returns the visitor of a kind.
func (h *house) as(kind string) *visitor {
	if h.visitors[kind] == nil {
		h.visitors[kind] = h.fresh(kind)
	}
	return h.visitors[kind]
}

// fresh makes a new visitor of a kind: a new person with a session.
func (h *house) fresh(kind string) *visitor {
	h.t.Helper()
	ctx := context.Background()
	h.made++
	v := &visitor{kind: kind, actor: who.Nobody(h.Policy), address: fmt.Sprintf("10.%d.%d.%d", rand.IntN(256), rand.IntN(256), rand.IntN(256))}
	if kind == "nobody" {
		return v
	}
	p, _, err := h.Who.AddPerson(ctx, h.system(), fmt.Sprintf("%s-%d@gate.example", kind, h.made), "Gate "+kind, h.grantOf(kind))
	must(h.t, err)
	must(h.t, h.DB.Update(ctx, func(tx *db.Tx) error {
		return tx.MustChange(ctx, `UPDATE person SET demo = TRUE, level = 3 WHERE id = $1`, p.ID)
	}))
	e, err := h.Who.SignInDemo(ctx, p.ID, who.Visit{Network: v.address})
	must(h.t, err)
	v.token = e.Token
	v.actor, err = h.Who.Session(ctx, v.token)
	must(h.t, err)
	switch kind {
	case "key":
		v.key, _, err = h.Who.MakeKey(ctx, v.actor, "gate", []string{"dataset.read"}, time.Hour)
		must(h.t, err)
		v.token = ""
		v.actor, err = h.Who.Key(ctx, v.key)
	case "suspended":
		must(h.t, h.Who.Suspend(ctx, h.system(), p.ID, "a gate"))
		v.actor, err = h.Who.Session(ctx, v.token)
	}
	must(h.t, err)
	return v
}

func (h *house) grantOf(kind string) who.Grant {
	switch kind {
	case "resident", "suspended":
		return who.Grant{}
	case "elsewhere":
		return who.Grant{Role: who.Editor, Org: h.other}
	case "key":
		return who.Grant{Role: who.Editor, Org: h.org}
	case "member", "editor", "official":
		return who.Grant{Role: who.Role(kind), Org: h.org}
	}
	return who.Grant{Role: who.Role(kind)}
}

// ask is a request.
type ask struct {
	method, path string
	form         url.Values // sent as a plain form
	json         any        // sent as JSON
	body         []byte     // sent as it is, with typ
	typ          string
	header       map[string]string
}

// gateReply is what came back.
type gateReply struct {
	status int
	header http.Header
	body   string
}

var client = &http.Client{Timeout: 60 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// ask sends a request. Somebody who asked too much comes back as somebody else
// of the same kind.
func (h *house) ask(v *visitor, a ask) gateReply {
	h.t.Helper()
	for range 3 {
		r := h.once(v, a)
		if r.status != http.StatusTooManyRequests {
			return r
		}
		*v = *h.fresh(v.kind)
	}
	h.t.Fatalf("%s %s is never anything but 429", a.method, a.path)
	return gateReply{}
}

func (h *house) once(v *visitor, a ask) gateReply {
	h.t.Helper()
	r, err := h.try(v, a)
	if err != nil {
		h.t.Fatalf("%s %s as %s: %v\n%s", a.method, a.path, v.kind, err, h.said.tail())
	}
	return r
}

// try sends a request to a site that may be gone.
func (h *house) try(v *visitor, a ask) (gateReply, error) {
	h.t.Helper()
	res, err := client.Do(h.request(v, a))
	if err != nil {
		return gateReply{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return gateReply{res.StatusCode, res.Header, unpacked(b)}, err
}

func (h *house) request(v *visitor, a ask) *http.Request {
	h.t.Helper()
	body, typ := a.body, a.typ
	switch {
	case a.form != nil:
		body, typ = []byte(a.form.Encode()), "application/x-www-form-urlencoded"
	case a.json != nil:
		var err error
		body, err = json.Marshal(a.json)
		must(h.t, err)
		typ = "application/json"
	}
	req, err := http.NewRequest(cmp.Or(a.method, "GET"), h.url+a.path, bytes.NewReader(body))
	must(h.t, err)
	req.Header.Set("X-Forwarded-For", v.address)
	req.Header.Set("Accept", "text/html,application/json;q=0.9,*/*;q=0.8")
	if typ != "" {
		req.Header.Set("Content-Type", typ)
	}
	if v.token != "" {
		req.AddCookie(&http.Cookie{Name: "ceiba_dev", Value: v.token})
	}
	if v.key != "" {
		req.Header.Set("Authorization", "Bearer "+v.key)
	}
	for k, x := range a.header {
		req.Header.Set(k, x)
	}
	return req
}

// unpacked appends to a workbook or other archive what its entries hold, so
// that markers in it are seen.
func unpacked(b []byte) string {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return string(b)
	}
	var out bytes.Buffer
	for _, f := range z.File {
		if r, err := f.Open(); err == nil {
			io.Copy(&out, io.LimitReader(r, 8<<20))
			r.Close()
		}
	}
	return out.String()
}

// get asks for a page.
func (h *house) get(v *visitor, path string) gateReply {
	h.t.Helper()
	return h.ask(v, ask{path: path})
}

// post sends a form.
func (h *house) post(v *visitor, path string, form url.Values) gateReply {
	h.t.Helper()
	return h.ask(v, ask{method: "POST", path: path, form: form})
}

// multi makes the body of a form with a file.
func multi(t testing.TB, name string, content []byte, fields map[string]string) (body []byte, typ string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range fields {
		must(t, w.WriteField(k, v))
	}
	if name != "" {
		p, err := w.CreateFormFile("file", name)
		must(t, err)
		_, err = p.Write(content)
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes(), w.FormDataContentType()
}
