package query

import (
	"context"
	"fmt"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table/filter"
	"ceiba/internal/service/table/stored"
)

// Spot is how many rows lie together in a part of a box, and their mean place.
type Spot struct {
	Lat, Lon float64
	Rows     int64
}

// Spread counts the rows in a box, cut into side strips each way: for maps on
// which single rows would lie over each other. The spots come from south to
// north and west to east. A table without places is fault.Invalid.
func (v *Version) Spread(ctx context.Context, box filter.Box, side int) ([]Spot, error) {
	m := v.Manifest()
	if m.Geo == nil || box.South > box.North || box.West > box.East || side < 1 {
		return nil, fault.New(fault.Invalid, "table.no_place")
	}
	lat, lon := stored.LatLon(m)
	q := fmt.Sprintf(`SELECT avg(%[1]s), avg(%[2]s), count(*) FROM rows WHERE %[1]s BETWEEN ? AND ? AND %[2]s BETWEEN ? AND ?
		GROUP BY floor((%[1]s - ?) / ?), floor((%[2]s - ?) / ?) ORDER BY floor((min(%[1]s) - ?) / ?), min(%[2]s)`, lat, lon)
	tall, wide := max(box.North-box.South, 1e-9)/float64(side), max(box.East-box.West, 1e-9)/float64(side)
	var out []Spot
	err := v.ask(ctx, func(ctx context.Context, s *session) error {
		return s.heavy(ctx, func() error {
			rows, err := s.duck.QueryContext(ctx, q, box.South, box.North, box.West, box.East, box.South, tall, box.West, wide, box.South, tall)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var x Spot
				if err := rows.Scan(&x.Lat, &x.Lon, &x.Rows); err != nil {
					return err
				}
				out = append(out, x)
			}
			return rows.Err()
		})
	})
	return out, err
}
