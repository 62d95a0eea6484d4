package indicator

import (
	"math"
	"testing"
)

// The probabilities are those of the lady tasting tea (Fisher, 1935), of which
// there are 70 outcomes, and of the table 1 9, 11 3 that is in many manuals.
func TestFishersTest(t *testing.T) {
	for _, c := range []struct {
		k, n, K, N int
		want       float64
	}{
		{1, 4, 4, 8, 17.0 / 70},
		{4, 4, 4, 8, 1},
		{0, 4, 4, 8, 1.0 / 70},
		{1, 10, 12, 24, 0.0013797280926100418},
		{0, 0, 3, 5, 1},
	} {
		if got := fisher(c.k, c.n, c.K, c.N); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("fisher(%d, %d, %d, %d) is %v, want %v", c.k, c.n, c.K, c.N, got, c.want)
		}
	}
}

func TestAdjustsForManyTests(t *testing.T) {
	got := benjaminiHochberg([]float64{0.04, 0.01, 0.02, 0.03, 0.9, 0.001})
	want := []float64{0.048, 0.03, 0.04, 0.045, 0.9, 0.006}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Errorf("adjusted to %v, want %v", got, want)
			break
		}
	}
}

func TestWhoStandsOutAmongFew(t *testing.T) {
	shares := map[string]share{"often": {part: 0, whole: 20}, "x": {part: 8, whole: 20}, "y": {part: 9, whole: 20}, "once": {part: 0, whole: 1}}
	for _, e := range exactTests(shares, below) {
		if e.Beyond != (e.ID == "often") {
			t.Errorf("below: %+v", e)
		}
	}
	for _, e := range exactTests(shares, above) {
		if e.Beyond {
			t.Errorf("above: %+v", e)
		}
	}
}
