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

// over looks at several things of a process, and gives the verdict that matters
// most: a flag, then what contradicts itself, then what cannot be judged, then
// what is well. Flags are put together.
func over(all []verdict, none verdict) verdict {
	best := none
	first := true
	for _, v := range all {
		switch {
		case first || rank(v.outcome) > rank(best.outcome):
			best, first = v, false
		case v.outcome == best.outcome && v.outcome == outcome.Flag:
			for _, e := range v.evidence {
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
func (p *process) live(judge func(*contract) verdict) verdict {
	var all []verdict
	stated := false
	for i := range p.contracts {
		stated = stated || p.contracts[i].Text("status") != ""
		if p.contracts[i].live {
			all = append(all, judge(&p.contracts[i]))
		}
	}
	switch {
	case len(p.contracts) == 0:
		return not(whyStage)
	case !stated:
		return missing("contracts/status")
	}
	return over(all, not(whyNone))
}

// awardOf is the award of a contract.
func (p *process) awardOf(c *contract) *award {
	for i := range p.awards {
		if p.awards[i].id != "" && p.awards[i].id == c.award {
			return &p.awards[i]
		}
	}
	return nil
}

func amended(c *contract) bool {
	return len(field.List(c.Object, "amendments")) > 0 || field.Has(c.Object, "amendment")
}

// unamended is that a contract has no amendment: clear, if its publisher
// publishes those of others.
func unamended(c *contract) verdict {
	v := asked(false).with(ptr("contracts", c.at, "amendments"), "")
	v.absent, v.about = true, ""
	return v
}

func sameCurrency(a, b *money.Amount) bool { return a.Currency == b.Currency }

// grown is R054: a direct award below the threshold whose contract is not.
func grown(p *process) verdict {
	switch {
	case p.calledOff():
		return not(whyCancelled)
	case p.method == "":
		return missing("tender/procurementMethod")
	case !p.direct():
		return not(whyMethod)
	}
	return p.live(func(c *contract) verdict {
		a := p.awardOf(c)
		switch {
		case a == nil:
			return missing("contracts/awardID")
		case a.value == nil:
			return missing("awards/value/amount")
		case c.value == nil:
			return missing("contracts/value/amount")
		case !sameCurrency(a.value, c.value):
			return insufficient(whyCurrency, c.value.Currency)
		case !amended(c):
			return unamended(c)
		}
		day := cmp.Or(a.date, date(c.Object, "dateSigned"), p.opened)
		limit, v := p.threshold(a.value, day)
		if v.outcome != "" {
			return v
		}
		return asked(a.value.Minor < limit && c.value.Minor >= limit).on(day).counted(1).measured(c.value.Decimal(), c.value.Currency).
			with(ptr("awards", a.at, "value/amount"), a.value.Decimal()).with(ptr("contracts", c.at, "value/amount"), c.value.Decimal())
	})
}

// differs is R059: contracts of another amount than the award.
func differs(p *process) verdict {
	if len(p.contracts) == 0 {
		return not(whyStage)
	}
	limit := p.number("value_difference")
	var all []verdict
	for i := range p.awards {
		a := &p.awards[i]
		if !a.active {
			continue
		}
		total, n, bad := int64(0), 0, verdict{}
		v := verdict{}
		for k := range p.contracts {
			c := &p.contracts[k]
			if c.award != a.id || c.Text("status") == "cancelled" {
				continue
			}
			switch {
			case c.value == nil:
				bad = missing("contracts/value/amount")
			case a.value != nil && !sameCurrency(a.value, c.value):
				bad = insufficient(whyCurrency, c.value.Currency)
			default:
				total, n = total+c.value.Minor, n+1
				v = v.with(ptr("contracts", c.at, "value/amount"), c.value.Decimal())
			}
		}
		switch {
		case bad.outcome != "":
			all = append(all, bad)
		case n == 0:
		case a.value == nil:
			all = append(all, missing("awards/value/amount"))
		case a.value.Minor <= 0:
			all = append(all, insufficient(whyZero, "awards/value/amount"))
		default:
			apart := max(total-a.value.Minor, a.value.Minor-total)
			v.outcome = asked(limit.Compare(apart, a.value.Minor) > 0).outcome
			all = append(all, v.counted(n).measured(share(apart, a.value.Minor), "share").with(ptr("awards", a.at, "value/amount"), a.value.Decimal()))
		}
	}
	return over(all, missing("contracts/awardID"))
}

// signedLate is R060: much time until the signature.
func signedLate(p *process) verdict {
	return p.live(func(c *contract) verdict {
		a := p.awardOf(c)
		if a == nil {
			return missing("contracts/awardID")
		}
		return p.span(span{
			from: a.date, fromPath: "awards/date", fromAt: ptr("awards", a.at, "date"),
			to: date(c.Object, "dateSigned"), toPath: "contracts/dateSigned", toAt: ptr("contracts", c.at, "dateSigned"), name: "signature_days",
		})
	})
}

// decided is R061 and R062: a short or long time until the award.
func decided(name string, least bool) func(p *process) verdict {
	return func(p *process) verdict {
		if v, ok := p.called(); !ok {
			return v
		}
		a := p.awarded()
		if a == nil {
			if len(p.awards) == 0 {
				return not(whyStage)
			}
			return missing("awards/date")
		}
		return p.span(span{
			from: p.closes, fromPath: "tender/tenderPeriod/endDate",
			to: a.date, toPath: "awards/date", toAt: ptr("awards", a.at, "date"), name: name, least: least,
		})
	}
}

// published is R063: a contract without its text.
func published(p *process) verdict {
	return p.live(func(c *contract) verdict {
		for i, d := range each(c.Object, "documents") {
			switch kind := d.Text("documentType"); kind {
			case "contractSigned", "contractText", "contractNotice":
				return asked(false).with(ptr("contracts", c.at, "documents", i, "documentType"), kind)
			}
		}
		v := absent("contracts/documents/documentType")
		v.evidence[0].At = ptr("contracts", c.at, "documents")
		return v
	})
}

// modified is R064.
func modified(p *process) verdict {
	return p.live(func(c *contract) verdict {
		if !amended(c) {
			return unamended(c)
		}
		return asked(true).counted(len(field.List(c.Object, "amendments"))).with(ptr("contracts", c.at, "amendments"), "")
	})
}

// quantities is R065 and R066: fewer or more of an item than was awarded.
func quantities(more bool) func(p *process) verdict {
	return func(p *process) verdict {
		return p.live(func(c *contract) verdict {
			a := p.awardOf(c)
			switch {
			case !amended(c):
				return unamended(c)
			case a == nil:
				return missing("contracts/awardID")
			}
			was := map[string]float64{}
			for _, item := range each(a.Object, "items") {
				if q, ok := quantity(item); ok {
					was[field.Text(item, "id")] = q
				}
			}
			v, compared := asked(false), 0
			for i, item := range each(c.Object, "items") {
				q, ok := quantity(item)
				before, known := was[field.Text(item, "id")]
				if !ok || !known {
					continue
				}
				compared++
				if more && q > before || !more && q < before {
					v.outcome = outcome.Flag
					v = v.counted(v.n+1).with(ptr("contracts", c.at, "items", i, "quantity"), decimal(q)).figure("awarded", decimal(before), "count")
				}
			}
			if compared == 0 {
				return missing("contracts/items/quantity")
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
func delivered(p *process) verdict {
	some := false
	v := p.live(func(c *contract) verdict {
		var all []verdict
		for i, m := range each(field.Object(c.Object, "implementation"), "milestones") {
			some = true
			all = append(all, p.milestone(m, ptr("contracts", c.at, "implementation/milestones", i)))
		}
		return over(all, asked(false))
	})
	if v.outcome == outcome.Clear && !some {
		return missing("contracts/implementation/milestones/dueDate")
	}
	return v
}

func (p *process) milestone(m *ocds.Object, at string) verdict {
	due, met, status := date(m, "dueDate"), date(m, "dateMet"), m.Text("status")
	grace := p.number("delivery_days").Int()
	switch {
	case status == "notMet" || status == "partiallyMet":
		return asked(true).counted(1).with(at+"/status", status)
	case due == 0:
		return missing("contracts/implementation/milestones/dueDate")
	case met != 0:
		late := int(met - due)
		return asked(late > grace).counted(1).measured(strconv.Itoa(late), "days").with(at+"/dueDate", due.String()).with(at+"/dateMet", met.String())
	case status == "met" || p.published == 0:
		return missing("contracts/implementation/milestones/dateMet")
	}
	late := int(p.published - due)
	return asked(late > grace).counted(1).measured(strconv.Itoa(late), "days").with(at+"/dueDate", due.String()).with("/date", p.published.String())
}

// overpaid is R068: more paid than the contract has.
func overpaid(p *process) verdict {
	return p.live(func(c *contract) verdict {
		if c.value == nil {
			return missing("contracts/value/amount")
		}
		work := field.Object(c.Object, "implementation")
		at := ptr("contracts", c.at, "implementation")
		paid := field.Amount(work, "finalValue")
		where := at + "/finalValue/amount"
		if paid == nil {
			where = at + "/transactions"
			for _, t := range each(work, "transactions") {
				one := cmp.Or(field.Amount(t, "value"), field.Amount(t, "amount"))
				switch {
				case one == nil:
					return missing("contracts/implementation/transactions/value/amount")
				case paid == nil:
					paid = one
				case !sameCurrency(paid, one):
					return insufficient(whyCurrency, one.Currency)
				default:
					paid.Minor += one.Minor
				}
			}
		}
		switch {
		case paid == nil:
			return missing("contracts/implementation/finalValue/amount")
		case !sameCurrency(paid, c.value):
			return insufficient(whyCurrency, paid.Currency)
		case c.value.Minor < 0:
			return wrong(whyNegative, "contracts/value/amount")
		}
		return asked(paid.Minor > c.value.Minor).counted(1).measured(paid.Decimal(), paid.Currency).
			with(where, paid.Decimal()).with(ptr("contracts", c.at, "value/amount"), c.value.Decimal())
	})
}

// dearer is R069: an amended contract above its award.
func dearer(p *process) verdict {
	of := map[string]int{}
	for i := range p.contracts {
		of[p.contracts[i].award]++
	}
	return p.live(func(c *contract) verdict {
		a := p.awardOf(c)
		switch {
		case !amended(c):
			return unamended(c)
		case a == nil || of[c.award] != 1:
			return missing("contracts/awardID")
		case a.value == nil:
			return missing("awards/value/amount")
		case c.value == nil:
			return missing("contracts/value/amount")
		case !sameCurrency(a.value, c.value):
			return insufficient(whyCurrency, c.value.Currency)
		}
		return asked(c.value.Minor > a.value.Minor).counted(1).measured(c.value.Decimal(), c.value.Currency).
			with(ptr("awards", a.at, "value/amount"), a.value.Decimal()).with(ptr("contracts", c.at, "value/amount"), c.value.Decimal())
	})
}

// passedOn is R071: most of the work goes to subcontractors.
func passedOn(p *process) verdict {
	limit := float64(p.number("subcontract_share")) / 10000
	var all []verdict
	for i := range p.awards {
		a := &p.awards[i]
		if !a.active {
			continue
		}
		has, said := a.Get("hasSubcontracting")
		v, _ := field.Object(a.Object, "subcontracting").Get("minimumPercentage")
		part, err := strconv.ParseFloat(strings.TrimSpace(field.Decimal(v)), 64)
		switch {
		case said && has == false:
			all = append(all, asked(false).with(ptr("awards", a.at, "hasSubcontracting"), "false"))
		case err != nil || part < 0 || part > 1:
			all = append(all, missing("awards/subcontracting/minimumPercentage"))
		default:
			all = append(all, asked(part >= limit).counted(1).measured(decimal(part), "share").with(ptr("awards", a.at, "subcontracting/minimumPercentage"), decimal(part)))
		}
	}
	return over(all, not(whyStage))
}
