package flag

import (
	"cmp"
	"slices"
	"strconv"

	"ceiba/internal/collaboration/procurement/indicator"
	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/field"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
)

// planned is R001: no document of the planning.
func planned(p *process) verdict {
	if len(p.tender.Fields) == 0 && len(p.awards)+len(p.contracts) == 0 || p.status == "planning" || p.status == "planned" {
		return not(whyStage)
	}
	for i, d := range each(field.Object(p.release, "planning"), "documents") {
		if kind := d.Text("documentType"); kind != "" {
			return asked(false).with(ptr("planning/documents", i, "documentType"), kind)
		}
	}
	return absent("planning/documents/documentType")
}

// absent is that something is not there. It becomes a flag, or insufficient, when
// it is known whether the publisher publishes it for others.
func absent(path string) verdict {
	v := asked(true).with("/"+path, "")
	v.absent, v.about = true, path
	return v
}

// called is what the rules about calls for bids need: an open or selective
// method, and a tender that was not called off.
func (p *process) called() (verdict, bool) {
	switch {
	case p.calledOff():
		return not(whyCancelled), false
	case p.method == "":
		return missing("tender/procurementMethod"), false
	case !p.competitive():
		return not(whyMethod), false
	}
	return verdict{}, true
}

// announced is R004: no notice, or a late one.
func announced(p *process) verdict {
	if v, ok := p.called(); !ok {
		return v
	}
	if p.opened == 0 {
		return missing("tender/tenderPeriod/startDate")
	}
	first, at, some := civil.Date(0), -1, false
	for i, d := range each(p.tender, "documents") {
		if d.Text("documentType") != "tenderNotice" {
			continue
		}
		some = true
		if day := date(d, "datePublished"); day != 0 && (first == 0 || day < first) {
			first, at = day, i
		}
	}
	switch {
	case !some:
		return absent("tender/documents/documentType")
	case first == 0:
		return missing("tender/documents/datePublished")
	}
	late := int(first - p.opened)
	return asked(late > p.number("notice_days").Int()).measured(strconv.Itoa(late), "days").
		with("/tender/tenderPeriod/startDate", p.opened.String()).with(ptr("tender/documents", at, "datePublished"), first.String())
}

var bidding = []string{"biddingDocuments", "technicalSpecifications", "evaluationCriteria", "eligibilityCriteria"}

// documented is R005: no bidding documents in time.
func documented(p *process) verdict {
	if v, ok := p.called(); !ok {
		return v
	}
	if p.closes == 0 {
		return missing("tender/tenderPeriod/endDate")
	}
	undated, late := false, verdict{}
	for i, d := range each(p.tender, "documents") {
		if !slices.Contains(bidding, d.Text("documentType")) {
			continue
		}
		day := date(d, "datePublished")
		at := ptr("tender/documents", i, "datePublished")
		switch {
		case day == 0:
			undated = true
		case day <= p.closes:
			return asked(false).with(at, day.String()).with("/tender/tenderPeriod/endDate", p.closes.String())
		case late.outcome == "":
			late = asked(true).with(at, day.String()).with("/tender/tenderPeriod/endDate", p.closes.String())
		}
	}
	switch {
	case undated:
		return missing("tender/documents/datePublished")
	case late.outcome != "":
		return late
	}
	return absent("tender/documents/documentType")
}

// fees is R008: a fee that is high for the value.
func fees(p *process) verdict {
	all := field.List(p.tender, "participationFees")
	switch {
	case p.calledOff():
		return not(whyCancelled)
	case len(all) == 0:
		return missing("tender/participationFees/value/amount")
	case p.value == nil:
		return missing("tender/value/amount")
	case p.value.Minor <= 0:
		return wrong(whyZero, "tender/value/amount")
	}
	limit, top := p.number("fee_share"), verdict{}
	for i, f := range each(p.tender, "participationFees") {
		fee := field.Amount(f, "value")
		switch {
		case fee == nil:
			return missing("tender/participationFees/value/amount")
		case fee.Currency != p.value.Currency:
			return insufficient(whyCurrency, fee.Currency)
		case fee.Minor < 0:
			return wrong(whyNegative, "tender/participationFees/value/amount")
		}
		v := asked(limit.Compare(fee.Minor, p.value.Minor) > 0).measured(share(fee.Minor, p.value.Minor), "share").
			with(ptr("tender/participationFees", i, "value/amount"), fee.Decimal()).with("/tender/value/amount", p.value.Decimal())
		if top.outcome == "" || v.outcome == outcome.Flag && top.outcome != outcome.Flag {
			top = v
		}
	}
	if top.outcome == "" {
		return missing("tender/participationFees/value/amount")
	}
	return top
}

// reasoned is R010: no competition, and no reason given.
func reasoned(p *process) verdict {
	switch {
	case p.calledOff():
		return not(whyCancelled)
	case p.method == "":
		return missing("tender/procurementMethod")
	case !p.direct():
		return not(whyMethod)
	}
	if why := field.First(p.tender.Text("procurementMethodRationale")); why != "" {
		return asked(false).with("/tender/procurementMethod", p.method).with("/tender/procurementMethodRationale", "")
	}
	return absent("tender/procurementMethodRationale").with("/tender/procurementMethod", p.method)
}

// span is a rule about the days between two dates: fewer than, or more than, a
// parameter.
type span struct {
	from, to         civil.Date
	fromPath, toPath string
	fromAt, toAt     string
	name             string
	least            bool // fewer are asked about
}

