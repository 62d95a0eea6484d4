package scan

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/procurement/flag"
	"ceiba/internal/collaboration/procurement/indicator"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/ground/money"
)

func (s *Pass) cents(n int64, currency int32) string {
	return money.Amount{Minor: n, Currency: s.names.name(currency)}.Decimal()
}

// bunched is R002: a buyer's tenders just below the threshold.
func (s *Pass) bunched(out *findings) {
	type near struct {
		below, above, far, foreign, lawless int
		first, last                         civil.Date
		rows                                []int32
		shown                               flag.Verdict
	}
	all := map[int32]*near{}
	for i := range s.rows {
		r := &s.rows[i]
		if r.buyer < 0 {
			continue
		}
		b := all[r.buyer]
		if b == nil {
			b = &near{}
			all[r.buyer] = b
		}
		b.rows = append(b.rows, int32(i))
		switch r.near {
		case flag.Unknown:
			continue
		case flag.JustBelow:
			b.below++
			b.shown = b.shown.With(r.at("/tender/value/amount"), s.cents(r.cents, r.currency))
		case flag.JustAbove:
			b.above++
		case flag.Far:
			b.far++
		case flag.OtherCurrency:
			b.foreign++
		case flag.NoThreshold:
			b.lawless++
		}
		if b.first == 0 || r.opened < b.first {
			b.first = r.opened
		}
		b.last = max(b.last, r.opened)
	}
	for buyer, b := range all {
		least, _ := s.At("bunch_min", b.last)
		level, _ := s.At("bunch_p", b.last)
		v := b.shown
		switch n := b.below + b.above; {
		case n+b.far == 0 && b.foreign > 0:
			v = flag.Insufficient(flag.WhyCurrency, "?")
		case n+b.far == 0 && b.lawless > 0:
			v = flag.Insufficient(flag.WhyParameter, "tender_must")
		case n+b.far == 0:
			v = flag.Missing("tender/value/amount")
		case n < least.Value.Int():
			v.Outcome, v.Why, v.About = outcome.Insufficient, flag.WhyFew, "bunch_min"
		default:
			p := coin(b.below, n)
			v.Outcome, v.P = flag.Asked(p < float64(level.Value)/10000).Outcome, &p
		}
		v = v.Counted(b.below+b.above).Measured(flag.Share(int64(b.below), int64(b.below+b.above)), "share").
			Figure("just_below", strconv.Itoa(b.below), "count").Figure("just_above", strconv.Itoa(b.above), "count")
		if v.Value == "" {
			v.Unit = ""
		}
		f := out.add(v, outcome.Subject{Kind: "buyer", ID: s.names.name(buyer)}, s.digestOf(b.rows))
		f.ParamsHash = s.Hash(&s.rules[out.rule], b.first, b.last)
		window(f, b.first, b.last)
	}
}

// coin is the probability that of n fair coins k or more show heads.
func coin(k, n int) float64 {
	choose := func(i int) float64 {
		a, _ := math.Lgamma(float64(n) + 1)
		b, _ := math.Lgamma(float64(i) + 1)
		c, _ := math.Lgamma(float64(n-i) + 1)
		return a - b - c
	}
	sum := 0.0
	for i := k; i <= n; i++ {
		sum += math.Exp(choose(i) - float64(n)*math.Ln2)
	}
	return math.Round(min(sum, 1)*1e9) / 1e9
}

// split is R011: purchases that may be one.
func (s *Pass) split(out *findings) {
	type kind struct{ buyer, class, currency int32 }
	all := map[kind][]int32{}
	for i := range s.rows {
		if r := &s.rows[i]; out.awaits(r) {
			k := kind{r.buyer, r.class, r.currency}
			all[k] = append(all[k], int32(i))
		}
	}
	for _, rows := range all {
		slices.SortStableFunc(rows, func(a, b int32) int { return cmp.Compare(s.rows[a].opened, s.rows[b].opened) })
		best := make([]span2, len(rows)) // the largest window that each is in
		first, total := 0, int64(0)
		for last, at := range rows {
			r := &s.rows[at]
			total += r.cents
			days, _ := s.At("split_days", r.opened)
			for ; s.rows[rows[first]].opened <= r.opened-civil.Date(days.Value.Int()); first++ {
				total -= s.rows[rows[first]].cents
			}
			for i := first; i <= last; i++ {
				if total > best[i].total {
					best[i] = span2{first, last, total}
				}
			}
		}
		digest := s.digestOf(rows)
		for i, at := range rows {
			r, b := &s.rows[at], best[i]
			limit, _ := s.At("tender_must", r.opened)
			n := b.last - b.first + 1
			v := flag.Asked(n >= s.Number("split_count").Int() && b.total >= limit.Value.Cents()).On(r.opened).Counted(n).
				Measured(s.cents(b.total, r.currency), s.names.name(r.currency))
			from, to := r.opened, r.opened
			if n > 0 && b.total > 0 {
				from, to = s.rows[rows[b.first]].opened, s.rows[rows[b.last]].opened
				for _, k := range rows[b.first : b.last+1] {
					v = v.With(s.rows[k].at("/tender/value/amount"), s.cents(s.rows[k].cents, r.currency))
				}
			}
			out.process(v, r, digest)
			window(&out.all[len(out.all)-1], from, to)
		}
	}
}

type span2 struct {
	first, last int
	total       int64
}

