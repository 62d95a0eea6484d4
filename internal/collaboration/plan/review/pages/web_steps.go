package pages

import (
	"errors"
	"net/http"
	"strconv"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/review"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who"
)

func isConflict(err error) bool { return errors.Is(err, db.ErrConflict) }

// clusterView is the form that groups commitments.
type clusterView struct {
	web.Wrong
	deskView
	One review.Cluster
}

func (p *Pages) clusterForm(w http.ResponseWriter, r *http.Request) error {
	return p.clusterWith(w, r, http.StatusOK, clusterView{})
}

func (p *Pages) clusterWith(w http.ResponseWriter, r *http.Request, status int, v clusterView) (err error) {
	if v.deskView, err = p.deskOf(r); err != nil {
		return err
	}
	return web.Page(w, r, status, p.deskPage(r, v.deskView, "planreview.clusters"), clusterPage(v))
}

func (p *Pages) cluster(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, slug, err := p.one(r)
	if err != nil {
		return err
	}
	in := review.Cluster{Assessment: a.ID, Title: f.Line("title"), Area: f.Line("area"), Reason: f.Text("cluster_reason")}
	in.Members.V = f.All("members")
	made, err := p.Cluster(r.Context(), who.From(r.Context()), in)
	if told, ok := web.Mend(w, r, err, "members", fieldLabel); ok {
		return p.clusterWith(w, r, told.Status, clusterView{One: in, Wrong: told})
	}
	return done(w, r, err, "planreview.clustered", "/assessment/"+slug+"/code?of="+made.ID)
}

func (p *Pages) split(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, slug, err := p.one(r)
	if err != nil {
		return err
	}
	err = p.Split(r.Context(), who.From(r.Context()), a.ID, f.Line("cluster"), f.Text("reason"))
	return p.onDesk(w, r, err, "planreview.was_split", "/assessment/"+slug+"/clusters")
}

// onDesk ends a small form: what is wrong with it is said on the page it came
// from, where it can be mended.
func (p *Pages) onDesk(w http.ResponseWriter, r *http.Request, err error, said, to string) error {
	if told, ok := web.Mend(w, r, err, "reason", fieldLabel); ok && (told.Status == http.StatusUnprocessableEntity || fault.KindOf(err) == fault.Conflict) {
		web.Flash(w, ui.Attention, "planreview.lacks", "what", told.Errors[0].Text)
		web.Redirect(w, r, to)
		return nil
	}
	return done(w, r, err, said, to)
}

// processView is the form that judges the process.
type processView struct {
	web.Wrong
	deskView
	Entries map[string]review.Entry
	Papers  []plan.Paper
}

func (p *Pages) processOf(r *http.Request) (v processView, err error) {
	if v.deskView, err = p.deskOf(r); err != nil {
		return v, err
	}
	v.Entries = map[string]review.Entry{}
	for _, j := range v.Report.Process {
		c := j.Code
		v.Entries[j.Field()] = review.Entry{Value: c.Value, Rationale: c.Rationale, Evidence: c.Shown, Seen: c.Version}
	}
	err = p.DB.View(r.Context(), func(tx *db.Tx) error { v.Papers, err = plan.Papers(r.Context(), tx, v.A.Plan); return err })
	return v, err
}

func (p *Pages) processForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.processOf(r)
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, p.deskPage(r, v.deskView, "planreview.process"), processPage(v))
}

func (p *Pages) process(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.processOf(r)
	if err != nil {
		return err
	}
	in := map[string]review.Entry{}
	for _, j := range v.Report.Process {
		in[j.Field()] = readEntry(f, j.Field())
	}
	err = p.Judge(r.Context(), who.From(r.Context()), v.A.ID, in)
	if told, ok := web.Mend(w, r, err, "process_acted", fieldLabel); ok {
		v.Wrong = told
		for name, e := range in {
			e.Seen = v.Entries[name].Seen
			v.Entries[name] = e
		}
		return web.Page(w, r, told.Status, p.deskPage(r, v.deskView, "planreview.process"), processPage(v))
	}
	return done(w, r, err, "planreview.judged", "/assessment/"+v.Slug+"/desk")
}

func (p *Pages) reviewer(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, slug, err := p.one(r)
	if err != nil {
		return err
	}
	err = p.AddReviewer(r.Context(), who.From(r.Context()), a.ID, f.Line("person"))
	return p.onDesk(w, r, err, "planreview.reviewer_added", "/assessment/"+slug+"/desk")
}

// move takes an assessment to its next state.
func (p *Pages) move(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	a, slug, err := p.one(r)
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(f.Line("version"))
	days, _ := strconv.Atoi(f.Line("days"))
	actor, to := who.From(ctx), "/assessment/"+slug+"/desk"
	switch f.Line("to") {
	case "commenting":
		_, err = p.Open(ctx, actor, a.ID, version, days)
	case "final":
		_, err = p.Finish(ctx, actor, a.ID, version)
	case "correct":
		var next review.Assessment
		if next, err = p.Correct(ctx, actor, a.ID, f.Text("reason")); err == nil {
			to = "/assessment/" + next.ID + "/desk"
		}
	default:
		_, err = p.Withdraw(ctx, actor, a.ID, version, f.Text("reason"))
	}
	return p.onDesk(w, r, err, "planreview.moved", to)
}
