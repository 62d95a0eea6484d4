package scan

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"ceiba/internal/collaboration/procurement/flag"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
)

// bought is an award of a buyer to one supplier.
type bought struct {
	row   int32
	award int
	date  civil.Date
	cents int64
}

// purchases are the awards with a date and a value by supplier and buyer, in one
// currency, by date. One that lacks them is counted as lacking.
func (s *Pass) purchases(direct bool) (all map[two]map[int32][]bought, lacking map[two]int) {
	all, lacking = map[two]map[int32][]bought{}, map[two]int{}
	for i := range s.rows {
		r := &s.rows[i]
		for k := range r.awards {
			a := &r.awards[k]
			if r.buyer < 0 || a.supplier < 0 || direct && !r.direct {
				continue
			}
			id := two{a.supplier, r.buyer}
			if all[id] == nil {
				all[id] = map[int32][]bought{}
			}
			if a.date == 0 || a.currency < 0 {
				lacking[id]++
				continue
			}
			all[id][a.currency] = append(all[id][a.currency], bought{int32(i), k, a.date, a.cents})
		}
	}
	for _, byCurrency := range all {
		for _, list := range byCurrency {
			slices.SortStableFunc(list, func(a, b bought) int { return cmp.Compare(a.date, b.date) })
		}
	}
	return all, lacking
}

// eachPair judges the purchases of each pair and currency.
func (out *findings) eachPair(direct bool, judge func(list []bought, currency int32) (flag.Verdict, civil.Date, civil.Date)) {
	s := out.pass
	all, lacking := s.purchases(direct)
	for _, id := range sortedPairs(all) {
		if len(all[id]) == 0 {
			out.add(flag.Missing("awards/value/amount").Counted(lacking[id]), s.pair(id), s.all)
		}
		for currency, list := range all[id] {
			rows := make([]int32, 0, len(list))
			for _, b := range list {
				rows = append(rows, b.row)
			}
			slices.Sort(rows)
			v, from, to := judge(list, currency)
			f := out.add(v, s.pair(id), s.digestOf(slices.Compact(rows)))
			f.Part = s.names.name(currency)
			f.ParamsHash = s.Hash(&s.rules[out.rule], list[0].date, list[len(list)-1].date)
			window(f, from, to)
		}
	}
}

func (s *Pass) show(v flag.Verdict, list []bought, currency int32) flag.Verdict {
	for _, b := range list {
		v = v.With(s.rows[b.row].award(b.award)+"/value/amount", s.cents(b.cents, currency))
	}
	return v
}

// windowOf finds the window of days with the most awards that are in, of which
// the sum is the largest.
func (s *Pass) windowOf(list []bought, days int) (best []bought, total int64) {
	first, sum := 0, int64(0)
	for last, b := range list {
		sum += b.cents
		for ; list[first].date <= b.date-civil.Date(days); first++ {
			sum -= list[first].cents
		}
		if n := last - first + 1; n > len(best) || n == len(best) && sum > total {
			best, total = list[first:last+1], sum
		}
	}
	return best, total
}

// in keeps the awards that a rule is about, by the threshold on their days.
func (s *Pass) in(list []bought, currency int32, want func(cents, threshold int64) bool) (out []bought, v flag.Verdict) {
	for _, b := range list {
		l, ok := s.At("tender_must", b.date)
		switch {
		case !ok:
			return nil, flag.Insufficient(flag.WhyParameter, "tender_must")
		case string(l.Unit) != s.names.name(currency):
			return nil, flag.Insufficient(flag.WhyCurrency, cmp.Or(s.names.name(currency), "?"))
		case want(b.cents, l.Value.Cents()):
			out = append(out, b)
		}
	}
	return out, flag.Verdict{}
}

// manyDirect is R049.
func (s *Pass) manyDirect(out *findings) {
	least, days := s.Number("direct_count").Int(), s.Number("direct_days").Int()
	out.eachPair(true, func(list []bought, currency int32) (flag.Verdict, civil.Date, civil.Date) {
		from, to := list[0].date, list[len(list)-1].date
		small, v := s.in(list, currency, func(cents, limit int64) bool { return cents < limit })
		if v.Outcome != "" {
			return v, from, to
		}
		best, total := s.windowOf(small, days)
		if len(best) == 0 {
			return flag.Asked(false), from, to
		}
		limit, _ := s.At("tender_must", best[len(best)-1].date)
		v = flag.Asked(len(best) >= least && total >= limit.Value.Cents())
		return s.show(v, best, currency).Counted(len(best)).Measured(s.cents(total, currency), s.names.name(currency)), best[0].date, best[len(best)-1].date
	})
}

// directAtThreshold is R055.
func (s *Pass) directAtThreshold(out *findings) {
	least, days, near := s.Number("direct_pair").Int(), s.Number("direct_days").Int(), s.Number("direct_near")
	out.eachPair(true, func(list []bought, currency int32) (flag.Verdict, civil.Date, civil.Date) {
		from, to := list[0].date, list[len(list)-1].date
		large, v := s.in(list, currency, func(cents, limit int64) bool { return near.Compare(cents, limit) >= 0 })
		if v.Outcome != "" {
			return v, from, to
		}
		best, total := s.windowOf(large, days)
		if len(best) == 0 {
			return flag.Asked(false), from, to
		}
		v = flag.Asked(len(best) >= least)
		return s.show(v, best, currency).Counted(len(best)).Measured(s.cents(total, currency), s.names.name(currency)), best[0].date, best[len(best)-1].date
	})
}

