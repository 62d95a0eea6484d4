package round

import (
	"errors"
	"slices"

	"ceiba/internal/collaboration/evaluation/agreement"
	"ceiba/internal/collaboration/evaluation/instrument"
	"ceiba/internal/collaboration/evaluation/score"
)

// Sheet is a revealed score of one criterion.
type Sheet struct {
	Participant string
	Code        string
	Late        bool // shown and moderated, but in no statistic
}

// Kind is between whom a discrepancy is.
type Kind string

// The kinds. Each is a reason for compulsory moderation.
const (
	HumanVsHuman    Kind = "human_vs_human"    // two steps or more apart
	HumanVsComputed Kind = "human_vs_computed" // one step or more
	Applicability   Kind = "applicability"     // for some it doesn't apply, others scored it
	LowAgreement    Kind = "low_agreement"     // of the pillar
	Disputed        Kind = "disputed_evidence"
)

// Steps from which on moderation is compulsory.
const (
	humanSteps    = 2
	computedSteps = 1
)

// Discrepancy is a reason to talk about a criterion.
type Discrepancy struct {
	Kind Kind
	Size int // steps on the scale; 0 where there are none
}

// Key is that of the sentence for people.
func (d Discrepancy) Key() string { return "evaluation.round.discrepancy." + string(d.Kind) }

// Criterion is what is known of a criterion when scores are revealed.
type Criterion struct {
	Scale    *instrument.Scale
	Sheets   []Sheet
	Computed string // code; "" if it was not computed, or came to no result
	Disputed bool   // somebody disputes a piece of evidence

	// Low says that the pillar's scores agree too little: see [TooLow].
	Low bool
}

// Discrepancies are the reasons why a criterion must be moderated, in the order
// of the kinds. On a nominal scale any two codes are one step apart, so that
// scorers are never two.
func Discrepancies(c Criterion) (out []Discrepancy) {
	var ranks []int
	var applies, not bool
	for _, s := range c.Sheets {
		rank, ok := rankOf(c.Scale, s.Code)
		applies, not = applies || ok, not || !ok
		if ok {
			ranks = append(ranks, rank)
		}
	}
	if size := spread(c.Scale, ranks); size >= humanSteps {
		out = append(out, Discrepancy{HumanVsHuman, size})
	}
	if size, off := c.fromComputed(); off {
		out = append(out, Discrepancy{HumanVsComputed, size})
	}
	if applies && not {
		out = append(out, Discrepancy{Kind: Applicability})
	}
	if c.Low {
		out = append(out, Discrepancy{Kind: LowAgreement})
	}
	if c.Disputed {
		out = append(out, Discrepancy{Kind: Disputed})
	}
	return out
}

// fromComputed is the greatest distance of a score from the computed code, and
// whether any differs. If only one of the two has a rank, the size is 0.
func (c Criterion) fromComputed() (size int, off bool) {
	if c.Computed == "" {
		return 0, false
	}
	computed, has := rankOf(c.Scale, c.Computed)
	for _, s := range c.Sheets {
		rank, ok := rankOf(c.Scale, s.Code)
		if ok != has {
			off = true
			continue
		}
		if ok {
			size = max(size, spread(c.Scale, []int{computed, rank}))
		}
	}
	return size, off || size >= computedSteps
}

// rankOf is the place of a code among the ranks of a scale; false for a code
// without one. D* has the rank of D.
func rankOf(s *instrument.Scale, code string) (int, bool) {
	c := s.Code(code)
	if c == nil {
		return 0, false
	}
	if c.CountsAs != "" {
		return rankOf(s, c.CountsAs)
	}
	rank := 0
	for i := range s.Codes {
		if s.Codes[i].CountsAs == "" {
			if s.Codes[i].Code == code {
				return rank, true
			}
			rank++
		}
	}
	return 0, false
}

// spread is how many steps lie between ranks.
func spread(s *instrument.Scale, ranks []int) int {
	if len(ranks) == 0 {
		return 0
	}
	apart := slices.Max(ranks) - slices.Min(ranks)
	if s.Level == agreement.Nominal {
		return min(apart, 1)
	}
	return apart
}

// Ratings are the scores of criteria that share a scale, one row each, as
// package agreement wants them: the values of an interval or ratio scale, else
// the orders. There are places for so many scorers at least; what is late or
// has no value is missing.
func Ratings(s *instrument.Scale, scorers int, criteria ...[]Sheet) agreement.Ratings {
	out := make(agreement.Ratings, len(criteria))
	for i, sheets := range criteria {
		for _, sheet := range sheets {
			out[i] = append(out[i], rating(s, sheet))
		}
		for len(out[i]) < scorers {
			out[i] = append(out[i], agreement.None())
		}
	}
	return out
}

func rating(s *instrument.Scale, sheet Sheet) float64 {
	v := score.CodeValue(s, sheet.Code)
	rank, ok := rankOf(s, sheet.Code)
	switch {
	case sheet.Late || !ok:
		return agreement.None()
	case v.Number != nil && (s.Level == agreement.Interval || s.Level == agreement.Ratio):
		return *v.Number
	case s.Level == agreement.Nominal:
		return float64(rank) // a name for each code; D* is that of D
	}
	return float64(v.Order)
}

// TooLow reports whether a pillar's agreement makes moderation of all its
// criteria compulsory: alpha is below .667, or nothing was scored twice. If all
// scores are the same there is nothing to moderate.
func TooLow(a agreement.Alpha, err error) bool {
	if err == nil {
		return a.Reading() == agreement.DoNotAggregate
	}
	var undefined *agreement.Undefined
	return !errors.As(err, &undefined) || undefined.Reason != agreement.NoVariation
}
