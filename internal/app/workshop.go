package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"ceiba/internal/service/shelf"
)

// openShelf makes the workshop in which versions are built. On SQLite this
// process has the data folder to itself and clears out what an earlier one left;
// on PostgreSQL others may be at work beside it, so it has a folder of its own.
func (a *App) openShelf() (err error) {
	dir := filepath.Join(a.Store.Data, "work")
	if a.DB.Engine() == "postgres" {
		own, leave, err := ownFolder(dir)
		if err != nil {
			return fmt.Errorf("make the workshop: %w", err)
		}
		a.closers = append(a.closers, leave)
		dir = filepath.Join(own, "work")
	}
	if a.Shelf, err = shelf.New(a.DB, a.Blob, dir); err != nil {
		return err
	}
	a.closers = append(a.closers, func() error { a.Shelf.Close(); return nil })
	return nil
}

// ownFolder makes a folder below dir for this process alone, and removes those
// of processes that died. Each process holds a lock on its folder, which the
// kernel gives up however the process ends.
func ownFolder(dir string) (own string, leave func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, err
	}
	door, err := locked(dir, syscall.LOCK_EX) // one at a time: a folder is made and locked in two steps
	if err != nil {
		return "", nil, err
	}
	defer door.Close()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", nil, err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "node-") {
			continue
		}
		left, err := locked(filepath.Join(dir, e.Name()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != nil {
			continue // somebody is at work there
		}
		err = os.RemoveAll(left.Name())
		left.Close()
		if err != nil {
			return "", nil, err
		}
	}
	if own, err = os.MkdirTemp(dir, "node-"); err != nil {
		return "", nil, err
	}
	held, err := locked(own, syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		return "", nil, err
	}
	return own, func() error {
		defer held.Close()
		return os.RemoveAll(own)
	}, nil
}

// locked opens a folder and locks it until it is closed.
func locked(dir string, how int) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
