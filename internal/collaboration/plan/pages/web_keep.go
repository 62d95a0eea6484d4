package pages

import (
	"context"
	"net/http"
	"strconv"

	"ceiba/internal/collaboration/plan"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// mileView is the form for a milestone, with those there are.
type mileView struct {
	draftView
	One  plan.Milestone
	All  []plan.Milestone
	Seen int // version of the commitment
}

func (p *Pages) mileForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.drafted(r)
	if err != nil {
		return err
	}
	one := plan.Milestone{Planned: plan.Planned{Start: v.Commitment.Start, End: v.Commitment.End}}
	return p.milePage(w, r, http.StatusOK, mileView{draftView: v, One: one, Seen: v.Commitment.Version}, r.URL.Query().Get("id"))
}

func (p *Pages) milePage(w http.ResponseWriter, r *http.Request, status int, v mileView, edit string) error {
	ctx := r.Context()
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.All, err = plan.Milestones(ctx, tx, v.Commitment.ID); err != nil {
			return err
		}
		v.Orgs, _, err = org.List(ctx, tx, org.Filter{Limit: 500})
		return err
	}); err != nil {
		return err
	}
	for _, m := range v.All {
		if m.ID == edit {
			v.One = m
		}
	}
	page := p.deskPage(r, "plan.milestones", v.Plan, v.PlanSlug)
	page.Crumbs = append(page.Crumbs, ui.Link{Text: v.Commitment.Title, Href: "/commitment/" + v.Slug})
	return web.Page(w, r, status, page, milestonesPage(v))
}

func (p *Pages) mile(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.drafted(r)
	if err != nil {
		return err
	}
	m := plan.Mile{Reason: f.Text("reason"), Decision: f.Line("decision"), Milestone: plan.Milestone{Commitment: v.Commitment.ID, Removed: f.Has("removed")}}
	m.Planned = plan.Planned{
		ID: f.Line("id"), Title: f.Line("title"), Output: f.Text("output"), Start: f.Date("start_date"), End: f.Date("end_date"),
		Lead: f.Line("lead"), Supporting: f.Line("supporting"), Indicator: f.Line("indicator"), Baseline: f.Line("baseline"),
		Target: f.Line("target"), Budget: f.Line("budget"),
	}
	m.Seen, _ = strconv.Atoi(f.Line("version"))
	v.Reason, v.Decision = m.Reason, m.Decision
	_, err = p.SaveMilestone(r.Context(), who.From(r.Context()), m)
	if told, ok := web.Mend(w, r, err, "title", fieldLabel); ok {
		v.Wrong = told
		return p.milePage(w, r, told.Status, mileView{draftView: v, One: m.Milestone, Seen: m.Seen}, "")
	}
	return done(w, r, err, "plan.saved", "/commitment/"+v.Commitment.ID+"/milestones")
}

// partyView is the form for a party, with those there are.
type partyView struct {
	draftView
	One   plan.Party
	All   []plan.Party
	Names map[string]string
}

func (p *Pages) partyForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.drafted(r)
	if err != nil {
		return err
	}
	return p.partyPage(w, r, http.StatusOK, partyView{draftView: v, One: plan.Party{Role: "contributor"}})
}

func (p *Pages) partyPage(w http.ResponseWriter, r *http.Request, status int, v partyView) error {
	ctx := r.Context()
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.All, err = plan.Parties(ctx, tx, v.Commitment.ID); err != nil {
			return err
		}
		var orgs []string
		for _, x := range v.All {
			orgs = append(orgs, x.Org)
		}
		if v.Names, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs); err != nil {
			return err
		}
		v.Orgs, _, err = org.List(ctx, tx, org.Filter{Limit: 500})
		return err
	}); err != nil {
		return err
	}
	page := p.deskPage(r, "plan.parties", v.Plan, v.PlanSlug)
	page.Crumbs = append(page.Crumbs, ui.Link{Text: v.Commitment.Title, Href: "/commitment/" + v.Slug})
	return web.Page(w, r, status, page, partiesPage(v))
}

func (p *Pages) party(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.drafted(r)
	if err != nil {
		return err
	}
	in := plan.Party{Commitment: v.Commitment.ID, Org: f.Line("org"), Role: f.Line("role")}
	_, err = p.AddParty(r.Context(), who.From(r.Context()), in)
	if told, ok := web.Mend(w, r, err, "org", fieldLabel); ok {
		v.Wrong = told
		return p.partyPage(w, r, told.Status, partyView{draftView: v, One: in})
	}
	return done(w, r, err, "plan.party_named", "/commitment/"+v.Commitment.ID+"/parties")
}

