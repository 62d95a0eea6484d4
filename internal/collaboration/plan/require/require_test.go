package require

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAddMonths(t *testing.T) {
	for _, x := range []struct {
		from Day
		n    int
		want Day
	}{
		{"2026-01-10", 6, "2026-07-10"},
		{"2025-08-31", 6, "2026-02-28"},
		{"2027-08-31", 6, "2028-02-29"},
		{"2025-12-31", 12, "2026-12-31"},
		{"2026-11-30", 3, "2027-02-28"},
		{"", 3, ""},
	} {
		if got := x.from.AddMonths(x.n); got != x.want {
			t.Errorf("%s + %d = %s, want %s", x.from, x.n, got, x.want)
		}
	}
}

// one returns the verdict of a rule in a phase.
func one(t *testing.T, f Facts, on Day, rule string, p Phase) Verdict {
	t.Helper()
	for _, v := range Judge(f, on) {
		if v.Rule.ID == rule && v.Phase == p {
			return v
		}
	}
	t.Fatalf("no verdict of %s in %s", rule, p)
	return Verdict{}
}

func both(on Day) Meeting {
	return Meeting{Ref: "meeting/" + string(on), On: on, By: map[Sector]int{Government: 3, CivilSociety: 2}}
}

func TestMeetsEverySixMonths(t *testing.T) { // T1.1, T1.2
	officials := Meeting{Ref: "meeting/x", On: "2026-06-01", By: map[Sector]int{Government: 5}}
	for _, x := range []struct {
		second Meeting
		on     Day
		want   Status
		words  string
	}{
		{both("2026-07-09"), "2026-07-09", Met, "met []"},
		{both("2026-07-10"), "2026-07-10", Met, "met []"},
		{both("2026-07-11"), "2026-07-11", NotMet, "gap [from 2026-01-10 to 2026-07-11]"},
		{both("2026-08-12"), "2026-08-12", NotMet, "gap [from 2026-01-10 to 2026-08-12]"},
		{officials, "2026-07-10", Met, "met []"},
		{officials, "2026-07-11", NotMet, "gap [from 2026-01-10 to 2026-07-11]"},
	} {
		f := Facts{Keeping: Span{"2026-01-01", "2027-12-31"}, Meetings: []Meeting{both("2026-01-10"), x.second}}
		v := one(t, f, x.on, "1.1b", Implementation)
		if got := fmt.Sprint(v.Words.Key, " ", v.Words.Args); v.Status != x.want || got != x.words {
			t.Errorf("second %s, on %s: %s %s, want %s %s", x.second.On, x.on, v.Status, got, x.want, x.words)
		}
	}
}

func TestDialogueEveryDay(t *testing.T) {
	f := Facts{Keeping: Span{"2026-01-01", "2027-12-31"}, Terms: []Term{
		{"term/1", Government, Span{"2025-01-01", ""}},
		{"term/2", CivilSociety, Span{"2025-01-01", "2026-03-31"}},
		{"term/3", CivilSociety, Span{"2026-04-03", ""}},
	}}
	if v := one(t, f, "2026-03-31", "1.1a", Implementation); v.Status != Met {
		t.Errorf("before the gap: %+v", v)
	}
	v := one(t, f, "2026-05-01", "1.1a", Implementation)
	if want := "[sector civil_society from 2026-04-01 to 2026-04-02]"; v.Status != NotMet || fmt.Sprint(v.Words.Args) != want {
		t.Errorf("gap: %s %v", v.Status, v.Words)
	}
}

