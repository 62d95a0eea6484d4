package web

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/ground/fault"
)

// Form is the body of a request, read once.
type Form struct{ r *http.Request }

// ReadForm parses the body: a plain form, or a multipart one whose files stay
// on disk. A body that is too large or broken is a fault.
func ReadForm(r *http.Request) (Form, error) {
	var err error
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		err = r.ParseMultipartForm(1 << 20)
	} else {
		err = r.ParseForm()
	}
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return Form{}, fault.New(fault.TooLarge, "web.too_large", "max", big.Limit)
	case err != nil:
		return Form{}, fault.New(fault.Malformed, "web.bad_form").Wrap(err)
	}
	return Form{r}, nil
}

// Text returns a field's value without the spaces around it, and with the line
// breaks that people see. Bytes that are no UTF-8 and NUL are taken out: no
// engine keeps them and no reader sees them.
func (f Form) Text(name string) string {
	return clean(f.r.PostFormValue(name))
}

func clean(v string) string {
	if unreadable(v) {
		v = textOf(v)
	}
	return strings.TrimSpace(strings.ReplaceAll(v, "\r\n", "\n"))
}

// Line is Text for a field of one line: line breaks become spaces.
func (f Form) Line(name string) string {
	return strings.Join(strings.Fields(f.Text(name)), " ")
}

// All returns every value of a field, for checkboxes.
func (f Form) All(name string) []string {
	var out []string
	for _, v := range f.r.PostForm[name] {
		out = append(out, clean(v))
	}
	return out
}

// Has reports whether the field was sent, for a checkbox or a button.
func (f Form) Has(name string) bool { return len(f.r.PostForm[name]) > 0 }

// Names returns the names of all fields that were sent, sorted, for a form that
// refuses what it does not know.
func (f Form) Names() []string { return slices.Sorted(maps.Keys(f.r.PostForm)) }

// Int returns a whole number, adding a problem to p if the field holds none;
// an empty field is zero.
func (f Form) Int(p *fault.Fields, name string) int {
	v := strings.ReplaceAll(f.Line(name), ",", "")
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		p.Add(name, "fault.number")
	}
	return n
}

// FieldErrors gives the sentences of a failed form by field, for showing it
// again; the second result is false when err is something else.
func FieldErrors(err error) (fault.Fields, bool) {
	var fields fault.Fields
	ok := errors.As(err, &fields)
	return fields, ok
}

// QueryInt returns a query parameter as a whole number from low to high, or
// otherwise when it is absent. Anything else is a fault.
func QueryInt(r *http.Request, name string, otherwise, low, high int) (int, error) {
	v := r.URL.Query().Get(name)
	if v == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < low || n > high {
		return 0, fault.New(fault.Malformed, "web.bad_number", "name", name, "low", low, "high", high)
	}
	return n, nil
}

// Date returns the civil date of a field in three parts (name.day, name.month,
// name.year) as YYYY-MM-DD: empty when all are, and the parts as they were
// typed, which is no date, when they make none.
func (f Form) Date(name string) string {
	d, m, y := f.Line(name+".day"), f.Line(name+".month"), f.Line(name+".year")
	if d+m+y == "" {
		return f.Line(name)
	}
	day, err1 := strconv.Atoi(d)
	month, err2 := strconv.Atoi(m)
	year, err3 := strconv.Atoi(y)
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if err1 != nil || err2 != nil || err3 != nil || t.Day() != day || t.Month() != time.Month(month) || year < 1000 {
		return y + "-" + m + "-" + d
	}
	return t.Format(time.DateOnly)
}