// growing is R052: a small direct award first, and a much larger one after it.
func (s *Pass) growing(out *findings) {
	factor, days := s.Number("growth_factor"), civil.Date(s.Number("growth_days").Int())
	out.eachPair(false, func(list []bought, currency int32) (flag.Verdict, civil.Date, civil.Date) {
		first := list[0]
		if !s.rows[first.row].direct {
			return flag.Not(flag.WhyMethod), first.date, first.date
		}
		var largest *bought
		for i := range list[1:] {
			if b := &list[1+i]; b.date > first.date && b.date <= first.date+days && (largest == nil || b.cents > largest.cents) {
				largest = b
			}
		}
		if largest == nil {
			return flag.Not(flag.WhyNone), first.date, first.date
		}
		v := flag.Asked(factor.Compare(largest.cents, first.cents) >= 0)
		return s.show(v, []bought{first, *largest}, currency).Counted(2).
			Measured(flag.Decimal(float64(largest.cents)/float64(first.cents)), "factor"), first.date, largest.date
	})
}

// pairs is R053: two who bid together, and the same one wins.
func (s *Pass) pairs(out *findings) {
	type met struct {
		wins [2]int
		rows []int32
	}
	all := map[two]*met{}
	for i := range s.rows {
		r := &s.rows[i]
		for a, x := range r.tenderers {
			for _, y := range r.tenderers[a+1:] {
				if r.winner != x && r.winner != y || r.winner < 0 {
					continue
				}
				id := two{x, y}
				if s.names.name(y) < s.names.name(x) {
					id = two{y, x}
				}
				if all[id] == nil {
					all[id] = &met{}
				}
				m := all[id]
				m.rows = append(m.rows, int32(i))
				if r.winner == id.a {
					m.wins[0]++
				} else {
					m.wins[1]++
				}
			}
		}
	}
	order := sortedPairs(all)
	chances := make([]float64, len(order))
	for i, id := range order {
		m := all[id]
		chances[i] = min(1, 2*coin(max(m.wins[0], m.wins[1]), m.wins[0]+m.wins[1]))
	}
	level := float64(s.Number("chance")) / 10000
	for i, adjusted := range adjust(chances) {
		id, m := order[i], all[order[i]]
		n := m.wins[0] + m.wins[1]
		v := flag.Asked(adjusted < level)
		if never := 2 * math.Exp2(-float64(n)); never >= level {
			v = flag.Insufficient(flag.WhyFew, "chance")
		}
		for _, at := range m.rows {
			v = v.With(s.rows[at].at("/awards"), s.names.name(s.rows[at].winner))
		}
		p := math.Round(adjusted*1e9) / 1e9
		v.P = &p
		v = v.Counted(n).Measured(flag.Share(int64(max(m.wins[0], m.wins[1])), int64(n)), "share")
		out.add(v, outcome.Subject{Kind: "tenderers", ID: s.names.name(id.a), By: s.names.name(id.b)}, s.all)
	}
}

// adjust is as Benjamini and Hochberg have it: Controlling the False Discovery
// Rate, 1995.
func adjust(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[b], p[a]) })
	out, least := make([]float64, len(p)), 1.0
	for i, at := range order {
		least = min(least, p[at]*float64(len(p))/float64(len(p)-i))
		out[at] = least
	}
	return out
}

// sameOrder is R034: the same bidders, always in the same order.
func (s *Pass) sameOrder(out *findings) {
	all := map[uint64][]int32{}
	for i := range s.rows {
		if r := &s.rows[i]; out.awaits(r) {
			all[r.set] = append(all[r.set], int32(i))
		}
	}
	level := float64(s.Number("chance")) / 10000
	for _, rows := range all {
		k := s.rows[rows[0]].bidding
		same := !slices.ContainsFunc(rows, func(at int32) bool { return s.rows[at].order != s.rows[rows[0]].order })
		orders, _ := math.Lgamma(float64(k) + 1)
		s.groupOf(out, rows, same, math.Exp(-orders*float64(len(rows)-1)), level, "/bids/details")
	}
}

// rotation is R057: the same bidders win in turns.
func (s *Pass) rotation(out *findings) {
	all := map[uint64][]int32{}
	for i := range s.rows {
		if r := &s.rows[i]; out.awaits(r) {
			all[r.set] = append(all[r.set], int32(i))
		}
	}
	level := float64(s.Number("chance")) / 10000
	for _, rows := range all {
		k := int(s.rows[rows[0]].bidding)
		turns := slices.Clone(rows)
		slices.SortStableFunc(turns, func(a, b int32) int { return cmp.Compare(s.rows[a].decided, s.rows[b].decided) })
		won := map[int32]bool{}
		turn := true
		for i, at := range turns {
			won[s.rows[at].winner] = true
			turn = turn && (i == 0 || s.rows[turns[i-1]].winner != s.rows[at].winner)
		}
		p := math.Pow(1-1/float64(k), float64(len(rows)-1))
		s.groupOf(out, rows, turn && len(won) == k, p, level, "/awards")
	}
}

// groupOf gives each of some processes the same verdict: a flag if what a rule
// looks for is there, and would come about by chance with the probability p.
func (s *Pass) groupOf(out *findings, rows []int32, there bool, p, level float64, path string) {
	v := flag.Asked(there)
	if p >= level {
		v = flag.Insufficient(flag.WhyFew, "chance")
	}
	p = math.Round(p*1e9) / 1e9
	v.P = &p
	for _, at := range rows {
		v = v.With(s.rows[at].at(path), s.names.name(s.rows[at].winner))
	}
	v = v.Counted(len(rows)).Figure("processes", strconv.Itoa(len(rows)), "count")
	digest := s.digestOf(rows)
	for _, at := range rows {
		out.process(v, &s.rows[at], digest)
	}
}
