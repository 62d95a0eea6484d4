package pages

import (
	"cmp"
	"context"
	"time"

	"ceiba/internal/collaboration/plan/review"
	"ceiba/internal/face/api"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// AssessmentLine is an assessment in a list.
type AssessmentLine struct {
	ID       string     `json:"id"`
	Plan     string     `json:"plan"`
	Product  string     `json:"product" doc:"co_creation_brief, action_plan_review, midterm_review or results_report"`
	Title    string     `json:"title"`
	Lang     string     `json:"lang"`
	State    string     `json:"state" doc:"draft, commenting, final or withdrawn"`
	Edition  int        `json:"edition"`
	Corrects string     `json:"corrects" doc:"Id of the assessment that this one corrects"`
	Until    *time.Time `json:"comments_until" doc:"The end of the public comment"`
	Finished *time.Time `json:"finished"`
	URL      string     `json:"url"`
}

// AssessmentBody is an assessment with its whole report.
type AssessmentBody struct {
	AssessmentLine
	Due          string                  `json:"due" doc:"Civil date by the product's rule; empty while it is not known"`
	Correction   string                  `json:"correction" doc:"Why it corrects the edition before"`
	Texts        review.Texts            `json:"texts" doc:"Markdown"`
	Report       review.Report           `json:"report" doc:"At a glance, all commitments with their codes, clusters, process, and the three series"`
	Disagreement map[string]review.Index `json:"disagreement" doc:"In how many commitments and milestones, of those of which two voices spoke, they differ"`
	Reviewers    []string                `json:"reviewers"`
	Comments     []AssessmentComment     `json:"comments" doc:"Published with the final report"`
}

// AssessmentComment is what somebody said of a draft.
type AssessmentComment struct {
	Author string    `json:"author"`
	Org    string    `json:"org" doc:"Id of the organisation for which they speak"`
	Text   string    `json:"text"`
	At     time.Time `json:"at"`
	Answer string    `json:"answer"`
}

type assessmentList struct {
	Body struct {
		Assessments []AssessmentLine `json:"assessments"`
		Next        string           `json:"next,omitempty" doc:"Cursor of the next page; empty at the end"`
	}
}

type assessmentQuery struct {
	Plan  string `query:"plan" doc:"Only those of one plan: its id, or any address it ever had"`
	After string `query:"after" doc:"What cursor was called before"`
	listing.Paged
}

type assessmentKey struct {
	ID string `path:"id" doc:"Id, or any address it ever had"`
}

type assessmentOutput struct{ Body AssessmentBody }

func (p *Pages) api(a *api.API) {
	shared := []web.Option{web.Shared}
	api.Add(a, api.Op{Method: "GET", Path: "/assessments", Access: web.Public, Tag: "plans", Summary: "Independent assessments of action plans", Options: shared}, p.apiList)
	api.Add(a, api.Op{Method: "GET", Path: "/assessments/{id}", Access: web.Public, Tag: "plans", Summary: "An assessment with all codes, their reasons and evidence", Options: shared}, p.apiOne)
	p.listAPI(a)
}

func (p *Pages) line(a review.Assessment) AssessmentLine {
	return AssessmentLine{
		ID: a.ID, Plan: a.Plan, Product: string(a.Product), Title: a.Title, Lang: a.Lang, State: string(a.State), Edition: a.Edition,
		Corrects: a.Corrects, Until: a.Until.Maybe(), Finished: a.Finished.Maybe(), URL: p.Base() + a.Ref().Path(),
	}
}

func (p *Pages) apiList(ctx context.Context, in *assessmentQuery) (*assessmentList, error) {
	out := &assessmentList{}
	out.Body.Assessments = []AssessmentLine{}
	err := p.DB.View(ctx, func(tx *db.Tx) error {
		planID := ""
		if in.Plan != "" {
			ref, _, err := record.Resolve(ctx, tx, "plan", in.Plan)
			if err != nil {
				return err
			}
			planID = ref.ID
		}
		some, next, err := p.some(ctx, tx, planID, cmp.Or(in.Cursor, in.After), in.Limit)
		out.Body.Assessments, out.Body.Next = append(out.Body.Assessments, some...), next
		return err
	})
	return out, err
}

// some are a page of the assessments of a plan, or of all.
func (p *Pages) some(ctx context.Context, tx *db.Tx, planID, cursor string, limit int) (out []AssessmentLine, next string, err error) {
	all, next, err := review.List(ctx, tx, who.From(ctx), planID, cursor, limit)
	for _, a := range all {
		out = append(out, p.line(a))
	}
	return out, next, err
}

func (p *Pages) apiOne(ctx context.Context, in *assessmentKey) (*assessmentOutput, error) {
	out := &assessmentOutput{}
	err := p.DB.View(ctx, func(tx *db.Tx) error {
		ref, _, err := record.Resolve(ctx, tx, "assessment", in.ID)
		if err != nil {
			return err
		}
		var v reportView
		if v.A, err = see(ctx, tx, ref.ID); err != nil {
			return err
		}
		if err := p.fill(ctx, tx, who.From(ctx), &v); err != nil {
			return err
		}
		out.Body = p.body(v)
		return nil
	})
	return out, err
}

func (p *Pages) body(v reportView) AssessmentBody {
	b := AssessmentBody{
		AssessmentLine: p.line(v.A), Due: string(v.Due), Correction: v.A.Correction, Texts: v.A.Texts.V, Report: v.Report, Reviewers: v.Reviewers,
		Disagreement: map[string]review.Index{
			"commitments": review.Disagreement(v.Report.Commitments), "milestones": review.Disagreement(v.Report.Milestones),
		},
		Comments: []AssessmentComment{},
	}
	if b.Reviewers == nil {
		b.Reviewers = []string{}
	}
	for _, c := range v.Comments {
		b.Comments = append(b.Comments, AssessmentComment{Author: v.People[c.Person], Org: c.Org, Text: c.Text, At: c.At.Time, Answer: c.Answer})
	}
	return b
}
