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

// listed is how many pieces of evidence a finding lists.
const listed = 20

// verdict is what a rule says, before it is a finding.
type verdict struct {
	outcome    outcome.Outcome
	why, about string

	value, unit string
	n           int
	p           *float64
	figures     []outcome.Figure
	evidence    []outcome.Evidence
	more        int

	day    civil.Date // of which the parameters were read
	absent bool       // by something that is not there: holds only if the publisher publishes it for others
}

func missing(path string) verdict {
	return verdict{outcome: outcome.Insufficient, why: whyField, about: path}
}

func insufficient(why, about string) verdict {
	return verdict{outcome: outcome.Insufficient, why: why, about: about}
}

func not(why string) verdict { return verdict{outcome: outcome.NotApplicable, why: why} }

func wrong(why, about string) verdict {
	return verdict{outcome: outcome.Error, why: why, about: about}
}

// asked is a flag if so, and clear otherwise.
func asked(so bool) verdict {
	if so {
		return verdict{outcome: outcome.Flag}
	}
	return verdict{outcome: outcome.Clear}
}

// with adds a piece of evidence.
func (v verdict) with(at, value string) verdict {
	return v.show(outcome.Evidence{At: at, Value: value})
}

// private adds a piece that tells of a person.
func (v verdict) private(at, value string) verdict {
	return v.show(outcome.Evidence{At: at, Value: value, Personal: true})
}

func (v verdict) show(e outcome.Evidence) verdict {
	if len(v.evidence) >= listed {
		v.more++
		return v
	}
	v.evidence = append(v.evidence, e)
	return v
}

// measured sets the figure that was judged.
func (v verdict) measured(value, unit string) verdict {
	v.value, v.unit = value, unit
	return v
}

func (v verdict) counted(n int) verdict {
	v.n = n
	return v
}

func (v verdict) figure(name, value, unit string) verdict {
	v.figures = append(v.figures, outcome.Figure{Name: name, Value: value, Unit: unit})
	return v
}

// on says of which day the parameters are.
func (v verdict) on(d civil.Date) verdict {
	v.day = d
	return v
}

// fences adds the figures that a distribution is judged by.
func (v verdict) fences(s indicator.Spread) verdict {
	if s.N == 0 {
		return v
	}
	return v.figure("q1", decimal(s.Q1), "").figure("q3", decimal(s.Q3), "").
		figure("observations", strconv.Itoa(s.N), "count").figure("distinct", strconv.Itoa(s.Distinct), "count")
}

// among judges a value by its distribution: beyond the lower fence, the upper
// one, or either.
func among(s indicator.Spread, value float64, low, high bool) verdict {
	if s.Why != "" {
		return insufficient(string(s.Why), "").fences(s)
	}
	return asked(low && clearly(s.Lower-value, s.Lower) || high && clearly(value-s.Upper, s.Upper)).fences(s)
}

// clearly tells whether a value lies beyond a fence by more than rounding does:
// of 0.25 and 0.35 the fence is a little below the 0.5 that it should be.
func clearly(by, fence float64) bool { return by > 1e-9*max(1, math.Abs(fence)) }

// finding makes one of a verdict.
func finding(r *Rule, v *verdict, subject outcome.Subject, hash, digest string) outcome.Finding {
	return outcome.Finding{
		Rule: r.ID, Version: r.Version, Outcome: v.outcome, Why: v.why, About: v.about, Subject: subject,
		Value: v.value, Unit: v.unit, N: v.n, P: v.p, Figures: v.figures, Evidence: v.evidence, More: v.more,
		ParamsHash: hash, InputDigest: digest,
	}
}

// index is the place of a code among the rules; R001 is 0.
func index(code string) int {
	n, _ := strconv.Atoi(code[1:])
	return n - 1
}

// number is a parameter of our own, which has a value on every day.
func (s settings) number(name string) law.Number {
	l, _ := s.own.At(name, 1)
	return l.Value
}

// hash is a digest of what a rule reads in those days.
func (s settings) hash(r *Rule, first, last civil.Date) string {
	first, last = max(first, 1), max(last, 1)
	return outcome.NewDigest("parameters of a flag").Add(s.own.Hash(r.Params, first, last), s.law.Hash(r.Params, first, last)).Sum()
}

// threshold is the value from which tenders must be invited, on a day, in cents
// of a currency. Without it the verdict says why not.
func (s settings) threshold(a *money.Amount, d civil.Date) (cents int64, v verdict) {
	l, ok := s.law.At("tender_must", d)
	switch {
	case d == 0, !ok:
		return 0, insufficient(whyParameter, "tender_must").on(d)
	case string(l.Unit) != a.Currency:
		return 0, insufficient(whyCurrency, cmp.Or(a.Currency, "?")).on(d)
	}
	return l.Value.Cents(), verdict{}
}

// decimal writes a figure with six places at most.
func decimal(f float64) string {
	return strconv.FormatFloat(math.Round(f*1e6)/1e6, 'f', -1, 64)
}

// share is a part of a whole; empty where there is none.
func share(part, whole int64) string {
	if whole == 0 {
		return ""
	}
	return decimal(float64(part) / float64(whole))
}
