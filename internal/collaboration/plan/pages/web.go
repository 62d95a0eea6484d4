package pages

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/collaboration/plan"

	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

func (p *Pages) routes(r *web.Routes) {
	write, draft := web.Needs("plan.write"), web.Needs("commitment.write")
	r.Get("/plans", web.Public, p.list, web.Shared)
	r.Get("/plans.csv", web.Public, p.plansCSV, web.Streams)
	r.Get("/plans/new", write, p.newForm)
	r.Post("/plans", write, p.create)
	r.Get("/plan/{key}", web.Public, p.show) // not web.Shared, as the two below: what is late changes with the day
	r.Get("/plan/{key}/requirements", web.Public, p.requirements)
	p.packRoutes(r)
	p.shareRoutes(r)
	r.Get("/plan/{key}/edit", write, p.editForm)
	r.Post("/plan/{key}/edit", write, p.edit)
	r.Post("/plan/{key}/move", write, p.moveForm)
	r.Get("/plan/{key}/timeline", write, p.timelineForm)
	r.Post("/plan/{key}/timeline", write, p.timeline)
	r.Get("/plan/{key}/outreach", write, p.outreachForm)
	r.Post("/plan/{key}/outreach", write, p.outreach)
	r.Get("/plan/{key}/commitments/new", draft, p.draftForm)
	r.Post("/plan/{key}/commitments", draft, p.draft)
	r.Get("/commitment/{key}", web.Public, p.showCommitment)
	r.Get("/commitment/{key}/versions", web.Public, p.versions, web.Shared)
	r.Get("/commitment/{key}/edit", draft, p.saveForm)
	r.Post("/commitment/{key}/edit", draft, p.saveText)
	r.Post("/commitment/{key}/stage", write, p.stageForm)
	r.Get("/commitment/{key}/milestones", draft, p.mileForm)
	r.Post("/commitment/{key}/milestones", draft, p.mile)
	r.Get("/commitment/{key}/parties", draft, p.partyForm)
	r.Post("/commitment/{key}/parties", draft, p.party)
	r.Post("/party/{id}/confirm", web.SignedIn, p.confirm)
	r.Post("/party/{id}/leave", web.SignedIn, p.leave)
	r.Get("/milestone/{id}/report", web.SignedIn, p.reportForm)
	r.Post("/milestone/{id}/report", web.SignedIn, p.reportPost)
}

// listView is what the page of all plans shows.
type listView struct {
	Plans []plan.Plan
	Orgs  map[string]string
	Slugs map[string]string
	May   bool

	MayImport, MayCoach bool
	Base                string
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	actor := who.From(ctx)
	v := listView{May: actor.MayAnywhere("plan.write"), MayImport: actor.May("plan.import", who.Site), MayCoach: actor.SignedIn(), Base: p.Base()}
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Plans, err = plan.List(ctx, tx, actor); err != nil {
			return err
		}
		var ids, orgs []string
		for _, x := range v.Plans {
			ids, orgs = append(ids, x.ID), append(orgs, x.Org)
		}
		if v.Slugs, err = record.Slugs(ctx, tx, "plan", ids); err != nil {
			return err
		}
		v.Orgs, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "plan.nav"), Description: i18n.T(ctx, "plan.lead"), Wide: true,
		Feeds: []ui.Feed{{Title: i18n.T(ctx, "plan.nav"), Href: "/activity.atom?kind=plan"}},
	}, listPage(v))
}

// plansCSV gives all plans that the reader may see.
func (p *Pages) plansCSV(w http.ResponseWriter, r *http.Request) error {
	return listing.CSV(w, r, "plans", func(ctx context.Context, cursor string) (out []PlanBody, next string, err error) {
		err = p.DB.View(ctx, func(tx *db.Tx) error { out, next, err = p.somePlans(ctx, tx, cursor, 100); return err })
		return out, next, err
	})
}

// find resolves an address to a plan that the reader may see.
func find(ctx context.Context, tx *db.Tx, r *http.Request) (plan.Plan, string, error) {
	ref, canonical, err := record.Resolve(ctx, tx, "plan", r.PathValue("key"))
	if err != nil {
		return plan.Plan{}, "", err
	}
	p, err := plan.See(ctx, tx, who.From(ctx), ref.ID)
	return p, canonical, err
}

func findCommitment(ctx context.Context, tx *db.Tx, r *http.Request) (plan.Commitment, plan.Plan, string, error) {
	ref, canonical, err := record.Resolve(ctx, tx, "commitment", r.PathValue("key"))
	if err != nil {
		return plan.Commitment{}, plan.Plan{}, "", err
	}
	c, p, err := plan.SeeCommitment(ctx, tx, who.From(ctx), ref.ID)
	return c, p, canonical, err
}

// newest is how many documents the page of a plan shows of its repository.
const newest = 6

