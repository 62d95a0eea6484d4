package indicator

import (
	"math"
	"slices"
)

// quantile is the quantile of sorted data at tau in [0, 1] as Hyndman and Fan's
// type 8 has it, whose median does not depend on the distribution: Sample
// Quantiles in Statistical Packages, 1996. It is what Cardinal uses (statrs 0.16,
// Data::quantile). No data is NaN.
func quantile(sorted []float64, tau float64) float64 {
	n := len(sorted)
	if n == 0 || tau < 0 || tau > 1 || math.IsNaN(tau) {
		return math.NaN()
	}
	h := float64((float64(n)+1.0/3)*tau) + 1.0/3 // the conversions forbid one rounding for two
	k := int(h)
	switch {
	case k <= 0 || tau == 0:
		return sorted[0]
	case k >= n || tau == 1:
		return sorted[n-1]
	}
	low, high := sorted[k-1], sorted[k]
	return low + float64((h-float64(k))*(high-low))
}

// quartiles are the first and the third.
func quartiles(data []float64) (q1, q3 float64) {
	sorted := slices.Sorted(slices.Values(data))
	return quantile(sorted, 0.25), quantile(sorted, 0.75)
}

// Tukey's fences lie one and a half times the distance of the quartiles beyond
// them. Both round once, as Cardinal's do.

func lowerFence(q1, q3 float64) float64 { return math.FMA(q3-q1, -1.5, q1) }
func upperFence(q1, q3 float64) float64 { return math.FMA(q3-q1, 1.5, q3) }
