package agreement

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
)

// Resamples is how many are drawn unless asked otherwise.
const Resamples = 1000

// maxUndefined is the share of resamples without variation from which on the
// rest says too little about the units.
const maxUndefined = 0.05

// Bootstrap says how resamples are drawn.
type Bootstrap struct {
	Seed      uint64 // publish it, so that others can draw the same
	Resamples int    // 0 stands for [Resamples]
	Workers   int    // that compute at once; 0 stands for one a processor. The result is the same
}

// Span is an interval of 95 %, with how it was found.
type Span struct {
	Low, High float64
	Seed      uint64
	Resamples int
	Undefined int // resamples without variation, which were left out
}

// Interval estimates how far alpha would vary if other units of the same kind
// had been scored: the 2.5 % and 97.5 % quantiles (Hyndman and Fan's type 7) of
// alpha over resamples of the units that have two scores or more. The error is
// an [Undefined]; its reason is [FewResamples] if over 5 % have no variation.
func (b Bootstrap) Interval(r Ratings, level Level) (Span, error) {
	c, err := newCoincidences(r, level)
	if err != nil {
		return Span{}, err
	}
	if _, ok := c.alpha(nil); !ok {
		return Span{}, undefinedAlpha(NoVariation)
	}
	if b.Resamples <= 0 {
		b.Resamples = Resamples
	}
	alphas := c.resample(b)
	defined := slices.DeleteFunc(slices.Clone(alphas), math.IsNaN)
	out := Span{Seed: b.Seed, Resamples: b.Resamples, Undefined: len(alphas) - len(defined)}
	if float64(out.Undefined) > maxUndefined*float64(b.Resamples) {
		return Span{}, undefinedAlpha(FewResamples)
	}
	slices.Sort(defined)
	out.Low, out.High = quantile(defined, 0.025), quantile(defined, 0.975)
	return out, nil
}

// resample returns an alpha for each resample, NaN where it is not defined.
func (c *coincidences) resample(b Bootstrap) []float64 {
	workers := b.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	out := make([]float64, b.Resamples)
	var all sync.WaitGroup
	for w := range min(workers, len(out)) {
		all.Go(func() {
			times := make([]int, len(c.units))
			for i := w; i < len(out); i += workers {
				out[i] = c.redraw(times, rand.New(rand.NewPCG(b.Seed, uint64(i))))
			}
		})
	}
	all.Wait()
	return out
}

// redraw draws as many units as there are, with replacement.
func (c *coincidences) redraw(times []int, random *rand.Rand) float64 {
	clear(times)
	for range times {
		times[random.IntN(len(times))]++
	}
	if alpha, ok := c.alpha(times); ok {
		return alpha
	}
	return math.NaN()
}

// quantile interpolates between the order statistics on either side.
func quantile(sorted []float64, p float64) float64 {
	at := float64(p * float64(len(sorted)-1))
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + float64((at-float64(low))*(sorted[high]-sorted[low]))
}
