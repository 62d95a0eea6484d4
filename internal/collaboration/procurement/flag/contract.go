package flag

import (
	"cmp"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/field"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/ground/money"
)

// Over looks at several things of a process, and gives the verdict that matters
// most: a flag, then what contradicts itself, then what cannot be judged, then
// what is well. Flags are put together.
func Over(all []Verdict, none Verdict) Verdict {
	best := none
	first := true
	for _, v := range all {
		switch {
		case first || rank(v.Outcome) > rank(best.Outcome):
			best, first = v, false
		case v.Outcome == best.Outcome && v.Outcome == outcome.Flag:
			for _, e := range v.Evidence {
				best = best.show(e)
			}
			best.n += v.n
		}
	}
	return best
}

func rank(o outcome.Outcome) int {
	switch o {
	case outcome.Flag:
		return 4
	case outcome.Error:
		return 3
	case outcome.Insufficient:
		return 2
	case outcome.Clear:
		return 1
	}
	return 0
}

// live are verdicts over the contracts that are active or terminated.
func (p *Process) live(judge func(*contract) Verdict) Verdict {
	var all []Verdict
	stated := false
	for i := range p.contracts {
		stated = stated || p.contracts[i].Text("status") != ""
		if p.contracts[i].live {
			all = append(all, judge(&p.contracts[i]))
		}
	}
	switch {
	case len(p.contracts) == 0:
		return Not(whyStage)
	case !stated:
		return Missing("contracts/status")
	}
	return Over(all, Not(WhyNone))
}

// awardOf is the award of a contract.
func (p *Process) awardOf(c *contract) *award {
	for i := range p.Awards {
		if p.Awards[i].id != "" && p.Awards[i].id == c.award {
			return &p.Awards[i]
		}
	}
	return nil
}

func amended(c *contract) bool {
	return len(field.List(c.Object, "amendments")) > 0 || field.Has(c.Object, "amendment")
}

// unamended is that a contract has no amendment: clear, if its publisher
// publishes those of others.
func unamended(c *contract) Verdict {
	v := Asked(false).With(Ptr("contracts", c.at, "amendments"), "")
	v.Absent, v.About = true, ""
	return v
}

func sameCurrency(a, b *money.Amount) bool { return a.Currency == b.Currency }

// grown is R054: a direct award below the threshold whose contract is not.
func grown(p *Process) Verdict {
	switch {
	case p.CalledOff():
		return Not(whyCancelled)
	case p.Method == "":
		return Missing("tender/procurementMethod")
	case !p.Direct():
		return Not(WhyMethod)
	}
	return p.live(func(c *contract) Verdict {
		a := p.awardOf(c)
		switch {
		case a == nil:
			return Missing("contracts/awardID")
		case a.Value == nil:
			return Missing("awards/value/amount")
		case c.value == nil:
			return Missing("contracts/value/amount")
		case !sameCurrency(a.Value, c.value):
			return Insufficient(WhyCurrency, c.value.Currency)
		case !amended(c):
			return unamended(c)
		}
		day := cmp.Or(a.Date, date(c.Object, "dateSigned"), p.Opened)
		limit, v := p.threshold(a.Value, day)
		if v.Outcome != "" {
			return v
		}
		return Asked(a.Value.Minor < limit && c.value.Minor >= limit).On(day).Counted(1).Measured(c.value.Decimal(), c.value.Currency).
			With(Ptr("awards", a.at, "value/amount"), a.Value.Decimal()).With(Ptr("contracts", c.at, "value/amount"), c.value.Decimal())
	})
}

// differs is R059: contracts of another amount than the award.
func differs(p *Process) Verdict {
	if len(p.contracts) == 0 {
		return Not(whyStage)
	}
	limit := p.Number("value_difference")
	var all []Verdict
	for i := range p.Awards {
		a := &p.Awards[i]
		if !a.Active {
			continue
		}
		total, n, bad := int64(0), 0, Verdict{}
		v := Verdict{}
		for k := range p.contracts {
			c := &p.contracts[k]
			if c.award != a.id || c.Text("status") == "cancelled" {
				continue
			}
			switch {
			case c.value == nil:
				bad = Missing("contracts/value/amount")
			case a.Value != nil && !sameCurrency(a.Value, c.value):
				bad = Insufficient(WhyCurrency, c.value.Currency)
			default:
				total, n = total+c.value.Minor, n+1
				v = v.With(Ptr("contracts", c.at, "value/amount"), c.value.Decimal())
			}
		}
		switch {
		case bad.Outcome != "":
			all = append(all, bad)
		case n == 0:
		case a.Value == nil:
			all = append(all, Missing("awards/value/amount"))
		case a.Value.Minor <= 0:
			all = append(all, Insufficient(whyZero, "awards/value/amount"))
		default:
			apart := max(total-a.Value.Minor, a.Value.Minor-total)
			v.Outcome = Asked(limit.Compare(apart, a.Value.Minor) > 0).Outcome
			all = append(all, v.Counted(n).Measured(Share(apart, a.Value.Minor), "share").With(Ptr("awards", a.at, "value/amount"), a.Value.Decimal()))
		}
	}
	return Over(all, Missing("contracts/awardID"))
}

