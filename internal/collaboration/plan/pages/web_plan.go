package pages

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"ceiba/internal/collaboration/plan"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// formView is the form for a plan, new or not.
type formView struct {
	web.Wrong
	Plan   plan.Plan
	Slug   string
	Orgs   []org.Choice
	Forums []org.Choice
}

func (p *Pages) newForm(w http.ResponseWriter, r *http.Request) error {
	v := formView{Plan: plan.Plan{Lang: "en", Level: plan.National, Years: 2}}
	if err := p.formChoices(r.Context(), &v); err != nil {
		return err
	}
	if len(v.Orgs) == 1 {
		v.Plan.Org = v.Orgs[0].ID
	}
	return p.form(w, r, http.StatusOK, v)
}

func (p *Pages) formChoices(ctx context.Context, v *formView) error {
	return p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Orgs, err = org.Choices(ctx, tx, who.From(ctx), "plan.write"); err == nil && p.Forums != nil {
			v.Forums, err = p.Forums(ctx, tx)
		}
		return err
	})
}

func (p *Pages) form(w http.ResponseWriter, r *http.Request, status int, v formView) error {
	ctx := r.Context()
	title := i18n.T(ctx, "plan.new")
	if v.Plan.ID != "" {
		title = i18n.T(ctx, "plan.edit_of", "title", v.Plan.Title)
	}
	return web.Page(w, r, status, ui.Page{
		Title: title, Kind: ui.Form, Private: true, Crumbs: []ui.Link{{Text: i18n.T(ctx, "plan.nav"), Href: "/plans"}},
	}, formPage(title, v))
}

func readPlan(f web.Form) plan.Plan {
	in := plan.Plan{
		Org: f.Line("org"), Forum: f.Line("forum"), Code: f.Line("code"), Title: f.Line("title"), Summary: f.Line("summary"), Lang: f.Line("lang"),
		Level: plan.Level(f.Line("level")), District: f.Line("district"), Start: f.Date("start_date"), End: f.Date("end_date"),
		PreviousEnd: f.Date("previous_end"), ContactName: f.Line("contact_name"), ContactEmail: f.Line("contact_email"), Website: f.Line("website"),
	}
	in.Texts.V = plan.Sections{
		Introduction: f.Text("introduction"), Efforts: f.Text("efforts"), Process: f.Text("process"), Vision: f.Text("vision"),
	}
	in.Years, _ = strconv.Atoi(f.Line("years"))
	in.Number, _ = strconv.Atoi(f.Line("number"))
	in.Version, _ = strconv.Atoi(f.Line("version"))
	return in
}

func (p *Pages) create(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	in := readPlan(f)
	made, err := p.Create(r.Context(), who.From(r.Context()), in)
	return p.after(w, r, formView{Plan: in}, made, err, "plan.created")
}

// after ends a form for a plan: on to its page, or back with what is wrong.
func (p *Pages) after(w http.ResponseWriter, r *http.Request, v formView, made plan.Plan, err error, said string) error {
	var wrong bool
	if v.Wrong, wrong = web.Mend(w, r, err, "title", fieldLabel); wrong {
		if err := p.formChoices(r.Context(), &v); err != nil {
			return err
		}
		return p.form(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, said)
	web.Redirect(w, r, made.Ref().Path())
	return nil
}

// mine finds the plan of an address that the reader may work on.
func (p *Pages) mine(r *http.Request) (pl plan.Plan, slug string, err error) {
	ctx := r.Context()
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		if pl, slug, err = find(ctx, tx, r); err != nil {
			return err
		}
		return who.From(ctx).Must("plan.write", who.In(pl.Org))
	})
	return pl, slug, err
}

func (p *Pages) editForm(w http.ResponseWriter, r *http.Request) error {
	pl, slug, err := p.mine(r)
	if err != nil {
		return err
	}
	v := formView{Plan: pl, Slug: slug}
	if err := p.formChoices(r.Context(), &v); err != nil {
		return err
	}
	return p.form(w, r, http.StatusOK, v)
}

func (p *Pages) edit(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	now, slug, err := p.mine(r)
	if err != nil {
		return err
	}
	in := readPlan(f)
	in.ID, in.RefreshOf = now.ID, now.RefreshOf
	out, err := p.Edit(r.Context(), who.From(r.Context()), in)
	if errors.Is(err, db.ErrConflict) {
		return web.Page(w, r, http.StatusConflict, ui.Page{Title: i18n.T(r.Context(), "web.title.409"), Kind: ui.Form, Private: true}, conflictPage(in, now, slug))
	}
	return p.after(w, r, formView{Plan: in, Slug: slug}, out, err, "plan.saved")
}

func (p *Pages) moveForm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	pl, _, err := p.mine(r)
	if err != nil {
		return err
	}
	m := plan.Moving{Plan: pl.ID, To: plan.State(f.Line("to")), Reason: f.Text("reason"), Override: f.Has("override")}
	m.Version, _ = strconv.Atoi(f.Line("version"))
	moved, err := p.Move(ctx, who.From(ctx), m)
	if told := p.lacks(ctx, w, err); told {
		web.Redirect(w, r, pl.Ref().Path())
		return nil
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "plan.moved", "state", i18n.T(ctx, "plan.state."+string(moved.State)))
	web.Redirect(w, r, pl.Ref().Path())
	return nil
}

