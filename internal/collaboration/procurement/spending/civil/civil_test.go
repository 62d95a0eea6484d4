package civil_test

import (
	"testing"
	"time"

	"ceiba/internal/collaboration/procurement/spending/civil"
)

// TestEveryDay compares each day of 9999 years with the standard library.
func TestEveryDay(t *testing.T) {
	at := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	for d := civil.Date(1); at.Year() < 10000; d++ {
		y, m, day := d.Split()
		if y != at.Year() || m != int(at.Month()) || day != at.Day() || civil.Of(y, m, day) != d {
			t.Fatalf("day %d is %v, and we have %d-%d-%d", d, at, y, m, day)
		}
		if weekend := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday; d.Weekend() != weekend {
			t.Fatalf("%v: weekend %v", d, d.Weekend())
		}
		at = at.AddDate(0, 0, 1)
	}
}

func TestParse(t *testing.T) {
	for _, s := range []string{"0001-01-01", "2024-02-29", "2026-11-24", "9999-12-31"} {
		if d, ok := civil.Parse(s); !ok || d.String() != s {
			t.Errorf("%s is %v, %v", s, d, ok)
		}
	}
	for _, s := range []string{"", "2023-02-29", "2023-00-01", "2023-13-01", "2023-04-31", "0000-01-01", "2023-1-01", "2023/01/01", "+023-01-01", "2023-01-0x", "20230101"} {
		if d, ok := civil.Parse(s); ok || d != 0 {
			t.Errorf("%q is %v", s, d)
		}
	}
	if civil.Date(0).String() != "" || civil.Date(-5).Weekend() {
		t.Error("no day is a day")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("2024-02-29")
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := civil.Parse(s)
		at, err := time.Parse(time.DateOnly, s)
		if want := err == nil && at.Year() > 0; ok != want {
			t.Fatalf("%q: %v, and the standard library %v", s, ok, want)
		}
		if ok && d.String() != s {
			t.Fatalf("%q came back as %v", s, d)
		}
	})
}
