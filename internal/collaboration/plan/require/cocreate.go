package require

import "slices"

// Notice is how many days before co-creation begins its timeline has to be
// public: requirement 3.1.
const Notice = 14

// announced is 3.1: the timeline and the ways to take part are public two weeks
// before co-creation begins. A timeline published again with another beginning
// is judged by the day on which that beginning was first announced.
func announced(f Facts, _ Phase, on Day) Verdict {
	var versions []Timeline
	for _, t := range f.Timelines {
		if t.On <= on {
			versions = append(versions, t)
		}
	}
	if len(versions) == 0 {
		if f.Preparing.Start != "" && on >= f.Preparing.Start {
			return fails("no_timeline", "start", f.Preparing.Start)
		}
		return waits(f.Preparing.Start.AddDays(-Notice), "no_timeline_yet")
	}
	current := versions[len(versions)-1]
	first := current
	for _, t := range slices.Backward(versions) {
		if t.Start != current.Start {
			break
		}
		first = t
	}
	notice := first.On.Until(current.Start)
	switch {
	case notice < 0:
		return fails("notice_after", "published", first.On, "start", current.Start).with([]string{first.Ref})
	case notice < Notice:
		return fails("notice_short", "days", notice, "published", first.On, "start", current.Start).with([]string{first.Ref}).from("days", []string{first.Ref})
	case current.Opportunities == 0:
		return fails("no_opportunities").with([]string{current.Ref})
	}
	return met(first.Ref)
}

// Districts are the codes of the six districts, ISO 3166-2.
var Districts = []string{"BZ-BZ", "BZ-CY", "BZ-CZL", "BZ-OW", "BZ-SC", "BZ-TOL"}

// outreach is 3.2: something was done to make the process known before inputs
// closed. That it reached every district is asked for as a warning.
func outreach(f Facts, p Phase, on Day) Verdict {
	closes := f.lastClose()
	if closes == "" {
		closes = f.span(p).End
	}
	var refs []string
	in := map[string]bool{}
	for _, o := range f.Outreach {
		if o.On <= on && (closes == "" || o.On <= closes) {
			refs, in[o.District] = append(refs, o.Ref), true
		}
	}
	var missing, lacking []string
	for _, d := range Districts {
		if !in[d] {
			missing, lacking = append(missing, d), append(lacking, "district/"+d)
		}
	}
	switch {
	case len(refs) == 0 && closes != "" && on > closes:
		return fails("no_outreach")
	case len(refs) == 0:
		return waits(closes, "no_outreach_yet")
	case len(missing) > 0:
		return met(refs...).warned("outreach_missing", "n", len(missing), "districts", missing).from("n", lacking)
	}
	return met(refs...)
}

func (f Facts) lastClose() (last Day) {
	for _, c := range f.Calls {
		last = max(last, c.Closes)
	}
	return last
}

// For how many days inputs should be possible, and below which it is warned;
// OGP says "an appropriate period", the figures are this site's.
const (
	OpenFor   = 30
	OpenShort = 14
)

// inputs is 3.3: there is a way to hand in inputs for an appropriate period,
// and at least two sorts of people used it.
func inputs(f Facts, p Phase, on Day) Verdict {
	var refs []string
	longest, open := 0, false
	var longestCall []string
	for _, c := range f.Calls {
		if c.Opens != "" && c.Opens <= on {
			refs = append(refs, c.Ref)
			if days := c.Opens.Until(c.Closes) + 1; days > longest {
				longest, longestCall = days, []string{c.Ref}
			}
			open = open || c.Closes == "" || c.Closes > on
		}
	}
	sectors := f.sectors(on)
	end := f.span(p).End
	over := !open && end != "" && on >= end
	switch {
	case len(refs) == 0 && over:
		return fails("no_call")
	case len(refs) == 0:
		return waits(end, "no_call_yet")
	case len(sectors) < 2 && (over || !open && f.lastClose() < on):
		return fails("few_sectors", "n", len(sectors)).with(refs).from("n", sectors)
	case len(sectors) < 2:
		return waits(f.lastClose(), "few_sectors", "n", len(sectors)).with(refs).from("n", sectors)
	case longest < OpenShort:
		return met(refs...).warned("open_short", "days", longest).from("days", longestCall)
	case longest < OpenFor:
		return met(refs...).warned("open_shorter", "days", longest, "usual", OpenFor).from("days", longestCall)
	}
	return met(refs...)
}

// sectors are the sorts of people who handed in inputs, as "sector/NAME".
func (f Facts) sectors(on Day) (out []string) {
	for _, i := range f.Inputs {
		if name := "sector/" + i.Sector; i.On <= on && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// answered is 4.1: every input has its outcome with a reason, published before
// the plan is delivered.
func answered(f Facts, p Phase, on Day) Verdict {
	end := f.Delivered
	if end == "" {
		end = f.span(p).End
	}
	var refs, open, late []string
	for _, i := range f.Inputs {
		switch {
		case i.On > on:
		case i.Answered == "" || i.Answered > on:
			open = append(open, i.Ref)
		case f.Delivered != "" && i.Answered > f.Delivered:
			late, refs = append(late, i.Ref), append(refs, i.Ref)
		default:
			refs = append(refs, i.Ref)
		}
	}
	all := slices.Concat(open, refs)
	delivered := f.Delivered != "" && f.Delivered <= on
	switch {
	case delivered && len(open)+len(late) > 0:
		lacking := slices.Concat(open, late)
		return fails("unanswered_delivered", "n", len(lacking), "of", len(all)).with(refs).from("n", lacking).from("of", all)
	case len(open) > 0:
		return waits(end, "unanswered", "n", len(open), "of", len(all)).with(refs).from("n", open).from("of", all)
	case len(all) == 0 && delivered:
		return met().warned("no_inputs")
	case len(all) == 0:
		return waits(end, "no_inputs")
	}
	return met(refs...)
}
