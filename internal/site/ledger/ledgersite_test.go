package ledgersite

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"ceiba/internal/face/api"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/ledger"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// nobodyHere is a site in which nobody is signed in.
type nobodyHere struct{ policy *who.Policy }

func (n nobodyHere) Session(context.Context, string) (who.Actor, error) {
	return who.Nobody(n.policy), nil
}

func (n nobodyHere) Key(context.Context, string) (who.Actor, error) {
	return who.Nobody(n.policy), nil
}

// site is a ledger with one public and one private entry behind real routes.
type site struct {
	*web.Server
	pages           *Pages
	public, private string // ids of the entries
}

func (s *site) get(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	ctx, quiet := t.Context(), slog.New(slog.DiscardHandler)
	l, err := ledger.Open(ctx, d, quiet, ledger.Options{Key: filepath.Join(t.TempDir(), "key"), Origin: "test.example/ledger"})
	if err != nil {
		t.Fatal(err)
	}
	thing := record.Kind{Name: "thing", Describe: func(_ context.Context, _ *db.Tx, _ who.Actor, ids []string) (cards []record.Card, err error) {
		for _, id := range ids {
			if id != "hidden" {
				cards = append(cards, record.Card{Ref: record.Ref{Kind: "thing", ID: id}, Title: id, Public: true})
			}
		}
		return cards, nil
	}}
	kinds, err := record.NewRegistry(thing)
	if err != nil {
		t.Fatal(err)
	}
	policy := who.MustPolicy()
	s := &site{pages: &Pages{
		DB: d, Ledger: func() *ledger.Ledger { return l }, Kinds: func() *record.Registry { return kinds },
		Nobody: func() who.Actor { return who.Nobody(policy) }, Base: func() string { return "https://test.example" },
	}}
	if err := d.Update(ctx, func(tx *db.Tx) (err error) {
		e := activity.Entry{Actor: "system:test", Verb: "thing.made", Kind: "thing", Record: "seen", Public: true, Title: "A bridge <b>"}
		if s.public, err = activity.Append(ctx, tx, e); err != nil {
			return err
		}
		e.Record, e.Public, e.Title = "hidden", false, "A secret"
		s.private, err = activity.Append(ctx, tx, e)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := activity.NewLog(d, quiet, l.Listener()).Drain(ctx); err != nil {
		t.Fatal(err)
	}
	words := i18n.NewCatalog()
	m := s.pages.Module()
	for name, files := range map[string]fs.FS{"web": web.Words, "ui": ui.Words, "ledger": ledger.Words, m.Name: m.Words} {
		if err := words.Add(name, files); err != nil {
			t.Fatal(err)
		}
	}
	routes := &web.Routes{}
	m.Routes(routes)
	m.API(api.New(d, routes, "test"))
	s.Server, err = web.NewServer(web.Config{Words: words, Policy: policy, Sessions: nobodyHere{policy}, Log: quiet, Version: func() string { return "1" }}, routes)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		if w := s.get("/ledger"); w.Code != 200 || !strings.Contains(w.Body.String(), "No checkpoint yet") {
			t.Errorf("before the first checkpoint: %d %s", w.Code, w.Body)
		}
		if w := s.get("/ledger/checkpoint"); w.Code != 404 {
			t.Errorf("there is no checkpoint yet: %d", w.Code)
		}
		if w := s.get("/ledger/entry/" + s.public); w.Code != 200 || !strings.Contains(w.Body.String(), "so new that no checkpoint") {
			t.Errorf("an entry without a checkpoint: %d %s", w.Code, w.Body)
		}
		if w := s.get("/ledger/pack/thing/seen"); w.Code != 503 || w.Header().Get("Retry-After") == "" {
			t.Errorf("a pack before the checkpoint: %d", w.Code)
		}
		c, err := s.pages.Ledger().Publish(t.Context())
		if err != nil || c.Size != 2 {
			t.Fatalf("publish: %d %v", c.Size, err)
		}
		if w := s.get("/ledger"); !strings.Contains(w.Body.String(), c.Root.String()) || !strings.Contains(w.Body.String(), s.pages.Ledger().Key()) {
			t.Errorf("the page lacks root or key: %s", w.Body)
		}
		if w := s.get("/ledger/entry/" + s.public); w.Code != 200 || !strings.Contains(w.Body.String(), "A bridge &lt;b&gt;") || !strings.Contains(w.Body.String(), "line 1 of 2") {
			t.Errorf("entry: %d %s", w.Code, w.Body)
		}
		for _, path := range []string{"/ledger/entry/" + s.private, "/ledger/entry/nothing", "/ledger/pack/thing/hidden", "/ledger/pack/other/seen", "/api/v1/ledger/entries/" + s.private} {
			if w := s.get(path); w.Code != 404 || strings.Contains(w.Body.String(), "A secret") {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	}, activity.Schema, ledger.Schema, who.Schema, record.Schema, api.Schema)
}

func TestFiles(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		c, err := s.pages.Ledger().Publish(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w := s.get("/ledger/checkpoint")
		if w.Body.String() != string(c.Note) || w.Header().Get("Access-Control-Allow-Origin") != "*" || strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("checkpoint: %v %s", w.Header(), w.Body)
		}
		w = s.get("/ledger/tile/0/000.p/2")
		if w.Code != 200 || w.Body.Len() != 64 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("tile: %d %d bytes %v", w.Code, w.Body.Len(), w.Header())
		}
		entries := s.get("/ledger/tile/entries/000.p/2").Body.Bytes()
		n := int(entries[0])<<8 | int(entries[1])
		leaf := tlog.RecordHash(entries[2 : 2+n])
		if !bytes.Equal(leaf[:], w.Body.Bytes()[:32]) {
			t.Error("the first entry does not hash to the first leaf")
		}
		for _, path := range []string{"/ledger/tile/0/000", "/ledger/tile/0/000.p/3", "/ledger/tile/9/000", "/ledger/tile/x", "/ledger/tile/entries/001"} {
			if w := s.get(path); w.Code != 404 {
				t.Errorf("%s: %d", path, w.Code)
			}
		}
	}, activity.Schema, ledger.Schema, who.Schema, record.Schema, api.Schema)
}

