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
func (p *process) valid() (out []*bid, v verdict) {
	if v, ok := p.hasBidList(); !ok {
		return nil, v
	}
	for i := range p.bids {
		b := &p.bids[i]
		if b.status != "valid" || b.price == nil || b.price.Minor <= 0 {
			continue
		}
		if len(out) > 0 && !sameCurrency(out[0].price, b.price) {
			return nil, insufficient(whyCurrency, b.price.Currency)
		}
		out = append(out, b)
	}
	slices.SortStableFunc(out, func(a, b *bid) int { return int(max(-1, min(1, a.price.Minor-b.price.Minor))) })
	return out, verdict{}
}

func (p *process) hasBidList() (verdict, bool) {
	switch {
	case p.calledOff():
		return not(whyCancelled), false
	case !p.hasBids:
		return missing("bids/details/id"), false
	}
	return verdict{}, true
}

func (b *bid) pricePath() string { return ptr("bids/details", b.at, "value/amount") }

// disparity is what R022 judges: the highest valid bid as a multiple of the
// lowest; 0 with a verdict that says why not.
func disparity(p *process) (float64, verdict) {
	all, v := p.valid()
	switch {
	case v.outcome != "":
		return 0, v
	case len(all) == 0:
		return 0, missing("bids/details/value/amount")
	case len(all) == 1:
		return 0, not(whyNone)
	}
	return float64(all[len(all)-1].price.Minor) / float64(all[0].price.Minor), verdict{}
}

// multiples is R023: each bid the same multiple of the one before.
func multiples(p *process) verdict {
	all, v := p.valid()
	if v.outcome != "" {
		return v
	}
	all = slices.CompactFunc(all, func(a, b *bid) bool { return a.price.Minor == b.price.Minor })
	switch {
	case len(all) == 0:
		return missing("bids/details/value/amount")
	case len(all) < p.number("multiple_bids").Int():
		return insufficient(whyFew, "multiple_bids")
	}
	low, high := 0.0, 0.0
	v = verdict{}
	for i, b := range all {
		v = v.with(b.pricePath(), b.price.Decimal())
		if i == 0 {
			continue
		}
		ratio := float64(b.price.Minor) / float64(all[i-1].price.Minor)
		if i == 1 {
			low, high = ratio, ratio
		}
		low, high = min(low, ratio), max(high, ratio)
	}
	v.outcome = asked(high-low <= float64(p.number("multiple_tolerance"))/10000).outcome
	return v.counted(len(all)).measured(decimal(high-low), "factor")
}

// byCardinal is a rule about bids that package indicator computes for a process
// alone: R028, R030, R035, R036. What it needs is seen to before.
func byCardinal(code string) func(p *process, flagged indicator.Measures) verdict {
	return func(p *process, flagged indicator.Measures) verdict {
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
		for i := range p.awards {
			active = active || p.awards[i].active
		}
		switch {
		case submitted == 0:
			return missing("bids/details/status")
		case code != "R028" && !active:
			return not(whyStage)
		case code == "R030" && p.closes == 0:
			return missing("tender/tenderPeriod/endDate")
		case (code == "R028" || code == "R036") && priced == 0:
			return missing("bids/details/value/amount")
		}
		value, so := flagged[indicator.Code(code)]
		if !so && foreign && code != "R028" { // nobody knows which of them are valid
			return missing("bids/details/status")
		}
		v := asked(so).counted(submitted)
		if so {
			v = v.measured(decimal(float64(value)), "count")
		}
		return p.bidEvidence(code, v)
	}
}

// bidEvidence lists of each submitted bid what the rule looked at.
func (p *process) bidEvidence(code string, v verdict) verdict {
	if code == "R030" {
		v = v.with("/tender/tenderPeriod/endDate", field.Object(p.tender, "tenderPeriod").Text("endDate"))
	}
	for i := range p.bids {
		b := &p.bids[i]
		if !b.submitted() {
			continue
		}
		switch code {
		case "R030":
			v = v.with(ptr("bids/details", b.at, "date"), b.Text("date"))
		case "R035":
			v = v.with(ptr("bids/details", b.at, "status"), b.status)
		default:
			if b.price != nil {
				v = v.with(b.pricePath(), b.price.Decimal())
			}
		}
	}
	return v
}

// unsupported is R037: a lower bid was disqualified, and no document says why.
func unsupported(p *process) verdict {
	all, v := p.valid()
	switch {
	case v.outcome != "":
		return v
	case len(all) == 0:
		return missing("bids/details/value/amount")
	}
	var found []verdict
	for i := range p.bids {
		b := &p.bids[i]
		if b.status != "disqualified" || b.price == nil || !sameCurrency(b.price, all[0].price) || b.price.Minor >= all[0].price.Minor {
			continue
		}
		if len(field.List(b.Object, "documents")) > 0 {
			found = append(found, asked(false).with(ptr("bids/details", b.at, "documents"), ""))
			continue
		}
		v := absent("bids/details/documents")
		v.evidence = nil
		found = append(found, v.counted(1).with(b.pricePath(), b.price.Decimal()))
	}
	return over(found, asked(false))
}

// hasBidDocuments tells that a publisher publishes documents of bids.
func (p *process) hasBidDocuments() bool {
	for i := range p.bids {
		if len(field.List(p.bids[i].Object, "documents")) > 0 {
			return true
		}
	}
	return false
}

// order is the order in which bids came in: tenderers joined, by time; empty
// where it is not known, or two came at once.
func (p *process) order(least int) (order string) {
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

// digits counts the first digits of the prices of submitted bids.
func (p *process) digits() (count [9]uint8) {
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
