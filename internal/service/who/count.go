package who

import (
	"context"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/who/limit"
)

// The limits. Those for a network are wide: a village shares one address. The
// limit for one account from one network is narrow, and the one for an account
// from anywhere is wide again, so that a stranger cannot lock somebody out.
var (
	codesTo       = limit.Limit{What: "code to", N: 6, Per: 15 * time.Minute}         // to one address, from one network
	codesToAll    = limit.Limit{What: "code to, all", N: 30, Per: time.Hour}          // to one address
	codesFrom     = limit.Limit{What: "code from", N: 120, Per: 15 * time.Minute}     // from one network
	passwordsHere = limit.Limit{What: "password here", N: 10, Per: 15 * time.Minute}  // wrong, for one account from one network
	passwordsAll  = limit.Limit{What: "password all", N: 100, Per: time.Hour}         // wrong, for one account
	passwordsFrom = limit.Limit{What: "password from", N: 100, Per: 15 * time.Minute} // wrong, from one network
	secondFactors = limit.Limit{What: "second factor", N: 20, Per: 15 * time.Minute}  // tried, for one account
	invitations   = limit.Limit{What: "invitation by", N: 50, Per: time.Hour}         // written by one person
	assurances    = limit.Limit{What: "assurance failed", N: 10, Per: 24 * time.Hour} // telephone numbers that were taken
)

func (s *Store) counter() limit.Counter { return limit.Counter{Digest: s.digest} }

// count counts one try and refuses with TooMany beyond the limit.
func (s *Store) count(ctx context.Context, tx *db.Tx, l limit.Limit, whose ...string) error {
	return s.counter().Count(ctx, tx, l, whose...)
}
