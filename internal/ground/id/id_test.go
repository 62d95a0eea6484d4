package id

import (
	"sort"
	"strings"
	"testing"
	"time"
)

func TestNewSortsByTime(t *testing.T) {
	at := time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)
	var ids []string
	for i := range 50 {
		ids = append(ids, New(at.Add(time.Duration(i)*time.Millisecond)))
	}
	if !sort.StringsAreSorted(ids) {
		t.Error("ids made later sort earlier")
	}
	for _, s := range append(ids, Random()) {
		if !Valid(s) {
			t.Errorf("%q is not valid", s)
		}
	}
	if ids[0][14] != '7' || Random()[14] != '4' {
		t.Error("wrong version digit")
	}
}

func TestNewSortsWithinAMillisecond(t *testing.T) {
	at := time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)
	last := New(at)
	for us := 1; us < 2000; us++ {
		next := New(at.Add(time.Duration(us) * time.Microsecond))
		if next <= last || !Valid(next) {
			t.Fatalf("%s after %s", next, last)
		}
		last = next
	}
}

func TestNthKeepsOrder(t *testing.T) {
	at := time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)
	var ids []string
	for i := range 300 {
		ids = append(ids, Nth(at, i))
	}
	if !sort.StringsAreSorted(ids) || !Valid(ids[299]) || ids[0] == Nth(at, 0) {
		t.Error("out of order, not valid or not unique")
	}
}

func TestValidRefuses(t *testing.T) {
	good := New(time.Now())
	for _, s := range []string{"", "x", strings.ToUpper(good) + "x", good[:35], good + "0", strings.Replace(good, "-", "0", 1), "../../../../etc/passwd/aaaaaaaaaaaaaaa"} {
		if Valid(s) {
			t.Errorf("%q passes", s)
		}
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Garífuna": "garifuna", "Q’eqchi’": "q'eqchi'", "SAN JOSÉ": "san jose", "Straße": "strasse",
		"plain": "plain", "हिन्दी": "हिन्दी", "Ünïcode": "unicode",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSlug(t *testing.T) {
	for in, want := range map[string]string{
		"Roads & Bridges, 2026": "roads-bridges-2026", "  Año nuevo ": "ano-nuevo", "a--b": "a-b",
	} {
		if got := Slug(in); got != want {
			t.Errorf("Slug(%q) = %q, want %q", in, got, want)
		}
	}
	if s := Slug("!!!"); !strings.HasPrefix(s, "x-") || len(s) != 10 {
		t.Errorf("Slug of nothing = %q", s)
	}
	if s := Slug(strings.Repeat("long ", 60)); len(s) > 80 {
		t.Errorf("slug of %d characters", len(s))
	}
}
