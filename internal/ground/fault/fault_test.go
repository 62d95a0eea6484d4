package fault

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestTwoAudiences(t *testing.T) {
	cause := errors.New("connection refused")
	e := New(Unavailable, "web.away", "n", 3).Wrap(cause).After(time.Minute)
	if !errors.Is(e, cause) || e.RetryAfter != time.Minute || !strings.Contains(e.Error(), "refused") {
		t.Errorf("got %v", e)
	}
	if KindOf(fmt.Errorf("load: %w", e)) != Unavailable || KindOf(cause) != Internal {
		t.Error("the kind is lost on the way up")
	}
}

func TestWrapLeavesTheOriginal(t *testing.T) {
	e := New(Invalid, "a.b")
	e.Wrap(errors.New("x"))
	if e.Unwrap() != nil {
		t.Error("a shared fault was changed")
	}
}

func TestFields(t *testing.T) {
	var f Fields
	if f.Err() != nil {
		t.Error("nothing wrong is an error")
	}
	f.Require("title", "  ")
	f.MaxLen("summary", strings.Repeat("ñ", 11), 10)
	f.MaxLen("notes", strings.Repeat("ñ", 10), 10)
	err := f.Err()
	if KindOf(err) != Invalid || len(f) != 2 || !strings.Contains(err.Error(), "title=fault.required summary=fault.too_long") {
		t.Errorf("got %v", err)
	}
	if x, ok := f.Of("summary"); !ok || x.Args[1] != 11 {
		t.Errorf("of summary: %v %t", x, ok)
	}
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	f = nil
	f.NotFar("closes", now.AddDate(FarYears, 0, 0), now)
	f.NotFarDay("due", "2036-11-23", now)
	f.NotFarDay("none", "soon", now)
	if f.NotFar("closes", now.AddDate(FarYears, 0, 1), now); len(f) != 1 {
		t.Errorf("far away: %v", f)
	}
	if f.NotFarDay("due", "9999-12-31", now); len(f) != 2 {
		t.Errorf("far away: %v", f)
	}
	if _, ok := f.Of("none"); ok {
		t.Error("a field without a problem has one")
	}
}
