package require

import "testing"

// TestEngagementFalls: what fell by a quarter is a warning with its numbers; what
// cannot be compared is not.
func TestEngagementFalls(t *testing.T) {
	f := Facts{
		Keeping: Span{"2025-01-01", "2026-12-31"}, Delivered: "2024-12-20",
		Calls: []Call{{Opens: "2025-06-01", Closes: "2026-05-01"}},
	}
	for i, on := range []Day{"2025-09-01", "2025-10-01", "2025-11-30", "2025-12-01", "2026-02-01", "2026-05-31"} {
		n := 5
		if i >= 3 {
			n = 2
		}
		f.Meetings = append(f.Meetings, Meeting{Ref: "meeting/x", On: on, By: map[Sector]int{Government: 4, CivilSociety: n}})
	}
	for range 8 {
		f.Inputs = append(f.Inputs, Input{On: "2025-11-30"}) // the last day of the half-year before
		f.Papers = append(f.Papers, Paper{Ref: "progress/x", On: "2025-06-01"}, Paper{Ref: "progress/y", On: "2026-05-31"})
	}
	for range 6 {
		f.Inputs = append(f.Inputs, Input{On: "2025-12-01"}) // the first of the present one
	}
	f.Inputs = append(f.Inputs, Input{On: "2025-05-31"}, Input{On: "2026-06-01"}) // in neither
	f.Papers = append(f.Papers, Paper{Ref: "paper/x", On: "2025-06-01"})
	got := Engagement(f, "2026-05-31")
	want := []struct {
		what        string
		sector      Sector
		before, now float64
		falls       bool
	}{{CountInputs, "", 8, 6, true}, {CountAttendance, CivilSociety, 5, 2, true}, {CountAttendance, Government, 4, 4, false}, {CountReports, "", 8, 8, false}}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, w := range want {
		g := got[i]
		if g.What != w.what || g.Sector != w.sector || g.Before != w.before || g.Now != w.now || g.Falls() != w.falls {
			t.Errorf("%+v, want %+v", g, w)
		}
	}
	if s := got[0]; s.Earlier != (Span{"2025-06-01", "2025-11-30"}) || s.Lately != (Span{"2025-12-01", "2026-05-31"}) {
		t.Errorf("half-years: %+v", s)
	}
	if (Trend{Before: 2, Now: 0}).Falls() || (Trend{Before: 4, Now: 3.5}).Falls() {
		t.Error("a small number is a warning")
	}
	f.Calls[0].Opens, f.Delivered = "2026-01-01", "2025-07-01"
	f.Meetings = f.Meetings[1:]
	if got := Engagement(f, "2026-05-31"); len(got) != 0 {
		t.Errorf("nothing to compare with: %+v", got)
	}
}
