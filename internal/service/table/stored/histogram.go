package stored

import (
	"context"
	"database/sql"
	"fmt"
	"math"

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/cell"
)

// Histogram counts a number or date column in n even bins between its extremes
// under a condition ("" for all rows).
func Histogram(ctx context.Context, d *sql.DB, c *table.Column, i int, where string, args []any, n int) ([]table.Bin, error) {
	x := onLine(c.Type.Form(), Column(i))
	cond := Column(i) + " IS NOT NULL"
	if where != "" {
		cond += " AND (" + where + ")"
	}
	var lo, hi sql.NullFloat64
	q := fmt.Sprintf("SELECT min(%s), max(%s) FROM rows WHERE %s", x, x, cond)
	if err := d.QueryRowContext(ctx, q, args...).Scan(&lo, &hi); err != nil || !lo.Valid {
		return nil, err
	}
	width, n := binWidth(c, lo.Float64, hi.Float64, n)
	bins := make([]table.Bin, n)
	for k := range bins {
		bins[k].From = offLine(c, lo.Float64+float64(k)*width)
		bins[k].To = offLine(c, lo.Float64+float64(k+1)*width)
	}
	q = fmt.Sprintf("SELECT greatest(0, least(%d, floor((%s - ?) / ?)))::BIGINT AS b, count(*) FROM rows WHERE %s GROUP BY b", n-1, x, cond)
	rows, err := d.QueryContext(ctx, q, append([]any{lo.Float64, width}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var b, count int64
		if err := rows.Scan(&b, &count); err != nil {
			return nil, err
		}
		bins[b].Count = count
	}
	return bins, rows.Err()
}

// binWidth spreads n bins over a range; whole numbers and days get whole bins.
func binWidth(c *table.Column, lo, hi float64, n int) (float64, int) {
	if f := c.Type.Form(); f == table.FormInt || f == table.FormDate {
		width := math.Max(1, math.Ceil((hi-lo+1)/float64(n)))
		return width, int(math.Min(float64(n), math.Floor((hi-lo)/width)+1))
	}
	if hi <= lo {
		return 1, 1
	}
	return (hi - lo) / float64(n), n
}

// onLine puts a column on the number line: dates in days, timestamps in
// microseconds.
func onLine(f table.Form, col string) string {
	switch f {
	case table.FormDate:
		return fmt.Sprintf("date_diff('day', DATE '1970-01-01', %s)::DOUBLE", col)
	case table.FormStamp:
		return fmt.Sprintf("epoch_us(%s)::DOUBLE", col)
	}
	return col + "::DOUBLE"
}

func offLine(c *table.Column, x float64) any {
	if c.Type.Form() == table.FormFloat {
		return x
	}
	return cell.ShowInt(c, int64(math.Floor(x)))
}
