package budgetdoc_test

import (
	"testing"
	"time"

	"ceiba/internal/collaboration/evaluation/budgetdoc"
	"ceiba/internal/collaboration/evaluation/instrument"
)

// fy is 1 April 2025 to 31 March 2026.
var fy = budgetdoc.FiscalYear{Year: 2025}

var facts = budgetdoc.Facts{Tabled: "2025-03-10", Approved: "2025-03-28", Parent: "2025-06-15", PeriodEnd: fy.Quarter(1)}

func TestFiscalYear(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{fy.Start(), "2025-04-01"},
		{fy.End(), "2026-03-31"},
		{fy.Quarter(2), "2025-09-30"},
		{fy.Quarter(4), "2026-03-31"},
		{fy.MonthEnd(11), "2026-02-28"},
		{budgetdoc.FiscalYear{Year: 2025, Month: time.January}.End(), "2025-12-31"},
		{budgetdoc.FiscalYear{Year: 2025, Month: time.April, Day: 6}.End(), "2026-04-05"},
	} {
		if c.got != c.want {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
}

// TestDeadlines: each is met on its last day and the day before, missed on the
// day after.
func TestDeadlines(t *testing.T) {
	for d, want := range map[budgetdoc.Document]string{
		budgetdoc.PreBudget: "2025-02-10",
		budgetdoc.Proposal:  "2025-03-27",
		budgetdoc.Enacted:   "2025-06-28",
		budgetdoc.Citizens:  "2025-09-15",
		budgetdoc.InYear:    "2025-09-30",
		budgetdoc.MidYear:   "2025-12-31",
		budgetdoc.YearEnd:   "2027-03-31",
		budgetdoc.Audit:     "2027-09-30",
	} {
		got, err := fy.Deadline(d, facts)
		if err != nil || got != want {
			t.Errorf("%s: %s %v, want %s", d, got, err, want)
		}
		last, _ := time.Parse(time.DateOnly, want)
		for offset, outcome := range map[int]budgetdoc.Outcome{-1: budgetdoc.OnTime, 0: budgetdoc.OnTime, 1: budgetdoc.Late} {
			on := last.AddDate(0, 0, offset).Format(time.DateOnly)
			judged, err := budgetdoc.Judge(got, budgetdoc.Published{On: on, Made: true}, "2028-01-01")
			if err != nil || judged != outcome {
				t.Errorf("%s on %s: %s, want %s", d, on, judged, outcome)
			}
		}
	}
}

func TestMonthsOfDays(t *testing.T) {
	for _, c := range []struct{ document, on, want string }{
		{"enacted_budget", "2025-04-30", "2025-07-30"},
		{"enacted_budget", "2024-11-30", "2025-02-28"},
		{"enacted_budget", "2023-11-30", "2024-02-29"},
		{"pre_budget_statement", "2025-03-31", "2025-02-28"},
		{"pre_budget_statement", "2025-01-15", "2024-12-15"},
		{"enacted_budget", "2018-03-27", "2018-06-27"},
	} {
		got, err := fy.Deadline(budgetdoc.Document(c.document), budgetdoc.Facts{Tabled: c.on, Approved: c.on})
		if err != nil || got != c.want {
			t.Errorf("%s %s: %s %v, want %s", c.document, c.on, got, err, c.want)
		}
	}
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		deadline  string
		published budgetdoc.Published
		today     string
		want      budgetdoc.Outcome
	}{
		{"2025-12-31", budgetdoc.Published{}, "2025-12-31", budgetdoc.NotDue},
		{"2025-12-31", budgetdoc.Published{}, "2026-01-01", budgetdoc.NotProduced},
		{"2025-12-31", budgetdoc.Published{Made: true}, "2026-01-01", budgetdoc.Internal},
		{"2025-12-31", budgetdoc.Published{On: "2026-02-01", Made: true}, "2026-01-01", budgetdoc.Internal},
		{"2025-12-31", budgetdoc.Published{On: "2026-02-01", Made: true}, "2026-02-01", budgetdoc.Late},
		{"", budgetdoc.Published{On: "2026-02-01"}, "2026-02-01", budgetdoc.Unknown},
	} {
		got, err := budgetdoc.Judge(c.deadline, c.published, c.today)
		if err != nil || got != c.want {
			t.Errorf("%+v: %s %v", c, got, err)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, d := range budgetdoc.Documents {
		got, err := fy.Deadline(d, budgetdoc.Facts{})
		fixed := d == budgetdoc.MidYear || d == budgetdoc.YearEnd || d == budgetdoc.Audit
		if err != nil || (got != "") != fixed {
			t.Errorf("%s without facts: %q %v", d, got, err)
		}
	}
	if _, err := fy.Deadline("speech", facts); err == nil {
		t.Error("a ninth document")
	}
	for _, bad := range []budgetdoc.Facts{{Approved: "28 March"}, {Approved: "2025-02-30"}} {
		if _, err := fy.Deadline(budgetdoc.Enacted, bad); err == nil {
			t.Errorf("%+v", bad)
		}
	}
	for _, end := range []string{"2025-06-29", "2024-06-30"} {
		if _, err := fy.Deadline(budgetdoc.InYear, budgetdoc.Facts{PeriodEnd: end}); err == nil {
			t.Errorf("%s is the end of no month of the year", end)
		}
	}
	if _, err := budgetdoc.Judge("2025-13-01", budgetdoc.Published{}, "2025-01-01"); err == nil {
		t.Error("a month too many")
	}
}

// TestInstrument: the survey asks of these documents, and knows these outcomes.
func TestInstrument(t *testing.T) {
	all, err := instrument.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, in := range all {
		r := in.Rule("budget.document_timeliness")
		if r == nil {
			continue
		}
		for _, outcome := range []budgetdoc.Outcome{budgetdoc.OnTime, budgetdoc.Late, budgetdoc.Internal, budgetdoc.NotProduced} {
			if r.Outcomes[string(outcome)] == "" {
				t.Errorf("no code for %s", outcome)
			}
		}
		for _, n := range in.Leaves() {
			if n.Compute != nil {
				if d := n.Compute.Params["document"]; d != string(budgetdoc.Documents[at]) {
					t.Errorf("%s asks of %s", n.ID, d)
				}
				at++
			}
		}
	}
	if at != len(budgetdoc.Documents) {
		t.Errorf("%d documents", at)
	}
}