func (p *Pages) confirm(w http.ResponseWriter, r *http.Request) error {
	out, err := p.Confirm(r.Context(), who.From(r.Context()), r.PathValue("id"))
	return done(w, r, err, "plan.party_confirmed", "/commitment/"+out.Commitment)
}

func (p *Pages) leave(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	out, err := p.Leave(r.Context(), who.From(r.Context()), r.PathValue("id"), f.Text("reason"))
	if p.lacks(r.Context(), w, err) {
		web.Redirect(w, r, "/commitment/"+out.Commitment)
		return nil
	}
	return done(w, r, err, "plan.party_left", "/commitment/"+out.Commitment)
}

// reportView is the form in which somebody says how a milestone stands.
type reportView struct {
	web.Wrong
	Commitment plan.Commitment
	Plan       plan.Plan
	Slug       string
	Milestone  plan.Milestone
	Orgs       []org.Choice
	MayAssess  bool
	One        plan.Progress
	Standing   map[plan.Voice]plan.Shown
	Links      string
	Today      string
}

func (p *Pages) reportView(r *http.Request) (v reportView, err error) {
	ctx := r.Context()
	actor := who.From(ctx)
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		if v.Milestone, err = plan.MilestoneByID(ctx, tx, r.PathValue("id")); err != nil {
			return err
		}
		if v.Commitment, v.Plan, err = plan.SeeCommitment(ctx, tx, actor, v.Milestone.Commitment); err != nil {
			return err
		}
		slugs, err := record.Slugs(ctx, tx, "commitment", []string{v.Commitment.ID})
		if err != nil {
			return err
		}
		v.Slug, v.Today = slugs[v.Commitment.ID], plan.Today(tx)
		words, err := plan.WordsNow(ctx, tx, v.Commitment.Ref())
		if err != nil {
			return err
		}
		v.Standing = plan.Stand([]plan.Milestone{v.Milestone}, words, v.Plan.Start, v.Today)[v.Milestone.ID]
		v.MayAssess = actor.MayAnywhere("progress.assess")
		v.Orgs, err = speaking(ctx, tx, actor)
		return err
	})
	return v, err
}

// speaking lists the organisations for which actor may report.
func speaking(ctx context.Context, tx *db.Tx, actor who.Actor) ([]org.Choice, error) {
	if _, everywhere := actor.Orgs("progress.report"); !everywhere && !actor.MayAnywhere("progress.report") {
		return nil, nil
	}
	return org.Choices(ctx, tx, actor, "progress.report")
}

func (p *Pages) reportForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.reportView(r)
	if err != nil {
		return err
	}
	if len(v.Orgs) == 1 && !v.MayAssess {
		v.One.Org = v.Orgs[0].ID
	}
	return p.reportPage(w, r, http.StatusOK, v)
}

func (p *Pages) reportPage(w http.ResponseWriter, r *http.Request, status int, v reportView) error {
	ctx := r.Context()
	return web.Page(w, r, status, ui.Page{
		Title: i18n.T(ctx, "plan.report"), Kind: ui.Form, Private: true,
		Crumbs: []ui.Link{{Text: v.Plan.Title, Href: v.Plan.Ref().Path()}, {Text: v.Commitment.Title, Href: "/commitment/" + v.Slug}},
	}, reportPage(v))
}

func (p *Pages) reportPost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.reportView(r)
	if err != nil {
		return err
	}
	v.Links = f.Text("evidence")
	v.One = plan.Progress{
		Milestone: v.Milestone.ID, Org: f.Line("org"), Status: plan.Status(f.Line("status")), Text: f.Text("text"), Challenges: f.Text("challenges"),
		Reason: f.Text("reason"),
	}
	v.One.Evidence.V = plan.ReadEvidence(v.Links)
	_, err = p.Report(r.Context(), who.From(r.Context()), v.One)
	var wrong bool
	if v.Wrong, wrong = web.Mend(w, r, err, "text", fieldLabel); wrong {
		return p.reportPage(w, r, v.Status, v)
	}
	return done(w, r, err, "plan.reported", v.Commitment.Ref().Path())
}
