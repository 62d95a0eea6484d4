package stored

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"ceiba/internal/service/table"
)

// Raw selects a stored column as the plain int64, float64 or text that
// both engines understand.
func Raw(f table.Form, col string) string {
	switch f {
	case table.FormDate:
		return "date_diff('day', DATE '1970-01-01', " + col + ")"
	case table.FormStamp, table.FormTime:
		return "epoch_us(" + col + ")"
	case table.FormBool:
		return col + "::BIGINT"
	}
	return col
}

// Each hands out all rows in load order, a slice at a time so that memory
// stays small. The cells, hidden ones last, are reused between calls.
func Each(ctx context.Context, db *sql.DB, m *table.Manifest, do func(id int64, cells []any) error) error {
	const slice = 32_768
	var exprs []string
	for i := range m.Columns {
		exprs = append(exprs, Raw(m.Columns[i].Type.Form(), Column(i)))
	}
	exprs = append(exprs, m.Geo.Hidden()...)
	q := "SELECT " + strings.Join(exprs, ", ") + " FROM rows WHERE rowid >= ? AND rowid < ?"
	cells, ptrs := make([]any, len(exprs)), make([]any, len(exprs))
	for i := range ptrs {
		ptrs[i] = &cells[i]
	}
	for from := int64(0); from < m.Rows; from += slice {
		rows, err := db.QueryContext(ctx, q, from, min(from+slice, m.Rows))
		if err != nil {
			return err
		}
		id := from
		for rows.Next() {
			id++
			if err := rows.Scan(ptrs...); err != nil {
				rows.Close()
				return err
			}
			if err := do(id, cells); err != nil {
				rows.Close()
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		if id != min(from+slice, m.Rows) {
			return fmt.Errorf("rows %d to %d: %d came", from, from+slice, id-from)
		}
	}
	return nil
}
