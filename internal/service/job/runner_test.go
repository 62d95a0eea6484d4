package job

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
)

func TestTwoNodesDoEachJobOnce(t *testing.T) {
	const jobs = 200
	run := func(t *testing.T, nodes ...*db.DB) {
		d := nodes[0]
		must(t, d.Update(t.Context(), func(tx *db.Tx) error {
			return tx.Script(t.Context(), `CREATE TABLE effect (job TEXT PRIMARY KEY, node TEXT)`)
		}))
		for i, d := range nodes {
			running(t, runner(t, d, fmt.Sprint("n", i), Kind{Name: "write", Concurrency: 4, MaxTries: 50, Run: func(ctx context.Context, r *Run) error {
				return d.Update(ctx, func(tx *db.Tx) error {
					if _, err := tx.Exec(ctx, `INSERT INTO effect VALUES ($1, $2)`, r.ID(), fmt.Sprint("n", i)); err != nil {
						return err
					}
					return r.Finish(ctx, tx)
				})
			}}))
		}
		for range jobs {
			enqueue(t, d, "write", Options{})
		}
		until(t, "all done", func() bool { return count(t, d, `SELECT count(*) FROM job WHERE state = 'done'`) == jobs })
		if n := count(t, d, `SELECT count(*) FROM effect`); n != jobs {
			t.Errorf("%d effects", n)
		}
		if n := count(t, d, `SELECT count(*) FROM job WHERE lost > 0`); n != 0 {
			t.Errorf("%d leases were lost", n)
		}
		if n := count(t, d, `SELECT count(DISTINCT node) FROM effect`); n != int64(len(nodes)) {
			t.Errorf("%d nodes took part", n)
		}
	}
	t.Run("sqlite", func(t *testing.T) { run(t, dbtest.Open(t, dbtest.SQLite(t), Schema)) })
	t.Run("postgres", func(t *testing.T) {
		dsn := dbtest.Postgres(t)
		run(t, dbtest.Open(t, dsn, Schema), dbtest.Open(t, dsn))
	})
}

// A process hangs in the middle of a job without extending its lease. Another
// takes the job; what the first writes meanwhile is refused.
func TestDeadProcess(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := turned(d)
		finish := func(ctx context.Context, r *Run) error {
			return d.Update(ctx, func(tx *db.Tx) error { return r.Finish(ctx, tx) })
		}
		began, wake, tried := make(chan bool), make(chan bool), make(chan bool)
		hung := runner(t, d, "hung", Kind{Name: "work", Run: func(ctx context.Context, r *Run) error {
			close(began)
			<-wake
			defer close(tried)
			if err := d.Update(ctx, func(tx *db.Tx) error { return r.Hold(ctx, tx) }); !errors.Is(err, db.ErrConflict) {
				t.Errorf("it still holds the job: %v", err)
			}
			if err := finish(ctx, r); !errors.Is(err, db.ErrConflict) {
				t.Errorf("it finishes the other's job: %v", err)
			}
			return errors.New("late")
		}})
		hung.beat = time.Hour
		stop := running(t, hung)
		id := enqueue(t, d, "work", Options{})
		<-began
		other := runner(t, d, "other", Kind{Name: "work", Run: func(ctx context.Context, r *Run) error {
			close(wake)
			<-tried
			stop() // what became of the late attempt is written, and changes nothing
			return finish(ctx, r)
		}})
		if d.Engine() == "postgres" { // on SQLite the first process is known to be gone
			must(t, other.Drain(t.Context()))
			if j := get(t, d, id); j.State != Running || j.Node != "hung" {
				t.Fatalf("its lease has not run out: %+v", j)
			}
			c.forward(2 * time.Minute)
		}
		must(t, other.Drain(t.Context()))
		if j := get(t, d, id); j.State != Done || j.Node != "other" || j.Tries != 2 || j.Error != "" {
			t.Errorf("%+v", j)
		}
	}, Schema)
}

// A job that was asked to stop does not go on when its process dies first.
func TestDeadProcessOfACancelledJob(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := turned(d)
		id := enqueue(t, d, "work", Options{})
		work := Kind{Name: "work", Run: func(context.Context, *Run) error { t.Error("it runs"); return nil }}
		if taken, err := runner(t, d, "n1", work).claim(t.Context()); err != nil || len(taken) != 1 { // and the process dies
			t.Fatal(taken, err)
		}
		must(t, d.Update(t.Context(), func(tx *db.Tx) error { return Cancel(t.Context(), tx, id) }))
		if j := get(t, d, id); j.State != Running || !j.Stopping {
			t.Errorf("%+v", j)
		}
		c.forward(2 * time.Minute)
		must(t, runner(t, d, "n2", work).Drain(t.Context()))
		if j := get(t, d, id); j.State != Cancelled || j.Stopping {
			t.Errorf("%+v", j)
		}
	}, Schema)
}

