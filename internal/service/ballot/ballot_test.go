package ballot

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/ledger"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, ledger.Schema, who.Schema, record.Schema, Schema}

// hall is an office with a clock that tests turn.
type hall struct {
	*Office
	t      testing.TB
	policy *who.Policy
	now    time.Time
}

var noon = time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)

func newHall(t testing.TB, d *db.DB) *hall {
	h := &hall{Office: &Office{DB: d, Hosts: map[string]Host{}}, t: t, policy: who.MustPolicy(append(Rules, record.Rules...)...), now: noon}
	d.SetClock(func() time.Time { return h.now })
	return h
}

// as returns the actor of a name: "run…" works for the ministry's votes, and
// "of-X-…" is a member of organisation X.
func (h *hall) as(name string) who.Actor {
	a := who.Actor{ID: name, Name: name, Level: who.L3, Strong: true}
	if strings.HasPrefix(name, "run") {
		a.Grants = append(a.Grants, who.Grant{Role: who.Facilitator, Org: "ministry"})
	}
	if parts := strings.Split(name, "-"); parts[0] == "of" {
		a.Grants = append(a.Grants, who.Grant{Role: who.Member, Org: parts[1]})
	}
	return who.As(h.policy, a)
}

// do runs verbs in one transaction.
func (h *hall) do(fn func(ctx context.Context, tx *db.Tx) error) error {
	return h.DB.Update(h.t.Context(), func(tx *db.Tx) error { return fn(h.t.Context(), tx) })
}

func (h *hall) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func wants(t testing.TB, err error, key string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), key) {
		t.Errorf("want %s, got %v", key, err)
	}
}

// poll declares an open poll of a day with these terms and voters.
func (h *hall) poll(terms Terms, voters ...Voter) (p Poll) {
	h.t.Helper()
	if terms.Secrecy == "" {
		terms.Secrecy = Named
	}
	h.must(h.do(func(ctx context.Context, tx *db.Tx) (err error) {
		if p, err = h.Create(ctx, tx, h.as("run"), Draftee{
			Org: "ministry", Title: "Which road first?", Terms: terms,
			Opens: db.Time{Time: h.now}, Closes: db.Time{Time: h.now.Add(48 * time.Hour)},
		}); err != nil {
			return err
		}
		if err := h.SetElectorate(ctx, tx, h.as("run"), p.ID, voters); err != nil {
			return err
		}
		p, err = h.Declare(ctx, tx, h.as("run"), p.ID)
		return err
	}))
	return p
}

// people are n voters p0, p1 …
func people(n int) (out []Voter) {
	for i := range n {
		out = append(out, Voter{ID: fmt.Sprintf("p%d", i), Kind: Person, Level: who.L1})
	}
	return out
}

func roads(n int) (out []Option) {
	for i := range n {
		out = append(out, Option{ID: string(rune('a' + i)), Label: fmt.Sprintf("Road %c", 'A'+i)})
	}
	return out
}

func (h *hall) cast(p Poll, name, token string, choices ...string) (Receipt, error) {
	return h.Cast(h.t.Context(), h.as(name), Vote{Poll: p.ID, Choices: choices, Token: token})
}

func (h *hall) get(p Poll) Poll {
	h.t.Helper()
	h.must(h.DB.View(h.t.Context(), func(tx *db.Tx) (err error) { p, err = Get(h.t.Context(), tx, p.ID); return err }))
	return p
}

func (h *hall) later(d time.Duration) {
	h.t.Helper()
	h.now = h.now.Add(d)
	h.must(h.Tick(h.t.Context()))
}

func word(i int) string { return fmt.Sprintf("a-random-word-of-mine-%d", i) }

