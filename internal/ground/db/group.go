package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
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
//   - Functions run one at a time, each on its caller's goroutine: the result
//     is that of running them in the order they started.
//   - A function that fails, panics or exits its goroutine leaves no trace in
//     the database and none in the other callers' outcomes. Most fail before
//     they write, and then nothing is to be done. If one has written, its group
//     is rolled back and run again, and for some time each function gets a
//     SAVEPOINT to go back to. (Always having one costs each caller a copy of
//     every page it touches, a tenth of its time.)
//   - No caller is told anything, not even its own error, before the commit is
//     on disk, because what it saw may have been written by the others. If the
//     commit fails, every caller of the group gets that error instead.
//   - A context counts until the function starts. After that it is ignored, and
//     hidden from the statements too: SQLite answers an interrupted write by
//     rolling back the whole transaction, which belongs to everybody.
//
// A group takes callers for as long as any are waiting, up to maxCalls of them
// or until maxHold has passed since BEGIN, and for as long as the group before
// it is on its way to the disk, which it could not overtake. Otherwise it never
// waits for one to arrive, so a caller that is alone commits at once.
type group struct {
	d        *DB
	maxCalls int
	maxHold  time.Duration
	// carefulFor is for how many groups savepoints are set after one was needed.
	// A client that makes such failures on purpose costs the others one group run
	// twice in as many.
	carefulFor int
	shore      *shore
	wrote      func() // is told of every commit

	conn    sync.Mutex // held while a group runs, or while the connection is lent
	w       *liteConn
	sailing chan struct{}  // closed when the last commit is on disk; only under conn
	careful int            // for how many groups to set savepoints; only under conn
	lane    map[string]any // Tx.Lane; only under conn, or in turn
	closed  bool           // only under conn

	mu      sync.Mutex
	waiting []*call
	leading bool          // a leader is running; it stops when nobody is waiting
	arrived chan struct{} // holds something after a call was added to waiting
}

func newGroup(d *DB, w *liteConn, s *shore) *group {
	g := &group{d: d, w: w, maxCalls: 256, maxHold: 20 * time.Millisecond, carefulFor: 200, shore: s, lane: map[string]any{}, sailing: make(chan struct{}), arrived: make(chan struct{}, 1)}
	close(g.sailing)
	return g
}

// hold runs fn while no group does.
func (g *group) hold(fn func()) {
	g.conn.Lock()
	defer g.conn.Unlock()
	fn()
}

// lend gives the one writing connection back to the pool while fn runs, for a
// library that wants a *sql.DB.
func (g *group) lend(ctx context.Context, fn func(*sql.DB) error) error {
	g.conn.Lock()
	defer g.conn.Unlock()
	if g.closed {
		return sql.ErrConnDone // or it would open a connection that nobody closes
	}
	<-g.sailing
	clear(g.lane)
	g.shore.close()
	g.w.drop()
	err := fn(g.d.pool)
	w, again := openWriter(context.WithoutCancel(ctx), g.d.pool) // what follows is not the borrower's
	if again == nil {
		g.w = w
		again = g.shore.start()
	}
	if again != nil {
		g.d.broken.Store(&again)
		return errors.Join(err, again)
	}
	return err
}

func (g *group) close() {
	g.conn.Lock()
	defer g.conn.Unlock()
	<-g.sailing
	g.closed = true
	g.w.drop()
	g.shore.close()
}

// call is one caller of update. The channels are used in this order, each once.
type call struct {
	ctx   context.Context
	start chan turnAt // receiving the group's transaction starts the call
	over  chan bool   // the function has ended; false if the transaction is lost
	told  chan error  // the outcome of BEGIN (only if it failed) or COMMIT
}

// turnAt is what a call starts with.
type turnAt struct {
	w    *liteConn
	save bool           // set a savepoint
	lane map[string]any // of the group
}

