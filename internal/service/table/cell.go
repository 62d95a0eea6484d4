package table

import "math"

// outcome is what became of a cell.
type outcome uint8

const (
	kept   outcome = iota // a value
	empty                 // no value: nothing stood there, or a declared null word
	nulled                // no value: a null word such as N/A that nobody declared
	bad                   // no value: it cannot be read as the column's type
)

// value is one cell, read. Which field counts follows from the column's form.
type value struct {
	i int64   // formInt, formBool, formDate, formStamp, formTime
	f float64 // formFloat
	s []byte  // formText; points into the cell
}

// cellReader reads the cells of one column.
type cellReader struct {
	col   *Column
	form  form
	voids map[string]bool
}

func newCellReader(c *Column) *cellReader {
	return &cellReader{col: c, form: c.Type.form(), voids: set(c.NullWords...)}
}

// read fills v from a cell.
func (r *cellReader) read(cell []byte, v *value) outcome {
	b := trim(cell)
	if len(b) == 0 {
		return empty
	}
	if len(r.voids) > 0 && r.voids[string(b)] {
		return empty
	}
	if r.col.Type == Text {
		v.s = cell
		return kept
	}
	if r.typed(b, v) {
		return kept
	}
	if isNullWord(b) {
		return nulled
	}
	return bad
}

func (r *cellReader) typed(b []byte, v *value) bool {
	switch r.form {
	case formInt:
		n, ok := parseNumber(b, r.col.DecimalComma)
		v.i = n.i
		return ok && n.integral
	case formFloat:
		n, ok := parseNumber(b, r.col.DecimalComma)
		v.f = n.f
		return ok && r.inDegrees(n.f)
	case formBool:
		yes, ok := parseBool(b)
		v.i = 0
		if yes {
			v.i = 1
		}
		return ok
	case formDate, formStamp:
		return r.moment(b, v)
	case formTime:
		clock, ok := parseTime(b)
		v.i = clock
		return ok
	}
	return r.words(b, v)
}

func (r *cellReader) inDegrees(f float64) bool {
	switch r.col.Type {
	case Latitude:
		return math.Abs(f) <= 90
	case Longitude:
		return math.Abs(f) <= 180
	}
	return true
}

func (r *cellReader) moment(b []byte, v *value) bool {
	m, ok := parseMoment(b)
	if !ok {
		return false
	}
	if r.form == formStamp {
		v.i, ok = m.stamp(r.col.DayFirst)
		return ok
	}
	v.i, ok = m.days(r.col.DayFirst)
	return ok && m.clock == 0
}

// words reads the types that are kept as text.
func (r *cellReader) words(b []byte, v *value) bool {
	v.s = b
	switch r.col.Type {
	case District:
		name, ok := parseDistrict(b)
		v.s = []byte(name)
		return ok
	case URL:
		return parseURL(b)
	case Point:
		_, _, ok := r.pair(b)
		return ok
	case Geometry:
		_, ok := parseShape(b)
		return ok
	case JSON:
		return parseJSON(b)
	}
	return true
}

// pair reads a point column's cell as latitude and longitude.
func (r *cellReader) pair(b []byte) (lat, lon float64, ok bool) {
	lat, lon, ok = parsePair(b)
	if r.col.LonFirst {
		lat, lon = lon, lat
	}
	return lat, lon, ok && inRange(lat, lon)
}
