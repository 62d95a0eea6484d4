package web_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
)

// TestMend: a sentence that goes on after its field's name is made whole, one
// that is whole already is left; what belongs to no field stands beside the
// main one; what cannot be mended on the form is not kept from the error page.
func TestMend(t *testing.T) {
	ctx := i18n.With(context.Background(), configOf(t).Words.For("en"))
	label := func(_ context.Context, field string) string { return "The " + field }
	long := fault.Fields{}
	long.MaxLen("title", "abcd", 3)
	long.Add("mail", "web.fields")
	for _, c := range []struct {
		name   string
		err    error
		status int
		at     string // field
		text   string
		wait   string
	}{
		{"needed", fault.Fields{{Name: "title", Key: "fault.required"}}, 422, "title", "The title is needed", ""},
		{"with values", long, 422, "title", "The title is 4 characters long; at most 3 fit", ""},
		{"whole", long, 422, "mail", i18n.T(ctx, "web.fields"), ""},
		{"conflict", db.ErrConflict, 409, "main", i18n.T(ctx, "web.conflict"), ""},
		{"full disk", db.ErrFull, 507, "main", i18n.T(ctx, "web.disk_full"), ""},
		{"too many", fault.New(fault.TooMany, "web.too_many").After(1500 * time.Millisecond), 429, "main", i18n.T(ctx, "web.too_many"), "2"},
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil).WithContext(ctx)
		wrong, ok := web.Mend(w, r, c.err, "main", label)
		if !ok || wrong.Status != c.status || wrong.Errors.Of(c.at) != c.text || w.Header().Get("Retry-After") != c.wait {
			t.Errorf("%s: %v %d %q, wait %q", c.name, ok, wrong.Status, wrong.Errors, w.Header().Get("Retry-After"))
		}
	}
	for _, err := range []error{nil, errors.New("broken"), db.ErrNotFound, fault.New(fault.SignIn, "who.sign_in")} {
		w, r := httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil).WithContext(ctx)
		if wrong, ok := web.Mend(w, r, err, "main", label); ok {
			t.Errorf("%v stands on the form as %q", err, wrong.Errors)
		}
	}
}
