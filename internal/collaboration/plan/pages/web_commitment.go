package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"ceiba/internal/collaboration/plan"

	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// commitmentView is what the page of a commitment shows.
type commitmentView struct {
	Commitment plan.Commitment
	Plan       plan.Plan
	Slug       string
	PlanSlug   string
	Milestones []plan.Milestone
	Standing   plan.Standing
	Sum        plan.Sum
	Parties    []plan.Party
	Papers     []plan.Paper
	Names      map[string]string
	Heirs      []org.Org // who answers today, where the lead no longer exists
	Events     []activity.Event
	Edges      []record.Edge
	Talk       talk.Talk
	MayDraft   bool
	MayWrite   bool
	Mine       map[string]bool // parties for which the reader may speak
	MayReport  bool
	Base       string
	Words      record.Translated
	Gives      templ.Component // who gives what to it; nil for nothing
	Today      string          // civil date
	web.Wrong                  // with the step that was asked for
	Asked      plan.Staging
}

// step is the form of a step, with what was typed into it if something was wrong.
func (v commitmentView) step(to plan.Stage) stepView {
	x := stepView{To: to, Decides: v.Plan.Forum != "" && plan.GivesUp(v.Plan, v.Commitment.State, to, v.Today), suffix: "-" + string(to)}
	x.Said.Version = v.Commitment.Version
	if v.Asked.To == to {
		x.Said, x.Wrong, x.suffix = v.Asked, v.Wrong, ""
	}
	return x
}

// stepView is the form of one step. The one that is shown again has the plain ids
// to which its errors lead; a page has several.
type stepView struct {
	web.Wrong
	To      plan.Stage
	Said    plan.Staging
	Decides bool // the forum's decision is needed
	suffix  string
}

// reasonless reports whether the step needs no reason.
func (x stepView) reasonless() bool {
	return slices.Contains([]plan.Stage{plan.Agreed, plan.Complete, plan.Proposed, plan.Shortlisted, plan.Drafting}, x.To)
}

// Say is a text of the commitment as the reader gets it.
func (v commitmentView) Say(field, text string) record.Said {
	return v.Words.Say(field, text, v.Commitment.Lang)
}

func (p *Pages) showCommitment(w http.ResponseWriter, r *http.Request) error {
	if key, ok := strings.CutSuffix(r.PathValue("key"), ".json"); ok {
		web.Redirect(w, r, "/api/v1/commitments/"+key)
		return nil
	}
	return p.commitmentPage(w, r, http.StatusOK, commitmentView{})
}

// commitmentPage shows a commitment, with what was typed into one of its forms.
func (p *Pages) commitmentPage(w http.ResponseWriter, r *http.Request, status int, v commitmentView) error {
	ctx := r.Context()
	v.Base = p.Base()
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Commitment, v.Plan, v.Slug, err = findCommitment(ctx, tx, r); err != nil {
			return err
		}
		return p.fillCommitment(ctx, tx, who.From(ctx), &v)
	}); err != nil {
		return err
	}
	if v.Slug != r.PathValue("key") && status == http.StatusOK {
		http.Redirect(w, r, "/commitment/"+v.Slug, http.StatusMovedPermanently)
		return nil
	}
	title := v.Say("title", v.Commitment.Title).Text
	return web.Page(w, r, status, ui.Page{
		Title: title, Description: plan.FirstWords(v.Commitment.Texts.V.Short()), Canonical: v.Base + v.Commitment.Ref().Path(), Private: !v.Plan.Public(), Wide: true,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "plan.nav"), Href: "/plans"}, {Text: v.Plan.Title, Href: "/plan/" + v.PlanSlug}},
		Feeds:  []ui.Feed{{Title: title, Href: "/activity.atom?kind=commitment&record=" + v.Commitment.ID}},
	}, commitmentPage(v))
}

func (p *Pages) fillCommitment(ctx context.Context, tx *db.Tx, actor who.Actor, v *commitmentView) (err error) {
	c := v.Commitment
	v.MayDraft, v.MayWrite = plan.MustDraft(actor, c, v.Plan) == nil, actor.May("plan.write", who.In(v.Plan.Org))
	v.MayReport = actor.MayAnywhere("progress.report") || actor.MayAnywhere("progress.assess")
	slugs, err := record.Slugs(ctx, tx, "plan", []string{v.Plan.ID})
	if err != nil {
		return err
	}
	v.PlanSlug = slugs[v.Plan.ID]
	if v.Milestones, err = plan.Milestones(ctx, tx, c.ID); err != nil {
		return err
	}
	words, err := plan.WordsNow(ctx, tx, c.Ref())
	if err != nil {
		return err
	}
	v.Today = plan.Today(tx)
	v.Standing = plan.Stand(v.Milestones, words, v.Plan.Start, v.Today)
	v.Sum = v.Standing.Sum(v.Milestones)
	if v.Parties, err = plan.Parties(ctx, tx, c.ID); err != nil {
		return err
	}
	if err := p.fillPeople(ctx, tx, actor, v); err != nil {
		return err
	}
	if v.Papers, _, err = plan.FindPapers(ctx, tx, v.Plan.ID, plan.PaperFilter{Commitment: c.ID}, "", 50); err != nil {
		return err
	}
	all, err := record.Translations(ctx, tx, "commitment", i18n.LangOf(ctx), []string{c.ID})
	if err != nil {
		return err
	}
	v.Words = all[c.ID]
	if p.Gives != nil && v.Plan.Public() {
		if v.Gives, err = p.Gives(ctx, tx, actor, c); err != nil {
			return err
		}
	}
	if v.Talk, err = talk.Load(ctx, tx, p.Kinds(), actor, record.Card{Ref: c.Ref(), Org: c.Answers(v.Plan)}, c.Ref().Path()); err != nil {
		return err
	}
	if v.Edges, err = p.Kinds().Edges(ctx, tx, actor, c.Ref()); err != nil {
		return err
	}
	v.Events, err = activity.List(ctx, tx, activity.Filter{Kind: "commitment", Record: c.ID, Private: v.MayWrite}, 50)
	return err
}

