package flag

import (
	"cmp"
	"math"
	"strconv"

	"ceiba/internal/collaboration/procurement/indicator"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/collaboration/procurement/spending/law"
	"ceiba/internal/ground/money"
)

// Listed is how many pieces of evidence a finding lists.
const Listed = 20

// Verdict is what a rule says, before it is a finding.
type Verdict struct {
	Outcome    outcome.Outcome
	Why, About string

	Value, Unit string
	n           int
	P           *float64
	figures     []outcome.Figure
	Evidence    []outcome.Evidence
	More        int

	Day    civil.Date // of which the parameters were read
	Absent bool       // by something that is not there: holds only if the publisher publishes it for others
}

// Missing says that a field is not there or cannot be read.
func Missing(path string) Verdict {
	return Verdict{Outcome: outcome.Insufficient, Why: whyField, About: path}
}

// Insufficient says that too little is known: why, and of what.
func Insufficient(why, about string) Verdict {
	return Verdict{Outcome: outcome.Insufficient, Why: why, About: about}
}

// Not says that the rule does not speak of such a process.
func Not(why string) Verdict { return Verdict{Outcome: outcome.NotApplicable, Why: why} }

func wrong(why, about string) Verdict {
	return Verdict{Outcome: outcome.Error, Why: why, About: about}
}

// Asked is a flag if so, and clear otherwise.
func Asked(so bool) Verdict {
	if so {
		return Verdict{Outcome: outcome.Flag}
	}
	return Verdict{Outcome: outcome.Clear}
}

// With adds a piece of evidence.
func (v Verdict) With(at, value string) Verdict {
	return v.show(outcome.Evidence{At: at, Value: value})
}

// private adds a piece that tells of a person.
func (v Verdict) private(at, value string) Verdict {
	return v.show(outcome.Evidence{At: at, Value: value, Personal: true})
}

func (v Verdict) show(e outcome.Evidence) Verdict {
	if len(v.Evidence) >= Listed {
		v.More++
		return v
	}
	v.Evidence = append(v.Evidence, e)
	return v
}

// Measured sets the figure that was judged.
func (v Verdict) Measured(value, unit string) Verdict {
	v.Value, v.Unit = value, unit
	return v
}

// Counted sets how many things were counted.
func (v Verdict) Counted(n int) Verdict {
	v.n = n
	return v
}

// Figure adds a number beside the one that was judged.
func (v Verdict) Figure(name, value, unit string) Verdict {
	v.figures = append(v.figures, outcome.Figure{Name: name, Value: value, Unit: unit})
	return v
}

// On says of which day the parameters are.
func (v Verdict) On(d civil.Date) Verdict {
	v.Day = d
	return v
}

// Fences adds the figures that a distribution is judged by.
func (v Verdict) Fences(s indicator.Spread) Verdict {
	if s.N == 0 {
		return v
	}
	return v.Figure("q1", Decimal(s.Q1), "").Figure("q3", Decimal(s.Q3), "").
		Figure("observations", strconv.Itoa(s.N), "count").Figure("distinct", strconv.Itoa(s.Distinct), "count")
}

// Among judges a value by its distribution: beyond the lower fence, the upper
// one, or either.
func Among(s indicator.Spread, value float64, low, high bool) Verdict {
	if s.Why != "" {
		return Insufficient(string(s.Why), "").Fences(s)
	}
	return Asked(low && clearly(s.Lower-value, s.Lower) || high && clearly(value-s.Upper, s.Upper)).Fences(s)
}

// clearly tells whether a value lies beyond a fence by more than rounding does:
// of 0.25 and 0.35 the fence is a little below the 0.5 that it should be.
func clearly(by, fence float64) bool { return by > 1e-9*max(1, math.Abs(fence)) }

// Finding makes one of a verdict.
func Finding(r *Rule, v *Verdict, subject outcome.Subject, hash, digest string) outcome.Finding {
	return outcome.Finding{
		Rule: r.ID, Version: r.Version, Outcome: v.Outcome, Why: v.Why, About: v.About, Subject: subject,
		Value: v.Value, Unit: v.Unit, N: v.n, P: v.P, Figures: v.figures, Evidence: v.Evidence, More: v.More,
		ParamsHash: hash, InputDigest: digest,
	}
}

// Number is a parameter of our own, which has a value on every day.
func (s Settings) Number(name string) law.Number {
	l, _ := s.Own.At(name, 1)
	return l.Value
}

// Hash is a digest of what a rule reads in those days.
func (s Settings) Hash(r *Rule, first, last civil.Date) string {
	first, last = max(first, 1), max(last, 1)
	return outcome.NewDigest("parameters of a flag").Add(s.Own.Hash(r.Params, first, last), s.Law.Hash(r.Params, first, last)).Sum()
}

// threshold is the value from which tenders must be invited, on a day, in cents
// of a currency. Without it the verdict says why not.
func (s Settings) threshold(a *money.Amount, d civil.Date) (cents int64, v Verdict) {
	l, ok := s.Law.At("tender_must", d)
	switch {
	case d == 0, !ok:
		return 0, Insufficient(WhyParameter, "tender_must").On(d)
	case string(l.Unit) != a.Currency:
		return 0, Insufficient(WhyCurrency, cmp.Or(a.Currency, "?")).On(d)
	}
	return l.Value.Cents(), Verdict{}
}

// Decimal writes a figure with six places at most.
func Decimal(f float64) string {
	return strconv.FormatFloat(math.Round(f*1e6)/1e6, 'f', -1, 64)
}

// Share is a part of a whole; empty where there is none.
func Share(part, whole int64) string {
	if whole == 0 {
		return ""
	}
	return Decimal(float64(part) / float64(whole))
}
