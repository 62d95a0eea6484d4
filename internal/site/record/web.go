package recordsite

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// ref is the record that an address names.
func ref(r *http.Request) record.Ref {
	return record.Ref{Kind: r.PathValue("kind"), ID: r.PathValue("id")}
}

// card finds the record that an address names, as the reader may see it.
func (p *Pages) card(ctx context.Context, of record.Ref) (c record.Card, err error) {
	err = p.DB.View(ctx, func(tx *db.Tx) error { c, err = p.Kinds().One(ctx, tx, who.From(ctx), of); return err })
	return c, err
}

// show sends one of this package's forms or lists.
func show(w http.ResponseWriter, r *http.Request, status int, title string, crumb ui.Link, body templ.Component) error {
	page := ui.Page{Title: title, Kind: ui.Form, Private: true}
	if crumb.Href != "" {
		page.Crumbs = []ui.Link{crumb}
	}
	return web.Page(w, r, status, page, body)
}

// label names a field of this package's forms.
func label(ctx context.Context, field string) string { return i18n.T(ctx, labels[field]) }

var labels = map[string]string{
	"message": "recordsite.report_message", "email": "recordsite.report_email", "text": "recordsite.text", "file": "recordsite.file",
	"alt": "recordsite.alt",
}

type reportView struct {
	web.Wrong
	record.Report
}

func (p *Pages) reportForm(w http.ResponseWriter, r *http.Request) error {
	v := reportView{Report: record.Report{Page: pageOf(r.URL.Query().Get("page"))}}
	return show(w, r, http.StatusOK, i18n.T(r.Context(), "recordsite.report"), ui.Link{}, reportPage(v))
}

// pageOf takes an address of this site, and "/" for anything else.
func pageOf(s string) string { return web.LocalPath(s) }

func (p *Pages) report(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := reportView{Report: record.Report{Page: pageOf(f.Line("page")), Message: f.Text("message"), Email: f.Line("email")}}
	if f.Line("website") == "" { // people do not see this field; what fills it in is no person
		_, err = record.ReportPage(ctx, p.DB, who.From(ctx), v.Report)
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "message", label); ok {
		return show(w, r, v.Status, i18n.T(ctx, "recordsite.report"), ui.Link{}, reportPage(v))
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "recordsite.reported")
	web.Redirect(w, r, v.Page)
	return nil
}

func (p *Pages) follow(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	key := "recordsite.followed"
	if f.Line("follow") == "no" {
		key = "recordsite.unfollowed"
		err = p.Kinds().Unfollow(ctx, p.DB, who.From(ctx), ref(r))
	} else {
		err = p.Kinds().Follow(ctx, p.DB, who.From(ctx), ref(r))
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, key)
	to := "/following"
	if c, err := p.card(ctx, ref(r)); err == nil {
		to = c.Path()
	}
	web.Redirect(w, r, to)
	return nil
}

func (p *Pages) following(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	actor := who.From(ctx)
	var cards []record.Card
	if err := p.DB.View(ctx, func(tx *db.Tx) error {
		refs, err := record.Following(ctx, tx, actor.ID)
		if err != nil {
			return err
		}
		found, err := p.Kinds().Describe(ctx, tx, actor, refs)
		for _, ref := range refs {
			if c, ok := found[ref]; ok {
				cards = append(cards, c)
			}
		}
		return err
	}); err != nil {
		return err
	}
	return show(w, r, http.StatusOK, i18n.T(ctx, "recordsite.following"), ui.Link{}, followingPage(cards))
}

// anchor leads to a comment on its record's page.
func anchor(c record.Card, comment string) string {
	return c.Path() + "#c-" + strings.ReplaceAll(comment, "/", "")
}
