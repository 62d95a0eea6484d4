package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Tx is a transaction. Now is fixed when it begins, so that everything written
// by one transaction carries one time.
type Tx struct {
	q     statements
	d     *DB
	turn  *turn // one caller's part of a group; nil where q is the caller's alone
	Now   time.Time
	wakes []string
	told  []told
	after []func()
	count int
	lane  map[string]any
}

// statements runs single statements: a *sql.Tx, or a SQLite connection with
// its cache of prepared ones.
type statements interface {
	ExecContext(ctx context.Context, q string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error)
}

func (d *DB) newTx(q statements, turn *turn) *Tx {
	return &Tx{q: q, d: d, turn: turn, Now: d.Now()}
}

// ran counts a statement that is about to run.
func (t *Tx) ran() statements {
	t.d.ran.Add(1)
	return t.q
}

// Exec runs a statement and returns how many rows it changed.
func (t *Tx) Exec(ctx context.Context, q string, args ...any) (n int64, err error) {
	err = t.turn.do(ctx, func(ctx context.Context) error {
		if !plain(q) {
			t.turn.writes()
		}
		res, err := t.ran().ExecContext(ctx, t.d.eng.rebind(q), args...)
		if err != nil {
			return err
		}
		if n, err = res.RowsAffected(); n > 0 {
			t.turn.writes()
		}
		return err
	})
	return n, t.wrap(err)
}

// plain reports whether a statement that changes no row leaves nothing, and one
// that fails because a row exists is undone alone. After INSERT OR FAIL the rows
// before that one stay; INSERT OR ROLLBACK takes the whole group with it.
func plain(q string) bool {
	q = strings.TrimLeft(q, " \t\n")
	if rest, ok := strings.CutPrefix(q, "UPDATE"); ok {
		rest = strings.TrimLeft(rest, " \t\n")
		return len(rest) > 2 && (!strings.EqualFold(rest[:2], "OR") || rest[2] != ' ' && rest[2] != '\t' && rest[2] != '\n')
	}
	return begins(q, "INSERT INTO ", "DELETE FROM ")
}

// begins reports whether a statement's first word is one of words.
func begins(q string, words ...string) bool {
	q = strings.TrimLeft(q, " \t\n")
	for _, w := range words {
		if len(q) > len(w) && q[:len(w)] == w {
			return true
		}
	}
	return false
}

// MustChange is Exec for statements guarded by a version column: it returns
// ErrConflict when no row matched.
func (t *Tx) MustChange(ctx context.Context, q string, args ...any) error {
	n, err := t.Exec(ctx, q, args...)
	if err == nil && n == 0 {
		return ErrConflict
	}
	return err
}

// Wake tells everybody who waits on topic (see DB.Waiting), here and on other
// nodes, once the transaction has committed. It is a hint, never the message.
func (t *Tx) Wake(topic string) { t.wakes = append(t.wakes, topic) }

// Tell hands a value to those who hear a topic (see DB.Hear) in this process, once
// the transaction has committed. Like a wake it is a hint: it may be lost, and
// what two transactions tell may come in either order.
func (t *Tx) Tell(topic string, v any) { t.told = append(t.told, told{topic, v}) }

// Lane is what SQLite's one writer remembers from one Update to the next, by names
// that begin with a package's own: things that only Updates change and that would
// have to be read again each time. It is forgotten whenever anything is undone, and
// whenever others may have written. On PostgreSQL, and outside Update, it is nil.
func (t *Tx) Lane() map[string]any { return t.lane }

// Next counts up from 0 within the transaction, for things that must keep the
// order in which they were written although they share Now.
func (t *Tx) Next() int {
	t.count++
	return t.count - 1
}

// OnCommit runs fn once after the transaction has committed. If the process
// dies in between, fn never runs: use it for caches and hints only.
func (t *Tx) OnCommit(fn func()) { t.after = append(t.after, fn) }

func (t *Tx) committed() {
	for _, x := range t.told {
		t.d.wakes.said(x)
	}
	for _, topic := range t.wakes {
		t.d.wakes.tell(topic)
	}
	for _, fn := range t.after {
		fn()
	}
}

// SkipLocked returns the clause that lets several nodes claim different rows
// of one queue. SQLite has one writer and needs none.
func (t *Tx) SkipLocked() string { return t.Pick("", "FOR UPDATE SKIP LOCKED") }

// Pick returns one of two texts, for the few queries the engines cannot share.
func (t *Tx) Pick(sqlite, postgres string) string {
	if t.d.eng.name == "postgres" {
		return postgres
	}
	return sqlite
}

func (t *Tx) wrap(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case t.d.eng.classify(err) == classUnique:
		return fmt.Errorf("%w: %w", ErrExists, err)
	}
	return t.d.wrap(err)
}

// One scans a single column; it serves Get and List as their scan argument.
func One[T any](v *T) []any { return []any{v} }

// Get returns the one row of a query, or ErrNotFound. scan names where each
// column of the row goes.
func Get[T any](ctx context.Context, t *Tx, scan func(*T) []any, q string, args ...any) (T, error) {
	var v T
	err := t.turn.do(ctx, func(ctx context.Context) error {
		if !begins(q, "SELECT") { // RETURNING
			t.turn.writes()
		}
		rows, err := t.ran().QueryContext(ctx, t.d.eng.rebind(q), args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		if !rows.Next() {
			if err := rows.Err(); err != nil {
				return err
			}
			return sql.ErrNoRows
		}
		if err := rows.Scan(scan(&v)...); err != nil {
			return err
		}
		return rows.Close()
	})
	return v, t.wrap(err)
}

// List returns every row of a query.
func List[T any](ctx context.Context, t *Tx, scan func(*T) []any, q string, args ...any) ([]T, error) {
	var out []T
	err := t.turn.do(ctx, func(ctx context.Context) error {
		if !begins(q, "SELECT") { // RETURNING
			t.turn.writes()
		}
		rows, err := t.ran().QueryContext(ctx, t.d.eng.rebind(q), args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var v T
			if err := rows.Scan(scan(&v)...); err != nil {
				return err
			}
			out = append(out, v)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, ofCursor(t.wrap(err), args)
	}
	return out, nil
}

// In returns "($n, $n+1, …)" for a list of values that starts at placeholder n,
// and the values as arguments. An empty list gives "(NULL)", which holds nothing.
func In[T any](n int, values []T) (string, []any) {
	if len(values) == 0 {
		return "(NULL)", nil
	}
	var b strings.Builder
	args := make([]any, len(values))
	for i, v := range values {
		fmt.Fprintf(&b, ", $%d", n+i)
		args[i] = v
	}
	return "(" + b.String()[2:] + ")", args
}

var rebound sync.Map // query text -> the same with ?N placeholders

// toQuestion turns $1 into ?1. SQLite reads $1 as the *name* "$1" and its
// driver then binds by order of appearance; ?1 means the number everywhere.
func toQuestion(q string) string {
	if v, ok := rebound.Load(q); ok {
		return v.(string)
	}
	b := []byte(q)
	for i := 0; i+1 < len(b); i++ {
		if b[i] == '$' && b[i+1] >= '0' && b[i+1] <= '9' {
			b[i] = '?'
		}
	}
	rebound.Store(q, string(b))
	return string(b)
}
