package geo

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/planar"
	"github.com/paulmach/orb/project"
	"github.com/paulmach/orb/simplify"

	"ceiba/internal/ground/fault"
)

const (
	// TileLimit is the size that no tile passes, in bytes before compression.
	TileLimit = 500_000
	// tileFeatures is how many features one layer of a tile holds at most, so
	// that a cheap phone can draw it.
	tileFeatures = 10_000
	// deepestZoom is the deepest tile that is made.
	deepestZoom = 22
	// tileExtent is the side of a tile in its own units; tileEdge is how far
	// shapes reach over it, so that their strokes meet in the next one.
	tileExtent = mvt.DefaultExtent
	tileEdge   = 64
)

// Tile is a vector tile.
type Tile struct {
	Data     []byte // gzipped MVT 2.1; nil when nothing is there
	Raw      []byte // the same, not compressed
	Size     int    // bytes before compression
	Features int
	Thinned  bool // points were put together or small shapes left out
}

// MapTile makes the tile z/x/y of the layers. A point is in exactly one tile; only
// counts that a layer made itself may count one on the very edge twice.
// Points that would make it too large or too crowded are put together: one
// feature for those of a small square, with property count. Shapes are
// simplified to the tile's resolution, and more where that is still too large. A
// tile that does not exist is a fault of kind Malformed.
func MapTile(ctx context.Context, z, x, y int, layers ...Layer) (Tile, error) {
	if z < 0 || z > deepestZoom || x < 0 || y < 0 || x >= 1<<z || y >= 1<<z {
		return Tile{}, fault.New(fault.Malformed, "geo.tile_beyond", "z", z, "x", x, "y", y)
	}
	at := maptile.New(uint32(x), uint32(y), maptile.Zoom(z))
	gathered, err := gather(ctx, at, layers)
	if err != nil || len(gathered) == 0 {
		return Tile{}, err
	}
	for level := 0; ; level++ {
		raw, n, err := encode(gathered, level)
		if err != nil {
			return Tile{}, fmt.Errorf("tile %d/%d/%d: %w", z, x, y, err)
		}
		if len(raw) > TileLimit || n > tileFeatures*len(gathered) {
			continue
		}
		if n == 0 {
			return Tile{}, nil
		}
		return Tile{Data: zipped(raw), Raw: raw, Size: len(raw), Features: n, Thinned: level > 0 || together(gathered)}, nil
	}
}

// together reports whether a layer already gave points that stand for others.
func together(gathered []layerFeatures) bool {
	for _, l := range gathered {
		if slices.ContainsFunc(l.features, func(f Feature) bool { return f.Count > 1 }) {
			return true
		}
	}
	return false
}

// layerFeatures is what one layer puts into a tile, in the tile's units.
type layerFeatures struct {
	id       string
	features []Feature
}

// gather reads the layers and brings their shapes into the tile's units.
func gather(ctx context.Context, at maptile.Tile, layers []Layer) ([]layerFeatures, error) {
	var out []layerFeatures
	toTile := projection(at)
	for _, l := range layers {
		info := l.Info()
		if int(at.Z) < info.MinZoom {
			continue
		}
		features, err := l.Features(ctx, boxOfBound(at.Bound()), int(at.Z))
		if err != nil {
			return nil, fmt.Errorf("layer %s: %w", info.ID, err)
		}
		kept := make([]Feature, 0, len(features))
		for _, f := range features {
			if p, ok := f.Shape.(orb.Point); ok && maptile.At(p, at.Z) != at {
				continue // it lies on the far edge: in the next tile
			}
			f.Shape = project.Geometry(orb.Clone(f.Shape), toTile)
			kept = append(kept, f)
		}
		if len(kept) > 0 {
			out = append(out, layerFeatures{info.ID, kept})
		}
	}
	return out, nil
}

// projection turns degrees into the units of a tile, y downward.
func projection(at maptile.Tile) orb.Projection {
	west, north := float64(at.X), float64(at.Y)
	return func(p orb.Point) orb.Point {
		f := maptile.Fraction(p, at.Z)
		return orb.Point{math.Floor((f[0] - west) * tileExtent), math.Floor((f[1] - north) * tileExtent)}
	}
}

// encode writes the layers at a level of thinning, 0 for none, and returns the
// bytes and how many features they hold.
func encode(gathered []layerFeatures, level int) ([]byte, int, error) {
	var layers mvt.Layers
	n := 0
	for _, l := range gathered {
		out := &mvt.Layer{Name: l.id, Version: 2, Extent: tileExtent}
		for _, f := range thin(l.features, level) {
			if g := drawn(f.Shape, level); g != nil {
				out.Features = append(out.Features, &geojson.Feature{Geometry: g, Properties: f.properties()})
			}
		}
		n += len(out.Features)
		if len(out.Features) > 0 {
			layers = append(layers, out)
		}
	}
	raw, err := mvt.Marshal(layers)
	return raw, n, err
}

