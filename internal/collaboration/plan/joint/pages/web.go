package pages

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/joint"
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

func (p *Pages) routes(r *web.Routes) {
	p.projectList().Routes(r)
	p.pledgeList().Routes(r)
	write, speak := web.Needs("joint.write"), web.Needs("joint.speak")
	r.Get("/joint", web.Public, p.list)           // not web.Shared, as the others: what is late changes with the day
	r.Get("/joint-project/new", write, p.newForm) // below another word: a title may be "New"
	r.Post("/joint", write, p.create)
	r.Get("/joint/{key}", web.Public, p.show)
	r.Get("/joint/{key}/edit", write, p.editForm)
	r.Post("/joint/{key}/edit", write, p.edit)
	r.Post("/joint/{key}/move", write, p.move)
	r.Get("/joint/{key}/partners", write, p.partnerForm)
	r.Post("/joint/{key}/partners", write, p.partner)
	r.Post("/joint/{key}/uninvite", write, p.uninvite)
	r.Get("/joint/{key}/milestones", write, p.mileForm)
	r.Post("/joint/{key}/milestones", write, p.mile)
	r.Get("/joint/{key}/pledges", speak, p.offerForm)
	r.Post("/joint/{key}/pledges", speak, p.offer)
	r.Post("/joint-partner/{id}/join", speak, p.join)
	r.Post("/joint-partner/{id}/leave", speak, p.leave)
	r.Get("/pledge/{id}", web.Public, p.showPledge)
	r.Get("/pledge/{id}/edit", speak, p.changeForm)
	r.Post("/pledge/{id}/edit", speak, p.change)
	r.Post("/pledge/{id}/say", speak, p.say)
}

const perPage = 50

// listView is what the page of all projects shows.
type listView struct {
	All     []joint.Project
	Slugs   map[string]string
	Pledges map[string][]joint.Pledge
	Names   map[string]string
	Words   map[string]record.Translated
	Filter  joint.Filter
	Today   string
	Next    string
	May     bool
	Base    string
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := listView{May: who.From(ctx).MayAnywhere("joint.write"), Base: p.Base()}
	if s := joint.State(r.URL.Query().Get("state")); slices.Contains(joint.States, s) {
		v.Filter.State = s
	}
	v.Filter.Commitment = r.URL.Query().Get("commitment")
	if err := p.DB.View(ctx, func(tx *db.Tx) error { return v.fill(ctx, tx, r.URL.Query().Get("cursor"), perPage) }); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "joint.nav"), Description: i18n.T(ctx, "joint.lead"), Wide: true, Canonical: p.Base() + "/joint",
		Feeds: []ui.Feed{{Title: i18n.T(ctx, "joint.nav"), Href: "/activity.atom?kind=joint"}},
	}, listPage(v))
}

// fill reads a page of the projects that the filter selects, with what is said of
// them.
func (v *listView) fill(ctx context.Context, tx *db.Tx, cursor string, limit int) (err error) {
	if v.All, v.Next, err = joint.List(ctx, tx, v.Filter, cursor, limit); err != nil {
		return err
	}
	var ids, orgs []string
	for _, x := range v.All {
		ids, orgs = append(ids, x.ID), append(orgs, x.Lead)
	}
	v.Today = plan.Today(tx)
	if v.Slugs, err = record.Slugs(ctx, tx, "joint", ids); err != nil {
		return err
	}
	if v.Pledges, err = joint.PledgesOf(ctx, tx, ids); err != nil {
		return err
	}
	if v.Words, err = record.Translations(ctx, tx, "joint", i18n.LangOf(ctx), ids); err != nil {
		return err
	}
	v.Names, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs)
	return err
}

func crumbs(ctx context.Context, more ...ui.Link) []ui.Link {
	return append([]ui.Link{{Text: i18n.T(ctx, "joint.nav"), Href: "/joint"}}, more...)
}

// find resolves an address to a project.
func find(ctx context.Context, tx *db.Tx, key string) (joint.Project, string, error) {
	ref, slug, err := record.Resolve(ctx, tx, "joint", key)
	if err != nil {
		return joint.Project{}, "", err
	}
	pr, err := joint.Get(ctx, tx, ref.ID)
	return pr, slug, err
}

// projectView is what the page of a project shows.
type projectView struct {
	Project    joint.Project
	Slug       string
	Partners   []joint.Partner
	Pledges    []joint.Pledge
	Milestones []joint.Milestone
	Ready      joint.Ready
	Sum        joint.Sum
	Names      map[string]string // of organisations
	Governs    map[string]bool
	Mine       map[string]bool // organisations for which the reader acts
	MayLead    bool
	MayOffer   bool
	Today      string
	Events     []activity.Event
	Edges      []record.Edge
	Talk       talk.Talk
	Words      record.Translated
	Base       string
}

