package query

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"ceiba/internal/service/table/filter"
	"ceiba/internal/service/table/stored"
)

// earthRadius is the mean radius in metres (IUGG).
const earthRadius = 6371008.8

// Distance returns the metres between two places over the sphere.
func Distance(lat1, lon1, lat2, lon2 float64) float64 {
	const rad = math.Pi / 180
	a := math.Sin((lat2 - lat1) * rad / 2)
	b := math.Sin((lon2 - lon1) * rad / 2)
	h := a*a + math.Cos(lat1*rad)*math.Cos(lat2*rad)*b*b
	return 2 * earthRadius * math.Asin(math.Min(1, math.Sqrt(h)))
}

// nearby is a row and how far it is.
type nearby struct {
	id    int64
	metre float64
}

// nearest answers a query with Near, exactly.
func (s *session) nearest(ctx context.Context, p *plan) (*Page, error) {
	var list []nearby
	var err error
	if s.lite != nil && simple(p.filter) && math.Abs(p.q.Near.Lon) < 170 && math.Abs(p.q.Near.Lat) < 85 {
		list, err = s.nearestInTree(ctx, p)
	} else {
		list, err = s.nearestInDuck(ctx, p)
	}
	if err != nil {
		return nil, err
	}
	ids := make([]found, len(list))
	for i, n := range list {
		ids[i].id = n.id
	}
	page := &Page{Columns: p.columns}
	if page.Rows, err = s.fetch(ctx, p, ids); err != nil {
		return nil, err
	}
	for i := range page.Rows {
		page.Rows[i].Distance = list[i].metre
	}
	return page, nil
}

// nearestInTree grows a box around the point until it holds enough rows, then
// makes sure that none outside the box is nearer than the last one inside.
func (s *session) nearestInTree(ctx context.Context, p *plan) ([]nearby, error) {
	n := p.q.Near
	const farthest = math.Pi * earthRadius
	limit := farthest
	if n.Radius > 0 {
		limit = n.Radius
	}
	half := math.Min(limit, s.firstGuess(p))
	for {
		list, err := s.around(ctx, p, half)
		if err != nil {
			return nil, err
		}
		list = slices.DeleteFunc(list, func(x nearby) bool { return x.metre > limit })
		enough := len(list) >= p.limit
		switch {
		case enough && list[p.limit-1].metre <= half, half >= limit:
			return list[:min(p.limit, len(list))], nil
		case enough:
			half = list[p.limit-1].metre
		default:
			half = math.Min(half*growth, limit)
		}
		if half > 2_000_000 { // a quarter of the globe: no tree helps
			return s.nearestInDuck(ctx, p)
		}
	}
}

// firstGuess is half the side of a box that holds about the rows asked for,
// going by the coarse counts of the extent.
func (s *session) firstGuess(p *plan) float64 {
	rows := float64(s.m.Rows) * share(s.m, p.filter)
	half := 5.0
	for ; half < 1_000_000; half *= growth {
		if shareInBox(s.m.Extent, p.q.Near.box(half), s.m.Rows)*rows >= float64(p.limit) {
			break
		}
	}
	return half
}

// growth is how much wider the next box is when one held too few rows: small,
// because at the edge of a town a box soon holds thousands.
const growth = 1.5

// box reaches half metres from the point in each direction, and a little more.
func (n *Near) box(half float64) filter.Box {
	dLat := half / 111_000
	dLon := dLat / math.Max(math.Cos((math.Abs(n.Lat)+dLat)*math.Pi/180), 1e-3)
	return filter.Box{South: n.Lat - dLat, West: n.Lon - dLon, North: n.Lat + dLat, East: n.Lon + dLon}
}

// around lists the rows in a box of the given half side, nearest first.
func (s *session) around(ctx context.Context, p *plan, half float64) ([]nearby, error) {
	n, box := p.q.Near, p.q.Near.box(half)
	lat, lon := stored.LatLon(s.m)
	where, args := whereSQL(p.m, stored.Lite, p.filter)
	q := fmt.Sprintf("SELECT _id, %s, %s FROM box JOIN rows ON _id = id WHERE south <= ? AND north >= ? AND west <= ? AND east >= ?", lat, lon)
	if where != "" {
		q += " AND (" + where + ")"
	}
	args = append([]any{box.North, box.South, box.East, box.West}, args...)
	rows, err := s.lite.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []nearby
	for rows.Next() {
		var id int64
		var y, x float64
		if err := rows.Scan(&id, &y, &x); err != nil {
			return nil, err
		}
		out = append(out, nearby{id, Distance(n.Lat, n.Lon, y, x)})
	}
	slices.SortFunc(out, func(a, b nearby) int { return cmp.Or(cmp.Compare(a.metre, b.metre), cmp.Compare(a.id, b.id)) })
	return out, rows.Err()
}

// nearestInDuck reads all coordinates.
func (s *session) nearestInDuck(ctx context.Context, p *plan) ([]nearby, error) {
	lat, lon := stored.LatLon(s.m)
	n := p.q.Near
	far := fmt.Sprintf("2 * %g * asin(least(1, sqrt(pow(sin(radians(%[2]s - ?) / 2), 2) + cos(radians(?)) * cos(radians(%[2]s)) * pow(sin(radians(%[3]s - ?) / 2), 2))))", earthRadius, lat, lon)
	where, args := whereSQL(p.m, stored.Duck, p.filter)
	conds := notEmpty(lat+" IS NOT NULL", lon+" IS NOT NULL", where)
	q := "SELECT rowid + 1, " + far + " AS d FROM rows" + whereAll(conds)
	args = append([]any{n.Lat, n.Lat, n.Lon}, args...)
	if n.Radius > 0 {
		q = "SELECT * FROM (" + q + ") WHERE d <= ?"
		args = append(args, n.Radius)
	}
	var out []nearby
	err := s.heavy(ctx, func() error {
		rows, err := s.duck.QueryContext(ctx, q+fmt.Sprintf(" ORDER BY d, 1 LIMIT %d", p.limit), args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var x nearby
			if err := rows.Scan(&x.id, &x.metre); err != nil {
				return err
			}
			out = append(out, x)
		}
		return rows.Err()
	})
	return out, err
}

// Nearest is Rows for a point: the k rows nearest to it, within radius metres
// if that is not zero.
func (v *Version) Nearest(ctx context.Context, lat, lon float64, k int, radius float64, q Query) (*Page, error) {
	q.Near, q.Limit = &Near{Lat: lat, Lon: lon, Radius: radius}, k
	return v.Rows(ctx, q)
}
