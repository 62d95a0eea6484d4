package spending

import (
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
)

// sameDay is BZ-01: payments of one day that are each below the limit and
// together not.
func (j *Judge) sameDay(g *group) []outcome.Finding {
	base := j.begin(sameDay, g, g.pair())
	if j.unlimited(&base, g) {
		return []outcome.Finding{base}
	}
	var out []outcome.Finding
	missing, most := "", int64(0)
	for i := 0; i < len(g.paid); {
		day := g.paid[i].Date
		var batch []*Payment
		total, at := int64(0), int64(0)
		for ; i < len(g.paid) && g.paid[i].Date == day; i++ {
			if p := g.paid[i]; p.Amount.Minor < g.limit[i] {
				batch, total, at = append(batch, p), plus(total, p.Amount.Minor), g.limit[i]
			}
		}
		if len(batch) == 0 {
			continue
		}
		least, ok := j.Law.At("batch_count", day)
		if !ok {
			missing = "batch_count"
			continue
		}
		if n := len(batch); n >= least.Value.Int() && total >= at {
			out = append(out, j.dayFlag(g, batch, total, at))
		} else if n >= least.Value.Int() {
			most = max(most, total)
		}
	}
	switch {
	case len(out) > 0:
		return out
	case missing != "":
		return []outcome.Finding{lacking(base, missing)}
	}
	base.N = len(g.paid)
	measure(&base, most, j.currency())
	return []outcome.Finding{base}
}

func (j *Judge) dayFlag(g *group, batch []*Payment, total, at int64) outcome.Finding {
	day := batch[0].Date
	f := j.finding(sameDay, outcome.Flag, g.pair(), day, day)
	f.InputDigest, f.N = g.digest, len(batch)
	measure(&f, total, batch[0].Amount.Currency)
	sum(&f, "limit", at, batch[0].Amount.Currency)
	j.rows(&f, batch)
	return f
}

// small is a payment below the limit of its day.
type small struct {
	*Payment
	limit int64
}

// episode is a stretch of payments in which one window after the other is full.
type episode struct {
	first, last int   // in the list
	peak        int64 // the largest sum of a window
}

// split is BZ-02: many payments below the limit in few weeks, with neither
// tender nor contract.
func (j *Judge) split(g *group) []outcome.Finding {
	base := j.begin(split, g, g.pair())
	if j.unlimited(&base, g) {
		return []outcome.Finding{base}
	}
	var every, loose []small
	for i, p := range g.paid {
		if p.Amount.Minor < g.limit[i] {
			every = append(every, small{p, g.limit[i]})
			if !j.tied(p) {
				loose = append(loose, small{p, g.limit[i]})
			}
		}
	}
	found, peak, missing := j.windows(loose)
	if len(found) == 0 && missing != "" {
		return []outcome.Finding{lacking(base, missing)}
	}
	if len(found) == 0 {
		base.N = len(loose)
		measure(&base, peak, j.currency())
		if also, _, _ := j.windows(every); len(also) > 0 {
			base.Why = "linked"
		}
		return []outcome.Finding{base}
	}
	out := make([]outcome.Finding, len(found))
	for i, e := range found {
		out[i] = j.splitFlag(g, loose[e.first:e.last+1], e.peak)
	}
	return out
}

func (j *Judge) splitFlag(g *group, rows []small, peak int64) outcome.Finding {
	list, total := make([]*Payment, len(rows)), int64(0)
	for i, r := range rows {
		list[i], total = r.Payment, plus(total, r.Amount.Minor)
	}
	f := j.finding(split, outcome.Flag, g.pair(), list[0].Date, list[len(list)-1].Date)
	f.InputDigest, f.N = g.digest, len(list)
	measure(&f, peak, list[0].Amount.Currency)
	sum(&f, "sum", total, list[0].Amount.Currency)
	j.rows(&f, list)
	return f
}

// windows looks at the days up to each payment's day, as many as the law's table
// says. Windows that have a payment in common are one episode.
func (j *Judge) windows(rows []small) (found []episode, peak int64, missing string) {
	first, total := 0, int64(0)
	for i, r := range rows {
		total = plus(total, r.Amount.Minor)
		if i+1 < len(rows) && rows[i+1].Date == r.Date {
			continue
		}
		t := terms{book: j.Law, day: r.Date}
		days, factor := t.at("split_days").Int(), t.at("split_factor")
		if t.missing != "" {
			missing = t.missing
			continue
		}
		for begin := r.Date - civil.Date(days) + 1; first <= i && rows[first].Date < begin; first++ {
			total -= rows[first].Amount.Minor
		}
		peak = max(peak, total)
		if first > i || total < factor.Times(r.limit) {
			continue
		}
		if last := len(found) - 1; last >= 0 && found[last].last >= first {
			found[last].last, found[last].peak = i, max(found[last].peak, total)
		} else {
			found = append(found, episode{first, i, total})
		}
	}
	return found, peak, missing
}
