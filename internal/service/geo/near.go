package geo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
)

// Points names the columns of a table whose rows have a place. The table needs
// an index on (lat, lon); rows without a place hold NULL there and are never
// found. The names are SQL, written by the programmer, never by a visitor.
type Points struct {
	Table string
	ID    string // column; unique, TEXT COLLATE "C"
	Lat   string
	Lon   string
	Where string // further condition with $1, $2 … for Args; empty for none
	Args  []any
}

// Hit is a row found by its place.
type Hit struct {
	ID     string
	Point  Point
	Metres float64 // from the point asked for; 0 from InBox
}

const (
	// firstRadius is where the search for the nearest begins, in metres: small,
	// because the index reads the whole strip of these latitudes, which costs
	// most where points are crowded; a round that finds too few costs little.
	firstRadius = 30
	// growth is by how much the radius grows while there are too few.
	growth = 3
	// roundLimit is how many rows one round may read beyond those asked for.
	roundLimit = 1000
	// farthest is beyond the distance of any two points on the Earth.
	farthest = 20_100_000
)

// Near returns the k rows nearest to p, nearest first and, at the same
// distance, in the order of their ids as text. With a radius above 0 only rows
// within that many metres count. The answer is exact: the box grows until it is
// sure to hold the k nearest, and distances are computed here, so both engines
// and a search through every row agree to the bit.
func Near(ctx context.Context, tx *db.Tx, table Points, p Point, k int, radius float64) ([]Hit, error) {
	if !p.Valid() || k < 0 {
		return nil, fault.New(fault.Malformed, "geo.point_beyond")
	}
	if k == 0 {
		return nil, nil
	}
	most := float64(farthest)
	if radius > 0 {
		most = min(most, radius)
	}
	reach, limit := min(firstRadius, most), k+roundLimit
	for {
		hits, err := table.within(ctx, tx, p, reach, limit)
		if err != nil {
			return nil, err
		}
		capped := limit > 0 && len(hits) == limit
		hits = nearestFirst(hits, p)
		switch near := countWithin(hits, reach); {
		case capped:
			// Some of the rows of this box, not all: the k-th of them bounds
			// the k-th of all, so a smaller box holds the answer.
			bound := hits[k-1].Metres
			if bound >= reach*0.7 {
				limit = 0 // it hardly shrinks (many in one spot): read them all
			}
			reach = min(reach, bound)
		case near >= k:
			return hits[:k], nil
		case reach >= most:
			return hits[:near], nil
		case len(hits) >= k:
			reach = min(most, hits[k-1].Metres)
		default:
			reach = min(most, reach*growth)
		}
	}
}

// within reads the rows of the box around a circle, at most limit of them when
// limit is above 0, in no order.
func (t Points) within(ctx context.Context, tx *db.Tx, p Point, metres float64, limit int) ([]Hit, error) {
	q, args := t.query(Around(p, metres))
	if limit > 0 {
		args = append(args, limit)
		q += fmt.Sprintf(" LIMIT $%d", len(args))
	}
	return db.List(ctx, tx, scanHit, q, args...)
}

// query returns the text that selects the rows in a box, and its arguments.
func (t Points) query(b Box) (string, []any) {
	n := len(t.Args)
	q := fmt.Sprintf(`SELECT %s, %s, %s FROM %s WHERE %[2]s BETWEEN $%[5]d AND $%[6]d AND %[3]s BETWEEN $%[7]d AND $%[8]d`,
		t.ID, t.Lat, t.Lon, t.Table, n+1, n+2, n+3, n+4)
	if t.Where != "" {
		q += " AND (" + t.Where + ")"
	}
	return q, append(slices.Clone(t.Args), b.South, b.North, b.West, b.East)
}

func scanHit(h *Hit) []any { return []any{&h.ID, &h.Point.Lat, &h.Point.Lon} }

// nearestFirst fills in the distances from p and sorts by them, then by id.
func nearestFirst(hits []Hit, p Point) []Hit {
	for i := range hits {
		hits[i].Metres = Distance(p, hits[i].Point)
	}
	slices.SortFunc(hits, byDistance)
	return hits
}

func byDistance(a, b Hit) int {
	return cmp.Or(cmp.Compare(a.Metres, b.Metres), strings.Compare(a.ID, b.ID))
}

func countWithin(hits []Hit, metres float64) int {
	n, _ := slices.BinarySearchFunc(hits, metres, func(h Hit, m float64) int {
		if h.Metres <= m {
			return -1
		}
		return 1
	})
	return n
}

// InBox returns the rows in a box, edges included, from south to north, then
// west to east, then by id, so that LIMIT reads no more than it gives. cursor is
// "" at first and then what the last call returned; "" is returned after the
// last row. At least one row is read, whatever the limit. An inverted box is a
// fault of kind Malformed.
func InBox(ctx context.Context, tx *db.Tx, table Points, b Box, limit int, cursor string) (hits []Hit, next string, err error) {
	if err := b.Check(); err != nil {
		return nil, "", err
	}
	q, args := table.query(b)
	order := db.Keyset{Columns: []string{table.Lat, table.Lon, table.ID}}
	after, more, err := order.After(cursor, len(args)+1)
	if err != nil {
		return nil, "", fault.New(fault.Malformed, "geo.cursor").Wrap(err)
	}
	limit = max(limit, 1)
	args = append(append(args, more...), limit+1)
	q += fmt.Sprintf(" AND %s %s LIMIT $%d", after, order.OrderBy(), len(args))
	hits, err = db.List(ctx, tx, scanHit, q, args...)
	if err != nil {
		return nil, "", err
	}
	if len(hits) > limit {
		hits = hits[:limit]
		last := hits[limit-1]
		next = db.Cursor(last.Point.Lat, last.Point.Lon, last.ID)
	}
	return hits, next, nil
}

// CountInBox returns how many rows lie in a box. Over millions of rows it is
// slow; Cells answers from counts that were kept.
func CountInBox(ctx context.Context, tx *db.Tx, table Points, b Box) (int64, error) {
	if err := b.Check(); err != nil {
		return 0, err
	}
	q, args := table.query(b)
	return db.Get(ctx, tx, db.One[int64], `SELECT count(*) FROM (`+q+`) AS inside`, args...)
}
