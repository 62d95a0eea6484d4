package require

import (
	"slices"
	"strings"
)

// Engagement tends to fall once a plan is adopted (IRM reports name it among the
// causes of weak results), and no rule of OGP sees it coming. So what people do is
// counted half-year by half-year, and attendance three meetings by three.

// Things that are counted.
const (
	CountInputs     = "inputs"     // handed in to calls
	CountAttendance = "attendance" // of members at meetings, by sector, on the average
	CountReports    = "reports"    // on milestones, by the government
)

// The numbers behind a warning: what fell by a quarter or more, and was no less
// than three before, so that one person who is ill raises no alarm.
const (
	fallNum, fallDen = 3, 4
	fewest           = 3
	inARow           = 3 // meetings
)

// Trend is how much of something there was lately, and how much before.
type Trend struct {
	What        string
	Sector      Sector // of attendance; "" otherwise
	Before, Now float64
	// The days that are compared: half-years for inputs and reports; for
	// attendance from the first to the last of three meetings.
	Earlier, Lately Span
}

// Falls reports whether the trend is a warning.
func (t Trend) Falls() bool { return t.Before >= fewest && t.Now*fallDen <= t.Before*fallNum }

// Engagement returns what can be compared as of a day: nothing where there was no
// call, no plan to report on or too few meetings to compare with.
func Engagement(f Facts, on Day) (out []Trend) {
	lately := Span{on.AddMonths(-6).AddDays(1), on}
	earlier := Span{on.AddMonths(-12).AddDays(1), lately.Start.AddDays(-1)}
	asked := func(s Span) bool {
		return slices.ContainsFunc(f.Calls, func(c Call) bool { return c.Opens <= s.End && c.Closes >= s.Start && c.Opens != "" })
	}
	if asked(lately) && asked(earlier) {
		t := Trend{What: CountInputs, Earlier: earlier, Lately: lately}
		for _, x := range f.Inputs {
			t.count(x.On)
		}
		out = append(out, t)
	}
	out = append(out, attendance(f.Meetings, on)...)
	if begun := max(f.Keeping.Start, f.Delivered); f.Delivered != "" && begun != "" && begun <= earlier.Start && on <= f.Keeping.End {
		t := Trend{What: CountReports, Earlier: earlier, Lately: lately}
		for _, p := range f.Papers {
			if strings.HasPrefix(p.Ref, "progress/") {
				t.count(p.On)
			}
		}
		out = append(out, t)
	}
	return out
}

func (t *Trend) count(on Day) {
	switch {
	case t.Lately.Has(on):
		t.Now++
	case t.Earlier.Has(on):
		t.Before++
	}
}

// attendance compares the last three meetings with the three before, by sector.
func attendance(all []Meeting, on Day) (out []Trend) {
	held := slices.DeleteFunc(slices.Clone(all), func(m Meeting) bool { return m.On > on })
	slices.SortStableFunc(held, func(a, b Meeting) int { return strings.Compare(string(a.On), string(b.On)) })
	if len(held) < 2*inARow {
		return nil
	}
	before, now := held[len(held)-2*inARow:len(held)-inARow], held[len(held)-inARow:]
	sectors := map[Sector]bool{}
	for _, m := range held[len(held)-2*inARow:] {
		for s := range m.By {
			sectors[s] = true
		}
	}
	for _, s := range sorted(sectors) {
		t := Trend{What: CountAttendance, Sector: s, Earlier: Span{before[0].On, before[inARow-1].On}, Lately: Span{now[0].On, now[inARow-1].On}}
		for i := range inARow {
			t.Before += float64(before[i].By[s]) / inARow
			t.Now += float64(now[i].By[s]) / inARow
		}
		out = append(out, t)
	}
	return out
}

func sorted(set map[Sector]bool) (out []Sector) {
	for s := range set {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}
