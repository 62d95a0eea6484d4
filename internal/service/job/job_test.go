package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
)

// clock is a clock that tests turn.
type clock struct{ at atomic.Int64 }

func turned(d *db.DB) *clock {
	c := &clock{}
	c.at.Store(time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC).UnixMicro()) // a Tuesday, 06:00 in Belize
	d.SetClock(c.now)
	return c
}

func (c *clock) now() time.Time          { return time.UnixMicro(c.at.Load()).UTC() }
func (c *clock) forward(d time.Duration) { c.at.Add(d.Microseconds()) }

func runner(t testing.TB, d *db.DB, node string, kinds ...Kind) *Runner {
	t.Helper()
	r, err := NewRunner(d, slog.New(slog.DiscardHandler), node, kinds, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.poll, r.beat, r.Grace = 5*time.Millisecond, 5*time.Millisecond, 0
	return r
}

// running runs r until the function that it returns is called.
func running(t testing.TB, r *Runner) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { r.Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	t.Cleanup(stop)
	return stop
}

func enqueue(t testing.TB, d *db.DB, kind string, o Options) (id string) {
	t.Helper()
	must(t, d.Update(t.Context(), func(tx *db.Tx) (err error) {
		id, err = Enqueue(t.Context(), tx, kind, o)
		return err
	}))
	return id
}

func get(t testing.TB, d *db.DB, id string) (j Job) {
	t.Helper()
	must(t, d.View(t.Context(), func(tx *db.Tx) (err error) { j, err = Get(t.Context(), tx, id); return err }))
	return j
}

// until polls for something that another goroutine brings about.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 3000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("never: " + what)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func count(t testing.TB, d *db.DB, q string, args ...any) (n int64) {
	t.Helper()
	must(t, d.View(t.Context(), func(tx *db.Tx) (err error) {
		n, err = db.Get(t.Context(), tx, db.One[int64], q, args...)
		return err
	}))
	return n
}

func TestRunsWithWhatItWasGiven(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		var got []string
		r := runner(t, d, "n1", Kind{Name: "greet", Run: func(ctx context.Context, r *Run) error {
			var args struct{ Name string }
			if err := r.Args(&args); err != nil {
				return err
			}
			kind, record := r.Record()
			got = append(got, args.Name, r.Actor(), kind, record, fmt.Sprint(r.Tries()))
			return nil
		}})
		id := enqueue(t, d, "greet", Options{Args: map[string]string{"Name": "Ana"}, Actor: "p1", RecordKind: "dataset", Record: "d1"})
		later := enqueue(t, d, "greet", Options{Args: map[string]string{"Name": "Bo"}, At: d.Now().Add(time.Hour)})
		must(t, r.Drain(t.Context()))
		if want := []string{"Ana", "p1", "dataset", "d1", "1"}; !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
		if j := get(t, d, id); j.State != Done || j.Ended.IsZero() || j.Node != "n1" {
			t.Errorf("%+v", j)
		}
		if j := get(t, d, later); j.State != Queued {
			t.Errorf("the later one: %+v", j)
		}
		must(t, d.View(t.Context(), func(tx *db.Tx) error {
			js, err := List(t.Context(), tx, Filter{RecordKind: "dataset", Record: "d1"}, 10)
			if len(js) != 1 || js[0].ID != id {
				t.Errorf("list %+v", js)
			}
			return err
		}))
	}, Schema)
}

func TestRolledBackEnqueueLeavesNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		oops := errors.New("oops")
		if err := d.Update(t.Context(), func(tx *db.Tx) error {
			if _, err := Enqueue(t.Context(), tx, "x", Options{}); err != nil {
				return err
			}
			return oops
		}); !errors.Is(err, oops) {
			t.Fatal(err)
		}
		if n := count(t, d, `SELECT count(*) FROM job`); n != 0 {
			t.Errorf("%d jobs", n)
		}
	}, Schema)
}

