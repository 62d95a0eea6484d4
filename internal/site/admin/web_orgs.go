package admin

import (
	"net/http"
	"strconv"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

func (a *Admin) orgRoutes(r *web.Routes) {
	r.Get("/admin/organisations", web.Needs("org.create"), a.orgs)
	r.Get("/admin/organisations/new", web.Needs("org.create"), a.newOrg)
	r.Post("/admin/organisations/new", web.Needs("org.create"), a.saveOrg)
	r.Get("/admin/organisations/{id}", web.Needs("org.edit"), a.editOrg)
	r.Post("/admin/organisations/{id}", web.Needs("org.edit"), a.saveOrg)
	r.Get("/admin/organisations/{id}/end", web.Needs("org.succeed"), a.endForm)
	r.Post("/admin/organisations/{id}/end", web.Needs("org.succeed"), a.end)
}

// orgsView is the list of organisations.
type orgsView struct {
	Search string
	Ended  bool
	Orgs   []org.Org
	Next   string
}

func (a *Admin) orgs(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	v := orgsView{Search: q.Get("q"), Ended: q.Get("ended") == "yes"}
	if err := a.DB.View(ctx, func(tx *db.Tx) error {
		list, next, err := org.List(ctx, tx, org.Filter{Search: v.Search, Ended: v.Ended, Cursor: q.Get("cursor"), Limit: 50})
		v.Orgs = list
		if next != "" {
			v.Next = ui.WithQuery("/admin/organisations", q, "cursor", next)
		}
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, page(ctx, i18n.T(ctx, "admin.place.orgs"), ui.Reading), orgsPage(v))
}

// orgView is the form of an organisation.
type orgView struct {
	web.Wrong
	ID       string // empty for a new one
	In       org.Change
	All      []org.Org
	MayEnd   bool
	Versions []org.Version
}

func (a *Admin) newOrg(w http.ResponseWriter, r *http.Request) error {
	return a.orgWith(w, r, http.StatusOK, orgView{In: org.Change{Kind: org.National}})
}

func (a *Admin) editOrg(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := orgView{ID: r.PathValue("id")}
	var o org.Org
	if err := a.DB.View(ctx, func(tx *db.Tx) (err error) { o, err = org.Get(ctx, tx, v.ID); return err }); err != nil {
		return err
	}
	if err := who.From(ctx).Must("org.edit", who.In(o.ID)); err != nil {
		return err
	}
	v.In = org.Change{
		Kind: o.Kind, Name: o.Name, Names: o.Names, Description: o.Description, URL: o.URL, District: o.District, Parent: o.Parent,
		ValidFrom: o.ValidFrom, Version: o.Version,
	}
	return a.orgWith(w, r, http.StatusOK, v)
}

func (a *Admin) orgWith(w http.ResponseWriter, r *http.Request, status int, v orgView) error {
	ctx := r.Context()
	if err := a.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.All, _, err = org.List(ctx, tx, org.Filter{Limit: 500}); err == nil && v.ID != "" {
			v.Versions, err = org.History(ctx, tx, v.ID)
		}
		return err
	}); err != nil {
		return err
	}
	v.MayEnd = v.ID != "" && who.From(ctx).May("org.succeed", who.Site)
	title := i18n.T(ctx, "admin.org_new")
	if v.ID != "" {
		title = v.In.Name
	}
	return web.Page(w, r, status, page(ctx, title, ui.Form, ui.Link{Text: i18n.T(ctx, "admin.place.orgs"), Href: "/admin/organisations"}), orgPage(title, v))
}

func (a *Admin) saveOrg(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := orgView{ID: r.PathValue("id")}
	v.In = org.Change{
		Kind: org.Kind(f.Line("kind")), Name: f.Line("name"), Names: map[string]string{}, Description: f.Text("description"), URL: f.Line("url"),
		District: f.Line("district"), Parent: f.Line("parent"), ValidFrom: f.Date("valid_from"), Since: f.Date("since"), Note: f.Line("note"),
	}
	v.In.Version, _ = strconv.ParseInt(f.Line("version"), 10, 64)
	for _, l := range i18n.Languages {
		if name := f.Line("name_" + l.Code); name != "" {
			v.In.Names[l.Code] = name
		}
	}
	var o org.Org
	if v.ID == "" {
		o, err = org.Create(ctx, a.DB, who.From(ctx), v.In)
	} else {
		o, err = org.Edit(ctx, a.DB, who.From(ctx), v.ID, v.In)
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "name", label); ok {
		return a.orgWith(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "admin.org_saved", "name", o.Name)
	web.Redirect(w, r, "/admin/organisations")
	return nil
}

// endView is the form that ends an organisation.
type endView struct {
	web.Wrong
	Org org.Org
	All []org.Org
	In  org.Succession
}

func (a *Admin) endForm(w http.ResponseWriter, r *http.Request) error {
	return a.endWith(w, r, http.StatusOK, endView{In: org.Succession{Reason: org.Merged}})
}

func (a *Admin) endWith(w http.ResponseWriter, r *http.Request, status int, v endView) error {
	ctx := r.Context()
	if err := a.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Org, err = org.Get(ctx, tx, r.PathValue("id")); err != nil {
			return err
		}
		v.All, _, err = org.List(ctx, tx, org.Filter{Limit: 500})
		return err
	}); err != nil {
		return err
	}
	title := i18n.T(ctx, "admin.org_end", "name", v.Org.Name)
	return web.Page(w, r, status, page(ctx, title, ui.Form, ui.Link{Text: i18n.T(ctx, "admin.place.orgs"), Href: "/admin/organisations"}), endPage(title, v))
}

func (a *Admin) end(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := endView{In: org.Succession{From: append([]string{r.PathValue("id")}, f.All("from")...), To: f.All("to"), Reason: org.Reason(f.Line("reason")), On: f.Date("on"), Note: f.Text("note")}}
	err = org.Succeed(ctx, a.DB, who.From(ctx), v.In)
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "reason", label); ok {
		return a.endWith(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "admin.org_ended")
	web.Redirect(w, r, "/admin/organisations?ended=yes")
	return nil
}
