package query

import (
	"context"

	"ceiba/internal/service/table"
)

// eachSlice is how many rows Each holds at once.
const eachSlice = 5_000

// Columns returns the columns that a query is answered with, or what Rows would
// refuse it for.
func (v *Version) Columns(q Query) ([]table.Column, error) {
	p, err := newPlan(v.Manifest(), q)
	if err != nil {
		return nil, err
	}
	return p.columns, nil
}

// Each hands out all rows of a query, whatever its Limit unless that is set, a
// slice at a time so that memory stays small. Near and Text are answered with one
// page. The budget holds for each slice, not for the whole.
func (v *Version) Each(ctx context.Context, q Query, do func(Row) error) error {
	left := int64(q.Limit)
	if q.Limit <= 0 {
		left = v.Manifest().Rows
	}
	q.Total = false
	for left > 0 {
		q.Limit = int(min(left, eachSlice))
		page, err := v.Rows(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range page.Rows {
			if err := do(r); err != nil {
				return err
			}
		}
		left -= int64(len(page.Rows))
		if q.Cursor = page.Next; page.Next == "" || q.Near != nil {
			return nil
		}
	}
	return nil
}
