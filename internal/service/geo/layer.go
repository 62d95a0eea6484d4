package geo

import (
	"context"
	"fmt"
	"maps"

	"github.com/paulmach/orb"

	"ceiba/internal/ground/db"
)

// Feature is one thing to draw.
type Feature struct {
	ID         string
	Shape      orb.Geometry // longitude before latitude
	Properties map[string]any
	Count      int // how many points it stands for; 0 and 1 are itself
}

// LayerInfo describes a layer to those who draw it.
type LayerInfo struct {
	ID          string // in tiles and addresses
	Title       string
	Description string
	Attribution string // who must be named where it is shown
	MinZoom     int
	MaxZoom     int // a client draws deeper zooms from this one
	Bounds      Box
	Fields      map[string]string // property: what it is, for TileJSON
}

// Layer is a set of features that can be drawn: from memory, or by a query.
type Layer interface {
	// Info describes the layer.
	Info() LayerInfo
	// Features returns what touches the box, ordered by id. Shapes may be
	// shared: the caller copies before it changes. A layer of very many points
	// may give some of them together, by Count.
	Features(ctx context.Context, box Box, zoom int) ([]Feature, error)
}

// DistrictLayer is the six districts.
type DistrictLayer struct{}

// Info describes the layer.
func (DistrictLayer) Info() LayerInfo {
	return LayerInfo{
		ID: "districts", Title: "Districts of Belize", Attribution: Attribution, MaxZoom: 12, Bounds: Belize,
		Description: "The six districts, ISO 3166-2:BZ. Not the official boundaries.",
		Fields:      map[string]string{"id": "ISO 3166-2 code", "name": "Name"},
	}
}

// Features returns the districts that touch the box.
func (DistrictLayer) Features(_ context.Context, box Box, _ int) ([]Feature, error) {
	var out []Feature
	for _, d := range atlas().districts {
		if d.Bounds.Intersects(box) {
			out = append(out, Feature{ID: d.Code, Shape: d.shape, Properties: map[string]any{"name": d.Name}})
		}
	}
	return out, nil
}

// MemoryLayer draws the points of an Index.
type MemoryLayer[T any] struct {
	About  LayerInfo
	Points *Index[T]
	Draw   func(Entry[T]) map[string]any // the properties of an entry; nil for none
}

// Info describes the layer.
func (l MemoryLayer[T]) Info() LayerInfo { return l.About }

// Features returns the points in the box, or, when they are more than 5,000,
// how many lie in each cell of a grid, at one of them.
func (l MemoryLayer[T]) Features(_ context.Context, box Box, _ int) ([]Feature, error) {
	if l.Points.crowded(box, gridFrom) {
		return l.Points.counted(box), nil
	}
	entries, err := l.Points.InBox(box, 0)
	out := make([]Feature, len(entries))
	for i, e := range entries {
		out[i] = Feature{ID: e.ID, Shape: orb.Point{e.Point.Lon, e.Point.Lat}}
		if l.Draw != nil {
			out[i].Properties = l.Draw(e)
		}
	}
	return out, err
}

const (
	// gridFrom is how many points of a box are drawn one by one.
	gridFrom = 5000
	// gridSide is into how many strips each way a fuller box is cut, to count.
	gridSide = 128
)

// QueryLayer draws the rows of a table.
type QueryLayer struct {
	About LayerInfo
	DB    *db.DB
	Table Points
	// Draw gives the properties of rows by their ids, in one query; nil for none.
	Draw func(ctx context.Context, tx *db.Tx, ids []string) (map[string]map[string]any, error)
}

// Info describes the layer.
func (l QueryLayer) Info() LayerInfo { return l.About }

// Features returns the rows in the box, or, when they are more than 5,000, how
// many lie in each cell of a grid, at their mean place.
func (l QueryLayer) Features(ctx context.Context, box Box, _ int) (out []Feature, err error) {
	err = l.DB.View(ctx, func(tx *db.Tx) error {
		hits, more, err := InBox(ctx, tx, l.Table, box, gridFrom, "")
		if err != nil {
			return err
		}
		if more != "" {
			out, err = l.counted(ctx, tx, box)
			return err
		}
		out, err = l.drawn(ctx, tx, hits)
		return err
	})
	return out, err
}

func (l QueryLayer) drawn(ctx context.Context, tx *db.Tx, hits []Hit) ([]Feature, error) {
	ids, out := make([]string, len(hits)), make([]Feature, len(hits))
	for i, h := range hits {
		ids[i] = h.ID
		out[i] = Feature{ID: h.ID, Shape: orb.Point{h.Point.Lon, h.Point.Lat}}
	}
	if l.Draw == nil || len(hits) == 0 {
		return out, nil
	}
	properties, err := l.Draw(ctx, tx, ids)
	for i := range out {
		out[i].Properties = properties[out[i].ID]
	}
	return out, err
}

// counted groups the rows by grid cell. The casts round on PostgreSQL and cut
// on SQLite, which moves the grid by half a cell and changes no count.
func (l QueryLayer) counted(ctx context.Context, tx *db.Tx, box Box) ([]Feature, error) {
	q, args := l.Table.query(box)
	n := len(args)
	args = append(args, box.South, max(box.North-box.South, 1e-9)/gridSide, box.West, max(box.East-box.West, 1e-9)/gridSide)
	type cell struct {
		id       string
		lat, lon float64
		n        int
	}
	cells, err := db.List(ctx, tx, func(c *cell) []any { return []any{&c.id, &c.lat, &c.lon, &c.n} }, fmt.Sprintf(
		`SELECT min(%[1]s), avg(%[2]s), avg(%[3]s), count(*) FROM (%[4]s) AS inside
		GROUP BY CAST((%[2]s - $%[5]d) / $%[6]d AS INTEGER), CAST((%[3]s - $%[7]d) / $%[8]d AS INTEGER) ORDER BY 1`,
		l.Table.ID, l.Table.Lat, l.Table.Lon, q, n+1, n+2, n+3, n+4), args...)
	out := make([]Feature, len(cells))
	for i, c := range cells {
		out[i] = Feature{ID: c.id, Shape: orb.Point{c.lon, c.lat}, Count: c.n}
	}
	return out, err
}

// PlaceLayer draws the gazetteer.
func PlaceLayer(d *db.DB) QueryLayer {
	return QueryLayer{
		About: LayerInfo{
			ID: "places", Title: "Places", Description: "Towns, villages and other named places.",
			Attribution: "GeoNames (CC BY 4.0)", MaxZoom: 12, Bounds: Belize,
			Fields: map[string]string{"id": "Identifier", "name": "Name", "kind": "Kind of place", "district": "ISO 3166-2 code", "population": "People"},
		},
		DB: d, Table: PlacePoints(), Draw: drawPlaces,
	}
}

func drawPlaces(ctx context.Context, tx *db.Tx, ids []string) (map[string]map[string]any, error) {
	out := map[string]map[string]any{}
	for i := 0; i < len(ids); i += 500 {
		places, err := PlacesByID(ctx, tx, ids[i:min(i+500, len(ids))])
		if err != nil {
			return nil, err
		}
		for id, p := range places {
			out[id] = map[string]any{"name": p.Name, "kind": string(p.Kind), "district": p.District}
			if p.Population != nil {
				out[id]["population"] = *p.Population
			}
		}
	}
	return out, nil
}

// properties returns what a tile says about a feature.
func (f Feature) properties() map[string]any {
	if f.Count > 1 {
		return map[string]any{"count": f.Count}
	}
	out := map[string]any{"id": f.ID}
	maps.Copy(out, f.Properties)
	return out
}
