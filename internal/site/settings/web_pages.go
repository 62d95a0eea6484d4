package settings

import (
	"errors"
	"net/http"
	"strconv"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// showView is a page as readers see it.
type showView struct {
	Page     Page
	Text     Text
	Lang     string // of the text
	MayWrite bool
}

func (s *Site) pages(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var ps []Page
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) { ps, err = All(ctx, tx, who.From(ctx)); return err }); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{Title: i18n.T(ctx, "settings.pages"), Private: true, Crumbs: adminCrumb(ctx)}, pagesPage(ps))
}

// editView is the form of a page.
type editView struct {
	web.Wrong
	Key  string // of the page; empty for a new one
	Page Page
	In   Draftable
	Lost *Text // the text that somebody else saved meanwhile
}

func (s *Site) newPage(w http.ResponseWriter, r *http.Request) error {
	in := Draftable{Lang: i18n.LangOf(r.Context()), Sort: Lasting, State: Draft, Order: 100}
	if r.URL.Query().Get("sort") == string(News) {
		in.Sort = News
	}
	return s.editor(w, r, http.StatusOK, editView{In: in})
}

func (s *Site) editPage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := editView{Key: r.PathValue("key")}
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Page, _, err = Find(ctx, tx, who.From(ctx), v.Key)
		return err
	}); err != nil {
		return err
	}
	lang := r.URL.Query().Get("text")
	if !i18n.Known(lang) {
		_, lang = v.Page.In(i18n.LangOf(ctx))
	}
	p := v.Page
	v.In = Draftable{Lang: lang, Text: p.Texts[lang], Slug: p.Slug, Sort: p.Sort, State: p.State, Footer: p.Footer, Order: p.Position, Version: p.Version}
	return s.editor(w, r, http.StatusOK, v)
}

func (s *Site) editor(w http.ResponseWriter, r *http.Request, status int, v editView) error {
	ctx := r.Context()
	title := i18n.T(ctx, "settings.new_page")
	if v.Key != "" {
		text, _ := v.Page.In(i18n.LangOf(ctx))
		title = i18n.T(ctx, "settings.edit_page", "title", text.Title)
	}
	return web.Page(w, r, status, ui.Page{
		Title: title, Kind: ui.Form, Private: true,
		Crumbs: append(adminCrumb(ctx), ui.Link{Text: i18n.T(ctx, "settings.pages"), Href: "/admin/pages"}),
	}, editorPage(title, v))
}

func (s *Site) writePage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := editView{Key: r.PathValue("key")}
	v.In = Draftable{
		Lang: f.Line("lang"), Text: Text{Title: f.Line("title"), Body: f.Text("body")}, Slug: f.Line("slug"), Sort: Sort(f.Line("sort")),
		State: State(f.Line("state")), Footer: f.Has("footer"), Note: f.Line("note"),
	}
	v.In.Order, _ = strconv.Atoi(f.Line("order"))
	v.In.Version, _ = strconv.ParseInt(f.Line("version"), 10, 64)
	p, err := s.Write(ctx, who.From(ctx), v.Key, v.In)
	if err == nil {
		web.Flash(w, ui.Done, "settings.saved_page")
		web.Redirect(w, r, "/page/"+p.key())
		return nil
	}
	if v.Key != "" {
		if e := s.DB.View(ctx, func(tx *db.Tx) (e error) { v.Page, _, e = Find(ctx, tx, who.From(ctx), v.Key); return e }); e != nil {
			return errors.Join(err, e)
		}
	}
	if errors.Is(err, db.ErrConflict) { // both texts, and the next save counts from here
		theirs := v.Page.Texts[v.In.Lang]
		v.Lost, v.In.Version = &theirs, v.Page.Version
		return s.editor(w, r, http.StatusConflict, v)
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "title", label); ok {
		return s.editor(w, r, v.Status, v)
	}
	return err
}

func (s *Site) versions(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, list, names, err := s.history(r)
	if err != nil {
		return err
	}
	text, _ := p.In(i18n.LangOf(ctx))
	title := i18n.T(ctx, "settings.versions_of", "title", text.Title)
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: title, Private: true,
		Crumbs: append(adminCrumb(ctx), ui.Link{Text: i18n.T(ctx, "settings.pages"), Href: "/admin/pages"}),
	}, versionsPage(title, p, list, names))
}

// history reads a page with its versions and the names of who wrote them.
func (s *Site) history(r *http.Request) (p Page, list []Version, names map[string]string, err error) {
	ctx := r.Context()
	err = s.DB.View(ctx, func(tx *db.Tx) error {
		if p, _, err = Find(ctx, tx, who.From(ctx), r.PathValue("key")); err != nil {
			return err
		}
		if list, err = Versions(ctx, tx, who.From(ctx), p.ID); err != nil {
			return err
		}
		var people []string
		for _, v := range list {
			people = append(people, v.By)
		}
		names, err = who.NamesOf(ctx, tx, people)
		return err
	})
	return p, list, names, err
}

func (s *Site) version(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	_, list, _, err := s.history(r)
	if err != nil {
		return err
	}
	for _, v := range list {
		if strconv.FormatInt(v.Page.Version, 10) == r.PathValue("version") {
			text, lang := v.Page.In(i18n.LangOf(ctx))
			return web.Page(w, r, http.StatusOK, ui.Page{
				Title: text.Title, Private: true,
				Crumbs: append(adminCrumb(ctx), ui.Link{Text: i18n.T(ctx, "settings.versions"), Href: "/admin/pages/" + v.Page.ID + "/versions"}),
			},
				showPage(showView{Page: v.Page, Text: text, Lang: lang}))
		}
	}
	return db.ErrNotFound
}
