package geo

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/planar"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
)

// decoded reads a tile back, its shapes in degrees.
func decoded(t testing.TB, z, x, y int, tile Tile) map[string]*mvt.Layer {
	t.Helper()
	layers, err := mvt.UnmarshalGzipped(tile.Data)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*mvt.Layer{}
	for _, l := range layers {
		l.ProjectToWGS84(maptile.New(uint32(x), uint32(y), maptile.Zoom(z)))
		out[l.Name] = l
	}
	return out
}

func TestDistrictTilesDecodeBack(t *testing.T) {
	ctx := context.Background()
	for z := range 13 {
		at := maptile.At(orb.Point{-88.75, 17.2}, maptile.Zoom(z)) // in Cayo
		tile, err := MapTile(ctx, z, int(at.X), int(at.Y), DistrictLayer{})
		if err != nil || tile.Thinned || tile.Size > TileLimit {
			t.Fatalf("zoom %d: %+v, %v", z, tile, err)
		}
		l := decoded(t, z, int(at.X), int(at.Y), tile)["districts"]
		if l.Version != 2 || len(l.Features) != tile.Features {
			t.Errorf("zoom %d: version %d, %d features, want %d", z, l.Version, len(l.Features), tile.Features)
		}
		if z < 6 {
			continue // a district is a few units there
		}
		found := ""
		for _, f := range l.Features {
			if inShape(f.Geometry, orb.Point{-88.75, 17.2}) {
				found = f.Properties.MustString("id")
			}
		}
		if found != "BZ-CY" {
			t.Errorf("zoom %d: the point is in %q", z, found)
		}
	}
}

func inShape(g orb.Geometry, p orb.Point) bool {
	switch g := g.(type) {
	case orb.Polygon:
		return planar.PolygonContains(g, p)
	case orb.MultiPolygon:
		return planar.MultiPolygonContains(g, p)
	}
	return false
}

// TestTileRingsTurnAsTheFormatWants checks what decoders go by: outer rings
// have positive area in the tile's units, whose y points down.
func TestTileRingsTurnAsTheFormatWants(t *testing.T) {
	at := maptile.At(orb.Point{-88.5, 17.2}, 7)
	tile, err := MapTile(context.Background(), 7, int(at.X), int(at.Y), DistrictLayer{})
	if err != nil {
		t.Fatal(err)
	}
	layers, err := mvt.UnmarshalGzipped(tile.Data)
	if err != nil || len(layers) != 1 {
		t.Fatal(layers, err)
	}
	rings := 0
	for _, f := range layers[0].Features {
		polygons, ok := f.Geometry.(orb.MultiPolygon)
		if !ok {
			polygons = orb.MultiPolygon{f.Geometry.(orb.Polygon)}
		}
		for _, p := range polygons {
			rings++
			if p[0].Orientation() != orb.CCW || !p[0].Closed() {
				t.Errorf("%v: an outer ring is turned or open", f.Properties["id"])
			}
		}
	}
	if rings < 5 {
		t.Errorf("%d rings", rings)
	}
}

func TestNoSuchTile(t *testing.T) {
	for _, c := range [][3]int{{-1, 0, 0}, {0, 1, 0}, {3, 0, 8}, {3, -1, 0}, {23, 0, 0}, {64, 0, 0}} {
		if _, err := MapTile(context.Background(), c[0], c[1], c[2], DistrictLayer{}); fault.KindOf(err) != fault.Malformed {
			t.Errorf("%v: %v", c, err)
		}
	}
	if tile, err := MapTile(context.Background(), 8, 0, 0, DistrictLayer{}); err != nil || tile.Data != nil {
		t.Errorf("an empty tile: %+v, %v", tile, err)
	}
}

func crowd(n int) *Index[string] {
	r := rand.New(rand.NewPCG(7, 7))
	x := NewIndex[string]()
	for i := range n {
		p := Point{16.2 + 2*r.Float64(), -89 + r.Float64()}
		x.Put(Entry[string]{fmt.Sprintf("c%06d", i), p, strings.Repeat("a long name ", 5)})
	}
	return x
}

func crowdLayer(n int) MemoryLayer[string] {
	return MemoryLayer[string]{
		About: LayerInfo{ID: "crowd", MaxZoom: 14, Bounds: Belize}, Points: crowd(n),
		Draw: func(e Entry[string]) map[string]any { return map[string]any{"name": e.Value + e.ID} },
	}
}

// counted sums what the points of a tile stand for.
func counted(t testing.TB, z, x, y int, tile Tile, layer string) int {
	t.Helper()
	n := 0
	if l := decoded(t, z, x, y, tile)[layer]; l != nil {
		for _, f := range l.Features {
			if c, ok := f.Properties["count"].(float64); ok {
				n += int(c)
			} else {
				n++
			}
		}
	}
	return n
}

