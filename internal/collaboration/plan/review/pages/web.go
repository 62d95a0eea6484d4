package pages

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/collaboration/plan/review"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

func (p *Pages) routes(r *web.Routes) {
	write := web.Needs("assessment.write")
	r.Get("/assessments", web.Public, p.list, web.Shared)
	r.Get("/assessments/code-book", web.Public, p.book, web.Shared)
	r.Get("/assessments/interests", web.Public, p.interests, web.Shared)
	r.Post("/assessments/interests", write, p.declare)
	r.Post("/assessments/interests/end", write, p.endInterest)
	r.Get("/assessments/new", write, p.newForm)
	r.Post("/assessments", write, p.create)
	r.Get("/assessment/{key}", web.Public, p.show, web.Shared)
	p.listRoutes(r)
	r.Get("/assessments.csv", web.Public, p.allCSV, web.Streams)
	r.Get("/assessment/{key}/annex.csv", web.Public, p.annex, web.Shared)
	r.Get("/assessment/{key}/report.html", web.Public, p.printed, web.Shared)
	r.Get("/assessment/{key}/comments", web.Public, p.comments)
	r.Post("/assessment/{key}/comments", web.Needs("assessment.comment"), p.comment)
	r.Post("/assessment/{key}/answer", write, p.answer)
	r.Get("/assessment/{key}/desk", write, p.desk)
	r.Get("/assessment/{key}/edit", write, p.editForm)
	r.Post("/assessment/{key}/edit", write, p.edit)
	r.Get("/assessment/{key}/code", write, p.codeForm)
	r.Post("/assessment/{key}/code", write, p.code)
	r.Post("/assessment/{key}/passage", write, p.passage)
	r.Get("/assessment/{key}/clusters", write, p.clusterForm)
	r.Post("/assessment/{key}/clusters", write, p.cluster)
	r.Post("/assessment/{key}/split", write, p.split)
	r.Get("/assessment/{key}/process", write, p.processForm)
	r.Post("/assessment/{key}/process", write, p.process)
	r.Post("/assessment/{key}/reviewers", write, p.reviewer)
	r.Post("/assessment/{key}/move", write, p.move)
}

const perPage = 50

// listView is what the page of all assessments shows.
type listView struct {
	All   []review.Assessment
	Slugs map[string]string
	Plans map[record.Ref]record.Card
	Next  string
	May   bool
	Base  string
}

// allCSV gives all assessments that the reader may see.
func (p *Pages) allCSV(w http.ResponseWriter, r *http.Request) error {
	return listing.CSV(w, r, "assessments", func(ctx context.Context, cursor string) (out []AssessmentLine, next string, err error) {
		err = p.DB.View(ctx, func(tx *db.Tx) error { out, next, err = p.some(ctx, tx, "", cursor, 100); return err })
		return out, next, err
	})
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	actor := who.From(ctx)
	v := listView{May: actor.MayAnywhere("assessment.write"), Base: p.Base()}
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.All, v.Next, err = review.List(ctx, tx, actor, "", r.URL.Query().Get("after"), perPage)
		if err != nil {
			return err
		}
		var ids []string
		var refs []record.Ref
		for _, a := range v.All {
			ids, refs = append(ids, a.ID), append(refs, record.Ref{Kind: "plan", ID: a.Plan})
		}
		if v.Slugs, err = record.Slugs(ctx, tx, "assessment", ids); err != nil {
			return err
		}
		v.Plans, err = p.Kinds().Describe(ctx, tx, actor, refs)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "planreview.nav"), Description: i18n.T(ctx, "planreview.lead"), Wide: true,
		Feeds: []ui.Feed{{Title: i18n.T(ctx, "planreview.nav"), Href: "/activity.atom?kind=assessment"}},
	}, listPage(v))
}

