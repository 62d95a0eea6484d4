package flag

import (
	"slices"
	"strings"

	"ceiba/internal/collaboration/procurement/indicator"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
)

// Finish gives the findings that need all releases, by rule. Nothing may be
// taken afterwards.
func (s *Pass) Finish(yield func(*outcome.Finding) error) error {
	slices.SortFunc(s.rows, func(a, b row) int { return strings.Compare(a.ocid, b.ocid) })
	every := make([]int32, len(s.rows))
	for i := range every {
		every[i] = int32(i)
	}
	s.all = s.digestOf(every)
	result := s.prices.Result()
	groups := map[string]func(out *findings){
		"R002": s.bunched, "R011": s.split, "R013": s.uncompetitive, "R016": s.sizes, "R017": s.unitPrices, "R019": s.fewBidders,
		"R021": s.discretion, "R022": s.disparities, "R026": s.consortia, "R029": s.benford, "R034": s.sameOrder,
		"R040": s.buyersShares, "R049": s.manyDirect, "R050": s.marketShares, "R051": s.concentrated, "R052": s.growing,
		"R053": s.pairs, "R055": s.directAtThreshold, "R057": s.rotation, "R072": s.subcontracted,
		"R024": func(out *findings) { s.prices24(out, result, "R024") }, "R058": func(out *findings) { s.prices24(out, result, "R058") },
		"R025": func(out *findings) { s.organisations(out, result, "R025") }, "R038": func(out *findings) { s.organisations(out, result, "R038") },
		"R048": func(out *findings) { s.organisations(out, result, "R048") },
	}
	for i := range s.rules {
		out := &findings{pass: s, rule: i}
		code := s.rules[i].ID
		if at, ok := absences[code]; ok {
			s.absences(out, code, at)
		} else if judge := groups[code]; judge != nil {
			judge(out)
		}
		outcome.Sort(out.all)
		for k := range out.all {
			if err := yield(&out.all[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

// findings are those of one rule.
type findings struct {
	pass *Pass
	rule int
	all  []outcome.Finding
}

func (f *findings) add(v verdict, subject outcome.Subject, digest string) *outcome.Finding {
	s := f.pass
	f.all = append(f.all, finding(&s.rules[f.rule], &v, subject, s.hashOn(f.rule, v.day), digest))
	return &f.all[len(f.all)-1]
}

// process adds a finding about a process.
func (f *findings) process(v verdict, r *row, digest string) {
	f.add(v, outcome.Subject{Kind: "process", ID: r.ocid}, digest)
}

// absences decides what was absent: nothing can be said by it unless the
// publisher publishes it for other processes.
func (s *Pass) absences(out *findings, code string, at int) {
	for i := range s.rows {
		r := &s.rows[i]
		if r.absent&bitOf(code) == 0 {
			continue
		}
		path := "contracts/amendments"
		if at < flagging {
			path = r.absentAt[at]
		}
		v := asked(at < flagging).with("/"+path, "")
		if s.published[r.publisher]&bitOf(code) == 0 {
			v = insufficient(whyNever, path)
		}
		out.process(v, r, s.digestOf([]int32{int32(i)}))
	}
}

// awaits tells whether a process is still to be judged by a rule.
func (out *findings) awaits(r *row) bool { return r.later&(1<<out.rule) != 0 }

// What keeps a process from being judged among others.

// splittable is what R011 needs.
func splittable(p *process) verdict {
	switch {
	case p.calledOff():
		return not(whyCancelled)
	case p.method == "":
		return missing("tender/procurementMethod")
	case p.method == "open":
		return not(whyMethod)
	case p.value == nil || p.value.Currency == "":
		return missing("tender/value/amount")
	case p.opened == 0:
		return missing("tender/tenderPeriod/startDate")
	case p.buyer == "":
		return missing("buyer/id")
	case p.class == "":
		return p.classless()
	}
	limit, v := p.threshold(p.value, p.opened)
	if v.outcome == "" && p.value.Minor >= limit {
		return asked(false).on(p.opened).with("/tender/value/amount", p.value.Decimal())
	}
	return v
}

func (p *process) classless() verdict {
	if p.mixed {
		return insufficient(whyMixed, "tender/items/classification/id")
	}
	return missing("tender/items/classification/id")
}

// sized is what R016 needs.
func sized(p *process) verdict {
	switch {
	case p.value == nil:
		return missing("tender/value/amount")
	case p.value.Minor < 0:
		return wrong(whyNegative, "tender/value/amount")
	case p.value.Minor == 0:
		return insufficient(whyZero, "tender/value/amount")
	case p.value.Currency == "":
		return missing("tender/value/currency")
	case p.class == "":
		return p.classless()
	}
	return verdict{}
}

// priced is what R017 needs.
func priced(p *process) verdict {
	for _, item := range each(p.tender, "items") {
		if _, _, ok := unitPrice(item); ok {
			return verdict{}
		}
	}
	return missing("tender/items/unit/value/amount")
}

// comparable is what R024 and R058 need.
func comparable(p *process) verdict {
	if v, ok := p.hasBidList(); !ok {
		return v
	}
	if len(p.awards) == 0 {
		return not(whyStage)
	}
	for i := range p.awards {
		if status := p.awards[i].Text("status"); status != "" && status != "active" && status != "cancelled" && status != "unsuccessful" {
			return not(whyStage)
		}
	}
	if a, _ := p.winner(); a == nil {
		return not(whyNone)
	}
	return verdict{}
}

// ordered is what R034 needs.
func ordered(p *process) verdict {
	if v, ok := p.hasBidList(); !ok {
		return v
	}
	least := p.number("order_bidders").Int()
	if len(p.who) < least {
		return insufficient(whyFew, "order_bidders")
	}
	if p.order(least) == "" {
		return missing("bids/details/date")
	}
	return verdict{}
}

// rotating is what R057 needs.
func rotating(p *process) verdict {
	if v, ok := p.hasBidList(); !ok {
		return v
	}
	a, winner := p.winner()
	who := p.who
	switch {
	case a == nil:
		return not(whyStage)
	case len(who) < 2:
		return not(whyNone)
	case !slices.Contains(who, winner):
		return missing("bids/details/tenderers/id")
	case a.date == 0 && p.closes == 0 && p.opened == 0:
		return missing("awards/date")
	}
	return verdict{}
}

// nearness says how the tender's value lies to the threshold.
func (p *process) nearness() nearness {
	if p.value == nil || p.opened == 0 || p.calledOff() {
		return unknown
	}
	limit, v := p.threshold(p.value, p.opened)
	switch v.why {
	case whyCurrency:
		return otherCurrency
	case whyParameter:
		return noThreshold
	}
	low, ok := p.at("bunch_low", p.opened)
	high, ok2 := p.at("bunch_high", p.opened)
	switch {
	case !ok || !ok2:
		return noThreshold
	case p.value.Minor < 0 || low.Value.Compare(p.value.Minor, limit) < 0 || high.Value.Compare(p.value.Minor, limit) >= 0:
		return far
	case p.value.Minor < limit:
		return justBelow
	}
	return justAbove
}

// prices24 is R024 and R058, as package indicator has measured them.
func (s *Pass) prices24(out *findings, result *indicator.Result, code indicator.Code) {
	measured := result.Measured[code][indicator.OCID]
	values := make([]float64, 0, len(measured))
	for i := range s.rows {
		if v, ok := measured[s.rows[i].ocid]; ok {
			values = append(values, v)
		}
	}
	spread := indicator.SpreadOf(values)
	for i := range s.rows {
		r := &s.rows[i]
		if !out.awaits(r) {
			continue
		}
		value, ok := measured[r.ocid]
		v := missing("bids/details/value/amount")
		if ok {
			_, so := result.Values[indicator.OCID][r.ocid][code]
			if v = asked(so).fences(spread); spread.Why != "" {
				v = insufficient(string(spread.Why), "").fences(spread)
			}
			v = v.measured(decimal(value), "share").with("/bids/details", "")
		}
		out.process(v, r, s.all)
	}
}

// organisations is R025, R038 and R048, as package indicator has measured them.
func (s *Pass) organisations(out *findings, result *indicator.Result, code indicator.Code) {
	kinds := map[indicator.Group]string{indicator.Buyer: "buyer", indicator.ProcuringEntity: "procuring_entity", indicator.Tenderer: "tenderer"}
	for group, measured := range result.Measured[code] {
		values := make([]float64, 0, len(measured))
		for _, v := range measured {
			values = append(values, v)
		}
		spread := indicator.SpreadOf(values)
		kind, unit := kinds[group], "share"
		if code == "R048" {
			kind, unit = "supplier", "count"
		}
		for id, value := range measured {
			_, so := result.Values[group][id][code]
			v := asked(so).fences(spread)
			if spread.Why != "" {
				v = insufficient(string(spread.Why), "").fences(spread)
			}
			out.add(v.measured(decimal(value), unit), outcome.Subject{Kind: kind, ID: id}, s.all)
		}
	}
}

// window sets the days that a finding is about.
func window(f *outcome.Finding, from, to civil.Date) { f.From, f.To = from.String(), to.String() }