// sizes is R016.
func (s *Pass) sizes(out *findings) {
	all := map[two][]int32{}
	for i := range s.rows {
		if r := &s.rows[i]; out.awaits(r) {
			id := two{r.class, r.currency}
			all[id] = append(all[id], int32(i))
		}
	}
	for _, rows := range all {
		values := make([]float64, len(rows))
		for i, at := range rows {
			values[i] = float64(s.rows[at].cents) / 100
		}
		spread, digest := indicator.SpreadOf(values), s.digestOf(rows)
		for i, at := range rows {
			r := &s.rows[at]
			v := flag.Among(spread, values[i], true, true).Counted(len(rows)).Measured(s.cents(r.cents, r.currency), s.names.name(r.currency))
			out.process(v.With("/tender/value/amount", v.Value), r, digest)
		}
	}
}

// unitPrices is R017: the verdict of a process is that of the item that matters
// most.
func (s *Pass) unitPrices(out *findings) {
	groups := map[int32][]float64{}
	members := map[int32][]int32{}
	for i := range s.rows {
		for _, u := range s.rows[i].units {
			groups[u.group] = append(groups[u.group], float64(u.cents)/100)
			members[u.group] = append(members[u.group], int32(i))
		}
	}
	spreads := make(map[int32]indicator.Spread, len(groups))
	for id, values := range groups {
		spreads[id] = indicator.SpreadOf(values)
	}
	for i := range s.rows {
		r := &s.rows[i]
		if !out.awaits(r) {
			continue
		}
		var all []flag.Verdict
		for _, u := range r.units {
			value := s.cents(u.cents, -1)
			v := flag.Among(spreads[u.group], float64(u.cents)/100, true, true).Counted(1)
			_, currency, _ := cutLast(s.names.name(u.group))
			all = append(all, v.Measured(value, currency).With(flag.Ptr("tender/items", int(u.at), "unit/value/amount"), value))
		}
		v := flag.Over(all, flag.Missing("tender/items/unit/value/amount"))
		out.process(v, r, s.all)
	}
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, 0)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// fewBidders is R019: a class at a buyer with fewer bidders than elsewhere.
func (s *Pass) fewBidders(out *findings) {
	pairs, classes := map[two]*tally{}, map[int32]*tally{}
	for i := range s.rows {
		r := &s.rows[i]
		if !r.competitive || r.off || r.bidders < 0 || r.class < 0 || r.buyer < 0 {
			continue
		}
		id := two{r.class, r.buyer}
		if pairs[id] == nil {
			pairs[id] = &tally{}
		}
		if classes[r.class] == nil {
			classes[r.class] = &tally{}
		}
		for _, t := range []*tally{pairs[id], classes[r.class]} {
			t.part, t.whole = t.part+int(r.bidders), t.whole+1
			t.rows = append(t.rows, int32(i))
		}
	}
	least := s.Number("pair_class_processes").Int()
	ratio := func(id two) (float64, bool) {
		t, c := pairs[id], classes[id.a]
		if t.whole < least || c.part == 0 {
			return 0, false
		}
		return float64(t.part) * float64(c.whole) / (float64(t.whole) * float64(c.part)), true
	}
	order := sortedPairs(pairs)
	var values []float64
	for _, id := range order {
		if v, ok := ratio(id); ok {
			values = append(values, v)
		}
	}
	spread := indicator.SpreadOf(values)
	for _, id := range order {
		t := pairs[id]
		v := flag.Insufficient(flag.WhyFew, "pair_class_processes")
		if value, ok := ratio(id); ok {
			v = flag.Among(spread, value, true, false).Measured(flag.Decimal(value), "factor")
		}
		for _, at := range t.rows {
			r := &s.rows[at]
			v = v.With(r.at("/tender/numberOfTenderers"), strconv.Itoa(int(r.bidders)))
		}
		out.add(v.Counted(t.whole), outcome.Subject{Kind: "class_at_buyer", ID: s.names.name(id.a), By: s.names.name(id.b)}, s.all)
	}
}

// disparities is R022.
func (s *Pass) disparities(out *findings) {
	var values []float64
	for i := range s.rows {
		if out.awaits(&s.rows[i]) {
			values = append(values, s.rows[i].disparity)
		}
	}
	spread := indicator.SpreadOf(values)
	for i := range s.rows {
		if r := &s.rows[i]; out.awaits(r) {
			out.process(flag.Among(spread, r.disparity, false, true).Measured(flag.Decimal(r.disparity), "factor").With("/bids/details", ""), r, s.all)
		}
	}
}

// benford is R029: the first digits of prices in a class, by Pearson's test
// against log10(1 + 1/d).
func (s *Pass) benford(out *findings) {
	type class struct {
		n    int
		seen [9]int
		rows []int32
	}
	all := map[int32]*class{}
	for i := range s.rows {
		r := &s.rows[i]
		if r.class < 0 || r.digits == [9]uint8{} {
			continue
		}
		c := all[r.class]
		if c == nil {
			c = &class{}
			all[r.class] = c
		}
		c.rows = append(c.rows, int32(i))
		for d, n := range r.digits {
			c.n, c.seen[d] = c.n+int(n), c.seen[d]+int(n)
		}
	}
	least, limit := s.Number("benford_bids").Int(), float64(s.Number("benford_chi"))/10000
	for _, id := range slices.Sorted(maps.Keys(all)) {
		c, sum := all[id], 0.0
		v := flag.Verdict{}
		for d, n := range c.seen {
			expected := float64(c.n) * math.Log10(1+1/float64(d+1))
			sum += float64((float64(n) - expected) * (float64(n) - expected) / expected)
			v = v.Figure("digit_"+strconv.Itoa(d+1), strconv.Itoa(n), "count")
		}
		if v.Outcome = flag.Asked(sum >= limit).Outcome; c.n < least {
			v.Outcome, v.Why, v.About = outcome.Insufficient, flag.WhyFew, "benford_bids"
		}
		out.add(v.Counted(c.n).Measured(flag.Decimal(sum), "factor"), outcome.Subject{Kind: "class", ID: s.names.name(id)}, s.digestOf(c.rows))
	}
}
