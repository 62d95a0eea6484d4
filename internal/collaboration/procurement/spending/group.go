package spending

import (
	"slices"

	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
)

// group is a number of payments to one payee, in their order.
type group struct {
	payee string
	rows  []*Payment
	paid  []*Payment // those of more than zero
	limit []int64    // for each that is paid the limit of its day, or -1
	bill  []string   // for each that is paid its invoice number, or ""

	bad    []outcome.Evidence // rows that are left out
	reason string             // what is wrong with the first of them
	digest string
}

// gather puts the rows of one payee in order and leaves out what cannot be
// right, and what has the id of a row before it.
func (j *Judge) gather(rows []*Payment) *group {
	slices.SortFunc(rows, comparePayments)
	g := &group{rows: make([]*Payment, 0, len(rows))}
	seen := make(map[string]struct{}, len(rows))
	for _, p := range rows {
		g.payee = p.Payee
		why := p.fault()
		if _, again := seen[p.ID]; again && why == "" {
			why = "twice"
		}
		if why != "" {
			g.bad = append(g.bad, outcome.Evidence{At: p.ID, Field: why})
			continue
		}
		seen[p.ID] = struct{}{}
		g.rows = append(g.rows, p)
	}
	if len(g.bad) > 0 {
		g.reason = g.bad[0].Field
	}
	j.settle(g)
	return g
}

// settle computes what several rules ask of a group.
func (j *Judge) settle(g *group) {
	d := outcome.NewDigest("payments")
	for _, p := range g.rows {
		d.Add(p.ID, p.Payer.Body, p.Payer.Unit, p.Payee, p.Invoice, p.Amount.Currency, p.Head, p.Contract, p.Process)
		d.AddInt(p.Amount.Minor).AddInt(int64(p.Date))
		if j.Known != nil && j.tied(p) {
			d.Add("known")
		}
		if p.Amount.Minor > 0 {
			g.paid = append(g.paid, p)
		}
	}
	g.digest = d.Sum()
	g.limit, g.bill = make([]int64, len(g.paid)), make([]string, len(g.paid))
	for i, p := range g.paid {
		g.bill[i] = invoice(p.Invoice)
		var ok bool
		if g.limit[i], ok = j.limitFor(p); !ok {
			g.limit[i] = -1
		}
	}
}

// tied tells whether a payment belongs to a contract or tender that is known.
func (j *Judge) tied(p *Payment) bool {
	known := func(id string) bool { return id != "" && (j.Known == nil || j.Known(id)) }
	return known(p.Contract) || known(p.Process)
}

// byPayer takes a payee's payments apart by who paid.
func (j *Judge) byPayer(g *group) []*group {
	at := map[Payer]int{}
	var out []*group
	for _, p := range g.rows {
		i, ok := at[p.Payer]
		if !ok {
			i = len(out)
			at[p.Payer] = i
			out = append(out, &group{payee: g.payee})
		}
		out[i].rows = append(out[i].rows, p)
	}
	if len(out) == 1 {
		return []*group{g}
	}
	for _, one := range out {
		j.settle(one)
	}
	return out
}

// span is the first and last day of a group.
func (g *group) span() (from, to civil.Date) {
	if len(g.rows) == 0 {
		return 0, 0
	}
	return g.rows[0].Date, g.rows[len(g.rows)-1].Date
}

// pair is the group as a subject: a payee, and who paid.
func (g *group) pair() outcome.Subject {
	return outcome.Subject{Kind: SubjectPair, ID: g.payee, By: g.rows[0].Payer.String()}
}

func (g *group) all() outcome.Subject { return outcome.Subject{Kind: SubjectPayee, ID: g.payee} }

// begin begins a finding about a whole group.
func (j *Judge) begin(k kind, g *group, s outcome.Subject) outcome.Finding {
	from, to := g.span()
	f := j.finding(k, outcome.Clear, s, from, to)
	f.InputDigest = g.digest
	return f
}

// unlimited counts the payments that no limit is known for. If that is all of
// them, the finding says why nothing can be said.
func (j *Judge) unlimited(f *outcome.Finding, g *group) bool {
	left := 0
	for _, l := range g.limit {
		if l < 0 {
			left++
		}
	}
	switch {
	case len(g.paid) == 0:
		f.Outcome, f.Why = outcome.NotApplicable, "payments"
		return true
	case left == len(g.paid):
		*f = j.noLimit(*f, g.paid[len(g.paid)-1])
		return true
	case left > 0:
		count(f, "not_judged", left)
	}
	return false
}

// noLimit says why there is no limit for a payment.
func (j *Judge) noLimit(f outcome.Finding, p *Payment) outcome.Finding {
	if l, ok := j.Law.At(limit, p.Date); ok && string(l.Unit) != p.Amount.Currency {
		return insufficient(f, "currency", p.Amount.Currency)
	}
	return lacking(f, limit)
}

// Payee applies the rules that look at one payee, or at one payee and one unit
// that pays it: BZ-01, 02, 04, 05, 06, 11 and 12. It is given all payments of
// the payee, in any order. They are added to the tally too, if there is one.
func (j *Judge) Payee(payments []Payment, t *Tally) []outcome.Finding {
	rows := make([]*Payment, len(payments))
	for i := range payments {
		rows[i] = &payments[i]
	}
	return j.payee(rows, t)
}

func (j *Judge) payee(rows []*Payment, t *Tally) []outcome.Finding {
	if len(rows) == 0 {
		return nil
	}
	g := j.gather(rows)
	out := j.broken(g)
	if t != nil {
		t.take(g)
	}
	if len(g.rows) == 0 {
		return out
	}
	out = append(out, j.below(g))
	out = append(out, j.twice(g)...)
	out = append(out, j.invoices(g)...)
	out = append(out, j.linked(g)...)
	for _, one := range j.byPayer(g) {
		out = append(out, j.sameDay(one)...)
		out = append(out, j.split(one)...)
		out = append(out, j.checker(one)...)
	}
	outcome.Sort(out)
	return out
}

// broken tells of rows that were left out, for each rule that would have them.
func (j *Judge) broken(g *group) (out []outcome.Finding) {
	if len(g.bad) == 0 {
		return nil
	}
	for _, k := range []kind{sameDay, split, below, twice, checker, linked, invoices} {
		f := j.finding(k, outcome.Error, g.all(), 0, 0)
		f.Case, f.Why, f.About, f.N = "rows", "row", g.reason, len(g.bad)
		j.evidence(&f, g.bad...)
		out = append(out, f)
	}
	return out
}
