package review

import (
	"context"
	"slices"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/who"
)

// Subjects are what people choose a frequency for.
var Subjects = []notify.Subject{{Name: "assessment", Default: notify.Daily}}

// Notifies say whom the events of assessments concern: those who answer for the
// plan, its forum and those who commented hear of a draft and of the final
// report; the reviewers hear of comments, and their authors of answers.
func (r *Reviews) Notifies() []notify.Rule {
	return []notify.Rule{
		{Verb: "assessment.commenting", Subject: "assessment", To: r.concerned},
		{Verb: "assessment.final", Subject: "assessment", To: r.concerned},
		{Verb: "assessment.commented", Subject: "assessment", To: reviewersOf, Silent: true},
		{Verb: "assessment.answered", Subject: notify.Answer.Name, To: commenter, Silent: true},
	}
}

// concerned are the people of the organisations that answer for a plan or its
// commitments, of its forum, and those who commented.
func (r *Reviews) concerned(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	a, err := get(ctx, tx, e.Record)
	if err != nil {
		return nil, err
	}
	pl, err := plan.See(ctx, tx, who.System(reading, "review"), a.Plan)
	if err != nil {
		return nil, err
	}
	orgs := []string{pl.Org}
	cs, err := Assessable(ctx, tx, pl)
	if err != nil {
		return nil, err
	}
	for _, c := range cs {
		theirs, err := answerers(ctx, tx, c)
		if err != nil {
			return nil, err
		}
		orgs = append(orgs, theirs...)
	}
	slices.Sort(orgs)
	var out []string
	for _, o := range slices.Compact(orgs) {
		people, err := who.HoldersOf(ctx, tx, o)
		if err != nil {
			return nil, err
		}
		for _, h := range people {
			out = append(out, h.Person)
		}
	}
	if r.Forum != nil && pl.Forum != "" {
		people, err := r.Forum(ctx, tx, pl.Forum)
		if err != nil {
			return nil, err
		}
		out = append(out, people...)
	}
	said, err := db.List(ctx, tx, db.One[string], `SELECT DISTINCT person FROM assessment_comment WHERE assessment = $1 AND person <> ''`, a.ID)
	out = append(out, said...)
	slices.Sort(out)
	return slices.Compact(out), err
}

func reviewersOf(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	return Reviewers(ctx, tx, e.Record)
}

func commenter(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	var after struct{ Comment string }
	if e.Change(nil, &after) != nil || after.Comment == "" {
		return nil, nil // erased
	}
	return db.List(ctx, tx, db.One[string], `SELECT person FROM assessment_comment WHERE id = $1 AND person <> ''`, after.Comment)
}
