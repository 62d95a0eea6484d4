package listed

import (
	"context"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
)

// CommitmentQuery is what commitments are filtered by.
type CommitmentQuery struct {
	Plan     string `query:"plan" doc:"Id or address of a plan"`
	Stands   string `query:"stands" enum:"kept,late,silent,under_way,not_begun" doc:"How it stands, by the government's last words that can be defended"`
	Promised string `query:"promised" enum:"yes" doc:"yes: only what the plan as delivered holds, without what was withdrawn or led on to another"`
	State    string `query:"state" enum:"idea,proposed,shortlisted,drafting,agreed,active,complete,ended_incomplete,withdrawn,merged,split,carried_forward"`
	District string `query:"district" doc:"ISO 3166-2: only what is for this district, and not for the whole country"`
	Counts   string `query:"counts" enum:"yes" doc:"yes: only what OGP's advice on how many commitments a plan should have is about"`
	listing.Paged
}

// CommitmentRow is a commitment with how it stands.
type CommitmentRow struct {
	ID         string `json:"id"`
	Plan       string `json:"plan"`
	PlanTitle  string `json:"plan_title"`
	Number     string `json:"number"`
	Title      string `json:"title"`
	Lead       string `json:"lead" doc:"Id of the organisation that answers for it"`
	LeadName   string `json:"lead_name"`
	State      string `json:"state"`
	Stands     string `json:"stands" doc:"kept, late, silent, under_way or not_begun"`
	Start      string `json:"start_date"`
	End        string `json:"end_date"`
	Milestones int    `json:"milestones"`
	Done       int    `json:"done"`
	Late       int    `json:"late"`
	Silent     int    `json:"silent"`
	Disagree   int    `json:"disagree" doc:"Milestones of which civil society or the reviewer says less than the government"`
	URL        string `json:"url"`
	slug, tone string
}

func (l *Lists) commitments() listing.List[CommitmentQuery, CommitmentRow] {
	return listing.List[CommitmentQuery, CommitmentRow]{
		Path: "/commitments", Tag: "Plans", Summary: "Commitments of all plans, with how each stands", Words: "plan.list.commitments.",
		DB: l.DB, Base: l.Base, Name: l.name, Rows: l.commitmentRows,
		Columns: []listing.Column[CommitmentRow]{
			head("title", func(_ context.Context, r CommitmentRow) ui.Cell {
				title := r.Title
				if r.Number != "" {
					title = r.Number + " " + title
				}
				return ui.LinkCell(title, "/commitment/"+r.slug)
			}),
			col("lead", func(_ context.Context, r CommitmentRow) ui.Cell { return ui.Text(r.LeadName) }),
			dayCol("end", func(r CommitmentRow) string { return r.End }),
			col("stands", func(ctx context.Context, r CommitmentRow) ui.Cell {
				if plan.Stage(r.State) == plan.Active {
					return ui.StateCell(ui.Tone(r.tone), i18n.T(ctx, "plan.sum."+r.Stands))
				}
				return ui.StateCell(ui.Tone(plan.Stage(r.State).Tone()), i18n.T(ctx, "plan.stage."+r.State))
			}),
			numeric("done", func(r CommitmentRow) int { return r.Done }),
			numeric("milestones", func(r CommitmentRow) int { return r.Milestones }),
		},
	}
}

func (l *Lists) commitmentRows(ctx context.Context, tx *db.Tx, q CommitmentQuery, cursor string, limit int) ([]CommitmentRow, string, error) {
	plans, err := among(ctx, tx, q.Plan, "")
	if err != nil {
		return nil, "", err
	}
	return through(plans, cursor, limit, func(r CommitmentRow) string { return r.ID }, func(pl plan.Plan) ([]CommitmentRow, error) {
		all, err := plan.Promises(ctx, tx, pl)
		if err != nil {
			return nil, err
		}
		var leads []string
		for _, p := range all {
			leads = append(leads, p.Lead)
		}
		names, err := orgNames(ctx, tx, leads)
		var out []CommitmentRow
		for _, p := range all {
			if q.has(pl, p) {
				out = append(out, l.commitmentRow(pl, p, names[p.Lead]))
			}
		}
		return out, err
	})
}