func (p *Pages) book(w http.ResponseWriter, r *http.Request) error {
	return web.Page(w, r, http.StatusOK, ui.Page{Title: i18n.T(r.Context(), "planreview.book"), Wide: true, Crumbs: crumbs(r.Context())}, bookPage())
}

func crumbs(ctx context.Context, more ...ui.Link) []ui.Link {
	return append([]ui.Link{{Text: i18n.T(ctx, "planreview.nav"), Href: "/assessments"}}, more...)
}

// reportView is what the page of an assessment shows.
type reportView struct {
	A         review.Assessment
	Slug      string
	Plan      plan.Plan
	PlanCard  record.Card
	Org       string
	Due       require.Day
	Today     string
	Report    review.Report
	Reviewers []string // names
	Interests []review.Interest
	Names     map[string]string // of organisations
	People    map[string]string
	Comments  []review.Comment
	Moderates bool
	Newer     string // address of the edition that corrects this one
	Former    string // address of the one that this corrects
	Events    []activity.Event
	Edges     []record.Edge
	MayWrite  bool
	Open      bool // for comments, now
	Base      string
}

// find resolves an address to an assessment that the reader may see.
func find(ctx context.Context, tx *db.Tx, r *http.Request) (review.Assessment, string, error) {
	ref, canonical, err := record.Resolve(ctx, tx, "assessment", r.PathValue("key"))
	if err != nil {
		return review.Assessment{}, "", err
	}
	a, err := see(ctx, tx, ref.ID)
	return a, canonical, err
}

// see returns an assessment that the reader may see. What was withdrawn is gone,
// save for those who write assessments.
func see(ctx context.Context, tx *db.Tx, assessment string) (review.Assessment, error) {
	actor := who.From(ctx)
	a, err := review.See(ctx, tx, actor, assessment)
	if err == nil && a.State == review.Withdrawn && !actor.May("assessment.write", who.Site) {
		err = fault.New(fault.Gone, "planreview.gone", "reason", a.Reason)
	}
	return a, err
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if key, ok := strings.CutSuffix(r.PathValue("key"), ".json"); ok {
		web.Redirect(w, r, "/api/v1/assessments/"+key)
		return nil
	}
	v, err := p.load(r)
	if err != nil {
		return err
	}
	if v.Slug != r.PathValue("key") {
		http.Redirect(w, r, "/assessment/"+v.Slug, http.StatusMovedPermanently)
		return nil
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: v.A.Title, Canonical: v.Base + v.A.Ref().Path(), Private: !v.A.Public(), Wide: true, Crumbs: crumbs(ctx),
		Feeds: []ui.Feed{{Title: v.A.Title, Href: "/activity.atom?kind=assessment&record=" + v.A.ID}},
	}, reportPage(v))
}

// load reads everything that a page about one assessment may show.
func (p *Pages) load(r *http.Request) (v reportView, err error) {
	ctx := r.Context()
	v.Base = p.Base()
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		if v.A, v.Slug, err = find(ctx, tx, r); err != nil {
			return err
		}
		return p.fill(ctx, tx, who.From(ctx), &v)
	})
	return v, err
}

func (p *Pages) fill(ctx context.Context, tx *db.Tx, actor who.Actor, v *reportView) (err error) {
	a := v.A
	if v.Plan, err = plan.See(ctx, tx, actor, a.Plan); err != nil {
		return err
	}
	if v.PlanCard, err = p.Kinds().One(ctx, tx, actor, record.Ref{Kind: "plan", ID: a.Plan}); err != nil {
		return err
	}
	if v.Due, err = review.Due(ctx, tx, a, v.Plan); err != nil {
		return err
	}
	if v.MayWrite, err = review.MayWrite(ctx, tx, actor, a); err != nil {
		return err
	}
	v.Today, v.Open = plan.Today(tx), a.Listening(tx.Now)
	if v.Report, err = p.ReportOf(ctx, tx, a); err != nil {
		return err
	}
	if v.Comments, err = review.Comments(ctx, tx, actor, a); err != nil {
		return err
	}
	v.Moderates = actor.May("record.moderate", who.Site)
	if v.Edges, err = p.Kinds().Edges(ctx, tx, actor, a.Ref()); err != nil {
		return err
	}
	if v.Events, err = activity.List(ctx, tx, activity.Filter{Kind: "assessment", Record: a.ID, Private: v.MayWrite}, 20); err != nil {
		return err
	}
	if err := v.editions(ctx, tx, actor); err != nil {
		return err
	}
	return v.people(ctx, tx)
}

