package query

import (
	"context"
	"fmt"
	"math"
	"strings"

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/filter"
	"ceiba/internal/service/table/stored"
)

// How many rows a look-up may touch before a scan by columns is quicker.
const (
	touchInOrder = 4000   // rows read along an index that already has the right order
	touchLoaded  = 10_000 // rows read one after the other, as they were loaded
	touchToSort  = 3000   // rows gathered through an index and then sorted
	touchToCount = 20_000 // rows counted through an index
	touchInBox   = 20_000
)

// way is how the look-up file finds the rows of a page. It is chosen here, from
// exact statistics, and SQLite is held to it: its own choice, from a sample,
// read 7,000 rows where 700 do.
type way struct {
	column  string     // whose index is read; "_id" reads the rows as they were loaded
	pair    table.Pair // or the pair whose index is read
	touched float64    // rows that are read, estimated
	ordered bool       // they come in the order of the page, so that reading stops when it is full
}

// hint makes SQLite go this way.
func (w way) hint(m *table.Manifest) string {
	if w.pair.Equal != "" {
		return " INDEXED BY " + stored.PairIndex(m, w.pair)
	}
	switch w.column {
	case "_id":
		return " NOT INDEXED"
	case m.Key:
		return " INDEXED BY key"
	}
	return " INDEXED BY by_" + stored.Name(m, w.column)
}

// seek is what a filter says of one column.
type seek struct {
	share  float64 // of the rows that it lets through
	equal  bool    // one value, or none: its rows stand in load order
	one    bool    // one value
	bounds []filter.Filter
}

// way chooses how the look-up file finds a page. ok is false where a scan by
// columns is quicker.
func (s *session) way(ctx context.Context, p *plan) (best way, ok bool, err error) {
	if !simple(p.filter) {
		return best, false, nil
	}
	rows := float64(p.m.Rows)
	seeks, rest, err := s.seeks(ctx, p.filter)
	if err != nil {
		return best, false, err
	}
	best.touched = math.Inf(1)
	try := func(column string, touched, most float64, ordered bool) {
		if touched <= most && touched < best.touched {
			best, ok = way{column: column, touched: touched, ordered: ordered}, true
		}
	}
	along := func(column string) float64 {
		if k, is := seeks[column]; is {
			return k.share
		}
		return 1
	}
	switch {
	case len(p.sort) == 0:
		// What else the filter says may be true only of rows far away, such as
		// the newest: then all of the part is read.
		if part := along("_id"); part == rest {
			try("_id", touches(p.limit, rows*part, 1), touchLoaded, true)
		} else {
			try("_id", rows*part, touchLoaded, true)
		}
	case len(p.sort) == 1 && hasIndex(p.m, p.sort[0].Column):
		part := along(p.sort[0].Column)
		try(p.sort[0].Column, touches(p.limit, rows*part, rest/math.Max(part, 1e-12)), touchInOrder, true)
	}
	for _, x := range p.m.Pairs {
		k, is := seeks[x.Equal]
		if !is || !k.one || len(p.sort) != 1 || p.sort[0].Column != x.Along {
			continue
		}
		part := k.share * along(x.Along)
		if n := touches(p.limit, rows*part, rest/math.Max(part, 1e-12)); n <= touchInOrder && n < best.touched {
			best, ok = way{pair: x, touched: n, ordered: true}, true
		}
	}
	for column, k := range seeks {
		if column == "_id" && len(p.sort) == 0 || !hasIndex(p.m, column) {
			continue
		}
		if k.equal && len(p.sort) == 0 {
			try(column, touches(p.limit, rows*k.share, rest/math.Max(k.share, 1e-12)), touchInOrder, true)
		} else {
			try(column, rows*k.share, touchToSort, false)
		}
	}
	return best, ok, nil
}

// seeks sorts the conditions by the column that an index could serve, and
// estimates which share of the rows passes all of them.
func (s *session) seeks(ctx context.Context, f filter.Filter) (map[string]seek, float64, error) {
	out, rest := map[string]seek{}, 1.0
	for _, c := range filter.Conjuncts(f) {
		column, equal, ok := seekable(c)
		if !ok {
			rest *= share(s.m, c)
			continue
		}
		k, known := out[column]
		if !known {
			k.share = 1
		}
		k.share, k.equal, k.bounds = k.share*share(s.m, c), k.equal || equal, append(k.bounds, c)
		if e, is := c.(filter.Compare); is && e.Op == "=" {
			k.one = true
		}
		out[column] = k
	}
	for column, k := range out {
		if !k.equal && guesses(s.m, column) {
			var err error
			if k.share, err = s.probe(ctx, column, k); err != nil {
				return nil, 0, err
			}
			out[column] = k
		}
		rest *= k.share
	}
	return out, rest, nil
}

