package score

import (
	"cmp"
	"math/big"
	"slices"

	"ceiba/internal/collaboration/evaluation/instrument"
)

// The rules that are computed here.
const (
	PI11             = "pefa.pi_1_1"            // aggregate expenditure outturn
	PI21             = "pefa.pi_2_1"            // composition by function, programme or head
	PI22             = "pefa.pi_2_2"            // composition by economic type
	PI23             = "pefa.pi_2_3"            // expenditure from contingency reserves
	PI31             = "pefa.pi_3_1"            // aggregate revenue outturn
	CompetitiveValue = "pi24.competitive_share" // PI-24.2
)

// HeadKind says what a line of the budget is.
type HeadKind string

// The kinds that are not ordinary, which is "".
const (
	Contingency HeadKind = "contingency"
	Interest    HeadKind = "interest" // on debt
	Suspense    HeadKind = "suspense" // unallocated; in no total
)

// Head is a line of one year: of the classification that the rule asks for.
// Amounts are minor units of one currency.
type Head struct {
	ID     string
	Kind   HeadKind
	Budget int64 // as originally approved
	Actual int64
}

// Year is a completed fiscal year.
type Year struct {
	Year  int // in which it begins
	Heads []Head
}

// Computed is what a rule came to, with what it takes to compute it again.
type Computed struct {
	Rule    string            `json:"rule"`
	State   State             `json:"state"` // [Scored] or [Insufficient]
	Code    string            `json:"code"`  // D* if insufficient
	Why     string            `json:"why,omitempty"`
	Percent *float64          `json:"percent,omitempty"` // where one number is taken of all years
	Years   []Yearly          `json:"years,omitempty"`
	Bands   []instrument.Band `json:"bands"`
}

// Yearly is the result of one year.
type Yearly struct {
	Year    int     `json:"year"`
	Percent float64 `json:"percent"`
	Code    string  `json:"code"`            // the best band that takes it
	Lines   []Line  `json:"lines,omitempty"` // of a composition
}

// Line is a head of a composition.
type Line struct {
	Head      string  `json:"head"` // [Rest] for those taken together
	Budget    int64   `json:"budget"`
	Actual    int64   `json:"actual"`
	Adjusted  float64 `json:"adjusted"`  // the budget as if it had grown like the total
	Deviation float64 `json:"deviation"` // of the actual amount from that, without sign
}

// Rest is the line of the heads that are too small to be shown.
const Rest = "*"

// Why a rule could not be computed, or was decided otherwise: keys.
const (
	WhyYears    = "evaluation.score.needs_three_years"
	WhyBudget   = "evaluation.score.no_budget"
	WhySuspense = "evaluation.score.suspense"
	WhyMethods  = "evaluation.score.unknown_methods"
)

// years is how many PEFA looks at; enough is how many must be in a band.
const years, enough = 3, 2

// ExpenditureOutturn is PI-1.1: actual by budgeted expenditure, contingency and
// interest included, suspense accounts not. It needs the last three completed
// years.
func ExpenditureOutturn(in []Year) Computed {
	return twoOfThree(PI11, in, func(y Year) (Yearly, bool) {
		budget, actual := sums(y.without(Suspense))
		percent, ok := ratio(actual, budget)
		return Yearly{Year: y.Year, Percent: percent}, ok
	})
}

// RevenueOutturn is PI-3.1: actual by budgeted revenue, over three years.
func RevenueOutturn(in []Year) Computed {
	return twoOfThree(PI31, in, func(y Year) (Yearly, bool) {
		budget, actual := sums(y.Heads)
		percent, ok := ratio(actual, budget)
		return Yearly{Year: y.Year, Percent: percent}, ok
	})
}

// CompositionByHead is PI-2.1: how far spending moved between functions,
// programmes or heads, without contingency and interest. Of more than twenty
// heads those count that make up 75 % of the budget, twenty at least, and the
// others as one. If unallocated suspense is over 10 % of spending in any of the
// years, it is D.
func CompositionByHead(in []Year) Computed {
	return composition(PI21, in, func(y Year) []Head { return largest(y.without(Contingency, Interest, Suspense)) })
}

