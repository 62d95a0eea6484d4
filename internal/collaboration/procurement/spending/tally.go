package spending

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/collaboration/procurement/spending/law"
	"ceiba/internal/ground/money"
)

// Tally gathers what is judged over all payees: by paying unit (BZ-03) and by
// head (BZ-10). It keeps the payments near the limit and sums by month, not the
// payments. One Tally is for one goroutine; several are merged.
type Tally struct {
	j           *Judge
	payers      map[Payer]*near
	heads       map[headYear]*months
	first, last civil.Date
	bad         []outcome.Evidence
}

// near is what a unit paid near the limit.
type near struct {
	rows        []nearRow
	paid        int // payments that have a limit
	unlimited   *Payment
	first, last civil.Date
	missing     string
}

type nearRow struct {
	id    string
	date  civil.Date
	cents int64
	above bool // at the limit or above it
}

// headYear is a head in a financial year: numbers of heads are used again for
// other things in other years.
type headYear struct {
	head     string
	year     int // in which it begins
	month    int // with which it begins
	currency string
}

type months struct {
	sums [12]int64 // from the first month of the year on
	paid int
}

// NewTally begins a tally.
func (j *Judge) NewTally() *Tally {
	return &Tally{j: j, payers: map[Payer]*near{}, heads: map[headYear]*months{}}
}

// Add takes a payment. Payee does it for those it is given.
func (t *Tally) Add(p *Payment) {
	if why := p.fault(); why != "" {
		t.bad = append(t.bad, outcome.Evidence{At: p.ID, Field: why})
		return
	}
	limit, ok := t.j.limitFor(p)
	if !ok {
		limit = -1
	}
	t.add(p, limit)
}

// take adds the rows of a payee that are sound.
func (t *Tally) take(g *group) {
	t.bad = append(t.bad, g.bad...)
	paid := 0
	for _, p := range g.rows {
		limit := int64(-1)
		if p.Amount.Minor > 0 {
			limit = g.limit[paid]
			paid++
		}
		t.add(p, limit)
	}
}

func (t *Tally) add(p *Payment, limit int64) {
	if t.first == 0 || p.Date < t.first {
		t.first = p.Date
	}
	t.last = max(t.last, p.Date)
	t.addHead(p)
	if p.Amount.Minor <= 0 {
		return
	}
	u := t.payers[p.Payer]
	if u == nil {
		u = &near{first: p.Date}
		t.payers[p.Payer] = u
	}
	u.first, u.last = min(u.first, p.Date), max(u.last, p.Date)
	if limit < 0 {
		if u.unlimited == nil || comparePayments(p, u.unlimited) < 0 {
			one := *p
			u.unlimited = &one
		}
		return
	}
	u.paid++
	u.look(t.j.Law, p, limit)
}

// look keeps a payment that is near the limit.
func (u *near) look(b *law.Book, p *Payment, limit int64) {
	at := p.Amount.Minor
	if at < limit/2 || at/2 > limit { // nearly all: no table is asked
		if low, ok := b.At("bunch_low", p.Date); ok && low.Value >= 5000 {
			if high, ok := b.At("bunch_high", p.Date); ok && high.Value <= 20000 {
				return
			}
		}
	}
	t := terms{book: b, day: p.Date}
	low, high := t.at("bunch_low"), t.at("bunch_high")
	switch {
	case t.missing != "":
		u.missing = max(u.missing, t.missing)
	case low.Compare(at, limit) >= 0 && high.Compare(at, limit) < 0:
		u.rows = append(u.rows, nearRow{p.ID, p.Date, at, at >= limit})
	}
}

func (t *Tally) addHead(p *Payment) {
	if p.Head == "" {
		return
	}
	begin, ok := t.j.Law.At("fiscal_month", p.Date)
	month := begin.Value.Int()
	if !ok {
		month = 0
	}
	y, m, _ := p.Date.Split()
	if m < month {
		y--
	}
	k := headYear{p.Head, y, month, p.Amount.Currency}
	s := t.heads[k]
	if s == nil {
		s = &months{}
		t.heads[k] = s
	}
	if p.Amount.Minor > 0 {
		s.paid++
	}
	at := (m - max(month, 1) + 12) % 12
	s.sums[at] = plus(s.sums[at], p.Amount.Minor)
}

// Merge adds what another tally of the same Judge has gathered.
func (t *Tally) Merge(o *Tally) {
	if t.first == 0 || o.first != 0 && o.first < t.first {
		t.first = o.first
	}
	t.last = max(t.last, o.last)
	t.bad = append(t.bad, o.bad...)
	for k, b := range o.payers {
		a := t.payers[k]
		if a == nil {
			t.payers[k] = b
			continue
		}
		a.rows, a.paid = append(a.rows, b.rows...), a.paid+b.paid
		a.first, a.last = min(a.first, b.first), max(a.last, b.last)
		a.missing = max(a.missing, b.missing)
		if a.unlimited == nil || b.unlimited != nil && comparePayments(b.unlimited, a.unlimited) < 0 {
			a.unlimited = b.unlimited
		}
	}
	for k, b := range o.heads {
		a := t.heads[k]
		if a == nil {
			t.heads[k] = b
			continue
		}
		a.paid += b.paid
		for i := range a.sums {
			a.sums[i] = plus(a.sums[i], b.sums[i])
		}
	}
}