// signedLate is R060: much time until the signature.
func signedLate(p *Process) Verdict {
	return p.live(func(c *contract) Verdict {
		a := p.awardOf(c)
		if a == nil {
			return Missing("contracts/awardID")
		}
		return p.span(span{
			from: a.Date, fromPath: "awards/date", fromAt: Ptr("awards", a.at, "date"),
			to: date(c.Object, "dateSigned"), toPath: "contracts/dateSigned", toAt: Ptr("contracts", c.at, "dateSigned"), name: "signature_days",
		})
	})
}

// decided is R061 and R062: a short or long time until the award.
func decided(name string, least bool) func(p *Process) Verdict {
	return func(p *Process) Verdict {
		if v, ok := p.called(); !ok {
			return v
		}
		a := p.awarded()
		if a == nil {
			if len(p.Awards) == 0 {
				return Not(whyStage)
			}
			return Missing("awards/date")
		}
		return p.span(span{
			from: p.Closes, fromPath: "tender/tenderPeriod/endDate",
			to: a.Date, toPath: "awards/date", toAt: Ptr("awards", a.at, "date"), name: name, least: least,
		})
	}
}

// published is R063: a contract without its text.
func published(p *Process) Verdict {
	return p.live(func(c *contract) Verdict {
		for i, d := range Each(c.Object, "documents") {
			switch kind := d.Text("documentType"); kind {
			case "contractSigned", "contractText", "contractNotice":
				return Asked(false).With(Ptr("contracts", c.at, "documents", i, "documentType"), kind)
			}
		}
		v := absent("contracts/documents/documentType")
		v.Evidence[0].At = Ptr("contracts", c.at, "documents")
		return v
	})
}

// modified is R064.
func modified(p *Process) Verdict {
	return p.live(func(c *contract) Verdict {
		if !amended(c) {
			return unamended(c)
		}
		return Asked(true).Counted(len(field.List(c.Object, "amendments"))).With(Ptr("contracts", c.at, "amendments"), "")
	})
}

// quantities is R065 and R066: fewer or more of an item than was awarded.
func quantities(more bool) func(p *Process) Verdict {
	return func(p *Process) Verdict {
		return p.live(func(c *contract) Verdict {
			a := p.awardOf(c)
			switch {
			case !amended(c):
				return unamended(c)
			case a == nil:
				return Missing("contracts/awardID")
			}
			was := map[string]float64{}
			for _, item := range Each(a.Object, "items") {
				if q, ok := quantity(item); ok {
					was[field.Text(item, "id")] = q
				}
			}
			v, compared := Asked(false), 0
			for i, item := range Each(c.Object, "items") {
				q, ok := quantity(item)
				before, known := was[field.Text(item, "id")]
				if !ok || !known {
					continue
				}
				compared++
				if more && q > before || !more && q < before {
					v.Outcome = outcome.Flag
					v = v.Counted(v.n+1).With(Ptr("contracts", c.at, "items", i, "quantity"), Decimal(q)).Figure("awarded", Decimal(before), "count")
				}
			}
			if compared == 0 {
				return Missing("contracts/items/quantity")
			}
			return v
		})
	}
}

func quantity(item *ocds.Object) (float64, bool) {
	if field.Text(item, "id") == "" {
		return 0, false
	}
	v, _ := item.Get("quantity")
	f, err := strconv.ParseFloat(field.Decimal(v), 64)
	return f, err == nil && f >= 0 && f < 1e15
}

// delivered is R067: a milestone that was not met in time.
func delivered(p *Process) Verdict {
	some := false
	v := p.live(func(c *contract) Verdict {
		var all []Verdict
		for i, m := range Each(field.Object(c.Object, "implementation"), "milestones") {
			some = true
			all = append(all, p.milestone(m, Ptr("contracts", c.at, "implementation/milestones", i)))
		}
		return Over(all, Asked(false))
	})
	if v.Outcome == outcome.Clear && !some {
		return Missing("contracts/implementation/milestones/dueDate")
	}
	return v
}

