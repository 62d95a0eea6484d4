package plan

import (
	"context"
	"slices"
	"time"

	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/record"
)

// Shown is the status of a milestone that a voice can defend.
type Shown struct {
	Status  Status // what it said last; empty if it never said anything
	Claimed bool   // more than "limited" without anything that shows it
	Silent  bool   // nothing was said for more than half a year while the milestone runs
	Late    bool   // its end has passed and it is not said to be complete
	Last    Progress
}

// Sure is the status without what is only claimed: what counts.
func (s Shown) Sure() Status {
	if s.Claimed {
		return Limited
	}
	return s.Status
}

// Word is the last part of the key of the word for it.
func (s Shown) Word() string {
	switch {
	case s.Status == "":
		return "silent"
	case s.Claimed:
		return "claimed"
	}
	return string(s.Status)
}

// Tone says how it looks.
func (s Shown) Tone() string {
	switch {
	case s.Status == Completed && !s.Claimed:
		return "done"
	case s.Late:
		return "late"
	case s.Status == "" || s.Claimed || s.Silent:
		return "attention"
	case s.Status == Dropped || s.Status == NotStarted:
		return ""
	}
	return "going"
}

// showOne judges the last word of a voice about a milestone as of a day. since
// is when the commitment began to run.
func showOne(m Milestone, last Progress, since, on string) Shown {
	s := judge(m.Start, m.End, word{last.Status, len(last.Evidence.V) > 0, last.At}, since, on)
	s.Last = last
	return s
}

// word is as much of a report as judging it takes.
type word struct {
	status Status
	shows  bool // there is evidence
	at     db.Time
}

func judge(start, end string, last word, since, on string) Shown {
	s := Shown{Status: last.status}
	s.Claimed = (s.Status == Substantial || s.Status == Completed) && !last.shows
	s.Late = end != "" && on > end && s.Status != Completed && s.Status != Dropped
	heard := max(since, start)
	if s.Status != "" {
		heard = DayOf(last.at.Time)
	}
	over := s.Status == Completed || s.Status == Dropped
	s.Silent = !over && heard != "" && string(require.Day(heard).AddMonths(require.SilentAfter)) < on
	return s
}

// Standing is how the milestones of commitments stand, by milestone and voice.
type Standing map[string]map[Voice]Shown

// LastWords reads what every voice said last of each milestone of a plan, or of
// one commitment, until a moment: by milestone and voice.
func LastWords(ctx context.Context, tx *db.Tx, of record.Ref, until time.Time) (map[string]map[Voice]Progress, error) {
	column := "commitment"
	if of.Kind == "plan" {
		column = "plan"
	}
	all, err := db.List(ctx, tx, progressFields, `SELECT `+progressColumns+` FROM (SELECT `+progressColumns+`,
		row_number() OVER (PARTITION BY milestone, voice ORDER BY at DESC, id DESC) AS nth
		FROM progress WHERE `+column+` = $1 AND at <= $2) said WHERE nth = 1`, of.ID, until.UnixMicro())
	return byMilestone(all), err
}

// WordsNow is LastWords as of now, which is kept at hand.
func WordsNow(ctx context.Context, tx *db.Tx, of record.Ref) (map[string]map[Voice]Progress, error) {
	which := `l.milestone IN (SELECT id FROM milestone WHERE commitment = $1)`
	if of.Kind == "plan" {
		which = `l.plan = $1`
	}
	all, err := db.List(ctx, tx, progressFields, `SELECT `+prefixed("p", progressColumns)+` FROM progress_last l JOIN progress p ON p.id = l.progress WHERE `+which, of.ID)
	return byMilestone(all), err
}

func byMilestone(all []Progress) map[string]map[Voice]Progress {
	out := map[string]map[Voice]Progress{}
	for _, p := range all {
		if out[p.Milestone] == nil {
			out[p.Milestone] = map[Voice]Progress{}
		}
		out[p.Milestone][p.Voice] = p
	}
	return out
}

// Stand judges milestones by the last words about them.
func Stand(ms []Milestone, words map[string]map[Voice]Progress, since, on string) Standing {
	out := Standing{}
	for _, m := range ms {
		out[m.ID] = map[Voice]Shown{}
		for _, v := range Voices {
			out[m.ID][v] = showOne(m, words[m.ID][v], since, on)
		}
	}
	return out
}

// Sum is how a commitment stands as a whole, by the government's last words
// that can be defended.
type Sum struct {
	Milestones, Done, Late, Silent, Begun int
	Disagree                              int // milestones of which civil society or the reviewer say less
}

