package ui

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Belize is the frame that holds the whole country with its cayes.
var Belize = Frame{MinLon: -89.30, MinLat: 15.82, MaxLon: -87.40, MaxLat: 18.56}

// mapWidth is the width of the still map's own coordinates.
const mapWidth = 360.0

// mercator is the projection that the moving map uses too, so that the still
// drawing can lie under its pins.
func mercator(lat float64) float64 {
	return math.Log(math.Tan(math.Pi/4+lat*math.Pi/360)) * 180 / math.Pi
}

func (f Frame) scale() float64 { return mapWidth / (f.MaxLon - f.MinLon) }

func (f Frame) height() float64 {
	return (mercator(f.MaxLat) - mercator(f.MinLat)) * f.scale()
}

// at is the place of a point in the still map.
func (f Frame) at(lon, lat float64) (x, y float64) {
	return (lon - f.MinLon) * f.scale(), (mercator(f.MaxLat) - mercator(lat)) * f.scale()
}

func (m Map) frame() Frame {
	if m.Frame == (Frame{}) {
		return Belize
	}
	return m.Frame
}

func (m Map) viewBox() string { return "0 0 360 " + trim(m.frame().height()) }

func (m Map) bounds() string {
	f := m.frame()
	return fmt.Sprintf("%g,%g,%g,%g", f.MinLat, f.MinLon, f.MaxLat, f.MaxLon)
}

// path draws the rings of an area.
func (m Map) path(a Area) string {
	var b strings.Builder
	f := m.frame()
	for _, ring := range a.Rings {
		for i, p := range ring {
			x, y := f.at(p[0], p[1])
			b.WriteByte("ML"[min(i, 1)])
			b.WriteString(strconv.FormatFloat(x, 'f', 1, 64) + " " + strconv.FormatFloat(y, 'f', 1, 64))
		}
		b.WriteByte('Z')
	}
	return b.String()
}

func (m Map) cx(p Point) string { x, _ := m.frame().at(p.Lon, p.Lat); return trim(x) }
func (m Map) cy(p Point) string { _, y := m.frame().at(p.Lon, p.Lat); return trim(y) }

func (m Map) pointID(i int) string { return m.ID + "-p" + strconv.Itoa(i+1) }

func (a Area) title(ctx context.Context) string {
	if a.Value == "" {
		return a.Name
	}
	return a.Name + ": " + a.Value
}

func (p Point) title() string {
	if p.State == "" {
		return p.Title
	}
	return p.Title + " – " + p.State
}

func degrees(v float64) string { return strconv.FormatFloat(v, 'f', 5, 64) }
