package review

import (
	"context"
	"slices"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/ground/db"
)

// Voices is one row of the comparison of three series: what the government,
// civil society and the reviewer say of a milestone, or of a commitment as a
// whole. Silence is empty.
type Voices struct {
	Commitment   string `json:"commitment"`
	Milestone    string `json:"milestone"` // id; empty for the commitment as a whole
	Title        string `json:"title"`
	Government   string `json:"government"`
	CivilSociety string `json:"civil_society"`
	Reviewer     string `json:"reviewer"`
}

func (v Voices) said() []string {
	return slices.DeleteFunc([]string{v.Government, v.CivilSociety, v.Reviewer}, func(s string) bool { return s == "" })
}

// Comparable reports whether at least two voices spoke.
func (v Voices) Comparable() bool { return len(v.said()) > 1 }

// Differs reports whether two voices say something different.
func (v Voices) Differs() bool {
	all := v.said()
	return len(all) > 1 && slices.ContainsFunc(all, func(s string) bool { return s != all[0] })
}

// Index is the share of rows in which a voice differs, of those in which at
// least two spoke.
type Index struct {
	Differ int `json:"differ"`
	Of     int `json:"of"`
}

// Percent is the share in whole percent, rounded half up; 0 where nothing can
// be compared.
func (i Index) Percent() int { return percent(i.Differ, i.Of) }

func percent(n, of int) int {
	if of == 0 {
		return 0
	}
	return (200*n + of) / (2 * of)
}

// Disagreement counts over rows.
func Disagreement(rows []Voices) (i Index) {
	for _, r := range rows {
		if r.Comparable() {
			i.Of++
		}
		if r.Differs() {
			i.Differ++
		}
	}
	return i
}

// Compare puts the three series of an assessment's commitments side by side: by
// milestone, by what each voice said last that it can defend, and by commitment,
// where the reviewer's word is the code for completion. until is the moment as
// of which they are heard.
func Compare(ctx context.Context, tx *db.Tx, pl plan.Plan, cs []plan.Commitment, codes Codes) (milestones, commitments []Voices, err error) {
	ms, err := plan.MilestonesOf(ctx, tx, pl.ID)
	if err != nil {
		return nil, nil, err
	}
	words, err := plan.LastWords(ctx, tx, pl.Ref(), tx.Now)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range cs {
		standing := plan.Stand(ms[c.ID], words, pl.Start, plan.Today(tx))
		said := map[plan.Voice][]plan.Status{}
		for _, m := range ms[c.ID] {
			row := Voices{Commitment: c.ID, Milestone: m.ID, Title: m.Title}
			for voice, to := range map[plan.Voice]*string{plan.Government: &row.Government, plan.CivilSociety: &row.CivilSociety, plan.Independent: &row.Reviewer} {
				if s := standing[m.ID][voice]; s.Status != "" {
					*to = string(s.Sure())
					said[voice] = append(said[voice], s.Sure())
				}
			}
			milestones = append(milestones, row)
		}
		commitments = append(commitments, Voices{
			Commitment: c.ID, Title: c.Title, Government: Whole(said[plan.Government]), CivilSociety: Whole(said[plan.CivilSociety]),
			Reviewer: coded(codes.Sheet(c.ID)),
		})
	}
	return milestones, commitments, nil
}

func coded(s map[string]string) string {
	if v := s["completion"]; v != "" {
		return v
	}
	return s["completion_progress"]
}

// Whole is what a voice says of a commitment as a whole, from what it says of
// its milestones: complete, withdrawn or not started if it says so of all (that
// were not dropped); substantial if at least half of them are substantial or
// complete; limited otherwise. "" if it said nothing. This rule is this site's
// own; OGP has none.
func Whole(said []plan.Status) string {
	if len(said) == 0 {
		return ""
	}
	count := map[plan.Status]int{}
	for _, s := range said {
		count[s]++
	}
	n := len(said) - count[plan.Dropped]
	switch {
	case n == 0:
		return string(plan.Dropped)
	case count[plan.Completed] == n:
		return string(plan.Completed)
	case count[plan.NotStarted] == n:
		return string(plan.NotStarted)
	case 2*(count[plan.Completed]+count[plan.Substantial]) >= n:
		return string(plan.Substantial)
	}
	return string(plan.Limited)
}
