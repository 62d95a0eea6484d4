package spending

import (
	"slices"
	"strings"

	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/ground/money"
)

// bill is an invoice: the payments that carry its number, or one that carries
// none.
type bill struct {
	number string
	rows   []*Payment
	total  int64
	limit  int64 // of the day of its first payment
}

// bills puts together what was paid on one invoice by one body. Payments that no
// limit is known for are left out.
func (g *group) bills() []*bill {
	type key struct{ body, number string }
	at := map[key]*bill{}
	var out []*bill
	for i, p := range g.paid {
		if g.limit[i] < 0 {
			continue
		}
		k := key{p.Payer.Body, g.bill[i]}
		b := at[k]
		if b == nil || k.number == "" {
			b = &bill{number: k.number, limit: g.limit[i]}
			at[k] = b
			out = append(out, b)
		}
		b.rows, b.total = append(b.rows, p), plus(b.total, p.Amount.Minor)
	}
	return out
}

// below is BZ-04: nearly all invoices of a payee are below the limit.
func (j *Judge) below(g *group) outcome.Finding {
	f := j.begin(below, g, g.all())
	if j.unlimited(&f, g) {
		return f
	}
	_, last := g.span()
	t := terms{book: j.Law, day: last}
	part, least, enough := t.at("below_share"), t.at("below_min").Int(), t.at("below_sum").Cents()
	if t.missing != "" {
		return lacking(f, t.missing)
	}
	var under []*bill
	var total int64
	bills := g.bills()
	for _, b := range bills {
		total = plus(total, b.total)
		if b.total < b.limit {
			under = append(under, b)
		}
	}
	k, n := int64(len(under)), int64(len(bills))
	f.N = len(bills)
	share(&f, k, n)
	count(&f, "below", len(under))
	sum(&f, "sum", total, j.currency())
	switch {
	case len(bills) < least:
		return insufficient(f, "few", "below_min")
	case part.Compare(k, n) < 0:
		return f
	case total < enough:
		f.Why = "small"
		return f
	}
	f.Outcome = outcome.Flag
	var rows []*Payment
	for _, b := range under {
		rows = append(rows, b.rows...)
	}
	j.rows(&f, rows)
	return f
}

// invoices is BZ-12: more invoices of a payee paid on one business day than the
// cap.
func (j *Judge) invoices(g *group) []outcome.Finding {
	base := j.begin(invoices, g, g.all())
	if len(g.paid) == 0 {
		base.Outcome, base.Why = outcome.NotApplicable, "payments"
		return []outcome.Finding{base}
	}
	var out []outcome.Finding
	missing, most := "", 0
	for i := 0; i < len(g.paid); {
		day, begin, n := j.businessDay(g.paid[i].Date), i, 0
		seen := map[string]bool{}
		for ; i < len(g.paid) && j.businessDay(g.paid[i].Date) == day; i++ {
			key := g.paid[i].Payer.Body + "\x00" + g.bill[i]
			if g.bill[i] == "" || !seen[key] {
				n++
			}
			seen[key] = true
		}
		most = max(most, n)
		limit, ok := j.Law.At("invoice_cap", day)
		switch {
		case !ok:
			missing = "invoice_cap"
		case n > limit.Value.Int():
			f := j.finding(invoices, outcome.Flag, g.all(), g.paid[begin].Date, g.paid[i-1].Date)
			f.InputDigest, f.N = g.digest, n
			f.Value, f.Unit = decimal(n), "count"
			count(&f, "cap", limit.Value.Int())
			j.rows(&f, g.paid[begin:i])
			out = append(out, f)
		}
	}
	if len(out) > 0 {
		return out
	}
	base.N, base.Value, base.Unit = most, decimal(most), "count"
	if missing != "" {
		base = lacking(base, missing)
	}
	return []outcome.Finding{base}
}

// businessDay is the day itself, or the next one on which offices are open.
func (j *Judge) businessDay(d civil.Date) civil.Date {
	for range 31 {
		if !d.Weekend() && (j.Closed == nil || !j.Closed(d)) {
			break
		}
		d++
	}
	return d
}

