package query

import (
	"context"
	"fmt"
	"math"
	"time"

	"ceiba/internal/service/table/stored"
)

// patience is how long a look-up may take before a scan is tried instead: the
// estimate was wrong, for the rows that pass lie together far away.
const patience = 40 * time.Millisecond

// findInLite goes the way that was chosen.
func (s *session) findInLite(ctx context.Context, p *plan, w way) ([]found, error) {
	quick, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := s.walk(quick, p, w)
	if err != nil && quick.Err() != nil && ctx.Err() == nil {
		return s.findInDuck(ctx, p)
	}
	return out, err
}

// findInBox lets the R*Tree list candidates in load order and judges them by
// their true coordinates: the tree holds 32-bit floats, up to a metre off.
func (s *session) findInBox(ctx context.Context, p *plan) ([]found, error) {
	box, rest := p.splitBox()
	after := int64(0)
	if p.after != nil {
		after = p.after.ID
	}
	candidates := int(math.Min(touchInBox, float64(p.limit+50)/math.Max(share(p.m, rest), 0.005)))
	where, args := whereSQL(p.m, stored.Lite, p.filter)
	tree := fmt.Sprintf("SELECT id FROM box WHERE south <= ? AND north >= ? AND west <= ? AND east >= ? AND id > ? ORDER BY id LIMIT %d", candidates)
	q := "SELECT _id FROM (" + tree + ") JOIN rows ON _id = id WHERE " + where + fmt.Sprintf(" ORDER BY _id LIMIT %d", p.limit+1)
	rows, err := s.lookUp(ctx, q, append([]any{box.North, box.South, box.East, box.West, after}, args...)...)
	out, err := takeFound(rows, err, 0, 0)
	if err != nil || len(out) > p.limit {
		return out, err
	}
	// Too few: all there are, or the candidates ran out before the page was full.
	var n int
	count := "SELECT count(*) FROM (" + tree + ")"
	if err := s.lite.QueryRowContext(ctx, count, box.North, box.South, box.East, box.West, after).Scan(&n); err != nil || n < candidates {
		return out, err
	}
	return s.findInDuck(ctx, p)
}
