package rowmap

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"

	"ceiba/internal/service/geo"
	"ceiba/internal/service/table/build"
	"ceiba/internal/service/table/derive"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/table/query"
)

// publish makes a table of a file's text.
func publish(t *testing.T, name, text string) *query.Version {
	t.Helper()
	path, dir := filepath.Join(t.TempDir(), name), filepath.Join(t.TempDir(), "v")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := profile.File(t.Context(), path, profile.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := build.Version(t.Context(), path, p, dir, nil); err != nil {
		t.Fatal(err)
	}
	if err := derive.Files(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	lib := query.NewLibrary(query.Limits{})
	t.Cleanup(lib.Close)
	v, err := lib.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// shown reads a tile as a map client does: how many rows stand in it, and the
// kinds of shape.
func shown(t *testing.T, l geo.Layer, z, x, y int) (rows float64, shapes, names string) {
	t.Helper()
	tile, err := geo.MapTile(t.Context(), z, x, y, l)
	if err != nil {
		t.Fatal(err)
	}
	layers, err := mvt.Unmarshal(tile.Raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, layer := range layers {
		for _, f := range layer.Features {
			n, ok := f.Properties["count"].(float64)
			if !ok {
				n = 1
			}
			rows += n
			shapes += f.Geometry.GeoJSONType() + " "
			if name, ok := f.Properties["name"].(string); ok {
				names += name + " "
			}
		}
	}
	return rows, shapes, names
}

// TestPoints: every row is in exactly one tile of a zoom, alone or counted.
func TestPoints(t *testing.T) {
	for _, n := range []int{40, 9000} {
		var b strings.Builder
		b.WriteString("name,lat,lon\n")
		for i := range n {
			fmt.Fprintf(&b, "p%d,%.5f,%.5f\n", i, 16.0+float64(i%97)/50, -89.0+float64(i*31%89)/80)
		}
		b.WriteString("nowhere,,\n")
		l := Layer{Table: publish(t, "points.csv", b.String()), Title: "Points"}
		sum := 0.0
		for x := 30; x < 35; x++ {
			for y := 54; y < 60; y++ {
				rows, _, _ := shown(t, l, 7, x, y)
				sum += rows
			}
		}
		if int(sum) != n {
			t.Errorf("%d rows stand %.0f times in the tiles", n, sum)
		}
		if s := geo.NewTileSet("Points", "/{z}/{x}/{y}", l); s.VectorLayers[0].Fields["name"] == "" || s.Bounds[0] < -90 || s.Bounds[2] > -87 {
			t.Errorf("%+v", s)
		}
	}
}

func TestShapes(t *testing.T) {
	l := Layer{Title: "Roads", Table: publish(t, "roads.geojson", `{"type":"FeatureCollection","features":[
		{"type":"Feature","properties":{"name":"Hummingbird"},"geometry":{"type":"LineString","coordinates":[[-88.77,17.25],[-88.4,17.0]]}},
		{"type":"Feature","properties":{"name":"Reserve"},"geometry":{"type":"Polygon","coordinates":[[[-88.7,17.0],[-88.6,17.0],[-88.6,17.1],[-88.7,17.0]]]}},
		{"type":"Feature","properties":{"name":"Nowhere"},"geometry":null}]}`)}
	rows, shapes, names := shown(t, l, 7, 32, 57)
	if rows != 2 || shapes != "LineString Polygon " || names != "Hummingbird Reserve " {
		t.Errorf("%.0f rows: %s, %s", rows, shapes, names)
	}
	page, err := l.Table.Rows(t.Context(), query.Query{})
	if err != nil {
		t.Fatal(err)
	}
	at, ok := Where(page.Columns, page.Rows[0], l.Table.Manifest().Geo)
	if _, line := at.(orb.LineString); !ok || !line {
		t.Errorf("the road is at %v", at)
	}
	if _, ok := Where(page.Columns, page.Rows[2], l.Table.Manifest().Geo); ok {
		t.Error("a row without a place has one")
	}
}
