package sheet

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// shown is what a number format shows a number as.
type shown uint8

const (
	asNumber shown = iota
	asDate
	asDateTime
	asTime
	asDuration
)

// builtin tells the formats that Excel has by number (ECMA-376 18.8.30).
func builtin(id int) shown {
	switch {
	case id == 22:
		return asDateTime
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return asDate
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id == 55, id == 56:
		return asTime
	case id == 46:
		return asDuration
	}
	return asNumber
}

// shownBy reads a format code: its letters outside quotes and brackets.
func shownBy(code string) shown {
	code, _, _ = strings.Cut(strings.ToLower(code), ";")
	var letters strings.Builder
	duration := false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"':
			if k := strings.IndexByte(code[i+1:], '"'); k >= 0 {
				i += k + 1
			}
		case '\\', '_', '*':
			i++
		case '[':
			k := strings.IndexByte(code[i:], ']')
			if k < 0 {
				k = len(code) - i - 1
			}
			in := strings.Trim(code[i:i+k], "[]")
			duration = duration || in != "" && strings.Trim(in, "hms") == ""
			i += k
		default:
			letters.WriteByte(c)
		}
	}
	return byLetters(letters.String(), duration)
}

func byLetters(s string, duration bool) shown {
	day := strings.ContainsAny(s, "yd")
	clock := strings.ContainsAny(s, "hs")
	switch {
	case strings.Contains(s, "general") || strings.ContainsAny(s, "0#?") && !day && !clock && !duration:
		return asNumber
	case duration && !day:
		return asDuration
	case day && clock:
		return asDateTime
	case day:
		return asDate
	case clock:
		return asTime
	case strings.Contains(s, "mmm"):
		return asDate
	}
	return asNumber
}

// moment writes a serial day number as ISO 8601 text. It is false for numbers
// that are no day: negative ones, and the 29th of February 1900, which only
// Excel knows.
func moment(b []byte, v []byte, how shown, from1904 bool) ([]byte, bool) {
	serial, err := strconv.ParseFloat(string(v), 64)
	if err != nil || serial < 0 || serial > 2_958_466 || math.IsNaN(serial) {
		return b, false
	}
	ms := int64(math.Round(serial * 86_400_000))
	days, rest := ms/86_400_000, ms%86_400_000
	if how == asDuration {
		return clock(b, ms), true
	}
	if how == asTime && days == 0 {
		return clock(b, rest), true
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case from1904:
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days == 60 || days == 0:
		return b, false
	case days < 60:
		days++ // before the day that never was
	}
	b = epoch.AddDate(0, 0, int(days)).AppendFormat(b, "2006-01-02")
	if how == asDate && rest == 0 {
		return b, true
	}
	return clock(append(b, 'T'), rest), true
}

// clock writes milliseconds as hh:mm:ss, with a fraction where there is one.
func clock(b []byte, ms int64) []byte {
	two := func(n int64) {
		if n < 10 {
			b = append(b, '0')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	two(ms / 3_600_000)
	b = append(b, ':')
	two(ms / 60_000 % 60)
	b = append(b, ':')
	two(ms / 1000 % 60)
	if f := ms % 1000; f != 0 {
		b = append(b, '.')
		b = append(b, strconv.FormatInt(1000+f, 10)[1:]...)
	}
	return b
}

// number writes what Excel stored: a whole number as it stands, another with
// the fewest digits that are the same binary number, as Excel pads it with the
// noise of binary fractions (1.1000000000000001 is 1.1).
func number(b, v []byte) []byte {
	whole := true
	for i, c := range v {
		if (c < '0' || c > '9') && !(i == 0 && c == '-') {
			whole = false
			break
		}
	}
	if whole {
		return append(b, v...)
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return append(b, v...)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-15 || a >= 1e21) {
		return strconv.AppendFloat(b, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64)
}