// thin puts together the points of each square of a grid, which is coarser at
// every level: 256 squares a side at level 1, then 128, down to 8. From level 7
// on it also halves what is left, so that some level fits whatever the features.
func thin(features []Feature, level int) []Feature {
	if level == 0 {
		return features
	}
	side := float64(tileExtent / max(8, 512>>level))
	at := map[orb.Point]int{}
	out := make([]Feature, 0, len(features))
	for _, f := range features {
		p, ok := f.Shape.(orb.Point)
		if !ok {
			out = append(out, f)
			continue
		}
		square := orb.Point{math.Floor(p[0] / side), math.Floor(p[1] / side)}
		if i, there := at[square]; there {
			out[i].Count = max(1, out[i].Count) + max(1, f.Count)
			continue
		}
		at[square] = len(out)
		out = append(out, f)
	}
	if level > 6 {
		slices.SortStableFunc(out, func(a, b Feature) int { return cmp.Compare(weight(b), weight(a)) })
		out = out[:len(out)>>(level-6)]
	}
	return out
}

// weight says what to keep when not all can be kept: large shapes, and the
// points that stand for most.
func weight(f Feature) float64 {
	if f.Shape.Dimensions() == 0 {
		return float64(f.Count)
	}
	b := f.Shape.Bound()
	return (b.Max[0] - b.Min[0]) + (b.Max[1] - b.Min[1])
}

// drawn simplifies and clips a shape of a tile; nil when nothing is left.
func drawn(g orb.Geometry, level int) orb.Geometry {
	if g.Dimensions() == 0 {
		return g
	}
	blur := float64(int(1) << min(level, 8)) // in units: a sixteenth of a pixel at level 0
	g = simplify.DouglasPeucker(blur).Simplify(orb.Clone(g))
	const far = tileExtent + tileEdge
	g = clip.Geometry(orb.Bound{Min: orb.Point{-tileEdge, -tileEdge}, Max: orb.Point{far, far}}, g)
	return sound(g, blur)
}

// sound leaves out rings that are too small to see and turns the others as the
// tile format wants them: outer ones with positive area, holes with negative.
func sound(g orb.Geometry, blur float64) orb.Geometry {
	switch g := g.(type) {
	case orb.Polygon:
		if p := soundPolygon(g, blur); p != nil {
			return p
		}
		return nil
	case orb.MultiPolygon:
		var out orb.MultiPolygon
		for _, polygon := range g {
			if p := soundPolygon(polygon, blur); p != nil {
				out = append(out, p)
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	}
	return g
}

func soundPolygon(p orb.Polygon, blur float64) orb.Polygon {
	var out orb.Polygon
	for i, ring := range p {
		area := planar.Area(orb.Polygon{ring})
		if len(ring) < 4 || math.Abs(area) < blur*blur {
			if i == 0 {
				return nil
			}
			continue
		}
		want := orb.CCW
		if i > 0 {
			want = orb.CW
		}
		if ring.Orientation() != want {
			ring.Reverse()
		}
		out = append(out, ring)
	}
	return out
}

func zipped(raw []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b) // without a time in its header: the same bytes each time
	z.Write(raw)
	z.Close()
	return b.Bytes()
}

// TileSet is a TileJSON 3.0.0 document: it tells a map client where the tiles
// are and what is in them.
type TileSet struct {
	TileJSON     string        `json:"tilejson"`
	Name         string        `json:"name"`
	Attribution  string        `json:"attribution,omitempty"`
	Tiles        []string      `json:"tiles"`
	Scheme       string        `json:"scheme"`
	MinZoom      int           `json:"minzoom"`
	MaxZoom      int           `json:"maxzoom"`
	Bounds       [4]float64    `json:"bounds"` // west, south, east, north
	Center       [3]float64    `json:"center"` // longitude, latitude, zoom
	VectorLayers []VectorLayer `json:"vector_layers"`
}

// VectorLayer is one layer of a TileSet.
type VectorLayer struct {
	ID          string            `json:"id"`
	Description string            `json:"description,omitempty"`
	MinZoom     int               `json:"minzoom"`
	MaxZoom     int               `json:"maxzoom"`
	Fields      map[string]string `json:"fields"`
}

// NewTileSet describes the tiles of the layers, of which there is at least one.
// address is where they are, with {z}, {x} and {y} in it.
func NewTileSet(name, address string, layers ...Layer) TileSet {
	s := TileSet{TileJSON: "3.0.0", Name: name, Tiles: []string{address}, Scheme: "xyz", MinZoom: deepestZoom}
	var bounds Box
	var credits []string
	for i, l := range layers {
		info := l.Info()
		fields := map[string]string{"count": "Points that stand together, where more than one"}
		for k, v := range info.Fields {
			fields[k] = v
		}
		s.VectorLayers = append(s.VectorLayers, VectorLayer{info.ID, info.Description, info.MinZoom, info.MaxZoom, fields})
		s.MinZoom, s.MaxZoom = min(s.MinZoom, info.MinZoom), max(s.MaxZoom, info.MaxZoom)
		if info.Attribution != "" && !slices.Contains(credits, info.Attribution) {
			credits = append(credits, info.Attribution)
		}
		if i == 0 {
			bounds = info.Bounds
		}
		bounds = bounds.Include(Point{info.Bounds.South, info.Bounds.West}).Include(Point{info.Bounds.North, info.Bounds.East})
	}
	s.Attribution = joinCredits(credits)
	s.Bounds = [4]float64{bounds.West, bounds.South, bounds.East, bounds.North}
	s.Center = [3]float64{bounds.Center().Lon, bounds.Center().Lat, float64(min(max(7, s.MinZoom), s.MaxZoom))}
	return s
}

func joinCredits(credits []string) string {
	text := ""
	for i, c := range credits {
		if i > 0 {
			text += "; "
		}
		text += c
	}
	return text
}
