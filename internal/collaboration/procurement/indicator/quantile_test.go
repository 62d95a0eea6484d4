package indicator

import (
	"math"
	"slices"
	"testing"
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
