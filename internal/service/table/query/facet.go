package query

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/cell"
	"ceiba/internal/service/table/filter"
	"ceiba/internal/service/table/stored"
)

// Facet is the most frequent values of a column among the rows of a filter.
type Facet struct {
	Column   table.Column
	Values   []table.Bucket // most frequent first
	Missing  int64          // rows without a value
	Others   int64          // rows with a value beyond Values
	Distinct int64          // different values
}

const (
	maxFacets      = 20
	maxFacetValues = 1000
	facetValues    = 20
)

// Facets counts the values of some columns among the rows that pass where,
// exactly. limit is the most values of each, 20 if zero. Without a filter the
// answer is in the statistics already, where all values of a column are.
func (v *Version) Facets(ctx context.Context, columns []string, where filter.Filter, limit int) ([]Facet, error) {
	m := v.Manifest()
	if limit <= 0 {
		limit = facetValues
	}
	limit = min(limit, maxFacetValues)
	if len(columns) > maxFacets {
		return nil, fault.New(fault.Invalid, "table.too_many_facets", "max", maxFacets)
	}
	f, err := filter.Check(m, where)
	if err != nil {
		return nil, err
	}
	out := make([]Facet, len(columns))
	for i, name := range columns {
		c, _ := m.Column(name)
		if c == nil {
			return nil, table.UnknownColumn(name)
		}
		out[i].Column = *c
	}
	err = v.ask(ctx, func(ctx context.Context, s *session) error {
		group, ctx := errgroup.WithContext(ctx)
		for i := range out {
			if f == nil && out[i].known(m, limit) {
				continue
			}
			group.Go(func() error { return s.heavy(ctx, func() error { return s.facet(ctx, &out[i], f, limit) }) })
		}
		return group.Wait()
	})
	return out, err
}

// known fills a facet of all rows from the statistics.
func (f *Facet) known(m *table.Manifest, limit int) bool {
	_, i := m.Column(f.Column.Name)
	s := m.Stats[i]
	if !s.TopAll && s.Count > 0 {
		return false
	}
	f.Values, f.Missing, f.Distinct, f.Others = s.Top[:min(limit, len(s.Top))], s.Nulls, s.Distinct, s.Count
	for _, b := range f.Values {
		f.Others -= b.Count
	}
	return true
}

// facet asks for one value more than it shows: the totals of all groups stand
// in every row.
func (s *session) facet(ctx context.Context, f *Facet, only filter.Filter, limit int) error {
	c := stored.Name(s.m, f.Column.Name)
	where, args := whereSQL(s.m, stored.Duck, only)
	q := fmt.Sprintf("SELECT %s, n, coalesce(sum(n) FILTER (%s IS NULL) OVER (), 0)::BIGINT, coalesce(sum(n) FILTER (%s IS NOT NULL) OVER (), 0)::BIGINT, count(%s) OVER () FROM (SELECT %s, count(*) AS n FROM rows%s GROUP BY %s) ORDER BY %s IS NULL, n DESC, %s LIMIT %d",
		stored.Raw(f.Column.Type.Form(), c), c, c, c, c, whereAll(notEmpty(where)), c, c, c, limit)
	rows, err := s.duck.QueryContext(ctx, q, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	filled := int64(0)
	for rows.Next() {
		var b table.Bucket
		if err := rows.Scan(&b.Value, &b.Count, &f.Missing, &filled, &f.Distinct); err != nil {
			return err
		}
		if b.Value = cell.Show(&f.Column, b.Value); b.Value != nil {
			f.Values = append(f.Values, b)
			f.Others -= b.Count
		}
	}
	f.Others += filled
	return rows.Err()
}