func TestTimelineTwoWeeksAhead(t *testing.T) { // T1.3
	timeline := func(on, start Day) Timeline {
		return Timeline{Ref: "timeline/" + string(on), On: on, Start: start, Opportunities: 2}
	}
	for _, x := range []struct {
		name     string
		versions []Timeline
		want     Status
	}{
		{"13 days", []Timeline{timeline("2026-03-01", "2026-03-14")}, NotMet},
		{"14 days", []Timeline{timeline("2026-03-01", "2026-03-15")}, Met},
		{"published again, same start", []Timeline{timeline("2026-03-01", "2026-03-15"), timeline("2026-03-10", "2026-03-15")}, Met},
		{"published again, start moved near", []Timeline{timeline("2026-02-01", "2026-04-01"), timeline("2026-03-10", "2026-03-15")}, NotMet},
		{"published again, start moved away", []Timeline{timeline("2026-03-01", "2026-03-14"), timeline("2026-03-02", "2026-03-20")}, Met},
		{"no way to take part", []Timeline{{Ref: "timeline/1", On: "2026-01-01", Start: "2026-03-15"}}, NotMet},
	} {
		last := x.versions[len(x.versions)-1]
		f := Facts{Preparing: Span{last.Start, "2026-08-31"}, Timelines: x.versions}
		if v := one(t, f, "2026-04-15", "3.1", CoCreation); v.Status != x.want {
			t.Errorf("%s: %s %v", x.name, v.Status, v.Words)
		}
	}
}

func TestEveryInputAnswered(t *testing.T) {
	f := Facts{Preparing: Span{"2026-03-15", "2026-08-31"}, Delivered: "2026-08-31", Inputs: []Input{
		{"input/1", "2026-04-01", "resident", "2026-06-01"}, {"input/2", "2026-04-02", "youth", ""},
	}}
	if v := one(t, f, "2026-08-30", "4.1", CoCreation); v.Status != Waits {
		t.Errorf("before delivery: %+v", v)
	}
	if v := one(t, f, "2026-08-31", "4.1", CoCreation); v.Status != NotMet {
		t.Errorf("delivered with one open: %+v", v)
	}
	f.Inputs[1].Answered = "2026-09-01"
	if v := one(t, f, "2026-09-02", "4.1", CoCreation); v.Status != NotMet {
		t.Errorf("answered after delivery: %+v", v)
	}
	f.Inputs[1].Answered = "2026-08-31"
	if v := one(t, f, "2026-09-02", "4.1", CoCreation); v.Status != Met || len(v.Evidence) != 2 {
		t.Errorf("all answered: %+v", v)
	}
}

func TestPresentedTwiceAYear(t *testing.T) {
	review := func(on Day, cs int) Meeting {
		return Meeting{Ref: "meeting/" + string(on), On: on, Review: true, Presented: true, Comments: 1, By: map[Sector]int{Government: 1, CivilSociety: cs}}
	}
	f := Facts{Keeping: Span{"2026-01-01", "2027-12-31"}, Meetings: []Meeting{review("2026-03-01", 2), review("2026-06-01", 0)}}
	if v := one(t, f, "2026-12-30", "5.1", Implementation); v.Status != Waits || v.Due != "2026-12-31" || v.Left != 1 {
		t.Errorf("one with civil society so far: %+v", v)
	}
	if v := one(t, f, "2027-01-01", "5.1", Implementation); v.Status != NotMet {
		t.Errorf("the year is over: %+v", v)
	}
	f.Meetings = append(f.Meetings, review("2026-12-31", 1))
	if v := one(t, f, "2027-01-01", "5.1", Implementation); v.Status != Waits {
		t.Errorf("two in the first year: %+v", v)
	}
}

func TestRepositoryTwiceAYear(t *testing.T) {
	paper := func(on Day) Paper { return Paper{Ref: "paper/" + string(on), On: on, Phase: Implementation} }
	f := Facts{Keeping: Span{"2026-01-01", "2027-12-31"}, Papers: []Paper{paper("2026-02-01"), paper("2026-07-15")}}
	for _, x := range []struct {
		on   Day
		want Status
	}{{"2026-06-01", Waits}, {"2026-12-31", Met}, {"2027-01-31", Warned}, {"2027-02-02", NotMet}} {
		if v := one(t, f, x.on, "2.2b", Implementation); v.Status != x.want {
			t.Errorf("on %s: %s %v due %s", x.on, v.Status, v.Words, v.Due)
		}
	}
}

