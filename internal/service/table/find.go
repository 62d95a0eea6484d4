package table

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"
)

// patience is how long a look-up may take before a scan is tried instead: the
// estimate was wrong, for the rows that pass lie together far away.
const patience = 40 * time.Millisecond

// findInLite walks an index, first over the rows with a value in the sorted
// column, then over those without.
func (s *session) findInLite(ctx context.Context, p *plan) ([]found, error) {
	quick, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := s.walk(quick, p)
	if err != nil && quick.Err() != nil && ctx.Err() == nil {
		return s.findInDuck(ctx, p)
	}
	return out, err
}

func (s *session) walk(ctx context.Context, p *plan) ([]found, error) {
	if len(p.sort) == 0 {
		after := int64(0)
		if p.after != nil {
			after = p.after.ID
		}
		return s.walkPart(ctx, p, "_id > ?", []any{after}, "_id", p.limit+1)
	}
	k := p.sort[0]
	name, op, dir := p.m.stored(k.Column), ">", ""
	if k.Desc {
		op, dir = "<", " DESC"
	}
	var out []found
	var err error
	if p.after == nil || p.after.Keys[0] != nil {
		cond, args := name+" IS NOT NULL", []any(nil)
		if p.after != nil {
			cond, args = fmt.Sprintf("(%s, _id) %s (?, ?)", name, op), []any{p.after.Keys[0], p.after.ID}
		}
		if out, err = s.walkPart(ctx, p, cond, args, name+dir+", _id"+dir, p.limit+1); err != nil || len(out) > p.limit {
			return out, err
		}
	}
	cond, args := name+" IS NULL", []any(nil)
	if p.after != nil && p.after.Keys[0] == nil {
		cond, args = cond+" AND _id "+op+" ?", []any{p.after.ID}
	}
	last, err := s.walkPart(ctx, p, cond, args, "_id"+dir, p.limit+1-len(out))
	return append(out, last...), err
}

func (s *session) walkPart(ctx context.Context, p *plan, cond string, args []any, order string, limit int) ([]found, error) {
	where, more := p.m.where(inLite, p.filter)
	exprs := []string{"_id"}
	for _, k := range p.sort {
		exprs = append(exprs, p.m.stored(k.Column))
	}
	q := "SELECT " + strings.Join(exprs, ", ") + " FROM rows" + whereAll(notEmpty(cond, where)) + " ORDER BY " + order + fmt.Sprintf(" LIMIT %d", limit)
	return queryFound(ctx, s.lite, q, append(args, more...), len(p.sort))
}

// findInBox lets the R*Tree list candidates in load order and judges them by
// their true coordinates: the tree holds 32-bit floats, up to a metre off.
func (s *session) findInBox(ctx context.Context, p *plan) ([]found, error) {
	box, rest := p.splitBox()
	after := int64(0)
	if p.after != nil {
		after = p.after.ID
	}
	candidates := int(math.Min(touchInBox, float64(p.limit+50)/math.Max(p.m.share(rest), 0.005)))
	where, args := p.m.where(inLite, p.filter)
	tree := fmt.Sprintf("SELECT id FROM box WHERE south <= ? AND north >= ? AND west <= ? AND east >= ? AND id > ? ORDER BY id LIMIT %d", candidates)
	q := "SELECT _id FROM (" + tree + ") JOIN rows ON _id = id WHERE " + where + fmt.Sprintf(" ORDER BY _id LIMIT %d", p.limit+1)
	out, err := queryFound(ctx, s.lite, q, append([]any{box.North, box.South, box.East, box.West, after}, args...), 0)
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