// Sum counts over the milestones of a commitment.
func (s Standing) Sum(ms []Milestone) (t Sum) {
	for _, m := range ms {
		t.add(s[m.ID])
	}
	return t
}

// add counts a milestone in.
func (t *Sum) add(voices map[Voice]Shown) {
	g := voices[Government]
	t.Milestones++
	count := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	count(&t.Done, g.Sure() == Completed)
	count(&t.Late, g.Late)
	count(&t.Silent, g.Silent)
	count(&t.Begun, g.Sure().rank() > NotStarted.rank() && g.Sure() != Dropped)
	count(&t.Disagree, Disagree(voices))
}

// Disagree reports whether civil society or the reviewer says less of a milestone
// than the government does.
func Disagree(voices map[Voice]Shown) bool {
	return slices.ContainsFunc([]Voice{CivilSociety, Independent}, func(v Voice) bool {
		o := voices[v]
		return o.Status != "" && o.Sure().less(voices[Government].Status)
	})
}

// sums counts over the milestones of every commitment of some plans as of now,
// from rows that hold no more than that takes.
func sums(ctx context.Context, tx *db.Tx, pls []Plan) (map[string]Sum, map[string]Told, error) {
	since, plans := map[string]string{}, []string{}
	for _, pl := range pls {
		since[pl.ID], plans = pl.Start, append(plans, pl.ID)
	}
	type row struct {
		plan, commitment, milestone, start, end string
		voice                                   Voice
		word
	}
	in, args := db.In(1, plans)
	rows, err := db.List(ctx, tx, func(r *row) []any {
		return []any{&r.plan, &r.commitment, &r.milestone, &r.start, &r.end, &r.voice, &r.status, &r.shows, &r.at}
	}, `SELECT c.plan, m.commitment, m.id, m.start_date, m.end_date, coalesce(l.voice, 'government'), coalesce(l.status, ''), coalesce(l.shows, FALSE), l.at
		FROM commitment c JOIN milestone m ON m.commitment = c.id LEFT JOIN progress_last l ON l.milestone = m.id
		WHERE c.plan IN `+in+` AND NOT m.removed ORDER BY m.id`, args...)
	if err != nil {
		return nil, nil, err
	}
	out, told, on := map[string]Sum{}, map[string]Told{}, Today(tx)
	for i := 0; i < len(rows); {
		first := rows[i]
		begun := since[first.plan]
		voices := map[Voice]Shown{Government: judge(first.start, first.end, word{}, begun, on)}
		for ; i < len(rows) && rows[i].milestone == first.milestone; i++ {
			voices[rows[i].voice] = judge(first.start, first.end, rows[i].word, begun, on)
			if rows[i].voice == Government {
				told[first.commitment] = told[first.commitment].with(rows[i].word)
			}
		}
		t := out[first.commitment]
		t.add(voices)
		out[first.commitment] = t
	}
	return out, told, nil
}

// with counts in the last word about one more milestone.
func (t Told) with(w word) Told {
	if w.shows {
		t.Proved++
	}
	if w.at.After(t.At.Time) {
		t.At = w.at
	}
	return t
}

// Word is the last part of the key of the word for how a commitment stands.
func (t Sum) Word() string {
	switch {
	case t.Milestones > 0 && t.Done == t.Milestones:
		return "kept"
	case t.Late > 0:
		return "late"
	case t.Silent > 0 && t.Silent == t.Milestones-t.Done:
		return "silent"
	case t.Begun > 0:
		return "under_way"
	}
	return "not_begun"
}

// Tone says how it looks.
func (t Sum) Tone() string {
	return map[string]string{"kept": "done", "late": "late", "silent": "attention", "under_way": "going", "not_begun": ""}[t.Word()]
}

// allComplete refuses to call a commitment complete while one of its milestones
// is not: said with something that shows it, or dropped.
func allComplete(ctx context.Context, tx *db.Tx, c Commitment, ms []Milestone) error {
	words, err := WordsNow(ctx, tx, record.Ref{Kind: "commitment", ID: c.ID})
	if err != nil {
		return err
	}
	for _, m := range ms {
		s := showOne(m, words[m.ID][Government], "", "")
		if s.Sure() != Completed && s.Status != Dropped {
			return errNotComplete(m)
		}
	}
	return nil
}

func errNotComplete(m Milestone) error {
	return fault.Fields{{Name: "state", Key: "plan.milestone_open", Args: []any{"title", m.Title}}}
}