// Say is a text of the project as the reader gets it.
func (v projectView) Say(field, text string) record.Said {
	return v.Words.Say(field, text, v.Project.Lang)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if key, ok := strings.CutSuffix(r.PathValue("key"), ".json"); ok {
		web.Redirect(w, r, "/api/v1/joint-projects/"+key)
		return nil
	}
	v, err := p.load(r)
	if err != nil {
		return err
	}
	if v.Slug != r.PathValue("key") {
		http.Redirect(w, r, "/joint/"+v.Slug, http.StatusMovedPermanently)
		return nil
	}
	title := v.Say("title", v.Project.Title).Text
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: title, Description: plan.FirstWords(v.Say("objective", v.Project.Objective).Text), Canonical: v.Base + v.Project.Ref().Path(), Wide: true,
		Crumbs: crumbs(ctx), Feeds: []ui.Feed{{Title: title, Href: "/activity.atom?kind=joint&record=" + v.Project.ID}},
	}, projectPage(v))
}

// load reads everything that a page about one project may show.
func (p *Pages) load(r *http.Request) (v projectView, err error) {
	ctx := r.Context()
	v.Base = p.Base()
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		if v.Project, v.Slug, err = find(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		if err := v.fill(ctx, tx, who.From(ctx)); err != nil {
			return err
		}
		return p.around(ctx, tx, who.From(ctx), &v)
	})
	return v, err
}

// fill reads the project's own parts, and what the reader may do.
func (v *projectView) fill(ctx context.Context, tx *db.Tx, actor who.Actor) (err error) {
	id := v.Project.ID
	if v.Partners, err = joint.Partners(ctx, tx, id); err != nil {
		return err
	}
	if v.Pledges, err = joint.Pledges(ctx, tx, id); err != nil {
		return err
	}
	if v.Milestones, err = joint.Milestones(ctx, tx, id); err != nil {
		return err
	}
	if v.Ready, err = joint.ReadyOf(ctx, tx, id); err != nil {
		return err
	}
	v.Today = plan.Today(tx)
	v.Sum = joint.SumOf(v.Pledges, v.Today)
	orgs := []string{v.Project.Lead}
	for _, x := range v.Partners {
		orgs = append(orgs, x.Org)
	}
	if v.Names, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs); err != nil {
		return err
	}
	if v.Governs, err = joint.Governs(ctx, tx, orgs); err != nil {
		return err
	}
	return v.may(ctx, tx, actor, orgs)
}

// may finds out what the reader may do here.
func (v *projectView) may(ctx context.Context, tx *db.Tx, actor who.Actor, orgs []string) error {
	v.Mine = map[string]bool{}
	if !actor.SignedIn() {
		return nil
	}
	v.MayLead = v.Project.State.Open() && joint.MustLead(ctx, tx, actor, v.Project) == nil
	mine, err := joint.ActingFor(ctx, tx, actor, orgs)
	if err != nil {
		return err
	}
	for o := range mine {
		v.Mine[o] = true
	}
	v.MayOffer = v.MayLead
	for _, x := range v.Partners {
		v.MayOffer = v.MayOffer || v.Project.State.Open() && x.In() && v.Mine[x.Org]
	}
	return nil
}

// around reads what people did around the project.
func (p *Pages) around(ctx context.Context, tx *db.Tx, actor who.Actor, v *projectView) (err error) {
	ref := v.Project.Ref()
	all, err := record.Translations(ctx, tx, "joint", i18n.LangOf(ctx), []string{ref.ID})
	if err != nil {
		return err
	}
	v.Words = all[ref.ID]
	if v.Talk, err = talk.Load(ctx, tx, p.Kinds(), actor, record.Card{Ref: ref, Org: v.Project.Lead}, ref.Path()); err != nil {
		return err
	}
	if v.Edges, err = p.Kinds().Edges(ctx, tx, actor, ref); err != nil {
		return err
	}
	v.Events, err = activity.List(ctx, tx, activity.Filter{Kind: "joint", Record: ref.ID}, 30)
	return err
}

// done ends a form: a sentence on the next page, unless it failed.
func done(w http.ResponseWriter, r *http.Request, err error, said, to string) error {
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, said)
	web.Redirect(w, r, to)
	return nil
}

// small ends a small form on a page that shows other things: what is wrong with
// it is said on top of that page, where it can be mended.
func small(w http.ResponseWriter, r *http.Request, err error, said, to string) error {
	if told, ok := web.Mend(w, r, err, "reason", fieldLabel); ok && (told.Status == http.StatusUnprocessableEntity || fault.KindOf(err) == fault.Conflict) {
		web.Flash(w, ui.Attention, "joint.lacks", "what", told.Errors[0].Text)
		web.Redirect(w, r, to)
		return nil
	}
	return done(w, r, err, said, to)
}

func fieldLabel(ctx context.Context, name string) string { return i18n.T(ctx, "joint.field."+name) }
