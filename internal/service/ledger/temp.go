package ledger

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// tempPrefix begins the names of files that are being written.
const tempPrefix = ".ledger-"

// writeTemp writes a file beside path that is on disk when it returns. It is
// locked until done is called, which also takes it away if it still has its
// name: the lock goes with a process that dies, and so sweep knows what is left.
func writeTemp(path string, text []byte) (name string, done func(), err error) {
	f, err := os.CreateTemp(filepath.Dir(path), tempPrefix+"*") // mode 0600
	if err != nil {
		return "", nil, err
	}
	done = func() {
		os.Remove(f.Name())
		f.Close()
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	if err == nil {
		_, err = f.Write(text)
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		done()
		return "", nil, err
	}
	return f.Name(), done, nil
}

// sweep removes what a process that was killed left beside path.
func sweep(path string) error {
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), tempPrefix+"*"))
	for _, name := range left {
		err = errors.Join(err, sweepOne(name))
	}
	return err
}

func sweepOne(name string) error {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return nil // somebody writes it
	}
	return os.Remove(name)
}
