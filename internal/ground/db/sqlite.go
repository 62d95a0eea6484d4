package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"github.com/mattn/go-sqlite3" // registers "sqlite3"
)

var sqlite = engine{name: "sqlite", rebind: toQuestion, classify: classifySQLite}

func classifySQLite(err error) errClass {
	var e sqlite3.Error
	switch {
	case errors.Is(err, errGroupLost):
		return classRetry
	case !errors.As(err, &e):
		return classOther
	case e.ExtendedCode == sqlite3.ErrConstraintPrimaryKey, e.ExtendedCode == sqlite3.ErrConstraintUnique:
		return classUnique
	case e.Code == sqlite3.ErrBusy: // and its extended codes, such as SQLITE_BUSY_SNAPSHOT
		return classRetry
	case e.Code == sqlite3.ErrFull:
		return classFull
	case e.Code == sqlite3.ErrIoErr && e.SystemErrno == 28: // ENOSPC
		return classFull
	}
	return classOther
}

func (d *DB) openSQLite(ctx context.Context, path string) error {
	d.eng = sqlite
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if err := refuseNetworkFS(filepath.Dir(abs)); err != nil {
		return err
	}
	if d.lock, err = lockDatabase(abs); err != nil {
		return err
	}
	if d.pool, err = sql.Open("sqlite3", sqliteDSN(abs, true)); err != nil {
		return err
	}
	d.pool.SetMaxOpenConns(1)
	shore := newShore(abs)
	writer, err := openWriter(ctx, d.pool)
	if err == nil {
		err = shore.start()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("open %s: %w", abs, err), d.pool.Close(), d.lock.release())
	}
	// Migrations borrow the same connection through pool while nothing else
	// runs; afterwards the writer keeps it for good.
	d.group = newGroup(d, writer, shore)
	d.lite = newLitePool(abs, shore)
	if d.copier, err = newCopier(abs, d.group); err != nil {
		d.group.close()
		return errors.Join(err, d.pool.Close(), d.lock.release())
	}
	d.group.wrote = d.copier.committed
	return nil
}

// sqliteDSN builds the connection string. busy_timeout comes first: the other
// pragmas may have to wait for a reader of a crashed process's WAL.
func sqliteDSN(path string, writer bool) string {
	q := url.Values{
		"_busy_timeout": {"5000"},
		"_journal_mode": {"WAL"},
		"_synchronous":  {pragmaSynchronous()},
		"_foreign_keys": {"1"},
		"_cache_size":   {"-16000"},
		"_mutex":        {"no"}, // one goroutine at a time has a connection
	}
	if writer {
		q.Set("_txlock", "immediate")
	} else {
		q.Set("_query_only", "1")
	}
	file := (&url.URL{Path: path}).EscapedPath() // a '?' or '%' in a path is not a parameter
	return "file:" + file + "?" + q.Encode()
}

// Synchronous says when commits reach the disk, in the words of SQLite's
// pragma. It is FULL: an acknowledged write survives a power cut. The power-cut
// gate also sets it to NORMAL, to show that it can tell the difference.
var Synchronous = "FULL"

// pragmaSynchronous is what SQLite itself is told: of FULL the last part, the
// sync after each commit, is done by shore. At NORMAL SQLite still syncs where
// the order of writes matters, before and after it copies the log into the
// database.
func pragmaSynchronous() string {
	if Synchronous == "FULL" {
		return "NORMAL"
	}
	return Synchronous
}

// liteConn is one SQLite connection with its prepared statements. Preparing is
// a third of the cost of a small query (BenchmarkGet: 11 µs with, 17 without).
type liteConn struct {
	c     *sql.Conn
	stmts map[string]*sql.Stmt
	raw   driver.ConnPrepareContext // of c
	execs map[string]driver.StmtExecContext
	args  []driver.NamedValue // of the statement that runs
}

func openLite(ctx context.Context, p *sql.DB) (*liteConn, error) {
	c, err := p.Conn(ctx)
	if err != nil {
		return nil, err
	}
	l := &liteConn{c: c, stmts: map[string]*sql.Stmt{}, execs: map[string]driver.StmtExecContext{}}
	err = c.Raw(func(raw any) error {
		l.raw = raw.(driver.ConnPrepareContext)
		return nil
	})
	return l, err
}

// openWriter opens the one connection that writes. What a savepoint would
// restore is kept in memory: a caller of a group touches some twenty pages, and
// from 64 KiB on SQLite writes them to a temporary file.
func openWriter(ctx context.Context, p *sql.DB) (*liteConn, error) {
	w, err := openLite(ctx, p)
	if err != nil {
		return nil, err
	}
	if _, err := w.c.ExecContext(ctx, fmt.Sprintf("PRAGMA wal_autocheckpoint = %d; PRAGMA temp_store = MEMORY", backstopPages)); err != nil {
		w.drop()
		return nil, err
	}
	return w, nil
}

