package who

import (
	"context"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
)

// limit is how often something may be tried in a span of time. It is counted
// in the database, so that all nodes agree.
type limit struct {
	what string
	n    int
	per  time.Duration
}

// The limits. Those for a network are wide: a village shares one address. The
// limit for one account from one network is narrow, and the one for an account
// from anywhere is wide again, so that a stranger cannot lock somebody out.
var (
	codesTo       = limit{"code to", 6, 15 * time.Minute}         // to one address, from one network
	codesToAll    = limit{"code to, all", 30, time.Hour}          // to one address
	codesFrom     = limit{"code from", 120, 15 * time.Minute}     // from one network
	passwordsHere = limit{"password here", 10, 15 * time.Minute}  // wrong, for one account from one network
	passwordsAll  = limit{"password all", 100, time.Hour}         // wrong, for one account
	passwordsFrom = limit{"password from", 100, 15 * time.Minute} // wrong, from one network
	secondFactors = limit{"second factor", 20, 15 * time.Minute}  // tried, for one account
	invitations   = limit{"invitation by", 50, time.Hour}         // written by one person
	assurances    = limit{"assurance failed", 10, 24 * time.Hour} // telephone numbers that were taken
)

// count counts one try and refuses with TooMany beyond the limit.
func (s *Store) count(ctx context.Context, tx *db.Tx, l limit, whose ...string) error {
	span := tx.Now.UnixNano() / int64(l.per)
	ends := time.Unix(0, (span+1)*int64(l.per))
	n, err := db.Get(ctx, tx, db.One[int], `INSERT INTO sign_in_count (key, span, n, expires_at) VALUES ($1, $2, 1, $3)
		ON CONFLICT (key, span) DO UPDATE SET n = sign_in_count.n + 1 RETURNING n`,
		s.digest("count "+l.what, whose...)[:32], span, ends.UnixMicro())
	if err == nil && n > l.n {
		return tooMany(ends.Sub(tx.Now))
	}
	return err
}

// counted refuses like count, without counting.
func (s *Store) counted(ctx context.Context, tx *db.Tx, l limit, whose ...string) error {
	span := tx.Now.UnixNano() / int64(l.per)
	n, err := db.Get(ctx, tx, db.One[int], `SELECT coalesce(sum(n), 0) FROM sign_in_count WHERE key = $1 AND span = $2`,
		s.digest("count "+l.what, whose...)[:32], span)
	if err == nil && n >= l.n {
		return tooMany(time.Unix(0, (span+1)*int64(l.per)).Sub(tx.Now))
	}
	return err
}

func tooMany(wait time.Duration) error {
	return fault.New(fault.TooMany, "who.too_many", "minutes", int(wait.Minutes())+1).After(wait)
}
