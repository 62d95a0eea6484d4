// Package rowmap draws the rows of a published table as a layer of vector
// tiles: points and shapes one by one, and counts where thousands lie together.
package rowmap

import (
	"cmp"
	"context"
	"encoding/json"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"ceiba/internal/service/geo"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/filter"
	"ceiba/internal/service/table/query"
)

const (
	// rowsDrawn is how many rows a tile shows one by one.
	rowsDrawn = 5000
	// spotsAside is into how many strips each way a fuller tile is cut.
	spotsAside = 128
	// columnsTold is how many columns stand in the tiles, so that they stay small.
	columnsTold = 12
)

// Layer is the rows of a table that have a place.
type Layer struct {
	Table  *query.Version
	Title  string
	Credit string // who must be named where it is shown
}

// Info describes the layer. Its id in the tiles is "rows".
func (l Layer) Info() geo.LayerInfo {
	m := l.Table.Manifest()
	info := geo.LayerInfo{ID: "rows", Title: l.Title, Attribution: l.Credit, MaxZoom: 14, Bounds: geo.Belize, Fields: map[string]string{"id": "Number of the row"}}
	if e := m.Extent; e != nil && e.Rows > 0 {
		info.Bounds = geo.Box{South: e.South, West: e.West, North: e.North, East: e.East}
	}
	for _, c := range told(m) {
		info.Fields[c.Name] = cmp.Or(c.Label, c.Name)
	}
	return info
}

// told are the columns that stand in the tiles.
func told(m *table.Manifest) (out []table.Column) {
	for _, c := range m.Columns {
		if c.Name != m.Geo.Point && c.Name != m.Geo.Shape && len(out) < columnsTold {
			out = append(out, c)
		}
	}
	return out
}

// Features returns the rows in the box, or where they lie and how many when
// they are more than a tile can show.
func (l Layer) Features(ctx context.Context, box geo.Box, _ int) ([]geo.Feature, error) {
	m := l.Table.Manifest()
	q := query.Query{Box: &filter.Box{South: box.South, West: box.West, North: box.North, East: box.East}, Limit: rowsDrawn, Select: columnsOf(m)}
	page, err := l.Table.Rows(ctx, q)
	if err != nil {
		return nil, err
	}
	if page.Next != "" {
		return l.counted(ctx, *q.Box)
	}
	var out []geo.Feature
	for _, row := range page.Rows {
		shape, ok := Where(page.Columns, row, m.Geo)
		if !ok {
			continue
		}
		f := geo.Feature{ID: strconv.FormatInt(row.ID, 10), Shape: shape, Properties: map[string]any{}}
		for i, c := range page.Columns {
			if v := row.Cells[i]; v != nil && c.Name != m.Geo.Point && c.Name != m.Geo.Shape {
				f.Properties[c.Name] = v
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// columnsOf are those that are told, and those that say where.
func columnsOf(m *table.Manifest) []string {
	var names []string
	have := map[string]bool{"": true}
	add := func(name string) {
		if !have[name] {
			have[name] = true
			names = append(names, name)
		}
	}
	for _, c := range told(m) {
		add(c.Name)
	}
	for _, name := range []string{m.Geo.Lat, m.Geo.Lon, m.Geo.Point, m.Geo.Shape} {
		add(name)
	}
	return names
}

func (l Layer) counted(ctx context.Context, box filter.Box) ([]geo.Feature, error) {
	spots, err := l.Table.Spread(ctx, box, spotsAside)
	out := make([]geo.Feature, len(spots))
	for i, s := range spots {
		out[i] = geo.Feature{ID: strconv.Itoa(i), Shape: orb.Point{s.Lon, s.Lat}, Count: int(s.Rows)}
	}
	return out, err
}

// Where is the shape of a row on the map: a point, or the line or area that the
// file gave. ok is false for a row without a place.
func Where(columns []table.Column, row query.Row, g *table.Geo) (shape orb.Geometry, ok bool) {
	var lat, lon, place any
	for i, c := range columns {
		switch c.Name {
		case g.Lat:
			lat = row.Cells[i]
		case g.Lon:
			lon = row.Cells[i]
		case g.Point, g.Shape:
			place = row.Cells[i]
		}
	}
	if g.Lat != "" {
		y, ok1 := number(lat)
		x, ok2 := number(lon)
		return orb.Point{x, y}, ok1 && ok2
	}
	text, _ := place.(string)
	if g.Point != "" {
		at, err := geo.ParsePoint(text)
		return orb.Point{at.Point.Lon, at.Point.Lat}, err == nil
	}
	var parsed geojson.Geometry
	if text == "" || json.Unmarshal([]byte(text), &parsed) != nil {
		return nil, false
	}
	shape = parsed.Geometry()
	return shape, shape != nil
}

func number(v any) (float64, bool) {
	switch x := v.(type) {
	case float64:
		return x, true
	case int64:
		return float64(x), true
	}
	return 0, false
}
