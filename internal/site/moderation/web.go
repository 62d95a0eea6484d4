package moderation

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/module"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Module declares the pages.
func (d *Desk) Module() module.Module {
	return module.Module{
		Name: "moderation", Schema: Schema, Words: Words, Actions: Rules, Routes: d.routes, API: d.api, Notifies: notifies, Subjects: subjects,
		Listeners: []activity.Listener{d.Listener()}, Personal: []who.Personal{d},
		Nav: []module.Nav{
			{Key: "moderation.nav", Path: "/moderation", Order: 90, Action: "record.moderate"},
			{Key: "moderation.rules", Path: "/moderation/rules", Order: 65, Footer: true},
		},
	}
}

func (d *Desk) routes(r *web.Routes) {
	r.Get("/moderation/rules", web.Public, d.rules, web.Shared)
	r.Get("/moderation/log", web.Public, d.log)
	r.Get("/moderation/report-comment/{id}", web.SignedIn, d.reportForm)
	r.Post("/moderation/report-comment/{id}", web.SignedIn, d.report)
	r.Get("/moderation/mine", web.SignedIn, d.mine)
	r.Post("/moderation/mine/{id}/appeal", web.SignedIn, d.appeal)
	r.Get("/moderation", web.Needs("record.moderate"), d.desk)
	r.Post("/moderation/report/{id}/settle", web.Needs("record.moderate"), d.settleReport)
	r.Get("/moderation/comment/{id}", web.Needs("record.moderate"), d.aboutForm)
	r.Post("/moderation/comment/{id}", web.Needs("record.moderate"), d.decideAbout)
	r.Get("/moderation/cases/{id}", web.Needs("record.moderate"), d.show)
	r.Post("/moderation/cases/{id}/take", web.Needs("record.moderate"), d.take)
	r.Post("/moderation/cases/{id}", web.Needs("record.moderate"), d.decide)
}

// logAnswer is the public log.
type logAnswer struct {
	Body struct {
		Decisions []Line `json:"decisions"`
	}
}

func (d *Desk) api(a *api.API) {
	api.Add(a, api.Op{Method: "GET", Path: "/moderation/log", Access: web.Public, Tag: "moderation", Summary: "Decisions of the moderators: rule, day and outcome, without text"},
		func(ctx context.Context, _ *struct{}) (*logAnswer, error) {
			out := &logAnswer{}
			return out, d.DB.View(ctx, func(tx *db.Tx) (err error) { out.Body.Decisions, err = Log(ctx, tx, i18n.Belize, 500); return err })
		})
}

func (d *Desk) rules(w http.ResponseWriter, r *http.Request) error {
	return web.Page(w, r, http.StatusOK, ui.Page{Title: i18n.T(r.Context(), "moderation.rules")}, rulesPage())
}

func (d *Desk) log(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var lines []Line
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) { lines, err = Log(ctx, tx, i18n.Belize, 200); return err }); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title:  i18n.T(ctx, "moderation.log"),
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "moderation.rules"), Href: "/moderation/rules"}},
	}, logPage(lines))
}

// caseView is a case with what it is about.
type caseView struct {
	web.Wrong
	Case     Case
	Comment  record.Comment
	Card     record.Card
	Names    map[string]string
	Conflict string // why the reader may not decide; empty if they may
	In       Decision
}

// reportView is the form that reports a contribution.
type reportView struct {
	web.Wrong
	Comment record.Comment
	Message string
}

func (d *Desk) reportForm(w http.ResponseWriter, r *http.Request) error {
	return d.reportWith(w, r, http.StatusOK, reportView{})
}

func (d *Desk) reportWith(w http.ResponseWriter, r *http.Request, status int, v reportView) error {
	ctx := r.Context()
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Comment, _, err = d.about(ctx, tx, who.From(ctx), r.PathValue("id"))
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, status, ui.Page{Title: i18n.T(ctx, "moderation.report"), Kind: ui.Form, Private: true}, reportPage(v))
}

