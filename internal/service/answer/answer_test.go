package answer

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, who.Schema, record.Schema, Schema}

// town is an office with a promise that calls belong to, and a clock.
type town struct {
	*Office
	t      testing.TB
	policy *who.Policy
	now    time.Time
	log    *activity.Log
}

var promise = record.Ref{Kind: "promise", ID: "01990000-0000-7000-8000-000000000001"}

func newTown(t testing.TB, d *db.DB) *town {
	t.Helper()
	w := &town{t: t, now: time.Date(2026, 3, 2, 15, 4, 5, 0, time.UTC)}
	d.SetClock(func() time.Time { return w.now })
	w.policy = who.MustPolicy(append(append([]who.Rule{}, Rules...), record.Rules...)...)
	w.Office = &Office{DB: d, Secret: []byte("0123456789abcdef0123456789abcdef")}
	kinds, err := record.NewRegistry(append(w.RecordKinds(), record.Kind{Name: "promise", Chain: "commitment", Describe: func(_ context.Context, _ *db.Tx, a who.Actor, ids []string) (cards []record.Card, err error) {
		for _, id := range ids {
			if id == promise.ID {
				cards = append(cards, record.Card{Ref: promise, Title: "Clean water by 2028", Org: "ministry", Public: true})
			}
		}
		return cards, nil
	}})...)
	must(t, err)
	w.Kinds = func() *record.Registry { return kinds }
	w.log = activity.NewLog(d, slog.New(slog.DiscardHandler))
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wants(t testing.TB, err error, key string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), key) {
		t.Errorf("want %s, got %v", key, err)
	}
}

// as returns the actor of a name: o… is an official of the ministry, x… of another
// office, m… moderates, "" is nobody.
func (w *town) as(name string) who.Actor {
	if name == "" {
		return who.Nobody(w.policy)
	}
	a := who.Actor{ID: name, Name: name, Level: who.L2, Strong: true}
	switch name[0] {
	case 'o':
		a.Grants = []who.Grant{{Role: who.Official, Org: "ministry"}}
	case 'x':
		a.Grants = []who.Grant{{Role: who.Official, Org: "elsewhere"}}
	case 'm':
		a.Grants = []who.Grant{{Role: who.Moderator}}
	}
	return who.As(w.policy, a)
}

func (w *town) update(fn func(ctx context.Context, tx *db.Tx) error) error {
	return w.DB.Update(w.t.Context(), func(tx *db.Tx) error { return fn(w.t.Context(), tx) })
}

func (w *town) view(fn func(ctx context.Context, tx *db.Tx) error) {
	w.t.Helper()
	must(w.t, w.DB.View(w.t.Context(), func(tx *db.Tx) error { return fn(w.t.Context(), tx) }))
}

// pass lets time go by.
func (w *town) pass(d time.Duration) { w.now = w.now.Add(d) }

const dayLong = 24 * time.Hour

// call publishes a call that is open for 30 days.
func (w *town) call() (b Box) {
	w.t.Helper()
	must(w.t, w.update(func(ctx context.Context, tx *db.Tx) (err error) {
		b, err = w.CreateBox(ctx, tx, w.as("olga"), Box{Of: promise, Org: "ministry", Title: "What about water?", Question: "Tell us what to promise.", Closes: db.Time{Time: w.now.Add(30 * dayLong)}})
		if err != nil {
			return err
		}
		b, err = w.PublishBox(ctx, tx, w.as("olga"), b.ID, b.Version)
		return err
	}))
	return b
}

func idea(text string, n Naming) Giving {
	in := Input{Kind: "idea", Text: text, Naming: n, Lang: "en", District: "BZ-TOL", Sector: "resident"}
	if n == Pseudonym {
		in.Name = "A neighbour"
	}
	return Giving{Input: in}
}

// give hands in an input and releases it where it waits.
func (w *town) give(b Box, name, text string, n Naming) (g Given) {
	w.t.Helper()
	must(w.t, w.update(func(ctx context.Context, tx *db.Tx) (err error) {
		g, err = w.Give(ctx, tx, w.as(name), b.ID, idea(text, n))
		return err
	}))
	if n == Anonymous {
		must(w.t, w.update(func(ctx context.Context, tx *db.Tx) error { return w.Release(ctx, tx, true) }))
	}
	return g
}

// get reads an input.
func (w *town) get(id string) (in Input) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *db.Tx) (err error) { in, err = inputByID(ctx, tx, id); return err })
	return in
}

var because = strings.TrimSpace(strings.Repeat("We will mend the pump in May because the village asked. ", 4))

// reply answers inputs as olga.
func (w *town) reply(b Box, o State, ids ...string) (r Reply, err error) {
	err = w.update(func(ctx context.Context, tx *db.Tx) (err error) {
		x := Reply{Outcome: o, Reason: because}
		x.Changed.V = []record.Ref{promise}
		r, err = w.Answer(ctx, tx, w.as("olga"), b.ID, ids, x)
		return err
	})
	return r, err
}

func TestFromInputToAnswer(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		g := w.give(b, "", "El pozo de la aldea está seco desde enero", Anonymous)
		if len(g.Code) != codeLength || g.Input.Author != "" {
			t.Fatalf("given: %+v", g)
		}
		w.pass(90 * dayLong)
		if x := w.get(g.Input.ID); x.View != Visible || !x.Received.Equal(dayOf(w.now.Add(-90*dayLong))) {
			t.Errorf("kept: %+v", x)
		}
		var left []Input
		w.view(func(ctx context.Context, tx *db.Tx) (err error) { left, err = Unanswered(ctx, tx, promise); return err })
		if len(left) != 1 || left[0].ID != g.Input.ID {
			t.Fatalf("unanswered: %+v", left)
		}
		_, err := w.reply(b, Partly, g.Input.ID)
		must(t, err)
		typed := strings.ToLower(Grouped(g.Code))
		typed = strings.NewReplacer("0", "o", "1", "l").Replace(typed)
		var s Story
		w.view(func(ctx context.Context, tx *db.Tx) error {
			in, err := w.ByReceipt(ctx, tx, typed)
			if err != nil {
				return err
			}
			s, err = w.Story(ctx, tx, w.as(""), in)
			return err
		})
		if s.Reply() == nil || s.Reply().Reason != because || s.Changed[promise].Title != "Clean water by 2028" || len(s.Steps) != 4 || s.Input.State != Partly {
			t.Errorf("story: %+v", s)
		}
		w.view(func(ctx context.Context, tx *db.Tx) (err error) {
			edges, err := w.Kinds().Edges(ctx, tx, w.as(""), g.Input.Ref())
			if len(edges) != 1 || edges[0].To != promise || edges[0].Rel != "follows_from" || edges[0].Out {
				t.Errorf("links: %+v", edges)
			}
			left, _ := Unanswered(ctx, tx, promise)
			if len(left) != 0 {
				t.Errorf("still unanswered: %+v", left)
			}
			return err
		})
	}, schemas...)
}
