package indicator

import (
	"math"
	"slices"
	"testing"

	"ceiba/internal/collaboration/procurement/indicator/settings"
)

// The vectors are those of statrs 0.16, slice_statistics.rs.
func TestQuantilesOfType8(t *testing.T) {
	data := []float64{-1, 5, 0, -3, 10, -0.5, 4, 0.2, 1, 6}
	slices.Sort(data)
	for tau, want := range map[float64]float64{
		0: -3, 0.01: -3, 0.2: -0.8, 0.325: -37.0 / 240, 0.5: 0.6, 0.52: 287.0 / 375, 0.7: 137.0 / 30, 0.99: 10, 1: 10,
	} {
		if got := quantile(data, tau); math.Abs(got-want) > 1e-12 {
			t.Errorf("quantile %v is %v, want %v", tau, got, want)
		}
	}
	if !math.IsNaN(quantile(nil, 0.5)) || !math.IsNaN(quantile(data, 1.1)) {
		t.Error("a quantile of nothing, or beyond 1, is a number")
	}
}

func TestAValueAtTheFence(t *testing.T) {
	for _, s := range []side{below, above} {
		for exact, want := range map[bool]bool{true: true, false: false} {
			if got := (limit{side: s, at: 1, exact: exact}).beyond(1); got != want {
				t.Errorf("side %v, exact %v: beyond is %v", s, exact, got)
			}
		}
	}
	if !(limit{side: below, at: 1}).beyond(0.9) || (limit{side: below, at: 1}).beyond(1.1) || !(limit{side: above, at: 1}).beyond(1.1) || (limit{side: above, at: 1}).beyond(0.9) {
		t.Error("a value is on the wrong side")
	}
	if (limit{side: below, at: 1, exact: true, nothing: true}).beyond(0) {
		t.Error("something is flagged where nothing can be")
	}
}

// Of a bid at a price of zero there is no part by which another lies above it.
func TestAPriceOfZeroWinsNothing(t *testing.T) {
	line := `{"ocid":"a","bids":{"details":[{"status":"valid","tenderers":[{"id":"W"}],"value":{"amount":0,"currency":"BZD"}},` +
		`{"status":"valid","tenderers":[{"id":"L"}],"value":{"amount":5,"currency":"BZD"}}]},"awards":[{"status":"active","suppliers":[{"id":"W"}]}]}`
	for cardinal, want := range map[bool]int{true: 1, false: 0} {
		f := newFold(Options{Settings: settings.All(), Cardinal: cardinal})
		p, err := scan([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		if f.add(&p); len(f.ratios) != want {
			t.Errorf("Cardinal's rules %v: %v", cardinal, f.ratios)
		}
	}
}