// TestProofsHold checks pack and API answer as a stranger would, with the key
// and the public algorithm alone.
func TestProofsHold(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		c, err := s.pages.Ledger().Publish(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w := s.get("/ledger/pack/thing/seen")
		r, err := ledger.VerifyPack(w.Body.Bytes(), s.pages.Ledger().Key())
		if err != nil || len(r.Entries) != 1 || r.Entries[0].Title != "A bridge <b>" || !strings.Contains(w.Header().Get("Content-Disposition"), "attachment") {
			t.Errorf("pack: %+v %v %v", r, err, w.Header())
		}
		var a entryAnswer
		w = s.get("/api/v1/ledger/entries/" + s.public)
		if err := json.Unmarshal(w.Body.Bytes(), &a.Body); err != nil {
			t.Fatalf("%v: %s", err, w.Body)
		}
		var proof tlog.RecordProof
		for _, h := range a.Body.Proof {
			hash, err := tlog.ParseHash(h)
			if err != nil {
				t.Fatal(err)
			}
			proof = append(proof, hash)
		}
		if err := tlog.CheckRecord(proof, a.Body.Size, c.Root, a.Body.Seq-1, tlog.RecordHash([]byte(a.Body.Envelope))); err != nil {
			t.Errorf("the proof of the API does not hold: %v", err)
		}
		w = s.get("/api/v1/ledger")
		if !strings.Contains(w.Body.String(), `"size":2`) || !strings.Contains(w.Body.String(), `"prefix":"https://test.example/ledger"`) {
			t.Errorf("api: %s", w.Body)
		}
	}, activity.Schema, ledger.Schema, who.Schema, record.Schema, api.Schema)
}