func TestFailuresArePausedAndCounted(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := turned(d)
		runs := 0
		r := runner(t, d, "n1", Kind{Name: "sick", MaxTries: 3, Run: func(context.Context, *Run) error {
			runs++
			if runs == 2 {
				panic("oh dear")
			}
			return errors.New("broken pipe to p@example.org")
		}})
		id := enqueue(t, d, "sick", Options{})
		for try := 1; try <= 3; try++ {
			if err := r.Drain(t.Context()); err == nil {
				t.Fatal("a failed job makes no error")
			}
			j := get(t, d, id)
			if j.Tries != try || runs != try {
				t.Fatalf("try %d: %+v", try, j)
			}
			if try == 3 {
				break
			}
			wait := j.Due.Sub(c.now())
			if full := 5 * time.Second << (try - 1); j.State != Queued || wait < full/2 || wait > full {
				t.Errorf("after try %d: %s, waits %s", try, j.State, wait)
			}
			must(t, r.Drain(t.Context())) // it must wait: nothing happens
			c.forward(wait)
		}
		j := get(t, d, id)
		if j.State != Dead || j.Why.Key != "job.failed" || !strings.Contains(j.Error, "broken pipe") || j.Ended.IsZero() {
			t.Errorf("in the end %+v", j)
		}
		must(t, d.Update(t.Context(), func(tx *db.Tx) error { return Retry(t.Context(), tx, id) }))
		if j := get(t, d, id); j.State != Queued || j.Tries != 0 || j.Error != "" || !j.Ended.IsZero() {
			t.Errorf("started again: %+v", j)
		}
	}, Schema)
}

func TestWhatNoTryCanMendEndsAtOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		for _, x := range []struct {
			err  error
			want Phrase
		}{
			{fmt.Errorf("no such store: %w", ErrGiveUp), Phrase{Key: "job.failed"}},
			{fault.New(fault.Invalid, "table.empty", "rows", 0, "name", "a.csv"), Phrase{"table.empty", []any{"rows", int64(0), "name", "a.csv"}}},
			{fault.Fields{{Name: "title", Key: "fault.required"}}, Phrase{Key: "fault.required"}},
			{fmt.Errorf("load: %w", fault.New(fault.TooLarge, "table.big").Wrap(ErrGiveUp)), Phrase{Key: "table.big"}},
		} {
			r := runner(t, d, "n1", Kind{Name: "bad", Run: func(context.Context, *Run) error { return x.err }})
			id := enqueue(t, d, "bad", Options{})
			r.Drain(t.Context())
			j := get(t, d, id)
			if j.State != Dead || j.Tries != 1 || fmt.Sprint(j.Why) != fmt.Sprint(x.want) {
				t.Errorf("%v: %+v", x.err, j)
			}
		}
		r := runner(t, d, "n1", Kind{Name: "args", Run: func(_ context.Context, r *Run) error { var n int; return r.Args(&n) }})
		id := enqueue(t, d, "args", Options{Args: "text"})
		r.Drain(t.Context())
		if j := get(t, d, id); j.State != Dead {
			t.Errorf("wrong arguments: %+v", j)
		}
	}, Schema)
}

func TestTimeout(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		r := runner(t, d, "n1", Kind{Name: "slow", Timeout: time.Millisecond, Run: func(ctx context.Context, _ *Run) error {
			<-ctx.Done()
			return ctx.Err()
		}})
		id := enqueue(t, d, "slow", Options{})
		r.Drain(t.Context())
		if j := get(t, d, id); j.State != Queued || j.Tries != 1 || j.Why.Key != "job.timeout" {
			t.Errorf("%+v", j)
		}
	}, Schema)
}

func TestAgainCountsNoTry(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := turned(d)
		runs := 0
		r := runner(t, d, "n1", Kind{Name: "wait", MaxTries: 1, Run: func(context.Context, *Run) error {
			if runs++; runs < 4 {
				return Again(time.Minute)
			}
			return nil
		}})
		id := enqueue(t, d, "wait", Options{})
		for i := range 4 {
			r.Drain(t.Context())
			if runs != i+1 {
				t.Fatalf("%d runs in round %d", runs, i)
			}
			c.forward(time.Minute)
		}
		if j := get(t, d, id); j.State != Done || j.Tries != 1 {
			t.Errorf("%+v", j)
		}
	}, Schema)
}