// plainLayer gives every point one by one, however many.
type plainLayer struct{ MemoryLayer[string] }

func (l plainLayer) Features(_ context.Context, box Box, _ int) ([]Feature, error) {
	entries, err := l.Points.InBox(box, 0)
	var out []Feature
	for _, e := range entries {
		out = append(out, Feature{ID: e.ID, Shape: orb.Point{e.Point.Lon, e.Point.Lat}, Properties: l.Draw(e)})
	}
	return out, err
}

// TestCrowdedTilesAreThinned checks that no point is lost: each is in exactly
// one tile of a zoom, by itself or in a count, and no tile is too large.
func TestCrowdedTilesAreThinned(t *testing.T) {
	const n = 30_000
	memory := crowdLayer(n)
	for name, layer := range map[string]Layer{"counted by the layer": memory, "one by one": plainLayer{memory}} {
		for _, z := range []int{0, 5, 9, 12} {
			sum, thinned := sumOfTiles(t, z, layer)
			if sum != n || thinned != (z < 12) {
				t.Errorf("%s, zoom %d: the tiles stand for %d points, want %d; thinned: %v", name, z, sum, n, thinned)
			}
		}
	}
}

// sumOfTiles adds up what the tiles of a zoom stand for.
func sumOfTiles(t *testing.T, z int, layer Layer) (sum int, thinned bool) {
	t.Helper()
	nw, se := maptile.At(orb.Point{-89.1, 18.3}, maptile.Zoom(z)), maptile.At(orb.Point{-87.9, 16.1}, maptile.Zoom(z))
	for x := nw.X; x <= se.X; x++ {
		for y := nw.Y; y <= se.Y; y++ {
			tile, err := MapTile(context.Background(), z, int(x), int(y), layer)
			if err != nil || tile.Size > TileLimit || tile.Features > tileFeatures {
				t.Fatalf("%d/%d/%d: %d bytes, %d features, %v", z, x, y, tile.Size, tile.Features, err)
			}
			if tile.Data != nil {
				sum += counted(t, z, int(x), int(y), tile, "crowd")
			}
			thinned = thinned || tile.Thinned
		}
	}
	return sum, thinned
}

func TestQueryLayer(t *testing.T) {
	hits := scatter(9000, 3)
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		store(t, d, hits)
		ctx := context.Background()
		layer := QueryLayer{
			About: LayerInfo{ID: "spots", MaxZoom: 14, Bounds: Belize}, DB: d, Table: spots,
			Draw: func(_ context.Context, _ *db.Tx, ids []string) (map[string]map[string]any, error) {
				out := map[string]map[string]any{}
				for _, id := range ids {
					out[id] = map[string]any{"name": "spot " + id}
				}
				return out, nil
			},
		}
		whole, err := MapTile(ctx, 3, 2, 3, layer) // all of Belize: more than are given one by one
		if err != nil || counted(t, 3, 2, 3, whole, "spots") != 9000 {
			t.Errorf("the whole stands for %d, %v", counted(t, 3, 2, 3, whole, "spots"), err)
		}
		at := maptile.At(orb.Point{-88.77, 17.25}, 14)
		part, err := MapTile(ctx, 14, int(at.X), int(at.Y), layer)
		want := 0
		for _, h := range hits {
			if maptile.At(orb.Point{h.Point.Lon, h.Point.Lat}, 14) == at {
				want++
			}
		}
		l := decoded(t, 14, int(at.X), int(at.Y), part)["spots"]
		if err != nil || len(l.Features) != want || !strings.HasPrefix(l.Features[0].Properties.MustString("name"), "spot s") {
			t.Errorf("%d features, want %d; %v; %v", len(l.Features), want, l.Features[0].Properties, err)
		}
	}, spotSchema)
}

func TestTileSet(t *testing.T) {
	raw, err := json.Marshal(NewTileSet("Ceiba", "https://example.org/tiles/{z}/{x}/{y}.mvt", DistrictLayer{}, PlaceLayer(nil)))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got["tilejson"] != "3.0.0" || len(got["tiles"].([]any)) != 1 || len(got["vector_layers"].([]any)) != 2 ||
		got["attribution"] != "Made with Natural Earth; GeoNames (CC BY 4.0)" {
		t.Errorf("%s", raw)
	}
	for _, l := range got["vector_layers"].([]any) {
		if l := l.(map[string]any); l["id"] == "" || l["fields"] == nil {
			t.Errorf("a vector layer needs id and fields: %v", l)
		}
	}
}

