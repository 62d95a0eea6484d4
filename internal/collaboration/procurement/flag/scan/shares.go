package scan

import (
	"maps"
	"slices"
	"strconv"

	"ceiba/internal/collaboration/procurement/flag"
	"ceiba/internal/collaboration/procurement/indicator"
	"ceiba/internal/collaboration/procurement/outcome"
)

// tally is a part of a whole, with the processes that it was counted in.
type tally struct {
	part, whole int
	rows        []int32
	shown       []outcome.Evidence // of the part
	more        int
}

// count counts one of the whole, which is of the part as well if so.
func count[K ~int32](m map[K]*tally, id K, at int32, so bool, e outcome.Evidence) {
	t := m[id]
	if t == nil {
		t = &tally{}
		m[id] = t
	}
	t.whole++
	if n := len(t.rows); n == 0 || t.rows[n-1] != at {
		t.rows = append(t.rows, at)
	}
	if !so {
		return
	}
	if t.part++; len(t.shown) < flag.Listed {
		t.shown = append(t.shown, e)
	} else {
		t.more++
	}
}

// above flags those whose part lies above the fence of all that have enough.
func (out *findings) above(kind string, all map[int32]*tally, name string) {
	s := out.pass
	least := s.Number(name).Int()
	var values []float64
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if t := all[id]; t.whole >= least {
			values = append(values, float64(t.part)/float64(t.whole))
		}
	}
	spread := indicator.SpreadOf(values)
	for id, t := range all {
		v := flag.Insufficient(flag.WhyFew, name)
		if t.whole >= least {
			v = flag.Among(spread, float64(t.part)/float64(t.whole), false, true)
		}
		v.Evidence, v.More = t.shown, t.more
		v = v.Counted(t.whole).Measured(flag.Share(int64(t.part), int64(t.whole)), "share").Figure("part", strconv.Itoa(t.part), "count")
		out.add(v, outcome.Subject{Kind: kind, ID: s.names.name(id)}, s.all)
	}
}

// uncompetitive is R013.
func (s *Pass) uncompetitive(out *findings) {
	all := map[int32]*tally{}
	for i := range s.rows {
		if r := &s.rows[i]; r.buyer >= 0 && r.stated && !r.off {
			count(all, r.buyer, int32(i), r.direct, outcome.Evidence{At: r.at("/tender/procurementMethod")})
		}
	}
	out.above("buyer", all, "buyer_processes")
}

// discretion is R021.
func (s *Pass) discretion(out *findings) {
	all := map[int32]*tally{}
	for i := range s.rows {
		if r := &s.rows[i]; r.buyer >= 0 && r.criteria != noCriteria && !r.off {
			count(all, r.buyer, int32(i), r.criteria == otherCriteria, outcome.Evidence{At: r.at("/tender/awardCriteria")})
		}
	}
	out.above("buyer", all, "buyer_processes")
}

// consortia is R026.
func (s *Pass) consortia(out *findings) {
	all := map[int32]*tally{}
	for i := range s.rows {
		r := &s.rows[i]
		if r.class < 0 {
			continue
		}
		for k := range r.awards {
			count(all, r.class, int32(i), r.awards[k].together, outcome.Evidence{At: r.award(k) + "/suppliers"})
		}
	}
	out.above("class", all, "buyer_processes")
}

// subcontracted is R072.
func (s *Pass) subcontracted(out *findings) {
	all := map[int32]*tally{}
	for i := range s.rows {
		r := &s.rows[i]
		for k := range r.awards {
			if a := &r.awards[k]; a.sub && r.buyer >= 0 {
				count(all, r.buyer, int32(i), a.has, outcome.Evidence{At: r.award(k) + "/hasSubcontracting"})
			}
		}
	}
	out.above("buyer", all, "buyer_processes")
}

// two are the ends of a pair.
type two struct{ a, b int32 }

func sortedPairs[V any](m map[two]V) []two {
	return slices.SortedFunc(maps.Keys(m), func(x, y two) int {
		if x.a != y.a {
			return int(x.a) - int(y.a)
		}
		return int(x.b) - int(y.b)
	})
}