func TestUnique(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ids := make([]string, 16)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() { ids[i] = enqueue(t, d, "index", Options{Unique: "dataset d1"}) })
		}
		wg.Wait()
		if len(slices.Compact(slices.Clone(ids))) != 1 {
			t.Fatalf("several jobs: %v", ids)
		}
		if enqueue(t, d, "other", Options{Unique: "dataset d1"}) == ids[0] {
			t.Error("another kind shares the key")
		}
		var inside string
		r := runner(t, d, "n1", Kind{Name: "index", Run: func(context.Context, *Run) error {
			inside = enqueue(t, d, "index", Options{Unique: "dataset d1"})
			return nil
		}})
		must(t, r.Drain(t.Context()))
		if inside != ids[0] {
			t.Error("a running job does not keep its key")
		}
		if enqueue(t, d, "index", Options{Unique: "dataset d1"}) == ids[0] {
			t.Error("a job that is done keeps its key")
		}
	}, Schema)
}

func TestCancel(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		cancel := func(id string) error {
			return d.Update(t.Context(), func(tx *db.Tx) error { return Cancel(t.Context(), tx, id) })
		}
		waiting := enqueue(t, d, "long", Options{At: d.Now().Add(time.Hour)})
		must(t, cancel(waiting))
		if j := get(t, d, waiting); j.State != Cancelled || j.Ended.IsZero() || j.Why.Key != "job.cancelled" {
			t.Errorf("waiting: %+v", j)
		}
		began := make(chan bool, 1)
		r := runner(t, d, "n1", Kind{Name: "long", Run: func(ctx context.Context, _ *Run) error {
			began <- true
			<-ctx.Done()
			return ctx.Err()
		}})
		r.beat = time.Hour // the hint alone must do
		running(t, r)
		id := enqueue(t, d, "long", Options{})
		<-began
		must(t, cancel(id))
		until(t, "cancelled", func() bool { return get(t, d, id).State == Cancelled })
		var f *fault.Error
		if err := cancel(id); !errors.As(err, &f) || f.Kind != fault.Conflict {
			t.Errorf("cancelled twice: %v", err)
		}
		if err := cancel("nobody"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("unknown: %v", err)
		}
		must(t, d.Update(t.Context(), func(tx *db.Tx) error { return Retry(t.Context(), tx, id) }))
		<-began
		must(t, cancel(id))
	}, Schema)
}

func TestProgress(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		first, more := make(chan bool), make(chan bool)
		r := runner(t, d, "n1", Kind{Name: "load", Run: func(ctx context.Context, r *Run) error {
			r.Progress(ctx, 1, 1000, "table.reading", "n", 1)
			<-first
			for i := range int64(1000) {
				r.Progress(ctx, i+1, 1000, "table.reading", "n", i+1)
			}
			<-more
			return nil
		}})
		r.pace = time.Hour
		id := enqueue(t, d, "load", Options{})
		moved, quiet := d.Waiting(TopicOf(id))
		defer quiet()
		running(t, r)
		until(t, "the first is written at once", func() bool { return get(t, d, id).Done == 1 })
		<-moved
		close(first)
		if j := get(t, d, id); j.Done != 1 || j.Total != 1000 || fmt.Sprint(j.Words) != "{table.reading [n 1]}" {
			t.Errorf("in between %+v", j)
		}
		close(more)
		until(t, "done", func() bool { return get(t, d, id).State == Done })
		if j := get(t, d, id); j.Done != 1000 || j.Words.Args[1] != int64(1000) {
			t.Errorf("in the end %+v", j)
		}
	}, Schema)
}

