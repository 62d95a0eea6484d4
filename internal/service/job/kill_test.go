package job

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
)

const childDSN = "CEIBA_JOB_TEST_CHILD"

// TestKilledProcesses kills real processes (SIGKILL) in the middle of their
// work, four times, each time starting another. In the end every job is done
// and its effect is there exactly once. Each job writes two steps, the second
// with Finish, and sleeps in between, so that most kills hit a job half done.
func TestKilledProcesses(t *testing.T) {
	if dsn := os.Getenv(childDSN); dsn != "" {
		child(t, dsn)
		return
	}
	const jobs = 40
	run := func(t *testing.T, dsn string) {
		d := dbtest.Open(t, dsn, Schema)
		must(t, d.Update(t.Context(), func(tx *db.Tx) error {
			return tx.Script(t.Context(), `CREATE TABLE effect (job TEXT, step BIGINT, PRIMARY KEY (job, step))`)
		}))
		for range jobs {
			enqueue(t, d, "two steps", Options{})
		}
		must(t, d.Close()) // the SQLite file belongs to one process
		for round := range 5 {
			cmd := exec.Command(os.Args[0], "-test.run=^TestKilledProcesses$")
			cmd.Env = append(os.Environ(), childDSN+"="+dsn)
			cmd.Stderr = os.Stderr
			out, err := cmd.StdoutPipe()
			must(t, err)
			must(t, cmd.Start())
			if round < 4 {
				for range 6 { // it writes a byte at each beginning
					if _, err := out.Read(make([]byte, 1)); err != nil {
						break
					}
				}
				must(t, cmd.Process.Kill())
				cmd.Wait()
				continue
			}
			for _, err = out.Read(make([]byte, 64)); err == nil; _, err = out.Read(make([]byte, 64)) {
			}
			must(t, cmd.Wait())
		}
		d = dbtest.Open(t, dsn)
		if n := count(t, d, `SELECT count(*) FROM job WHERE state = 'done'`); n != jobs {
			t.Errorf("%d done", n)
		}
		for step := range 2 {
			all := count(t, d, `SELECT count(*) FROM effect WHERE step = $1`, step)
			if each := count(t, d, `SELECT count(DISTINCT job) FROM effect WHERE step = $1`, step); all != jobs || each != jobs {
				t.Errorf("step %d: %d effects of %d jobs", step, all, each)
			}
		}
		if n := count(t, d, `SELECT count(*) FROM job WHERE lost > 0`); n == 0 {
			t.Error("no kill hit a job: this run proves nothing")
		}
	}
	t.Run("sqlite", func(t *testing.T) { run(t, dbtest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { run(t, dbtest.Postgres(t)) })
}

// child works until everything is done or it is killed.
func child(t *testing.T, dsn string) {
	d := dbtest.Open(t, dsn, Schema)
	r := runner(t, d, "child", Kind{Name: "two steps", Concurrency: 3, Lease: 500 * time.Millisecond, Run: func(ctx context.Context, r *Run) error {
		os.Stdout.Write([]byte("."))
		first := func(tx *db.Tx) error {
			if err := r.Hold(ctx, tx); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `INSERT INTO effect (job, step) VALUES ($1, 0) ON CONFLICT DO NOTHING`, r.ID())
			return err
		}
		if err := d.Update(ctx, first); err != nil {
			return err
		}
		time.Sleep(5 * time.Millisecond)
		return d.Update(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO effect (job, step) VALUES ($1, 1)`, r.ID()); err != nil {
				return err
			}
			return r.Finish(ctx, tx)
		})
	}})
	left := func() int64 { return count(t, d, `SELECT count(*) FROM job WHERE state IN ('queued', 'running')`) }
	for range 600 {
		if err := r.Drain(t.Context()); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
		}
		if left() == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%d jobs are left", left())
}
