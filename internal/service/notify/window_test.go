package notify

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/job"
)

type told struct {
	id, window string
	at         int64
	class      string
}

func (w *town) told(person string) []told {
	w.t.Helper()
	list, err := viewList(w, func(tx *db.Tx) ([]told, error) {
		return db.List(context.Background(), tx, func(x *told) []any { return []any{&x.id, &x.window, &x.at, &x.class} },
			`SELECT id, coalesce(window_id, ''), at, class FROM notify_item WHERE person = $1 ORDER BY id`, person)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

type span struct {
	id, class  string
	from, to   int64
	items, got int
}

func (w *town) windows(person string) []span {
	w.t.Helper()
	list, err := viewList(w, func(tx *db.Tx) ([]span, error) {
		return db.List(context.Background(), tx, func(x *span) []any { return []any{&x.id, &x.class, &x.from, &x.to, &x.items, &x.got} },
			`SELECT id, class, from_at, to_at, items, (SELECT count(*) FROM notify_item i WHERE i.window_id = v.id)
			FROM notify_window v WHERE person = $1 ORDER BY class, from_at`, person)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// whole checks that windows follow on each other without gap or overlap, and
// hold what they say.
func (w *town) whole(person string) {
	w.t.Helper()
	last := map[string]int64{}
	for _, s := range w.windows(person) {
		if s.from != last[s.class] || s.to <= s.from || s.items != s.got || s.items == 0 {
			w.t.Errorf("window %+v after %d", s, last[s.class])
		}
		last[s.class] = s.to
	}
}

func TestDailyAndWeeklyLetters(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, nil)
		ana, ben := w.person("ana"), w.person("ben")
		w.choose(ben, map[string]Frequency{"followed": Weekly})
		w.follow["t1/x"] = []string{ana, ben}
		for range 6 { // Tuesday to Sunday
			w.happens("thing.changed", "t1/x", "system:x", true)
			w.drain()
			w.clock.leap(24 * time.Hour)
			w.drain()
		}
		if n := len(w.windows(ana)); n != 6 {
			t.Errorf("ana has %d letters after six days", n)
		}
		if n := len(w.windows(ben)); n != 1 || w.windows(ben)[0].items != 6 {
			t.Errorf("ben: %+v", w.windows(ben))
		}
		w.whole(ana)
		w.whole(ben)
	}, schemas...)
}

// The boundary belongs to the next window: [last, now).
func TestWindowIsHalfOpen(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, nil)
		ana := w.person("ana")
		at := noon.Add(time.Hour)
		d.SetClock(func() time.Time { return at })
		put := func(n int) {
			w.update(func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `INSERT INTO notify_item (id, person, event, topic, direct, class, verb, record_kind, record, actor, at)
					VALUES ($1, $2, $1, 'followed', FALSE, 'daily', 'thing.changed', 'thing', 't1/x', 'x', $3)`, fmt.Sprint("i", n), ana, at.UnixMicro())
				return err
			})
		}
		closeIt := func() (left bool) {
			w.update(func(tx *db.Tx) (err error) { left, err = w.closeWindow(t.Context(), tx, ana, Daily); return err })
			return left
		}
		put(1)
		if left := closeIt(); !left || len(w.windows(ana)) != 0 {
			t.Fatal("an item of this very moment is in the window that ends now")
		}
		at = at.Add(time.Microsecond)
		put(2)
		if left := closeIt(); !left || len(w.windows(ana)) != 1 {
			t.Fatal(w.windows(ana))
		}
		if left := closeIt(); !left || len(w.windows(ana)) != 1 {
			t.Fatal("closed twice in one moment")
		}
		at = at.Add(time.Microsecond)
		if left := closeIt(); left || len(w.windows(ana)) != 2 {
			t.Fatal(w.windows(ana))
		}
		w.whole(ana)
	}, schemas...)
}

// At any choice, in any order of events, changes of mind, nights, digests and
// repeated jobs, every item that is not off leaves in exactly one window.
func TestNothingLostOrTwice(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) { randomWeek(t, d, seed) }, schemas...)
		})
	}
}

