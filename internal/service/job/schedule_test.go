package job

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
)

func TestNext(t *testing.T) {
	now := time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC) // Tuesday, 06:00 in Belize
	for every, want := range map[string]string{
		"15m":              "2026-03-03T12:15:00Z",
		"1h30m":            "2026-03-03T13:30:00Z",
		"daily 06:00":      "2026-03-04T12:00:00Z",
		"daily 06:01":      "2026-03-03T12:01:00Z",
		"daily 23:30":      "2026-03-04T05:30:00Z",
		"weekly tue 06:00": "2026-03-10T12:00:00Z",
		"weekly tue 07:00": "2026-03-03T13:00:00Z",
		"weekly mon 06:00": "2026-03-09T12:00:00Z",
	} {
		at, err := Schedule{Every: every}.next(now)
		if err != nil || at.Format(time.RFC3339) != want {
			t.Errorf("%s: %s, want %s (%v)", every, at.Format(time.RFC3339), want, err)
		}
	}
	for _, bad := range []string{"", "daily", "daily 25:00", "weekly 06:00", "weekly xyz 06:00", "monthly 1 06:00", "-5m", "10ms", "daily 3pm"} {
		if at, err := (Schedule{Every: bad}).next(now); err == nil {
			t.Errorf("%q passes: %s", bad, at)
		}
	}
}

func TestScheduleFiresOnceInTheCluster(t *testing.T) {
	run := func(t *testing.T, nodes ...*db.DB) {
		var fired atomic.Int64
		kind := Kind{Name: "tick", Run: func(_ context.Context, r *Run) error {
			var s string
			if err := r.Args(&s); err != nil || s != "hello" {
				t.Errorf("args %q %v", s, err)
			}
			fired.Add(1)
			return nil
		}}
		var rs []*Runner
		c := turned(nodes[0])
		for _, d := range nodes {
			d.SetClock(c.now)
			r, err := NewRunner(d, slog.New(slog.DiscardHandler), "n", []Kind{kind}, []Schedule{{Name: "s", Kind: "tick", Every: "daily 06:30", Args: "hello"}})
			must(t, err)
			rs = append(rs, r)
			must(t, r.Drain(t.Context()))
		}
		for i, step := range []struct {
			forward time.Duration
			want    int64
		}{{29 * time.Minute, 0}, {time.Minute, 1}, {0, 1}, {23 * time.Hour, 1}, {time.Hour, 2}, {5 * 24 * time.Hour, 3}} {
			c.forward(step.forward)
			var wg sync.WaitGroup
			for _, r := range rs {
				wg.Go(func() {
					if err := r.Drain(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if fired.Load() != step.want {
				t.Errorf("step %d: fired %d times, want %d", i, fired.Load(), step.want)
			}
		}
		must(t, nodes[0].View(t.Context(), func(tx *db.Tx) error {
			ps, err := Schedules(t.Context(), tx)
			if len(ps) != 2 || ps[1].Name != "s" || ps[1].Last.IsZero() || !ps[1].Next.After(c.now()) {
				t.Errorf("%+v", ps)
			}
			return err
		}))
	}
	t.Run("sqlite", func(t *testing.T) { run(t, dbtest.Open(t, dbtest.SQLite(t), Schema)) })
	t.Run("postgres", func(t *testing.T) {
		dsn := dbtest.Postgres(t)
		run(t, dbtest.Open(t, dsn, Schema), dbtest.Open(t, dsn), dbtest.Open(t, dsn))
	})
}

func TestAChangedScheduleIsPlannedAnew(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		turned(d)
		for _, every := range []string{"daily 06:30", "15m"} {
			r, err := NewRunner(d, slog.New(slog.DiscardHandler), "n", []Kind{{Name: "k", Run: func(context.Context, *Run) error { return nil }}},
				[]Schedule{{Name: "s", Kind: "k", Every: every}})
			must(t, err)
			must(t, r.Drain(t.Context()))
		}
		if got := count(t, d, `SELECT next_at FROM job_schedule WHERE name = 's'`); got != time.Date(2026, 3, 3, 12, 15, 0, 0, time.UTC).UnixMicro() {
			t.Errorf("next at %s", time.UnixMicro(got).UTC())
		}
	}, Schema)
}

func TestNewRunnerRefuses(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), Schema)
	ok := Kind{Name: "k", Run: func(context.Context, *Run) error { return nil }}
	for name, x := range map[string]struct {
		kinds     []Kind
		schedules []Schedule
	}{
		"twice":        {[]Kind{ok, ok}, nil},
		"no function":  {[]Kind{{Name: "k"}}, nil},
		"unknown kind": {[]Kind{ok}, []Schedule{{Name: "s", Kind: "other", Every: "15m"}}},
		"bad time":     {[]Kind{ok}, []Schedule{{Name: "s", Kind: "k", Every: "sometimes"}}},
	} {
		if _, err := NewRunner(d, slog.New(slog.DiscardHandler), "n", x.kinds, x.schedules); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}