func (q CommitmentQuery) has(pl plan.Plan, p plan.Promise) bool {
	if q.District != "" {
		if here, _ := p.For(pl, q.District); !here {
			return false
		}
	}
	return (q.Stands == "" || q.Stands == p.Sum.Word()) && (q.State == "" || q.State == string(p.State)) &&
		(q.Promised == "" || p.Stands()) && (q.Counts == "" || p.Advised())
}

func (l *Lists) commitmentRow(pl plan.Plan, p plan.Promise, lead string) CommitmentRow {
	return CommitmentRow{
		ID: p.ID, Plan: pl.ID, PlanTitle: pl.Title, Number: p.Number, Title: p.Title, Lead: p.Lead, LeadName: lead, State: string(p.State),
		Stands: p.Sum.Word(), Start: p.Start, End: p.End, Milestones: p.Sum.Milestones, Done: p.Sum.Done, Late: p.Sum.Late, Silent: p.Sum.Silent,
		Disagree: p.Sum.Disagree, URL: l.Base() + p.Ref().Path(), slug: p.Slug, tone: p.Sum.Tone(),
	}
}

// Sentence says in ten seconds how the promises of a delivered plan stand, each
// number a list of them.
func Sentence(ctx context.Context, pl plan.Plan, promises []plan.Promise) ui.Said {
	all, words := 0, map[string]int{}
	for _, p := range promises {
		if p.Stands() {
			all++
			words[p.Sum.Word()]++
		}
	}
	stand := func(word string) ui.Figure {
		return ui.Count(words[word], listing.Of("/commitments", "plan", pl.ID, "promised", "yes", "stands", word))
	}
	return ui.SayN(ctx, "plan.sentence_kept", ui.Count(all, listing.Of("/commitments", "plan", pl.ID, "promised", "yes")),
		"kept", stand("kept"), "late", stand("late"), "silent", stand("silent"), "end", i18n.CivilDate(ctx, pl.End))
}

// MilestoneQuery is what milestones are filtered by.
type MilestoneQuery struct {
	Plan       string `query:"plan" doc:"Id or address of a plan"`
	Commitment string `query:"commitment" doc:"Id or address of a commitment"`
	Is         string `query:"is" enum:"done,late,silent,disagree,shown" doc:"done: complete, with something that shows it; shown: something shows what the government says; late: its end has passed; silent: nothing was said for half a year; disagree: civil society or the reviewer says less than the government"`
	listing.Paged
}

// MilestoneRow is a milestone with the last word of each voice.
type MilestoneRow struct {
	ID              string `json:"id"`
	Commitment      string `json:"commitment"`
	CommitmentTitle string `json:"commitment_title"`
	Plan            string `json:"plan"`
	Title           string `json:"title"`
	Output          string `json:"output" doc:"What can be seen when it is done"`
	Start           string `json:"start_date"`
	End             string `json:"end_date"`
	Government      string `json:"government" doc:"What the government says, as far as it can be defended: a status, claimed or silent"`
	CivilSociety    string `json:"civil_society"`
	Independent     string `json:"independent"`
	Done            bool   `json:"done"`
	Late            bool   `json:"late"`
	Silent          bool   `json:"silent"`
	Disagree        bool   `json:"disagree"`
	Evidence        int    `json:"evidence" doc:"How many things the government's last word shows for it"`
	URL             string `json:"url" doc:"Of its commitment"`
	tone            string
}

