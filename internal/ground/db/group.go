package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"
)

// errGroupLost tells a caller that SQLite rolled back its whole group because
// of another caller's statement. Nothing was kept, so Update tries again.
var errGroupLost = errors.New("transaction lost with its group")

// group is group commit for SQLite: callers of update that arrive while a
// commit is being written to disk share the next one, so that the cost of
// reaching the disk is paid once for all of them.
//
// What it promises each caller is what a transaction of its own would:
//   - Functions run one at a time, each in a SAVEPOINT and on its caller's
//     goroutine: the result is that of running them in the order they started.
//   - A function that fails, panics or exits its goroutine leaves no trace in
//     the database and none in the other callers' outcomes.
//   - No caller is told anything, not even its own error, before the commit is
//     on disk, because what it saw may have been written by the others. If the
//     commit fails, every caller of the group gets that error instead.
//   - A context counts until the function starts. After that it is ignored, and
//     hidden from the statements too: SQLite answers an interrupted write by
//     rolling back the whole transaction, which belongs to everybody.
//
// A group takes callers for as long as any are waiting, up to maxCalls of them
// or until maxHold has passed since BEGIN. It never waits for one to arrive, so
// a caller that is alone commits at once.
type group struct {
	d        *DB
	maxCalls int
	maxHold  time.Duration

	conn sync.Mutex // held while a group runs, or while the connection is lent
	w    *liteConn

	mu      sync.Mutex
	waiting []*call
	leading bool // a leader is running; it stops when nobody is waiting
}

func newGroup(d *DB, w *liteConn) *group {
	return &group{d: d, w: w, maxCalls: 256, maxHold: 20 * time.Millisecond}
}

// lend gives the one writing connection back to the pool while fn runs, for a
// library that wants a *sql.DB.
func (g *group) lend(ctx context.Context, fn func(*sql.DB) error) error {
	g.conn.Lock()
	defer g.conn.Unlock()
	g.w.drop()
	err := fn(g.d.pool)
	w, again := openWriter(ctx, g.d.pool)
	if again != nil {
		g.d.broken.Store(&again)
		return errors.Join(err, again)
	}
	g.w = w
	return err
}

func (g *group) close() {
	g.conn.Lock()
	defer g.conn.Unlock()
	g.w.drop()
}

// call is one caller of update. The channels are used in this order, each once.
type call struct {
	ctx   context.Context
	start chan *liteConn // receiving the group's transaction starts the call
	over  chan bool      // the savepoint is settled; false if the transaction is lost
	told  chan error     // the outcome of BEGIN (only if it failed) or COMMIT
}

// update runs fn as part of a group and returns once the group has committed.
func (g *group) update(ctx context.Context, d *DB, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &call{ctx: ctx, start: make(chan *liteConn), over: make(chan bool), told: make(chan error, 1)}
	if err := g.join(c); err != nil {
		return err
	}
	select {
	case w := <-c.start:
		return c.inSavepoint(d, w, fn)
	case err := <-c.told:
		return err
	case <-ctx.Done():
		return ctx.Err() // the leader sees the same and passes over c
	}
}

// join queues c, and starts a leader if there is none.
func (g *group) join(c *call) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.leading {
		g.leading = true
		go g.lead()
	} else if insideUpdate() {
		return ErrNested
	}
	g.waiting = append(g.waiting, c)
	return nil
}

// next removes and returns the caller that has waited longest, or nil.
func (g *group) next() *call {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		return nil
	}
	c := g.waiting[0]
	g.waiting[0] = nil
	g.waiting = g.waiting[1:]
	return c
}

