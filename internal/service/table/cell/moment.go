package cell

import (
	"bytes"
	"time"
)

const (
	microsecond = 1
	second      = 1_000_000 * microsecond
	minute      = 60 * second
	hour        = 60 * minute
)

// Day is the microseconds of a day.
const Day = 24 * hour

// Moment is a date, with or without a time of day, as it stood in a cell.
type Moment struct {
	first, second, year int   // of 3/4/2026: 3, 4, 2026
	Sure                bool  // year, month and day are certain: ISO or a month's name
	Clock               int64 // microseconds since midnight
	Timed               bool  // a time of day was written
	Zoned               bool  // … with a zone; offset is then set
	offset              int64 // microseconds east of UTC
}

// Days returns the day since 1970-01-01 under the given order, and whether
// there is such a day. When sure, first is the day and second the month.
func (m Moment) Days(dayFirst bool) (int64, bool) {
	d, mo := m.first, m.second
	if !m.Sure && !dayFirst {
		d, mo = mo, d
	}
	if mo < 1 || mo > 12 || d < 1 || d > daysIn(mo, m.year) {
		return 0, false
	}
	return civil(m.year, mo, d), true
}

// stamp returns microseconds since 1970 under the given order: in UTC if the
// cell carried a zone, else by the local clock.
func (m Moment) stamp(dayFirst bool) (int64, bool) {
	d, ok := m.Days(dayFirst)
	return d*Day + m.Clock - m.offset, ok
}

func daysIn(month, year int) int {
	if month == 2 && (year%4 == 0 && year%100 != 0 || year%400 == 0) {
		return 29
	}
	return [...]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month]
}

// civil counts days from 1970-01-01 in the proleptic Gregorian calendar
// (Howard Hinnant's days_from_civil).
func civil(y, m, d int) int64 {
	if m <= 2 {
		y--
	}
	era := y / 400
	if y < 0 {
		era = (y - 399) / 400
	}
	yoe := y - era*400
	mp := (m + 9) % 12
	doe := yoe*365 + yoe/4 - yoe/100 + (153*mp+2)/5 + d - 1
	return int64(era)*146097 + int64(doe) - 719468
}

// months by their first letters, English and Spanish, lower case.
var months = map[string]int{
	"jan": 1, "ene": 1, "feb": 2, "mar": 3, "apr": 4, "abr": 4, "may": 5, "jun": 6, "jul": 7,
	"aug": 8, "ago": 8, "sep": 9, "set": 9, "oct": 10, "nov": 11, "dec": 12, "dic": 12,
}

// ParseMoment reads a date or a date with time, and leaves open which of two
// small numbers is the day.
func ParseMoment(b []byte) (m Moment, ok bool) {
	if len(b) < 6 || len(b) > 40 {
		return m, false
	}
	rest, ok := m.date(b)
	if !ok {
		return m, false
	}
	if len(rest) == 0 {
		return m, true
	}
	if rest[0] != 'T' && rest[0] != 't' && rest[0] != ' ' && rest[0] != ',' {
		return m, false
	}
	rest = bytes.TrimLeft(rest[1:], " ")
	m.Clock, rest, ok = parseClock(rest)
	if !ok {
		return m, false
	}
	m.Timed = true
	return m, m.zone(rest)
}

// date reads three fields joined by one separator.
func (m *Moment) date(b []byte) (rest []byte, ok bool) {
	var field [3]int
	var width [3]int
	month := -1 // the field that is a month's name
	var sep byte
	for i := range 3 {
		if i > 0 {
			if len(b) == 0 {
				return b, false
			}
			c := b[0]
			switch {
			case c == '/' || c == '-' || c == '.' || c == ' ':
			case c == ',' && month == 0 && len(b) > 1 && b[1] == ' ':
				c, b = ' ', b[1:]
			default:
				return b, false
			}
			if i == 2 && c != sep && month < 0 {
				return b, false
			}
			sep, b = c, b[1:]
		}
		v, w, named := dateField(b)
		if w == 0 || named && month >= 0 {
			return b, false
		}
		if named {
			month = i
		}
		field[i], width[i], b = v, w, b[w:]
		if i == 1 && month == 0 && len(b) > 1 && b[0] == ',' { // January 12, 2026
			b = b[1:]
			if b[0] != ' ' {
				return b, false
			}
			sep = ' '
		}
	}
	if sep == ' ' && month < 0 {
		return b, false
	}
	return b, m.arrange(field, width, month)
}

// dateField reads digits or the name of a month, perhaps shortened.
func dateField(b []byte) (value, width int, named bool) {
	for width < len(b) && width < 5 && b[width] >= '0' && b[width] <= '9' {
		value = value*10 + int(b[width]-'0')
		width++
	}
	if width > 0 {
		return value, width, false
	}
	var low [3]byte
	for width < len(b) && width < 11 && (b[width]|0x20 >= 'a' && b[width]|0x20 <= 'z') {
		if width < 3 {
			low[width] = b[width] | 0x20
		}
		width++
	}
	if width < 3 {
		return 0, 0, false
	}
	value, ok := months[string(low[:])]
	if !ok {
		return 0, 0, false
	}
	if width < len(b) && b[width] == '.' {
		width++
	}
	return value, width, true
}