// Findings are those of BZ-03 and BZ-10, and of rows that were left out.
func (t *Tally) Findings() []outcome.Finding {
	var out []outcome.Finding
	for payer, u := range t.payers {
		out = append(out, t.j.bunching(payer, u))
	}
	for k, s := range t.heads {
		out = append(out, t.rush(k, s))
	}
	if len(t.bad) > 0 {
		slices.SortFunc(t.bad, func(a, b outcome.Evidence) int {
			return cmp.Or(strings.Compare(a.At, b.At), strings.Compare(a.Field, b.Field))
		})
		for _, k := range []kind{bunching, rush} {
			f := t.j.finding(k, outcome.Error, outcome.Subject{Kind: SubjectLedger}, 0, 0)
			f.Case, f.Why, f.About, f.N = "rows", "row", t.bad[0].Field, len(t.bad)
			t.j.evidence(&f, t.bad...)
			out = append(out, f)
		}
	}
	outcome.Sort(out)
	return out
}

// bunching is BZ-03: more payments just below the limit than just above it, by
// an exact test of one against the other.
func (j *Judge) bunching(payer Payer, u *near) outcome.Finding {
	f := j.finding(bunching, outcome.Clear, outcome.Subject{Kind: SubjectPayer, ID: payer.String()}, u.first, u.last)
	slices.SortFunc(u.rows, func(a, b nearRow) int {
		return cmp.Or(cmp.Compare(a.date, b.date), strings.Compare(a.id, b.id), cmp.Compare(a.cents, b.cents))
	})
	d := outcome.NewDigest("near").Add(payer.Body, payer.Unit).AddInt(int64(u.paid))
	under := 0
	for _, r := range u.rows {
		d.Add(r.id).AddInt(int64(r.date)).AddInt(r.cents)
		if !r.above {
			under++
		}
	}
	f.InputDigest, f.N = d.Sum(), len(u.rows)
	t := terms{book: j.Law, day: u.last}
	level, least := t.at("bunch_p"), t.at("bunch_min").Int()
	switch {
	case u.paid == 0:
		return j.noLimit(f, u.unlimited)
	case u.missing+t.missing != "":
		return lacking(f, cmp.Or(u.missing, t.missing))
	}
	count(&f, "just_below", under)
	count(&f, "just_above", len(u.rows)-under)
	if len(u.rows) < least {
		return insufficient(f, "few", "bunch_min")
	}
	p, less := tail(under, len(u.rows), level)
	f.P = &p
	share(&f, int64(under), int64(len(u.rows)))
	if less {
		f.Outcome = outcome.Flag
	}
	for _, r := range u.rows {
		j.evidence(&f, outcome.Evidence{At: r.id, Field: "amount", Value: money.Amount{Minor: r.cents}.Decimal()})
	}
	return f
}

// rush is BZ-10: much of a year's spending in its last month.
func (t *Tally) rush(k headYear, s *months) outcome.Finding {
	j := t.j
	from := civil.Of(k.year, max(k.month, 1), 1)
	to := civil.Of(k.year+1, max(k.month, 1), 1) - 1
	f := j.finding(rush, outcome.Clear, outcome.Subject{Kind: SubjectHead, ID: k.head}, from, to)
	f.Part, f.N = k.currency, s.paid
	d := outcome.NewDigest("months").Add(k.head, k.currency).AddInt(int64(from)).AddInt(int64(s.paid))
	total := int64(0)
	for i, cents := range s.sums {
		d.AddInt(cents)
		total = plus(total, cents)
		month := (max(k.month, 1)+i-1)%12 + 1
		j.evidence(&f, outcome.Evidence{At: fmt.Sprintf("%04d-%02d", k.year+(max(k.month, 1)+i-1)/12, month), Field: "sum", Value: money.Amount{Minor: cents}.Decimal()})
	}
	whole := t.covers(from, to)
	if !whole {
		d.Add("part of a year")
	}
	f.InputDigest = d.Sum()
	w := terms{book: j.Law, day: to}
	factor, least, few := w.at("rush_factor"), w.at("rush_share"), w.at("rush_min").Int()
	last := s.sums[11]
	share(&f, last, total)
	sum(&f, "sum", total, k.currency)
	switch {
	case k.month == 0:
		return lacking(f, "fiscal_month")
	case w.missing != "":
		return lacking(f, w.missing)
	case !whole:
		return insufficient(f, "year", "")
	case s.paid < few:
		return insufficient(f, "few", "rush_min")
	case total <= 0:
		return insufficient(f, "fact", "sum")
	}
	part := big.NewRat(last, total)
	if part.Cmp(big.NewRat(int64(factor), 12*10000)) > 0 && part.Cmp(big.NewRat(int64(least), 10000)) > 0 {
		f.Outcome = outcome.Flag
	}
	return f
}

// covers tells whether the ledger has all payments of those days.
func (t *Tally) covers(from, to civil.Date) bool {
	first, last := t.j.From, t.j.To
	if first == 0 {
		y, m, _ := t.first.Split()
		first = civil.Of(y, m, 1)
	}
	if last == 0 { // the end of the month of the last payment
		last = t.last
		for y, m, _ := last.Split(); ; last++ {
			if ny, nm, _ := (last + 1).Split(); ny != y || nm != m {
				break
			}
		}
	}
	return first <= from && to <= last
}