// CompositionByType is PI-2.2: the same by economic type, interest included.
func CompositionByType(in []Year) Computed {
	return composition(PI22, in, func(y Year) []Head { return y.without(Contingency, Suspense) })
}

// ContingencyShare is PI-2.3: what was charged to contingency by the original
// budget, on average over three years.
func ContingencyShare(in []Year) Computed {
	out := Computed{Rule: PI23, Bands: PEFABands(PI23)}
	mean := new(big.Rat)
	for _, y := range in {
		budget, _ := sums(y.without(Suspense))
		_, charged := sums(y.only(Contingency))
		percent, ok := exact(charged, budget)
		if !ok {
			return out.insufficient(WhyBudget)
		}
		mean.Add(mean, percent)
		f, _ := percent.Float64()
		out.Years = append(out.Years, Yearly{Year: y.Year, Percent: f, Code: bandOf(out.Bands, f)})
	}
	if len(in) != years {
		return out.insufficient(WhyYears)
	}
	f, _ := mean.Quo(mean, big.NewRat(years, 1)).Float64()
	return out.at(f)
}

// Composition is PI-2 from its three dimensions, by M1. If suspense accounts
// make it D as a whole, contingency is left out, which could only add a "+".
func Composition(byHead, byType, contingency Computed) Step {
	s := Step{Node: "PI-2", Rule: instrument.M1}
	dimensions := []Computed{byHead, byType, contingency}
	if byHead.Why == WhySuspense {
		dimensions = dimensions[:2]
	}
	for _, c := range dimensions {
		v := Value{State: c.State, Code: c.Code, Order: 'D' - int(c.Code[0])}
		if c.State == Insufficient {
			v.CountsAs = "D"
		}
		s.Inputs = append(s.Inputs, Input{Node: c.Rule, Weight: 1, Value: v})
	}
	s.Result = s.Replay()
	return s
}

// Contract is a contract of the last completed year, for PI-24.2.
type Contract struct {
	Method string // "" if it is not known
	Value  int64  // minor units of one currency
}

// CompetitiveShare is PI-24.2: the value of contracts by the methods that are
// competitive, by that of all. Contracts of which the method is not known could
// be either; if that makes a difference to the score, it is D*.
func CompetitiveShare(contracts []Contract, competitive ...string) Computed {
	out := Computed{Rule: CompetitiveValue, Bands: PEFABands(CompetitiveValue)}
	var share, unknown, all int64
	for _, c := range contracts {
		all += c.Value
		switch {
		case c.Method == "":
			unknown += c.Value
		case slices.Contains(competitive, c.Method):
			share += c.Value
		}
	}
	least, ok := ratio(share, all)
	if !ok {
		return out.insufficient(WhyBudget)
	}
	most, _ := ratio(share+unknown, all)
	if bandOf(out.Bands, least) != bandOf(out.Bands, most) {
		return out.insufficient(WhyMethods)
	}
	return out.at(least)
}

// at puts a number into its band.
func (c Computed) at(percent float64) Computed {
	c.State, c.Percent, c.Code = Scored, &percent, bandOf(c.Bands, percent)
	return c
}

func (c Computed) insufficient(why string) Computed {
	c.State, c.Code, c.Why = Insufficient, "D*", why
	return c
}

func bandOf(bands []instrument.Band, percent float64) string {
	return (&instrument.Bands{Steps: bands}).Code(percent)
}

// twoOfThree gives the best band that takes two of three years.
func twoOfThree(rule string, in []Year, of func(Year) (Yearly, bool)) Computed {
	out := Computed{Rule: rule, Bands: PEFABands(rule)}
	for _, y := range in {
		one, ok := of(y)
		if !ok {
			return out.insufficient(WhyBudget)
		}
		one.Code = bandOf(out.Bands, one.Percent)
		out.Years = append(out.Years, one)
	}
	if len(in) != years {
		return out.insufficient(WhyYears)
	}
	for _, b := range out.Bands {
		n := 0
		for _, y := range out.Years {
			if b.Takes(y.Percent) {
				n++
			}
		}
		if n >= enough {
			out.State, out.Code = Scored, b.Code
			break
		}
	}
	return out
}

