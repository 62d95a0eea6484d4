package indicator

import (
	"maps"
	"slices"
)

// r025 counts the processes in which a tenderer bid, and those it won.
func (f *fold) r025(p *process) {
	if f.R025 == nil {
		return
	}
	winner, ok := p.winner()
	if !ok {
		return
	}
	var alone []text
	for _, b := range p.bids {
		if b.status.is("valid") && len(b.tenderers) == 1 {
			alone = append(alone, b.tenderers[0])
		}
	}
	for _, id := range ids(alone) {
		one := share{whole: 1, processes: 1}
		if id == winner {
			one.part = 1
		}
		plus(f.tenders, id, one)
	}
}

// finishR025 flags excessive unsuccessful bids: tenderers that bid often, in
// the upper quarter unless set otherwise, and win less than Q1 − 1.5 IQR.
func (f *fold) finishR025() {
	if f.R025 == nil {
		return
	}
	counts := make([]float64, 0, len(f.tenders))
	for _, s := range f.tenders {
		counts = append(counts, float64(s.whole))
	}
	slices.Sort(counts)
	often := quantile(counts, float64(f.R025.Percentile)/100)
	f.note("R025", "upper_fence", often)
	l := f.fence("R025", Tenderer, "", below, f.R025.Threshold, ratios(f.tenders))
	f.exactTests("R025", Tenderer, below, f.tenders)
	for id, s := range f.tenders {
		if float64(s.whole) >= often && l.beyond(s.ratio()) {
			f.flag("R025", Tenderer, id, s.ratio())
		}
	}
}

func ratios(m map[string]share) map[string]float64 {
	out := make(map[string]float64, len(m))
	for id, s := range m {
		out[id] = s.ratio()
	}
	return out
}

// r038 counts submitted and disqualified bids by tenderer, buyer and procuring
// entity.
func (f *fold) r038(p *process) {
	if f.R038 == nil {
		return
	}
	all := share{processes: 1}
	for _, b := range p.bids {
		if !b.submitted() {
			continue
		}
		one := share{whole: 1}
		if b.status.is("disqualified") {
			one.part = 1
		}
		all.part, all.whole = all.part+one.part, all.whole+1
		for _, id := range b.tenderers {
			if id.ok {
				plus(f.refused[Tenderer], id.s, one)
			}
		}
	}
	if all.whole == 0 {
		return
	}
	for g, id := range map[Group]text{Buyer: p.buyer, ProcuringEntity: p.entity} {
		if !id.ok {
			continue
		}
		plus(f.refused[g], id.s, all)
		if all.part > 0 && f.out.Maps != nil {
			into := f.out.Maps.Entities
			if g == Buyer {
				into = f.out.Maps.Buyers
			}
			into[p.ocid.s] = id.s
		}
	}
}

// finishR038 flags excessive disqualified bids: a ratio above Q3 + 1.5 IQR of
// its group. For buyers and procuring entities the minimum is one of processes,
// says Cardinal's documentation; its code counts bids. We count processes, and
// bids with Cardinal's rules.
func (f *fold) finishR038() {
	if f.R038 == nil {
		return
	}
	for _, g := range []Group{Buyer, ProcuringEntity, Tenderer} {
		enough := maps.Clone(f.refused[g])
		maps.DeleteFunc(enough, func(_ string, s share) bool {
			switch {
			case g == Tenderer:
				return s.whole < f.R038.MinimumBids
			case f.Cardinal:
				return s.whole < f.R038.MinimumProcesses
			default:
				return s.processes < f.R038.MinimumProcesses
			}
		})
		if f.Cardinal && len(enough) == 0 {
			continue
		}
		l := f.fence("R038", g, string(g)+"_", above, f.R038.Threshold, ratios(enough))
		f.exactTests("R038", g, above, enough)
		for id, s := range enough {
			if l.beyond(s.ratio()) {
				f.flag("R038", g, id, s.ratio())
			}
		}
	}
}

// r048 gathers what the only supplier of an award in force supplies.
func (f *fold) r048(p *process) {
	if f.R048 == nil {
		return
	}
	seen := map[string]bool{}
	for _, a := range p.awards {
		if !a.status.is("active") || len(a.suppliers) != 1 || !a.suppliers[0].ok {
			continue
		}
		id := a.suppliers[0].s
		for _, class := range a.classifications {
			if !class.ok {
				continue
			}
			s := f.supplies[id]
			if s == nil {
				s = &supply{kinds: map[string]bool{}}
				f.supplies[id] = s
			}
			if !seen[id] {
				seen[id] = true
				s.processes++
			}
			s.kinds[beginning(class.s, f.R048.Digits)] = true
		}
	}
}

// beginning is the first n characters.
func beginning(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// finishR048 flags heterogeneous suppliers: more kinds of things than
// Q3 + 1.5 IQR of those who supply as often.
func (f *fold) finishR048() {
	if f.R048 == nil {
		return
	}
	kinds := map[string]float64{}
	for id, s := range f.supplies {
		if s.processes >= f.R048.MinimumProcesses {
			kinds[id] = float64(len(s.kinds))
		}
	}
	var threshold *float64
	if f.R048.Threshold != nil {
		t := float64(*f.R048.Threshold)
		threshold = &t
	}
	l := f.fence("R048", Tenderer, "", above, threshold, kinds)
	for id, n := range kinds {
		if l.beyond(n) {
			f.flag("R048", Tenderer, id, n)
		}
	}
}