// buyersShares is R040: a supplier's part of a buyer's awards.
func (s *Pass) buyersShares(out *findings) {
	pairs, whole := map[two]*tally{}, map[int32]int{}
	for i := range s.rows {
		r := &s.rows[i]
		for k := range r.awards {
			a := &r.awards[k]
			if r.buyer < 0 || a.supplier < 0 {
				continue
			}
			whole[r.buyer]++
			id := two{a.supplier, r.buyer}
			if pairs[id] == nil {
				pairs[id] = &tally{}
			}
			t := pairs[id]
			t.part, t.rows = t.part+1, append(t.rows, int32(i))
			if len(t.shown) < flag.Listed {
				t.shown = append(t.shown, outcome.Evidence{At: r.award(k) + "/suppliers"})
			} else {
				t.more++
			}
		}
	}
	least := s.Number("buyer_processes").Int()
	order := sortedPairs(pairs)
	var values []float64
	for _, id := range order {
		if n := whole[id.b]; n >= least {
			values = append(values, float64(pairs[id].part)/float64(n))
		}
	}
	spread := indicator.SpreadOf(values)
	for _, id := range order {
		t, n := pairs[id], whole[id.b]
		v := flag.Insufficient(flag.WhyFew, "buyer_processes")
		if n >= least {
			v = flag.Among(spread, float64(t.part)/float64(n), false, true)
		}
		v.Evidence, v.More = t.shown, t.more
		out.add(v.Counted(n).Measured(flag.Share(int64(t.part), int64(n)), "share").Figure("part", strconv.Itoa(t.part), "count"), s.pair(id), s.all)
	}
}

// pair is a supplier at a buyer.
func (s *Pass) pair(id two) outcome.Subject {
	return outcome.Subject{Kind: "supplier_at_buyer", ID: s.names.name(id.a), By: s.names.name(id.b)}
}

// market is the value of awards of a class, in one currency, by supplier.
type market struct {
	n        int
	total    float64
	supplier map[int32]float64
	rows     []int32
}

func (s *Pass) markets() map[two]*market {
	all := map[two]*market{}
	for i := range s.rows {
		r := &s.rows[i]
		for k := range r.awards {
			a := &r.awards[k]
			if r.class < 0 || a.supplier < 0 || a.currency < 0 {
				continue
			}
			id := two{r.class, a.currency}
			m := all[id]
			if m == nil {
				m = &market{supplier: map[int32]float64{}}
				all[id] = m
			}
			m.n, m.total = m.n+1, m.total+float64(a.cents)
			m.supplier[a.supplier] += float64(a.cents)
			if n := len(m.rows); n == 0 || m.rows[n-1] != int32(i) {
				m.rows = append(m.rows, int32(i))
			}
		}
	}
	return all
}

// marketShares is R050.
func (s *Pass) marketShares(out *findings) {
	least, all := s.Number("market_awards").Int(), s.markets()
	var values []float64
	for _, id := range sortedPairs(all) {
		if m := all[id]; m.n >= least {
			for _, v := range m.supplier {
				values = append(values, v/m.total)
			}
		}
	}
	spread := indicator.SpreadOf(values)
	for id, m := range all {
		for who, v := range m.supplier {
			found := flag.Insufficient(flag.WhyFew, "market_awards")
			if m.n >= least {
				found = flag.Among(spread, v/m.total, false, true)
			}
			f := out.add(found.Counted(m.n).Measured(flag.Decimal(v/m.total), "share"), outcome.Subject{Kind: "supplier_in_class", ID: s.names.name(who), By: s.names.name(id.a)}, s.all)
			f.Part = s.names.name(id.b)
		}
	}
}

// concentrated is R051: the index of Herfindahl and Hirschman.
func (s *Pass) concentrated(out *findings) {
	least, limit := s.Number("market_awards").Int(), float64(s.Number("concentration"))/10000
	for id, m := range s.markets() {
		index := 0.0
		for _, value := range slices.Sorted(maps.Values(m.supplier)) { // sums of floats depend on their order
			part := value / m.total
			index += float64(part * part)
		}
		v := flag.Asked(index >= limit)
		if m.n < least {
			v = flag.Insufficient(flag.WhyFew, "market_awards")
		}
		v = v.Counted(m.n).Measured(flag.Decimal(index), "factor").Figure("suppliers", strconv.Itoa(len(m.supplier)), "count")
		out.add(v, outcome.Subject{Kind: "class", ID: s.names.name(id.a)}, s.digestOf(m.rows)).Part = s.names.name(id.b)
	}
}
