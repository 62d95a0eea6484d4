package activity_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
)

func entry(n int) activity.Entry {
	return activity.Entry{
		Actor: "p1", Verb: "thing.changed", Kind: "thing", Record: fmt.Sprint("t", n), Public: true,
		Title: "Thing <" + fmt.Sprint(n) + ">", After: map[string]int{"n": n},
	}
}

func add(t *testing.T, d *db.DB, e activity.Entry) {
	t.Helper()
	if err := d.Update(t.Context(), func(tx *db.Tx) error {
		_, err := activity.Append(t.Context(), tx, e)
		return err
	}); err != nil {
		t.Error(err)
	}
}

func view(t *testing.T, d *db.DB, fn func(*db.Tx) error) {
	t.Helper()
	if err := d.View(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// heard is a listener that keeps what it hears.
func heard(name string, got *[]string) activity.Listener {
	return activity.Listener{Name: name, Handle: func(_ context.Context, _ *db.Tx, batch []activity.Event) error {
		for _, e := range batch {
			*got = append(*got, fmt.Sprint(e.Seq, " ", e.Record))
		}
		return nil
	}}
}

func TestAppendAndRead(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		add(t, d, entry(1))
		hidden := entry(2)
		hidden.Public, hidden.Org = false, "o1"
		add(t, d, hidden)
		if err := activity.NewLog(d, slog.New(slog.DiscardHandler)).Drain(ctx); err != nil {
			t.Fatal(err)
		}
		view(t, d, func(tx *db.Tx) error {
			es, err := activity.List(ctx, tx, activity.Filter{}, 10)
			if err != nil || len(es) != 1 || es[0].Title != "Thing <1>" || es[0].Seq != 1 {
				t.Fatalf("public: %+v %v", es, err)
			}
			var after map[string]int
			if err := es[0].Change(nil, &after); err != nil || after["n"] != 1 {
				t.Errorf("after %v %v", after, err)
			}
			all, err := activity.List(ctx, tx, activity.Filter{Private: true, Org: "o1"}, 10)
			if err != nil || len(all) != 1 || all[0].Record != "t2" {
				t.Errorf("private: %+v %v", all, err)
			}
			if s := string(all[0].Envelope()); strings.Contains(s, "t2") || strings.Contains(s, "p1") || strings.Contains(s, "o1") {
				t.Errorf("the envelope of a private entry tells: %s", s)
			}
			return nil
		})
	}, activity.Schema)
}

func TestOneTransactionKeepsItsOrder(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if err := d.Update(ctx, func(tx *db.Tx) error {
			for i := range 50 {
				if _, err := activity.Append(ctx, tx, entry(i)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		var got []string
		if err := activity.NewLog(d, slog.New(slog.DiscardHandler), heard("ear", &got)).Drain(ctx); err != nil {
			t.Fatal(err)
		}
		for i, s := range got {
			if s != fmt.Sprint(i+1, " t", i) {
				t.Fatalf("heard %v", got)
			}
		}
	}, activity.Schema)
}

func TestAppendRefusesIncomplete(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), activity.Schema)
	if err := d.Update(t.Context(), func(tx *db.Tx) error {
		_, err := activity.Append(t.Context(), tx, activity.Entry{Verb: "thing.changed", Kind: "thing", Record: "t1"})
		return err
	}); err == nil {
		t.Error("an entry without an actor passes")
	}
}

// One transaction stays open while later ones commit. Whatever the listeners
// did meanwhile, they hear of it in the end, exactly once and without a gap.
func TestNothingIsMissedBehindASlowTransaction(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		var got []string
		log := activity.NewLog(d, slog.New(slog.DiscardHandler), heard("ear", &got))
		open, finish := make(chan bool), make(chan bool)
		var wg sync.WaitGroup
		once := sync.OnceFunc(func() { close(open); <-finish })
		wg.Go(func() {
			if err := d.Update(ctx, func(tx *db.Tx) error {
				if _, err := activity.Append(ctx, tx, entry(0)); err != nil {
					return err
				}
				once()
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
		<-open
		later := func() {
			for i := range 5 {
				add(t, d, entry(i+1))
			}
		}
		if d.Engine() == "postgres" { // SQLite's one writer makes the others wait
			later()
			if err := log.Drain(ctx); err != nil {
				t.Fatal(err)
			}
			if len(got) != 5 {
				t.Errorf("before the slow one commits: %v", got)
			}
		}
		close(finish)
		wg.Wait()
		if d.Engine() == "sqlite" {
			later()
		}
		if err := log.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		if len(got) != 6 {
			t.Fatalf("heard %v", got)
		}
		for i, s := range got {
			if !strings.HasPrefix(s, fmt.Sprint(i+1, " ")) {
				t.Errorf("heard %v", got)
			}
		}
	}, activity.Schema)
}

// Two nodes drive the same listener over many writers: each event is handled
// once, in order, because the cursor moves in the same transaction.
func TestOneListenerAtATime(t *testing.T) {
	run := func(t *testing.T, nodes ...*db.DB) {
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		defer cancel()
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		must(nodes[0].Update(ctx, func(tx *db.Tx) error {
			return tx.Script(ctx, `CREATE TABLE seen (seq BIGINT PRIMARY KEY, record TEXT)`)
		}))
		ear := activity.Listener{Name: "ear", Handle: func(ctx context.Context, tx *db.Tx, batch []activity.Event) error {
			for _, e := range batch {
				if _, err := tx.Exec(ctx, `INSERT INTO seen VALUES ($1, $2)`, e.Seq, e.Record); err != nil {
					return err
				}
			}
			return nil
		}}
		stop, end := context.WithCancel(ctx)
		var bg, wg sync.WaitGroup
		for _, d := range nodes {
			bg.Go(func() { activity.NewLog(d, slog.New(slog.DiscardHandler), ear).Run(stop) })
		}
		const writers, each = 4, 25
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					add(t, nodes[w%len(nodes)], entry(w*each+i))
				}
			})
		}
		wg.Wait()
		var seqs []int64
		for len(seqs) < writers*each && ctx.Err() == nil {
			view(t, nodes[0], func(tx *db.Tx) (err error) {
				seqs, err = db.List(ctx, tx, db.One[int64], `SELECT seq FROM seen ORDER BY seq`)
				return err
			})
			time.Sleep(5 * time.Millisecond)
		}
		end()
		bg.Wait()
		for i, s := range seqs {
			if s != int64(i+1) {
				t.Fatalf("gap at %d: %v", i, seqs)
			}
		}
		if len(seqs) != writers*each {
			t.Errorf("%d handled", len(seqs))
		}
	}
	t.Run("sqlite", func(t *testing.T) { run(t, dbtest.Open(t, dbtest.SQLite(t), activity.Schema)) })
	t.Run("postgres", func(t *testing.T) {
		dsn := dbtest.Postgres(t)
		run(t, dbtest.Open(t, dsn, activity.Schema), dbtest.Open(t, dsn))
	})
}

