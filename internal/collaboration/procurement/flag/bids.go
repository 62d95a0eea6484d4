package flag

import (
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/procurement/indicator"
	"ceiba/internal/collaboration/procurement/ocds/field"
)

// valid are the valid bids with a price above zero; none where they are in
// several currencies.
func (p *Process) valid() (out []*bid, v Verdict) {
	if v, ok := p.hasBidList(); !ok {
		return nil, v
	}
	for i := range p.bids {
		b := &p.bids[i]
		if b.status != "valid" || b.price == nil || b.price.Minor <= 0 {
			continue
		}
		if len(out) > 0 && !sameCurrency(out[0].price, b.price) {
			return nil, Insufficient(WhyCurrency, b.price.Currency)
		}
		out = append(out, b)
	}
	slices.SortStableFunc(out, func(a, b *bid) int { return int(max(-1, min(1, a.price.Minor-b.price.Minor))) })
	return out, Verdict{}
}

func (p *Process) hasBidList() (Verdict, bool) {
	switch {
	case p.CalledOff():
		return Not(whyCancelled), false
	case !p.hasBids:
		return Missing("bids/details/id"), false
	}
	return Verdict{}, true
}

func (b *bid) pricePath() string { return Ptr("bids/details", b.at, "value/amount") }

// Disparity is what R022 judges: the highest valid bid as a multiple of the
// lowest; 0 with a verdict that says why not.
func Disparity(p *Process) (float64, Verdict) {
	all, v := p.valid()
	switch {
	case v.Outcome != "":
		return 0, v
	case len(all) == 0:
		return 0, Missing("bids/details/value/amount")
	case len(all) == 1:
		return 0, Not(WhyNone)
	}
	return float64(all[len(all)-1].price.Minor) / float64(all[0].price.Minor), Verdict{}
}

// multiples is R023: each bid the same multiple of the one before.
func multiples(p *Process) Verdict {
	all, v := p.valid()
	if v.Outcome != "" {
		return v
	}
	all = slices.CompactFunc(all, func(a, b *bid) bool { return a.price.Minor == b.price.Minor })
	switch {
	case len(all) == 0:
		return Missing("bids/details/value/amount")
	case len(all) < p.Number("multiple_bids").Int():
		return Insufficient(WhyFew, "multiple_bids")
	}
	low, high := 0.0, 0.0
	v = Verdict{}
	for i, b := range all {
		v = v.With(b.pricePath(), b.price.Decimal())
		if i == 0 {
			continue
		}
		ratio := float64(b.price.Minor) / float64(all[i-1].price.Minor)
		if i == 1 {
			low, high = ratio, ratio
		}
		low, high = min(low, ratio), max(high, ratio)
	}
	v.Outcome = Asked(high-low <= float64(p.Number("multiple_tolerance"))/10000).Outcome
	return v.Counted(len(all)).Measured(Decimal(high-low), "factor")
}

// byCardinal is a rule about bids that package indicator computes for a process
// alone: R028, R030, R035, R036. What it needs is seen to before.
func byCardinal(code string) func(p *Process, flagged indicator.Measures) Verdict {
	return func(p *Process, flagged indicator.Measures) Verdict {
		if v, ok := p.hasBidList(); !ok {
			return v
		}
		submitted, priced, active, foreign := 0, 0, false, false
		for i := range p.bids {
			if p.bids[i].submitted() {
				submitted++
				foreign = foreign || !slices.Contains([]string{"pending", "valid", "disqualified"}, p.bids[i].status)
				if p.bids[i].price != nil {
					priced++
				}
			}
		}
		for i := range p.Awards {
			active = active || p.Awards[i].Active
		}
		switch {
		case submitted == 0:
			return Missing("bids/details/status")
		case code != "R028" && !active:
			return Not(whyStage)
		case code == "R030" && p.Closes == 0:
			return Missing("tender/tenderPeriod/endDate")
		case (code == "R028" || code == "R036") && priced == 0:
			return Missing("bids/details/value/amount")
		}
		value, so := flagged[indicator.Code(code)]
		if !so && foreign && code != "R028" { // nobody knows which of them are valid
			return Missing("bids/details/status")
		}
		v := Asked(so).Counted(submitted)
		if so {
			v = v.Measured(Decimal(float64(value)), "count")
		}
		return p.bidEvidence(code, v)
	}
}

// bidEvidence lists of each submitted bid what the rule looked at.
func (p *Process) bidEvidence(code string, v Verdict) Verdict {
	if code == "R030" {
		v = v.With("/tender/tenderPeriod/endDate", field.Object(p.Tender, "tenderPeriod").Text("endDate"))
	}
	for i := range p.bids {
		b := &p.bids[i]
		if !b.submitted() {
			continue
		}
		switch code {
		case "R030":
			v = v.With(Ptr("bids/details", b.at, "date"), b.Text("date"))
		case "R035":
			v = v.With(Ptr("bids/details", b.at, "status"), b.status)
		default:
			if b.price != nil {
				v = v.With(b.pricePath(), b.price.Decimal())
			}
		}
	}
	return v
}

// unsupported is R037: a lower bid was disqualified, and no document says why.
func unsupported(p *Process) Verdict {
	all, v := p.valid()
	switch {
	case v.Outcome != "":
		return v
	case len(all) == 0:
		return Missing("bids/details/value/amount")
	}
	var found []Verdict
	for i := range p.bids {
		b := &p.bids[i]
		if b.status != "disqualified" || b.price == nil || !sameCurrency(b.price, all[0].price) || b.price.Minor >= all[0].price.Minor {
			continue
		}
		if len(field.List(b.Object, "documents")) > 0 {
			found = append(found, Asked(false).With(Ptr("bids/details", b.at, "documents"), ""))
			continue
		}
		v := absent("bids/details/documents")
		v.Evidence = nil
		found = append(found, v.Counted(1).With(b.pricePath(), b.price.Decimal()))
	}
	return Over(found, Asked(false))
}

// hasBidDocuments tells that a publisher publishes documents of bids.
func (p *Process) hasBidDocuments() bool {
	for i := range p.bids {
		if len(field.List(p.bids[i].Object, "documents")) > 0 {
			return true
		}
	}
	return false
}

// Order is the order in which bids came in: tenderers joined, by time; empty
// where it is not known, or two came at once.
func (p *Process) Order(least int) (order string) {
	type in struct{ when, who string }
	var all []in
	for i := range p.bids {
		b := &p.bids[i]
		if !b.submitted() {
			continue
		}
		when := b.Text("date")
		if field.Day(b.Object, "date") == "" || len(b.tenderers) != 1 {
			return ""
		}
		all = append(all, in{when, b.tenderers[0]})
	}
	slices.SortFunc(all, func(a, b in) int { return strings.Compare(a.when, b.when) })
	var out []string
	for i, one := range all {
		if i > 0 && all[i-1].when == one.when || slices.Contains(out, one.who) {
			return ""
		}
		out = append(out, one.who)
	}
	if len(out) < least {
		return ""
	}
	return strings.Join(out, "\x00")
}

// Digits counts the first digits of the prices of submitted bids.
func (p *Process) Digits() (count [9]uint8) {
	for i := range p.bids {
		b := &p.bids[i]
		if !b.submitted() || b.price == nil || b.price.Minor <= 0 {
			continue
		}
		if d := strconv.FormatInt(b.price.Minor, 10)[0] - '1'; count[d] < 255 {
			count[d]++
		}
	}
	return count
}
