package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"
)

// SQLite copies its write-ahead log into the database when the log has grown,
// and by itself does so inside somebody's COMMIT, with everybody waiting for
// two syncs and thousands of pages: at 5,000 writes a second a stall of 30 ms
// twice a second, which is what the slowest of a hundred callers then takes.
// copier does it on a connection of its own, beside the writer.
type copier struct {
	pool  *sql.DB
	file  *os.File             // the database; see close
	data  func(*os.File) error // syncData; a test breaks it
	group *group
	dirty chan struct{} // holds something after a commit
	end   context.CancelFunc
	ended sync.WaitGroup
}

// copyPause is how long commits gather before they are copied: pages that many
// of them changed are copied once.
const copyPause = 500 * time.Millisecond

// copyPages is from how many pages in the log (of 4 KiB) on the copier also
// holds the writer for a moment, to copy the last of them. Only when all are
// copied does SQLite begin the log anew.
const copyPages = 4000

// backstopPages is where SQLite copies inside a COMMIT after all.
const backstopPages = 64_000

func newCopier(path string, g *group) (*copier, error) {
	pool, err := sql.Open("sqlite3", sqliteDSN(path, true))
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	ctx, end := context.WithCancel(context.Background())
	c := &copier{pool: pool, file: file, data: syncData, group: g, dirty: make(chan struct{}, 1), end: end}
	c.ended.Go(func() { c.run(ctx) })
	return c, nil
}

// committed tells the copier that there is something to do.
func (c *copier) committed() {
	select {
	case c.dirty <- struct{}{}:
	default:
	}
}

func (c *copier) run(ctx context.Context) {
	for {
		select {
		case <-c.dirty:
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(copyPause):
		case <-ctx.Done():
			return
		}
		if c.copy(ctx) >= copyPages {
			// While others write, SQLite leaves what it copied unsynced. Done here,
			// nobody waits for it; the last pages are then a matter of a moment.
			if err := c.data(c.file); err != nil {
				c.failed(fmt.Errorf("sync the database: %w", err))
			}
			c.group.hold(func() { c.copy(ctx) })
		}
	}
}

// copy copies what no reader holds back, and returns how many pages the log
// has. What it could not copy stays in the log for the next time; what may be
// the reason, such as a full disk, is told by the next COMMIT. If a sync fails,
// pages that SQLite takes for copied may be on no disk, and the next sync says
// that all is well. The log still has them, so it must not begin anew.
func (c *copier) copy(ctx context.Context) (pages int) {
	if c.group.d.Broken() != nil {
		return 0
	}
	var busy, copied int
	if err := c.pool.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &copied); err != nil {
		var e sqlite3.Error
		if errors.As(err, &e) && (e.ExtendedCode == sqlite3.ErrIoErrFsync || unsure(err)) {
			c.failed(fmt.Errorf("copy the log: %w", err))
		}
		return 0
	}
	return pages
}

// failed ends writing.
func (c *copier) failed(err error) { c.group.d.broken.Store(&err) }

// stop ends the copying.
func (c *copier) stop() {
	c.end()
	c.ended.Wait()
}

// close is for when every connection is closed: closing a file gives up the
// locks that the process has on it, and SQLite's are on this one.
func (c *copier) close() error { return errors.Join(c.pool.Close(), c.file.Close()) }
