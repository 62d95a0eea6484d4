package spending

import (
	"math"
	"math/big"

	"ceiba/internal/collaboration/procurement/spending/law"
)

// exactly is up to how many trials a probability is a fraction of whole numbers.
const exactly = 4096

// tail is the probability that of n fair coins k or more show heads, the
// one-sided binomial test, and whether it is below a level. Up to 4,096 coins the
// comparison is exact; above, right to about nine digits.
func tail(k, n int, level law.Number) (p float64, less bool) {
	switch {
	case k <= 0:
		return 1, false
	case n > exactly:
		p = approximate(k, n)
		return p, p*10000 < float64(level)
	}
	term, total := new(big.Int).Binomial(int64(n), int64(k)), new(big.Int)
	for i := k; i <= n; i++ {
		total.Add(total, term)
		term.Mul(term, big.NewInt(int64(n-i)))
		term.Quo(term, big.NewInt(int64(i+1)))
	}
	all := new(big.Int).Lsh(big.NewInt(1), uint(n))
	p, _ = new(big.Rat).SetFrac(total, all).Float64()
	less = new(big.Int).Mul(total, big.NewInt(10000)).Cmp(all.Mul(all, big.NewInt(int64(level)))) < 0
	return p, less
}

// approximate sums the terms from k on, beginning with the logarithm of the
// first.
func approximate(k, n int) float64 {
	a, _ := math.Lgamma(float64(n) + 1)
	b, _ := math.Lgamma(float64(k) + 1)
	c, _ := math.Lgamma(float64(n-k) + 1)
	term := math.Exp(a - b - c - float64(n)*math.Ln2)
	total := 0.0
	for i := k; i <= n; i++ {
		total += term
		term *= float64(n-i) / float64(i+1)
	}
	return min(total, 1)
}
