package indicator

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// MaxP is below which a part of a whole stands out, after adjustment for the
// number of tests.
const MaxP = 0.01

// Exact compares one thing's part of a whole with that of all others together:
// what can still be said where there are too few for a distribution. It is no
// flag.
type Exact struct {
	ID       string  `json:"id"`
	Part     int     `json:"part"`
	Whole    int     `json:"whole"`
	P        Decimal `json:"p"`          // of Fisher's exact test, one-sided; six decimals
	Adjusted Decimal `json:"adjusted_p"` // as Benjamini and Hochberg have it
	Beyond   bool    `json:"stands_out"` // Adjusted is below MaxP
}

// exactTests adds tests of shares to what was just found insufficient, if it
// was.
func (f *fold) exactTests(code Code, group Group, s side, shares map[string]share) {
	last := len(f.out.Insufficient) - 1
	if last >= 0 && f.out.Insufficient[last].Indicator == code && f.out.Insufficient[last].Group == group {
		f.out.Insufficient[last].Exact = exactTests(shares, s)
	}
}

func exactTests(shares map[string]share, s side) []Exact {
	var part, whole int
	for _, one := range shares {
		part, whole = part+one.part, whole+one.whole
	}
	out := make([]Exact, 0, len(shares))
	p := make([]float64, 0, len(shares))
	for _, id := range slices.Sorted(maps.Keys(shares)) {
		one := shares[id]
		tail := fisher(one.part, one.whole, part, whole)
		if s == above {
			tail = fisher(one.whole-one.part, one.whole, whole-part, whole)
		}
		out = append(out, Exact{ID: id, Part: one.part, Whole: one.whole, P: sixDecimals(tail)})
		p = append(p, tail)
	}
	for i, adjusted := range benjaminiHochberg(p) {
		out[i].Adjusted, out[i].Beyond = sixDecimals(adjusted), adjusted < MaxP
	}
	return out
}

func sixDecimals(f float64) Decimal { return Decimal(math.Round(f*1e6) / 1e6) }

// fisher is the probability that of n taken out of N, of which K are marked, k
// or fewer are: the lower tail of Fisher's exact test.
func fisher(k, n, K, N int) float64 {
	sum := 0.0
	for i := max(0, n+K-N); i <= k; i++ {
		sum += math.Exp(choose(K, i) + choose(N-K, n-i) - choose(N, n))
	}
	return min(sum, 1)
}

// choose is the logarithm of a binomial coefficient.
func choose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n) + 1)
	b, _ := math.Lgamma(float64(k) + 1)
	c, _ := math.Lgamma(float64(n-k) + 1)
	return a - b - c
}

// benjaminiHochberg adjusts probabilities for how many there are, so that of
// what stands out at a level no larger part than the level is expected to do so
// by chance: Controlling the False Discovery Rate, 1995.
func benjaminiHochberg(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[b], p[a]) })
	out, least := make([]float64, len(p)), 1.0
	for i, at := range order { // from the largest on
		least = min(least, p[at]*float64(len(p))/float64(len(p)-i))
		out[at] = least
	}
	return out
}
