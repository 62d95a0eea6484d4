package spending

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"

	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/collaboration/procurement/spending/law"
	"ceiba/internal/ground/money"
)

// Links knows who owns what and who declared what. It is asked by many at once,
// and gives the same answer to the same question.
type Links interface {
	// Path is a shortest path of at most so many edges from a payee to a public
	// person of a body who declared interests.
	Path(payee, body string, edges int) Path
}

// Path is what Links found. Package linked has Links over a graph of BODS.
type Path struct {
	Found   bool
	Steps   []Step // none where the payee is the person
	Missing string // why there may be one all the same: "payee" (not in the graph), "declarations" (the body has none), "owners" (a dead end)
}

// Step is an edge of a path.
type Step struct {
	Kind     string // such as "shareholding" or "spouse"
	At       string // id of the statement or declaration that tells of it
	Personal bool   // At tells of a person who holds no public office
}

// Options are what a Judge may be told.
type Options struct {
	Law    *law.Book // law.Belize() if nil
	Links  Links     // without it BZ-11 has nothing to look at
	Known  func(contractOrProcess string) bool
	Closed func(civil.Date) bool // days that are no business days, beside weekends

	// First and last day of which the ledger has all payments; 0 takes the months
	// of the first and the last payment as whole.
	From, To civil.Date

	// Evidence is how many pieces of it a finding lists; 0 for 60.
	Evidence int
}

// Judge applies the rules. It may be used by many at once.
type Judge struct {
	Options
	lines []law.Line // of the limit
}

// New makes a Judge.
func New(o Options) *Judge {
	o.Law = cmp.Or(o.Law, law.Belize())
	o.Evidence = cmp.Or(o.Evidence, 60)
	return &Judge{Options: o, lines: o.Law.Lines(limit)}
}

// limitFor is the limit below which a payment passes without the Treasury, if
// it is known and in the currency of the payment.
func (j *Judge) limitFor(p *Payment) (cents int64, ok bool) {
	for i := range j.lines {
		if l := &j.lines[i]; l.In(p.Date) {
			return l.Value.Cents(), l.Known && string(l.Unit) == p.Amount.Currency
		}
	}
	return 0, false
}

// currency is that of the limit.
func (j *Judge) currency() string {
	if len(j.lines) == 0 {
		return ""
	}
	return string(j.lines[0].Unit)
}

// finding begins one, with the hash of the rule's parameters in those days.
func (j *Judge) finding(k kind, o outcome.Outcome, s outcome.Subject, from, to civil.Date) outcome.Finding {
	r := &rules[k]
	return outcome.Finding{
		Rule: r.ID, Version: r.Version, Outcome: o, Subject: s, From: from.String(), To: to.String(),
		ParamsHash: j.Law.Hash(r.Params, from, to),
	}
}

// evidence lists what was found, as much as is listed.
func (j *Judge) evidence(f *outcome.Finding, all ...outcome.Evidence) {
	room := max(0, j.Evidence-len(f.Evidence))
	f.Evidence = append(f.Evidence, all[:min(room, len(all))]...)
	f.More += max(0, len(all)-room)
}

// rows lists payments with their amounts.
func (j *Judge) rows(f *outcome.Finding, all []*Payment) {
	n := min(len(all), max(0, j.Evidence-len(f.Evidence)))
	f.Evidence = slices.Grow(f.Evidence, n)
	for _, p := range all[:n] {
		f.Evidence = append(f.Evidence, outcome.Evidence{At: p.ID, Field: "amount", Value: p.Amount.Decimal()})
	}
	f.More += len(all) - n
}

// terms looks up what a rule needs on a day, and remembers what is missing.
type terms struct {
	book    *law.Book
	day     civil.Date
	missing string
}

func (t *terms) at(name string) law.Number {
	l, ok := t.book.At(name, t.day)
	if !ok && t.missing == "" {
		t.missing = name
	}
	return l.Value
}

// lacking is the outcome where a parameter is not known.
func lacking(f outcome.Finding, name string) outcome.Finding {
	return insufficient(f, "parameter", name)
}

func insufficient(f outcome.Finding, why, about string) outcome.Finding {
	f.Outcome, f.Why, f.About = outcome.Insufficient, why, about
	return f
}

func measure(f *outcome.Finding, cents int64, currency string) {
	f.Value, f.Unit = money.Amount{Minor: cents, Currency: currency}.Decimal(), currency
}

func count(f *outcome.Finding, name string, n int) {
	f.Figures = append(f.Figures, outcome.Figure{Name: name, Value: decimal(n), Unit: "count"})
}

func sum(f *outcome.Finding, name string, cents int64, currency string) {
	f.Figures = append(f.Figures, outcome.Figure{Name: name, Value: money.Amount{Minor: cents}.Decimal(), Unit: currency})
}

// share sets the figure judged to a part of a whole, cut after six places; to
// none if it is no part.
func share(f *outcome.Finding, part, whole int64) {
	if f.Value = ratio(part, whole); f.Value != "" {
		f.Unit = "share"
	}
}

// ratio is a part of a whole with six places, the rest cut off.
func ratio(part, whole int64) string {
	if whole <= 0 || part < 0 || part > whole {
		return ""
	}
	hi, lo := bits.Mul64(uint64(part), 1_000_000)
	millionths, _ := bits.Div64(hi, lo, uint64(whole))
	return fmt.Sprintf("%d.%06d", millionths/1_000_000, millionths%1_000_000)
}

// plus adds amounts and stops at the largest number rather than run over it.
func plus(a, b int64) int64 {
	switch c := a + b; {
	case b > 0 && c < a:
		return math.MaxInt64
	case b < 0 && c > a:
		return math.MinInt64
	default:
		return c
	}
}

func decimal(n int) string { return strconv.Itoa(n) }
