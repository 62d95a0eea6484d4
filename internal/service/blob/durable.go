package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	cloud "gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
)

// errTaken is returned by keep when once is asked for and the key exists.
var errTaken = errors.New("blob: the key is taken")

// keep stores the file at temp under key, durably, and leaves temp gone or to
// be removed. once refuses to replace what is there.
func (s *Store) keep(ctx context.Context, temp, key, typ string, once bool) error {
	if s.folder != "" {
		return sayFull(s.keepFile(temp, key, once))
	}
	f, err := os.Open(temp)
	if err != nil {
		return err
	}
	defer f.Close()
	err = s.bucket.Upload(ctx, key, f, &cloud.WriterOptions{
		ContentType: typ, IfNotExist: once, DisableContentTypeDetection: true,
		BufferSize: 5 << 20, MaxConcurrency: 1,
	})
	if once && gcerrors.Code(err) == gcerrors.FailedPrecondition {
		return errTaken
	}
	return sayAway(err)
}

// keepFile moves a file that is flushed already into place and flushes its
// folder. Without the second flush a power cut forgets the name.
func (s *Store) keepFile(temp, key string, once bool) error {
	path := filepath.Join(s.folder, filepath.FromSlash(key))
	if err := makeDirs(s.folder, filepath.Dir(path)); err != nil {
		return err
	}
	if !once {
		if err := os.Rename(temp, path); err != nil {
			return err
		}
		return syncDir(filepath.Dir(path))
	}
	err := os.Link(temp, path)
	if errors.Is(err, os.ErrExist) {
		return errTaken
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// makeShards makes the 256 folders in which blobs are spread.
func makeShards(root string) error {
	base := filepath.Join(root, "sha256")
	if err := os.MkdirAll(base, 0o700); err != nil {
		return err
	}
	for i := range 256 {
		if err := os.Mkdir(filepath.Join(base, fmt.Sprintf("%02x", i)), 0o700); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	for dir := base; ; dir = filepath.Dir(dir) {
		if err := syncDir(dir); err != nil {
			return err
		}
		if dir == filepath.Dir(root) || dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// makeDirs makes dir and its parents below root, flushing each parent.
func makeDirs(root, dir string) error {
	if _, err := os.Stat(dir); err == nil || dir == root {
		return nil
	}
	parent := filepath.Dir(dir)
	if err := makeDirs(root, parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return syncDir(parent)
}

// syncDir flushes the names in a folder to disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// copyDurably writes r to a new file at path and flushes it.
func copyDurably(path string, r io.Reader) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o400)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.CopyBuffer(struct{ io.Writer }{f}, r, make([]byte, 256<<10)); err != nil {
		return err
	}
	return f.Sync()
}

// sayFull turns "no space left" into words.
func sayFull(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.New(fault.Full, "blob.full").Wrap(err)
	}
	return err
}

// sayAway turns what a store answers into db.ErrNotFound, fault.Unavailable or
// what it was.
func sayAway(err error) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case gcerrors.Code(err) == gcerrors.NotFound:
		return db.ErrNotFound
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return sayFull(err)
	}
	return fault.New(fault.Unavailable, "blob.away").Wrap(err)
}
