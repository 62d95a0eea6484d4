package plan

import (
	"context"
	"slices"
	"time"

	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
)

// Process adds to the facts what other capabilities have on record about a
// plan's process as of a moment: terms, rules and meetings of its forum, calls
// and inputs.
type Process func(ctx context.Context, tx *db.Tx, p Plan, asOf time.Time, f *require.Facts) error

// EndOf is the last moment of a civil day in Belize.
func EndOf(day string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, day, i18n.Belize)
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(0, 0, 1).Add(-time.Microsecond)
}

// Facts gathers what was on record about a plan at the end of a day. Whatever
// was written down later is not in it, so that the same question always has the
// same answer.
func (p *Plans) Facts(ctx context.Context, tx *db.Tx, pl Plan, on string) (require.Facts, error) {
	asOf := EndOf(on)
	f := require.Facts{
		Keeping: require.Span{Start: require.Day(pl.Start), End: require.Day(pl.End)}, Years: pl.Years,
		Previous: require.Day(pl.PreviousEnd), Listed: map[string]bool{},
	}
	for _, add := range []func(context.Context, *db.Tx, Plan, time.Time, *require.Facts) error{
		stepFacts, timelineFacts, outreachFacts, paperFacts, lookFacts, milestoneFacts, refreshFacts,
	} {
		if err := add(ctx, tx, pl, asOf, &f); err != nil {
			return f, err
		}
	}
	if p.Process != nil {
		if err := p.Process(ctx, tx, pl, asOf, &f); err != nil {
			return f, err
		}
	}
	return f, nil
}

func day(t db.Time) require.Day {
	if t.IsZero() {
		return ""
	}
	return require.Day(DayOf(t.Time))
}

// stepFacts tells when the plan became public and when it was delivered.
func stepFacts(ctx context.Context, tx *db.Tx, pl Plan, asOf time.Time, f *require.Facts) error {
	steps, err := Steps(ctx, tx, pl.ID)
	for _, s := range steps {
		if s.At.After(asOf) {
			break
		}
		switch s.State {
		case TimelinePublished:
			f.Listed["contact"], f.Listed["repository"] = pl.ContactEmail != "", true
		case DraftPublished:
			f.Listed["plan"] = true
		case Delivered:
			f.Delivered = day(s.At)
		}
	}
	return err
}

func timelineFacts(ctx context.Context, tx *db.Tx, pl Plan, asOf time.Time, f *require.Facts) error {
	versions, err := Timelines(ctx, tx, pl.ID)
	for _, t := range versions {
		if t.Published.After(asOf) {
			break
		}
		f.Timelines = append(f.Timelines, require.Timeline{
			Ref: "timeline/" + t.ID, On: day(t.Published), Start: require.Day(t.Start()), Opportunities: t.Opportunities(),
		})
		f.Preparing = require.Span{Start: require.Day(t.Start()), End: require.Day(t.End())}
	}
	if f.Delivered != "" {
		f.Preparing.End = f.Delivered
	}
	return err
}

func outreachFacts(ctx context.Context, tx *db.Tx, pl Plan, asOf time.Time, f *require.Facts) error {
	all, err := Outreaches(ctx, tx, pl.ID)
	for _, o := range all {
		if !o.Recorded.After(asOf) {
			f.Outreach = append(f.Outreach, require.Outreach{Ref: "outreach/" + o.ID, On: require.Day(o.Day), District: o.District})
		}
	}
	return err
}

// paperFacts lists what was in the repository: documents, and what was reported
// with something that shows it.
func paperFacts(ctx context.Context, tx *db.Tx, pl Plan, asOf time.Time, f *require.Facts) error {
	all, err := db.List(ctx, tx, paperFields, `SELECT `+paperColumns+` FROM plan_paper WHERE plan = $1 AND published <= $2 ORDER BY published, id`,
		pl.ID, asOf.UnixMicro())
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.Removed.IsZero() || p.Removed.After(asOf) {
			f.Papers = append(f.Papers, require.Paper{Ref: "paper/" + p.ID, On: day(p.Published), Phase: p.Phase, Of: p.Commitment})
		}
	}
	type said struct {
		id, commitment string
		at             db.Time
	}
	shown, err := db.List(ctx, tx, func(s *said) []any { return []any{&s.id, &s.commitment, &s.at} },
		`SELECT id, commitment, at FROM progress WHERE plan = $1 AND at <= $2 AND voice = 'government' ORDER BY at, id`, pl.ID, asOf.UnixMicro())
	for _, s := range shown {
		f.Papers = append(f.Papers, require.Paper{Ref: "progress/" + s.id, On: day(s.at), Phase: require.Implementation, Of: s.commitment})
	}
	return err
}