// maxStatements bounds the cache; queries built from filters must not fill
// memory with texts that are never seen again.
const maxStatements = 400

func (l *liteConn) prepare(ctx context.Context, q string) (*sql.Stmt, error) {
	if s, ok := l.stmts[q]; ok {
		return s, nil
	}
	if len(l.stmts) >= maxStatements {
		l.forget()
	}
	s, err := l.c.PrepareContext(ctx, q)
	if err != nil {
		return nil, err
	}
	l.stmts[q] = s
	return s, nil
}

func (l *liteConn) forget() {
	for q, s := range l.stmts {
		s.Close()
		delete(l.stmts, q)
	}
	for q, s := range l.execs {
		s.(driver.Stmt).Close()
		delete(l.execs, q)
	}
}

// ExecContext runs one prepared statement. It asks the driver and not database/sql,
// whose locks are for connections that several goroutines share: 2 µs and 0.5 KB
// for each statement, of which a write has four.
func (l *liteConn) ExecContext(ctx context.Context, q string, args ...any) (sql.Result, error) {
	s, ok := l.execs[q]
	if !ok {
		if len(l.execs) >= maxStatements {
			l.forget()
		}
		made, err := l.raw.PrepareContext(ctx, q)
		if err != nil {
			return nil, err
		}
		s = made.(driver.StmtExecContext)
		l.execs[q] = s
	}
	l.args = l.args[:0]
	for i, a := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
		l.args = append(l.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	defer func() { clear(l.args) }()
	return s.ExecContext(ctx, l.args)
}

// QueryContext runs one prepared query.
func (l *liteConn) QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	s, err := l.prepare(ctx, q)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// litePool hands out reading connections. They have no database/sql
// transaction: BEGIN and COMMIT are cached statements like any other.
type litePool struct {
	db    *sql.DB
	shore *shore
	free  chan *liteConn
	size  int

	patience time.Duration // how long close waits for readers
}

func newLitePool(path string, s *shore) *litePool {
	n := max(4, 2*processors)
	p, err := sql.Open("sqlite3", sqliteDSN(path, false))
	if err != nil {
		panic(err) // the driver is registered: cannot happen
	}
	p.SetMaxOpenConns(n)
	p.SetMaxIdleConns(n)
	l := &litePool{db: p, shore: s, free: make(chan *liteConn, n), size: n, patience: 5 * time.Second}
	for range n {
		l.free <- nil // opened when first needed
	}
	return l
}

// view runs fn on one snapshot, and returns when all it may have seen is on
// disk: what is shown to one person must not be gone for the next. An error may
// say what was seen too.
func (l *litePool) view(ctx context.Context, d *DB, fn func(*Tx) error) error {
	err := l.snapshot(ctx, d, fn)
	if seen := l.shore.seen(ctx); seen != nil {
		return seen
	}
	return err
}

func (l *litePool) snapshot(ctx context.Context, d *DB, fn func(*Tx) error) (err error) {
	var c *liteConn
	select {
	case c = <-l.free:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { l.free <- c }()
	if c == nil {
		if c, err = openLite(ctx, l.db); err != nil {
			return d.wrap(err)
		}
	}
	background := context.WithoutCancel(ctx)
	if _, err := c.ExecContext(background, "BEGIN"); err != nil {
		c.drop()
		c = nil
		return d.wrap(err)
	}
	defer func() {
		if _, end := c.ExecContext(background, "ROLLBACK"); end != nil && err == nil {
			c.drop()
			c = nil
		}
	}()
	return fn(d.newTx(c, nil))
}

func (l *liteConn) drop() {
	l.forget()
	l.c.Close()
}

// close waits for the readers, and reports whether all have ended.
func (l *litePool) close() bool {
	late, stop := context.WithTimeout(context.Background(), l.patience)
	defer stop()
	ended := 0
	for ; ended < l.size; ended++ {
		c, ok := l.take(late)
		if !ok {
			break
		}
		if c != nil {
			c.drop()
		}
	}
	l.db.Close()
	return ended == l.size
}

// take waits for a connection, and takes one that is free although it is late.
func (l *litePool) take(late context.Context) (*liteConn, bool) {
	select {
	case c := <-l.free:
		return c, true
	default:
	}
	select {
	case c := <-l.free:
		return c, true
	case <-late.Done():
		return nil, false
	}
}
