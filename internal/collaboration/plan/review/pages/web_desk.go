package pages

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/review"
	"ceiba/internal/collaboration/plan/review/codebook"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// formView is the form for what heads an assessment, new or not.
type formView struct {
	web.Wrong
	A     review.Assessment
	Slug  string
	Plans []plan.Plan
}

func (p *Pages) newForm(w http.ResponseWriter, r *http.Request) error {
	v := formView{A: review.Assessment{Product: codebook.Review, Lang: "en"}}
	if key := r.URL.Query().Get("plan"); key != "" {
		if err := p.DB.View(r.Context(), func(tx *db.Tx) error {
			ref, _, err := record.Resolve(r.Context(), tx, "plan", key)
			v.A.Plan = ref.ID
			return err
		}); err != nil {
			return err
		}
	}
	return p.form(w, r, http.StatusOK, v)
}

func (p *Pages) form(w http.ResponseWriter, r *http.Request, status int, v formView) error {
	ctx := r.Context()
	title, trail := i18n.T(ctx, "planreview.new"), crumbs(ctx)
	if v.A.ID != "" {
		title, trail = i18n.T(ctx, "planreview.edit"), crumbs(ctx, ui.Link{Text: v.A.Title, Href: "/assessment/" + v.Slug})
	}
	if err := p.DB.View(ctx, func(tx *db.Tx) error {
		all, err := plan.List(ctx, tx, who.From(ctx))
		v.Plans = slices.DeleteFunc(all, func(x plan.Plan) bool { return !x.Public() })
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, status, ui.Page{Title: title, Kind: ui.Form, Private: true, Crumbs: trail}, formPage(title, v))
}

func readAssessment(f web.Form) review.Assessment {
	a := review.Assessment{
		Plan: f.Line("plan"), Product: codebook.Product(f.Line("product")), Title: f.Line("title"), Lang: f.Line("lang"), Since: f.Line("since"),
	}
	for _, part := range a.Texts.V.Parts() {
		*part.Text = f.Text(part.Name)
	}
	a.Version, _ = strconv.Atoi(f.Line("version"))
	return a
}

func (p *Pages) create(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	in := readAssessment(f)
	made, err := p.Create(r.Context(), who.From(r.Context()), in)
	if told, ok := web.Mend(w, r, err, "plan", fieldLabel); ok {
		return p.form(w, r, told.Status, formView{A: in, Wrong: told})
	}
	return done(w, r, err, "planreview.created", "/assessment/"+made.ID+"/desk")
}

func (p *Pages) editForm(w http.ResponseWriter, r *http.Request) error {
	a, slug, err := p.one(r)
	if err != nil {
		return err
	}
	return p.form(w, r, http.StatusOK, formView{A: a, Slug: slug})
}

func (p *Pages) edit(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	now, slug, err := p.one(r)
	if err != nil {
		return err
	}
	in := readAssessment(f)
	in.ID, in.Plan, in.Product = now.ID, now.Plan, now.Product
	_, err = p.Edit(r.Context(), who.From(r.Context()), in)
	if isConflict(err) {
		return web.Page(w, r, http.StatusConflict, ui.Page{Title: i18n.T(r.Context(), "web.title.409"), Kind: ui.Form, Private: true}, conflictPage(in, now, slug))
	}
	if told, ok := web.Mend(w, r, err, "title", fieldLabel); ok {
		return p.form(w, r, told.Status, formView{A: in, Slug: slug, Wrong: told})
	}
	return done(w, r, err, "planreview.saved", "/assessment/"+slug+"/desk")
}

// deskView is the reviewers' desk: what is done and what is not.
type deskView struct {
	reportView
	Blocked    map[string]string // commitments that the reader may not code, with the organisation
	Evaluators []who.Holder      // who could be named as a reviewer
	Boss       bool              // the reader may name reviewers without being one
}

func (p *Pages) desk(w http.ResponseWriter, r *http.Request) error {
	v, err := p.deskOf(r)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, p.deskPage(r, v, "planreview.desk"), deskPage(v))
}