// TestHilbertID compares with the examples of the PMTiles specification and
// checks that the numbers of a zoom are exactly those of its tiles.
func TestHilbertID(t *testing.T) {
	for _, c := range []struct {
		z    int
		x, y uint32
		want uint64
	}{{0, 0, 0, 0}, {1, 0, 0, 1}, {1, 0, 1, 2}, {1, 1, 1, 3}, {1, 1, 0, 4}, {2, 0, 0, 5}, {12, 3423, 1763, 19078479}} {
		if got := hilbertID(c.z, c.x, c.y); got != c.want {
			t.Errorf("%d/%d/%d is %d, want %d", c.z, c.x, c.y, got, c.want)
		}
	}
	seen := map[uint64]bool{}
	for x := range uint32(32) {
		for y := range uint32(32) {
			seen[hilbertID(5, x, y)] = true
		}
	}
	if len(seen) != 1024 || !seen[341] || !seen[341+1023] {
		t.Errorf("%d numbers at zoom 5", len(seen))
	}
}

func TestBasemap(t *testing.T) {
	var a, b bytes.Buffer
	err := errors.Join(WriteBasemap(context.Background(), &a, "Belize", 9, DistrictLayer{}), WriteBasemap(context.Background(), &b, "Belize", 9, DistrictLayer{}))
	if err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Fatalf("not the same bytes twice: %d, %d, %v", a.Len(), b.Len(), err)
	}
	file := a.Bytes()
	if string(file[:8]) != "PMTiles\x03" || len(file) > 200_000 {
		t.Errorf("%d bytes that begin %q", len(file), file[:8])
	}
	at := func(i int) int { return int(binary.LittleEndian.Uint64(file[i:])) }
	entries := readDirectory(t, file[at(8):at(8)+at(16)])
	for z := range 10 {
		c := maptile.At(orb.Point{-88.75, 17.2}, maptile.Zoom(z))
		e := entries[hilbertID(z, c.X, c.Y)]
		tile := Tile{Data: file[at(56)+int(e.offset):][:e.run]}
		if len(decoded(t, z, int(c.X), int(c.Y), tile)["districts"].Features) == 0 {
			t.Errorf("%v is empty", c)
		}
	}
	if at(72) != len(entries) || at(56)+at(64) != len(file) {
		t.Errorf("the header says %d tiles and ends at %d; there are %d, and %d bytes", at(72), at(56)+at(64), len(entries), len(file))
	}
}

// readDirectory reads a directory as the specification says, by tile id. The
// field run holds the length of the data.
func readDirectory(t testing.TB, zipped []byte) map[uint64]storedTile {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := io.ReadAll(z)
	in := bytes.NewReader(raw)
	next := func() uint64 {
		v, err := binary.ReadUvarint(in)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	list := make([]storedTile, next())
	id := uint64(0)
	for i := range list {
		id += next()
		list[i].id = id
	}
	for range list {
		next() // runs
	}
	for i := range list {
		list[i].run = next()
	}
	out := map[uint64]storedTile{}
	for i := range list {
		if v := next(); v > 0 {
			list[i].offset = v - 1
		} else {
			list[i].offset = list[i-1].offset + list[i-1].run
		}
		out[list[i].id] = list[i]
	}
	return out
}

// TestDirectories checks that a root that grows too large points to leaves, and
// that all entries are in them.
func TestDirectories(t *testing.T) {
	for _, n := range []int{1, 10, 60_000} {
		r := rand.New(rand.NewPCG(uint64(n), 3))
		entries := make([]storedTile, n)
		id, offset := uint64(0), uint64(0)
		for i := range entries {
			id += 1 + uint64(r.IntN(1000))
			entries[i] = storedTile{id: id, run: 1, offset: offset, data: make([]byte, 1+r.IntN(50))}
			offset += uint64(len(entries[i].data))
		}
		root, leaves := directories(entries)
		found := readDirectory(t, root)
		if len(leaves) > 0 {
			pointers := found
			found = map[uint64]storedTile{}
			for _, p := range pointers {
				maps.Copy(found, readDirectory(t, leaves[p.offset:][:p.run]))
			}
		}
		if len(root) > rootLimit || len(leaves) > 0 != (n == 60_000) || len(found) != n {
			t.Errorf("%d entries: root of %d bytes, leaves of %d, %d read back", n, len(root), len(leaves), len(found))
		}
		for _, e := range entries {
			if got := found[e.id]; got.offset != e.offset || int(got.run) != len(e.data) {
				t.Fatalf("entry %d reads back as %+v", e.id, got)
			}
		}
	}
}

func TestSVGIsSmallAndTheSameTwice(t *testing.T) {
	m := Map{Title: "Map of the six districts of Belize", Labels: true, Href: func(code string) string { return "/d/" + code }}
	var a, b bytes.Buffer
	if err := errors.Join(SVG(&a, m), SVG(&b, m)); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Fatal("not the same bytes twice: ", err)
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(a.Bytes())
	w.Close()
	t.Logf("%d bytes, %d compressed", a.Len(), z.Len())
	if z.Len() > 5000 {
		t.Errorf("%d bytes compressed, want 5,000 at most", z.Len())
	}
	for _, d := range Districts() {
		if !strings.Contains(a.String(), `<a href="/d/`+d.Code+`"><g class="district"><title>`+d.Name+`</title>`) {
			t.Errorf("no link to %s", d.Code)
		}
	}
	if !strings.Contains(a.String(), `role="group"`) || !strings.Contains(a.String(), Attribution) || strings.Contains(a.String(), "style=") {
		t.Errorf("%.300s", a.String())
	}
}

// svgNode is any element of a drawing.
type svgNode struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Nodes   []svgNode  `xml:",any"`
}

