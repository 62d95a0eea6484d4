package require

import (
	"slices"
	"strings"
)

// SeenEvery is within how many days the public page must have been seen to
// answer. It is this site's own threshold: OGP says "maintained".
const SeenEvery = 30

// website is 2.1: a public website about the process is maintained, which names
// who leads and how to reach them, and shows the plan and the repository.
func website(f Facts, p Phase, on Day) Verdict {
	span, _ := f.span(p).upTo(on)
	for _, what := range []string{"contact", "plan", "repository"} {
		if !f.Listed[what] && (what != "plan" || p == Implementation) {
			return fails("website_lacks", "what", what)
		}
	}
	last := span.Start
	for _, l := range f.Website {
		if !l.OK || l.On < span.Start || l.On > on {
			continue
		}
		if last.Until(l.On) > SeenEvery {
			return fails("website_away", "from", last, "to", l.On)
		}
		last = max(last, l.On)
	}
	if last.Until(on) > SeenEvery {
		return fails("website_away", "from", last, "to", on)
	}
	return met().until(last.AddDays(SeenEvery))
}

// repository is 2.2a: documents that anybody can read show how the plan was
// made, and once it runs, how it is kept.
func repository(f Facts, p Phase, on Day) Verdict {
	var refs []string
	for _, paper := range f.Papers {
		if paper.Phase == p && paper.On <= on {
			refs = append(refs, paper.Ref)
		}
	}
	if len(refs) > 0 {
		return met(refs...)
	}
	if end := f.span(p).End; end != "" && on >= end {
		return fails("repository_lacks", "phase", string(p))
	}
	return waits(f.span(p).End, "repository_lacks", "phase", string(p))
}

// UpdateTwice is how many updates the repository needs in any twelve months:
// requirement 2.2, "updated at least twice a year".
const UpdateTwice = 2

// updated is 2.2b: two updates of the repository in any twelve months of the
// phase; and, as a warning, one in each half-year and none of the commitments
// silent for longer than six months.
func updated(f Facts, p Phase, on Day) Verdict {
	span, _ := f.span(p).upTo(on)
	days, first, refs := f.updates(span)
	for from := span.Start; ; {
		to := from.AddMonths(12).AddDays(-1)
		var these []string
		for i, d := range days {
			if d >= from && d <= to {
				these = append(these, first[i])
			}
		}
		n := len(these)
		if n < UpdateTwice {
			if to > on || to == on && f.span(p).End != on {
				return f.silent(p, on, waits(to, "updates_so_far", "n", n, "to", to).with(refs).from("n", these), days)
			}
			return fails("updates_too_few", "n", n, "from", from, "to", to).with(refs).from("n", these)
		}
		// The next twelve months with fewer begin on the day after an update.
		i := slices.IndexFunc(days, func(d Day) bool { return d >= from })
		from = days[i].AddDays(1)
		if from.AddMonths(12).AddDays(-1) > on {
			due := days[len(days)-UpdateTwice].AddMonths(12)
			return f.silent(p, on, met(refs...).until(due), days)
		}
	}
}

// updates are the days within a span on which the repository grew, one for each
// update, in order; what came first on each of them; and all that came.
func (f Facts) updates(span Span) (days []Day, first, refs []string) {
	papers := slices.Clone(f.Papers)
	slices.SortStableFunc(papers, func(a, b Paper) int { return strings.Compare(string(a.On), string(b.On)) })
	for _, p := range papers {
		if !span.Has(p.On) {
			continue
		}
		refs = append(refs, p.Ref)
		if n := len(days); n == 0 || days[n-1] != p.On { // several on one day are one update
			days, first = append(days, p.On), append(first, p.Ref)
		}
	}
	return days, first, refs
}

// SilentAfter is after how many months without a word a commitment counts as
// silent: this site's own threshold.
const SilentAfter = 6

// silent lowers a verdict that is met to a warning where the last update, or
// what was said about a commitment, is older than six months.
func (f Facts) silent(p Phase, on Day, v Verdict, days []Day) Verdict {
	if v.Status != Met {
		return v
	}
	if len(days) > 0 && days[len(days)-1].AddMonths(SilentAfter) < on {
		return v.warned("silent_half_year", "since", days[len(days)-1])
	}
	if p != Implementation {
		return v
	}
	said := map[string]Day{}
	for _, m := range f.Milestones {
		said[m.Commitment] = max(said[m.Commitment], m.Said, f.Keeping.Start)
	}
	var silent []string
	for commitment, last := range said {
		if last.AddMonths(SilentAfter) < on {
			silent = append(silent, "commitment/"+commitment)
		}
	}
	if len(silent) > 0 {
		slices.Sort(silent)
		return v.warned("silent_commitments", "n", len(silent)).from("n", silent)
	}
	return v
}
