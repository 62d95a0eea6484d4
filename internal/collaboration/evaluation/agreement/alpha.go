package agreement

import (
	"math"
	"slices"
)

// Alpha is Krippendorff's alpha with what it rests on: 1 is perfect agreement,
// 0 what chance gives, below 0 is systematic disagreement.
type Alpha struct {
	Level   Level
	Value   float64
	Units   int     // that have two scores or more
	Scores  int     // of those units
	Missing float64 // share of expected scores that did not come, over all units
}

// Reading is what may be done with scores that agree so far.
func (a Alpha) Reading() Reading { return Read(a.Value) }

// Reading is alpha in plain words.
type Reading string

// The readings, by Krippendorff's limits.
const (
	Reliable       Reading = "reliable"         // alpha is .800 or more
	Tentative      Reading = "tentative"        // .667 or more: conclude with care
	DoNotAggregate Reading = "do_not_aggregate" // below: talk about the scores before they are added up
)

// Limits of the readings.
const (
	ReliableFrom  = 0.800
	TentativeFrom = 0.667
)

// Read puts an alpha in words.
func Read(alpha float64) Reading {
	switch {
	case alpha >= ReliableFrom:
		return Reliable
	case alpha >= TentativeFrom:
		return Tentative
	}
	return DoNotAggregate
}

// Key is that of the sentence for people.
func (r Reading) Key() string { return "evaluation.agreement.reading." + string(r) }

// Krippendorff computes alpha. Units with fewer than two scores count only as
// missing. The error is an [Undefined].
func Krippendorff(r Ratings, level Level) (Alpha, error) {
	c, err := newCoincidences(r, level)
	if err != nil {
		return Alpha{}, err
	}
	value, ok := c.alpha(nil)
	if !ok {
		return Alpha{}, undefinedAlpha(NoVariation)
	}
	out := Alpha{Level: level, Value: value, Units: len(c.units), Missing: r.missing()}
	for _, u := range c.units {
		out.Scores += u.scores
	}
	return out, nil
}

func undefinedAlpha(why Reason) error { return &Undefined{"alpha", why} }

// coincidences are the pairs of values within units, from which alpha comes.
type coincidences struct {
	level  Level
	values []float64 // the different ones, the least first
	units  []pairs   // those with two scores or more
}

// pairs are those of one unit: how often each value was given.
type pairs struct {
	scores int
	given  []times
}

// times is how often a value was given to a unit.
type times struct{ value, n int } // the place of the value

func newCoincidences(r Ratings, level Level) (*coincidences, error) {
	if !slices.Contains([]Level{Nominal, Ordinal, Interval, Ratio}, level) {
		return nil, undefinedAlpha(UnknownLevel)
	}
	c := &coincidences{level: level, values: r.Values()}
	for _, v := range c.values {
		switch {
		case math.IsInf(v, 0):
			return nil, undefinedAlpha(NotFinite)
		case v < 0 && level == Ratio:
			return nil, undefinedAlpha(Negative)
		}
	}
	for _, row := range r.Counts(c.values) {
		var u pairs
		for v, n := range row {
			if n > 0 {
				u.scores += n
				u.given = append(u.given, times{v, n})
			}
		}
		if u.scores >= 2 {
			c.units = append(c.units, u)
		}
	}
	if len(c.units) == 0 {
		return nil, undefinedAlpha(NoPairs)
	}
	return c, nil
}

// alpha computes it with each unit taken so many times, or once if times is
// nil. It reports false if there is no variation.
func (c *coincidences) alpha(times []int) (float64, bool) {
	totals := c.totals(times)
	distance := c.distances(totals)
	expected, n := 0.0, 0.0
	for a, na := range totals {
		n += na
		for b := range a {
			expected += float64(na * totals[b] * distance(a, b))
		}
	}
	if expected == 0 {
		return 0, false
	}
	observed := 0.0
	for u, unit := range c.units {
		if times == nil || times[u] > 0 {
			observed += float64(unit.disagreement(distance) * multiple(times, u))
		}
	}
	return 1 - float64((n-1)*observed)/expected, true
}

// totals are how often each value was given, over the units.
func (c *coincidences) totals(times []int) []float64 {
	out := make([]float64, len(c.values))
	for u, unit := range c.units {
		for _, g := range unit.given {
			out[g.value] += float64(float64(g.n) * multiple(times, u))
		}
	}
	return out
}

func multiple(times []int, u int) float64 {
	if times == nil {
		return 1
	}
	return float64(times[u])
}

// disagreement is the sum of the squared distances of a unit's pairs, each pair
// once, divided by one less than its scores.
func (u pairs) disagreement(distance func(a, b int) float64) (sum float64) {
	for i, a := range u.given {
		for _, b := range u.given[:i] {
			sum += float64(float64(a.n*b.n) * distance(a.value, b.value))
		}
	}
	return sum / float64(u.scores-1)
}

// distances returns the squared difference of two values, by their places, of
// which the first is the greater.
func (c *coincidences) distances(totals []float64) func(a, b int) float64 {
	switch c.level {
	case Ordinal:
		below := make([]float64, len(totals)+1)
		for i, n := range totals {
			below[i+1] = below[i] + n
		}
		return func(a, b int) float64 {
			d := below[a+1] - below[b] - (totals[a]+totals[b])/2
			return d * d
		}
	case Interval:
		return func(a, b int) float64 {
			d := c.values[a] - c.values[b]
			return d * d
		}
	case Ratio:
		return func(a, b int) float64 {
			d := (c.values[a] - c.values[b]) / (c.values[a] + c.values[b])
			return d * d
		}
	}
	return func(_, _ int) float64 { return 1 }
}
