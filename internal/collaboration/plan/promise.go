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

// Promises are the commitments of a plan with how they stand now, in six
// queries whatever their number.
func Promises(ctx context.Context, tx *db.Tx, pl Plan) ([]Promise, error) {
	cs, err := Commitments(ctx, tx, pl.ID)
	if err != nil {
		return nil, err
	}
	ms, err := MilestonesOf(ctx, tx, pl.ID)
	if err != nil {
		return nil, err
	}
	words, err := LastWords(ctx, tx, pl.Ref(), tx.Now)
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
		s := Stand(ms[c.ID], words, pl.Start, Today(tx))
		out = append(out, Promise{Commitment: c, Slug: slugs[c.ID], Sum: s.Sum(ms[c.ID])})
	}
	return out, err
}
