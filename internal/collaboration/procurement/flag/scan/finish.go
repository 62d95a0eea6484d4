package scan

import (
	"slices"
	"strings"
	"sync"

	"ceiba/internal/collaboration/procurement/flag"
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
	order, stop := make(chan chan []outcome.Finding, s.workers), make(chan struct{})
	var group sync.WaitGroup
	defer group.Wait()
	defer close(stop)
	group.Go(func() { // a few rules ahead of who takes them
		defer close(order)
		for i := range s.rules {
			done := make(chan []outcome.Finding, 1)
			select {
			case order <- done:
			case <-stop:
				return
			}
			group.Go(func() { done <- s.findings(i, groups) })
		}
	})
	for done := range order {
		all := <-done
		for k := range all {
			if err := yield(&all[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

// findings are those of a rule that needs all releases, in their order.
func (s *Pass) findings(rule int, groups map[string]func(out *findings)) []outcome.Finding {
	out := &findings{pass: s, rule: rule}
	code := s.rules[rule].ID
	if at, ok := flag.Absences[code]; ok {
		s.absences(out, code, at)
	} else if judge := groups[code]; judge != nil {
		judge(out)
	}
	outcome.Sort(out.all)
	return out.all
}

// findings are those of one rule.
type findings struct {
	pass *Pass
	rule int
	all  []outcome.Finding
}

func (f *findings) add(v flag.Verdict, subject outcome.Subject, digest string) *outcome.Finding {
	s := f.pass
	f.all = append(f.all, flag.Finding(&s.rules[f.rule], &v, subject, s.hashOn(f.rule, v.Day), digest))
	return &f.all[len(f.all)-1]
}

// Process adds a finding about a process.
func (f *findings) process(v flag.Verdict, r *row, digest string) {
	f.add(v, outcome.Subject{Kind: "process", ID: r.ocid}, digest)
}

// Absences decides what was absent: nothing can be said by it unless the
// Publisher publishes it for other processes.
func (s *Pass) absences(out *findings, code string, at int) {
	for i := range s.rows {
		r := &s.rows[i]
		if r.absent&flag.BitOf(code) == 0 {
			continue
		}
		path := "contracts/amendments"
		if at < flag.Flagging {
			path = r.absentAt[at]
		}
		v := flag.Asked(at < flag.Flagging).With("/"+path, "")
		if s.published[r.publisher]&flag.BitOf(code) == 0 {
			v = flag.Insufficient(flag.WhyNever, path)
		}
		out.process(v, r, s.digestOf([]int32{int32(i)}))
	}
}

// awaits tells whether a process is still to be judged by a rule.
func (out *findings) awaits(r *row) bool { return r.later&(1<<out.rule) != 0 }

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
		v := flag.Missing("bids/details/value/amount")
		if ok {
			_, so := result.Values[indicator.OCID][r.ocid][code]
			if v = flag.Asked(so).Fences(spread); spread.Why != "" {
				v = flag.Insufficient(string(spread.Why), "").Fences(spread)
			}
			v = v.Measured(flag.Decimal(value), "share").With("/bids/details", "")
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
			v := flag.Asked(so).Fences(spread)
			if spread.Why != "" {
				v = flag.Insufficient(string(spread.Why), "").Fences(spread)
			}
			out.add(v.Measured(flag.Decimal(value), unit), outcome.Subject{Kind: kind, ID: id}, s.all)
		}
	}
}

// window sets the days that a finding is about.
func window(f *outcome.Finding, from, to civil.Date) { f.From, f.To = from.String(), to.String() }