func (d *Desk) report(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := reportView{Message: f.Text("message")}
	err = d.Report(ctx, who.From(ctx), r.PathValue("id"), v.Message)
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "message", label); ok {
		return d.reportWith(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "moderation.reported")
	web.Redirect(w, r, "/moderation/rules")
	return nil
}

// deskView is what waits for the moderators.
type deskView struct {
	Cases   []Case
	Cards   map[record.Ref]record.Card
	Reports []record.Report // of errors on pages
	Queues  []queue
	Now     time.Time
}

// queue is how many things wait elsewhere.
type queue struct {
	Waiting
	N int
}

// elsewhere counts what waits on pages of other services.
func (d *Desk) elsewhere(ctx context.Context, tx *db.Tx) (out []queue, err error) {
	for _, q := range d.Queues {
		n, err := q.Count(ctx, tx)
		if err != nil {
			return nil, err
		}
		out = append(out, queue{q, n})
	}
	return out, nil
}

func (d *Desk) desk(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := deskView{Now: d.DB.Now()}
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Cases, err = Queue(ctx, tx, who.From(ctx)); err != nil {
			return err
		}
		var refs []record.Ref
		for _, c := range v.Cases {
			refs = append(refs, c.Of)
		}
		if v.Cards, err = d.Kinds().Describe(ctx, tx, who.From(ctx), refs); err != nil {
			return err
		}
		if v.Queues, err = d.elsewhere(ctx, tx); err != nil {
			return err
		}
		v.Reports, err = record.Reports(ctx, tx, who.From(ctx))
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{Title: i18n.T(ctx, "moderation.nav"), Private: true, Wide: true}, deskPage(v))
}

func (d *Desk) settleReport(w http.ResponseWriter, r *http.Request) error {
	if err := record.SettleReport(r.Context(), d.DB, who.From(r.Context()), r.PathValue("id")); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "moderation.settled")
	web.Redirect(w, r, "/moderation")
	return nil
}

// aboutForm leads to the case about a contribution, or shows the form that
// opens one and decides it.
func (d *Desk) aboutForm(w http.ResponseWriter, r *http.Request) error {
	return d.aboutWith(w, r, http.StatusOK, caseView{})
}

func (d *Desk) aboutWith(w http.ResponseWriter, r *http.Request, status int, v caseView) error {
	ctx := r.Context()
	err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Comment, v.Card, err = d.about(ctx, tx, who.From(ctx), r.PathValue("id")); err != nil {
			return err
		}
		if v.Case, err = waiting(ctx, tx, v.Comment.ID); err == nil {
			return nil
		}
		if !errors.Is(err, db.ErrNotFound) {
			return err
		}
		v.Case = Case{Comment: v.Comment.ID, Author: v.Comment.Author, Org: v.Card.Org, State: Open}
		v.Names, err = who.NamesOf(ctx, tx, []string{v.Comment.Author})
		return err
	})
	if err != nil {
		return err
	}
	if v.Case.ID != "" {
		web.Redirect(w, r, "/moderation/cases/"+v.Case.ID)
		return nil
	}
	return d.casePage(w, r, status, v)
}

func (d *Desk) decideAbout(w http.ResponseWriter, r *http.Request) error {
	in, err := decisionOf(r)
	if err != nil {
		return err
	}
	err = d.DecideAbout(r.Context(), who.From(r.Context()), r.PathValue("id"), in)
	if wrong, ok := web.Mend(w, r, err, "outcome", label); ok {
		return d.aboutWith(w, r, wrong.Status, caseView{In: in, Wrong: wrong})
	}
	return decided(w, r, err)
}

func (d *Desk) show(w http.ResponseWriter, r *http.Request) error {
	return d.showWith(w, r, http.StatusOK, caseView{})
}

