package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"unicode"
	"unicode/utf8"

	"ceiba/internal/face/ui"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
)

// Wrong is what is wrong with a form that was sent: what stands beside its
// fields, and the status of the answer.
type Wrong struct {
	Status int
	Errors ui.FieldErrors
}

// Label is the name of a form's field in the reader's language.
type Label func(ctx context.Context, field string) string

// Mend turns an error into what stands on the form that is shown again, with
// everything that was typed: a fault of no field stands beside the field
// called main, and the answer's header says how long to wait if it has to. ok
// is false when there is no error, and for one that nobody can do anything
// about on the form; that one goes to the error page.
func Mend(w http.ResponseWriter, r *http.Request, err error, main string, label Label) (wrong Wrong, ok bool) {
	if err == nil {
		return wrong, false
	}
	ctx := r.Context()
	var fields fault.Fields
	if errors.As(err, &fields) {
		return Wrong{Status: http.StatusUnprocessableEntity, Errors: fieldErrors(ctx, fields, label)}, true
	}
	f := Explain(err)
	switch f.Kind {
	case fault.Internal, fault.SignIn, fault.NotFound:
		return wrong, false
	}
	wait(w, f)
	return Wrong{Status: Status(f.Kind), Errors: ui.FieldErrors{{Name: main, Text: i18n.From(ctx).Fault(f)}}}, true
}

// fieldErrors are whole sentences. One that begins with a small letter, such
// as "is needed", goes on after the field's label.
func fieldErrors(ctx context.Context, fields fault.Fields, label Label) (out ui.FieldErrors) {
	for _, f := range fields {
		text := i18n.T(ctx, f.Key, f.Args...)
		if first, _ := utf8.DecodeRuneInString(text); unicode.IsLower(first) {
			text = label(ctx, f.Name) + " " + text
		}
		out = append(out, ui.FieldError{Name: f.Name, Text: text})
	}
	return out
}

// wait says in the answer's header how long to wait, if there is a time.
func wait(w http.ResponseWriter, f *fault.Error) {
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
	}
}
