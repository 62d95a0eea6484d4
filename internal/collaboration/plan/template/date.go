package template

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/collaboration/plan/ogpfile"
)

var (
	isoForm  = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	byForm   = regexp.MustCompile(`^(?i:(?:by|before|until|hasta|para) )?(?i:(?:the )?end of )?`)
	slashed  = regexp.MustCompile(`^(\d{1,2})[/.](\d{4})$`)
	isoMonth = regexp.MustCompile(`^(\d{4})-(\d{2})$`)
	dotForm  = regexp.MustCompile(`^(\d{1,2})\.(\d{1,2})\.(\d{4})\.?$`)
	halfForm = regexp.MustCompile(`^(?i:S (I{1,2})|(first|second|1st|2nd) (?:half|semester)(?: of)?),? (\d{4})$`)
	qForm    = regexp.MustCompile(`^(?i:Q([1-4])|([1-4])Q),? ?(\d{4})$`)
	longForm = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th|º)?(?: de| of)? ([A-Za-zé]+)(?: de| del|,)? (\d{4})$`)
	usForm   = regexp.MustCompile(`^([A-Za-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$`)
	ofForm   = regexp.MustCompile(`^([A-Za-z]+)(?: de| del) (\d{4})$`)
)

var spanishMonths = map[string]string{
	"enero": "January", "febrero": "February", "marzo": "March", "abril": "April", "mayo": "May", "junio": "June", "julio": "July",
	"agosto": "August", "septiembre": "September", "setiembre": "September", "octubre": "October", "noviembre": "November", "diciembre": "December",
}

// Day tells which day a date means: the day itself, or the first (last, for an
// end) day of the month, quarter, half-year or year that it names. Of a span it
// takes the beginning or the end. ok is false for words such as "Ongoing".
//
// With slashes, 7/1/2026 is the first of July, as in OGP's own table, and
// 31/12/2026 can only have its day first.
func Day(text string, end bool) (day time.Time, ok bool) {
	text = byForm.ReplaceAllString(strings.Trim(strings.Join(strings.Fields(text), " "), " ."), "")
	if start, stop, isSpan := spanOf(text); isSpan {
		text = start
		if end {
			text = stop
		}
	}
	s := ogpfile.ParseDate(rewrite(text))
	switch {
	case isoForm.MatchString(text):
		day, err := time.Parse(time.DateOnly, text)
		return day, err == nil
	case !s.Known():
		return halfYear(text, end)
	case end:
		return s.To, true
	}
	return s.From, true
}

// rewrite brings forms that OGP's table does not have into those that it has.
func rewrite(text string) string {
	month := func(word string) string {
		if m, ok := spanishMonths[strings.ToLower(word)]; ok {
			return m
		}
		return word
	}
	on := func(day, name, year string) string {
		if t, err := time.Parse("2 January 2006", day+" "+month(name)+" "+year); err == nil {
			return ogpfile.OGPDate(t)
		}
		return text
	}
	if m := dotForm.FindStringSubmatch(text); m != nil {
		return m[2] + "/" + m[1] + "/" + m[3]
	}
	if m := isoMonth.FindStringSubmatch(text); m != nil {
		if n, _ := strconv.Atoi(m[2]); n >= 1 && n <= 12 {
			return time.Month(n).String() + " " + m[1]
		}
	}
	if m := slashed.FindStringSubmatch(text); m != nil {
		if n, _ := strconv.Atoi(m[1]); n >= 1 && n <= 12 {
			return time.Month(n).String() + " " + m[2]
		}
	}
	if m := longForm.FindStringSubmatch(text); m != nil {
		return on(m[1], m[2], m[3])
	}
	if m := usForm.FindStringSubmatch(text); m != nil {
		return on(m[2], m[1], m[3])
	}
	if m := qForm.FindStringSubmatch(text); m != nil {
		return "Quarter " + m[1] + m[2] + " " + m[3]
	}
	if m := ofForm.FindStringSubmatch(text); m != nil {
		return month(m[1]) + " " + m[2]
	}
	if word, year, ok := strings.Cut(text, " "); ok {
		return month(strings.TrimSuffix(word, ".")) + " " + year
	}
	return text
}

func halfYear(text string, end bool) (day time.Time, ok bool) {
	m := halfForm.FindStringSubmatch(text)
	if m == nil {
		return day, false
	}
	year, _ := strconv.Atoi(m[3])
	from := time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)
	if half := strings.ToLower(m[1] + m[2]); half == "ii" || half == "second" || half == "2nd" {
		from = from.AddDate(0, 6, 0)
	}
	if end {
		return from.AddDate(0, 6, -1), true
	}
	return from, true
}
