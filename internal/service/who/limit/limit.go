// Package limit counts how often something is tried, in the database, so that
// all nodes agree.
//
// Time is cut into spans of equal length; at the edge of two, twice the limit
// may pass. Whose tries they are is kept only as a keyed digest: no address of
// a person or a network is in the table, which package who's Purge clears.
package limit

import (
	"context"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
)

// Limit is how often something may be tried in a span of time.
type Limit struct {
	What string
	N    int
	Per  time.Duration
}

// Counter counts.
type Counter struct {
	Digest func(label string, parts ...string) string // keyed, at least 32 characters
}

func (c Counter) at(tx *db.Tx, l Limit, whose []string) (key string, span int64, ends time.Time) {
	span = tx.Now.UnixNano() / int64(l.Per)
	return c.Digest("count "+l.What, whose...)[:32], span, time.Unix(0, (span+1)*int64(l.Per))
}

// Count counts one try and refuses with TooMany beyond the limit. The refusal
// must not undo the transaction, or the try would not count.
func (c Counter) Count(ctx context.Context, tx *db.Tx, l Limit, whose ...string) error {
	key, span, ends := c.at(tx, l, whose)
	n, err := db.Get(ctx, tx, db.One[int], `INSERT INTO sign_in_count (key, span, n, expires_at) VALUES ($1, $2, 1, $3)
		ON CONFLICT (key, span) DO UPDATE SET n = sign_in_count.n + 1 RETURNING n`, key, span, ends.UnixMicro())
	if err == nil && n > l.N {
		return tooMany(ends.Sub(tx.Now))
	}
	return err
}

// Reached refuses like Count, without counting.
func (c Counter) Reached(ctx context.Context, tx *db.Tx, l Limit, whose ...string) error {
	key, span, ends := c.at(tx, l, whose)
	n, err := db.Get(ctx, tx, db.One[int], `SELECT coalesce(sum(n), 0) FROM sign_in_count WHERE key = $1 AND span = $2`, key, span)
	if err == nil && n >= l.N {
		return tooMany(ends.Sub(tx.Now))
	}
	return err
}

func tooMany(wait time.Duration) error {
	return fault.New(fault.TooMany, "who.too_many", "minutes", int(wait.Minutes())+1).After(wait)
}