func (l *Lists) milestones() listing.List[MilestoneQuery, MilestoneRow] {
	return listing.List[MilestoneQuery, MilestoneRow]{
		Path: "/milestones", Tag: "Plans", Summary: "Milestones of all commitments, with what three voices said of each last", Words: "plan.list.milestones.",
		DB: l.DB, Base: l.Base, Name: l.name, Rows: l.milestoneRows,
		Columns: []listing.Column[MilestoneRow]{
			head("title", func(_ context.Context, r MilestoneRow) ui.Cell {
				return ui.Cell{Text: r.Title, Href: "/commitment/" + r.Commitment, Note: r.CommitmentTitle}
			}),
			col("output", func(_ context.Context, r MilestoneRow) ui.Cell { return ui.Text(r.Output) }),
			dayCol("end", func(r MilestoneRow) string { return r.End }),
			col("government", func(ctx context.Context, r MilestoneRow) ui.Cell {
				return ui.StateCell(ui.Tone(r.tone), i18n.T(ctx, "plan.status."+r.Government))
			}),
			col("civil_society", func(ctx context.Context, r MilestoneRow) ui.Cell { return statusCell(ctx, r.CivilSociety) }),
			col("independent", func(ctx context.Context, r MilestoneRow) ui.Cell { return statusCell(ctx, r.Independent) }),
		},
	}
}

func statusCell(ctx context.Context, status string) ui.Cell {
	if status == "" {
		return ui.Text(i18n.T(ctx, "plan.nothing_said"))
	}
	return ui.Text(i18n.T(ctx, "plan.status."+status))
}

func (l *Lists) milestoneRows(ctx context.Context, tx *db.Tx, q MilestoneQuery, cursor string, limit int) ([]MilestoneRow, string, error) {
	plans, err := among(ctx, tx, q.Plan, q.Commitment)
	if err != nil {
		return nil, "", err
	}
	one, err := only(ctx, tx, q.Commitment)
	if err != nil {
		return nil, "", err
	}
	return through(plans, cursor, limit, func(r MilestoneRow) string { return r.ID }, func(pl plan.Plan) ([]MilestoneRow, error) {
		return l.milestonesOf(ctx, tx, pl, one, q.Is)
	})
}

// only is the id of the commitment that a list is filtered by; "" for all.
func only(ctx context.Context, tx *db.Tx, key string) (string, error) {
	if key == "" {
		return "", nil
	}
	ref, _, err := record.Resolve(ctx, tx, "commitment", key)
	return ref.ID, err
}

func (l *Lists) milestonesOf(ctx context.Context, tx *db.Tx, pl plan.Plan, one, is string) (out []MilestoneRow, err error) {
	all, err := plan.Commitments(ctx, tx, pl.ID)
	if err != nil {
		return nil, err
	}
	of, err := plan.MilestonesOf(ctx, tx, pl.ID)
	if err != nil {
		return nil, err
	}
	words, err := plan.WordsNow(ctx, tx, pl.Ref())
	for _, c := range all {
		if one != "" && c.ID != one {
			continue
		}
		standing := plan.Stand(of[c.ID], words, pl.Start, plan.Today(tx))
		for _, m := range of[c.ID] {
			r := l.milestoneRow(c, m, standing[m.ID])
			if is == "" || map[string]bool{"done": r.Done, "late": r.Late, "silent": r.Silent, "disagree": r.Disagree, "shown": r.Evidence > 0}[is] {
				out = append(out, r)
			}
		}
	}
	return out, err
}

func (l *Lists) milestoneRow(c plan.Commitment, m plan.Milestone, voices map[plan.Voice]plan.Shown) MilestoneRow {
	g := voices[plan.Government]
	r := MilestoneRow{
		ID: m.ID, Commitment: c.ID, CommitmentTitle: c.Title, Plan: c.Plan, Title: m.Title, Output: m.Output, Start: m.Start, End: m.End,
		Government: g.Word(), Done: g.Sure() == plan.Completed, Late: g.Late, Silent: g.Silent, Disagree: plan.Disagree(voices),
		Evidence: len(g.Last.Evidence.V), URL: l.Base() + c.Ref().Path(), tone: g.Tone(),
	}
	if s := voices[plan.CivilSociety]; s.Status != "" {
		r.CivilSociety = s.Word()
	}
	if s := voices[plan.Independent]; s.Status != "" {
		r.Independent = s.Word()
	}
	return r
}
