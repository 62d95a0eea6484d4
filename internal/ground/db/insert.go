package db

import (
	"context"
	"strconv"
	"strings"
)

// insertRows is how many rows one statement inserts at most. Few sizes of
// statement are used, so that they stay prepared.
const insertRows = 64

// InsertAll inserts rows of the same columns, many by one statement: on PostgreSQL
// each statement is a journey. into is "INSERT INTO t (a, b)", rest what follows
// the values, such as "ON CONFLICT DO NOTHING". It returns how many rows were
// changed.
func InsertAll(ctx context.Context, tx *Tx, into string, rows [][]any, rest string) (n int64, err error) {
	for len(rows) > 0 {
		size := insertRows
		for size > len(rows) {
			size /= 2
		}
		var args []any
		for _, r := range rows[:size] {
			args = append(args, r...)
		}
		done, err := tx.Exec(ctx, into+" VALUES "+marks(size, len(rows[0]))+" "+rest, args...)
		if err != nil {
			return n, err
		}
		n, rows = n+done, rows[size:]
	}
	return n, nil
}

// marks are placeholders for so many rows of so many columns.
func marks(rows, columns int) string {
	var b strings.Builder
	for i := range rows {
		for j := range columns {
			switch {
			case j > 0:
				b.WriteString(", $")
			case i > 0:
				b.WriteString("), ($")
			default:
				b.WriteString("($")
			}
			b.WriteString(strconv.Itoa(i*columns + j + 1))
		}
	}
	return b.String() + ")"
}
