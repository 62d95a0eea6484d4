package review

import (
	"context"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/review/codebook"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/who"
)

// Demo makes two assessments of the demonstration's plan that is being kept: a
// review whose draft is open for comments, and a results report on which the
// demonstration's evaluator can go on working.
func (r *Reviews) Demo(ctx context.Context, actor who.Actor) error {
	var kept plan.Plan
	var evaluators []string
	if err := r.DB.View(ctx, func(tx *db.Tx) error {
		all, err := plan.List(ctx, tx, actor)
		for _, p := range all {
			if p.State == plan.Implementing && strings.HasPrefix(p.Title, "Demonstration") {
				kept = p
			}
		}
		if err != nil {
			return err
		}
		evaluators, err = who.PeopleWith(ctx, tx, "", who.Evaluator)
		return err
	}); err != nil || kept.ID == "" {
		return err
	}
	if err := r.demoReview(ctx, actor, kept, evaluators); err != nil {
		return err
	}
	_, _, err := r.demoBegin(ctx, actor, kept, evaluators, codebook.Results)
	return err
}

// demoBegin begins an assessment and names its reviewers.
func (r *Reviews) demoBegin(ctx context.Context, actor who.Actor, pl plan.Plan, people []string, p codebook.Product) (Assessment, Report, error) {
	in := Assessment{Plan: pl.ID, Product: p, Lang: "en", Title: "Demonstration: " + map[codebook.Product]string{
		codebook.Review: "action plan review", codebook.Results: "results report",
	}[p]}
	in.Texts.V = Texts{
		Overview: "Made up to show what an independent review looks like.", Recommendations: "- Say for each milestone what can be seen when it is done.\n- Ask people in all six districts.",
		Sources: "The plan and its documents on this site; nobody was interviewed.",
	}
	a, err := r.Create(ctx, actor, in)
	if err != nil {
		return a, Report{}, err
	}
	for _, person := range people {
		if err := r.AddReviewer(ctx, actor, a.ID, person); err != nil {
			return a, Report{}, err
		}
	}
	var report Report
	err = r.DB.View(ctx, func(tx *db.Tx) error { report, err = r.build(ctx, tx, a); return err })
	return a, report, err
}

// demoCodes are how the demonstration's commitments are coded, in their order.
var demoCodes = [][]string{
	{"verifiable", "yes", "lens", "yes", "potential", "substantial", "promising", "yes"},
	{"verifiable", "yes", "lens", "yes", "potential", "modest", "promising", "no"},
	{"verifiable", "yes", "lens", "no"},
}

func demoEntry(value string) Entry {
	return Entry{Value: value, Rationale: "Demonstration: a reason that a reviewer might give.", Evidence: []Evidence{{Title: "Demonstration: the text of the commitment"}}}
}

func (r *Reviews) demoReview(ctx context.Context, actor who.Actor, pl plan.Plan, people []string) error {
	a, report, err := r.demoBegin(ctx, actor, pl, people, codebook.Review)
	if err != nil {
		return err
	}
	for i, row := range report.Rows {
		in := map[string]Entry{}
		for pair := demoCodes[i%len(demoCodes)]; len(pair) > 0; pair = pair[2:] {
			in[pair[0]] = demoEntry(pair[1])
		}
		if err := r.Code(ctx, actor, Coding{Assessment: a.ID, Subject: row.Commitment, Entries: in}); err != nil {
			return err
		}
		if in["promising"].Value != "yes" {
			continue
		}
		p := Passage{Subject: row.Commitment}
		p.Texts.V = Telling{
			Context: "Demonstration: what the problem is, and what was tried before.", Potential: "Demonstration: what would change for people.",
			Challenges: "Demonstration: what may stand in the way.", Recommendations: "Demonstration: what to do next.",
		}
		if err := r.Tell(ctx, actor, a.ID, p); err != nil {
			return err
		}
	}
	judged := map[string]Entry{}
	for _, j := range report.Process {
		value := "yes"
		if j.Requirement == "4.1" || j.Requirement == process {
			value = "no"
		}
		judged[j.Field()] = demoEntry(value)
	}
	if err := r.Judge(ctx, actor, a.ID, judged); err != nil {
		return err
	}
	_, err = r.Open(ctx, actor, a.ID, a.Version, CommentDays)
	return err
}
