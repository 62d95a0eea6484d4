package json

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"ceiba/internal/service/table/source"
)

// geometryColumns splits features into properties and geometry. Points get two
// more columns, lon and lat, as most readers want them.
type geometryColumns struct {
	points   int
	features int
	swapped  int // positions that lie in Belize when latitude comes first
	there    int // positions that lie in Belize as they stand
	open     int // rings whose last position is not their first
	ids      bool
	nulls    int
	lon      int // column of the longitude, -1 for none
	lat      int
	geometry int
	id       int
}

// The box of Belize with its waters, to find swapped coordinates.
const (
	boxWest, boxSouth, boxEast, boxNorth = -89.4, 15.7, -87.2, 18.7
)

// parts takes a feature apart.
func parts(v []byte) (props, geometry, id []byte) {
	fields(v, func(key, value []byte) {
		switch string(key) {
		case "properties":
			props = value
		case "geometry":
			geometry = value
		case "id":
			id = value
		}
	})
	if string(geometry) == "null" {
		geometry = nil
	}
	return props, geometry, id
}

// look learns from a feature, and returns its properties.
func (g *geometryColumns) look(v []byte) []byte {
	props, geometry, id := parts(v)
	g.features++
	g.ids = g.ids || len(id) > 0
	if geometry == nil {
		g.nulls++
		return props
	}
	kind, coordinates := shape(geometry)
	if kind == "Point" {
		g.points++
	}
	w := walker{g: g, rings: kind == "Polygon" || kind == "MultiPolygon"}
	w.walk(coordinates, 0)
	return props
}

// shape returns type and coordinates of a geometry.
func shape(v []byte) (kind string, coordinates []byte) {
	if len(v) == 0 || v[0] != '{' {
		return "", nil
	}
	fields(v, func(key, value []byte) {
		switch string(key) {
		case "type":
			kind = string(unquote(nil, value))
		case "coordinates":
			coordinates = value
		}
	})
	return kind, coordinates
}

// walker visits the positions of coordinates.
type walker struct {
	g     *geometryColumns
	rings bool
}

// walk visits an array and returns its first and last position, as text.
func (w *walker) walk(v []byte, depth int) (first, last []byte) {
	if len(v) < 2 || v[0] != '[' || depth > 6 {
		return nil, nil
	}
	if lon, lat, ok := position(v); ok {
		w.visit(lon, lat)
		return v, v
	}
	positions := 0
	for i := 1; i < len(v); {
		for i < len(v) && (v[i] == ',' || v[i] <= ' ') {
			i++
		}
		if i >= len(v) || v[i] == ']' {
			break
		}
		k := valueEnd(v, i)
		f, l := w.walk(v[i:k], depth+1)
		if first == nil {
			first = f
		}
		last = l
		if f != nil && len(f) == k-i {
			positions++
		}
		i = k
	}
	if w.rings && positions > 1 && !samePlace(first, last) {
		w.g.open++
	}
	return first, last
}

func samePlace(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, y, ok := position(a)
	p, q, ok2 := position(b)
	return ok && ok2 && x == p && y == q
}

// visit counts a position inside Belize, as it stands or swapped.
func (w *walker) visit(lon, lat float64) {
	if lon >= boxWest && lon <= boxEast && lat >= boxSouth && lat <= boxNorth {
		w.g.there++
	}
	if lat >= boxWest && lat <= boxEast && lon >= boxSouth && lon <= boxNorth {
		w.g.swapped++
	}
}

// position reads [lon, lat, ...].
func position(v []byte) (lon, lat float64, ok bool) {
	a, b, ok := pair(v)
	if !ok {
		return 0, 0, false
	}
	lon, err := strconv.ParseFloat(string(a), 64)
	lat, err2 := strconv.ParseFloat(string(b), 64)
	return lon, lat, err == nil && err2 == nil
}

// pair returns the text of the first two numbers of an array.
func pair(v []byte) (a, b []byte, ok bool) {
	if len(v) < 5 || v[0] != '[' {
		return nil, nil, false
	}
	body := bytes.TrimLeft(v[1:len(v)-1], " \t\r\n")
	if len(body) == 0 || body[0] == '[' || body[0] == '{' {
		return nil, nil, false
	}
	a, rest, ok := bytes.Cut(body, []byte{','})
	if !ok {
		return nil, nil, false
	}
	b, _, _ = bytes.Cut(rest, []byte{','})
	return bytes.TrimSpace(a), bytes.TrimSpace(b), true
}

// labels adds the columns that are not properties.
func (g *geometryColumns) labels(props []string) []string {
	g.lon, g.lat, g.id = -1, -1, -1
	out := props
	if g.ids {
		g.id = len(out)
		out = append(out, "feature_id")
	}
	if g.points > 0 {
		g.lon, g.lat = len(out), len(out)+1
		out = append(out, "lon", "lat")
	}
	g.geometry = len(out)
	return append(out, "geometry")
}

func (g *geometryColumns) notes() []source.Note {
	var out []source.Note
	note := func(code string, n int) {
		if n > 0 {
			out = append(out, source.NewNote(code, "n", n))
		}
	}
	if g.swapped > g.there {
		note("coordinates_swapped", g.swapped)
	}
	note("rings_open", g.open)
	note("no_geometry", g.nulls)
	return out
}

// split fills the columns of the geometry and returns the properties.
func (g *geometryColumns) split(v []byte, r *recordFile) []byte {
	props, geometry, id := parts(v)
	if g.id >= 0 && id != nil {
		r.cells[g.id] = r.plain(g.id, id)
	}
	if geometry == nil {
		return props
	}
	r.cells[g.geometry] = geometry
	kind, coordinates := shape(geometry)
	if kind != "Point" || g.lon < 0 {
		return props
	}
	if a, b, ok := pair(coordinates); ok {
		r.cells[g.lon], r.cells[g.lat] = a, b
	}
	return props
}

func validText(b []byte) bool { return utf8.Valid(b) }
