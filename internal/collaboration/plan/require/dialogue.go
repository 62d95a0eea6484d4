package require

import (
	"slices"
	"strings"
)

// MeetEvery is how many months may lie between two meetings of the forum:
// requirement 1.1, "at least every six months".
const MeetEvery = 6

// dialogue is 1.1a: there is a space for dialogue with both government and
// civil society in it, on every day of the phase.
func dialogue(f Facts, p Phase, on Day) Verdict {
	span, _ := f.span(p).upTo(on)
	var refs []string
	for _, s := range []Sector{Government, CivilSociety} {
		var of []Term
		for _, t := range f.Terms {
			if t.Sector == s && t.Start <= span.End && (t.End == "" || t.End >= span.Start) {
				of, refs = append(of, t), append(refs, t.Ref)
			}
		}
		if gap := uncovered(span, of); gap.Start != "" {
			return fails("no_member", "sector", string(s), "from", gap.Start, "to", gap.End).with(refs)
		}
	}
	return met(refs...)
}

// uncovered returns the first stretch of a span in which none of the terms
// runs; none if they cover it.
func uncovered(span Span, terms []Term) Span {
	slices.SortFunc(terms, func(a, b Term) int { return strings.Compare(string(a.Start), string(b.Start)) })
	next := span.Start // the first day that is not covered yet
	for _, t := range terms {
		if t.Start > next {
			break
		}
		if t.End == "" || t.End >= span.End {
			return Span{}
		}
		next = max(next, t.End.AddDays(1))
	}
	if next > span.End {
		return Span{}
	}
	end := span.End
	for _, t := range terms {
		if t.Start > next {
			end = min(end, t.Start.AddDays(-1))
			break
		}
	}
	return Span{next, end}
}

// meets is 1.1b: from the first day of the phase there are never more than six
// months to the next meeting of both sides.
func meets(f Facts, p Phase, on Day) Verdict {
	span, _ := f.span(p).upTo(on)
	var refs []string
	last := span.Start
	for _, m := range f.held(span) {
		if limit := last.AddMonths(MeetEvery); m.On > limit {
			return fails("gap", "from", last, "to", m.On).with(refs)
		}
		last, refs = m.On, append(refs, m.Ref)
	}
	due := last.AddMonths(MeetEvery)
	whole := f.span(p)
	switch {
	case due < on:
		return fails("gap", "from", last, "to", on).with(refs).until(due)
	case len(refs) == 0:
		return waits(due, "first_meeting")
	case whole.End != "" && whole.End <= due: // the phase ends before another has to be
		return met(refs...)
	}
	return met(refs...).until(due)
}

// held are the meetings of both sides within a span, in order. One at which
// only officials were does not count.
func (f Facts) held(span Span) []Meeting {
	var out []Meeting
	for _, m := range f.Meetings {
		if m.both() && span.Has(m.On) {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b Meeting) int { return strings.Compare(string(a.On), string(b.On)) })
	return out
}

// rulesPublic is 1.1c: basic rules on participation are public no later than
// the first meeting of the phase.
func rulesPublic(f Facts, p Phase, on Day) Verdict {
	span, _ := f.span(p).upTo(on)
	first := earliest(f.Rules, on)
	meetings := f.held(span)
	switch {
	case first.Ref == "" && len(meetings) > 0:
		return fails("no_rules_met", "meeting", meetings[0].On)
	case first.Ref == "":
		return waits("", "no_rules")
	case len(meetings) > 0 && first.On > meetings[0].On:
		return fails("rules_late", "published", first.On, "meeting", meetings[0].On).with([]string{first.Ref})
	}
	return met(first.Ref)
}

func earliest(papers []Paper, on Day) (first Paper) {
	for _, p := range papers {
		if p.On <= on && (first.Ref == "" || p.On < first.On) {
			first = p
		}
	}
	return first
}

// PresentTwice is how many meetings a year have to present results: requirement
// 5.1, "at least two meetings every year with civil society".
const PresentTwice = 2

// presented is 5.1: in each year of the implementation, two meetings with civil
// society at which results are presented and comments collected.
func presented(f Facts, p Phase, on Day) Verdict {
	whole := f.span(p)
	span, _ := whole.upTo(on)
	var refs []string
	for year := 0; ; year++ {
		from := span.Start.AddMonths(12 * year)
		to := span.Start.AddMonths(12 * (year + 1)).AddDays(-1)
		if whole.End != "" {
			to = min(to, whole.End)
		}
		var these []string
		for _, m := range f.Meetings {
			if m.Review && m.Presented && m.Comments > 0 && m.By[CivilSociety] > 0 && m.On >= from && m.On <= min(to, on) {
				these, refs = append(these, m.Ref), append(refs, m.Ref)
			}
		}
		n := len(these)
		switch {
		case n < PresentTwice && to < on, n < PresentTwice && to == on && whole.End == on:
			return fails("presented_too_few", "n", n, "from", from, "to", to).with(refs).from("n", these)
		case n < PresentTwice:
			return waits(to, "presented_so_far", "n", n, "to", to).with(refs).from("n", these)
		case to >= span.End:
			return met(refs...)
		}
	}
}
