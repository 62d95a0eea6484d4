package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/joint"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// formView is the form for a project, new or not.
type formView struct {
	web.Wrong
	Project     joint.Project
	Slug        string
	Orgs        []org.Choice
	Commitments []plan.Commitment // of public plans
}

func (p *Pages) newForm(w http.ResponseWriter, r *http.Request) error {
	return p.form(w, r, http.StatusOK, formView{Project: joint.Project{Lang: i18n.LangOf(r.Context()), Commitment: r.URL.Query().Get("commitment")}})
}

func (p *Pages) form(w http.ResponseWriter, r *http.Request, status int, v formView) error {
	ctx := r.Context()
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Orgs, err = org.Choices(ctx, tx, who.From(ctx), "joint.write"); err != nil {
			return err
		}
		v.Commitments, err = promises(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	if len(v.Orgs) == 1 && v.Project.Lead == "" {
		v.Project.Lead = v.Orgs[0].ID
	}
	title, over := i18n.T(ctx, "joint.new"), crumbs(ctx)
	if v.Project.ID != "" {
		title, over = i18n.T(ctx, "joint.edit"), crumbs(ctx, ui.Link{Text: v.Project.Title, Href: "/joint/" + v.Slug})
	}
	return web.Page(w, r, status, ui.Page{Title: title, Kind: ui.Form, Private: true, Crumbs: over}, formPage(title, v))
}

// promises lists the commitments that everybody may see and that are not over.
func promises(ctx context.Context, tx *db.Tx) (out []plan.Commitment, err error) {
	actor := who.From(ctx)
	plans, err := plan.List(ctx, tx, actor)
	var open []string
	for _, pl := range plans {
		if pl.Public() && pl.State != plan.Archived {
			open = append(open, pl.ID)
		}
	}
	if err != nil || len(open) == 0 {
		return nil, err
	}
	all, err := plan.Commitments(ctx, tx, open...)
	return slices.DeleteFunc(all, func(c plan.Commitment) bool { return c.State.Led() || c.State == plan.Withdrawn }), err
}

func readProject(f web.Form) joint.Project {
	in := joint.Project{
		Title: f.Line("title"), Problem: f.Text("problem"), Objective: f.Text("objective"), Budget: f.Text("budget"), Lang: f.Line("lang"),
		Commitment: f.Line("commitment"), Lead: f.Line("lead"),
	}
	in.Version, _ = strconv.Atoi(f.Line("version"))
	return in
}

func (p *Pages) create(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	in := readProject(f)
	made, err := p.Propose(r.Context(), who.From(r.Context()), in)
	if told, ok := web.Mend(w, r, err, "title", fieldLabel); ok {
		return p.form(w, r, told.Status, formView{Project: in, Wrong: told})
	}
	return done(w, r, err, "joint.proposed_now", made.Ref().Path())
}

// led finds the project of an address that the reader leads.
func (p *Pages) led(r *http.Request) (pr joint.Project, slug string, err error) {
	ctx := r.Context()
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		if pr, slug, err = find(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		return joint.MustLead(ctx, tx, who.From(ctx), pr)
	})
	return pr, slug, err
}

func (p *Pages) editForm(w http.ResponseWriter, r *http.Request) error {
	pr, slug, err := p.led(r)
	if err != nil {
		return err
	}
	return p.form(w, r, http.StatusOK, formView{Project: pr, Slug: slug})
}

func (p *Pages) edit(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	now, slug, err := p.led(r)
	if err != nil {
		return err
	}
	in := readProject(f)
	in.ID, in.Lead = now.ID, now.Lead
	out, err := p.Edit(r.Context(), who.From(r.Context()), in)
	if errors.Is(err, db.ErrConflict) {
		return conflict(w, r, projectTexts(in), projectTexts(now), ui.Conflict{
			Title: now.Title, At: now.Changed.Time, Action: "/joint/" + slug + "/edit", Version: int64(now.Version), Cancel: ui.Link{Href: "/joint/" + slug},
		})
	}
	if told, ok := web.Mend(w, r, err, "title", fieldLabel); ok {
		return p.form(w, r, told.Status, formView{Project: in, Slug: slug, Wrong: told})
	}
	return done(w, r, err, "joint.saved", out.Ref().Path())
}

// conflict shows two texts of one thing side by side.
func conflict(w http.ResponseWriter, r *http.Request, mine, theirs [][2]string, c ui.Conflict) error {
	ctx := r.Context()
	c.Cancel.Text = i18n.T(ctx, "joint.cancel")
	for i := range mine {
		name, a, b := mine[i][0], mine[i][1], theirs[i][1]
		if a == b {
			c.Same = append(c.Same, ui.Hidden{Name: name, Value: a})
			continue
		}
		c.Fields = append(c.Fields, ui.ConflictField{Name: name, Label: fieldLabel(ctx, name), Mine: a, Theirs: b, Long: len(a)+len(b) > 160})
	}
	return web.Page(w, r, http.StatusConflict, ui.Page{Title: i18n.T(ctx, "web.title.409"), Kind: ui.Form, Private: true}, conflictPage(c))
}

func (p *Pages) move(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	pr, slug, err := p.led(r)
	if err != nil {
		return err
	}
	m := joint.Moving{Joint: pr.ID, To: joint.State(f.Line("to")), Reason: f.Text("reason")}
	m.Version, _ = strconv.Atoi(f.Line("version"))
	_, err = p.Move(r.Context(), who.From(r.Context()), m)
	return small(w, r, err, "joint.moved", "/joint/"+slug)
}

// partnerView is the form that asks an organisation, with those there are.
type partnerView struct {
	web.Wrong
	Project joint.Project
	Slug    string
	One     joint.Partner
	All     []joint.Partner
	Names   map[string]string
	Governs map[string]bool
	Orgs    []org.Org
}