// fillPeople reads the names of those who take part, and who answers today for
// a lead that no longer exists.
func (p *Pages) fillPeople(ctx context.Context, tx *db.Tx, actor who.Actor, v *commitmentView) (err error) {
	orgs := []string{v.Plan.Org, v.Commitment.Lead}
	v.Mine = map[string]bool{}
	for _, x := range v.Parties {
		orgs = append(orgs, x.Org)
		v.Mine[x.ID] = speaksFor(actor, x.Org)
	}
	for _, m := range v.Milestones {
		orgs = append(orgs, m.Lead)
		for _, s := range v.Standing[m.ID] {
			orgs = append(orgs, s.Last.Org)
		}
	}
	if v.Names, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs); err != nil || v.Commitment.Lead == "" {
		return err
	}
	heirs, err := org.Heirs(ctx, tx, v.Commitment.Lead)
	for _, h := range heirs {
		if h.ID != v.Commitment.Lead {
			v.Heirs = append(v.Heirs, h)
		}
	}
	return err
}

// speaksFor reports whether actor belongs to an organisation.
func speaksFor(actor who.Actor, org string) bool {
	return actor.Has(who.Official, org) || actor.Has(who.Editor, org) || actor.Has(who.Member, org)
}

// draftView is the form for the text of a commitment, new or not.
type draftView struct {
	web.Wrong
	Plan       plan.Plan
	PlanSlug   string
	Commitment plan.Commitment
	Slug       string
	Orgs       []org.Org
	Reason     string
	Decision   string
	Coach      templ.Component // of what is saved; nil for a new one
}

// frozen reports whether the form is for an amendment.
func (v draftView) frozen() bool { return v.Commitment.ID != "" && !v.Plan.Open() }

func (p *Pages) draftForm(w http.ResponseWriter, r *http.Request) error {
	pl, slug, err := p.mine(r)
	if err != nil {
		return err
	}
	c := plan.Commitment{Plan: pl.ID, Lang: pl.Lang, Start: pl.Start, End: pl.End, State: plan.Drafting}
	return p.draftPage(w, r, http.StatusOK, draftView{Plan: pl, PlanSlug: slug, Commitment: c})
}

func (p *Pages) draftPage(w http.ResponseWriter, r *http.Request, status int, v draftView) error {
	ctx := r.Context()
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Commitment.ID != "" && p.Coach != nil {
			if v.Coach, err = p.coached(ctx, tx, v.Commitment.ID); err != nil {
				return err
			}
		}
		v.Orgs, _, err = org.List(ctx, tx, org.Filter{Limit: 500})
		return err
	}); err != nil {
		return err
	}
	key := "plan.commitment_new"
	switch {
	case v.frozen():
		key = "plan.commitment_amend"
	case v.Commitment.ID != "":
		key = "plan.commitment_edit"
	}
	return web.Page(w, r, status, p.deskPage(r, key, v.Plan, v.PlanSlug), draftPage(i18n.T(ctx, key), v))
}

// coached is what the coach says of a commitment as it is saved.
func (p *Pages) coached(ctx context.Context, tx *db.Tx, commitment string) (templ.Component, error) {
	c, _, err := plan.SeeCommitment(ctx, tx, who.From(ctx), commitment)
	if err != nil {
		return nil, err
	}
	return p.Coach(ctx, tx, c)
}

func readCommitment(f web.Form) plan.Commitment {
	c := plan.Commitment{
		Number: f.Line("number"), Title: f.Line("title"), Lang: f.Line("lang"), Lead: f.Line("lead"), Start: f.Date("start_date"),
		End: f.Date("end_date"), State: plan.Stage(f.Line("state")),
	}
	for _, part := range c.Texts.V.Parts() {
		*part.Text = f.Text(part.Name)
	}
	c.Districts.V, c.Tags.V = f.All("districts"), f.All("tags")
	c.Contact.V = plan.Contact{Name: f.Line("contact_name"), Title: f.Line("contact_title"), Email: f.Line("contact_email"), Phone: f.Line("contact_phone")}
	c.Version, _ = strconv.Atoi(f.Line("version"))
	return c
}