func (p *Pages) deskPage(r *http.Request, v deskView, key string) ui.Page {
	return ui.Page{
		Title: i18n.T(r.Context(), key), Kind: ui.Form, Private: true, Wide: key == "planreview.desk",
		Crumbs: crumbs(r.Context(), ui.Link{Text: v.A.Title, Href: "/assessment/" + v.Slug}, ui.Link{Text: i18n.T(r.Context(), "planreview.desk"), Href: "/assessment/" + v.Slug + "/desk"}),
	}
}

func (p *Pages) deskOf(r *http.Request) (v deskView, err error) {
	ctx := r.Context()
	actor := who.From(ctx)
	if v.reportView, err = p.load(r); err != nil {
		return v, err
	}
	v.Boss = actor.Has(who.Administrator, "")
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		var ids []string
		for _, row := range v.Report.Rows {
			ids = append(ids, row.Commitment)
		}
		if v.Blocked, err = review.Conflicts(ctx, tx, actor, v.A, ids); err != nil {
			return err
		}
		all, err := who.HoldersOf(ctx, tx, "")
		v.Evaluators = slices.DeleteFunc(all, func(h who.Holder) bool { return h.Role != who.Evaluator || v.People[h.Person] != "" })
		return err
	})
	return v, err
}

// codeView is the form that codes one commitment, or one cluster.
type codeView struct {
	web.Wrong
	deskView
	Subject  string // id of the commitment or cluster
	Rows     []review.Row
	Group    review.Group // of a cluster
	Entries  map[string]review.Entry
	Telling  review.Telling
	Version  int // of the passage
	Papers   []plan.Paper
	History  []review.Code
	Position int // which of how many, from 1
	Of       int
	Next     string // address of the next that is not coded yet
}

// units are what is coded as one: clusters and the commitments outside them, in
// the order of the plan, each with its members.
func units(r review.Report) (out []review.Group) {
	for _, row := range r.Rows {
		i := slices.IndexFunc(r.Clusters, func(g review.Group) bool { return slices.Contains(g.Members, row.Commitment) })
		if i < 0 {
			out = append(out, review.Group{ID: row.Commitment, Title: row.Title, Members: []string{row.Commitment}})
		} else if !slices.ContainsFunc(out, func(g review.Group) bool { return g.ID == r.Clusters[i].ID }) {
			out = append(out, r.Clusters[i])
		}
	}
	return out
}

// rowOf is the row of a commitment.
func rowOf(r review.Report, commitment string) review.Row {
	i := slices.IndexFunc(r.Rows, func(x review.Row) bool { return x.Commitment == commitment })
	if i < 0 {
		return review.Row{}
	}
	return r.Rows[i]
}

func (p *Pages) codeForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.codeOf(r, r.URL.Query().Get("of"))
	if err != nil {
		return err
	}
	if v.Of == 0 { // nothing is coded: a brief
		web.Redirect(w, r, "/assessment/"+v.Slug+"/desk")
		return nil
	}
	return p.codePage(w, r, http.StatusOK, v)
}

// codeOf reads what the form for one unit shows: the next that is not coded yet
// if none is asked for.
func (p *Pages) codeOf(r *http.Request, subject string) (v codeView, err error) {
	if v.deskView, err = p.deskOf(r); err != nil {
		return v, err
	}
	all := units(v.Report)
	v.Of = len(all)
	at := -1
	for i, g := range all {
		lacks := len(rowOf(v.Report, g.Members[0]).Missing) > 0 && v.Blocked[g.Members[0]] == ""
		if g.ID == subject || subject == "" && lacks && at < 0 {
			at = i
		}
	}
	if at < 0 && subject == "" && len(all) > 0 {
		at = 0
	}
	if len(all) == 0 {
		return v, nil
	}
	if at < 0 {
		return v, db.ErrNotFound
	}
	v.Group, v.Subject, v.Position = all[at], all[at].ID, at+1
	for i := 1; i < len(all) && v.Next == ""; i++ {
		if g := all[(at+i)%len(all)]; len(rowOf(v.Report, g.Members[0]).Missing) > 0 {
			v.Next = "/assessment/" + v.Slug + "/code?of=" + g.ID
		}
	}
	for _, m := range v.Group.Members {
		v.Rows = append(v.Rows, rowOf(v.Report, m))
	}
	v.Entries = map[string]review.Entry{}
	err = p.DB.View(r.Context(), func(tx *db.Tx) error { return v.fill(r.Context(), tx) })
	return v, err
}

