package build

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/cell"
	"ceiba/internal/service/table/stored"
)

const (
	topValues      = 1000    // how many values of a column are kept with their counts
	topShort       = 50      // … when it has more than topValues
	groupableUpTo  = 200_000 // more different values than this are estimated
	topLongest     = 300     // characters: longer values are estimated, and none is kept
	statsAtOnce    = 16      // columns per query
	quantileLevels = "[0.05, 0.25, 0.5, 0.75, 0.95]"
)

// statistics fills Stats and Extent from the rows in dir.
func statistics(ctx context.Context, m *table.Manifest, dir string) error {
	lim := stored.Limits{MemoryMB: buildMemoryMB, Threads: 2, Temp: filepath.Join(dir, "spill")}
	d, err := stored.OpenDuck(filepath.Join(dir, table.RowsFile), lim, nil)
	if err != nil {
		return err
	}
	defer d.Close()
	m.Stats = make([]table.ColumnStats, len(m.Columns))
	for from := 0; from < len(m.Columns); from += statsAtOnce {
		if err := countBasics(ctx, m, d, from, min(from+statsAtOnce, len(m.Columns))); err != nil {
			return err
		}
	}
	for i := range m.Columns {
		if err := countValues(ctx, m, d, i); err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
		m.Columns[i].Distinct = m.Stats[i].Distinct
	}
	return countPlaces(ctx, m, d)
}

// countBasics asks for counts, extremes and moments of some columns at once.
func countBasics(ctx context.Context, m *table.Manifest, d *sql.DB, from, to int) error {
	var exprs []string
	var dst []any
	for i := from; i < to; i++ {
		c, s := stored.Column(i), &m.Stats[i]
		f := m.Columns[i].Type.Form()
		exprs = append(exprs, "count("+c+")", "approx_count_distinct("+c+")")
		dst = append(dst, &s.Count, &s.Distinct)
		switch {
		case f == table.FormText:
			exprs = append(exprs, "coalesce(min(length("+c+")),0)", "coalesce(max(length("+c+")),0)")
			dst = append(dst, &s.MinLength, &s.MaxLength)
		case f != table.FormBool:
			exprs = append(exprs, "min("+c+")", "max("+c+")")
			dst = append(dst, &s.Min, &s.Max)
		}
		if m.Columns[i].Type.Numeric() {
			exprs = append(exprs, "fsum("+c+")", "favg("+c+")", "stddev_samp("+c+"::DOUBLE)")
			dst = append(dst, &s.Sum, &s.Mean, &s.StdDev)
		}
	}
	if err := d.QueryRowContext(ctx, "SELECT "+strings.Join(exprs, ", ")+" FROM rows").Scan(dst...); err != nil {
		return err
	}
	for i := from; i < to; i++ {
		s := &m.Stats[i]
		s.Nulls = m.Rows - s.Count
		s.Min, s.Max = cell.Show(&m.Columns[i], s.Min), cell.Show(&m.Columns[i], s.Max)
	}
	return nil
}

// countValues finds distinct values, the most frequent, quantiles and the
// histogram of a column.
func countValues(ctx context.Context, m *table.Manifest, d *sql.DB, i int) error {
	s, c := &m.Stats[i], &m.Columns[i]
	switch {
	case s.Count == 0:
		s.Distinct, s.DistinctExact = 0, true
		return nil
	case s.MaxLength > topLongest:
	case s.Distinct <= groupableUpTo:
		if err := countTop(ctx, m, d, i); err != nil {
			return err
		}
	case c.Unique || c.Name == m.Key || c.Type.Form() != table.FormText:
		q := fmt.Sprintf("SELECT count(DISTINCT %s) FROM rows", stored.Column(i))
		if err := d.QueryRowContext(ctx, q).Scan(&s.Distinct); err != nil {
			return err
		}
		s.DistinctExact = true
	}
	if c.Type.Numeric() {
		q := fmt.Sprintf("SELECT quantile_cont(%s::DOUBLE, %s) FROM rows", stored.Column(i), quantileLevels)
		var list []any
		if err := d.QueryRowContext(ctx, q).Scan(&list); err != nil {
			return err
		}
		for _, v := range list {
			f, _ := v.(float64)
			s.Quantiles = append(s.Quantiles, f)
		}
	}
	if c.Type.Numeric() || c.Type.Temporal() {
		return countBins(ctx, m, d, i)
	}
	return nil
}

func countTop(ctx context.Context, m *table.Manifest, d *sql.DB, i int) error {
	s, c := &m.Stats[i], stored.Column(i)
	limit := topValues
	if s.Distinct > 2*topValues {
		limit = topShort
	}
	q := fmt.Sprintf("SELECT %s, n, count(*) OVER () FROM (SELECT %s, count(*) AS n FROM rows WHERE %s IS NOT NULL GROUP BY %s) ORDER BY n DESC, %s LIMIT %d", c, c, c, c, c, limit)
	rows, err := d.QueryContext(ctx, q)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var b table.Bucket
		if err := rows.Scan(&b.Value, &b.Count, &s.Distinct); err != nil {
			return err
		}
		b.Value = cell.Show(&m.Columns[i], b.Value)
		s.Top = append(s.Top, b)
	}
	s.DistinctExact, s.TopAll = true, int64(len(s.Top)) == s.Distinct
	switch {
	case s.TopAll:
	case s.Top[0].Count == 1: // every value once: none is frequent
		s.Top = nil
	default:
		s.Top = s.Top[:min(len(s.Top), topShort)]
	}
	return rows.Err()
}

// countBins makes an even histogram between the extremes.
func countBins(ctx context.Context, m *table.Manifest, d *sql.DB, i int) error {
	bins, err := stored.Histogram(ctx, d, &m.Columns[i], i, "", nil, table.HistogramBins)
	m.Stats[i].Histogram = bins
	return err
}

// countPlaces finds the extent of the rows and how they lie in it.
func countPlaces(ctx context.Context, m *table.Manifest, d *sql.DB) error {
	if m.Geo == nil {
		return nil
	}
	lat, lon := stored.LatLon(m)
	var e table.Extent
	var s, w, n, o sql.NullFloat64
	q := fmt.Sprintf("SELECT count(*), min(%[1]s), min(%[2]s), max(%[1]s), max(%[2]s) FROM rows WHERE %[1]s IS NOT NULL AND %[2]s IS NOT NULL", lat, lon)
	if err := d.QueryRowContext(ctx, q).Scan(&e.Rows, &s, &w, &n, &o); err != nil || e.Rows == 0 {
		return err
	}
	e.South, e.West, e.North, e.East = s.Float64, w.Float64, n.Float64, o.Float64
	e.Cells = make([]int64, table.GridSide*table.GridSide)
	cell := func(c string, from, to float64) string {
		return fmt.Sprintf("least(%d, floor((%s - %g) / %g))::BIGINT", table.GridSide-1, c, from, math.Max(to-from, 1e-9)/table.GridSide)
	}
	q = fmt.Sprintf("SELECT %s AS y, %s AS x, count(*) FROM rows WHERE %s IS NOT NULL AND %s IS NOT NULL GROUP BY y, x",
		cell(lat, e.South, e.North), cell(lon, e.West, e.East), lat, lon)
	rows, err := d.QueryContext(ctx, q)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var y, x, n int64
		if err := rows.Scan(&y, &x, &n); err != nil {
			return err
		}
		e.Cells[max(y, 0)*table.GridSide+max(x, 0)] = n
	}
	m.Extent = &e
	return rows.Err()
}
