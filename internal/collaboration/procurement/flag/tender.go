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
func planned(p *Process) Verdict {
	if len(p.Tender.Fields) == 0 && len(p.Awards)+len(p.contracts) == 0 || p.status == "planning" || p.status == "planned" {
		return Not(whyStage)
	}
	for i, d := range Each(field.Object(p.release, "planning"), "documents") {
		if kind := d.Text("documentType"); kind != "" {
			return Asked(false).With(Ptr("planning/documents", i, "documentType"), kind)
		}
	}
	return absent("planning/documents/documentType")
}

// Absent is that something is not there. It becomes a flag, or insufficient, when
// it is known whether the publisher publishes it for others.
func absent(path string) Verdict {
	v := Asked(true).With("/"+path, "")
	v.Absent, v.About = true, path
	return v
}

// called is what the rules about calls for bids need: an open or selective
// method, and a tender that was not called off.
func (p *Process) called() (Verdict, bool) {
	switch {
	case p.CalledOff():
		return Not(whyCancelled), false
	case p.Method == "":
		return Missing("tender/procurementMethod"), false
	case !p.Competitive():
		return Not(WhyMethod), false
	}
	return Verdict{}, true
}

// announced is R004: no notice, or a late one.
func announced(p *Process) Verdict {
	if v, ok := p.called(); !ok {
		return v
	}
	if p.Opened == 0 {
		return Missing("tender/tenderPeriod/startDate")
	}
	first, at, some := civil.Date(0), -1, false
	for i, d := range Each(p.Tender, "documents") {
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
		return Missing("tender/documents/datePublished")
	}
	late := int(first - p.Opened)
	return Asked(late > p.Number("notice_days").Int()).Measured(strconv.Itoa(late), "days").
		With("/tender/tenderPeriod/startDate", p.Opened.String()).With(Ptr("tender/documents", at, "datePublished"), first.String())
}

var bidding = []string{"biddingDocuments", "technicalSpecifications", "evaluationCriteria", "eligibilityCriteria"}

// documented is R005: no bidding documents in time.
func documented(p *Process) Verdict {
	if v, ok := p.called(); !ok {
		return v
	}
	if p.Closes == 0 {
		return Missing("tender/tenderPeriod/endDate")
	}
	undated, late := false, Verdict{}
	for i, d := range Each(p.Tender, "documents") {
		if !slices.Contains(bidding, d.Text("documentType")) {
			continue
		}
		day := date(d, "datePublished")
		at := Ptr("tender/documents", i, "datePublished")
		switch {
		case day == 0:
			undated = true
		case day <= p.Closes:
			return Asked(false).With(at, day.String()).With("/tender/tenderPeriod/endDate", p.Closes.String())
		case late.Outcome == "":
			late = Asked(true).With(at, day.String()).With("/tender/tenderPeriod/endDate", p.Closes.String())
		}
	}
	switch {
	case undated:
		return Missing("tender/documents/datePublished")
	case late.Outcome != "":
		return late
	}
	return absent("tender/documents/documentType")
}

// fees is R008: a fee that is high for the value.
func fees(p *Process) Verdict {
	all := field.List(p.Tender, "participationFees")
	switch {
	case p.CalledOff():
		return Not(whyCancelled)
	case len(all) == 0:
		return Missing("tender/participationFees/value/amount")
	case p.Value == nil:
		return Missing("tender/value/amount")
	case p.Value.Minor <= 0:
		return wrong(whyZero, "tender/value/amount")
	}
	limit, top := p.Number("fee_share"), Verdict{}
	for i, f := range Each(p.Tender, "participationFees") {
		fee := field.Amount(f, "value")
		switch {
		case fee == nil:
			return Missing("tender/participationFees/value/amount")
		case fee.Currency != p.Value.Currency:
			return Insufficient(WhyCurrency, fee.Currency)
		case fee.Minor < 0:
			return wrong(whyNegative, "tender/participationFees/value/amount")
		}
		v := Asked(limit.Compare(fee.Minor, p.Value.Minor) > 0).Measured(Share(fee.Minor, p.Value.Minor), "share").
			With(Ptr("tender/participationFees", i, "value/amount"), fee.Decimal()).With("/tender/value/amount", p.Value.Decimal())
		if top.Outcome == "" || v.Outcome == outcome.Flag && top.Outcome != outcome.Flag {
			top = v
		}
	}
	if top.Outcome == "" {
		return Missing("tender/participationFees/value/amount")
	}
	return top
}

