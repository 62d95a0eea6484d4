package agreement

import "math"

// Weights say how much a disagreement counts, by the steps between the two
// categories.
type Weights string

// The weights.
const (
	Unweighted Weights = "unweighted" // any disagreement counts the same
	Linear     Weights = "linear"     // by the steps
	Quadratic  Weights = "quadratic"  // by their square
)

// of returns the weight of a disagreement.
func (w Weights) of(i, j int) int {
	d := i - j
	switch {
	case w == Quadratic:
		return d * d
	case d == 0:
		return 0
	case w == Linear:
		return max(d, -d)
	}
	return 1
}

// z95 is the 97.5 % quantile of the normal distribution.
const z95 = 1.959963984540054

// Kappa is a chance-corrected agreement: 1 is perfect, 0 what chance gives.
type Kappa struct {
	Value float64
	N     int // units that it rests on

	ASE       float64 // asymptotic standard error; 0 for [Fleiss]
	Low, High float64 // of the 95 % interval from it; 0 for [Fleiss]
	ASE0      float64 // standard error if there were only chance
	Z, P      float64 // Value by ASE0, and the two-sided probability of it
}

// Cohen computes the kappa of two raters from a square table of counts, the
// first rater's categories down and the second's across, in the same order.
// The error is an [Undefined].
func Cohen(table [][]int, w Weights) (Kappa, error) {
	down, across, n, err := margins(table)
	switch {
	case err != nil:
		return Kappa{}, err
	case w != Unweighted && w != Linear && w != Quadratic:
		return Kappa{}, undefinedKappa(UnknownLevel)
	case n == 0:
		return Kappa{}, undefinedKappa(NoPairs)
	}
	var seen, expected int // weighted disagreement, times n and times n²
	for i, row := range table {
		for j, count := range row {
			seen += w.of(i, j) * count
			expected += w.of(i, j) * down[i] * across[j]
		}
	}
	if expected == 0 {
		return Kappa{}, undefinedKappa(NoVariation)
	}
	k := Kappa{Value: 1 - float64(seen)*float64(n)/float64(expected), N: n}
	k.ASE, k.ASE0 = standardErrors(table, w, k.Value)
	k.Low, k.High = k.Value-float64(z95*k.ASE), k.Value+float64(z95*k.ASE)
	k.test()
	return k, nil
}

func undefinedKappa(why Reason) error { return &Undefined{"kappa", why} }

// test fills in z and its probability.
func (k *Kappa) test() {
	if k.ASE0 > 0 {
		k.Z = k.Value / k.ASE0
		k.P = math.Erfc(math.Abs(k.Z) / math.Sqrt2)
	}
}

// margins sums a square table.
func margins(table [][]int) (down, across []int, n int, err error) {
	down, across = make([]int, len(table)), make([]int, len(table))
	for i, row := range table {
		if len(row) != len(table) {
			return nil, nil, 0, undefinedKappa(NotSquare)
		}
		for j, count := range row {
			if count < 0 {
				return nil, nil, 0, undefinedKappa(Negative)
			}
			down[i] += count
			across[j] += count
			n += count
		}
	}
	return down, across, n, nil
}

// standardErrors are those of Fleiss, Cohen and Everitt (1969), formulas 8 and
// 9 in the weights of agreement v = 1 - w/max(w), with kappa and without.
func standardErrors(table [][]int, w Weights, kappa float64) (ase, ase0 float64) {
	down, across, n, _ := margins(table)
	total, most := float64(n), float64(w.of(len(table)-1, 0))
	v := func(i, j int) float64 { return 1 - float64(w.of(i, j))/most }
	meanDown, meanAcross := make([]float64, len(table)), make([]float64, len(table))
	chance := 0.0
	for i := range table {
		for j := range table {
			meanDown[i] += float64(v(i, j) * float64(across[j]) / total)
			meanAcross[j] += float64(v(i, j) * float64(down[i]) / total)
		}
		chance += float64(meanDown[i] * float64(down[i]) / total)
	}
	var sum, sum0 float64
	for i, row := range table {
		for j, count := range row {
			mean := meanDown[i] + meanAcross[j]
			off := v(i, j) - float64(mean*(1-kappa))
			sum += float64(float64(count) / total * off * off)
			off = v(i, j) - mean
			sum0 += float64(float64(down[i]) / total * float64(across[j]) / total * off * off)
		}
	}
	centre := kappa - float64(chance*(1-kappa))
	scale := (1 - chance) * math.Sqrt(total)
	return root(sum-float64(centre*centre)) / scale, root(sum0-float64(chance*chance)) / scale
}