func (p *Pages) partnerForm(w http.ResponseWriter, r *http.Request) error {
	return p.partnerPage(w, r, http.StatusOK, partnerView{One: joint.Partner{Role: joint.Contributor}})
}

func (p *Pages) partnerPage(w http.ResponseWriter, r *http.Request, status int, v partnerView) (err error) {
	ctx := r.Context()
	if v.Project, v.Slug, err = p.led(r); err != nil {
		return err
	}
	if err := p.DB.View(ctx, func(tx *db.Tx) error {
		if v.All, err = joint.Partners(ctx, tx, v.Project.ID); err != nil {
			return err
		}
		var orgs []string
		for _, x := range v.All {
			orgs = append(orgs, x.Org)
		}
		if v.Names, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs); err != nil {
			return err
		}
		if v.Governs, err = joint.Governs(ctx, tx, orgs); err != nil {
			return err
		}
		v.Orgs, _, err = org.List(ctx, tx, org.Filter{Limit: 500})
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, status, deskPage(ctx, "joint.partners", v.Project, v.Slug), partnersPage(v))
}

// deskPage is the frame of a form that belongs to a project.
func deskPage(ctx context.Context, key string, pr joint.Project, slug string) ui.Page {
	return ui.Page{Title: i18n.T(ctx, key), Kind: ui.Form, Private: true, Crumbs: crumbs(ctx, ui.Link{Text: pr.Title, Href: "/joint/" + slug})}
}

func (p *Pages) partner(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	pr, slug, err := p.led(r)
	if err != nil {
		return err
	}
	in := joint.Partner{Joint: pr.ID, Org: f.Line("org"), Role: joint.Role(f.Line("role"))}
	_, err = p.Invite(r.Context(), who.From(r.Context()), in)
	if told, ok := web.Mend(w, r, err, "org", fieldLabel); ok {
		return p.partnerPage(w, r, told.Status, partnerView{One: in, Wrong: told})
	}
	return done(w, r, err, "joint.invited", "/joint/"+slug+"/partners")
}

func (p *Pages) uninvite(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	_, slug, err := p.led(r)
	if err != nil {
		return err
	}
	_, err = p.Uninvite(r.Context(), who.From(r.Context()), f.Line("partner"), f.Text("reason"))
	return small(w, r, err, "joint.uninvited", "/joint/"+slug+"/partners")
}

func (p *Pages) join(w http.ResponseWriter, r *http.Request) error {
	out, err := p.Join(r.Context(), who.From(r.Context()), r.PathValue("id"))
	return small(w, r, err, "joint.joined", record.Ref{Kind: "joint", ID: out.Joint}.Path())
}

func (p *Pages) leave(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	out, err := p.Leave(r.Context(), who.From(r.Context()), r.PathValue("id"), f.Text("reason"))
	return small(w, r, err, "joint.left", record.Ref{Kind: "joint", ID: out.Joint}.Path())
}

// mileView is the form for a milestone, with those there are.
type mileView struct {
	web.Wrong
	Project joint.Project
	Slug    string
	One     joint.Milestone
	All     []joint.Milestone
	Today   string
}

func (p *Pages) mileForm(w http.ResponseWriter, r *http.Request) error {
	return p.milePage(w, r, http.StatusOK, mileView{One: joint.Milestone{State: joint.Planned}}, r.URL.Query().Get("id"))
}

func (p *Pages) milePage(w http.ResponseWriter, r *http.Request, status int, v mileView, edit string) (err error) {
	ctx := r.Context()
	if v.Project, v.Slug, err = p.led(r); err != nil {
		return err
	}
	if err := p.DB.View(ctx, func(tx *db.Tx) error {
		v.Today = plan.Today(tx)
		v.All, err = joint.Milestones(ctx, tx, v.Project.ID)
		return err
	}); err != nil {
		return err
	}
	for _, m := range v.All {
		if m.ID == edit {
			v.One = m
		}
	}
	return web.Page(w, r, status, deskPage(ctx, "joint.milestones", v.Project, v.Slug), milestonesPage(v))
}

func (p *Pages) mile(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	pr, slug, err := p.led(r)
	if err != nil {
		return err
	}
	m := joint.Milestone{ID: f.Line("id"), Joint: pr.ID, Title: f.Line("title"), Due: f.Date("due"), State: joint.MilestoneState(f.Line("state")), Note: f.Text("note")}
	m.Version, _ = strconv.Atoi(f.Line("version"))
	_, err = p.SaveMilestone(r.Context(), who.From(r.Context()), m)
	if errors.Is(err, db.ErrConflict) {
		return p.mileConflict(w, r, pr, slug, m)
	}
	if told, ok := web.Mend(w, r, err, "title", fieldLabel); ok {
		return p.milePage(w, r, told.Status, mileView{One: m, Wrong: told}, "")
	}
	return done(w, r, err, "joint.saved", "/joint/"+slug+"/milestones")
}

func (p *Pages) mileConflict(w http.ResponseWriter, r *http.Request, pr joint.Project, slug string, mine joint.Milestone) error {
	var all []joint.Milestone
	if err := p.DB.View(r.Context(), func(tx *db.Tx) (err error) {
		all, err = joint.Milestones(r.Context(), tx, pr.ID)
		return err
	}); err != nil {
		return err
	}
	for _, now := range all {
		if now.ID == mine.ID {
			return conflict(w, r, milestoneTexts(mine), milestoneTexts(now), ui.Conflict{
				Title: now.Title, Action: "/joint/" + slug + "/milestones", Version: int64(now.Version), Cancel: ui.Link{Href: "/joint/" + slug + "/milestones"}, At: now.Changed.Time,
			})
		}
	}
	return db.ErrNotFound
}