// reasoned is R010: no competition, and no reason given.
func reasoned(p *Process) Verdict {
	switch {
	case p.CalledOff():
		return Not(whyCancelled)
	case p.Method == "":
		return Missing("tender/procurementMethod")
	case !p.Direct():
		return Not(WhyMethod)
	}
	if why := field.First(p.Tender.Text("procurementMethodRationale")); why != "" {
		return Asked(false).With("/tender/procurementMethod", p.Method).With("/tender/procurementMethodRationale", "")
	}
	return absent("tender/procurementMethodRationale").With("/tender/procurementMethod", p.Method)
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

func (p *Process) span(s span) Verdict {
	switch {
	case s.from == 0:
		return Missing(s.fromPath)
	case s.to == 0:
		return Missing(s.toPath)
	}
	days := int(s.to - s.from)
	limit := p.Number(s.name).Int()
	v := Asked(s.least && days < limit || !s.least && days > limit)
	if days < 0 {
		v = wrong(whyOrder, s.toPath)
	}
	return v.Measured(strconv.Itoa(days), "days").
		With(cmp.Or(s.fromAt, "/"+s.fromPath), s.from.String()).With(cmp.Or(s.toAt, "/"+s.toPath), s.to.String())
}

// opening is the day on which bids are opened, and where it stands.
func (p *Process) opening() (civil.Date, string) {
	if d := date(field.Object(p.Tender, "bidOpening"), "date"); d != 0 {
		return d, "tender/bidOpening/date"
	}
	if d := date(field.Object(p.release, "bidOpening"), "date"); d != 0 {
		return d, "bidOpening/date"
	}
	return 0, "tender/bidOpening/date"
}

// openedSoon is R014: little time until the opening of bids.
func openedSoon(p *Process) Verdict {
	if v, ok := p.called(); !ok {
		return v
	}
	d, at := p.opening()
	return p.span(span{from: p.Opened, fromPath: "tender/tenderPeriod/startDate", to: d, toPath: at, name: "opening_days", least: true})
}

// evaluatedLate is R015: much time until the evaluation.
func evaluatedLate(p *Process) Verdict {
	if p.CalledOff() {
		return Not(whyCancelled)
	}
	d, at := p.opening()
	begins := date(field.Object(p.Tender, "awardPeriod"), "startDate")
	return p.span(span{from: d, fromPath: at, to: begins, toPath: "tender/awardPeriod/startDate", name: "evaluation_days"})
}

// short is R003, as Cardinal has it.
func short(p *Process, flagged indicator.Measures) Verdict {
	period := field.Object(p.Tender, "tenderPeriod")
	start, end := period.Text("startDate"), period.Text("endDate")
	if p.status == "cancelled" {
		return Not(whyCancelled)
	}
	days, ok := indicator.WholeDays(start, end)
	if !ok {
		for _, one := range []string{"startDate", "endDate"} {
			if _, ok := indicator.WholeDays(period.Text(one), period.Text(one)); !ok {
				return Missing("tender/tenderPeriod/" + one)
			}
		}
	}
	_, so := flagged["R003"]
	return Asked(so).Measured(strconv.FormatInt(days, 10), "days").
		With("/tender/tenderPeriod/startDate", start).With("/tender/tenderPeriod/endDate", end)
}

// single is R018, as Cardinal has it.
func single(p *Process, flagged indicator.Measures) Verdict {
	if v, ok := p.called(); !ok {
		return v
	}
	n := field.Whole(p.Tender, "numberOfTenderers")
	if n == nil {
		return Missing("tender/numberOfTenderers")
	}
	_, so := flagged["R018"]
	many := strconv.FormatInt(*n, 10)
	return Asked(so).Measured(many, "count").With("/tender/procurementMethod", p.Method).With("/tender/numberOfTenderers", many)
}

// complained is R020.
func complained(p *Process) Verdict {
	for i, o := range []*ocds.Object{p.release, p.Tender} {
		if _, ok := o.Get("complaints"); !ok {
			continue
		}
		v := Asked(false)
		for at, c := range Each(o, "complaints") {
			path := []string{"complaints", "tender/complaints"}[i]
			v.Outcome = outcome.Flag
			v = v.Counted(v.n+1).With(Ptr(path, at, "id"), field.Text(c, "id"))
		}
		return v
	}
	return Missing("complaints/id")
}

// unanswered is R039.
func unanswered(p *Process) Verdict {
	_, ok := p.Tender.Get("enquiries")
	switch {
	case !ok:
		return Missing("tender/enquiries/date")
	case p.status == "":
		return Missing("tender/status")
	case p.status != "complete" && p.status != "unsuccessful":
		return Not(whyStage)
	}
	v := Asked(false)
	for i, e := range Each(p.Tender, "enquiries") {
		v.n++
		if field.First(e.Text("answer"), e.Text("dateAnswered")) == "" {
			v.Outcome = outcome.Flag
			v = v.With(Ptr("tender/enquiries", i), field.Text(e, "id"))
		}
	}
	if v.n == 0 {
		return Not(WhyNone)
	}
	return v
}

// estimated is R031: the price of the winner is close to the estimate.
func estimated(p *Process) Verdict {
	if v, ok := p.called(); !ok {
		return v
	}
	if p.Value == nil {
		return Missing("tender/value/amount")
	}
	if p.Value.Minor <= 0 {
		return Insufficient(whyZero, "tender/value/amount")
	}
	a, winner := p.Winner()
	if a == nil {
		if len(p.Awards) == 0 {
			return Missing("awards/suppliers/id")
		}
		return Not(WhyNone)
	}
	price, at := a.Value, Ptr("awards", a.at, "value/amount")
	for i := range p.bids {
		b := &p.bids[i]
		if b.price != nil && b.status == "valid" && slices.Equal(b.tenderers, []string{winner}) {
			price, at = b.price, Ptr("bids/details", b.at, "value/amount")
			if b.id != "" && b.id == field.Text(a.Object, "relatedBid") {
				break
			}
		}
	}
	switch {
	case price == nil:
		return Missing("bids/details/value/amount")
	case price.Currency != p.Value.Currency:
		return Insufficient(WhyCurrency, price.Currency)
	case price.Minor < 0:
		return wrong(whyNegative, at[1:])
	}
	return Asked(p.Number("estimate_share").Compare(price.Minor, p.Value.Minor) >= 0).Measured(Share(price.Minor, p.Value.Minor), "factor").
		With(at, price.Decimal()).With("/tender/value/amount", p.Value.Decimal())
}
