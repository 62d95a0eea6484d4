package repository

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

func (p *Repository) routes(r *web.Routes) {
	write := web.Needs("plan.write")
	large := []web.Option{web.Body(maxFile + 1<<20), web.Streams, web.Limit(web.Heavy)}
	r.Get("/plan/{key}/documents", web.Public, p.list, web.Shared)
	r.Get("/plan/{key}/papers", write, p.addForm)
	r.Post("/plan/{key}/papers", write, p.add, large...)
	r.Get("/paper/{id}", web.Public, p.show)
	r.Get("/paper/{id}/file", web.Public, p.file, web.Streams)
	r.Get("/paper/{id}/replace", write, p.replaceForm)
	r.Post("/paper/{id}/replace", write, p.replace, large...)
	r.Post("/paper/{id}/remove", write, p.remove)
	r.Post("/plans/uploads", write, p.beginUpload)
	r.Method(http.MethodHead, "/plans/uploads/{id}", write, p.upload)
	r.Method(http.MethodPatch, "/plans/uploads/{id}", write, p.upload, web.Body(maxFile+1), web.Streams)
	r.Method(http.MethodDelete, "/plans/uploads/{id}", write, p.upload)
}

// find resolves an address to a plan that the reader may see.
func find(ctx context.Context, tx *db.Tx, key string) (plan.Plan, string, error) {
	ref, canonical, err := record.Resolve(ctx, tx, "plan", key)
	if err != nil {
		return plan.Plan{}, "", err
	}
	pl, err := plan.See(ctx, tx, who.From(ctx), ref.ID)
	return pl, canonical, err
}

// about is what documents of a plan can be evidence of.
type about struct {
	Promises   []plan.Commitment
	Milestones map[string][]plan.Milestone // by commitment
}

func aboutOf(ctx context.Context, tx *db.Tx, planID string) (a about, err error) {
	if a.Promises, err = plan.Commitments(ctx, tx, planID); err != nil {
		return a, err
	}
	a.Milestones, err = plan.MilestonesOf(ctx, tx, planID)
	return a, err
}

// promise and milestone find what a document is about; the empty one if it is
// about none.
func (a about) promise(id string) (c plan.Commitment) {
	if i := slices.IndexFunc(a.Promises, func(x plan.Commitment) bool { return x.ID == id }); i >= 0 {
		c = a.Promises[i]
	}
	return c
}

func (a about) milestone(p plan.Paper) (m plan.Milestone) {
	of := a.Milestones[p.Commitment]
	if i := slices.IndexFunc(of, func(x plan.Milestone) bool { return x.ID == p.Milestone }); i >= 0 {
		m = of[i]
	}
	return m
}

// listView is a page of a repository.
type listView struct {
	about
	Plan     plan.Plan
	Slug     string
	Query    url.Values
	Filter   plan.PaperFilter
	Papers   []plan.Paper
	Next     string
	All      int
	MayWrite bool
	Base     string
}

// perPage is how many documents a page lists.
const perPage = 50

func readFilter(q url.Values) plan.PaperFilter {
	return plan.PaperFilter{
		Phase: require.Phase(q.Get("phase")), Step: q.Get("step"), Commitment: q.Get("commitment"), Milestone: q.Get("milestone"), Kind: q.Get("kind"),
	}
}

func (p *Repository) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := listView{Query: r.URL.Query(), Base: p.Base()}
	v.Filter = readFilter(v.Query)
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Plan, v.Slug, err = find(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		v.MayWrite = who.From(ctx).May("plan.write", who.In(v.Plan.Org))
		if v.about, err = aboutOf(ctx, tx, v.Plan.ID); err != nil {
			return err
		}
		if v.All, err = plan.CountPapers(ctx, tx, v.Plan.ID, v.Filter); err != nil {
			return err
		}
		v.Papers, v.Next, err = plan.FindPapers(ctx, tx, v.Plan.ID, v.Filter, v.Query.Get("cursor"), perPage)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "repository.of", "title", v.Plan.Title), Description: i18n.T(ctx, "repository.lead"), Private: !v.Plan.Public(), Wide: true,
		Canonical: p.Base() + v.Plan.Ref().Path() + "/documents", Crumbs: crumbs(ctx, v.Plan, v.Slug),
		Feeds: []ui.Feed{{Title: v.Plan.Title, Href: "/activity.atom?kind=plan&record=" + v.Plan.ID}},
	}, listPage(v))
}

func crumbs(ctx context.Context, pl plan.Plan, slug string, more ...ui.Link) []ui.Link {
	return append([]ui.Link{{Text: i18n.T(ctx, "plan.nav"), Href: "/plans"}, {Text: pl.Title, Href: "/plan/" + slug}}, more...)
}