// editions finds the addresses of the edition before and after.
func (v *reportView) editions(ctx context.Context, tx *db.Tx, actor who.Actor) error {
	next, ok, err := review.Newer(ctx, tx, actor, v.A)
	if err != nil {
		return err
	}
	if ok {
		ref := next.Ref()
		v.Newer = ref.Path()
	}
	if v.A.Corrects != "" {
		v.Former = record.Ref{Kind: "assessment", ID: v.A.Corrects}.Path()
	}
	return nil
}

// people reads who wrote, what ties them, and who commented.
func (v *reportView) people(ctx context.Context, tx *db.Tx) error {
	writers, err := review.Reviewers(ctx, tx, v.A.ID)
	if err != nil {
		return err
	}
	all, err := review.Interests(ctx, tx)
	if err != nil {
		return err
	}
	people, orgs := writers, []string{v.A.Org}
	for _, i := range all {
		for _, w := range writers {
			if i.Person == w {
				v.Interests = append(v.Interests, i)
				orgs = append(orgs, i.Org)
			}
		}
	}
	for _, c := range v.Comments {
		people, orgs = append(people, c.Person), append(orgs, c.Org)
	}
	if v.People, err = who.NamesOf(ctx, tx, people); err != nil {
		return err
	}
	for _, w := range writers {
		if n := v.People[w]; n != "" {
			v.Reviewers = append(v.Reviewers, n)
		}
	}
	v.Names, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs)
	v.Org = v.Names[v.A.Org]
	return err
}

func (p *Pages) annex(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := review.WriteAnnex(&out, v.A, v.Report); err != nil {
		return err
	}
	return file(w, "text/csv; charset=utf-8", v.Slug+".csv", out.Bytes())
}

// printed sends the report as a page of its own, for keeping and printing.
func (p *Pages) printed(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := printedPage(v).Render(r.Context(), &out); err != nil {
		return err
	}
	return file(w, "text/html; charset=utf-8", v.Slug+".html", out.Bytes())
}

func file(w http.ResponseWriter, kind, name string, body []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", blob.Disposition(false, name))
	_, err := w.Write(body)
	return err
}

// interestsView is the page of declared interests.
type interestsView struct {
	web.Wrong
	All    []review.Interest
	People map[string]string
	Names  map[string]string
	Orgs   []org.Org // to choose from; empty for who may not declare
	Actor  string
	Org    string
	Text   string
	May    bool
}

func (p *Pages) interests(w http.ResponseWriter, r *http.Request) error {
	return p.interestsWith(w, r, http.StatusOK, interestsView{})
}

func (p *Pages) interestsWith(w http.ResponseWriter, r *http.Request, status int, v interestsView) error {
	ctx := r.Context()
	actor := who.From(ctx)
	v.Actor, v.May = actor.ID, actor.MayAnywhere("assessment.write")
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.All, err = review.Interests(ctx, tx); err != nil {
			return err
		}
		var people, orgs []string
		for _, i := range v.All {
			people, orgs = append(people, i.Person), append(orgs, i.Org)
		}
		if v.People, err = who.NamesOf(ctx, tx, people); err != nil {
			return err
		}
		if v.Names, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs); err != nil || !v.May {
			return err
		}
		v.Orgs, _, err = org.List(ctx, tx, org.Filter{Limit: 500})
		return err
	}); err != nil {
		return err
	}
	kind := ui.Reading
	if v.May {
		kind = ui.Form
	}
	return web.Page(w, r, status, ui.Page{Title: i18n.T(ctx, "planreview.interests"), Kind: kind, Crumbs: crumbs(ctx)}, interestsPage(v))
}

