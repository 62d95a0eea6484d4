//go:build !linux

package db

import "os"

// syncData brings a file to disk.
func syncData(f *os.File) error { return f.Sync() }