// lacks tells on the next page what a step lacks, where somebody can mend it.
func (p *Pages) lacks(ctx context.Context, w http.ResponseWriter, err error) bool {
	if fields, ok := web.FieldErrors(err); ok {
		web.Flash(w, ui.Attention, "plan.lacks", "what", lacking(ctx, fields))
		return true
	}
	if fault.KindOf(err) == fault.Invalid {
		if e := web.Explain(err); e != nil {
			web.Flash(w, ui.Attention, e.Key, e.Args...)
			return true
		}
	}
	return false
}

// lacking says in one sentence each what is wrong with the fields of a step.
func lacking(ctx context.Context, fields fault.Fields) string {
	out := ""
	for _, f := range fields {
		if out != "" {
			out += "; "
		}
		out += fieldLabel(ctx, f.Name) + ": " + i18n.T(ctx, f.Key, f.Args...)
	}
	return out
}

// timelineView is the form for the next version of the timeline.
type timelineView struct {
	web.Wrong
	Plan   plan.Plan
	Slug   string
	Phases []plan.Phase
	Note   string
	Before []plan.Timeline
}

const phaseRows = 8

func (p *Pages) timelineForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.timelineView(r)
	if err != nil {
		return err
	}
	if n := len(v.Before); n > 0 {
		v.Phases = v.Before[n-1].Phases.V
	}
	return p.timelinePage(w, r, http.StatusOK, v)
}

func (p *Pages) timelineView(r *http.Request) (v timelineView, err error) {
	if v.Plan, v.Slug, err = p.mine(r); err != nil {
		return v, err
	}
	err = p.DB.View(r.Context(), func(tx *db.Tx) (err error) {
		v.Before, err = plan.Timelines(r.Context(), tx, v.Plan.ID)
		return err
	})
	return v, err
}

func (p *Pages) timelinePage(w http.ResponseWriter, r *http.Request, status int, v timelineView) error {
	return web.Page(w, r, status, p.deskPage(r, "plan.timeline_edit", v.Plan, v.Slug), timelinePage(v))
}

// deskPage is the frame of a form that belongs to a plan.
func (p *Pages) deskPage(r *http.Request, key string, pl plan.Plan, slug string) ui.Page {
	ctx := r.Context()
	return ui.Page{
		Title: i18n.T(ctx, key), Kind: ui.Form, Private: true,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "plan.nav"), Href: "/plans"}, {Text: pl.Title, Href: "/plan/" + slug}},
	}
}

func (p *Pages) timeline(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.timelineView(r)
	if err != nil {
		return err
	}
	for i := range 20 {
		n := "." + strconv.Itoa(i+1)
		ph := plan.Phase{Kind: f.Line("kind" + n), Title: f.Line("title" + n), Starts: f.Date("starts" + n), Ends: f.Date("ends" + n), How: f.Text("how" + n)}
		if ph.Title != "" || ph.Starts != "" || ph.How != "" {
			v.Phases = append(v.Phases, ph)
		}
	}
	v.Note = f.Text("note")
	_, err = p.PublishTimeline(r.Context(), who.From(r.Context()), v.Plan.ID, v.Phases, v.Note)
	var wrong bool
	if v.Wrong, wrong = web.Mend(w, r, err, "phases", fieldLabel); wrong {
		return p.timelinePage(w, r, v.Status, v)
	}
	return done(w, r, err, "plan.timeline_published", v.Plan.Ref().Path())
}

// done ends a form that went well.
func done(w http.ResponseWriter, r *http.Request, err error, said, to string) error {
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, said)
	web.Redirect(w, r, to)
	return nil
}

// outreachView is the form for an activity, with those there are.
type outreachView struct {
	web.Wrong
	Plan plan.Plan
	Slug string
	One  plan.Outreach
	All  []plan.Outreach
}

func (p *Pages) outreachForm(w http.ResponseWriter, r *http.Request) error {
	return p.outreachPage(w, r, http.StatusOK, outreachView{One: plan.Outreach{Lang: "en", Channel: plan.Channels[0]}})
}

func (p *Pages) outreachPage(w http.ResponseWriter, r *http.Request, status int, v outreachView) (err error) {
	if v.Plan, v.Slug, err = p.mine(r); err != nil {
		return err
	}
	if err := p.DB.View(r.Context(), func(tx *db.Tx) (err error) {
		v.All, err = plan.Outreaches(r.Context(), tx, v.Plan.ID)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, status, p.deskPage(r, "plan.outreach_add", v.Plan, v.Slug), outreachPage(v))
}

func (p *Pages) outreach(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	pl, _, err := p.mine(r)
	if err != nil {
		return err
	}
	in := plan.Outreach{
		Plan: pl.ID, Day: f.Date("day"), District: f.Line("district"), Place: f.Line("place"), Lang: f.Line("lang"), Channel: f.Line("channel"),
		Audience: f.Line("audience"), Text: f.Text("text"),
	}
	var wrong fault.Fields
	if f.Line("reach") != "" {
		in.Reach = f.Int(&wrong, "reach")
	}
	if err = wrong.Err(); err == nil {
		_, err = p.AddOutreach(r.Context(), who.From(r.Context()), in)
	}
	if told, ok := web.Mend(w, r, err, "text", fieldLabel); ok {
		return p.outreachPage(w, r, told.Status, outreachView{One: in, Wrong: told})
	}
	return done(w, r, err, "plan.outreach_saved", "/plan/"+pl.ID+"/outreach")
}

func fieldLabel(ctx context.Context, name string) string {
	for i := len(name) - 1; i > 0 && name[i] >= '0' && name[i] <= '9'; i-- {
		if name[i-1] == '.' { // "starts.3": of the third phase
			return i18n.T(ctx, "plan.field."+name[:i-1]) + " " + name[i:]
		}
	}
	return i18n.T(ctx, "plan.field."+name)
}
