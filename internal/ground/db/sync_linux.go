package db

import (
	"os"
	"syscall"
)

// syncData brings a file's bytes to disk, and of what is known about it only
// what reading them needs.
func syncData(f *os.File) error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); err != syscall.EINTR {
			return err
		}
	}
}
