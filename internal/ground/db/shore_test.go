package db

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
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
	must(t, d.Update(t.Context(), func(*Tx) error { return nil })) // its blocks are written ahead
	syncs = make(chan chan error)
	d.group.shore.durable = true
	d.group.shore.data = func(*os.File) error {
		answer, ended := make(chan error), t.Context().Done()
		select {
		case syncs <- answer:
		case <-ended: // the test has failed
			return nil
		}
		select {
		case err := <-answer:
			return err
		case <-ended:
			return nil
		}
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

// What a reader says of data that is not on disk yet is held back also when it
// is an error.
func TestShoreHoldsBackErrors(t *testing.T) {
	d, syncs := openShore(t)
	ctx := t.Context()
	first := started(func() error { return d.Update(ctx, add(ctx, "a")) })
	one := <-syncs
	reader := started(func() error {
		return d.View(ctx, func(tx *Tx) error {
			n, err := Get(ctx, tx, One[int], `SELECT count(*) FROM item`)
			if n == 1 {
				return errOops
			}
			return err
		})
	})
	quiet(t, "an error", first, reader)
	one <- nil
	must(t, <-first)
	if err := <-reader; err != errOops {
		t.Errorf("reader: %v", err)
	}
}

// A process may die between COMMIT and the sync. What its successor finds is
// visible at once, and must be on disk before anybody is told.
func TestShoreSyncsWhatACrashLeft(t *testing.T) {
	d, syncs := openShore(t)
	ctx := t.Context()
	first := started(func() error { return d.Update(ctx, add(ctx, "a")) })
	one := <-syncs
	dir := t.TempDir()
	for _, end := range []string{"", "-wal"} { // by another process: one that closes the file gives up its locks
		must(t, exec.Command("cp", d.path+end, filepath.Join(dir, "test.db"+end)).Run())
	}
	one <- nil
	must(t, <-first)
	next, err := Open(ctx, filepath.Join(dir, "test.db"))
	must(t, err)
	t.Cleanup(func() { next.Close() })
	if next.group.shore.file == nil {
		t.Error("the log was not synced before it was read")
	}
	if got := stored(t, next); got != "a" {
		t.Errorf("the crash left %q", got)
	}
}

// Linux tells an error of the disk once for each open file. The sync of the
// blocks written ahead must not take it from that of a commit.
func TestShoreGrowsBetweenSyncs(t *testing.T) {
	d, syncs := openShore(t)
	ctx := t.Context()
	first := started(func() error { return d.Update(ctx, add(ctx, strings.Repeat("x", 1<<20))) })
	one := <-syncs
	ran := make(chan bool)
	second := started(func() error { return d.Update(ctx, func(*Tx) error { close(ran); return nil }) })
	select {
	case <-ran:
		t.Fatal("the blocks were synced beside the commit")
	case <-syncs:
		t.Fatal("two syncs at once")
	case <-time.After(50 * time.Millisecond):
	}
	one <- nil
	must(t, <-first)
	(<-syncs) <- syscall.ENOSPC
	if err := <-second; !errors.Is(err, ErrFull) || d.Broken() != nil {
		t.Errorf("no room for the blocks: %v, broken %v", err, d.Broken())
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

// locks says how many locks the process has on a file.
func locks(t *testing.T, path string) (n int) {
	t.Helper()
	st, err := os.Stat(path)
	must(t, err)
	table, err := os.ReadFile("/proc/locks")
	must(t, err)
	mine := fmt.Sprintf(" %d ", os.Getpid())
	inode := fmt.Sprintf(":%d ", st.Sys().(*syscall.Stat_t).Ino)
	for line := range strings.Lines(string(table)) {
		if strings.Contains(line, "POSIX") && strings.Contains(line, mine) && strings.Contains(line, inode) {
			n++
		}
	}
	return n
}

// A reader that outlasts Close keeps its lock on the database: without it
// another process could delete the log under it.
func TestCloseBesideAReader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	d, err := Open(t.Context(), path)
	must(t, err)
	d.lite.patience = 50 * time.Millisecond
	ctx := t.Context()
	must(t, d.Update(ctx, func(tx *Tx) error { return tx.Script(ctx, items) }))
	must(t, d.View(ctx, func(tx *Tx) error {
		_, err := Get(ctx, tx, One[int], `SELECT count(*) FROM item`)
		must(t, err)
		if locks(t, path) == 0 {
			t.Error("no lock to lose")
		}
		return d.View(ctx, func(*Tx) error { // a second one, for which it waits no longer
			must(t, d.Close())
			if locks(t, path) == 0 {
				t.Error("Close took the reader's lock")
			}
			return nil
		})
	}))
}

// After an error of the disk the log stays as it is for the next process: what
// was copied from it may not be in the database.
func TestBrokenKeepsTheLog(t *testing.T) {
	d := openGroup(t, items)
	ctx := t.Context()
	must(t, d.Update(ctx, add(ctx, "a")))
	d.copier.failed(syscall.EIO)
	if err := d.Update(ctx, add(ctx, "b")); !errors.Is(err, syscall.EIO) {
		t.Errorf("a write after it: %v", err)
	}
	must(t, d.Close())
	if _, err := os.Stat(d.group.shore.log); err != nil {
		t.Error(err)
	}
	if _, err := Open(ctx, d.path); !errors.Is(err, ErrInUse) {
		t.Errorf("opened by the same process: %v", err)
	}
}
