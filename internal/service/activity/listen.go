package activity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"ceiba/internal/ground/db"
)

// Listener hears of every event, in order.
type Listener struct {
	Name string // unique and never changed: its cursor is kept under it
	// Handle works on a batch in the transaction that moves the cursor past it.
	// It must be quick, as it holds SQLite's one writer: slow or outside work is
	// for a job. Other listeners read the same batch: it is not to be changed.
	Handle  func(ctx context.Context, tx *db.Tx, batch []Event) error
	FromNow bool // a new listener starts at the present and not at the beginning
}

// Log drives the listeners of one process.
type Log struct {
	db        *db.DB
	log       *slog.Logger
	listeners []Listener
	batch     int
	poll      time.Duration // how often to look without being woken
	pace      time.Duration // between two looks, so that busy times make large batches
	recent    *recent
}

// NewLog returns a log that drives listeners once Run is called.
func NewLog(d *db.DB, log *slog.Logger, listeners ...Listener) *Log {
	l := &Log{db: d, log: log, listeners: listeners, batch: 150, poll: 2 * time.Second, pace: 50 * time.Millisecond, recent: &recent{}}
	d.Hear(Topic, func(v any) {
		if e, ok := v.(Event); ok {
			l.recent.add(e)
		}
	})
	return l
}

// Run sequences and delivers until ctx ends.
func (l *Log) Run(ctx context.Context) {
	var wg sync.WaitGroup
	if l.db.Engine() == "postgres" {
		wg.Go(func() { l.loop(ctx, "sequencer", l.sequence) })
	}
	for _, x := range l.listeners {
		wg.Go(func() { l.loop(ctx, x.Name, func(ctx context.Context) (bool, error) { return l.deliver(ctx, x) }) })
	}
	wg.Wait()
}

// Drain sequences and delivers until nothing is left, for commands that end
// and for tests. It returns the first listener's error.
func (l *Log) Drain(ctx context.Context) error {
	for {
		again := false
		if l.db.Engine() == "postgres" {
			more, err := l.sequence(ctx)
			if err != nil {
				return err
			}
			again = more
		}
		for _, x := range l.listeners {
			more, err := l.deliver(ctx, x)
			if err != nil {
				return fmt.Errorf("%s: %w", x.Name, err)
			}
			again = again || more
		}
		if !again {
			return nil
		}
	}
}

// loop calls step until it says that nothing is left, then waits to be woken.
func (l *Log) loop(ctx context.Context, name string, step func(context.Context) (bool, error)) {
	woken, end := l.db.Waiting(Topic)
	defer end()
	for ctx.Err() == nil {
		more, err := step(ctx)
		if err != nil && ctx.Err() == nil {
			l.log.Warn("activity is held up", "listener", name, "err", err)
		}
		if more && err == nil {
			continue
		}
		l.rest(ctx, woken)
	}
}

// rest waits at least the pace, then for news. The first entry after a quiet
// time is delivered at once; under load one delivery, and one commit of its
// cursor, serves all that happened meanwhile (at 1,000 writes/s listeners were
// an eighth of the server's work without it).
func (l *Log) rest(ctx context.Context, woken <-chan struct{}) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(l.pace):
	}
	select {
	case <-ctx.Done():
	case <-woken:
	case <-time.After(l.poll):
	}
}

// sequence numbers committed rows in the order (at, id). One worker at a time
// does it: the lock is the database's and ends with the transaction. A row that
// commits later gets a later number, whatever its time.
func (l *Log) sequence(ctx context.Context) (more bool, err error) {
	waiting := false
	if err := l.db.View(ctx, func(tx *db.Tx) (err error) {
		waiting, err = db.Get(ctx, tx, db.One[bool], `SELECT EXISTS (SELECT 1 FROM activity WHERE seq IS NULL)`)
		return err
	}); err != nil || !waiting {
		return false, err
	}
	err = l.db.Claim(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(73182027)`); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE activity SET seq = fresh.n + (SELECT coalesce(max(seq), 0) FROM activity)
			FROM (SELECT id, row_number() OVER (ORDER BY at, id) AS n FROM activity WHERE seq IS NULL ORDER BY at, id LIMIT 5000) fresh
			WHERE activity.id = fresh.id`)
		more = n > 0
		tx.Wake(Topic)
		return err
	})
	return more, err
}

// errHeld says that another node has the listener, or that it must wait.
var errHeld = errors.New("held")

