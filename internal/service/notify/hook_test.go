package notify

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who"
)

// ear is a program that hears a webhook.
type ear struct {
	*httptest.Server
	status int
	heard  []HookBody
	heads  []http.Header
	bodies []string
}

func newEar(t testing.TB) *ear {
	e := &ear{status: 200}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		var b HookBody
		if err := json.Unmarshal(text, &b); err != nil {
			t.Error(err)
		}
		e.heard, e.heads, e.bodies = append(e.heard, b), append(e.heads, r.Header), append(e.bodies, string(text))
		if e.status/100 == 3 {
			w.Header().Set("Location", "http://127.0.0.1:1/inside")
		}
		w.WriteHeader(e.status)
	}))
	t.Cleanup(e.Close)
	return e
}

func (w *town) hook(owner, url string, kinds ...string) (Hook, string) {
	w.t.Helper()
	h, secret, err := w.AddHook(w.t.Context(), actorOf(owner), Hook{URL: url, Kinds: kinds})
	if err != nil {
		w.t.Fatal(err)
	}
	return h, secret
}

func TestHookHearsInOrderAndSigned(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w, e := newTown(t, d, nil), newEar(t)
		ana := w.person("ana")
		_, secret := w.hook(ana, e.URL+"/in", "thing")
		w.happens("thing.changed", "t1/x", ana, true)
		w.happens("thing.changed", "t2/x", ana, false) // private
		w.happens("thing.changed", "t3/x", ana, true)
		w.drain()
		if len(e.heard) != 2 || e.heard[0].Record != "t1/x" || e.heard[1].Record != "t3/x" || e.heard[0].Seq >= e.heard[1].Seq {
			t.Fatalf("%+v", e.heard)
		}
		if b := e.heard[0]; b.Title != "At that time" || b.URL != "https://open.example/thing/t1/x" || b.Verb != "thing.changed" {
			t.Errorf("%+v", b)
		}
		sig, body, now := e.heads[0].Get(SignatureHeader), []byte(e.bodies[0]), w.clock.now()
		if err := CheckSignature(secret, sig, body, now, 5*time.Minute); err != nil {
			t.Error(err, sig)
		}
		for name, err := range map[string]error{
			"other secret": CheckSignature("whsec_x", sig, body, now, 5*time.Minute),
			"changed":      CheckSignature(secret, sig, append(body, ' '), now, 5*time.Minute),
			"old":          CheckSignature(secret, sig, body, now.Add(6*time.Minute), 5*time.Minute),
			"other time":   CheckSignature(secret, "t=2"+sig[3:], body, now, time.Hour*1e6),
			"none":         CheckSignature(secret, "", body, now, 5*time.Minute),
			"half":         CheckSignature(secret, strings.Split(sig, ",")[0], body, now, 5*time.Minute),
		} {
			if !errors.Is(err, ErrSignature) {
				t.Errorf("%s: %v", name, err)
			}
		}
		kept, err := viewList(w, func(tx *db.Tx) ([]string, error) {
			return db.List(t.Context(), tx, db.One[string], `SELECT secret FROM notify_hook`)
		})
		if err != nil || strings.Contains(kept[0], strings.TrimPrefix(secret, "whsec_")) {
			t.Error("the secret is readable in the database", err)
		}
	}, schemas...)
}

// A receiver that is away hears everything once it is back, in order; one that
// stays away is switched off after eight failures, and its owner is told.
func TestHookFailures(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w, e := newTown(t, d, nil), newEar(t)
		ana := w.person("ana")
		h, _ := w.hook(ana, e.URL)
		state := func() Hook {
			list, err := w.Hooks(t.Context(), actorOf(ana), "")
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			return list[0]
		}
		e.status = 503
		w.happens("thing.changed", "t1/x", ana, true)
		w.happens("thing.changed", "t2/x", ana, true)
		w.try()
		if got := state(); got.Failures != 1 || got.Why != "HTTP 503" || len(e.heard) != 1 {
			t.Fatalf("%+v %d", got, len(e.heard))
		}
		e.status = 200
		w.clock.leap(11 * time.Second)
		w.try()
		if got := state(); got.Failures != 0 || len(e.heard) != 3 || e.heard[1].Record != "t1/x" || e.heard[2].Record != "t2/x" || e.heard[0].ID != e.heard[1].ID {
			t.Fatalf("%+v %+v", got, e.heard)
		}
		e.status, e.heard = 302, nil // a redirect is no success, and is not followed
		w.happens("thing.changed", "t3/x", ana, true)
		for n := range maxFailures + 3 {
			w.try()
			if want := min(n+1, maxFailures); len(e.heard) != want {
				t.Fatalf("after %d rounds: heard %d times", n+1, len(e.heard))
			}
			w.clock.leap(9 * time.Hour)
		}
		if got := state(); got.Active || got.Failures != 8 {
			t.Fatalf("%+v", got)
		}
		if got := verbs(w.inbox(ana)); got != "account:hook.disabled" {
			t.Errorf("the owner's inbox: %q", got)
		}
		w.happens("thing.changed", "t4/x", ana, true)
		w.try()
		if len(e.heard) != 8 {
			t.Error("called after it was switched off")
		}
		replay(t, w, e, h, ana)
	}, schemas...)
}

