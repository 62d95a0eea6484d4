package agreement

import (
	"math"
	"slices"
)

// Level says what differences between values mean, after S. Stevens.
type Level string

// The levels of measurement.
const (
	Nominal  Level = "nominal"  // names: equal or not
	Ordinal  Level = "ordinal"  // ranks
	Interval Level = "interval" // differences count
	Ratio    Level = "ratio"    // proportions count; no value is below zero
)

// Ratings are the scores of units, one row a unit: what was scored. A row has a
// place for each score that was expected of the unit, [None] where it did not
// come. Rows may differ in length, and who gave a score doesn't matter.
type Ratings [][]float64

// None stands where a score is missing.
func None() float64 { return math.NaN() }

// Reason says why a statistic is not defined.
type Reason string

// The reasons.
const (
	NoVariation  Reason = "no_variation"  // all scores are the same, so that chance would agree as well
	NoPairs      Reason = "no_pairs"      // no unit has two scores
	NotFinite    Reason = "not_finite"    // a score is infinite
	Negative     Reason = "negative"      // a ratio or a count is below zero
	UnknownLevel Reason = "unknown_level" // a level or weighting that is none
	NotSquare    Reason = "not_square"    // a table that has not as many rows as columns, or rows of different length
	UnequalRows  Reason = "unequal_rows"  // units with different numbers of scores, where all need the same
	FewResamples Reason = "few_resamples" // too many resamples have no variation for an interval
)

// Undefined is the error of a statistic that has no value.
type Undefined struct {
	Statistic string // such as "alpha"
	Reason    Reason
}

// Error gives the text for the log.
func (u *Undefined) Error() string {
	return u.Statistic + " is not defined: " + string(u.Reason)
}

// Key is that of the sentence for people.
func (u *Undefined) Key() string { return "evaluation.agreement." + string(u.Reason) }

// Counts turns ratings into how often each category was given, one row a unit.
// Values that are in no category, as [None], are left out.
func (r Ratings) Counts(categories []float64) [][]int {
	out := make([][]int, len(r))
	for u, row := range r {
		out[u] = make([]int, len(categories))
		for _, v := range row {
			if at := slices.Index(categories, v); at >= 0 {
				out[u][at]++
			}
		}
	}
	return out
}

// Cross tabulates the first two scores of each unit that has both, the first
// down and the second across, for [Cohen].
func (r Ratings) Cross(categories []float64) [][]int {
	out := make([][]int, len(categories))
	for i := range out {
		out[i] = make([]int, len(categories))
	}
	for _, row := range r {
		if len(row) < 2 {
			continue
		}
		a, b := slices.Index(categories, row[0]), slices.Index(categories, row[1])
		if a >= 0 && b >= 0 {
			out[a][b]++
		}
	}
	return out
}

// Values are the different scores, the least first.
func (r Ratings) Values() []float64 {
	var out []float64
	for _, row := range r {
		for _, v := range row {
			if !math.IsNaN(v) {
				out = append(out, v)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// missing is the share of expected scores that did not come.
func (r Ratings) missing() float64 {
	var gaps, all int
	for _, row := range r {
		all += len(row)
		for _, v := range row {
			if math.IsNaN(v) {
				gaps++
			}
		}
	}
	if all == 0 {
		return 0
	}
	return float64(gaps) / float64(all)
}
