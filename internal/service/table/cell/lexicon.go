package cell

import (
	"bytes"
	"encoding/json"

	"ceiba/internal/ground/id"
)

// nullWords are cells that publishers write for "no value", folded.
var nullWords = set("n/a", "na", "n.a.", "n.a", "#n/a", "-", "--", "---", "—", "–", "n.d.", "n.d", "nd", "s/d", "null", "nil", "none",
	"ninguno", "nan", "#value!", "#ref!", "#div/0!", "#name?", "#null!", "#num!", "not available", "not applicable", "no data", "sin dato", "sin datos", "unknown", "?", "..", "...", "*", ".")

// truths are the words for yes and no in the languages of the forms we meet.
var truths = map[string]bool{
	"true": true, "false": false, "yes": true, "no": false, "y": true, "n": false, "t": true, "f": false,
	"si": true, "verdadero": true, "falso": false, "on": true, "off": false,
}

// districts maps folded spellings to the six names. The codes are ISO 3166-2:BZ.
var districts = map[string]string{
	"belize": "Belize", "belize district": "Belize", "distrito de belice": "Belize", "belice": "Belize", "bz-bz": "Belize", "bze": "Belize",
	"cayo": "Cayo", "cayo district": "Cayo", "bz-cy": "Cayo", "el cayo": "Cayo",
	"corozal": "Corozal", "corozal district": "Corozal", "bz-czl": "Corozal", "corosal": "Corozal", "czl": "Corozal",
	"orange walk": "Orange Walk", "orange walk district": "Orange Walk", "bz-ow": "Orange Walk", "orangewalk": "Orange Walk", "o. walk": "Orange Walk", "orange-walk": "Orange Walk",
	"stann creek": "Stann Creek", "stann creek district": "Stann Creek", "bz-sc": "Stann Creek", "stan creek": "Stann Creek", "stanncreek": "Stann Creek", "stann-creek": "Stann Creek",
	"toledo": "Toledo", "toledo district": "Toledo", "bz-tol": "Toledo", "tol": "Toledo",
}

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// latin holds the folded forms of U+00C0 to U+017F, the letters with accents
// that our languages use.
var latin = func() (t [0x180 - 0xC0]string) {
	for i := range t {
		t[i] = id.Fold(string(rune(0xC0 + i)))
	}
	return t
}()

// Fold appends the folded form of b to buf, as id.Fold gives it. ASCII and
// Latin letters with accents, nearly everything, take a short way.
func Fold(buf, b []byte) []byte {
	start := len(buf)
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c >= 'A' && c <= 'Z':
			buf = append(buf, c|0x20)
		case c < 0x80 && c != '`':
			buf = append(buf, c)
		case c >= 0xC3 && c <= 0xC5 && i+1 < len(b) && b[i+1]&0xC0 == 0x80:
			i++
			buf = append(buf, latin[rune(c&0x1F)<<6|rune(b[i]&0x3F)-0xC0]...)
		default:
			return append(buf[:start], id.Fold(string(b))...)
		}
	}
	return buf
}

// IsNullWord reports whether a trimmed cell is one of the usual null words.
func IsNullWord(b []byte) bool {
	if len(b) > 14 {
		return false
	}
	var buf [16]byte
	return nullWords[string(Fold(buf[:0], b))]
}

// ParseBool reads a word for yes or no.
func ParseBool(b []byte) (v, ok bool) {
	if len(b) > 12 {
		return false, false
	}
	var buf [16]byte
	v, ok = truths[string(Fold(buf[:0], b))]
	return v, ok
}

// ParseDistrict returns the usual name of a district that b spells.
func ParseDistrict(b []byte) (string, bool) {
	if len(b) > 32 {
		return "", false
	}
	var buf [40]byte
	name, ok := districts[string(Fold(buf[:0], b))]
	return name, ok
}

// ParsePair reads "17.25, -88.77", "(17.25 -88.77)" or "POINT(-88.77 17.25)".
// first and second are in the order of the cell, except that WKT, which always
// begins with the longitude, is turned round.
func ParsePair(b []byte) (first, second float64, ok bool) {
	wkt := len(b) > 6 && bytes.EqualFold(b[:5], []byte("POINT"))
	if wkt {
		b = bytes.TrimLeft(b[5:], " ")
	}
	b = bytes.Trim(b, "()[] ")
	i := bytes.IndexAny(b, ",; ")
	if i < 1 || len(b) > 60 {
		return 0, 0, false
	}
	one, ok1 := ParseNumber(bytes.TrimSpace(b[:i]), false)
	two, ok2 := ParseNumber(bytes.TrimLeft(b[i:], ",; "), false)
	if !ok1 || !ok2 || one.Unit+two.Unit != "" || !one.Point || !two.Point {
		return 0, 0, false
	}
	if wkt {
		one, two = two, one
	}
	return one.Float, two.Float, InRange(one.Float, two.Float) || InRange(two.Float, one.Float)
}

// InRange reports whether a latitude and a longitude are degrees on Earth.
func InRange(lat, lon float64) bool {
	return lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180
}

// IsURL reports a web address.
func IsURL(b []byte) bool {
	if len(b) < 10 || len(b) > 4096 || bytes.IndexByte(b, ' ') >= 0 {
		return false
	}
	return len(b) > 8 && (bytes.EqualFold(b[:7], []byte("http://")) || bytes.EqualFold(b[:8], []byte("https://")))
}

// IsJSON reports a JSON object or array.
func IsJSON(b []byte) bool {
	return len(b) > 1 && (b[0] == '{' || b[0] == '[') && json.Valid(b)
}