func (n svgNode) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func TestSVGMarks(t *testing.T) {
	const evil = `"><script>alert(1)</script>`
	var b bytes.Buffer
	err := SVG(&b, Map{ID: "m1", Title: "T & T", Desc: "Two works", Classes: []string{"done", "late"}, Values: map[string]string{"BZ-CY": "v3"}, Marks: []Mark{
		{Point{17.2, -88.7}, "late", evil, ""}, {Point{17.3, -88.7}, "done", "north", ""}, {Point{51, 0}, "late", "London", ""},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var svg svgNode
	if err := xml.NewDecoder(&b).Decode(&svg); err != nil {
		t.Fatal(err)
	}
	var marks []svgNode
	coloured := false
	for _, n := range svg.Nodes {
		coloured = coloured || n.attr("class") == "district v3"
		if strings.HasPrefix(n.attr("class"), "mark ") {
			marks = append(marks, n)
		}
	}
	if svg.attr("role") != "img" || svg.attr("aria-labelledby") != "m1-t m1-d" || !coloured {
		t.Errorf("%v", svg.Attrs)
	}
	if len(marks) != 2 || marks[0].attr("class") != "mark done" || marks[1].Nodes[0].Text != evil {
		t.Fatalf("marks from north to south, those shown: %v", marks)
	}
	if marks[0].attr("d") != shapePaths[0] || marks[1].attr("d") != shapePaths[1] {
		t.Error("two classes have one shape: told apart by colour alone")
	}
}

func TestSVGFocus(t *testing.T) {
	var b bytes.Buffer
	if err := SVG(&b, Map{Title: "Toledo", Focus: "BZ-TOL"}); err != nil || strings.Count(b.String(), "<path") != 1 {
		t.Errorf("%d outlines, %v", strings.Count(b.String(), "<path"), err)
	}
	if err := SVG(failing{}, Map{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a writer that fails: %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestCells(t *testing.T) {
	hits := scatter(60, 5)
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		err := d.Update(ctx, func(tx *db.Tx) error {
			var errs []error
			for i, h := range hits {
				errs = append(errs, AddToCells(ctx, tx, "report", []string{"open", "closed"}[i%2], h.Point, 1))
			}
			return errors.Join(append(errs, AddToCells(ctx, tx, "report", "open", hits[0].Point, -1), AddToCells(ctx, tx, "other", "open", hits[0].Point, 5))...)
		})
		if err != nil {
			t.Fatal(err)
		}
		view(t, d, func(ctx context.Context, tx *db.Tx) error {
			for z := range 17 {
				cells, err := Cells(ctx, tx, "report", Box{0, -120, 40, -60}, z) // wider than Belize
				if err != nil {
					return err
				}
				sum := map[string]int64{}
				for _, c := range cells {
					sum[c.Class] += c.N
				}
				if sum["open"] != 29 || sum["closed"] != 30 {
					t.Errorf("zoom %d: %v", z, sum)
				}
			}
			cells, err := Cells(ctx, tx, "report", Box{hits[1].Point.Lat, hits[1].Point.Lon, hits[1].Point.Lat, hits[1].Point.Lon}, 14)
			if len(cells) == 0 || !cells[0].Bounds().Contains(hits[1].Point) {
				t.Errorf("no size: %v", cells)
			}
			if _, err := Cells(ctx, tx, "report", Box{18, -89, 16, -88}, 8); fault.KindOf(err) != fault.Malformed {
				t.Errorf("inverted: %v", err)
			}
			return err
		})
		if err := d.Update(ctx, func(tx *db.Tx) error { return AddToCells(ctx, tx, "report", "open", Point{math.NaN(), 0}, 1) }); fault.KindOf(err) != fault.Invalid {
			t.Errorf("not a point: %v", err)
		}
	}, Schema)
}
