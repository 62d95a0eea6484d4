package shelf

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/job"
	"ceiba/internal/service/record"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, job.Schema, Schema}

var me = who.Actor{ID: "p1"}

type bench struct {
	*Shelf
	t    *testing.T
	jobs *job.Runner
}

func newBench(t *testing.T, d *db.DB) bench {
	t.Helper()
	b, err := blob.Open(t.Context(), t.TempDir(), blob.CacheIn(t.TempDir(), 1<<30))
	must(t, err)
	t.Cleanup(func() { b.Close() })
	s, err := New(d, b, t.TempDir()+"/work")
	must(t, err)
	t.Cleanup(s.Close)
	jobs, err := job.NewRunner(d, slog.New(slog.DiscardHandler), "test", s.Jobs(), nil)
	must(t, err)
	return bench{s, t, jobs}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (b bench) receive(text string) Version {
	b.t.Helper()
	ctx := b.t.Context()
	ref, err := b.blob.Put(ctx, strings.NewReader(text), blob.PutOptions{Name: "t.csv"})
	must(b.t, err)
	var v Version
	must(b.t, b.db.Update(ctx, func(tx *db.Tx) (err error) {
		v, err = Receive(ctx, tx, me, record.Ref{Kind: "thing", ID: "t1"}, ref, "t.csv", profile.Options{})
		return err
	}))
	return b.again(v)
}

// again lets the queue run and reads the version anew.
func (b bench) again(v Version) Version {
	b.t.Helper()
	b.jobs.Drain(b.t.Context()) // a failed version is what some tests look at
	must(b.t, b.db.View(b.t.Context(), func(tx *db.Tx) (err error) { v, err = Get(b.t.Context(), tx, v.ID); return err }))
	return v
}

func TestCorrectThenPublish(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, b := t.Context(), newBench(t, d)
		v := b.receive("code,n\n1,2\n2,3\n3,4\n")
		if v.State != Profiled || v.Profile.V.Columns[0].Type != table.Integer {
			t.Fatalf("received %s %+v", v.State, v.Profile.V)
		}
		update := func(fn func(tx *db.Tx) error) error { return d.Update(ctx, fn) }
		must(t, update(func(tx *db.Tx) error {
			return Correct(ctx, tx, me, v.ID, profile.Options{Declared: map[string]profile.Declared{"code": {Type: table.Text}}})
		}))
		if v = b.again(v); v.State != Profiled || v.Profile.V.Columns[0].Type != table.Text {
			t.Fatalf("corrected %s %+v", v.State, v.Profile.V.Columns[0])
		}
		must(t, update(func(tx *db.Tx) error { return Publish(ctx, tx, me, v.ID, "first") }))
		if err := update(func(tx *db.Tx) error { return Publish(ctx, tx, me, v.ID, "twice") }); fault.KindOf(err) != fault.Conflict {
			t.Errorf("published twice: %v", err)
		}
		if v = b.again(v); v.State != Published || v.N != 1 || !v.Derived || v.Note != "first" {
			t.Fatalf("published %+v", v)
		}
		if err := update(func(tx *db.Tx) error { return Correct(ctx, tx, me, v.ID, profile.Options{}) }); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a published version is corrected: %v", err)
		}
		must(t, d.View(ctx, func(tx *db.Tx) error {
			if _, waiting, err := Waiting(ctx, tx, v.Owner); waiting || err != nil {
				t.Errorf("something waits: %v", err)
			}
			cur, err := Current(ctx, tx, v.Owner)
			if cur.ID != v.ID {
				t.Error("it is not the current version")
			}
			return err
		}))
	}, schemas...)
}

func TestFailureSaysWhyAndKeepsTheFile(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		v := b.receive(strings.Repeat("\n", 50))
		if v.State != Failed || v.Fault.V == nil || !strings.HasPrefix(v.Fault.V.Key, "table.") {
			t.Fatalf("an empty file: %s %+v", v.State, v.Fault.V)
		}
		if _, err := b.blob.Stat(t.Context(), v.Original); err != nil {
			t.Errorf("the file is gone: %v", err)
		}
	}, schemas...)
}

// What an earlier process left in the workshop is cleared away, and a version
// that was being built when it died is built again.
func TestBuildAfterDeath(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), schemas...)
	ctx, b := t.Context(), newBench(t, d)
	v := b.receive("a,b\n1,2\n")
	must(t, d.Update(ctx, func(tx *db.Tx) error { return Publish(ctx, tx, me, v.ID, "") }))
	half := filepath.Join(b.dir, v.ID)
	must(t, os.MkdirAll(half, 0o700))
	must(t, os.WriteFile(filepath.Join(half, "rows.duckdb"), []byte("half"), 0o600))
	if v = b.again(v); v.State != Published {
		t.Fatalf("%s %+v", v.State, v.Fault.V)
	}
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Error("the workshop is not tidy")
	}
}

func TestLinkDir(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	must(t, os.WriteFile(filepath.Join(from, "a"), []byte("x"), 0o400))
	for range 2 { // again over what is there
		must(t, linkDir(from, to))
	}
	if text, err := os.ReadFile(filepath.Join(to, "a")); err != nil || string(text) != "x" {
		t.Errorf("%q %v", text, err)
	}
}
