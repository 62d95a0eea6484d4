package settings

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// show is a page that the office wrote.
func (s *Site) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	actor := who.From(ctx)
	var p Page
	var canonical string
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) {
		p, canonical, err = Find(ctx, tx, actor, r.PathValue("key"))
		return err
	}); err != nil {
		return err
	}
	if canonical != r.PathValue("key") {
		http.Redirect(w, r, "/page/"+canonical, http.StatusMovedPermanently)
		return nil
	}
	text, lang := p.In(i18n.LangOf(ctx))
	text = s.filled(ctx, p, text)
	page := ui.Page{Title: text.Title, Canonical: s.Base() + "/page/" + p.ID, Private: p.State != Published}
	if p.Sort == News {
		page.Crumbs = []ui.Link{{Text: i18n.T(ctx, "settings.news"), Href: "/news"}}
	}
	return web.Page(w, r, http.StatusOK, page, showPage(showView{Page: p, Text: text, Lang: lang, MayWrite: actor.May("page.write", who.Site)}))
}

// filled puts the site's name, place and address into one of the pages that
// come with the program, also after the office has edited it. Other pages are
// left as they are.
func (s *Site) filled(ctx context.Context, p Page, t Text) Text {
	if !slices.Contains(defaults, p.ID) {
		return t
	}
	c := s.Current(ctx)
	name, place := c.Name, c.Place
	if name == "" {
		name = "Ceiba"
	}
	if place == "" {
		place = i18n.T(ctx, "settings.place")
	}
	return Text{Title: t.Title, Body: c.fillIn(t.Body, name, place, i18n.T(ctx, "settings.no_email"))}
}

func (s *Site) news(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var ps []Page
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) { ps, err = NewsItems(ctx, tx, 50); return err }); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "settings.news"),
		Feeds: []ui.Feed{{Title: i18n.T(ctx, "settings.news"), Href: "/activity.atom?kind=page"}},
	}, newsPage(ps))
}

// logo serves the site's logo. It may be shown in pages: it was re-encoded.
func (s *Site) logo(w http.ResponseWriter, r *http.Request) error {
	ref := s.Current(r.Context()).Logo
	if ref.SHA256 == "" {
		return db.ErrNotFound
	}
	return s.Blob.Serve(w, r, ref, blob.Serving{Name: "logo", Inline: true})
}

// settingView is the form of the settings.
type settingView struct {
	web.Wrong
	Setting  Setting
	Licences []Choice
	Logo     ui.FieldErrors // what is wrong with the picture
}

func (s *Site) form(w http.ResponseWriter, r *http.Request) error {
	return s.formWith(w, r, http.StatusOK, settingView{Setting: s.Current(r.Context())})
}

func (s *Site) formWith(w http.ResponseWriter, r *http.Request, status int, v settingView) error {
	v.Licences = s.Licences
	return web.Page(w, r, status, ui.Page{Title: i18n.T(r.Context(), "settings.title"), Kind: ui.Form, Private: true, Crumbs: adminCrumb(r.Context())}, settingPage(v))
}

func adminCrumb(ctx context.Context) []ui.Link {
	return []ui.Link{{Text: i18n.T(ctx, "settings.admin"), Href: "/admin"}}
}

func (s *Site) change(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	in := Setting{Name: f.Line("name"), Place: f.Line("place"), Email: f.Line("email"), Languages: f.All("languages"), Licence: f.Line("licence")}
	in.Version, _ = strconv.ParseInt(f.Line("version"), 10, 64)
	in.Logo = s.Current(ctx).Logo
	if len(in.Languages) == len(i18n.Languages) {
		in.Languages = nil // all, also those of a later release
	}
	err = s.Change(ctx, who.From(ctx), in)
	if wrong, ok := web.Mend(w, r, err, "name", label); ok {
		return s.formWith(w, r, wrong.Status, settingView{Setting: in, Wrong: wrong})
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "settings.saved")
	web.Redirect(w, r, "/admin/settings")
	return nil
}

func (s *Site) changeLogo(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var picture io.Reader
	if !f.Has("remove") {
		file, _, e := r.FormFile("logo")
		if e == nil {
			defer file.Close()
			picture = file
		} else {
			err = fault.Fields{{Name: "logo", Key: "fault.required"}}
		}
	}
	if err == nil {
		err = s.SetLogo(ctx, who.From(ctx), picture)
	}
	if wrong, ok := web.Mend(w, r, err, "logo", label); ok {
		return s.formWith(w, r, wrong.Status, settingView{Setting: s.Current(ctx), Logo: wrong.Errors})
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "settings.saved")
	web.Redirect(w, r, "/admin/settings")
	return nil
}