func (p *Pages) declare(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := interestsView{Org: f.Line("org"), Text: f.Text("text")}
	_, err = p.Declare(r.Context(), who.From(r.Context()), review.Interest{Org: v.Org, Text: v.Text})
	if told, ok := web.Mend(w, r, err, "text", fieldLabel); ok {
		v.Wrong = told
		return p.interestsWith(w, r, told.Status, v)
	}
	return done(w, r, err, "planreview.declared", "/assessments/interests")
}

func (p *Pages) endInterest(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return done(w, r, p.EndInterest(r.Context(), who.From(r.Context()), f.Line("id")), "planreview.interest_ended", "/assessments/interests")
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

func (p *Pages) comments(w http.ResponseWriter, r *http.Request) error {
	return p.commentsWith(w, r, http.StatusOK, commentsView{})
}

// commentsView is the page of comments, with the form while they are open.
type commentsView struct {
	web.Wrong
	reportView
	Text, Org string
	Mine      []string // organisations for which the reader may speak
	SignedIn  bool
	May       bool
	Failed    string // the comment whose answer failed
	Answer    string
}

func (p *Pages) commentsWith(w http.ResponseWriter, r *http.Request, status int, v commentsView) (err error) {
	ctx := r.Context()
	actor := who.From(ctx)
	if v.reportView, err = p.load(r); err != nil {
		return err
	}
	v.SignedIn, v.May = actor.SignedIn(), actor.MayAnywhere("assessment.comment")
	for _, g := range actor.Grants {
		if g.Org != "" && review.SpeaksFor(actor, g.Org) {
			v.Mine = append(v.Mine, g.Org)
		}
	}
	if err := p.DB.View(ctx, func(tx *db.Tx) error {
		more, err := org.Names(ctx, tx, i18n.LangOf(ctx), v.Mine)
		for k, n := range more {
			v.Names[k] = n
		}
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, status, ui.Page{
		Title: i18n.T(ctx, "planreview.comments_on", "title", v.A.Title), Kind: ui.Form, Private: !v.A.Public(),
		Crumbs: crumbs(ctx, ui.Link{Text: v.A.Title, Href: "/assessment/" + v.Slug}),
	}, commentsPage(v))
}

func (p *Pages) comment(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, slug, err := p.one(r)
	if err != nil {
		return err
	}
	v := commentsView{Text: f.Text("comment"), Org: f.Line("org")}
	_, err = p.Say(r.Context(), who.From(r.Context()), review.Comment{Assessment: a.ID, Org: v.Org, Text: v.Text})
	if told, ok := web.Mend(w, r, err, "comment", fieldLabel); ok {
		v.Wrong = told
		return p.commentsWith(w, r, told.Status, v)
	}
	return done(w, r, err, "planreview.commented", "/assessment/"+slug+"/comments")
}

func (p *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, slug, err := p.one(r)
	if err != nil {
		return err
	}
	v := commentsView{Failed: f.Line("comment"), Answer: f.Text("answer")}
	err = p.Answer(r.Context(), who.From(r.Context()), a.ID, v.Failed, v.Answer)
	if told, ok := web.Mend(w, r, err, "answer", fieldLabel); ok {
		v.Wrong = told
		return p.commentsWith(w, r, told.Status, v)
	}
	return done(w, r, err, "planreview.answered", "/assessment/"+slug+"/comments")
}

// one finds the assessment of an address.
func (p *Pages) one(r *http.Request) (a review.Assessment, slug string, err error) {
	err = p.DB.View(r.Context(), func(tx *db.Tx) error { a, slug, err = find(r.Context(), tx, r); return err })
	return a, slug, err
}
