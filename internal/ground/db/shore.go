package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
)

// shore makes SQLite's commits durable. SQLite itself would write a commit and
// sync it in one go, with everybody waiting (synchronous=FULL). Here it only
// writes it (NORMAL), and shore syncs the write-ahead log beside the next group,
// which runs meanwhile: on a disk that takes 1 ms this is a third more writes a
// second, and on a slow one twice as many.
//
// What it must not change is the promise: nobody is told of a write, neither the
// one who made it nor one who reads it, before it is on disk. So the writer
// announces a commit before SQLite makes it visible, and a reader who may have
// seen a commit that is announced and not yet landed waits for it to land.
type shore struct {
	log       string               // path of the write-ahead log
	durable   bool                 // false for the tests and gates that want no sync
	data      func(*os.File) error // syncData; tests hold and break it
	file      *os.File
	blocks    int64 // up to where the file has blocks
	announced atomic.Int64
	landed    atomic.Int64

	lost atomic.Pointer[error] // why a commit did not land: nothing is certain any more

	mu    sync.Mutex
	moved chan struct{} // closed when landed grows, and replaced
}

func newShore(path string) *shore {
	return &shore{log: path + "-wal", durable: Synchronous == "FULL", data: syncData, moved: make(chan struct{})}
}

// announce tells readers that a commit is about to be seen.
func (s *shore) announce() int64 { return s.announced.Add(1) }

// land tells them that commit n, and all before it, are on disk or rolled back.
func (s *shore) land(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.landed.Store(n)
	close(s.moved)
	s.moved = make(chan struct{})
}

// seen waits until all that a reader may have seen is on disk.
func (s *shore) seen(ctx context.Context) error {
	for want := s.announced.Load(); s.landed.Load() < want; {
		s.mu.Lock()
		moved := s.moved
		s.mu.Unlock()
		if s.landed.Load() >= want {
			break // between the two looks
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if lost := s.lost.Load(); lost != nil {
		return *lost
	}
	return nil
}

// start opens the log and brings it to disk. A process that died may have left
// commits in it that were not synced yet, and readers see them at once.
func (s *shore) start() error {
	if !s.durable {
		return nil
	}
	// A file of our own is safe: SQLite's locks are on the database and its
	// -shm, and closing a file gives up only the locks on that very file.
	f, err := os.OpenFile(s.log, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nothing was written yet
	}
	if err != nil {
		return err
	}
	s.file, s.blocks = f, 0
	return s.sync()
}

// ready prepares the log for a group that has begun and written nothing yet:
// only then does nobody else write to the file. sailing is closed when the
// group before it is on disk.
//
// It keeps the log's blocks ahead of what SQLite writes. A write into a block
// that the file has already is on disk once its bytes are; one that makes the
// file grow also needs the file system's journal, which takes several times as
// long. What stands after the last commit means nothing to SQLite, whether it is
// left from an earlier round or zero.
func (s *shore) ready(sailing <-chan struct{}) error {
	if s.file == nil {
		if err := s.start(); err != nil {
			return err
		}
		if s.file == nil {
			return fmt.Errorf("%s: %w", s.log, fs.ErrNotExist)
		}
	}
	st, err := s.file.Stat()
	if err != nil || st.Size() <= s.blocks || st.Size() >= mostBlocks {
		return err
	}
	// Linux tells an error of the disk once for each open file: our sync must not
	// take it from the one that a commit waits for.
	<-sailing
	zeros := make([]byte, leastBlocks)
	to := min(max(leastBlocks, 2*st.Size()), mostBlocks)
	for s.blocks = st.Size(); s.blocks < to; {
		n, err := s.file.WriteAt(zeros[:min(leastBlocks, to-s.blocks)], s.blocks)
		s.blocks += int64(n)
		if err != nil {
			break // a full disk is SQLite's to tell
		}
	}
	if err = s.data(s.file); errors.Is(err, syscall.ENOSPC) {
		err = fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// leastBlocks and mostBlocks bound what ready adds to the log, in bytes. The
// copier begins the log anew long before it is so large.
const leastBlocks, mostBlocks = 256 << 10, 64 << 20

// sync brings the log to disk.
func (s *shore) sync() error {
	if err := s.data(s.file); err != nil {
		return fmt.Errorf("sync %s: %w", s.log, err)
	}
	return nil
}

// close forgets the log, which SQLite deletes with its last connection.
func (s *shore) close() {
	if s.file != nil {
		s.file.Close()
		s.file = nil
	}
}