func (p *Process) milestone(m *ocds.Object, at string) Verdict {
	due, met, status := date(m, "dueDate"), date(m, "dateMet"), m.Text("status")
	grace := p.Number("delivery_days").Int()
	switch {
	case status == "notMet" || status == "partiallyMet":
		return Asked(true).Counted(1).With(at+"/status", status)
	case due == 0:
		return Missing("contracts/implementation/milestones/dueDate")
	case met != 0:
		late := int(met - due)
		return Asked(late > grace).Counted(1).Measured(strconv.Itoa(late), "days").With(at+"/dueDate", due.String()).With(at+"/dateMet", met.String())
	case status == "met" || p.published == 0:
		return Missing("contracts/implementation/milestones/dateMet")
	}
	late := int(p.published - due)
	return Asked(late > grace).Counted(1).Measured(strconv.Itoa(late), "days").With(at+"/dueDate", due.String()).With("/date", p.published.String())
}

// overpaid is R068: more paid than the contract has.
func overpaid(p *Process) Verdict {
	return p.live(func(c *contract) Verdict {
		if c.value == nil {
			return Missing("contracts/value/amount")
		}
		work := field.Object(c.Object, "implementation")
		at := Ptr("contracts", c.at, "implementation")
		paid := field.Amount(work, "finalValue")
		where := at + "/finalValue/amount"
		if paid == nil {
			where = at + "/transactions"
			for _, t := range Each(work, "transactions") {
				one := cmp.Or(field.Amount(t, "value"), field.Amount(t, "amount"))
				switch {
				case one == nil:
					return Missing("contracts/implementation/transactions/value/amount")
				case paid == nil:
					paid = one
				case !sameCurrency(paid, one):
					return Insufficient(WhyCurrency, one.Currency)
				default:
					paid.Minor += one.Minor
				}
			}
		}
		switch {
		case paid == nil:
			return Missing("contracts/implementation/finalValue/amount")
		case !sameCurrency(paid, c.value):
			return Insufficient(WhyCurrency, paid.Currency)
		case c.value.Minor < 0:
			return wrong(whyNegative, "contracts/value/amount")
		}
		return Asked(paid.Minor > c.value.Minor).Counted(1).Measured(paid.Decimal(), paid.Currency).
			With(where, paid.Decimal()).With(Ptr("contracts", c.at, "value/amount"), c.value.Decimal())
	})
}

// dearer is R069: an amended contract above its award.
func dearer(p *Process) Verdict {
	of := map[string]int{}
	for i := range p.contracts {
		of[p.contracts[i].award]++
	}
	return p.live(func(c *contract) Verdict {
		a := p.awardOf(c)
		switch {
		case !amended(c):
			return unamended(c)
		case a == nil || of[c.award] != 1:
			return Missing("contracts/awardID")
		case a.Value == nil:
			return Missing("awards/value/amount")
		case c.value == nil:
			return Missing("contracts/value/amount")
		case !sameCurrency(a.Value, c.value):
			return Insufficient(WhyCurrency, c.value.Currency)
		}
		return Asked(c.value.Minor > a.Value.Minor).Counted(1).Measured(c.value.Decimal(), c.value.Currency).
			With(Ptr("awards", a.at, "value/amount"), a.Value.Decimal()).With(Ptr("contracts", c.at, "value/amount"), c.value.Decimal())
	})
}

// passedOn is R071: most of the work goes to subcontractors.
func passedOn(p *Process) Verdict {
	limit := float64(p.Number("subcontract_share")) / 10000
	var all []Verdict
	for i := range p.Awards {
		a := &p.Awards[i]
		if !a.Active {
			continue
		}
		has, said := a.Get("hasSubcontracting")
		v, _ := field.Object(a.Object, "subcontracting").Get("minimumPercentage")
		part, err := strconv.ParseFloat(strings.TrimSpace(field.Decimal(v)), 64)
		switch {
		case said && has == false:
			all = append(all, Asked(false).With(Ptr("awards", a.at, "hasSubcontracting"), "false"))
		case err != nil || part < 0 || part > 1:
			all = append(all, Missing("awards/subcontracting/minimumPercentage"))
		default:
			all = append(all, Asked(part >= limit).Counted(1).Measured(Decimal(part), "share").With(Ptr("awards", a.at, "subcontracting/minimumPercentage"), Decimal(part)))
		}
	}
	return Over(all, Not(whyStage))
}
