package listed

import (
	"context"
	"slices"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// RequirementQuery says which number of which verdict is asked about.
type RequirementQuery struct {
	Plan  string `query:"plan" doc:"Id or address of a plan; needed"`
	Rule  string `query:"rule" enum:"1.1a,1.1b,1.1c,2.1,2.2a,2.2b,3.1,3.2,3.3,4.1,5.1"`
	Phase string `query:"phase" enum:"co_creation,implementation"`
	On    string `query:"on" doc:"Civil date, today if empty: what was on record at its end"`
	Of    string `query:"of" enum:"evidence,left,n,of,days" doc:"evidence: all that shows it; left: what the days left are reckoned from; else a number in the verdict's sentence"`
	listing.Paged
}

// RequirementRow is something that a verdict was worked out from.
type RequirementRow struct {
	Rule  string `json:"rule"`
	Phase string `json:"phase"`
	Of    string `json:"of" doc:"Which number it is behind"`
	Kind  string `json:"kind" doc:"Of the thing: meeting, paper, input …"`
	ID    string `json:"id"`
	Title string `json:"title"`
	Day   string `json:"day"`
	URL   string `json:"url"`
	path  string
}

func (l *Lists) requirements() listing.List[RequirementQuery, RequirementRow] {
	return listing.List[RequirementQuery, RequirementRow]{
		Path: "/requirements", Tag: "Plans", Summary: "What each number in the verdicts on OGP's minimum requirements was worked out from, on any day",
		Words: "plan.list.requirements.", DB: l.DB, Base: l.Base, Name: l.name, Rows: l.requirementRows,
		Columns: []listing.Column[RequirementRow]{
			head("title", func(_ context.Context, r RequirementRow) ui.Cell { return ui.LinkCell(r.Title, r.path) }),
			col("kind", func(ctx context.Context, r RequirementRow) ui.Cell { return ui.Text(i18n.T(ctx, "plan.shows."+r.Kind)) }),
			dayCol("day", func(r RequirementRow) string { return r.Day }),
			col("rule", func(ctx context.Context, r RequirementRow) ui.Cell {
				return ui.Cell{Text: r.Rule, Note: i18n.T(ctx, "plan.phase_of."+r.Phase)}
			}),
		},
	}
}

func (l *Lists) requirementRows(ctx context.Context, tx *db.Tx, q RequirementQuery, cursor string, limit int) ([]RequirementRow, string, error) {
	if q.Plan == "" { // each plan is judged by itself
		return nil, "", fault.New(fault.Invalid, "plan.which")
	}
	plans, err := among(ctx, tx, q.Plan, "")
	if err != nil {
		return nil, "", err
	}
	pl, on := plans[0], q.On
	if on == "" {
		on = plan.Today(tx)
	}
	if plan.EndOf(on).IsZero() || on > plan.Today(tx) {
		return nil, "", fault.New(fault.Invalid, "plan.no_such_day")
	}
	f, err := l.Facts(ctx, tx, pl, on)
	if err != nil {
		return nil, "", err
	}
	var rows []RequirementRow
	for _, v := range require.Judge(f, require.Day(on)) {
		if (q.Rule == "" || q.Rule == v.Rule.ID) && (q.Phase == "" || q.Phase == string(v.Phase)) {
			rows = append(rows, behind(pl, v, q.Of)...)
		}
	}
	rows, next, err := listing.Cut(rows, func(r RequirementRow) string {
		return strings.Join([]string{r.Rule, r.Phase, r.Of, r.Kind, r.ID}, "|")
	}, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	return rows, next, l.describe(ctx, tx, pl, f, rows)
}

// behind are the rows that the numbers of a verdict were worked out from; of names
// one of the numbers, and is empty for the evidence.
func behind(pl plan.Plan, v require.Verdict, of string) (out []RequirementRow) {
	if of == "" {
		of = "evidence"
	}
	refs := v.Words.Rows[of]
	switch of {
	case "evidence":
		refs = v.Evidence
	case "left": // from what was last on record, or where there is nothing from the plan's own dates
		if v.Due != "" {
			refs = append(slices.Clone(v.Evidence), "plan/"+pl.ID)
		}
	}
	for _, ref := range refs {
		kind, id, _ := strings.Cut(ref, "/")
		out = append(out, RequirementRow{Rule: v.Rule.ID, Phase: string(v.Phase), Of: of, Kind: kind, ID: id})
	}
	return out
}

// describe says of each row what it is, on which day it was, and where it is shown.
func (l *Lists) describe(ctx context.Context, tx *db.Tx, pl plan.Plan, f require.Facts, rows []RequirementRow) error {
	days := dayOf(f)
	days["plan/"+pl.ID] = f.Preparing.Start
	titles, err := l.titles(ctx, tx, pl, rows)
	if err != nil {
		return err
	}
	home := pl.Ref().Path()
	for i := range rows {
		r := &rows[i]
		ref := r.Kind + "/" + r.ID
		r.Day = string(days[ref])
		if r.Kind == "plan" && r.Phase == string(require.Implementation) {
			r.Day = string(f.Keeping.Start)
		}
		r.Title, r.path = titles[ref].Text, titles[ref].Href
		if r.Title == "" {
			r.Title = i18n.T(ctx, "plan.shows."+r.Kind)
		}
		if r.path == "" {
			r.path = home
		}
		r.URL = l.Base() + r.path
	}
	return nil
}

// dayOf is when each fact happened.
func dayOf(f require.Facts) map[string]require.Day {
	out := map[string]require.Day{}
	for _, x := range f.Terms {
		out[x.Ref] = x.Start
	}
	for _, x := range slices.Concat(f.Rules, f.Papers) {
		out[x.Ref] = x.On
	}
	for _, x := range f.Meetings {
		out[x.Ref] = x.On
	}
	for _, x := range f.Timelines {
		out[x.Ref] = x.On
	}
	for _, x := range f.Outreach {
		out[x.Ref] = x.On
	}
	for _, x := range f.Calls {
		out[x.Ref] = x.Opens
	}
	for _, x := range f.Inputs {
		out[x.Ref] = x.On
	}
	return out
}

// titles are what the rows are called, and where they are shown, in some queries
// for all of them.
func (l *Lists) titles(ctx context.Context, tx *db.Tx, pl plan.Plan, rows []RequirementRow) (map[string]ui.Link, error) {
	out := map[string]ui.Link{}
	var refs []record.Ref
	kinds := map[string]bool{}
	for _, r := range rows {
		kinds[r.Kind] = true
		switch r.Kind {
		case "meeting", "call", "input", "commitment", "plan":
			refs = append(refs, record.Ref{Kind: r.Kind, ID: r.ID})
		case "forum": // forum/ID/rules/2
			id, _, _ := strings.Cut(r.ID, "/")
			out["forum/"+r.ID] = ui.Link{Href: "/forum/" + id + "/rules"}
		case "term":
			out["term/"+r.ID] = ui.Link{Href: "/forum/" + pl.Forum + "/seats"}
		case "district":
			out["district/"+r.ID] = ui.Link{Text: i18n.T(ctx, "geo.district."+r.ID), Href: listing.Of("/outreach", "plan", pl.ID)}
		case "sector":
			out["sector/"+r.ID] = ui.Link{Text: i18n.T(ctx, "answer.sector."+r.ID)}
		}
	}
	cards, err := l.Kinds().Describe(ctx, tx, who.From(ctx), refs)
	for ref, c := range cards {
		out[ref.Kind+"/"+ref.ID] = ui.Link{Text: c.Title, Href: c.Path()}
	}
	if err == nil && kinds["progress"] {
		err = reportTitles(ctx, tx, pl, out)
	}
	if err == nil && kinds["paper"] {
		err = paperTitles(ctx, tx, pl, out)
	}
	if err == nil && kinds["outreach"] {
		err = outreachTitles(ctx, tx, pl, out)
	}
	return out, err
}

func reportTitles(ctx context.Context, tx *db.Tx, pl plan.Plan, out map[string]ui.Link) error {
	said, err := plan.Reports(ctx, tx, pl.ID)
	if err != nil {
		return err
	}
	titles, err := milestoneTitles(ctx, tx, pl.ID)
	for _, p := range said {
		out["progress/"+p.ID] = ui.Link{Text: titles[p.Milestone], Href: "/commitment/" + p.Commitment}
	}
	return err
}

func paperTitles(ctx context.Context, tx *db.Tx, pl plan.Plan, out map[string]ui.Link) error {
	papers, err := plan.Papers(ctx, tx, pl.ID)
	for _, p := range papers {
		out["paper/"+p.ID] = ui.Link{Text: p.Title, Href: pl.Ref().Path() + "#papers"}
	}
	return err
}

func outreachTitles(ctx context.Context, tx *db.Tx, pl plan.Plan, out map[string]ui.Link) error {
	all, err := plan.Outreaches(ctx, tx, pl.ID)
	for _, o := range all {
		out["outreach/"+o.ID] = ui.Link{Text: o.Text, Href: pl.Ref().Path() + "#outreach"}
	}
	return err
}
