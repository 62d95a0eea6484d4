package cell

import (
	"math"

	"ceiba/internal/service/table"
)

// Outcome is what became of a cell.
type Outcome uint8

const (
	Kept   Outcome = iota // a value
	Empty                 // no value: nothing stood there, or a declared null word
	Nulled                // no value: a null word such as N/A that nobody declared
	Bad                   // no value: it cannot be read as the column's type
)

// Value is one cell, read. Which field counts follows from the column's form.
type Value struct {
	Int   int64   // FormInt, FormBool, FormDate, FormStamp, FormTime
	Float float64 // FormFloat
	Text  []byte  // FormText; points into the cell
}

// Reader reads the cells of one column.
type Reader struct {
	col   *table.Column
	form  table.Form
	voids map[string]bool
}

// NewReader returns a reader of the cells of c.
func NewReader(c *table.Column) *Reader {
	return &Reader{col: c, form: c.Type.Form(), voids: set(c.NullWords...)}
}

// Read fills v from a cell.
func (r *Reader) Read(cell []byte, v *Value) Outcome {
	b := Trim(cell)
	if len(b) == 0 {
		return Empty
	}
	if len(r.voids) > 0 && r.voids[string(b)] {
		return Empty
	}
	if r.col.Type == table.Text {
		v.Text = cell
		return Kept
	}
	if r.typed(b, v) {
		return Kept
	}
	if IsNullWord(b) {
		return Nulled
	}
	return Bad
}

func (r *Reader) typed(b []byte, v *Value) bool {
	switch r.form {
	case table.FormInt:
		n, ok := ParseNumber(b, r.col.DecimalComma)
		v.Int = n.Int
		return ok && n.Integral
	case table.FormFloat:
		n, ok := ParseNumber(b, r.col.DecimalComma)
		v.Float = n.Float
		return ok && r.inDegrees(n.Float)
	case table.FormBool:
		yes, ok := ParseBool(b)
		v.Int = 0
		if yes {
			v.Int = 1
		}
		return ok
	case table.FormDate, table.FormStamp:
		return r.moment(b, v)
	case table.FormTime:
		clock, ok := ParseTime(b)
		v.Int = clock
		return ok
	}
	return r.words(b, v)
}

func (r *Reader) inDegrees(f float64) bool {
	switch r.col.Type {
	case table.Latitude:
		return math.Abs(f) <= 90
	case table.Longitude:
		return math.Abs(f) <= 180
	}
	return true
}

func (r *Reader) moment(b []byte, v *Value) bool {
	m, ok := ParseMoment(b)
	if !ok {
		return false
	}
	if r.form == table.FormStamp {
		v.Int, ok = m.stamp(r.col.DayFirst)
		return ok
	}
	v.Int, ok = m.Days(r.col.DayFirst)
	return ok && m.Clock == 0
}

// words reads the types that are kept as text.
func (r *Reader) words(b []byte, v *Value) bool {
	v.Text = b
	switch r.col.Type {
	case table.District:
		name, ok := ParseDistrict(b)
		v.Text = []byte(name)
		return ok
	case table.URL:
		return IsURL(b)
	case table.Point:
		_, _, ok := r.Pair(b)
		return ok
	case table.Geometry:
		_, ok := ParseShape(b)
		return ok
	case table.JSON:
		return IsJSON(b)
	}
	return true
}

// Pair reads a point column's cell as latitude and longitude.
func (r *Reader) Pair(b []byte) (lat, lon float64, ok bool) {
	lat, lon, ok = ParsePair(b)
	if r.col.LonFirst {
		lat, lon = lon, lat
	}
	return lat, lon, ok && InRange(lat, lon)
}
