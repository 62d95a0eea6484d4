package plan

import (
	"context"
	"slices"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
)

// Promise is a commitment with how it stands.
type Promise struct {
	Commitment
	Slug string
	Sum  Sum
	Told Told
}

// Told is how the government's last words on a promise can be known to be true.
type Told struct {
	Proved int     // milestones of which something is shown
	At     db.Time // when it reported last; zero if it never did
}

// Promises are the commitments of some plans with how they stand now, plan by
// plan, in three queries whatever their number.
func Promises(ctx context.Context, tx *db.Tx, pls ...Plan) ([]Promise, error) {
	var plans []string
	for _, pl := range pls {
		plans = append(plans, pl.ID)
	}
	cs, err := Commitments(ctx, tx, plans...)
	if err != nil {
		return nil, err
	}
	counts, told, err := sums(ctx, tx, pls)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, c := range cs {
		ids = append(ids, c.ID)
	}
	slugs, err := record.Slugs(ctx, tx, "commitment", ids)
	var out []Promise
	for _, c := range cs {
		out = append(out, Promise{Commitment: c, Slug: slugs[c.ID], Sum: counts[c.ID], Told: told[c.ID]})
	}
	return out, err
}

// Stands reports whether the plan, as delivered, still holds the promise: it was
// neither withdrawn nor did it lead on to another.
func (p Promise) Stands() bool {
	return p.State.Promised() && !p.State.Led() && p.State != Withdrawn
}

// Advised reports whether OGP's advice on the number of commitments is about it.
func (p Promise) Advised() bool {
	return !p.State.Led() && p.State != Withdrawn && p.State != Idea && p.State != Proposed
}

// For says what a promise has to do with a district: it is for it among few, for
// the whole country, or neither. Of those that lead on to another, the other counts.
func (p Promise) For(pl Plan, district string) (here, everywhere bool) {
	switch {
	case p.State.Led():
		return false, false
	case slices.Contains(p.Districts.V, district):
		return true, false
	case len(p.Districts.V) == 0 && pl.Level == Local:
		return pl.District == district, false
	}
	return false, len(p.Districts.V) == 0
}