// update runs fn as part of a group and returns once the group has committed.
func (g *group) update(ctx context.Context, d *DB, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &call{ctx: ctx, start: make(chan turnAt), over: make(chan bool), told: make(chan error, 1)}
	g.join(c)
	long := time.After(nestedAfter)
	for {
		select {
		case at := <-c.start:
			return c.inTurn(d, at, fn)
		case err := <-c.told:
			return err
		case <-ctx.Done():
			return ctx.Err() // the leader sees the same and passes over c
		case <-long:
			if insideUpdate() && g.leave(c) {
				return ErrNested
			}
		}
	}
}

// nestedAfter is how long a call waits before it asks whether it waits for
// itself. That is a mistake in a program, so it need not be told at once.
const nestedAfter = 20 * time.Millisecond

// join queues c, and starts a leader if there is none.
func (g *group) join(c *call) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.leading {
		g.leading = true
		go g.lead()
	}
	g.waiting = append(g.waiting, c)
	select {
	case g.arrived <- struct{}{}:
	default:
	}
}

// leave takes a call out of the queue again, if it is still in it.
func (g *group) leave(c *call) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, c)
	if i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	}
	return i >= 0
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

// commit runs one group: BEGIN, each caller in turn, COMMIT, and tells them
// once it is on disk. While it waits for that, the next group may run.
func (g *group) commit() {
	g.conn.Lock()
	defer g.conn.Unlock()
	ctx, w := context.Background(), g.w
	if _, err := w.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		g.refuse(g.d.wrap(fmt.Errorf("begin: %w", err)))
		return
	}
	if g.shore.durable {
		if err := g.shore.ready(g.sailing); err != nil {
			w.ExecContext(ctx, "ROLLBACK")
			g.refuse(g.d.wrap(fmt.Errorf("prepare the log: %w", err)))
			return
		}
	}
	started, ok := g.run()
	<-g.sailing
	if err := g.d.Broken(); err != nil {
		w.ExecContext(ctx, "ROLLBACK")
		clear(g.lane)
		tell(started, err)
		return
	}
	if !ok {
		w.ExecContext(ctx, "ROLLBACK") // an error says that SQLite already has
		clear(g.lane)
		g.careful = g.carefulFor
		tell(started, errGroupLost)
		return
	}
	n := g.shore.announce()
	if _, err := w.ExecContext(ctx, "COMMIT"); err != nil {
		err = g.failed(ctx, fmt.Errorf("commit: %w", err))
		g.shore.land(n)
		tell(started, err)
		return
	}
	g.wrote()
	if !g.shore.durable {
		g.shore.land(n)
		tell(started, nil)
		return
	}
	g.sailing = make(chan struct{})
	go g.sail(n, started, g.sailing)
}

// refuse gives those who wait an error.
func (g *group) refuse(err error) {
	for range g.maxCalls {
		c := g.next()
		if c == nil {
			return
		}
		c.told <- err
	}
}

// run gives the transaction to one caller after the other. ok is false if
// SQLite rolled it back.
func (g *group) run() (started []*call, ok bool) {
	begun := time.Now()
	save := g.careful > 0
	g.careful = max(0, g.careful-1)
	for len(started) == 0 || len(started) < g.maxCalls && time.Since(begun) < g.maxHold {
		c := g.next()
		if c == nil {
			if !g.another() {
				break
			}
			continue
		}
		if c.ctx.Err() != nil {
			continue
		}
		select {
		case c.start <- turnAt{g.w, save, g.lane}:
			started = append(started, c)
			if !<-c.over {
				return started, false
			}
		case <-c.ctx.Done():
		}
	}
	return started, true
}

// another waits for a call as long as the last commit is not on disk.
func (g *group) another() bool {
	select {
	case <-g.sailing:
		return false
	default:
	}
	select {
	case <-g.arrived:
		return true
	case <-g.sailing:
		return false
	}
}

// sail brings a commit to disk and tells its callers. If that fails nobody
// knows what is there, and nothing more is written.
func (g *group) sail(n int64, started []*call, arrived chan struct{}) {
	err := g.shore.sync()
	if err != nil {
		g.d.broken.Store(&err)
		g.shore.lost.Store(&err)
	}
	g.shore.land(n)
	close(arrived)
	tell(started, err)
}

