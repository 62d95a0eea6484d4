package query

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"ceiba/internal/service/table/cell"
	"ceiba/internal/service/table/stored"
)

// fetchAtOnce is how many rows one statement fetches by number.
const fetchAtOnce = 500

// fetch gets the rows with the given numbers, in their order.
func (s *session) fetch(ctx context.Context, p *plan, ids []found) ([]Row, error) {
	out := make([]Row, len(ids))
	at := make(map[int64]int, len(ids))
	missing := ids[:0:0]
	for i, f := range ids {
		out[i].ID = f.id
		if f.cells == nil {
			at[f.id], missing = i, append(missing, f)
			continue
		}
		for c := range f.cells {
			f.cells[c] = cell.Show(&p.columns[c], f.cells[c])
		}
		out[i].Cells = f.cells
	}
	ids = missing
	for from := 0; from < len(ids); from += fetchAtOnce {
		part := ids[from:min(from+fetchAtOnce, len(ids))]
		if err := s.fetchSome(ctx, p, part, at, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *session) fetchSome(ctx context.Context, p *plan, ids []found, at map[int64]int, out []Row) error {
	take := func(rows *sql.Rows, err error) error {
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			cells := make([]any, len(p.columns))
			ptrs := make([]any, 1, len(cells)+1)
			ptrs[0] = &id
			for i := range cells {
				ptrs = append(ptrs, &cells[i])
			}
			if err := rows.Scan(ptrs...); err != nil {
				return err
			}
			for i := range cells {
				cells[i] = cell.Show(&p.columns[i], cells[i])
			}
			out[at[id]].Cells = cells
		}
		return rows.Err()
	}
	run, from, to := numbers(ids)
	if s.lite != nil {
		q := "SELECT " + strings.Join(append([]string{"_id"}, p.stored...), ", ") + " FROM rows WHERE "
		if run {
			return take(s.lookUp(ctx, q+"_id BETWEEN ? AND ?", from, to))
		}
		args := make([]any, len(ids))
		for i, f := range ids {
			args[i] = f.id
		}
		return take(s.lookUp(ctx, q+"_id IN (?"+strings.Repeat(",?", len(ids)-1)+")", args...))
	}
	return s.heavy(ctx, func() error { return take(s.duck.QueryContext(ctx, p.duckByNumber(ids, run, from, to))) })
}

// numbers reports whether the rows follow each other without a gap.
func numbers(ids []found) (run bool, from, to int64) {
	from, to = ids[0].id, ids[len(ids)-1].id
	for i, f := range ids {
		if f.id != from+int64(i) {
			return false, 0, 0
		}
	}
	return true, from, to
}

// duckByNumber selects rows by their number where SQLite is not ready yet. The
// numbers are ours, not a stranger's, and are written out: DuckDB then reads
// the row groups that hold them and skips the others.
func (p *plan) duckByNumber(ids []found, run bool, from, to int64) string {
	exprs := []string{"rowid + 1"}
	for i, c := range p.columns {
		exprs = append(exprs, stored.Raw(c.Type.Form(), p.stored[i]))
	}
	q := "SELECT " + strings.Join(exprs, ", ") + " FROM rows WHERE rowid "
	if run {
		return q + fmt.Sprintf("BETWEEN %d AND %d", from-1, to-1)
	}
	var list []string
	for _, f := range ids {
		list = append(list, fmt.Sprint(f.id-1))
	}
	return q + "IN (" + strings.Join(list, ", ") + ")"
}