func (v *codeView) fill(ctx context.Context, tx *db.Tx) (err error) {
	codes, err := review.CodesOf(ctx, tx, v.A.ID)
	if err != nil {
		return err
	}
	for name, c := range codes[v.Group.Members[0]] {
		if c.Value == "" { // taken back: the grounds may still serve
			c.Rationale, c.Shown = "", nil
		}
		v.Entries[name] = review.Entry{Value: c.Value, Rationale: c.Rationale, Evidence: c.Shown, Seen: c.Version}
	}
	passages, err := review.Passages(ctx, tx, v.A.ID)
	if err != nil {
		return err
	}
	v.Telling, v.Version = passages[v.Subject].Texts.V, passages[v.Subject].Version
	if v.History, err = review.History(ctx, tx, v.A.ID, v.Group.Members[0]); err != nil {
		return err
	}
	v.Papers, err = plan.Papers(ctx, tx, v.A.Plan)
	return err
}

func (p *Pages) codePage(w http.ResponseWriter, r *http.Request, status int, v codeView) error {
	return web.Page(w, r, status, p.deskPage(r, v.deskView, "planreview.code"), codePage(v))
}

func (p *Pages) code(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.codeOf(r, f.Line("of"))
	if err == nil && v.Of == 0 {
		err = db.ErrNotFound
	}
	if err != nil {
		return err
	}
	in := map[string]review.Entry{}
	for _, x := range v.A.Variables() {
		in[x.ID] = readEntry(f, x.ID)
	}
	err = p.Code(r.Context(), who.From(r.Context()), review.Coding{Assessment: v.A.ID, Subject: v.Subject, Entries: in})
	if told, ok := web.Mend(w, r, err, first(v.A), fieldLabel); ok {
		v.Wrong = told
		for name, e := range in { // what was typed stays, over what is there by now
			e.Seen = v.Entries[name].Seen
			v.Entries[name] = e
		}
		return p.codePage(w, r, told.Status, v)
	}
	to := "/assessment/" + v.Slug + "/code?of=" + v.Subject
	switch told := in["promising"].Value == "yes" || v.Rows[0].Featured; {
	case f.Has("next") && v.Next != "":
		to = v.Next
	case v.Next == "" && !told: // nothing is left to code, and nothing to tell of this one
		to = "/assessment/" + v.Slug + "/desk"
	}
	return done(w, r, err, "planreview.coded", to)
}

func first(a review.Assessment) string {
	if vars := a.Variables(); len(vars) > 0 {
		return vars[0].ID
	}
	return "title"
}

// readEntry takes one code from a form.
func readEntry(f web.Form, name string) review.Entry {
	e := review.Entry{Value: f.Line(name), Rationale: f.Text("rationale." + name), Evidence: readEvidence(f.Text("evidence." + name))}
	for _, paper := range f.All("paper." + name) {
		if paper != "" {
			e.Evidence = append(e.Evidence, review.Evidence{Paper: paper})
		}
	}
	e.Seen, _ = strconv.Atoi(f.Line("seen." + name))
	return e
}

func (p *Pages) passage(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.codeOf(r, f.Line("of"))
	if err == nil && v.Of == 0 {
		err = db.ErrNotFound
	}
	if err != nil {
		return err
	}
	in := review.Passage{Subject: v.Subject}
	for _, part := range in.Texts.V.Parts() {
		*part.Text = f.Text(part.Name)
	}
	in.Version, _ = strconv.Atoi(f.Line("version"))
	err = p.Tell(r.Context(), who.From(r.Context()), v.A.ID, in)
	if told, ok := web.Mend(w, r, err, "context", fieldLabel); ok {
		v.Wrong, v.Telling = told, in.Texts.V
		return p.codePage(w, r, told.Status, v)
	}
	return done(w, r, err, "planreview.saved", "/assessment/"+v.Slug+"/code?of="+v.Subject)
}