func (m *Moment) arrange(f, w [3]int, month int) bool {
	year := 2
	switch {
	case month == 1: // 12 Jan 2026, or 2026-Jan-12
		m.first, m.second, m.Sure = f[0], f[1], true
		if w[0] == 4 {
			year, m.first = 0, f[2]
		}
	case month == 0: // January 12, 2026
		m.first, m.second, m.Sure = f[1], f[0], true
	case month == 2:
		return false
	case w[0] == 4: // 2026-01-12
		m.first, m.second, m.Sure, year = f[2], f[1], true, 0
	default:
		m.first, m.second = f[0], f[1]
	}
	m.year = f[year]
	if w[year] == 2 { // POSIX: 69 to 99 are the last century
		m.year += 1900
		if f[year] < 69 {
			m.year += 100
		}
	}
	if w[year] != 2 && w[year] != 4 || m.year < 1000 {
		return false
	}
	if m.Sure {
		_, ok := m.Days(true)
		return ok && (w[0] <= 4 || month == 0)
	}
	return w[0] <= 2 && w[1] <= 2
}

// parseClock reads 8:30, 08:30:15.25 or 8:30 PM and returns what follows.
func parseClock(b []byte) (clock int64, rest []byte, ok bool) {
	h, w := small(b)
	if w == 0 || w >= len(b) || b[w] != ':' {
		return 0, b, false
	}
	b = b[w+1:]
	mi, w := small(b)
	if w != 2 || h > 24 || mi > 59 {
		return 0, b, false
	}
	b = b[2:]
	clock = int64(h)*hour + int64(mi)*minute
	if len(b) > 2 && b[0] == ':' {
		s, w := small(b[1:])
		if w != 2 || s > 60 {
			return 0, b, false
		}
		b = b[3:]
		clock += int64(min(s, 59)) * second
		if len(b) > 1 && (b[0] == '.' || b[0] == ',') {
			unit := int64(second / 10)
			for b = b[1:]; len(b) > 0 && b[0] >= '0' && b[0] <= '9'; b = b[1:] {
				clock += int64(b[0]-'0') * unit
				unit /= 10
			}
		}
	}
	return halfDay(clock, h, b)
}

// halfDay applies AM and PM.
func halfDay(clock int64, h int, b []byte) (int64, []byte, bool) {
	t := bytes.TrimLeft(b, " ")
	if len(t) < 2 || t[0]|0x20 != 'a' && t[0]|0x20 != 'p' {
		return clock, b, h < 24
	}
	pm := t[0]|0x20 == 'p'
	t = t[1:]
	if t[0] == '.' {
		t = t[1:]
	}
	if len(t) == 0 || t[0]|0x20 != 'm' || h < 1 || h > 12 {
		return 0, b, false
	}
	if pm && h < 12 {
		clock += 12 * hour
	} else if !pm && h == 12 {
		clock -= 12 * hour
	}
	return clock, bytes.TrimLeft(t[1:], "."), true
}

func small(b []byte) (v, width int) {
	for width < len(b) && width < 3 && b[width] >= '0' && b[width] <= '9' {
		v = v*10 + int(b[width]-'0')
		width++
	}
	if width > 2 {
		return 0, 0
	}
	return v, width
}

// zone reads Z, +hh:mm, -hhmm or nothing.
func (m *Moment) zone(b []byte) bool {
	b = bytes.TrimSpace(b)
	switch {
	case len(b) == 0:
		return true
	case len(b) == 1 && b[0]|0x20 == 'z', string(b) == "UTC", string(b) == "GMT":
		m.Zoned = true
		return true
	case b[0] != '+' && b[0] != '-':
		return false
	}
	h, w := small(b[1:min(len(b), 3)])
	if w != 2 || h > 15 {
		return false
	}
	rest := bytes.TrimPrefix(b[3:], []byte(":"))
	mi := 0
	if len(rest) > 0 {
		if mi, w = small(rest); w != 2 || len(rest) != 2 || mi > 59 {
			return false
		}
	}
	m.Zoned, m.offset = true, int64(h)*hour+int64(mi)*minute
	if b[0] == '-' {
		m.offset = -m.offset
	}
	return true
}

// ParseTime reads a time of day and nothing else.
func ParseTime(b []byte) (int64, bool) {
	clock, rest, ok := parseClock(b)
	return clock, ok && len(rest) == 0
}

func appendDate(b []byte, days int64) []byte {
	return time.Unix(days*86400, 0).UTC().AppendFormat(b, "2006-01-02")
}

// appendStamp writes 2026-03-04T05:06:07, with microseconds only where there
// are any, and Z for a column kept in UTC.
func appendStamp(b []byte, us int64, utc bool) []byte {
	b = time.UnixMicro(us).UTC().AppendFormat(b, "2006-01-02T15:04:05.999999")
	if utc {
		b = append(b, 'Z')
	}
	return b
}

func appendTime(b []byte, us int64) []byte {
	return time.UnixMicro(us).UTC().AppendFormat(b, "15:04:05.999999")
}