// seekable returns the column whose index finds the rows of a condition, and
// whether the condition names one value.
func seekable(f filter.Filter) (column string, equal, ok bool) {
	switch f := f.(type) {
	case filter.Compare:
		return f.Column, f.Op == "=", f.Op != "<>"
	case filter.Between:
		return f.Column, false, true
	case filter.In:
		return f.Column, false, true
	case filter.IsNull:
		return f.Column, true, true
	}
	return "", false, false
}

// guesses reports that the share of a range on an indexed column cannot be read
// off the statistics: texts have no histogram.
func guesses(m *table.Manifest, column string) bool {
	_, i := m.Column(column)
	return i >= 0 && hasIndex(m, column) && len(m.Stats[i].Histogram) == 0
}

// probe counts the rows of a range in its index, up to the number from which
// the answer makes no difference.
func (s *session) probe(ctx context.Context, column string, k seek) (float64, error) {
	where, args := whereSQL(s.m, stored.Lite, filter.And(k.bounds))
	q := fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM rows%s WHERE %s LIMIT %d)", way{column: column}.hint(s.m), where, touchToSort+1)
	rows, err := s.lookUp(ctx, q, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	if rows.Next() {
		err = rows.Scan(&n)
	}
	if err != nil || n > touchToSort {
		return k.share, err
	}
	return float64(n) / float64(s.m.Rows), rows.Err()
}

// countWay finds an index through which the rows of a filter can be counted.
func (s *session) countWay(ctx context.Context, f filter.Filter) (best way, ok bool, err error) {
	if s.lite == nil || !simple(f) {
		return best, false, nil
	}
	seeks, _, err := s.seeks(ctx, f)
	all := len(filter.Conjuncts(f))
	for column, k := range seeks {
		most := float64(touchToSort)
		if len(k.bounds) == all { // the index alone answers
			most = touchToCount
		}
		if n := k.share * float64(s.m.Rows); column != "_id" && hasIndex(s.m, column) && n <= most && (!ok || n < best.touched) {
			best, ok = way{column: column, touched: n}, true
		}
	}
	return best, ok, err
}

// walk reads the rows of a page along a way, with the cells that it shows.
func (s *session) walk(ctx context.Context, p *plan, w way) ([]found, error) {
	if len(p.sort) == 0 {
		after := int64(0)
		if p.after != nil {
			after = p.after.ID
		}
		return s.walkPart(ctx, p, w, "_id > ?", []any{after}, "_id", p.limit+1)
	}
	if !w.ordered {
		cond, args := "", []any(nil)
		if p.after != nil {
			cond, args = p.afterSQL(stored.Lite)
		}
		return s.walkPart(ctx, p, w, cond, args, p.orderSQL(), p.limit+1)
	}
	return s.walkSorted(ctx, p, w)
}

// walkSorted reads an index of the sorted column, first the rows with a value,
// then those without.
func (s *session) walkSorted(ctx context.Context, p *plan, w way) (out []found, err error) {
	k := p.sort[0]
	name, op, dir := stored.Name(p.m, k.Column), ">", ""
	if k.Desc {
		op, dir = "<", " DESC"
	}
	if p.after == nil || p.after.Keys[0] != nil {
		cond, args := name+" IS NOT NULL", []any(nil)
		if p.after != nil {
			cond, args = fmt.Sprintf("(%s, _id) %s (?, ?)", name, op), []any{p.after.Keys[0], p.after.ID}
		}
		if out, err = s.walkPart(ctx, p, w, cond, args, name+dir+", _id"+dir, p.limit+1); err != nil || len(out) > p.limit {
			return out, err
		}
	}
	if _, i := p.m.Column(k.Column); i < 0 || p.m.Stats[i].Nulls == 0 {
		return out, nil
	}
	cond, args := name+" IS NULL", []any(nil)
	if p.after != nil && p.after.Keys[0] == nil {
		cond, args = cond+" AND _id "+op+" ?", []any{p.after.ID}
	}
	last, err := s.walkPart(ctx, p, w, cond, args, "_id"+dir, p.limit+1-len(out))
	return append(out, last...), err
}

func (s *session) walkPart(ctx context.Context, p *plan, w way, cond string, args []any, order string, limit int) ([]found, error) {
	where, more := whereSQL(p.m, stored.Lite, p.filter)
	exprs := []string{"_id"}
	for _, k := range p.sort {
		exprs = append(exprs, stored.Name(p.m, k.Column))
	}
	cells := 0
	if w.ordered { // else the cells of all that is gathered would be sorted with it
		exprs, cells = append(exprs, p.stored...), len(p.stored)
	}
	q := "SELECT " + strings.Join(exprs, ", ") + " FROM rows" + w.hint(p.m) + whereAll(notEmpty(cond, where)) + " ORDER BY " + order + fmt.Sprintf(" LIMIT %d", limit)
	rows, err := s.lookUp(ctx, q, append(args, more...)...)
	return takeFound(rows, err, len(p.sort), cells)
}
