package geo

import (
	"math"
	"strconv"
	"strings"

	"ceiba/internal/ground/fault"
)

// EarthRadius is the mean radius of the Earth in metres (IUGG), the one that
// every distance here is computed with.
const EarthRadius = 6371008.8

const radian = math.Pi / 180

// Point is a place on the Earth in WGS84 degrees.
type Point struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// Valid reports whether p is on the Earth: finite, latitude within ±90 and
// longitude within ±180.
func (p Point) Valid() bool {
	return math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180 // false for NaN
}

// Distance returns the great-circle distance between two points in metres, by
// the haversine formula.
func Distance(a, b Point) float64 {
	sinLat := math.Sin((b.Lat - a.Lat) * radian / 2)
	sinLon := math.Sin((b.Lon - a.Lon) * radian / 2)
	h := sinLat*sinLat + math.Cos(a.Lat*radian)*math.Cos(b.Lat*radian)*sinLon*sinLon
	return 2 * EarthRadius * math.Asin(math.Sqrt(min(1, h)))
}

// Box is a rectangle of latitudes and longitudes, edges included. South is at
// most North and West at most East: a box never crosses the 180th meridian.
type Box struct {
	South, West, North, East float64
}

// Earth is the box of everything.
var Earth = Box{South: -90, West: -180, North: 90, East: 180}

// Belize is the box around the six districts and their sea.
var Belize = Box{South: 15.8, West: -89.3, North: 18.55, East: -87.4}

// ParseBox reads "west,south,east,north", the order of GeoJSON and the OGC, or
// the six numbers of a box with heights, which are ignored. Anything else, an
// inverted box too, is a fault of kind Malformed.
func ParseBox(text string) (Box, error) {
	parts := strings.Split(text, ",")
	numbers := make([]float64, len(parts))
	for i, part := range parts {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return Box{}, fault.New(fault.Malformed, "geo.box_numbers", "text", text)
		}
		numbers[i] = v
	}
	var b Box
	switch len(numbers) {
	case 4:
		b = Box{West: numbers[0], South: numbers[1], East: numbers[2], North: numbers[3]}
	case 6:
		b = Box{West: numbers[0], South: numbers[1], East: numbers[3], North: numbers[4]}
	default:
		return Box{}, fault.New(fault.Malformed, "geo.box_numbers", "text", text)
	}
	return b, b.Check()
}

// Check returns a fault of kind Malformed when the box is inverted or reaches
// beyond the Earth. A box of no size is good.
func (b Box) Check() error {
	switch {
	case !(Point{b.South, b.West}).Valid(), !(Point{b.North, b.East}).Valid():
		return fault.New(fault.Malformed, "geo.box_beyond")
	case b.South > b.North:
		return fault.New(fault.Malformed, "geo.box_inverted_lat", "south", b.South, "north", b.North)
	case b.West > b.East:
		return fault.New(fault.Malformed, "geo.box_inverted_lon", "west", b.West, "east", b.East)
	}
	return nil
}

// Contains reports whether p is in the box or on its edge.
func (b Box) Contains(p Point) bool {
	return b.South <= p.Lat && p.Lat <= b.North && b.West <= p.Lon && p.Lon <= b.East
}

// Intersects reports whether the boxes share a point.
func (b Box) Intersects(c Box) bool {
	return b.South <= c.North && c.South <= b.North && b.West <= c.East && c.West <= b.East
}

// Include returns the smallest box that holds b and p.
func (b Box) Include(p Point) Box {
	return Box{min(b.South, p.Lat), min(b.West, p.Lon), max(b.North, p.Lat), max(b.East, p.Lon)}
}

// Center returns the middle of the box.
func (b Box) Center() Point { return Point{(b.South + b.North) / 2, (b.West + b.East) / 2} }

// BoxOf returns the smallest box that holds the points, and false for none.
func BoxOf(points ...Point) (Box, bool) {
	if len(points) == 0 {
		return Box{}, false
	}
	b := Box{points[0].Lat, points[0].Lon, points[0].Lat, points[0].Lon}
	for _, p := range points[1:] {
		b = b.Include(p)
	}
	return b, true
}

// Around returns a box that holds every point within metres of p. Where that
// circle holds a pole or crosses the 180th meridian the box is wide enough to
// hold all longitudes.
func Around(p Point, metres float64) Box {
	angle := metres/EarthRadius*(1+1e-9) + 1e-12 // never too small by rounding
	dLat := angle / radian
	b := Box{max(-90, p.Lat-dLat), -180, min(90, p.Lat+dLat), 180}
	if b.South == -90 || b.North == 90 || angle >= math.Pi/2 {
		return b
	}
	dLon := math.Asin(min(1, math.Sin(angle)/math.Cos(p.Lat*radian)))/radian + 1e-12
	if p.Lon-dLon >= -180 && p.Lon+dLon <= 180 {
		b.West, b.East = p.Lon-dLon, p.Lon+dLon
	}
	return b
}
