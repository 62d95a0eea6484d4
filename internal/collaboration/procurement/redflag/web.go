package redflag

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/face/api"
	"ceiba/internal/face/module"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
	"ceiba/internal/service/who/deed"
)

// Pages joins the questions with what their pages stand on.
type Pages struct {
	DB   *db.DB
	Base func() string // public address
}

// Module declares the red flags.
func (p *Pages) Module() module.Module {
	return module.Module{
		Name: "redflag", Schema: Schema, Words: Words, Actions: Rules, Kinds: []record.Kind{Kind}, Routes: p.routes, API: func(a *api.API) { p.list().API(a) },
		Demo: func(ctx context.Context, actor who.Actor) error { _, err := Ask(ctx, p.DB, actor, nil); return err },
		Jobs: Jobs(p.DB), Listeners: []activity.Listener{Listener()}, Personal: []who.Personal{deed.Columns("redflag", "redflag_reply.by_person")},
	}
}

func (p *Pages) routes(r *web.Routes) {
	p.list().Routes(r)
	r.Get("/red-flag/{id}", web.Public, p.show)
	r.Post("/red-flag/{id}/reply", web.Needs("redflag.reply"), p.reply)
	r.Get("/redflagrun/{id}", web.Public, p.run)
}

// above is what stands over the list: what it is, and what the last run came to.
func (p *Pages) above(ctx context.Context, tx *db.Tx, _ RedFlagQuery) (templ.Component, error) {
	run, err := LastRun(ctx, tx)
	if err == db.ErrNotFound {
		return aboveView(nil), nil
	}
	return aboveView(&run), err
}

// view is the page of a question.
type view struct {
	web.Wrong
	Flag    Flag
	Name    string // what it is about
	Process procurement.Process
	Replies []Reply
	Names   map[string]string // of organisations
	Orgs    []org.Choice      // for which the reader may reply
	Org     string            // as typed
	Text    string
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	return p.page(w, r, http.StatusOK, view{})
}

func (p *Pages) page(w http.ResponseWriter, r *http.Request, status int, v view) error {
	ctx := r.Context()
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Flag, err = Find(ctx, tx, r.PathValue("id")); err != nil {
			return err
		}
		names, err := namesOf(ctx, tx, []Flag{v.Flag})
		if err != nil {
			return err
		}
		v.Name = names[v.Flag.ID]
		if v.Flag.Process != "" {
			if v.Process, err = procurement.Find(ctx, tx, v.Flag.Process); err != nil {
				return err
			}
		}
		if v.Replies, err = Replies(ctx, tx, v.Flag.ID); err != nil {
			return err
		}
		var ids []string
		for _, x := range v.Replies {
			ids = append(ids, x.Org)
		}
		if v.Names, err = org.Names(ctx, tx, i18n.LangOf(ctx), ids); err != nil {
			return err
		}
		v.Orgs, err = org.Choices(ctx, tx, who.From(ctx), "redflag.reply")
		return err
	}); err != nil {
		return err
	}
	if len(v.Orgs) == 1 && v.Org == "" {
		v.Org = v.Orgs[0].ID
	}
	return web.Page(w, r, status, ui.Page{
		Title: asks(ctx, v.Flag.Finding.Rule), Description: i18n.T(ctx, "redflag.no_verdict"), Canonical: p.Base() + "/red-flag/" + v.Flag.ID,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "procurement.list.title"), Href: "/contracting"}, {Text: i18n.T(ctx, "redflag.list.title"), Href: "/red-flags"}},
	}, flagPage(v))
}

func (p *Pages) reply(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := view{Org: f.Line("org"), Text: f.Text("text")}
	err = p.DB.Update(ctx, func(tx *db.Tx) error { return Answer(ctx, tx, who.From(ctx), r.PathValue("id"), v.Org, v.Text) })
	if told, ok := web.Mend(w, r, err, "text", label); ok {
		v.Wrong = told
		return p.page(w, r, told.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "redflag.replied_now")
	web.Redirect(w, r, "/red-flag/"+r.PathValue("id"))
	return nil
}

func label(ctx context.Context, name string) string { return i18n.T(ctx, "redflag.field."+name) }

// run leads to the list: it is what a run came to.
func (p *Pages) run(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.DB.View(ctx, func(tx *db.Tx) error {
		cards, err := Kind.Describe(ctx, tx, who.From(ctx), []string{r.PathValue("id")})
		if err == nil && len(cards) == 0 {
			err = db.ErrNotFound
		}
		return err
	}); err != nil {
		return err
	}
	web.Redirect(w, r, "/red-flags")
	return nil
}