func TestFailingListenerWaitsAndBlocksOnlyItself(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		now := time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)
		d.SetClock(func() time.Time { return now })
		var got []string
		sick := true
		bad := activity.Listener{Name: "bad", Handle: func(context.Context, *db.Tx, []activity.Event) error {
			if sick {
				return errors.New("oops")
			}
			return nil
		}}
		log := activity.NewLog(d, slog.New(slog.DiscardHandler), heard("good", &got), bad)
		add(t, d, entry(1))
		if err := log.Drain(ctx); err == nil || !strings.Contains(err.Error(), "oops") {
			t.Fatalf("got %v", err)
		}
		lags := func() (l []activity.Lag) {
			view(t, d, func(tx *db.Tx) (err error) { l, err = activity.Lags(ctx, tx); return err })
			return l
		}
		i := slices.IndexFunc(lags(), func(l activity.Lag) bool { return l.Listener == "bad" })
		if i < 0 || lags()[i] != (activity.Lag{Listener: "bad", Behind: 1, Tries: 1, Error: "oops"}) {
			t.Fatalf("lags %+v", lags())
		}
		sick = false
		if err := log.Drain(ctx); err != nil { // it must wait: nothing happens
			t.Fatal(err)
		}
		now = now.Add(20 * time.Minute)
		if err := log.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		for _, l := range lags() {
			if l.Behind != 0 || l.Tries != 0 || l.Error != "" {
				t.Errorf("in the end %+v", l)
			}
		}
		if len(got) != 1 {
			t.Errorf("the good one heard %v", got)
		}
	}, activity.Schema)
}

func TestEraseKeepsTheEnvelope(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		e := entry(1)
		e.Note = "MARKER"
		add(t, d, e)
		activity.NewLog(d, slog.New(slog.DiscardHandler)).Drain(ctx)
		var before, after []activity.Event
		read := func(es *[]activity.Event) {
			view(t, d, func(tx *db.Tx) (err error) { *es, err = activity.Since(ctx, tx, 0, 10); return err })
		}
		read(&before)
		salt, body := before[0].Payload()
		if !strings.Contains(string(before[0].Envelope()), activity.Digest(salt, body)) {
			t.Error("the envelope does not hold the payload's digest")
		}
		if err := d.Update(ctx, func(tx *db.Tx) error {
			n, err := activity.Erase(ctx, tx, activity.ThePerson, activity.Filter{Actor: "p1"})
			if n != 1 {
				t.Errorf("erased %d", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := d.Update(ctx, func(tx *db.Tx) error {
			n, err := activity.Erase(ctx, tx, activity.ThePerson, activity.Filter{Actor: "p1"}, activity.Filter{Kind: "person", Record: "p1"})
			if n != 0 {
				t.Errorf("erased %d again", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		activity.NewLog(d, slog.New(slog.DiscardHandler)).Drain(ctx)
		read(&after)
		if !after[0].Erased || after[0].Note != "" || string(after[0].Envelope()) != string(before[0].Envelope()) {
			t.Errorf("after erasure %+v", after[0])
		}
		if len(after) != 2 {
			t.Fatalf("%d entries: one erasure is one entry, and none where nothing was left", len(after))
		}
		told := after[1]
		_, said := told.Payload()
		if told.Verb != activity.Erased || !told.Public || told.Erased || string(said) != `{"after":{"asked_by":"the person","entries":1}}` ||
			strings.Contains(string(told.Envelope())+string(said), "p1") {
			t.Errorf("the erasure is told as %s %s", told.Envelope(), said)
		}
	}, activity.Schema)
}
