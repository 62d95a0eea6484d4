package ogpfile

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Form is how a date is written in the file.
type Form string

// The forms of dates that occur, from a whole date to none.
const (
	FormDay     Form = "day"         // 12/31/2024: OGP's own form, month first
	FormDayLed  Form = "day_first"   // 31/12/2014: the day first, as the month cannot be 31
	FormShort   Form = "short_year"  // 6/30/20
	FormMonth   Form = "month"       // August 2014
	FormQuarter Form = "quarter"     // Quarter 1 2014, IV quarter of 2021
	FormSeason  Form = "season"      // Spring 2015
	FormYear    Form = "year"        // 2014
	FormShifted Form = "year_serial" // 7/19/1905: a spreadsheet took the year 2027 for a count of days
	FormSerial  Form = "serial"      // 43525: a spreadsheet's count of days
	FormWords   Form = "words"       // Underway
	FormNone    Form = "none"        // NA, ND, NR, empty
)

// Span is the time that a cell under Start Date or End Date stands for, as far
// as it says one.
type Span struct {
	From, To time.Time // first and last day; zero for FormWords and FormNone
	Form     Form
}

// Known tells whether the cell names a time.
func (s Span) Known() bool { return !s.From.IsZero() }

// epoch is day 0 of spreadsheets, so that their day 60 on falls right.
var epoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

var (
	dayForm     = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})$`)
	monthForm   = regexp.MustCompile(`^([A-Za-z]+),? (\d{4})$`)
	quarterForm = regexp.MustCompile(`^(?:Quarter ([1-4])|(I|II|III|IV) quarter)(?: of)? (\d{4})$`)
	digitsForm  = regexp.MustCompile(`^\d{4,5}$`)
)

// Years between which a number is a year rather than anything else: no plan is
// older than OGP's first members' laws, none reaches further.
const (
	firstYear = 1990
	lastYear  = 2060
)

// ParseDate reads a cell under Start Date or End Date without guessing more
// than its form says. Two-digit years are of this century.
func ParseDate(text string) Span {
	text = strings.TrimSpace(text)
	if valueOf(text).State != Coded {
		return Span{Form: FormNone}
	}
	for _, try := range []func(string) (Span, bool){parseDay, parseDigits, parseMonth, parseQuarter} {
		if s, ok := try(text); ok {
			return s
		}
	}
	return Span{Form: FormWords}
}

func parseDay(text string) (Span, bool) {
	m := dayForm.FindStringSubmatch(text)
	if m == nil {
		return Span{}, false
	}
	form := FormDay
	if len(m[3]) == 2 {
		form, m[3] = FormShort, "20"+m[3]
	}
	day, err := time.Parse("1/2/2006", m[1]+"/"+m[2]+"/"+m[3])
	if err != nil {
		form = FormDayLed
		if day, err = time.Parse("2/1/2006", m[1]+"/"+m[2]+"/"+m[3]); err != nil {
			return Span{}, false
		}
	}
	if year := int(day.Sub(epoch).Hours() / 24); year >= firstYear && year <= lastYear {
		return years(year, FormShifted), true
	}
	return Span{day, day, form}, true
}

func parseDigits(text string) (Span, bool) {
	if !digitsForm.MatchString(text) {
		return Span{}, false
	}
	n, _ := strconv.Atoi(text)
	switch day := epoch.AddDate(0, 0, n); {
	case n >= firstYear && n <= lastYear:
		return years(n, FormYear), true
	case day.Year() >= firstYear && day.Year() <= lastYear:
		return Span{day, day, FormSerial}, true
	}
	return Span{}, false
}

// seasons begin in the months of the northern hemisphere, where they occur.
var seasons = map[string]time.Month{"spring": time.March, "summer": time.June, "autumn": time.September, "fall": time.September}

func parseMonth(text string) (Span, bool) {
	m := monthForm.FindStringSubmatch(text)
	if m == nil {
		return Span{}, false
	}
	year, _ := strconv.Atoi(m[2])
	if first, ok := seasons[strings.ToLower(m[1])]; ok {
		return months(year, first, 3, FormSeason), true
	}
	for _, layout := range []string{"January", "Jan"} {
		if t, err := time.Parse(layout, m[1]); err == nil {
			return months(year, t.Month(), 1, FormMonth), true
		}
	}
	return Span{}, false
}

func parseQuarter(text string) (Span, bool) {
	m := quarterForm.FindStringSubmatch(text)
	if m == nil {
		return Span{}, false
	}
	q := map[string]int{"1": 1, "2": 2, "3": 3, "4": 4, "I": 1, "II": 2, "III": 3, "IV": 4}[m[1]+m[2]]
	year, _ := strconv.Atoi(m[3])
	return months(year, time.Month(3*q-2), 3, FormQuarter), true
}

func years(year int, form Form) Span { return months(year, time.January, 12, form) }

// months is a span of n months.
func months(year int, first time.Month, n int, form Form) Span {
	from := time.Date(year, first, 1, 0, 0, 0, 0, time.UTC)
	return Span{from, from.AddDate(0, n, -1), form}
}

// OGPDate writes a day in the file's own form, month first.
func OGPDate(t time.Time) string { return t.Format("1/2/2006") }

// swapped reads 4/7/2014 as the fourth of July; ok is false where only one
// reading is possible, or both are the same.
func swapped(text string) (day time.Time, ok bool) {
	s := ParseDate(text)
	if s.Form != FormDay || s.From.Day() > 12 || s.From.Day() == int(s.From.Month()) {
		return day, false
	}
	return time.Date(s.From.Year(), time.Month(s.From.Day()), int(s.From.Month()), 0, 0, 0, 0, time.UTC), true
}
