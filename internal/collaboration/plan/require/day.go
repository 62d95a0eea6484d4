package require

import "time"

// Day is a civil day, YYYY-MM-DD; "" is none. Days compare as text.
type Day string

// AddMonths returns the same day n months on, or the last of that month where
// it has no such day.
func (d Day) AddMonths(n int) Day {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return dayOf(first.AddDate(0, 0, min(t.Day(), last)-1))
}

// AddDays returns the day n days on.
func (d Day) AddDays(n int) Day {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return dayOf(t.AddDate(0, 0, n))
}

// Until returns how many days it is from d to another day; 0 if either is none.
func (d Day) Until(to Day) int {
	a, err1 := time.Parse(time.DateOnly, string(d))
	b, err2 := time.Parse(time.DateOnly, string(to))
	if err1 != nil || err2 != nil {
		return 0
	}
	return int(b.Sub(a).Hours() / 24)
}

func dayOf(t time.Time) Day { return Day(t.Format(time.DateOnly)) }

// Span is a stretch of days, both ends in it. An End of "" is open.
type Span struct{ Start, End Day }

// Has reports whether a day is within the span.
func (s Span) Has(d Day) bool {
	return d != "" && s.Start != "" && d >= s.Start && (s.End == "" || d <= s.End)
}

// upTo cuts a span off after a day; ok is false if nothing of it is left.
func (s Span) upTo(d Day) (Span, bool) {
	if s.End == "" || s.End > d {
		s.End = d
	}
	return s, s.Start != "" && s.Start <= s.End
}
