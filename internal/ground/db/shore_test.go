package db

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// openShore opens a database whose syncs wait for the test: each takes what it
// returns from the channel.
func openShore(t *testing.T) (d *DB, syncs chan chan error) {
	t.Helper()
	d, err := Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	must(t, err)
	t.Cleanup(func() { d.Close() })
	must(t, d.Update(t.Context(), func(tx *Tx) error { return tx.Script(t.Context(), items) }))
	syncs = make(chan chan error)
	d.group.shore.durable = true
	d.group.shore.data = func(*os.File) error {
		answer := make(chan error)
		syncs <- answer
		return <-answer
	}
	return d, syncs
}

func started(fn func() error) chan error {
	told := make(chan error, 1)
	go func() { told <- fn() }()
	return told
}

func quiet(t *testing.T, what string, told ...chan error) {
	t.Helper()
	time.Sleep(20 * time.Millisecond)
	for _, c := range told {
		select {
		case err := <-c:
			t.Fatalf("%s: told %v before the disk had it", what, err)
		default:
		}
	}
}

// While one commit is on its way to the disk, the next group runs, and neither
// the writers nor a reader hear anything before theirs is there.
func TestShoreTellsNobodyEarly(t *testing.T) {
	d, syncs := openShore(t)
	ctx := t.Context()
	count := func() error {
		return d.View(ctx, func(tx *Tx) error {
			n, err := Get(ctx, tx, One[int], `SELECT count(*) FROM item`)
			if n != 1 {
				err = errors.Join(err, errOops)
			}
			return err
		})
	}
	first := started(func() error { return d.Update(ctx, add(ctx, "a")) })
	one := <-syncs
	ran := make(chan bool)
	second := started(func() error {
		return d.Update(ctx, func(tx *Tx) error { close(ran); return add(ctx, "b")(tx) })
	})
	<-ran // beside the first commit's sync
	reader := started(count)
	quiet(t, "first commit", first, second, reader)
	one <- nil
	must(t, <-first)
	must(t, <-reader)
	two := <-syncs
	quiet(t, "second commit", second)
	two <- nil
	must(t, <-second)
	if d.group.shore.landed.Load() != d.group.shore.announced.Load() {
		t.Error("a commit has not landed")
	}
}

// When the disk refuses, nobody knows what is on it: all are told so, the group
// that waited behind is rolled back, and nothing more is written.
func TestShoreLost(t *testing.T) {
	d, syncs := openShore(t)
	ctx := t.Context()
	bad := errors.New("input/output error")
	first := started(func() error { return d.Update(ctx, add(ctx, "a")) })
	one := <-syncs
	ran := make(chan bool)
	second := started(func() error {
		return d.Update(ctx, func(tx *Tx) error { close(ran); return add(ctx, "b")(tx) })
	})
	<-ran
	reader := started(func() error {
		return d.View(ctx, func(tx *Tx) error { _, err := Get(ctx, tx, One[int], `SELECT count(*) FROM item`); return err })
	})
	quiet(t, "reader", reader)
	one <- bad
	for i, told := range []chan error{first, second, reader} {
		if err := <-told; !errors.Is(err, bad) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if err := d.Update(ctx, add(ctx, "c")); !errors.Is(err, bad) || !errors.Is(d.Broken(), bad) {
		t.Errorf("a write after it: %v", err)
	}
}

// The log is copied into the database beside the writers, and begins anew.
func TestCopier(t *testing.T) {
	d := openGroup(t, `CREATE TABLE big (n INTEGER PRIMARY KEY, text BLOB)`)
	ctx := t.Context()
	log := d.group.shore.log
	for round := range 4 { // each writes some 20 MB
		must(t, d.Update(ctx, func(tx *Tx) error {
			for n := range 20 {
				if _, err := tx.Exec(ctx, `INSERT INTO big VALUES ($1, randomblob(1000000)) ON CONFLICT (n) DO UPDATE SET text = excluded.text`, n); err != nil {
					return err
				}
			}
			return nil
		}))
		if round == 0 {
			continue
		}
		time.Sleep(copyPause + 300*time.Millisecond)
	}
	st, err := os.Stat(log)
	must(t, err)
	if st.Size() > 50<<20 {
		t.Errorf("the log has grown to %d MB", st.Size()>>20)
	}
}