func TestSecretPoll(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		p := h.poll(Terms{Method: Plurality, Secrecy: Secret, Options: roads(3), WindowHours: Window}, people(30)...)
		if p.State != Open || p.Electors != 30 {
			t.Fatalf("declared: %+v", p)
		}
		codes := map[string]bool{}
		for i := range 25 {
			r, err := h.cast(p, fmt.Sprintf("p%d", i), word(i), string(rune('a'+i%3)))
			h.must(err)
			codes[r.Code] = true
		}
		_, err := h.cast(p, "p0", "another-word-altogether", "b")
		wants(t, err, "ballot.voted")
		_, err = h.cast(p, "stranger", word(99), "b")
		wants(t, err, "ballot.no_voter")
		h.later(time.Minute) // a batch goes
		if r, err := h.cast(p, "p0", word(0), "b"); err != nil || !r.Changed || !codes[r.Code] {
			t.Errorf("changed with the token: %+v %v", r, err)
		}
		h.later(48 * time.Hour)
		p = h.get(p)
		if p.State != Provisional || p.Result.Cast != 25 || fmt.Sprint(p.Result.PerOption) != "[{a 8} {b 9} {c 8}]" || fmt.Sprint(p.Result.Elected) != "[b]" {
			t.Fatalf("result: %s %+v", p.State, p.Result)
		}
		h.opensEverything(p, codes)
		h.later(72 * time.Hour)
		if p = h.get(p); p.State != Final {
			t.Errorf("after the window: %s", p.State)
		}
	}, schemas...)
}

// opensEverything checks that the public list opens every commitment in the
// log, that each receipt is in a batch, and that nothing leads from it to a
// ballot.
func (h *hall) opensEverything(p Poll, codes map[string]bool) {
	h.t.Helper()
	ctx := h.t.Context()
	h.must(activity.NewLog(h.DB, slog.New(slog.DiscardHandler)).Drain(ctx))
	h.must(h.DB.View(ctx, func(tx *db.Tx) error {
		es, err := activity.List(ctx, tx, activity.Filter{Kind: RecordKind, Record: p.ID, Verb: "poll.ballots_released"}, 100)
		if err != nil {
			return err
		}
		logged := map[string]bool{}
		for _, e := range es {
			var b Batch
			if err := e.Change(nil, &b); err != nil || len(b.Commitments) != len(b.Receipts) {
				h.t.Errorf("batch: %+v %v", b, err)
			}
			for _, c := range b.Commitments {
				logged[c] = true
			}
		}
		l, err := Published(ctx, tx, p)
		if err != nil {
			return err
		}
		raw, err := l.JSON()
		var closing struct {
			SHA string `json:"list_sha256"`
		}
		if e, err2 := activity.Get(ctx, tx, p.Closing); err != nil || err2 != nil || e.Change(nil, &closing) != nil || closing.SHA != SeedOf(string(raw)) {
			h.t.Errorf("the list is not the one of the closing: %+v %v %v", closing, err, err2)
		}
		for _, b := range l.Ballots {
			if !logged[l.Commitment(b)] {
				h.t.Errorf("ballot %s opens nothing in the log", b.ID)
			}
			delete(logged, l.Commitment(b))
		}
		if len(logged) > 0 {
			h.t.Errorf("%d commitments are opened by nothing", len(logged))
		}
		for code := range codes {
			if in, err := Included(ctx, tx, p, strings.ToUpper(code)); err != nil || !in.Known || in.Batch == 0 || in.Entry == "" {
				h.t.Errorf("receipt %s: %+v %v", code, in, err)
			}
		}
		left, err2 := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM poll_ballot WHERE token IS NOT NULL`)
		if left > 0 || err2 != nil {
			h.t.Errorf("%d tokens are kept: %v", left, err2)
		}
		return err
	}))
}

func TestNobodyVotesTwice(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		for _, secrecy := range []Secrecy{Secret, Named} {
			p := h.poll(Terms{Method: YesNo, Secrecy: secrecy}, people(3)...)
			var wg sync.WaitGroup
			var mu sync.Mutex
			done := 0
			for i := range 200 {
				wg.Go(func() {
					if _, err := h.cast(p, "p1", word(i), Yes); err == nil {
						mu.Lock()
						done++
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			if secrecy == Secret && done != 1 {
				t.Errorf("%d of 200 tries were taken", done)
			}
			h.later(49 * time.Hour)
			if r := h.get(p).Result; r == nil || r.Cast != 1 {
				t.Errorf("%s: %+v", secrecy, r)
			}
		}
	}, schemas...)
}

func BenchmarkCast(b *testing.B) {
	d := dbtest.Open(b, dbtest.SQLite(b), schemas...)
	h := newHall(b, d)
	p := h.poll(Terms{Method: Plurality, Secrecy: Secret, Options: roads(5)}, people(b.N)...)
	b.ResetTimer()
	var n sync.Mutex
	next := 0
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n.Lock()
			i := next
			next++
			n.Unlock()
			if _, err := h.cast(p, fmt.Sprintf("p%d", i), word(i), "a"); err != nil {
				b.Error(err)
			}
		}
	})
}