func TestPriorityAgesAndKindsDoNotStarve(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := turned(d)
		var got []string
		note := func(_ context.Context, r *Run) error {
			var s string
			r.Args(&s)
			got = append(got, s)
			return nil
		}
		r := runner(t, d, "n1", Kind{Name: "a", Run: note})
		enqueue(t, d, "a", Options{Args: "old"})
		c.forward(25 * time.Minute)
		enqueue(t, d, "a", Options{Args: "new", Priority: 1})
		enqueue(t, d, "a", Options{Args: "urgent", Priority: 3})
		enqueue(t, d, "a", Options{Args: "whenever", Priority: -9})
		must(t, r.Drain(t.Context()))
		if want := []string{"urgent", "old", "new", "whenever"}; !slices.Equal(got, want) {
			t.Errorf("order %v", got)
		}
		block, began := make(chan bool), make(chan bool)
		r = runner(t, d, "n1",
			Kind{Name: "heavy", Run: func(context.Context, *Run) error { began <- true; <-block; return nil }},
			Kind{Name: "light", Run: func(context.Context, *Run) error { close(block); return nil }})
		for range 2 {
			enqueue(t, d, "heavy", Options{Priority: 9})
		}
		running(t, r)
		<-began
		enqueue(t, d, "light", Options{}) // passes the one that waits
		<-began
	}, Schema)
}

func TestClaimUsesItsIndex(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), Schema)
	must(t, d.View(t.Context(), func(tx *db.Tx) error {
		type step struct {
			a, b, c int
			text    string
		}
		plan, err := db.List(t.Context(), tx, func(s *step) []any { return []any{&s.a, &s.b, &s.c, &s.text} },
			`EXPLAIN QUERY PLAN SELECT id FROM job WHERE `+waiting("$1", 2, 3)+` ORDER BY rank, id LIMIT 5`, "x", 1, 1)
		if len(plan) != 1 || !strings.Contains(plan[0].text, "job_due (kind=? AND rank<?)") {
			t.Errorf("plan %+v", plan)
		}
		return err
	}))
}

func TestPurge(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := turned(d)
		r := runner(t, d, "n1", Kind{Name: "ok", Run: func(context.Context, *Run) error { return nil }},
			Kind{Name: "bad", Run: func(context.Context, *Run) error { return ErrGiveUp }})
		done, dead := enqueue(t, d, "ok", Options{}), enqueue(t, d, "bad", Options{})
		r.Drain(t.Context())
		waiting := enqueue(t, d, "nobody knows", Options{})
		c.forward(30 * 24 * time.Hour)
		must(t, r.Drain(t.Context())) // fires the schedule that purges
		left := func(id string) bool { return count(t, d, `SELECT count(*) FROM job WHERE id = $1`, id) == 1 }
		if left(done) || !left(dead) || !left(waiting) {
			t.Errorf("done %t, dead %t, waiting %t", left(done), left(dead), left(waiting))
		}
		c.forward(90 * 24 * time.Hour)
		must(t, r.Drain(t.Context()))
		if left(dead) || !left(waiting) {
			t.Errorf("later: dead %t, waiting %t", left(dead), left(waiting))
		}
		must(t, d.View(t.Context(), func(tx *db.Tx) error {
			cs, err := Counts(t.Context(), tx)
			if i := slices.IndexFunc(cs, func(c Count) bool { return c.Kind == "nobody knows" }); i < 0 || cs[i].Jobs != 1 || cs[i].Oldest.IsZero() {
				t.Errorf("counts %+v", cs)
			}
			return err
		}))
	}, Schema)
}

func TestWordsAreWhole(t *testing.T) {
	c := i18n.NewCatalog()
	must(t, c.Add("job", Words))
	if en, es := c.Keys("en"), c.Keys("es"); !slices.Equal(en, es) {
		t.Errorf("en %v, es %v", en, es)
	}
	for _, s := range []State{Queued, Running, Done, Dead, Cancelled} {
		if !c.For("es").Has("job.state." + string(s)) {
			t.Errorf("no word for %s", s)
		}
	}
	p := parsePhrase(Phrase{"job.lost", []any{"n", 10}}.text())
	if got := c.For("en").T(p.Key, p.Args...); !strings.Contains(got, " 10 times") {
		t.Errorf("got %q", got)
	}
}
