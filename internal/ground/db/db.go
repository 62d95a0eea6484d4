package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Errors that every caller may test for, whatever the engine.
var (
	ErrNotFound = errors.New("not found")
	ErrConflict = errors.New("edit conflict")    // somebody changed the row since it was read
	ErrExists   = errors.New("already exists")   // a unique index says so
	ErrFull     = errors.New("the disk is full") // nothing was written
	ErrAway     = errors.New("the database is away")
	// ErrDoubt is the ErrAway of a COMMIT that was sent and never answered: what
	// was written may be there or not.
	ErrDoubt = fmt.Errorf("%w: nobody knows whether this was written", ErrAway)
	// ErrNested is returned by Update when it is called from the function of
	// another Update, for which it would wait for ever.
	ErrNested = errors.New("db: Update inside Update")
)

// processors is how many there are to run on: what a server sets for itself later
// (package tune) is about threads.
var processors = runtime.GOMAXPROCS(0)

// DB is a handle on the database, safe for concurrent use.
type DB struct {
	eng    engine
	pool   *sql.DB   // PostgreSQL: everything. SQLite: what migrations use
	lite   *litePool // SQLite readers; nil on PostgreSQL
	group  *group    // SQLite writer; nil on PostgreSQL
	copier *copier   // SQLite's log into its database; nil on PostgreSQL
	lock   *lockFile // SQLite: this process owns the file
	now    atomic.Pointer[func() time.Time]
	wakes  wakes
	path   string

	ran       atomic.Int64
	broken    atomic.Pointer[error] // a commit failed in a way that leaves its outcome unknown
	closeOnce sync.Once
}

// engine holds what differs between the two databases.
type engine struct {
	name     string
	rebind   func(string) string
	classify func(error) errClass
}

type errClass int

const (
	classOther errClass = iota
	classUnique
	classRetry
	classFull
	classAway
)

// Open opens the database at dsn: a postgres:// URL, or the path of a SQLite
// file, which is made if it does not exist.
func Open(ctx context.Context, dsn string) (*DB, error) {
	d := &DB{path: dsn}
	d.SetClock(time.Now)
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return d, d.openPostgres(ctx, dsn)
	}
	return d, d.openSQLite(ctx, dsn)
}

// Engine returns "sqlite" or "postgres".
func (d *DB) Engine() string { return d.eng.name }

// Ran is how many statements transactions have run since the database was
// opened, to tell what a page costs from what it shows.
func (d *DB) Ran() int64 { return d.ran.Load() }

// SetClock replaces the clock behind Tx.Now; tests turn it.
func (d *DB) SetClock(now func() time.Time) { d.now.Store(&now) }

// Now reads the clock behind Tx.Now, in UTC, to the microsecond.
func (d *DB) Now() time.Time { return (*d.now.Load())().UTC().Truncate(time.Microsecond) }

// Close waits for running transactions and closes every connection.
func (d *DB) Close() error {
	var err error
	d.closeOnce.Do(func() {
		d.wakes.close()
		if d.lite != nil {
			err = d.closeSQLite()
		} else {
			err = d.pool.Close()
		}
	})
	return err
}

// kept is what stays open until the process ends; without it the garbage
// collector would close the files.
var kept sync.Map

// closeSQLite closes the database, but for what must stay open:
//   - After an error of the disk, everything. The last connection to go copies
//     the log into the database and deletes it, on the word of a disk that has
//     just failed. The next process reads the log from its beginning.
//   - While a reader goes on, the file of the copier: closing it would give up
//     the reader's lock, and with it that of every connection opened later in
//     this process.
func (d *DB) closeSQLite() error {
	d.copier.stop()
	if d.Broken() != nil {
		kept.Store(d, true)
		return nil
	}
	d.group.close()
	all := d.lite.close()
	err := d.pool.Close()
	if all {
		err = errors.Join(err, d.copier.close())
	} else {
		kept.Store(d, true)
	}
	return errors.Join(err, d.lock.release())
}

// Ping reports whether the database answers and takes writes.
func (d *DB) Ping(ctx context.Context) error {
	if p := d.broken.Load(); p != nil {
		return *p
	}
	return d.wrap(d.View(ctx, func(tx *Tx) error {
		_, err := Get(ctx, tx, One[int], `SELECT 1`)
		return err
	}))
}

// View runs fn in a read-only transaction: one consistent snapshot. A long
// View holds back SQLite's checkpoints, so exports page by key instead.
func (d *DB) View(ctx context.Context, fn func(*Tx) error) error {
	if d.lite != nil {
		return d.lite.view(ctx, d, fn)
	}
	return d.runPostgres(ctx, viewing, fn)
}

// Update runs fn in a read-write transaction, and returns when the outcome is
// on disk. The engine may ask for a retry, so fn may run more than once: it
// must have no effect outside the database (Tx.OnCommit is for those).
//
// On SQLite, callers share transactions (see group). Two rules follow, and both
// are right for PostgreSQL too:
//   - fn must wait for nothing but the database: no lock, channel or network.
//     A caller whose fn has returned still waits for the shared commit, so
//     whatever it holds (a mutex, say) fn must not need.
//   - fn must not call Update. SQLite answers ErrNested.
func (d *DB) Update(ctx context.Context, fn func(*Tx) error) error {
	return d.update(ctx, updating, fn)
}

// Claim is Update for taking work from a queue: on PostgreSQL it runs at READ
// COMMITTED, where workers that lock rows one by one (Tx.SkipLocked) do not
// make each other try again. It keeps no other invariant than those locks.
func (d *DB) Claim(ctx context.Context, fn func(*Tx) error) error {
	return d.update(ctx, claiming, fn)
}

func (d *DB) update(ctx context.Context, o *sql.TxOptions, fn func(*Tx) error) error {
	const tries = 8
	if p := d.broken.Load(); p != nil {
		return *p
	}
	var err error
	for i := range tries {
		var done *Tx
		keep := func(tx *Tx) error { done = tx; return fn(tx) }
		if d.group != nil {
			err = d.group.update(ctx, d, keep)
		} else {
			err = d.runPostgres(ctx, o, keep)
		}
		if err == nil {
			done.committed()
			return nil
		}
		if d.eng.classify(err) != classRetry {
			return d.wrap(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(backoff(i)):
		}
	}
	return fmt.Errorf("gave up after %d tries: %w", tries, err)
}

// wrap marks the classes of error that callers test for. An error that is
// marked already passes unchanged.
func (d *DB) wrap(err error) error {
	if err == nil || errors.Is(err, ErrFull) || errors.Is(err, ErrAway) || errors.Is(err, ErrExists) {
		return err
	}
	switch d.eng.classify(err) {
	case classFull:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case classAway:
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	return err
}

// Broken returns the error that ended writing, or nil. After a failed COMMIT
// with an I/O error nobody knows what is on disk, so the process should stop
// and find out by starting again.
func (d *DB) Broken() error {
	if p := d.broken.Load(); p != nil {
		return *p
	}
	return nil
}