// paperView is the page of one version of a document.
type paperView struct {
	about
	Plan     plan.Plan
	Slug     string
	Org      string
	Paper    plan.Paper
	Versions []plan.Paper // the newest first
	MayWrite bool
	Wrong    web.Wrong // of the form that takes it out
	Reason   string
}

// newer is the version that the repository shows instead of this one.
func (v paperView) newer() (plan.Paper, bool) {
	i := slices.IndexFunc(v.Versions, func(x plan.Paper) bool { return x.Shown() && x.ID != v.Paper.ID })
	if i < 0 {
		return plan.Paper{}, false
	}
	return v.Versions[i], true
}

func (p *Repository) show(w http.ResponseWriter, r *http.Request) error {
	v, err := p.paperView(r)
	if err != nil {
		return err
	}
	return p.showWith(w, r, http.StatusOK, v)
}

func (p *Repository) showWith(w http.ResponseWriter, r *http.Request, status int, v paperView) error {
	ctx := r.Context()
	return web.Page(w, r, status, ui.Page{
		Title: v.Paper.Title, Private: !v.Plan.Public(), Canonical: p.Base() + v.Paper.Path(),
		Crumbs: crumbs(ctx, v.Plan, v.Slug, ui.Link{Text: i18n.T(ctx, "plan.papers"), Href: "/plan/" + v.Slug + "/documents"}),
	}, paperPage(v))
}

func (p *Repository) paperView(r *http.Request) (v paperView, err error) {
	ctx := r.Context()
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		if v.Paper, v.Plan, err = plan.SeePaper(ctx, tx, who.From(ctx), r.PathValue("id")); err != nil {
			return err
		}
		v.MayWrite = who.From(ctx).May("plan.write", who.In(v.Plan.Org))
		if v.about, err = aboutOf(ctx, tx, v.Plan.ID); err != nil {
			return err
		}
		if v.Versions, err = plan.PaperVersions(ctx, tx, v.Paper.Root); err != nil {
			return err
		}
		names, err := org.Names(ctx, tx, i18n.LangOf(ctx), []string{v.Plan.Org})
		if err != nil {
			return err
		}
		v.Org = names[v.Plan.Org]
		v.Slug, err = slugOf(ctx, tx, v.Plan)
		return err
	})
	return v, err
}

func slugOf(ctx context.Context, tx *db.Tx, pl plan.Plan) (string, error) {
	slugs, err := record.Slugs(ctx, tx, "plan", []string{pl.ID})
	if s := slugs[pl.ID]; s != "" {
		return s, err
	}
	return pl.ID, err
}

// file gives the file of a version, to whoever may see the plan.
func (p *Repository) file(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := web.LookUp(r.Context())
	defer cancel()
	var x plan.Paper
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		x, _, err = plan.SeePaper(ctx, tx, who.From(ctx), r.PathValue("id"))
		return err
	}); err != nil {
		return err
	}
	if x.SHA == "" {
		return db.ErrNotFound
	}
	return p.Blob.Serve(w, r, blob.Ref{SHA256: x.SHA, Size: x.Bytes, Type: x.MediaType}, blob.Serving{Name: x.Name, Inline: true})
}

// beginUpload takes the size and the name of a file that comes in pieces before
// its form, by tus, and says where it goes.
func (p *Repository) beginUpload(w http.ResponseWriter, r *http.Request) error {
	u, err := blob.Announced(r)
	if err != nil {
		return err
	}
	u.Owner, u.Kinds = who.From(r.Context()).ID, fileKinds
	return p.Blob.ServeBegin(w, r, u, maxFile, "/plans/uploads/")
}

func (p *Repository) upload(w http.ResponseWriter, r *http.Request) error {
	return p.Blob.ServeUpload(w, r, r.PathValue("id"), who.From(r.Context()).ID)
}

func (p *Repository) remove(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	out, err := p.RemovePaper(r.Context(), who.From(r.Context()), r.PathValue("id"), f.Text("reason"))
	if wrong, ok := web.Mend(w, r, err, "reason", fieldLabel); ok {
		if v, e := p.paperView(r); e == nil {
			v.Wrong, v.Reason = wrong, f.Text("reason")
			return p.showWith(w, r, wrong.Status, v)
		}
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "repository.gone")
	web.Redirect(w, r, "/plan/"+out.Plan+"/documents")
	return nil
}

func fieldLabel(ctx context.Context, name string) string {
	return i18n.T(ctx, "repository.field."+strings.ReplaceAll(name, ".", "_"))
}
