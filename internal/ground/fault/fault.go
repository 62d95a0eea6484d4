// Package fault makes errors for two audiences. The person reads what went
// wrong and what to do, in their own language: an Error carries the key of a
// sentence in locale/ and the values to put in it. The log keeps the cause.
//
// A fault says what kind of thing went wrong; web and api turn the kind into a
// status, and nothing below them knows about HTTP.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind is what sort of thing went wrong.
type Kind int

// The kinds, with the HTTP status that web and api answer.
const (
	Internal    Kind = iota // 500: our fault; the cause goes to the log
	Invalid                 // 422: the input can be mended
	SignIn                  // 401: nobody is signed in
	Denied                  // 403: this actor may not
	NotFound                // 404
	Gone                    // 410: withdrawn; the text says why
	Conflict                // 409: somebody else changed it first
	TooLarge                // 413
	TooMany                 // 429: wait for RetryAfter
	Unavailable             // 503: a part is away for now
	Full                    // 507: no room left on the disk
	Timeout                 // 504: the question took too long and was cancelled
	Malformed               // 400: not understood at all
)

// Error is a failure that somebody can act on.
type Error struct {
	Kind       Kind
	Key        string        // of the sentence in locale/
	Args       []any         // name, value, name, value …
	RetryAfter time.Duration // for TooMany and Unavailable
	cause      error
}

// New returns an Error; args are pairs of a name in the sentence and its value.
func New(kind Kind, key string, args ...any) *Error {
	return &Error{Kind: kind, Key: key, Args: args}
}

// Wrap returns e with the cause that the log keeps and nobody else sees.
func (e *Error) Wrap(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// After returns e with the time to wait before another try.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// Error gives the text for the log.
func (e *Error) Error() string {
	s := e.Key
	if len(e.Args) > 0 {
		s += " " + strings.TrimSuffix(fmt.Sprintln(e.Args...), "\n")
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Field is what is wrong with one field of a form.
type Field struct {
	Name string // of the input
	Key  string
	Args []any
}

// Fields collects what is wrong with a form, in the order of its fields. Its
// kind is Invalid.
type Fields []Field

// Add notes a problem with a field.
func (f *Fields) Add(name, key string, args ...any) {
	*f = append(*f, Field{name, key, args})
}

// Require adds "fault.required" when v is blank.
func (f *Fields) Require(name, v string) {
	if strings.TrimSpace(v) == "" {
		f.Add(name, "fault.required")
	}
}

// MaxLen adds "fault.too_long" when v has more than n characters.
func (f *Fields) MaxLen(name, v string, n int) {
	if c := len([]rune(v)); c > n {
		f.Add(name, "fault.too_long", "n", c, "max", n)
	}
}

// FarYears is how many years ahead the dates may lie that people announce: what is
// later is a slip of the pen, which others would have to live with.
const FarYears = 10

// NotFar adds "fault.too_far" when at lies more than FarYears after now.
func (f *Fields) NotFar(name string, at, now time.Time) {
	if at.After(now.AddDate(FarYears, 0, 0)) {
		f.Add(name, "fault.too_far", "years", FarYears)
	}
}

// NotFarDay is NotFar for a civil date, YYYY-MM-DD; what is none is let be.
func (f *Fields) NotFarDay(name, day string, now time.Time) {
	if at, err := time.Parse(time.DateOnly, day); err == nil {
		f.NotFar(name, at, now)
	}
}

// Of returns the problem of the field called name, and whether there is one.
func (f Fields) Of(name string) (Field, bool) {
	for _, x := range f {
		if x.Name == name {
			return x, true
		}
	}
	return Field{}, false
}

// Error gives the text for the log.
func (f Fields) Error() string {
	var b strings.Builder
	b.WriteString("invalid input:")
	for _, x := range f {
		fmt.Fprintf(&b, " %s=%s", x.Name, x.Key)
	}
	return b.String()
}

// Err returns f, or nil when nothing was added.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// KindOf returns the kind of err; an error that is no fault is Internal.
func KindOf(err error) Kind {
	var e *Error
	var f Fields
	switch {
	case errors.As(err, &e):
		return e.Kind
	case errors.As(err, &f):
		return Invalid
	}
	return Internal
}
