package db

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Table is a table as a backup sees it: its columns, and the tables that its
// rows refer to.
type Table struct {
	Name    string
	Columns []string
	Refers  []string
}

// Tables lists the tables that hold records, each after those it refers to:
// without the migrations' own, without indexes that are kept as tables (full
// text), without columns that the engine computes. A dump of these tables means
// the same on either engine.
func (t *Tx) Tables(ctx context.Context) ([]Table, error) {
	names, err := List(ctx, t, One[string], t.Pick(
		`SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%' ORDER BY name`,
		`SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT LIKE 'goose_%' ORDER BY tablename`))
	if err != nil {
		return nil, err
	}
	var all []Table
	for _, name := range names {
		table := Table{Name: name}
		if table.Columns, err = t.columnsOf(ctx, name); err != nil {
			return nil, err
		}
		if table.Refers, err = t.refersOf(ctx, name); err != nil {
			return nil, err
		}
		all = append(all, table)
	}
	return inOrder(all)
}

func (t *Tx) columnsOf(ctx context.Context, table string) ([]string, error) {
	return List(ctx, t, One[string], t.Pick(
		`SELECT name FROM pragma_table_xinfo($1) WHERE hidden = 0 ORDER BY cid`,
		`SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1
		AND is_generated = 'NEVER' ORDER BY ordinal_position`), table)
}

func (t *Tx) refersOf(ctx context.Context, table string) ([]string, error) {
	return List(ctx, t, One[string], t.Pick(
		`SELECT DISTINCT "table" FROM pragma_foreign_key_list($1)`,
		`SELECT DISTINCT CAST(confrelid::regclass AS TEXT) FROM pg_constraint WHERE contype = 'f' AND conrelid = to_regclass($1)`), table)
}

// inOrder puts each table after those it refers to.
func inOrder(all []Table) ([]Table, error) {
	var out []Table
	placed := map[string]bool{}
	for len(out) < len(all) {
		before := len(out)
		for _, t := range all {
			if !placed[t.Name] && !slices.ContainsFunc(t.Refers, func(r string) bool { return r != t.Name && !placed[r] }) {
				out, placed[t.Name] = append(out, t), true
			}
		}
		if len(out) == before {
			return nil, fmt.Errorf("tables refer to each other in a circle")
		}
	}
	return out, nil
}

// Each calls fn with every row of a table, in the order of its columns, as
// values that survive JSON: nil, string, int64, float64 or bool. The slice is
// used again for the next row. fn must not use t: inside Update it would wait
// for itself, and everybody for it.
func (t *Tx) Each(ctx context.Context, table Table, fn func(row []any) error) error {
	return t.turn.do(ctx, func(ctx context.Context) error {
		rows, err := t.q.QueryContext(ctx, `SELECT "`+strings.Join(table.Columns, `", "`)+`" FROM "`+table.Name+`"`)
		if err != nil {
			return err
		}
		defer rows.Close()
		values, ptrs := make([]any, len(table.Columns)), make([]any, len(table.Columns))
		for i := range values {
			ptrs[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(ptrs...); err != nil {
				return err
			}
			for i, v := range values {
				if b, ok := v.([]byte); ok {
					values[i] = string(b)
				}
			}
			if err := fn(values); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// Put writes one row that Each gave, perhaps on the other engine. Numbers may
// be json.Number.
func (t *Tx) Put(ctx context.Context, table Table, row []any) error {
	if len(row) != len(table.Columns) {
		return fmt.Errorf("a row of %s has %d values for %d columns", table.Name, len(row), len(table.Columns))
	}
	marks := make([]string, len(row))
	for i, v := range row {
		marks[i] = fmt.Sprintf("$%d", i+1)
		if n, ok := v.(json.Number); ok {
			whole, err := n.Int64()
			if err == nil {
				row[i] = whole
				continue
			}
			if row[i], err = n.Float64(); err != nil {
				return err
			}
		}
	}
	clear(t.lane) // it knows nothing of these rows
	_, err := t.Exec(ctx, `INSERT INTO "`+table.Name+`" ("`+strings.Join(table.Columns, `", "`)+`") VALUES (`+strings.Join(marks, ", ")+`)`, row...)
	return err
}