// root takes what rounding pushed below zero for zero.
func root(v float64) float64 { return math.Sqrt(max(v, 0)) }

// Fleiss computes the kappa of several raters from counts: one row a unit, one
// column a category. All units need the same number of scores, two or more;
// for gaps there is [Krippendorff]. z is that of Fleiss, Nee and Landis (1979).
// The error is an [Undefined].
func Fleiss(counts [][]int) (Kappa, error) {
	scores, err := rows(counts)
	if err != nil {
		return Kappa{}, err
	}
	var m, agreeing int
	shares := make([]int, len(counts[0]))
	for u, row := range counts {
		if u > 0 && scores[u] != m {
			return Kappa{}, undefinedKappa(UnequalRows)
		}
		m = scores[u]
		for q, n := range row {
			agreeing += n * (n - 1)
			shares[q] += n
		}
	}
	if m < 2 {
		return Kappa{}, undefinedKappa(NoPairs)
	}
	all := float64(len(counts) * m)
	var spread, skew float64 // Σ p(1-p) and Σ p(1-p)(1-2p)
	for _, n := range shares {
		p := float64(n) / all
		spread += float64(p * (1 - p))
		skew += float64(p * (1 - p) * (1 - 2*p))
	}
	if spread == 0 {
		return Kappa{}, undefinedKappa(NoVariation)
	}
	seen := 1 - float64(agreeing)/float64(all*float64(m-1))
	k := Kappa{Value: 1 - seen/spread, N: len(counts)}
	k.ASE0 = math.Sqrt(2*(float64(spread*spread)-skew)/float64(all*float64(m-1))) / spread
	k.test()
	return k, nil
}

// rows sums the rows of counts, which all have the same length.
func rows(counts [][]int) ([]int, error) {
	if len(counts) == 0 {
		return nil, undefinedKappa(NoPairs)
	}
	out := make([]int, len(counts))
	for u, row := range counts {
		if len(row) != len(counts[0]) {
			return nil, undefinedKappa(NotSquare)
		}
		for _, n := range row {
			if n < 0 {
				return nil, undefinedKappa(Negative)
			}
			out[u] += n
		}
	}
	return out, nil
}

// Gwet computes AC1 from counts: one row a unit, one column for each category
// of the scale, used or not. It stays sensible where nearly all scores are the
// same, when kappa collapses: show it beside kappa. Rows may have different
// sums. The error is an [Undefined].
func Gwet(counts [][]int) (Kappa, error) {
	scores, err := rows(counts)
	if err != nil {
		return Kappa{}, err
	}
	categories := len(counts[0])
	if categories < 2 {
		return Kappa{}, undefinedKappa(NoVariation)
	}
	var agreed float64
	var paired, scored int
	shares := make([]float64, categories)
	for u, row := range counts {
		if scores[u] == 0 {
			continue
		}
		scored++
		same := 0
		for q, n := range row {
			shares[q] += float64(n) / float64(scores[u])
			same += n * (n - 1)
		}
		if scores[u] >= 2 {
			paired++
			agreed += float64(same) / float64(scores[u]*(scores[u]-1))
		}
	}
	if paired == 0 {
		return Kappa{}, undefinedKappa(NoPairs)
	}
	chance := 0.0
	for _, sum := range shares {
		p := sum / float64(scored)
		chance += float64(p * (1 - p))
	}
	chance /= float64(categories - 1)
	return Kappa{Value: (agreed/float64(paired) - chance) / (1 - chance), N: paired}, nil
}
