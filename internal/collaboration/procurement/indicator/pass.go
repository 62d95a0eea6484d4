package indicator

import (
	"slices"

	"ceiba/internal/collaboration/procurement/indicator/settings"
)

// Process is what the indicators use of one compiled release.
type Process struct{ p process }

// Read reads a compiled release; an error says that it is no JSON.
func Read(line []byte) (Process, error) {
	p, err := scan(line)
	return Process{p}, err
}

// Pass computes the indicators of processes that come one at a time. It is for
// one goroutine, and keeps what distributions need.
type Pass struct{ f *fold }

// NewPass begins one. Where the main currency is set, the order in which the
// processes come does not matter.
func NewPass(o Options) *Pass { return &Pass{newFold(o)} }

// Add looks at one more process.
func (p *Pass) Add(one *Process) { p.f.add(&one.p) }

// Result computes what needs all processes. Nothing may be added afterwards.
func (p *Pass) Result() *Result { return p.f.finish() }

// Alone are the indicators of one process that need no other: R003, R018, R028,
// R030, R035 and R036, as far as settings has them. Those that flag it are in
// the answer.
func Alone(p *Process, s settings.Settings) Measures {
	s.R024, s.R025, s.R038, s.R048, s.R058 = nil, nil, nil, nil, nil
	f := newFold(Options{Settings: s})
	f.add(&p.p)
	return f.out.Values[OCID][p.p.ocid.s]
}

// Spread is what a distribution is judged by, and whether it may be.
type Spread struct {
	N, Distinct  int
	Q1, Q3       float64
	Lower, Upper float64 // Tukey's fences; a value at a fence is not beyond it
	Why          Reason  // the first why nothing may be judged by it, or empty
}

// SpreadOf looks at a distribution by our policy for small samples.
func SpreadOf(values []float64) Spread {
	sorted := slices.Sorted(slices.Values(values))
	s := Spread{N: len(sorted), Q1: quantile(sorted, 0.25), Q3: quantile(sorted, 0.75)}
	s.Lower, s.Upper = lowerFence(s.Q1, s.Q3), upperFence(s.Q1, s.Q3)
	s.Distinct = len(slices.Compact(sorted))
	switch {
	case s.N < MinObservations:
		s.Why = FewObservations
	case s.Distinct < MinDistinct:
		s.Why = FewValues
	case !(s.Q3 > s.Q1):
		s.Why = NoSpread
	}
	return s
}
