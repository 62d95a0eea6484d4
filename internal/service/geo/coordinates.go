package geo

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"ceiba/internal/ground/fault"
)

// Form is how a pair of coordinates was written.
type Form string

// The forms that ParsePoint reads.
const (
	Decimal Form = "decimal" // 17.25, -88.76
	DMS     Form = "dms"     // 17°15'00"N 88°45'36"W
	UTM     Form = "utm"     // 16Q 312345 1908765: metres, zone 16 north
)

// Reading is a point and how it was found in text, so that a page can say "read
// as UTM, zone 16" instead of guessing in silence.
type Reading struct {
	Point   Point
	Form    Form
	Swapped bool // it stood as longitude, latitude: only so is it near Belize
}

var (
	degrees   = `([+-]?\d+(?:\.\d+)?)\s*(?:°|º|deg|d)?\s*(?:(\d+(?:\.\d+)?)\s*(?:['′’]|min|m)?\s*)?(?:(\d+(?:\.\d+)?)\s*(?:["″”]|''|sec|s)?\s*)?`
	dmsAfter  = regexp.MustCompile(`(?i)^` + degrees + `([NSEWO])[\s,;]*` + degrees + `([NSEWO])$`)
	dmsBefore = regexp.MustCompile(`(?i)^([NSEWO])\s*` + degrees + `[\s,;]*([NSEWO])\s*` + degrees + `$`)
	decimal   = regexp.MustCompile(`^\(?([+-]?\d{1,3}(?:[.]\d+)?)°?(?:\s*[,;]\s*|\s+)([+-]?\d{1,3}(?:[.]\d+)?)°?\)?$`)
	decimalC  = regexp.MustCompile(`^([+-]?\d{1,3},\d+)(?:\s*;\s*|\s+)([+-]?\d{1,3},\d+)$`) // decimal commas
	utmPair   = regexp.MustCompile(`(?i)^(?:utm\s*)?(?:16\s*[PQN]?[\s,;]+)?(\d{6}(?:\.\d+)?)\s*m?\s*E?[\s,;]+(\d{7}(?:\.\d+)?)\s*m?\s*N?$`)
)

// ParsePoint reads coordinates as people write them: decimal degrees, degrees
// with minutes and seconds, or metres of UTM zone 16 north. Latitude comes
// first, unless only the other order is near Belize. What cannot be read, or is
// not on the Earth, is a fault of kind Invalid.
func ParsePoint(text string) (Reading, error) {
	s := strings.Join(strings.Fields(strings.ReplaceAll(strings.TrimSpace(text), "\u00a0", " ")), " ")
	r, ok := readDecimal(s)
	if !ok {
		r, ok = readUTM(s)
	}
	if !ok {
		r, ok = readDMS(s)
	}
	if !ok {
		return Reading{}, fault.New(fault.Invalid, "geo.coordinates_unread", "text", text)
	}
	if !r.Point.Valid() {
		return Reading{}, fault.New(fault.Invalid, "geo.coordinates_beyond", "text", text)
	}
	return r, nil
}

func readDecimal(s string) (Reading, bool) {
	m := decimal.FindStringSubmatch(s)
	if m == nil {
		if m = decimalC.FindStringSubmatch(s); m == nil {
			return Reading{}, false
		}
	}
	a, errA := strconv.ParseFloat(strings.ReplaceAll(m[1], ",", "."), 64)
	b, errB := strconv.ParseFloat(strings.ReplaceAll(m[2], ",", "."), 64)
	r := Reading{Point: Point{a, b}, Form: Decimal}
	if other := (Point{b, a}); !nearBelize(r.Point) && nearBelize(other) {
		r.Point, r.Swapped = other, true
	}
	return r, errA == nil && errB == nil
}

func nearBelize(p Point) bool { return Around(Belize.Center(), 400_000).Contains(p) }

func readUTM(s string) (Reading, bool) {
	m := utmPair.FindStringSubmatch(s)
	if m == nil {
		return Reading{}, false
	}
	e, errE := strconv.ParseFloat(m[1], 64)
	n, errN := strconv.ParseFloat(m[2], 64)
	return Reading{Point: FromUTM16(e, n), Form: UTM}, errE == nil && errN == nil
}

func readDMS(s string) (Reading, bool) {
	var first, second angle
	if m := dmsAfter.FindStringSubmatch(s); m != nil {
		first, second = angle{m[1], m[2], m[3], m[4]}, angle{m[5], m[6], m[7], m[8]}
	} else if m := dmsBefore.FindStringSubmatch(s); m != nil {
		first, second = angle{m[2], m[3], m[4], m[1]}, angle{m[6], m[7], m[8], m[5]}
	} else {
		return Reading{}, false
	}
	a, isLatA, okA := first.value()
	b, isLatB, okB := second.value()
	switch {
	case !okA || !okB || isLatA == isLatB:
		return Reading{}, false
	case isLatA:
		return Reading{Point: Point{a, b}, Form: DMS}, true
	}
	return Reading{Point: Point{b, a}, Form: DMS, Swapped: true}, true
}

// angle is the text of degrees, minutes, seconds and the letter of the side.
type angle struct{ degrees, minutes, seconds, side string }

func (a angle) value() (v float64, isLat, ok bool) {
	d, err := strconv.ParseFloat(a.degrees, 64)
	m, errM := parseOr0(a.minutes)
	s, errS := parseOr0(a.seconds)
	if err != nil || errM != nil || errS != nil || m >= 60 || s >= 60 {
		return 0, false, false
	}
	v = math.Abs(d) + m/60 + s/3600
	side := strings.ToUpper(a.side)
	if side == "S" || side == "W" || side == "O" { // O is oeste
		v = -v
	}
	return v, side == "N" || side == "S", true
}

func parseOr0(s string) (float64, error) {
	if s == "" {
		return 0, nil
	}
	return strconv.ParseFloat(s, 64)
}

// String writes the point as people read it: latitude and longitude in decimal
// degrees to five places, which is about a metre.
func (p Point) String() string {
	return strconv.FormatFloat(p.Lat, 'f', 5, 64) + ", " + strconv.FormatFloat(p.Lon, 'f', 5, 64)
}
