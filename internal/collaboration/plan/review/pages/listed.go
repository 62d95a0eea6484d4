package pages

import (
	"context"
	"slices"
	"strings"

	"ceiba/internal/collaboration/plan/review"
	"ceiba/internal/face/api"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// AssessmentCodeQuery is what coded commitments are filtered by.
type AssessmentCodeQuery struct {
	Assessment string `query:"assessment" doc:"Id or address of an assessment; needed"`
	Is         string `query:"is" enum:"lens,substantial,promising" doc:"lens: serves a value of open government; substantial: its potential for results; promising: the reviewers follow it"`
	listing.Paged
}

// AssessmentCodeRow is a commitment with how the reviewers coded it.
type AssessmentCodeRow struct {
	Assessment string   `json:"assessment"`
	Commitment string   `json:"commitment"`
	Number     string   `json:"number"`
	Title      string   `json:"title"`
	Lead       string   `json:"lead" doc:"Name at that time"`
	Cluster    string   `json:"cluster"`
	Codes      []string `json:"codes" doc:"VARIABLE=VALUE, by the code-book"`
	NotCoded   []string `json:"not_coded"`
	URL        string   `json:"url"`
	view       reportView
	row        review.Row
}

// report reads the assessment that a list is about.
func (p *Pages) report(ctx context.Context, tx *db.Tx, key string) (v reportView, err error) {
	ref, slug, err := record.Resolve(ctx, tx, "assessment", key)
	if err != nil {
		return v, err
	}
	if v.A, err = see(ctx, tx, ref.ID); err != nil {
		return v, err
	}
	v.Slug = slug
	return v, p.fill(ctx, tx, who.From(ctx), &v)
}

func (p *Pages) nameOf(ctx context.Context, tx *db.Tx, filter, value string) (ui.Link, error) {
	if filter != "assessment" {
		return ui.Link{}, nil
	}
	v, err := p.report(ctx, tx, value)
	return ui.Link{Text: v.A.Title, Href: "/assessment/" + v.Slug}, err
}

func (p *Pages) codeList() listing.List[AssessmentCodeQuery, AssessmentCodeRow] {
	return listing.List[AssessmentCodeQuery, AssessmentCodeRow]{
		Path: "/assessment-codes", Tag: "plans", Summary: "Commitments with how an assessment codes them", Words: "planreview.list.codes.", DB: p.DB, Base: p.Base, Shared: true, Name: p.nameOf,
		Rows: func(ctx context.Context, tx *db.Tx, q AssessmentCodeQuery, cursor string, limit int) ([]AssessmentCodeRow, string, error) {
			v, err := p.report(ctx, tx, q.Assessment)
			var rows []AssessmentCodeRow
			for _, r := range v.Report.Rows {
				if q.has(r) {
					rows = append(rows, codeRow(p.Base(), v, r))
				}
			}
			if err != nil {
				return nil, "", err
			}
			return listing.Cut(rows, func(r AssessmentCodeRow) string { return r.Commitment }, cursor, limit)
		},
		Columns: []listing.Column[AssessmentCodeRow]{
			{Name: "title", Head: true, Cell: func(ctx context.Context, r AssessmentCodeRow) ui.Cell {
				return ui.Cell{Text: numbered(r.row), Href: "/commitment/" + r.Commitment, Note: clusterNote(ctx, r.row)}
			}},
			{Name: "lead", Cell: func(_ context.Context, r AssessmentCodeRow) ui.Cell { return ui.Text(r.Lead) }},
			{Name: "codes", Cell: func(ctx context.Context, r AssessmentCodeRow) ui.Cell {
				var out []string
				for _, c := range codesOf(r.view.A, r.row) {
					out = append(out, i18n.T(ctx, "planreview.var."+c.Variable)+": "+valueWord(ctx, c.Value))
				}
				return ui.Text(strings.Join(out, "; "))
			}},
		},
	}
}

func (q AssessmentCodeQuery) has(r review.Row) bool {
	s := r.Sheet()
	switch q.Is {
	case "lens":
		return s.Relevant()
	case "substantial":
		return s["potential"] == "substantial"
	case "promising":
		return s["promising"] == "yes"
	}
	return true
}

func codeRow(base string, v reportView, r review.Row) AssessmentCodeRow {
	out := AssessmentCodeRow{
		Assessment: v.A.ID, Commitment: r.Commitment, Number: r.Number, Title: r.Title, Lead: r.Lead, Cluster: r.Cluster, Codes: []string{},
		NotCoded: append([]string{}, r.Missing...), URL: base + "/commitment/" + r.Commitment, view: v, row: r,
	}
	for _, c := range codesOf(v.A, r) {
		out.Codes = append(out.Codes, c.Variable+"="+c.Value)
	}
	return out
}

// AssessmentVoiceQuery is what the comparison of voices is filtered by.
type AssessmentVoiceQuery struct {
	Assessment string `query:"assessment" doc:"Id or address of an assessment; needed"`
	Of         string `query:"of" enum:"commitments,milestones"`
	Is         string `query:"is" enum:"comparable,differ" doc:"comparable: at least two voices spoke; differ: two of them say something different"`
	listing.Paged
}

// AssessmentVoiceRow is what three voices say of a milestone, or of a commitment as
// a whole.
type AssessmentVoiceRow struct {
	Assessment   string `json:"assessment"`
	Of           string `json:"of" doc:"commitments or milestones"`
	Commitment   string `json:"commitment"`
	Milestone    string `json:"milestone"`
	Title        string `json:"title"`
	Government   string `json:"government"`
	CivilSociety string `json:"civil_society"`
	Reviewer     string `json:"reviewer"`
	Differ       bool   `json:"differ"`
}

func (p *Pages) voiceList() listing.List[AssessmentVoiceQuery, AssessmentVoiceRow] {
	said := func(name string, of func(AssessmentVoiceRow) string) listing.Column[AssessmentVoiceRow] {
		return listing.Column[AssessmentVoiceRow]{Name: name, Cell: func(ctx context.Context, r AssessmentVoiceRow) ui.Cell { return ui.Text(statusWord(ctx, of(r))) }}
	}
	return listing.List[AssessmentVoiceQuery, AssessmentVoiceRow]{
		Path: "/assessment-voices", Tag: "plans", Summary: "What government, civil society and the reviewers say, side by side", Words: "planreview.list.voices.", DB: p.DB, Base: p.Base, Shared: true, Name: p.nameOf,
		Rows: func(ctx context.Context, tx *db.Tx, q AssessmentVoiceQuery, cursor string, limit int) ([]AssessmentVoiceRow, string, error) {
			v, err := p.report(ctx, tx, q.Assessment)
			rows := slices.Concat(rowsOfVoices(v, "commitments", v.Report.Commitments, q), rowsOfVoices(v, "milestones", v.Report.Milestones, q))
			if err != nil {
				return nil, "", err
			}
			return listing.Cut(rows, func(r AssessmentVoiceRow) string { return r.Of + "." + r.Commitment + "." + r.Milestone }, cursor, limit)
		},
		Columns: []listing.Column[AssessmentVoiceRow]{
			{Name: "title", Head: true, Cell: func(_ context.Context, r AssessmentVoiceRow) ui.Cell {
				return ui.LinkCell(r.Title, "/commitment/"+r.Commitment)
			}},
			said("government", func(r AssessmentVoiceRow) string { return r.Government }),
			said("civil_society", func(r AssessmentVoiceRow) string { return r.CivilSociety }),
			said("reviewer", func(r AssessmentVoiceRow) string { return r.Reviewer }),
		},
	}
}

func rowsOfVoices(v reportView, of string, rows []review.Voices, q AssessmentVoiceQuery) (out []AssessmentVoiceRow) {
	for _, r := range rows {
		if q.Of != "" && q.Of != of || q.Is == "comparable" && !r.Comparable() || q.Is == "differ" && !r.Differs() {
			continue
		}
		out = append(out, AssessmentVoiceRow{v.A.ID, of, r.Commitment, r.Milestone, r.Title, r.Government, r.CivilSociety, r.Reviewer, r.Differs()})
	}
	return out
}

func (p *Pages) listRoutes(r *web.Routes) {
	p.codeList().Routes(r)
	p.voiceList().Routes(r)
}

func (p *Pages) listAPI(a *api.API) {
	p.codeList().API(a)
	p.voiceList().API(a)
}

// coded is the address of the commitments that are coded in a way.
func coded(v reportView, is string) string {
	return listing.Of("/assessment-codes", "assessment", v.A.ID, "is", is)
}