func tell(calls []*call, err error) {
	for _, c := range calls {
		c.told <- err
	}
}

// failed cleans up after a COMMIT that was refused. A full disk leaves the
// database as it was; after any other I/O error the outcome is unknown, and
// nothing more is written.
func (g *group) failed(ctx context.Context, err error) error {
	g.w.ExecContext(ctx, "ROLLBACK")
	clear(g.lane)
	err = g.d.wrap(err)
	if unsure(err) {
		g.d.broken.Store(&err)
	}
	return err
}

// unsure reports whether after an error of SQLite nobody knows what is on disk.
func unsure(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrIoErr || e.Code == sqlite3.ErrCorrupt) && classifySQLite(err) != classFull
}

// inTurn runs fn, sees to it that nothing stays of it if it returns an error,
// panics or exits the goroutine, hands the transaction back to the leader, and
// waits for the commit. It does not recover a panic, which therefore reaches the
// caller with its own stack.
func (c *call) inTurn(d *DB, at turnAt, fn func(*Tx) error) (err error) {
	turn, keep := &turn{}, false
	defer func() {
		turn.stop(sql.ErrTxDone)
		lost := c.settle(at, keep, turn.wrote)
		if !keep {
			clear(at.lane)
		}
		c.over <- lost == nil
		told := <-c.told
		switch {
		case told == nil:
		case lost == nil, err == nil, errors.Is(lost, errGroupLost):
			err = told // else err is what lost the group
		}
	}()
	if at.save {
		if _, err := at.w.ExecContext(context.Background(), "SAVEPOINT caller"); err != nil {
			return err
		}
	}
	tx := d.newTx(at.w, turn)
	tx.lane = at.lane
	err = fn(tx)
	tx.lane = nil // a Tx kept by mistake must not reach into the next caller's turn
	if err == nil {
		err = turn.stop(sql.ErrTxDone)
	}
	keep = err == nil
	return err
}

// settle ends a turn. The error says that the transaction is lost: errGroupLost
// if only because what was written cannot be undone alone.
func (c *call) settle(at turnAt, keep, wrote bool) error {
	ctx := context.Background()
	if !at.save {
		if !keep && wrote {
			return errGroupLost
		}
		return nil
	}
	if !keep {
		if _, err := at.w.ExecContext(ctx, "ROLLBACK TO caller"); err != nil {
			return err
		}
	}
	_, err := at.w.ExecContext(ctx, "RELEASE caller")
	return err
}

// turn is the part of a group's transaction that belongs to one caller. The
// nil *turn is that of a Tx with a transaction of its own.
type turn struct {
	mu      sync.Mutex
	stopped error // why no more statements may run
	wrote   bool  // something may be in the transaction that was not there before
}

// do runs one statement, unless an earlier one failed or the turn is over. As
// on PostgreSQL, one failed statement fails the transaction: SQLite may have
// rolled it back, and what followed would then be committed on its own.
// What a statement wrote that fails because a row exists SQLite has undone;
// after another error the transaction may be gone.
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
		t.wrote = t.wrote || classifySQLite(err) != classUnique
	}
	return err
}

// writes is called by a statement, inside do, that may leave something.
func (t *turn) writes() {
	if t != nil {
		t.wrote = true
	}
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

// turnEntry is where the code of inTurn begins.
var turnEntry = reflect.ValueOf((*call).inTurn).Pointer()

// insideUpdate reports whether this goroutine is inside inTurn. It looks at the
// stack because fn is given no context that could carry a mark.
func insideUpdate() bool {
	var pcs [128]uintptr
	for skip := 2; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		for _, pc := range pcs[:n] {
			if f := runtime.FuncForPC(pc - 1); f != nil && f.Entry() == turnEntry {
				return true
			}
		}
		if n < len(pcs) {
			return false
		}
	}
}