// planView is what the page of a plan shows.
type planView struct {
	Plan           plan.Plan
	Slug, Org      string
	Promises       []plan.Promise
	Names          map[string]string // of organisations
	Timelines      []plan.Timeline
	Outreach       []plan.Outreach
	Papers         []plan.Paper // the newest
	AllPapers      int
	Calls          []answer.Box
	Now            time.Time
	Monitor        plan.Monitor
	Events         []activity.Event
	Edges          []record.Edge
	Talk           talk.Talk
	MayWrite       bool
	MayAssess      bool // the reader may begin an independent assessment
	Base           string
	Title, Summary record.Said
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if key, ok := strings.CutSuffix(r.PathValue("key"), ".json"); ok {
		web.Redirect(w, r, "/api/v1/plans/"+key)
		return nil
	}
	v := planView{Base: p.Base()}
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Plan, v.Slug, err = find(ctx, tx, r); err != nil {
			return err
		}
		return p.fillPlan(ctx, tx, who.From(ctx), &v)
	}); err != nil {
		return err
	}
	if v.Slug != r.PathValue("key") {
		http.Redirect(w, r, "/plan/"+v.Slug, http.StatusMovedPermanently)
		return nil
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: v.Title.Text, Description: v.Summary.Text, Canonical: v.Base + v.Plan.Ref().Path(), Private: !v.Plan.Public(), Wide: true,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "plan.nav"), Href: "/plans"}},
		Feeds:  []ui.Feed{{Title: v.Title.Text, Href: "/activity.atom?kind=plan&record=" + v.Plan.ID}},
	}, planPage(v))
}

func (p *Pages) fillPlan(ctx context.Context, tx *db.Tx, actor who.Actor, v *planView) (err error) {
	pl := v.Plan
	v.MayWrite, v.MayAssess = actor.May("plan.write", who.In(pl.Org)), pl.Public() && actor.May("assessment.write", who.Site)
	if v.Promises, err = plan.Promises(ctx, tx, pl); err != nil {
		return err
	}
	orgs := []string{pl.Org}
	for _, c := range v.Promises {
		orgs = append(orgs, c.Lead)
	}
	if v.Names, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs); err != nil {
		return err
	}
	v.Org = v.Names[pl.Org]
	if v.Timelines, err = plan.Timelines(ctx, tx, pl.ID); err != nil {
		return err
	}
	if v.Outreach, err = plan.Outreaches(ctx, tx, pl.ID); err != nil {
		return err
	}
	if v.Papers, _, err = plan.FindPapers(ctx, tx, pl.ID, plan.PaperFilter{}, "", newest); err != nil {
		return err
	}
	if v.AllPapers, err = plan.CountPapers(ctx, tx, pl.ID, plan.PaperFilter{}); err != nil {
		return err
	}
	if v.Calls, err = answer.BoxesOf(ctx, tx, pl.Ref()); err != nil {
		return err
	}
	v.Now = tx.Now
	if v.Monitor, err = p.MonitorNow(ctx, tx, pl); err != nil {
		return err
	}
	words, err := record.Translations(ctx, tx, "plan", i18n.LangOf(ctx), []string{pl.ID})
	if err != nil {
		return err
	}
	in := words[pl.ID]
	v.Title, v.Summary = in.Say("title", pl.Title, pl.Lang), in.Say("summary", pl.Summary, pl.Lang)
	if v.Talk, err = talk.Load(ctx, tx, p.Kinds(), actor, record.Card{Ref: pl.Ref(), Org: pl.Org}, pl.Ref().Path()); err != nil {
		return err
	}
	if v.Edges, err = p.Kinds().Edges(ctx, tx, actor, pl.Ref()); err != nil {
		return err
	}
	v.Events, err = activity.List(ctx, tx, activity.Filter{Kind: "plan", Record: pl.ID, Private: v.MayWrite}, 20)
	return err
}

// requirementsView is the page that judges a plan.
type requirementsView struct {
	Plan    plan.Plan
	Slug    string
	Monitor plan.Monitor
	Today   string
	Wrong   string // what is wrong with the date that was asked for
}

func (p *Pages) requirements(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v requirementsView
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Plan, v.Slug, err = find(ctx, tx, r); err != nil {
			return err
		}
		v.Today = plan.Today(tx)
		on := asked(r)
		if on == "" || plan.EndOf(on).IsZero() || on > v.Today {
			if on != "" {
				v.Wrong = i18n.T(ctx, "plan.no_such_day")
			}
			on = v.Today
		}
		v.Monitor, err = p.Monitor(ctx, tx, v.Plan, on)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "plan.requirements_of", "title", v.Plan.Title), Private: !v.Plan.Public(), Wide: true,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "plan.nav"), Href: "/plans"}, {Text: v.Plan.Title, Href: "/plan/" + v.Slug}},
	}, requirementsPage(v))
}

// asked is the day in the address, as one value or as the three of a form.
func asked(r *http.Request) string {
	q := r.URL.Query()
	if on := q.Get("on"); on != "" {
		return on
	}
	y, err1 := strconv.Atoi(q.Get("on.year"))
	m, err2 := strconv.Atoi(q.Get("on.month"))
	d, err3 := strconv.Atoi(q.Get("on.day"))
	if err1 != nil || err2 != nil || err3 != nil {
		return ""
	}
	return string(require.Day(pad(y, 4) + "-" + pad(m, 2) + "-" + pad(d, 2)))
}

func pad(n, width int) string {
	s := strconv.Itoa(n)
	return strings.Repeat("0", max(0, width-len(s))) + s
}
