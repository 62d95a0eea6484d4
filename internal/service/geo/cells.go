package geo

import (
	"context"
	"fmt"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
)

// Zooms for which counts are kept: a tile of the first holds all of Belize's
// north or south, one of the last is 2 km wide.
const (
	FirstCellZoom = 6
	LastCellZoom  = 14
)

// Cell is a map tile and how many points of a class lie in it.
type Cell struct {
	Z, X, Y int
	Class   string
	N       int64
}

// Bounds returns the box that the cell covers.
func (c Cell) Bounds() Box {
	return boxOfBound(maptile.New(uint32(c.X), uint32(c.Y), maptile.Zoom(c.Z)).Bound())
}

// AddToCells adds n (negative to take away) to the counts of layer and class at
// p, at every zoom that is kept. Call it in the transaction that writes the
// point; for a point that moves or changes class, once with -1 for the old and
// once with 1 for the new.
func AddToCells(ctx context.Context, tx *db.Tx, layer, class string, p Point, n int) error {
	if !p.Valid() {
		return fault.New(fault.Invalid, "geo.point_beyond")
	}
	args := []any{layer, class, n}
	var rows []string
	for z := FirstCellZoom; z <= LastCellZoom; z++ {
		t := maptile.At(orb.Point{p.Lon, p.Lat}, maptile.Zoom(z))
		args = append(args, z, int(t.X), int(t.Y))
		i := len(args)
		rows = append(rows, fmt.Sprintf("($1, $%d, $%d, $%d, $2, $3)", i-2, i-1, i))
	}
	_, err := tx.Exec(ctx, `INSERT INTO cell_count (layer, z, x, y, class, n) VALUES `+strings.Join(rows, ", ")+`
		ON CONFLICT (layer, z, x, y, class) DO UPDATE SET n = cell_count.n + excluded.n`, args...)
	return err
}

// Cells returns the counts of a layer in the tiles of zoom z that touch the box,
// from north to south and west to east, then by class. z is brought into the
// zooms that are kept. An inverted box is a fault of kind Malformed.
func Cells(ctx context.Context, tx *db.Tx, layer string, b Box, z int) ([]Cell, error) {
	if err := b.Check(); err != nil {
		return nil, err
	}
	z = min(max(z, FirstCellZoom), LastCellZoom)
	nw := maptile.At(orb.Point{b.West, b.North}, maptile.Zoom(z))
	se := maptile.At(orb.Point{b.East, b.South}, maptile.Zoom(z))
	return db.List(ctx, tx, func(c *Cell) []any { return []any{&c.Z, &c.X, &c.Y, &c.Class, &c.N} },
		`SELECT z, x, y, class, n FROM cell_count WHERE layer = $1 AND z = $2 AND x BETWEEN $3 AND $4 AND y BETWEEN $5 AND $6 AND n <> 0
		ORDER BY y, x, class`, layer, z, int(nw.X), int(se.X), int(nw.Y), int(se.Y))
}