func lookFacts(ctx context.Context, tx *db.Tx, pl Plan, asOf time.Time, f *require.Facts) error {
	var err error
	f.Website, err = db.List(ctx, tx, func(l *require.Look) []any { return []any{&l.On, &l.OK} },
		`SELECT day, ok FROM plan_look WHERE plan = $1 AND at <= $2 ORDER BY day`, pl.ID, asOf.UnixMicro())
	return err
}

func milestoneFacts(ctx context.Context, tx *db.Tx, pl Plan, asOf time.Time, f *require.Facts) error {
	of, err := MilestonesOf(ctx, tx, pl.ID)
	if err != nil {
		return err
	}
	words, err := toldBy(ctx, tx, pl.ID, asOf)
	if err != nil {
		return err
	}
	all, err := Commitments(ctx, tx, pl.ID)
	for _, c := range all {
		if c.State.Led() || c.State == Withdrawn {
			continue
		}
		for _, m := range of[c.ID] {
			if m.Created.After(asOf) {
				continue
			}
			last := words[m.ID]
			s := judge(m.Start, m.End, last, pl.Start, DayOf(asOf))
			f.Milestones = append(f.Milestones, require.Milestone{
				Ref: "milestone/" + m.ID, Commitment: c.ID, Begun: s.Sure().rank() > NotStarted.rank() && s.Status != Dropped, Said: day(last.at),
			})
		}
	}
	return err
}

// toldBy is what the government said last of each milestone of a plan until a
// moment. What it said last of all is kept at hand; only of the past the reports
// themselves are asked.
func toldBy(ctx context.Context, tx *db.Tx, plan string, until time.Time) (map[string]word, error) {
	type told struct {
		milestone, evidence string
		word
	}
	q, fields := `SELECT milestone, status, shows, at FROM progress_last WHERE plan = $1 AND voice = 'government' AND at <= $2`,
		func(t *told) []any { return []any{&t.milestone, &t.status, &t.shows, &t.at} }
	if until.Before(tx.Now) {
		q, fields = `SELECT milestone, status, CAST(evidence AS TEXT), at FROM (SELECT milestone, status, evidence, at,
			row_number() OVER (PARTITION BY milestone ORDER BY at DESC, id DESC) AS nth
			FROM progress WHERE plan = $1 AND voice = 'government' AND at <= $2) said WHERE nth = 1`,
			func(t *told) []any { return []any{&t.milestone, &t.status, &t.evidence, &t.at} }
	}
	all, err := db.List(ctx, tx, fields, q, plan, until.UnixMicro())
	out := make(map[string]word, len(all))
	for _, t := range all {
		t.shows = t.shows || t.evidence != "" && t.evidence != "[]"
		out[t.milestone] = t.word
	}
	return out, err
}

func refreshFacts(ctx context.Context, tx *db.Tx, pl Plan, asOf time.Time, f *require.Facts) error {
	at, err := db.List(ctx, tx, db.One[db.Time], `SELECT min(delivered) FROM plan WHERE refresh_of = $1 AND delivered <= $2`, pl.ID, asOf.UnixMicro())
	if err == nil && len(at) > 0 {
		f.Refreshed = day(at[0])
	}
	return err
}

// Monitor is how a plan stands with the requirements as of a day.
type Monitor struct {
	On       string
	Verdicts []require.Verdict
	Clock    require.Clock
	Reviewed Reviewed // what an independent assessment says of the process
	Trends   []require.Trend
}

// Warnings are the trends in which people take part less than before.
func (m Monitor) Warnings() (out []require.Trend) {
	for _, t := range m.Trends {
		if t.Falls() {
			out = append(out, t)
		}
	}
	return out
}

// Monitor judges a plan as of the end of a day.
func (p *Plans) Monitor(ctx context.Context, tx *db.Tx, pl Plan, on string) (Monitor, error) {
	f, err := p.Facts(ctx, tx, pl, on)
	if err != nil {
		return Monitor{}, err
	}
	vs := require.Judge(f, require.Day(on))
	m := Monitor{On: on, Verdicts: vs, Clock: require.Contrary(f, vs, require.Day(on)), Trends: require.Engagement(f, require.Day(on))}
	if p.Reviewed != nil {
		if m.Reviewed, err = p.Reviewed(ctx, tx, pl.ID, EndOf(on)); err != nil {
			return m, err
		}
	}
	if m.Reviewed.Assessment != "" && !m.Reviewed.Acted && !slices.Contains(m.Clock.Contrary, 2) {
		m.Clock.Contrary = append(m.Clock.Contrary, 2)
		slices.Sort(m.Clock.Contrary)
	}
	return m, nil
}