func randomWeek(t *testing.T, d *db.DB, seed uint64) {
	dice := rand.New(rand.NewPCG(seed, 7))
	w := newTown(t, d, nil)
	ana := w.person(fmt.Sprint("ana", seed))
	thing := fmt.Sprintf("t%d/%s", seed, ana)
	w.follow[thing] = []string{ana}
	want := 0
	off := false
	for range 60 {
		switch dice.IntN(6) {
		case 0, 1:
			w.happens("thing.changed", thing, "system:x", true)
			if !off {
				want++
			}
			w.drain()
		case 2:
			w.happens("thing.answered", thing, "system:x", true)
			want++
			w.drain()
		case 3:
			w.clock.leap(time.Duration(dice.IntN(20)) * time.Hour)
			w.drain()
		case 4: // a change of mind moves what waits; off keeps it from leaving
			f := Frequencies[dice.IntN(4)]
			off = f == Off
			w.choose(ana, map[string]Frequency{"followed": f})
			w.drain()
		case 5: // jobs run again out of turn
			w.update(func(tx *db.Tx) error {
				for _, c := range []Frequency{Daily, Weekly, Now} {
					if _, err := w.closeWindow(t.Context(), tx, ana, c); err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
	w.clock.leap(15 * 24 * time.Hour)
	w.drain()
	items := w.told(ana)
	if len(items) != want {
		t.Fatalf("%d items, want %d", len(items), want)
	}
	for _, x := range items {
		if x.window == "" && x.class != string(Off) {
			t.Errorf("never sent: %+v", x)
		}
	}
	w.whole(ana)
}

// Two nodes close windows while news comes in.
func TestWindowsClosedAtOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, nil)
		ana := w.person("ana")
		ctx := t.Context()
		var all sync.WaitGroup
		const writers, each = 3, 20
		for n := range writers {
			all.Go(func() {
				for i := range each {
					if err := d.Update(ctx, func(tx *db.Tx) error {
						_, err := tx.Exec(ctx, `INSERT INTO notify_item (id, person, event, topic, direct, class, verb, record_kind, record, actor, at)
							VALUES ($1, $2, $1, 'followed', FALSE, 'daily', 'thing.changed', 'thing', 't1/x', 'x', $3)`,
							fmt.Sprintf("i%d-%d", n, i), ana, tx.Now.UnixMicro())
						return err
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 3 {
			all.Go(func() {
				for range each {
					d.Update(ctx, func(tx *db.Tx) error { // the loser of a race gives way, as its job would
						_, err := w.closeWindow(ctx, tx, ana, Daily)
						return err
					})
				}
			})
		}
		all.Wait()
		w.update(func(tx *db.Tx) error { _, err := w.closeWindow(ctx, tx, ana, Daily); return err })
		sum := 0
		for _, s := range w.windows(ana) {
			sum += s.items
		}
		if sum != writers*each {
			t.Errorf("%d in letters, want %d", sum, writers*each)
		}
		w.whole(ana)
	}, schemas...)
}

func TestNightIsQuiet(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, nil)
		ana, ben := w.person("ana"), w.person("ben")
		if err := w.Choose(t.Context(), actorOf(ben), Choices{Mail: true, Quiet: false}); err != nil {
			t.Fatal(err)
		}
		w.clock.set(time.Date(2026, 3, 3, 22, 0, 0, 0, i18n.Belize))
		w.happens("thing.answered", "t1/"+ana, "system:x", true)
		w.happens("thing.answered", "t2/"+ben, "system:x", true)
		w.drain()
		if len(w.windows(ana)) != 0 || len(w.inbox(ana)) != 1 {
			t.Error("ana is woken, or her inbox waits too")
		}
		if len(w.windows(ben)) != 1 {
			t.Error("ben, who wants it, is not woken")
		}
		w.clock.set(time.Date(2026, 3, 4, 6, 58, 0, 0, i18n.Belize))
		w.drain()
		if len(w.windows(ana)) != 0 {
			t.Error("woken before seven")
		}
		w.clock.set(time.Date(2026, 3, 4, 7, 0, 1, 0, i18n.Belize))
		w.drain()
		if n := len(w.windows(ana)); n != 1 {
			t.Errorf("%d letters in the morning", n)
		}
	}, schemas...)
}

func TestPurgeKeepsTheLastWindow(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), schemas...)
	w := newTown(t, d, nil)
	ana := w.person("ana")
	for range 2 {
		w.happens("thing.answered", "t1/"+ana, "system:x", true)
		w.drain()
		w.clock.leap(time.Hour)
	}
	w.clock.leap(keepItems + 48*time.Hour)
	w.drain()
	if len(w.told(ana)) != 0 || len(w.windows(ana)) != 1 {
		t.Errorf("%v %v", w.told(ana), w.windows(ana))
	}
	if jobs, err := viewList(w, func(tx *db.Tx) ([]job.Job, error) { return job.List(t.Context(), tx, job.Filter{State: job.Dead}, 10) }); err != nil || len(jobs) != 0 {
		t.Error(jobs, err)
	}
}