func (d *Desk) showWith(w http.ResponseWriter, r *http.Request, status int, v caseView) error {
	ctx := r.Context()
	actor := who.From(ctx)
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Case, err = get(ctx, tx, r.PathValue("id")); err != nil {
			return err
		}
		if v.Comment, v.Card, err = d.about(ctx, tx, actor, v.Case.Comment); err != nil {
			return err
		}
		v.Names, err = who.NamesOf(ctx, tx, []string{v.Case.Author, v.Case.TakenBy})
		return err
	}); err != nil {
		return err
	}
	return d.casePage(w, r, status, v)
}

func (d *Desk) casePage(w http.ResponseWriter, r *http.Request, status int, v caseView) error {
	ctx := r.Context()
	actor := who.From(ctx)
	var f *fault.Error
	if errors.As(v.Case.impartial(actor), &f) {
		v.Conflict = i18n.From(ctx).Fault(f)
	} else if v.Case.State == Appealed && v.Case.DecidedBy == actor.ID {
		v.Conflict = i18n.T(ctx, "moderation.other_moderator")
	}
	return web.Page(w, r, status, ui.Page{
		Title: i18n.T(ctx, "moderation.case"), Kind: ui.Form, Private: true,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "moderation.nav"), Href: "/moderation"}},
	}, casePage(v))
}

func (d *Desk) take(w http.ResponseWriter, r *http.Request) error {
	if err := d.Take(r.Context(), who.From(r.Context()), r.PathValue("id")); err != nil {
		return err
	}
	web.Redirect(w, r, "/moderation/cases/"+r.PathValue("id"))
	return nil
}

func (d *Desk) decide(w http.ResponseWriter, r *http.Request) error {
	in, err := decisionOf(r)
	if err != nil {
		return err
	}
	err = d.Decide(r.Context(), who.From(r.Context()), r.PathValue("id"), in)
	if wrong, ok := web.Mend(w, r, err, "outcome", label); ok {
		return d.showWith(w, r, wrong.Status, caseView{In: in, Wrong: wrong})
	}
	return decided(w, r, err)
}

// decisionOf takes a decision from a form.
func decisionOf(r *http.Request) (in Decision, err error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return in, err
	}
	in = Decision{Outcome: Outcome(f.Line("outcome")), Reason: f.Text("reason")}
	in.Rule, _ = strconv.Atoi(f.Line("rule"))
	return in, nil
}

// decided ends a decision: back to the desk, unless it failed.
func decided(w http.ResponseWriter, r *http.Request, err error) error {
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "moderation.decided")
	web.Redirect(w, r, "/moderation")
	return nil
}

// mineView is what was decided about the reader's contributions.
type mineView struct {
	web.Wrong
	Cases  []Case
	Person string
	Failed string // the case whose appeal failed
	Text   string // what was written there
}

func (d *Desk) mine(w http.ResponseWriter, r *http.Request) error {
	return d.mineWith(w, r, http.StatusOK, mineView{})
}

func (d *Desk) mineWith(w http.ResponseWriter, r *http.Request, status int, v mineView) error {
	ctx := r.Context()
	v.Person = who.From(ctx).ID
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) { v.Cases, err = Mine(ctx, tx, who.From(ctx)); return err }); err != nil {
		return err
	}
	return web.Page(w, r, status, ui.Page{Title: i18n.T(ctx, "moderation.mine"), Kind: ui.Form, Private: true}, minePage(v, d.DB.Now()))
}

func (d *Desk) appeal(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(f.Text("appeal"))
	err = d.AppealTo(ctx, who.From(ctx), r.PathValue("id"), text)
	if wrong, ok := web.Mend(w, r, err, "appeal", label); ok {
		return d.mineWith(w, r, wrong.Status, mineView{Failed: r.PathValue("id"), Text: text, Wrong: wrong})
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "moderation.appealed")
	web.Redirect(w, r, "/moderation/mine")
	return nil
}