func (p *Pages) draft(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	pl, slug, err := p.mine(r)
	if err != nil {
		return err
	}
	in := readCommitment(f)
	in.Plan = pl.ID
	made, err := p.Draft(r.Context(), who.From(r.Context()), in)
	if told, ok := web.Mend(w, r, err, "title", fieldLabel); ok {
		return p.draftPage(w, r, told.Status, draftView{Plan: pl, PlanSlug: slug, Commitment: in, Wrong: told})
	}
	return done(w, r, err, "plan.commitment_created", made.Ref().Path())
}

// drafted finds the commitment of an address that the reader may work on.
func (p *Pages) drafted(r *http.Request) (v draftView, err error) {
	ctx := r.Context()
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		if v.Commitment, v.Plan, v.Slug, err = findCommitment(ctx, tx, r); err != nil {
			return err
		}
		slugs, err := record.Slugs(ctx, tx, "plan", []string{v.Plan.ID})
		v.PlanSlug = slugs[v.Plan.ID]
		if err != nil {
			return err
		}
		return plan.MustDraft(who.From(ctx), v.Commitment, v.Plan)
	})
	return v, err
}

func (p *Pages) saveForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.drafted(r)
	if err != nil {
		return err
	}
	return p.draftPage(w, r, http.StatusOK, v)
}

func (p *Pages) saveText(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.drafted(r)
	if err != nil {
		return err
	}
	now := v.Commitment
	v.Commitment = readCommitment(f)
	v.Commitment.ID, v.Commitment.Plan, v.Commitment.State = now.ID, now.Plan, now.State
	v.Reason, v.Decision = f.Text("reason"), f.Line("decision")
	out, err := p.Save(r.Context(), who.From(r.Context()), plan.Save{Commitment: v.Commitment, Reason: v.Reason, Decision: v.Decision})
	if errors.Is(err, db.ErrConflict) {
		return web.Page(w, r, http.StatusConflict, ui.Page{Title: i18n.T(r.Context(), "web.title.409"), Kind: ui.Form, Private: true},
			commitmentConflict(v.Commitment, now, v.Slug))
	}
	if told, ok := web.Mend(w, r, err, "title", fieldLabel); ok {
		v.Wrong = told
		return p.draftPage(w, r, told.Status, v)
	}
	return done(w, r, err, "plan.saved", out.Ref().Path())
}

func (p *Pages) stageForm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.drafted(r)
	if err != nil {
		return err
	}
	s := plan.Staging{Commitment: v.Commitment.ID, To: plan.Stage(f.Line("to")), Reason: f.Text("reason"), Successor: f.Line("successor"), Decision: f.Line("decision")}
	s.Version, _ = strconv.Atoi(f.Line("version"))
	out, err := p.Stage(ctx, who.From(ctx), s)
	if onStep(err) {
		told, _ := web.Mend(w, r, err, "reason", fieldLabel)
		return p.commitmentPage(w, r, told.Status, commitmentView{Wrong: told, Asked: s})
	}
	if p.lacks(ctx, w, err) {
		web.Redirect(w, r, v.Commitment.Ref().Path())
		return nil
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "plan.moved", "state", i18n.T(ctx, "plan.stage."+string(out.State)))
	web.Redirect(w, r, out.Ref().Path())
	return nil
}

// onStep reports whether what is wrong can be mended in the form of the step; the
// rest is about the commitment itself.
func onStep(err error) bool {
	fields, ok := web.FieldErrors(err)
	return ok && !slices.ContainsFunc([]fault.Field(fields), func(f fault.Field) bool { return !slices.Contains([]string{"reason", "decision", "successor"}, f.Name) })
}

// versionsView is the history of a commitment's text.
type versionsView struct {
	Commitment plan.Commitment
	Plan       plan.Plan
	Slug       string
	PlanSlug   string
	Versions   []plan.Version
	From, To   plan.Version
}

func (p *Pages) versions(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v versionsView
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Commitment, v.Plan, v.Slug, err = findCommitment(ctx, tx, r); err != nil {
			return err
		}
		slugs, err := record.Slugs(ctx, tx, "plan", []string{v.Plan.ID})
		if err != nil {
			return err
		}
		v.PlanSlug = slugs[v.Plan.ID]
		v.Versions, err = plan.Versions(ctx, tx, v.Commitment.ID)
		return err
	}); err != nil {
		return err
	}
	n := len(v.Versions)
	to, err := web.QueryInt(r, "to", n, 1, n)
	if err != nil {
		return err
	}
	from, err := web.QueryInt(r, "from", max(1, to-1), 1, n)
	if err != nil {
		return err
	}
	v.From, v.To = v.Versions[from-1], v.Versions[to-1]
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "plan.versions_of", "title", v.Commitment.Title), Private: !v.Plan.Public(), Wide: true,
		Crumbs: []ui.Link{{Text: v.Plan.Title, Href: "/plan/" + v.PlanSlug}, {Text: v.Commitment.Title, Href: "/commitment/" + v.Slug}},
	}, versionsPage(v))
}
