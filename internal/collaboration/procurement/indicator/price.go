package indicator

import "slices"

// mainCurrency reports whether a price can be compared: it is in the currency
// that was set, or else in the first that was seen.
func (f *fold) mainCurrency(currency string) bool {
	if !f.priced && f.Currency == "" {
		f.out.Currency = currency
	}
	f.priced = true
	if f.out.Currency != currency {
		f.out.OtherCurrency++
		return false
	}
	return true
}

// lowest is the lowest price so far, and whose it is.
type lowest struct {
	price float64
	id    string
	found bool
}

func (l *lowest) see(price float64, id string) {
	if !l.found || price < l.price {
		*l = lowest{price, id, true}
	}
}

// secondPrice measures how far the lowest price of the others lies above the
// winner's, as a part of the winner's: what R024 and R058 judge. If the lowest
// did not win, the price did not decide, and there is nothing to measure.
//
// Cardinal divides by a winner's price of zero, too. Our rules leave that out.
func (f *fold) secondPrice(p *process) {
	winner, ok := p.winner()
	if !ok {
		return
	}
	var won, second lowest
	for i := range p.bids {
		b := &p.bids[i]
		price, currency, ok := b.price(f.Cardinal)
		if !ok || !b.status.is("valid") || len(b.tenderers) != 1 || !b.tenderers[0].ok || !f.mainCurrency(currency) {
			continue
		}
		if id := b.tenderers[0].s; id == winner {
			won.see(price, id)
		} else {
			second.see(price, id)
		}
	}
	if !won.found || !second.found || second.price < won.price || !f.Cardinal && won.price <= 0 {
		return
	}
	f.ratios[p.ocid.s] = (second.price - won.price) / won.price
	f.pairs[p.ocid.s] = [2]string{won.id, second.id}
}

// flagPrices flags the processes whose ratio lies beyond the fence, and the
// first so many of winner and second.
//
// R024, price close to the winner's: below Q1 − 1.5 IQR, winner and second.
// R058, heavily discounted: above Q3 + 1.5 IQR, the winner.
func (f *fold) flagPrices(code Code, s side, threshold *float64, concerned int) {
	l := f.fence(code, OCID, "", s, threshold, f.ratios)
	for ocid, ratio := range f.ratios {
		if !l.beyond(ratio) {
			continue
		}
		f.flag(code, OCID, ocid, ratio)
		pair := f.pairs[ocid]
		for _, id := range pair[:concerned] {
			f.flag(code, Tenderer, id, 0)
			f.pair(func(m *Maps) Pairs {
				if code == "R024" {
					return m.R024
				}
				return m.R058
			}, ocid, id)
		}
	}
}

// r028 flags identical prices of different tenderers. A price is compared with
// the last bid that had it.
func (f *fold) r028(p *process) {
	if f.R028 == nil {
		return
	}
	type price struct {
		amount   float64
		currency string
	}
	last := map[price][]string{}
	for i := range p.bids {
		b := &p.bids[i]
		amount, currency, ok := b.price(f.Cardinal)
		who := ids(b.tenderers)
		if !ok || !b.submitted() || len(who) == 0 {
			continue
		}
		other, seen := last[price{amount, currency}]
		last[price{amount, currency}] = who
		if !seen || slices.Equal(who, other) {
			continue
		}
		f.flag("R028", OCID, p.ocid.s, 1)
		for _, id := range slices.Concat(who, other) {
			f.flag("R028", Tenderer, id, 1)
			f.pair(func(m *Maps) Pairs { return m.R028 }, p.ocid.s, id)
		}
	}
}

// r036 flags that the lowest bid was disqualified: the first of several that
// are lowest. The guide means processes that price alone decides; Cardinal does
// not look at award criteria, and neither do we.
func (f *fold) r036(p *process) {
	if f.R036 == nil || !slices.ContainsFunc(p.awards, func(a award) bool { return a.status.is("active") }) {
		return
	}
	var low lowest // whose id is the bid's status
	valid := false
	for i := range p.bids {
		b := &p.bids[i]
		price, currency, ok := b.price(f.Cardinal)
		if !ok || !b.submitted() || !f.mainCurrency(currency) {
			continue
		}
		low.see(price, b.status.s)
		valid = valid || b.status.is("valid")
	}
	if valid && low.id == "disqualified" {
		f.flag("R036", OCID, p.ocid.s, 1)
	}
}
