package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/template"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

func (x *Exchange) routes(r *web.Routes) {
	bring, draft := web.Needs("plan.import"), web.Needs("commitment.write")
	r.Get("/plan/{key}/exports", web.Public, x.exports, web.Shared)
	for _, f := range formats {
		r.Get("/plan/{key}/export."+f, web.Public, x.export(f), web.Limit(web.Heavy))
	}
	r.Get("/commitment/{key}/template", web.Public, x.template, web.Shared)
	r.Get("/commitment/{key}/template/download", web.Public, x.templateFile, web.Limit(web.Heavy))
	r.Get("/commitment/{key}/coach", draft, x.coachCommitment)
	r.Get("/plans/coach", web.SignedIn, x.coachText)
	r.Get("/plans/reference", web.Public, x.references, web.Shared)
	x.referenceList().Routes(r)
	r.Get("/plans/import", bring, x.importForm)
	r.Post("/plans/import", bring, x.importPost, web.Body(maxFile+1<<20), web.Streams, web.Limit(web.Heavy))
	r.Get("/plans/import/{id}", bring, x.importShow)
	r.Post("/plans/import/{id}", bring, x.importBegin)
	r.Get("/plans/import/{id}/progress", bring, x.importProgress)
	r.Get("/plans/import/{id}/problems.csv", bring, x.importProblems)
}

// formats are what a plan can be had in, in the order of the page.
var formats = []string{"html", "pdf", "md", "csv", "json"}

// findPlan resolves an address to a plan that the reader may see.
func findPlan(ctx context.Context, tx *db.Tx, r *http.Request) (plan.Plan, string, error) {
	ref, canonical, err := record.Resolve(ctx, tx, "plan", r.PathValue("key"))
	if err != nil {
		return plan.Plan{}, "", err
	}
	p, err := plan.See(ctx, tx, who.From(ctx), ref.ID)
	return p, canonical, err
}

// promise is a commitment with its plan, as a page finds it.
type promise struct {
	Commitment     plan.Commitment
	Plan           plan.Plan
	Slug, PlanSlug string
}

func findPromise(ctx context.Context, tx *db.Tx, r *http.Request) (v promise, err error) {
	ref, canonical, err := record.Resolve(ctx, tx, "commitment", r.PathValue("key"))
	if err != nil {
		return v, err
	}
	v.Slug = canonical
	if v.Commitment, v.Plan, err = plan.SeeCommitment(ctx, tx, who.From(ctx), ref.ID); err != nil {
		return v, err
	}
	slugs, err := record.Slugs(ctx, tx, "plan", []string{v.Plan.ID})
	v.PlanSlug = slugs[v.Plan.ID]
	return v, err
}

func (v promise) crumbs(ctx context.Context) []ui.Link {
	return []ui.Link{
		{Text: i18n.T(ctx, "plan.nav"), Href: "/plans"},
		{Text: v.Plan.Title, Href: "/plan/" + v.PlanSlug},
		{Text: v.Commitment.Title, Href: "/commitment/" + v.Slug},
	}
}

// exportsView is the page from which a plan is taken along.
type exportsView struct {
	Plan plan.Plan
	Slug string
}

func (x *Exchange) exports(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v exportsView
	if err := x.DB.View(ctx, func(tx *db.Tx) (err error) { v.Plan, v.Slug, err = findPlan(ctx, tx, r); return err }); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "planexchange.take_of", "title", v.Plan.Title), Private: !v.Plan.Public(),
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "plan.nav"), Href: "/plans"}, {Text: v.Plan.Title, Href: "/plan/" + v.Slug}},
	}, exportsPage(v))
}

// asked are the template and the language of the headings in an address.
func asked(r *http.Request) template.Options {
	o := template.Options{View: template.Current, Lang: i18n.LangOf(r.Context())}
	for _, name := range []string{"template", "view"} {
		if r.URL.Query().Get(name) == string(template.Former) {
			o.View = template.Former
		}
	}
	if lang := r.URL.Query().Get("lang"); lang == "en" || lang == "es" {
		o.Lang = lang
	}
	return o
}

// export answers with a plan in a format.
func (x *Exchange) export(format string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx := r.Context()
		var all whole
		var slug string
		if err := x.DB.View(ctx, func(tx *db.Tx) error {
			p, canonical, err := findPlan(ctx, tx, r)
			if err != nil {
				return err
			}
			slug = canonical
			all, err = gather(ctx, tx, p)
			return err
		}); err != nil {
			return err
		}
		o := asked(r)
		return send(w, slug+"."+format, typeOf(format), func(b io.Writer) error { return x.write(b, format, all, o) })
	}
}

func typeOf(format string) string {
	switch format {
	case "csv":
		return "text/csv; charset=utf-8"
	case "json":
		return "application/json"
	}
	return template.Format(format).MediaType()
}

func (x *Exchange) write(b io.Writer, format string, all whole, o template.Options) error {
	switch format {
	case "csv":
		return x.writeCSV(b, all, o.View)
	case "json":
		enc := json.NewEncoder(b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		return enc.Encode(all.own())
	}
	return template.Render(b, template.Format(format), x.document(all), o)
}

// send answers with a file that is whole before its first byte goes.
func send(w http.ResponseWriter, name, mediaType string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Disposition", blob.Disposition(false, name))
	_, err := w.Write(b.Bytes())
	return err
}

// templateView is a commitment under the headings of a template.
type templateView struct {
	promise
	Form template.Form
	Lang string
}

func (x *Exchange) promiseForm(r *http.Request) (v templateView, f template.Commitment, err error) {
	ctx := r.Context()
	err = x.DB.View(ctx, func(tx *db.Tx) error {
		if v.promise, err = findPromise(ctx, tx, r); err != nil {
			return err
		}
		all, err := gather(ctx, tx, v.Plan)
		f = x.form(v.Commitment, all.Milestones[v.Commitment.ID], all.Parties[v.Commitment.ID], all.Orgs)
		return err
	})
	return v, f, err
}

func (x *Exchange) template(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, f, err := x.promiseForm(r)
	if err != nil {
		return err
	}
	o := asked(r)
	v.Lang, v.Form = o.Lang, template.ToCurrent(f)
	if o.View == template.Former {
		v.Form = template.ToFormer(f)
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "planexchange.template_of", "title", v.Commitment.Title), Private: !v.Plan.Public(), Wide: true, Crumbs: v.crumbs(ctx),
	}, templatePage(v))
}

func (x *Exchange) templateFile(w http.ResponseWriter, r *http.Request) error {
	v, f, err := x.promiseForm(r)
	if err != nil {
		return err
	}
	format, o := template.HTML, asked(r)
	switch asked := template.Format(r.URL.Query().Get("format")); asked {
	case template.PDF, template.Markdown, template.PlainText:
		format = asked
	}
	return send(w, v.Slug+"."+string(format), format.MediaType(), func(b io.Writer) error { return template.RenderCommitment(b, format, f, o) })
}

// notFound turns a missing thing into the answer for it.
func notFound(err error) bool { return errors.Is(err, db.ErrNotFound) }

// lines are the lines of a text that have words.
func lines(text string) (out []string) {
	for l := range strings.SplitSeq(text, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}