// deliver gives a listener its next batch. more says that there may be others.
func (l *Log) deliver(ctx context.Context, x Listener) (more bool, err error) {
	type place struct{ head, seq int64 }
	var p place
	if err := l.db.View(ctx, func(tx *db.Tx) (err error) {
		p, err = db.Get(ctx, tx, func(p *place) []any { return []any{&p.head, &p.seq} }, `SELECT (SELECT coalesce(max(seq), 0) FROM activity),
			coalesce((SELECT seq FROM activity_cursor WHERE listener = $1), -1)`, x.Name)
		return err
	}); err != nil || p.head <= p.seq {
		return false, err
	}
	var read []Event
	if p.seq >= 0 {
		if read, err = l.after(ctx, p.seq); err != nil {
			return false, err
		}
	}
	var at int64
	var cause error
	err = l.db.Update(ctx, func(tx *db.Tx) error {
		cause, more = nil, false
		at, err = l.cursor(ctx, tx, x)
		if err != nil {
			return err
		}
		batch := read
		if at != p.seq { // the listener's first time, or another node was quicker
			if batch, err = Since(ctx, tx, at, l.batch); err != nil {
				return err
			}
		}
		if len(batch) == 0 {
			return nil
		}
		if cause = x.Handle(ctx, tx, batch); cause != nil {
			return cause
		}
		last := batch[len(batch)-1].Seq
		more = last < p.head
		_, err = tx.Exec(ctx, `UPDATE activity_cursor SET seq = $2, tries = 0, not_before = 0, error = '' WHERE listener = $1`, x.Name, last)
		return err
	})
	switch {
	case errors.Is(err, errHeld):
		return false, nil
	case cause != nil && ctx.Err() == nil:
		return false, errors.Join(err, l.postpone(ctx, x, at, err))
	}
	return more, err
}

// after returns at most a batch of the events behind a seq, from memory while they
// are fresh: nobody who writes waits for a listener that reads.
func (l *Log) after(ctx context.Context, at int64) (read []Event, err error) {
	if read = l.recent.after(at, l.batch); len(read) > 0 {
		return read, nil
	}
	err = l.db.View(ctx, func(tx *db.Tx) (err error) {
		read, err = Since(ctx, tx, at, l.batch)
		return err
	})
	for _, e := range read {
		l.recent.add(e)
	}
	return read, err
}

// cursor locks and returns the listener's place, and makes it at first.
func (l *Log) cursor(ctx context.Context, tx *db.Tx, x Listener) (int64, error) {
	start := int64(0)
	if x.FromNow {
		head, err := Head(ctx, tx)
		if err != nil {
			return 0, err
		}
		start = head
	}
	if _, err := tx.Exec(ctx, `INSERT INTO activity_cursor (listener, seq, tries, not_before, error)
		VALUES ($1, $2, 0, 0, '') ON CONFLICT DO NOTHING`, x.Name, start); err != nil {
		return 0, err
	}
	type place struct{ seq, notBefore int64 }
	at, err := db.Get(ctx, tx, func(p *place) []any { return []any{&p.seq, &p.notBefore} },
		`SELECT seq, not_before FROM activity_cursor WHERE listener = $1 `+tx.SkipLocked(), x.Name)
	if errors.Is(err, db.ErrNotFound) || err == nil && at.notBefore > tx.Now.UnixMicro() {
		return 0, errHeld
	}
	return at.seq, err
}

// postpone notes a failure: the pause grows from one second to ten minutes.
// The cursor may not exist yet: the failure undid its making.
func (l *Log) postpone(ctx context.Context, x Listener, at int64, cause error) error {
	return l.db.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO activity_cursor (listener, seq, tries, not_before, error)
			VALUES ($1, $2, 1, CAST($4 AS BIGINT) + 1000000, $3) ON CONFLICT (listener) DO UPDATE SET
			tries = activity_cursor.tries + 1, error = excluded.error,
			not_before = CAST($4 AS BIGINT) + CASE WHEN activity_cursor.tries > 9 THEN 600000000 ELSE 1000000 * (1 << activity_cursor.tries) END`,
			x.Name, at, cause.Error(), tx.Now.UnixMicro())
		return err
	})
}

// Lag tells how a listener stands, for the metrics and the administrator.
type Lag struct {
	Listener string
	Behind   int64 // events not yet handled
	Tries    int   // failures in a row
	Error    string
}

// Lags returns how every listener that ever ran stands.
func Lags(ctx context.Context, tx *db.Tx) ([]Lag, error) {
	return db.List(ctx, tx, func(v *Lag) []any { return []any{&v.Listener, &v.Behind, &v.Tries, &v.Error} },
		`SELECT listener, (SELECT coalesce(max(seq), 0) FROM activity) - seq, tries, error FROM activity_cursor ORDER BY listener`)
}