// twice is BZ-05: an invoice paid more than once, or the same amount within a few
// days.
func (j *Judge) twice(g *group) []outcome.Finding {
	base := j.begin(twice, g, g.all())
	if len(g.paid) == 0 {
		base.Outcome, base.Why = outcome.NotApplicable, "payments"
		return []outcome.Finding{base}
	}
	rows, reversed := g.standing()
	out := j.sameInvoice(g, rows)
	days, ok := j.Law.At("twice_days", g.paid[len(g.paid)-1].Date)
	if ok {
		out = append(out, j.sameAmount(g, rows, civil.Date(days.Value.Int()))...)
	}
	switch {
	case len(out) > 0:
		return out
	case !ok:
		return []outcome.Finding{lacking(base, "twice_days")}
	case reversed > 0:
		base.Why = "reversed"
		count(&base, "reversed", reversed)
	}
	base.N = len(rows)
	return []outcome.Finding{base}
}

// billed is a payment with its invoice number.
type billed struct {
	*Payment
	number string
}

// standing are the payments that were not taken back by a later one of the same
// body below zero, of the same amount and, if it names one, the same invoice.
func (g *group) standing() (rows []billed, reversed int) {
	paid := 0
	for _, p := range g.rows {
		if p.Amount.Minor > 0 {
			rows = append(rows, billed{p, g.bill[paid]})
			paid++
			continue
		}
		number := invoice(p.Invoice)
		for i := len(rows) - 1; i >= 0 && p.Amount.Minor < 0; i-- {
			r := rows[i]
			if r.Amount.Minor == -p.Amount.Minor && r.Amount.Currency == p.Amount.Currency && r.Payer.Body == p.Payer.Body && (number == "" || number == r.number) {
				rows, reversed = slices.Delete(rows, i, i+1), reversed+1
				break
			}
		}
	}
	return rows, reversed
}

func (j *Judge) sameInvoice(g *group, rows []billed) (out []outcome.Finding) {
	at := map[string][]*Payment{}
	for _, r := range rows {
		if r.number != "" {
			at[r.number] = append(at[r.number], r.Payment)
		}
	}
	for number, list := range at {
		if len(list) > 1 {
			out = append(out, j.twiceFlag(g, "invoice", number, list))
		}
	}
	return out
}

// sameAmount finds rows of one amount each of which is at most so many days
// after the one before. Those of one invoice are sameInvoice's.
func (j *Judge) sameAmount(g *group, rows []billed, days civil.Date) (out []outcome.Finding) {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b billed) int {
		if c := strings.Compare(a.Amount.Currency, b.Amount.Currency); c != 0 {
			return c
		}
		return int(max(-1, min(1, a.Amount.Minor-b.Amount.Minor)))
	})
	for i := 0; i < len(rows); {
		list, several := []*Payment{rows[i].Payment}, false
		end := i + 1
		for ; end < len(rows) && rows[end].Amount == rows[i].Amount && rows[end].Date-rows[end-1].Date <= days; end++ {
			list = append(list, rows[end].Payment)
			several = several || rows[end].number == "" || rows[end].number != rows[i].number
		}
		if several {
			out = append(out, j.twiceFlag(g, "amount", rows[i].Amount.Decimal()+" "+rows[i].Amount.Currency, list))
		}
		i = end
	}
	return out
}

// twiceFlag measures what was paid beside the largest of the payments, in the
// currency of the first.
func (j *Judge) twiceFlag(g *group, which, part string, list []*Payment) outcome.Finding {
	f := j.finding(twice, outcome.Flag, g.all(), list[0].Date, list[len(list)-1].Date)
	f.Case, f.Part, f.InputDigest, f.N = which, part, g.digest, len(list)
	var total, largest int64
	one := true
	for _, p := range list {
		total, largest = plus(total, p.Amount.Minor), max(largest, p.Amount.Minor)
		one = one && p.Amount.Currency == list[0].Amount.Currency
	}
	if one {
		f.Value, f.Unit = money.Amount{Minor: total - largest}.Decimal(), list[0].Amount.Currency
	}
	for _, p := range list {
		j.evidence(&f, outcome.Evidence{At: p.ID, Field: "amount", Value: p.Amount.Decimal()}, outcome.Evidence{At: p.ID, Field: "invoice", Value: p.Invoice})
	}
	return f
}