// replay switches the hook on again and has it hear what it missed.
func replay(t *testing.T, w *town, e *ear, h Hook, ana string) {
	e.status, e.heard = 204, nil
	if err := w.EnableHook(t.Context(), actorOf(ana), h.ID); err != nil {
		t.Fatal(err)
	}
	list, err := w.Deliveries(t.Context(), actorOf(ana), h.ID, 10)
	if err != nil || len(list) != 3 || list[0].State != "failed" || list[0].Tries != 8 || list[0].Status != 302 || list[1].State != "done" {
		t.Fatalf("%+v %v", list, err)
	}
	for _, d := range []Delivery{list[0], list[2]} {
		if err := w.Replay(t.Context(), actorOf(ana), h.ID, d.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.drain()
	if len(e.heard) != 2 || e.heard[0].Record != "t1/x" || e.heard[1].Record != "t3/x" {
		t.Fatalf("%+v", e.heard)
	}
}

func TestHookGoneIsOffAtOnce(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), schemas...)
	w, e := newTown(t, d, nil), newEar(t)
	ana := w.person("ana")
	w.hook(ana, e.URL)
	e.status = 410
	w.happens("thing.changed", "t1/x", ana, true)
	w.try()
	if list, err := w.Hooks(t.Context(), actorOf(ana), ""); err != nil || list[0].Active {
		t.Error(list, err)
	}
}

func TestHookPermissions(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w, e := newTown(t, d, nil), newEar(t)
		ana, ben := w.person("ana"), w.person("ben")
		h, _ := w.hook(ana, e.URL)
		for name, err := range map[string]error{
			"remove": w.RemoveHook(ctx, actorOf(ben), h.ID),
			"enable": w.EnableHook(ctx, actorOf(ben), h.ID),
			"replay": w.Replay(ctx, actorOf(ben), h.ID, "x"),
			"none":   w.RemoveHook(ctx, actorOf(ana), "nothing"),
		} {
			if !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.Deliveries(ctx, actorOf(ben), h.ID, 5); !errors.Is(err, db.ErrNotFound) {
			t.Error(err)
		}
		if _, _, err := w.AddHook(ctx, actorOf(ben), Hook{URL: e.URL, Org: "ministry"}); fault.KindOf(err) != fault.Denied {
			t.Error(err)
		}
		if _, _, err := w.AddHook(ctx, who.Nobody(policy), Hook{URL: e.URL}); fault.KindOf(err) != fault.SignIn {
			t.Error(err)
		}
		if _, _, err := w.AddHook(ctx, actorOf(ana), Hook{URL: e.URL, Kinds: []string{"nothing"}}); fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
		editor := who.As(policy, who.Actor{ID: ben, Level: who.L1, Strong: true, Grants: []who.Grant{{Role: who.Editor, Org: "ministry"}}})
		if _, _, err := w.AddHook(ctx, editor, Hook{URL: e.URL, Org: "ministry"}); err != nil {
			t.Error(err)
		}
		if err := w.RemoveHook(ctx, actorOf(ana), h.ID); err != nil {
			t.Error(err)
		}
	}, schemas...)
}

// An address that leads inside is refused when it is typed, and when its name
// turns out to lead there, it is switched off without a call.
func TestHookCannotReachInside(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), schemas...)
	w, e := newTown(t, d, nil), newEar(t)
	ana := w.person("ana")
	h, _ := w.hook(ana, e.URL)
	strict := newTown(t, d, func(c *Config) { c.Outbound.Allow = nil })
	for _, u := range []string{"http://example.org/x", "https://127.0.0.1/x", "https://[::1]/x", "https://10.0.0.1/", "https://localhost/", "https://u:p@example.org/", "gopher://x/"} {
		if _, _, err := strict.AddHook(t.Context(), actorOf(ana), Hook{URL: u}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", u, err)
		}
	}
	strict.happens("thing.changed", "t1/x", ana, true)
	strict.try()
	list, err := strict.Hooks(t.Context(), actorOf(ana), "")
	if err != nil || list[0].Active || len(e.heard) != 0 {
		t.Errorf("%s: %+v %v, heard %d", h.URL, list, err, len(e.heard))
	}
}
