package cell

import (
	"bytes"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// ParseShape reads a GeoJSON geometry and returns its bounds.
func ParseShape(b []byte) (orb.Bound, bool) {
	if len(b) < 20 || b[0] != '{' {
		return orb.Bound{}, false
	}
	g, err := geojson.UnmarshalGeometry(b)
	if err != nil || g.Geometry() == nil {
		return orb.Bound{}, false
	}
	box := g.Geometry().Bound()
	if box.IsEmpty() || !InRange(box.Min.Lat(), box.Min.Lon()) || !InRange(box.Max.Lat(), box.Max.Lon()) {
		return orb.Bound{}, false
	}
	return box, true
}

// Trim takes the blanks off the ends of a cell.
func Trim(b []byte) []byte {
	if len(b) == 0 || b[0] > ' ' && b[0] < 0x80 && b[len(b)-1] > ' ' && b[len(b)-1] < 0x80 {
		return b
	}
	return bytes.TrimSpace(b)
}