func TestContrary(t *testing.T) { // T2.2, T2.3, T2.4
	f := Facts{Previous: "2025-12-31"}
	if c := Contrary(f, nil, "2026-12-31"); len(c.Contrary) > 0 || c.PlanDue != "2026-12-31" || c.PlanLeft != 0 {
		t.Errorf("last day: %+v", c)
	}
	if c := Contrary(f, nil, "2027-01-01"); fmt.Sprint(c.Contrary) != "[1]" || c.PlanLeft != -1 {
		t.Errorf("day after: %+v", c)
	}
	f = Facts{Delivered: "2026-01-01", Keeping: Span{"2026-01-01", "2027-12-31"}, Milestones: []Milestone{{Ref: "a"}, {Ref: "b"}}}
	if c := Contrary(f, nil, "2027-12-31"); fmt.Sprint(c.Contrary) != "[3]" {
		t.Errorf("no progress at the end: %+v", c)
	}
	f.Milestones[1].Begun = true
	if c := Contrary(f, nil, "2027-12-31"); len(c.Contrary) > 0 {
		t.Errorf("some progress: %+v", c)
	}
	f = Facts{Delivered: "2026-01-01", Years: 4, Keeping: Span{"2026-01-01", "2029-12-31"}}
	if c := Contrary(f, nil, "2027-12-31"); c.RefreshLate || c.RefreshDue != "2028-01-01" {
		t.Errorf("before month 24: %+v", c)
	}
	if c := Contrary(f, nil, "2028-01-01"); !c.RefreshLate {
		t.Errorf("month 24 without a refresh: %+v", c)
	}
}

// TestGapsAreFound compares the rules about gaps with looking at every day.
func TestGapsAreFound(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(n int) Day { return dayOf(start.AddDate(0, 0, n)) }
	rapid.Check(t, func(t *rapid.T) {
		f := Facts{Keeping: Span{at(0), at(700)}}
		for range rapid.IntRange(0, 6).Draw(t, "terms") {
			from := rapid.IntRange(-100, 700).Draw(t, "from")
			term := Term{Ref: "t", Sector: CivilSociety, Span: Span{Start: at(from), End: at(from + rapid.IntRange(0, 400).Draw(t, "long"))}}
			f.Terms = append(f.Terms, term)
		}
		f.Terms = append(f.Terms, Term{"g", Government, Span{at(-500), ""}})
		on := rapid.IntRange(0, 700).Draw(t, "on")
		first := -1
		for n := 0; n <= on && first < 0; n++ {
			covered := false
			for _, x := range f.Terms[:len(f.Terms)-1] {
				covered = covered || x.Has(at(n))
			}
			if !covered {
				first = n
			}
		}
		v := dialogue(f, Implementation, at(on))
		if (first >= 0) != (v.Status == NotMet) {
			t.Fatalf("first uncovered day %d, verdict %+v", first, v)
		}
		if first >= 0 && v.Words.Args[3] != at(first) {
			t.Fatalf("first uncovered day %s, verdict %v", at(first), v.Words)
		}
	})
}

// TestUpdatesInAnyYear compares the rule with looking at every twelve months.
func TestUpdatesInAnyYear(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(n int) Day { return dayOf(start.AddDate(0, 0, n)) }
	rapid.Check(t, func(t *rapid.T) {
		f := Facts{Keeping: Span{at(0), at(1400)}}
		for range rapid.IntRange(0, 12).Draw(t, "papers") {
			f.Papers = append(f.Papers, Paper{Ref: "p", On: at(rapid.IntRange(0, 1400).Draw(t, "day")), Phase: Implementation})
		}
		on := rapid.IntRange(0, 1399).Draw(t, "on")
		fails := false
		days, _, _ := f.updates(Span{at(0), at(on)})
		for n := 0; n <= on; n++ {
			to := at(n).AddMonths(12).AddDays(-1)
			if to >= at(on) {
				break
			}
			count := 0
			for _, d := range days {
				if d >= at(n) && d <= to {
					count++
				}
			}
			fails = fails || count < UpdateTwice
		}
		if v := updated(f, Implementation, at(on)); fails != (v.Status == NotMet) {
			t.Fatalf("on %s: want failed %v, got %+v", at(on), fails, v)
		}
	})
}