func TestHeartbeatKeepsALongJob(t *testing.T) {
	d := dbtest.Open(t, dbtest.Postgres(t), Schema)
	c := turned(d)
	began, wake := make(chan bool), make(chan bool)
	running(t, runner(t, d, "n1", Kind{Name: "long", Run: func(ctx context.Context, r *Run) error {
		close(began)
		<-wake
		return ctx.Err()
	}}))
	id := enqueue(t, d, "long", Options{})
	<-began
	other := runner(t, d, "n2", Kind{Name: "long", Run: func(context.Context, *Run) error { t.Error("taken over"); return nil }})
	for range 10 {
		c.forward(40 * time.Second)
		until(t, "lease extended", func() bool {
			return count(t, d, `SELECT lease_until FROM job WHERE id = $1`, id) >= c.now().Add(time.Minute).UnixMicro()
		})
		must(t, other.Drain(t.Context()))
	}
	close(wake)
	until(t, "done", func() bool { return get(t, d, id).State == Done })
}

func TestAJobThatKillsProcessesEnds(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := turned(d)
		id := enqueue(t, d, "bomb", Options{})
		for i := range maxLost {
			r := runner(t, d, fmt.Sprint("n", i), Kind{Name: "bomb", Run: func(context.Context, *Run) error { return nil }})
			c.forward(2 * time.Hour) // past the lease and the pause
			must(t, r.first(t.Context()))
			must(t, r.reap(t.Context(), false))
			c.forward(2 * time.Hour)
			taken, err := r.claim(t.Context()) // and here the process dies
			if must(t, err); len(taken) != 1 {
				t.Fatalf("round %d: took %d; %+v", i, len(taken), get(t, d, id))
			}
		}
		c.forward(2 * time.Hour)
		must(t, runner(t, d, "last", Kind{Name: "bomb", Run: func(context.Context, *Run) error { t.Error("once more"); return nil }}).Drain(t.Context()))
		if j := get(t, d, id); j.State != Dead || j.Why.Key != "job.lost" || j.Why.Args[1] != int64(maxLost) {
			t.Errorf("%+v", j)
		}
	}, Schema)
}

func TestStop(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		began := make(chan bool)
		deaf := make(chan bool)
		r := runner(t, d, "n1",
			Kind{Name: "quick", Run: func(_ context.Context, r *Run) error { began <- true; <-r.Stopping(); return nil }},
			Kind{Name: "long", Run: func(ctx context.Context, _ *Run) error { began <- true; <-ctx.Done(); return ctx.Err() }},
			Kind{Name: "deaf", Run: func(context.Context, *Run) error { began <- true; <-deaf; return nil }})
		r.Grace = 100 * time.Millisecond
		stop := running(t, r)
		var ids []string
		for _, k := range []string{"quick", "long", "deaf"} {
			ids = append(ids, enqueue(t, d, k, Options{}))
			<-began
		}
		stop()
		for i, want := range []State{Done, Queued, Queued} {
			j := get(t, d, ids[i])
			if j.State != want || want == Queued && (j.Tries != 0 || j.Why.Key != "job.put_back") {
				t.Errorf("%+v", j)
			}
		}
		close(deaf)
		until(t, "the deaf one ends", func() bool { return len(r.alive(nil)) == 0 })
		if j := get(t, d, ids[2]); j.State != Queued {
			t.Errorf("the deaf one wrote after all: %+v", j)
		}
	}, Schema)
}

// BenchmarkJob is one empty job from claim to done, 16 at a time. Measured on
// two shared cores: 0.24 ms on SQLite at synchronous=FULL, 0.45 ms on
// PostgreSQL 15.
func BenchmarkJob(b *testing.B) {
	for _, x := range []struct {
		name string
		open func(testing.TB) string
	}{{"sqlite", dbtest.SQLite}, {"postgres", dbtest.Postgres}} {
		b.Run(x.name, func(b *testing.B) {
			d := dbtest.Open(b, x.open(b), Schema)
			r := runner(b, d, "n1", Kind{Name: "k", Concurrency: 16, Run: func(context.Context, *Run) error { return nil }})
			must(b, d.Update(b.Context(), func(tx *db.Tx) error {
				for range b.N {
					if _, err := Enqueue(b.Context(), tx, "k", Options{}); err != nil {
						return err
					}
				}
				return nil
			}))
			b.ResetTimer()
			must(b, r.Drain(b.Context()))
		})
	}
}
