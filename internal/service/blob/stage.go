package blob

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// A stage is a folder in which something is made before it gets its name. It is
// locked while somebody works in it, so that several processes can share the
// folder it stands in, and what a dead one left behind is known: the lock goes
// with its process.
type stage struct {
	dir  string
	lock *os.File
}

// newStage makes a stage in dir, with a name that begins with prefix.
func newStage(dir, prefix string) (*stage, error) {
	for {
		path, err := os.MkdirTemp(dir, prefix)
		if err != nil {
			return nil, err
		}
		s, err := lockStage(path, syscall.LOCK_EX)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return s, err
		}
		// swept away between its making and its lock
	}
}

// lockStage takes the lock of a stage that is there once it has it.
func lockStage(path string, how int) (*stage, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		f.Close()
		return nil, err
	}
	if _, err := os.Stat(path); err != nil { // names are never used twice
		f.Close()
		return nil, err
	}
	return &stage{path, f}, nil
}

// new is the path of what is made.
func (s *stage) new() string { return filepath.Join(s.dir, "new") }

// close takes the stage away.
func (s *stage) close() error {
	return errors.Join(os.RemoveAll(s.dir), s.lock.Close())
}

// sweepStage removes a stage in which nobody works any more.
func sweepStage(path string) error {
	s, err := lockStage(path, syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK), errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	return s.close()
}
