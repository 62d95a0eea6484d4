package plan

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
)

// Promise is a commitment with how it stands.
type Promise struct {
	Commitment
	Slug string
	Sum  Sum
}

// Promises are the commitments of a plan with how they stand now, in three
// queries whatever their number.
func Promises(ctx context.Context, tx *db.Tx, pl Plan) ([]Promise, error) {
	cs, err := Commitments(ctx, tx, pl.ID)
	if err != nil {
		return nil, err
	}
	counts, err := sums(ctx, tx, pl)
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
		out = append(out, Promise{Commitment: c, Slug: slugs[c.ID], Sum: counts[c.ID]})
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