func composition(rule string, in []Year, heads func(Year) []Head) Computed {
	out := twoOfThree(rule, in, func(y Year) (Yearly, bool) { return variance(y.Year, heads(y)) })
	if out.State == Scored && slices.ContainsFunc(in, Year.clouded) {
		out.Code, out.Why = "D", WhySuspense
	}
	return out
}

// clouded reports whether suspense is over a tenth of all spending.
func (y Year) clouded() bool {
	_, suspense := sums(y.only(Suspense))
	_, all := sums(y.Heads)
	percent, ok := ratio(suspense, all)
	return ok && percent > 10
}

// variance is Σ|A - adj| / Σ adj in percent, with adj = B·ΣA/ΣB, so that Σ adj
// is ΣA.
func variance(year int, heads []Head) (Yearly, bool) {
	budget, actual := sums(heads)
	if budget <= 0 || actual <= 0 {
		return Yearly{}, false
	}
	out, sum := Yearly{Year: year}, new(big.Rat)
	growth := big.NewRat(actual, budget)
	for _, h := range heads {
		adjusted := new(big.Rat).Mul(big.NewRat(h.Budget, 1), growth)
		off := new(big.Rat).Sub(big.NewRat(h.Actual, 1), adjusted)
		off.Abs(off)
		sum.Add(sum, off)
		line := Line{Head: h.ID, Budget: h.Budget, Actual: h.Actual}
		line.Adjusted, _ = adjusted.Float64()
		line.Deviation, _ = off.Float64()
		out.Lines = append(out.Lines, line)
	}
	out.Percent, _ = sum.Mul(sum, big.NewRat(100, actual)).Float64()
	return out, true
}

// largest keeps the heads that make up 75 % of the budget, twenty at least, and
// takes the others together.
func largest(heads []Head) []Head {
	const most = 20
	if len(heads) <= most {
		return heads
	}
	sorted := slices.SortedFunc(slices.Values(heads), func(a, b Head) int {
		return cmp.Or(cmp.Compare(b.Budget, a.Budget), cmp.Compare(a.ID, b.ID))
	})
	budget, _ := sums(sorted)
	share, rest := new(big.Rat), Head{ID: Rest}
	limit := new(big.Rat).Mul(big.NewRat(budget, 1), big.NewRat(3, 4))
	kept := 0
	for i, h := range sorted {
		if i >= most && share.Cmp(limit) >= 0 {
			rest.Budget, rest.Actual = rest.Budget+h.Budget, rest.Actual+h.Actual
			continue
		}
		share.Add(share, big.NewRat(h.Budget, 1))
		kept++
	}
	return append(sorted[:kept:kept], rest)
}

func (y Year) without(kinds ...HeadKind) []Head {
	return slices.DeleteFunc(slices.Clone(y.Heads), func(h Head) bool { return slices.Contains(kinds, h.Kind) })
}

func (y Year) only(kind HeadKind) []Head {
	return slices.DeleteFunc(slices.Clone(y.Heads), func(h Head) bool { return h.Kind != kind })
}

func sums(heads []Head) (budget, actual int64) {
	for _, h := range heads {
		budget, actual = budget+h.Budget, actual+h.Actual
	}
	return budget, actual
}

// exact is 100·part/whole; false if the whole is not above zero.
func exact(part, whole int64) (*big.Rat, bool) {
	if whole <= 0 {
		return nil, false
	}
	return new(big.Rat).Mul(big.NewRat(part, whole), big.NewRat(100, 1)), true
}

// ratio is exact, rounded once.
func ratio(part, whole int64) (float64, bool) {
	percent, ok := exact(part, whole)
	if !ok {
		return 0, false
	}
	f, _ := percent.Float64()
	return f, true
}
