package blob

import (
	"container/list"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sync/singleflight"

	"ceiba/internal/ground/db"
)

// Local returns the path of a file on this machine, for code that needs one
// (SQLite, DuckDB). The file must not be written to. It stays until release is
// called. Bytes fetched from S3 have been checked against sha.
func (s *Store) Local(ctx context.Context, sha string) (path string, release func(), err error) {
	if !Valid(sha) {
		return "", nil, db.ErrNotFound
	}
	if s.folder != "" {
		if _, err := os.Stat(s.path(sha)); err != nil {
			return "", nil, missing(err)
		}
		return s.path(sha), func() {}, nil
	}
	return s.cache.get(ctx, sha, func(ctx context.Context, dst string) error { return s.fetch(ctx, sha, dst) })
}

func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return db.ErrNotFound
	}
	return err
}

// fetch copies a blob to a new file at dst: by a second name for the same
// bytes where the file system can, else by reading and checking them.
func (s *Store) fetch(ctx context.Context, sha, dst string) error {
	if s.folder != "" {
		err := os.Link(s.path(sha), dst)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			return missing(err)
		}
	}
	r, err := s.Open(ctx, sha)
	if err != nil {
		return err
	}
	defer r.Close()
	return sayFull(copyDurably(dst, r))
}

// cache keeps files and folders of files on this machine, the least recently
// used going first. What somebody holds is never removed.
type cache struct {
	dir    string
	max    int64
	flight singleflight.Group

	mu    sync.Mutex
	total int64
	items map[string]*item
	order *list.List // of *item, the most recently used in front
}

type item struct {
	name string
	size int64
	pins int
	at   *list.Element
}

// openCache takes over what an earlier process left in dir, and leaves alone
// what another is filling.
func openCache(dir string, max int64) (*cache, error) {
	c := &cache{dir: dir, max: max, items: map[string]*item{}, order: list.New()}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case Valid(strings.TrimPrefix(e.Name(), dirPrefix)):
			c.add(e.Name(), diskSize(path))
		case strings.HasPrefix(e.Name(), fillPrefix):
			if err := sweepStage(path); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

const (
	dirPrefix  = "dir-"  // a folder made from a manifest
	fillPrefix = "fill-" // not complete yet
)

// diskSize returns the bytes that path alone occupies: files with a second
// name cost nothing here.
func diskSize(path string) int64 {
	var n int64
	filepath.WalkDir(path, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return nil
		}
		if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Nlink == 1 {
			n += info.Size()
		}
		return nil
	})
	return n
}

// get returns the path of name, made by fill if it is not here. Callers who
// want the same name wait for one fill; one who goes away does not stop it.
func (c *cache) get(ctx context.Context, name string, fill func(ctx context.Context, dst string) error) (string, func(), error) {
	for {
		if path, release, ok := c.pin(name); ok {
			return path, release, nil
		}
		done := c.flight.DoChan(name, func() (any, error) {
			return nil, c.fill(context.WithoutCancel(ctx), name, fill)
		})
		select {
		case <-ctx.Done():
			return "", nil, ctx.Err()
		case res := <-done:
			if res.Err != nil {
				return "", nil, res.Err
			}
		}
	}
}

func (c *cache) fill(ctx context.Context, name string, fill func(ctx context.Context, dst string) error) error {
	stage, err := newStage(c.dir, fillPrefix)
	if err != nil {
		return sayFull(err)
	}
	defer stage.close()
	if err := fill(ctx, stage.new()); err != nil {
		return err
	}
	if err := os.Rename(stage.new(), filepath.Join(c.dir, name)); err != nil && !errors.Is(err, fs.ErrExist) && !errors.Is(err, syscall.ENOTEMPTY) {
		return err
	}
	c.add(name, diskSize(filepath.Join(c.dir, name)))
	return nil
}

// pin takes hold of name if it is here.
func (c *cache) pin(name string) (string, func(), bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	it, ok := c.items[name]
	if !ok {
		return "", nil, false
	}
	path := filepath.Join(c.dir, name)
	if _, err := os.Lstat(path); err != nil { // somebody emptied the folder
		c.drop(it)
		return "", nil, false
	}
	it.pins++
	c.order.MoveToFront(it.at)
	var once sync.Once
	return path, func() { once.Do(func() { c.unpin(it) }) }, true
}

func (c *cache) unpin(it *item) {
	c.mu.Lock()
	defer c.mu.Unlock()
	it.pins--
	c.shrink(nil)
}

func (c *cache) add(name string, size int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.items[name]; ok {
		return
	}
	it := &item{name: name, size: size}
	it.at = c.order.PushFront(it)
	c.items[name] = it
	c.total += size
	c.shrink(it)
}

// shrink removes what nobody holds until the rest fits, sparing one item.
func (c *cache) shrink(spare *item) {
	for at := c.order.Back(); at != nil && c.total > c.max; {
		it := at.Value.(*item)
		at = at.Prev()
		if it.pins == 0 && it != spare {
			os.RemoveAll(filepath.Join(c.dir, it.name))
			c.drop(it)
		}
	}
}

func (c *cache) drop(it *item) {
	if c.items[it.name] == it {
		delete(c.items, it.name)
		c.order.Remove(it.at)
		c.total -= it.size
	}
}

// forget removes name for good; whoever has it open reads on.
func (c *cache) forget(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if it, ok := c.items[name]; ok {
		os.RemoveAll(filepath.Join(c.dir, name))
		c.drop(it)
	}
}

// adopt takes a file that has just been stored, to save fetching it.
func (c *cache) adopt(name, path string, size int64) error {
	if err := os.Link(path, filepath.Join(c.dir, name)); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	c.add(name, size)
	return nil
}