func (p *process) span(s span) verdict {
	switch {
	case s.from == 0:
		return missing(s.fromPath)
	case s.to == 0:
		return missing(s.toPath)
	}
	days := int(s.to - s.from)
	limit := p.number(s.name).Int()
	v := asked(s.least && days < limit || !s.least && days > limit)
	if days < 0 {
		v = wrong(whyOrder, s.toPath)
	}
	return v.measured(strconv.Itoa(days), "days").
		with(cmp.Or(s.fromAt, "/"+s.fromPath), s.from.String()).with(cmp.Or(s.toAt, "/"+s.toPath), s.to.String())
}

// opening is the day on which bids are opened, and where it stands.
func (p *process) opening() (civil.Date, string) {
	if d := date(field.Object(p.tender, "bidOpening"), "date"); d != 0 {
		return d, "tender/bidOpening/date"
	}
	if d := date(field.Object(p.release, "bidOpening"), "date"); d != 0 {
		return d, "bidOpening/date"
	}
	return 0, "tender/bidOpening/date"
}

// openedSoon is R014: little time until the opening of bids.
func openedSoon(p *process) verdict {
	if v, ok := p.called(); !ok {
		return v
	}
	d, at := p.opening()
	return p.span(span{from: p.opened, fromPath: "tender/tenderPeriod/startDate", to: d, toPath: at, name: "opening_days", least: true})
}

// evaluatedLate is R015: much time until the evaluation.
func evaluatedLate(p *process) verdict {
	if p.calledOff() {
		return not(whyCancelled)
	}
	d, at := p.opening()
	begins := date(field.Object(p.tender, "awardPeriod"), "startDate")
	return p.span(span{from: d, fromPath: at, to: begins, toPath: "tender/awardPeriod/startDate", name: "evaluation_days"})
}

// short is R003, as Cardinal has it.
func short(p *process, flagged indicator.Measures) verdict {
	period := field.Object(p.tender, "tenderPeriod")
	start, end := period.Text("startDate"), period.Text("endDate")
	if p.status == "cancelled" {
		return not(whyCancelled)
	}
	days, ok := indicator.WholeDays(start, end)
	if !ok {
		for _, one := range []string{"startDate", "endDate"} {
			if _, ok := indicator.WholeDays(period.Text(one), period.Text(one)); !ok {
				return missing("tender/tenderPeriod/" + one)
			}
		}
	}
	_, so := flagged["R003"]
	return asked(so).measured(strconv.FormatInt(days, 10), "days").
		with("/tender/tenderPeriod/startDate", start).with("/tender/tenderPeriod/endDate", end)
}

// single is R018, as Cardinal has it.
func single(p *process, flagged indicator.Measures) verdict {
	if v, ok := p.called(); !ok {
		return v
	}
	n := field.Whole(p.tender, "numberOfTenderers")
	if n == nil {
		return missing("tender/numberOfTenderers")
	}
	_, so := flagged["R018"]
	many := strconv.FormatInt(*n, 10)
	return asked(so).measured(many, "count").with("/tender/procurementMethod", p.method).with("/tender/numberOfTenderers", many)
}

// complained is R020.
func complained(p *process) verdict {
	for i, o := range []*ocds.Object{p.release, p.tender} {
		if _, ok := o.Get("complaints"); !ok {
			continue
		}
		v := asked(false)
		for at, c := range each(o, "complaints") {
			path := []string{"complaints", "tender/complaints"}[i]
			v.outcome = outcome.Flag
			v = v.counted(v.n+1).with(ptr(path, at, "id"), field.Text(c, "id"))
		}
		return v
	}
	return missing("complaints/id")
}

// unanswered is R039.
func unanswered(p *process) verdict {
	_, ok := p.tender.Get("enquiries")
	switch {
	case !ok:
		return missing("tender/enquiries/date")
	case p.status == "":
		return missing("tender/status")
	case p.status != "complete" && p.status != "unsuccessful":
		return not(whyStage)
	}
	v := asked(false)
	for i, e := range each(p.tender, "enquiries") {
		v.n++
		if field.First(e.Text("answer"), e.Text("dateAnswered")) == "" {
			v.outcome = outcome.Flag
			v = v.with(ptr("tender/enquiries", i), field.Text(e, "id"))
		}
	}
	if v.n == 0 {
		return not(whyNone)
	}
	return v
}

// estimated is R031: the price of the winner is close to the estimate.
func estimated(p *process) verdict {
	if v, ok := p.called(); !ok {
		return v
	}
	if p.value == nil {
		return missing("tender/value/amount")
	}
	if p.value.Minor <= 0 {
		return insufficient(whyZero, "tender/value/amount")
	}
	a, winner := p.winner()
	if a == nil {
		if len(p.awards) == 0 {
			return missing("awards/suppliers/id")
		}
		return not(whyNone)
	}
	price, at := a.value, ptr("awards", a.at, "value/amount")
	for i := range p.bids {
		b := &p.bids[i]
		if b.price != nil && b.status == "valid" && slices.Equal(b.tenderers, []string{winner}) {
			price, at = b.price, ptr("bids/details", b.at, "value/amount")
			if b.id != "" && b.id == field.Text(a.Object, "relatedBid") {
				break
			}
		}
	}
	switch {
	case price == nil:
		return missing("bids/details/value/amount")
	case price.Currency != p.value.Currency:
		return insufficient(whyCurrency, price.Currency)
	case price.Minor < 0:
		return wrong(whyNegative, at[1:])
	}
	return asked(p.number("estimate_share").Compare(price.Minor, p.value.Minor) >= 0).measured(share(price.Minor, p.value.Minor), "factor").
		with(at, price.Decimal()).with("/tender/value/amount", p.value.Decimal())
}
