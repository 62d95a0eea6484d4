package budgetdoc

import (
	"fmt"
	"time"
)

// Document is one of the eight.
type Document string

// The documents.
const (
	PreBudget Document = "pre_budget_statement"
	Proposal  Document = "executive_budget_proposal"
	Enacted   Document = "enacted_budget"
	Citizens  Document = "citizens_budget"
	InYear    Document = "in_year_reports"
	MidYear   Document = "mid_year_review"
	YearEnd   Document = "year_end_report"
	Audit     Document = "audit_report"
)

const (
	day  = time.DateOnly
	year = 12 // months
)

// Documents are the eight in the order of the budget's cycle.
var Documents = []Document{PreBudget, Proposal, Enacted, Citizens, InYear, MidYear, YearEnd, Audit}

// FiscalYear says when a year begins. Belize's is 1 April.
type FiscalYear struct {
	Year  int        // in which it begins
	Month time.Month // 0 stands for April
	Day   int        // 0 stands for the first
}

// Start is the first day.
func (f FiscalYear) Start() string { return f.start().Format(day) }

// End is the last day.
func (f FiscalYear) End() string { return f.monthsIn(year) }

func (f FiscalYear) start() time.Time {
	month, first := f.Month, f.Day
	if month == 0 {
		month = time.April
	}
	return time.Date(f.Year, month, max(first, 1), 0, 0, 0, 0, time.UTC)
}

// monthsIn is the last day of so many months from the start.
func (f FiscalYear) monthsIn(n int) string {
	return f.start().AddDate(0, n, -1).Format(day)
}

// Quarter is the last day of quarter 1 to 4, for in-year reports.
func (f FiscalYear) Quarter(n int) string { return f.monthsIn(3 * n) }

// MonthEnd is the last day of month 1 to 12, for in-year reports.
func (f FiscalYear) MonthEnd(n int) string { return f.monthsIn(n) }

// Facts are the days on which a deadline may hang; "" is not known.
type Facts struct {
	Tabled    string // the proposal, in the legislature
	Approved  string // the budget, by the legislature
	Parent    string // the document that the citizens budget explains was published
	PeriodEnd string // of an in-year report: [FiscalYear.Quarter] or [FiscalYear.MonthEnd]
}

// Deadline is the last day on which a document counts as public. It is "" if
// the fact that it hangs on is not known; the error is about a date that is
// none, a period outside the year, or an unknown document.
func (f FiscalYear) Deadline(d Document, facts Facts) (string, error) {
	switch d {
	case PreBudget:
		return months(facts.Tabled, -1)
	case Proposal:
		return daysAfter(facts.Approved, -1)
	case Enacted:
		return months(facts.Approved, 3)
	case Citizens:
		return months(facts.Parent, 3)
	case InYear:
		return f.inYear(facts.PeriodEnd)
	case MidYear:
		return f.monthsIn(6 + 3), nil
	case YearEnd:
		return f.monthsIn(year + 12), nil
	case Audit:
		return f.monthsIn(year + 18), nil
	}
	return "", fmt.Errorf("budget document %q is not one of the eight", d)
}

// inYear wants the end of a month of the year.
func (f FiscalYear) inYear(end string) (string, error) {
	if end == "" {
		return "", nil
	}
	for n := 1; n <= year; n++ {
		if f.MonthEnd(n) == end {
			return f.monthsIn(n + 3), nil
		}
	}
	return "", fmt.Errorf("%q is not the end of a month of the fiscal year", end)
}

// months adds months to a day; a day that the month doesn't have is its last.
func months(on string, n int) (string, error) {
	t, err := parse(on)
	if err != nil || t.IsZero() {
		return "", err
	}
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1).Format(day), nil
}

func daysAfter(on string, n int) (string, error) {
	t, err := parse(on)
	if err != nil || t.IsZero() {
		return "", err
	}
	return t.AddDate(0, 0, n).Format(day), nil
}

// parse takes "" for the zero time.
func parse(on string) (time.Time, error) {
	if on == "" {
		return time.Time{}, nil
	}
	return time.Parse(day, on)
}

// Outcome is what became of a document.
type Outcome string

// The outcomes. The first four are those of rule "budget.document_timeliness".
const (
	OnTime      Outcome = "on_time"
	Late        Outcome = "late"
	Internal    Outcome = "internal_only" // made, but not public
	NotProduced Outcome = "not_produced"
	NotDue      Outcome = "not_due"           // the deadline has not passed
	Unknown     Outcome = "insufficient_data" // the deadline hangs on a day that is not known
)

// Published is what is known of a document.
type Published struct {
	On   string // day it became public; "" if it is not
	Made bool   // it exists, public or not
}

// Judge compares a document with its deadline on a given day. What was not yet
// public on that day doesn't count as public.
func Judge(deadline string, p Published, today string) (Outcome, error) {
	for _, on := range []string{deadline, p.On, today} {
		if _, err := parse(on); err != nil {
			return "", err
		}
	}
	public := p.On != "" && p.On <= today
	switch {
	case deadline == "":
		return Unknown, nil
	case public && p.On <= deadline:
		return OnTime, nil
	case public:
		return Late, nil
	case today <= deadline:
		return NotDue, nil
	case p.Made:
		return Internal, nil
	}
	return NotProduced, nil
}