// lead commits group after group until nobody is waiting.
func (g *group) lead() {
	for {
		g.mu.Lock()
		if len(g.waiting) == 0 {
			g.leading = false
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		g.commit()
	}
}

// commit runs one group: BEGIN, each caller in turn, COMMIT, and tells them.
func (g *group) commit() {
	g.conn.Lock()
	defer g.conn.Unlock()
	ctx, w := context.Background(), g.w
	_, err := w.ExecContext(ctx, "BEGIN IMMEDIATE")
	if err != nil {
		err = g.d.wrap(fmt.Errorf("begin: %w", err))
		for range g.maxCalls {
			c := g.next()
			if c == nil {
				break
			}
			c.told <- err
		}
		return
	}
	var started []*call
	ok := true
	begun := time.Now()
	for ok && (len(started) == 0 || len(started) < g.maxCalls && time.Since(begun) < g.maxHold) {
		c := g.next()
		if c == nil {
			break
		}
		if c.ctx.Err() != nil {
			continue
		}
		select {
		case c.start <- w:
			started = append(started, c)
			ok = <-c.over
		case <-c.ctx.Done():
		}
	}
	if !ok {
		w.ExecContext(ctx, "ROLLBACK") // an error says that SQLite already has
		err = errGroupLost
	} else if _, err = w.ExecContext(ctx, "COMMIT"); err != nil {
		err = g.failed(ctx, fmt.Errorf("commit: %w", err))
	}
	for _, c := range started {
		c.told <- err
	}
}

// failed cleans up after a COMMIT that was refused. A full disk leaves the
// database as it was; after any other I/O error the outcome is unknown, and
// nothing more is written.
func (g *group) failed(ctx context.Context, err error) error {
	g.w.ExecContext(ctx, "ROLLBACK")
	var e sqlite3.Error
	err = g.d.wrap(err)
	if errors.As(err, &e) && (e.Code == sqlite3.ErrIoErr || e.Code == sqlite3.ErrCorrupt) && !errors.Is(err, ErrFull) {
		g.d.broken.Store(&err)
	}
	return err
}

// inSavepoint runs fn between SAVEPOINT and RELEASE, or ROLLBACK TO if it
// returns an error, panics or exits the goroutine; hands the transaction back
// to the leader; and waits for the commit. It does not recover a panic, which
// therefore reaches the caller with its own stack.
func (c *call) inSavepoint(d *DB, w *liteConn, fn func(*Tx) error) (err error) {
	var turn turn
	ctx, keep := context.Background(), false
	defer func() {
		turn.stop(sql.ErrTxDone)
		var lost error
		if !keep {
			_, lost = w.ExecContext(ctx, "ROLLBACK TO caller")
		}
		if lost == nil {
			_, lost = w.ExecContext(ctx, "RELEASE caller")
		}
		c.over <- lost == nil
		if told := <-c.told; told != nil && (lost == nil || err == nil) {
			err = told // unless err is what lost the group
		}
	}()
	if _, err := w.ExecContext(ctx, "SAVEPOINT caller"); err != nil {
		return err
	}
	err = fn(d.newTx(w, &turn))
	if err == nil {
		err = turn.stop(sql.ErrTxDone)
	}
	keep = err == nil
	return err
}

// turn is the part of a group's transaction that belongs to one caller. The
// nil *turn is that of a Tx with a transaction of its own.
type turn struct {
	mu      sync.Mutex
	stopped error // why no more statements may run
}

// do runs one statement, unless an earlier one failed or the turn is over. As
// on PostgreSQL, one failed statement fails the transaction: SQLite may have
// rolled it back, and what followed would then be committed on its own.
func (t *turn) do(ctx context.Context, statement func(context.Context) error) error {
	if t == nil {
		return statement(ctx)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped != nil {
		return t.stopped
	}
	err := statement(context.WithoutCancel(ctx))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		t.stopped = fmt.Errorf("an earlier statement failed: %w", err)
	}
	return err
}

// stop ends the turn, so that a Tx kept by mistake cannot write into the next
// caller's, and returns why it had already stopped, if it had.
func (t *turn) stop(why error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	was := t.stopped
	t.stopped = why
	return was
}

// savepointEntry is where the code of inSavepoint begins.
var savepointEntry = reflect.ValueOf((*call).inSavepoint).Pointer()

// insideUpdate reports whether this goroutine is inside inSavepoint. It looks
// at the stack because fn is given no context that could carry a mark. It is
// asked for every Update that meets another, so it compares addresses and not
// names (BenchmarkInsideUpdate: 4 µs, by names 12).
func insideUpdate() bool {
	var pcs [128]uintptr
	for _, pc := range pcs[:runtime.Callers(2, pcs[:])] {
		if f := runtime.FuncForPC(pc - 1); f != nil && f.Entry() == savepointEntry {
			return true
		}
	}
	return false
}
