package admin

import (
	"net/http"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

func (a *Admin) peopleRoutes(r *web.Routes) {
	r.Get("/admin/people", web.Needs("person.suspend"), a.people)
	r.Get("/admin/people/{id}", web.Needs("person.suspend"), a.person)
	r.Post("/admin/people/{id}/grant", web.Needs("person.grant"), a.grant)
	r.Post("/admin/people/{id}/revoke", web.Needs("person.grant"), a.revoke)
	r.Post("/admin/people/{id}/suspend", web.Needs("person.suspend"), a.suspend)
	r.Post("/admin/people/{id}/restore", web.Needs("person.suspend"), a.restore)
	r.Get("/admin/invite", web.Needs("person.grant"), a.inviteForm)
	r.Post("/admin/invite", web.Needs("person.grant"), a.invite)
	r.Post("/admin/invite/{id}/cancel", web.Needs("person.grant"), a.cancelInvitation)
}

// peopleView is the list of people.
type peopleView struct {
	Filter who.PeopleFilter
	People []who.Person
	Next   string
}

func (a *Admin) people(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	v := peopleView{Filter: who.PeopleFilter{Search: q.Get("q"), Role: who.Role(q.Get("role")), State: who.State(q.Get("state")), Cursor: q.Get("cursor")}}
	list, next, err := a.Who().People(ctx, who.From(ctx), v.Filter)
	if err != nil {
		return err
	}
	v.People = list
	if next != "" {
		v.Next = ui.WithQuery("/admin/people", q, "cursor", next)
	}
	return web.Page(w, r, http.StatusOK, page(ctx, i18n.T(ctx, "admin.place.people"), ui.Reading), peoplePage(v))
}

// personView is one person with what can be done about them.
type personView struct {
	Person     who.Person
	Grants     []who.Grant
	Orgs       map[string]string // names of the organisations in Grants
	All        []org.Org         // to choose from
	MayGrant   bool
	MaySuspend bool
	Role, Org  string // as chosen in a form that failed
	Why        string
	Errors     ui.FieldErrors // of the form for roles
	Suspend    ui.FieldErrors // of the form for suspending
}

func (a *Admin) person(w http.ResponseWriter, r *http.Request) error {
	return a.personWith(w, r, http.StatusOK, personView{})
}

func (a *Admin) personWith(w http.ResponseWriter, r *http.Request, status int, v personView) error {
	ctx := r.Context()
	actor := who.From(ctx)
	var err error
	if v.Person, v.Grants, err = a.Who().Look(ctx, actor, r.PathValue("id")); err != nil {
		return err
	}
	v.MayGrant = actor.May("person.grant", who.Site) && v.Person.State == who.Active
	v.MaySuspend = actor.May("person.suspend", who.Site) && v.Person.ID != actor.ID
	if err := a.DB.View(ctx, func(tx *db.Tx) (err error) {
		var ids []string
		for _, g := range v.Grants {
			ids = append(ids, g.Org)
		}
		if v.Orgs, err = org.Names(ctx, tx, i18n.LangOf(ctx), ids); err != nil {
			return err
		}
		v.All, _, err = org.List(ctx, tx, org.Filter{Limit: 500})
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, status, page(ctx, v.Person.Name, ui.Form, ui.Link{Text: i18n.T(ctx, "admin.place.people"), Href: "/admin/people"}), personPage(v))
}

func (a *Admin) grant(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := personView{Role: f.Line("role"), Org: f.Line("org")}
	err = a.Who().GiveRole(ctx, who.From(ctx), r.PathValue("id"), who.Grant{Role: who.Role(v.Role), Org: v.Org})
	return a.personDone(w, r, err, "role", "admin.granted", func(problems ui.FieldErrors) personView { v.Errors = problems; return v })
}

func (a *Admin) revoke(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = a.Who().TakeRole(ctx, who.From(ctx), r.PathValue("id"), who.Grant{Role: who.Role(f.Line("role")), Org: f.Line("org")})
	return a.personDone(w, r, err, "role", "admin.revoked", func(problems ui.FieldErrors) personView { return personView{Errors: problems} })
}

func (a *Admin) suspend(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	why := f.Text("why")
	if err = needsReason(why); err == nil {
		err = a.Who().Suspend(ctx, who.From(ctx), r.PathValue("id"), why)
	}
	return a.personDone(w, r, err, "why", "admin.suspended", func(problems ui.FieldErrors) personView { return personView{Why: why, Suspend: problems} })
}

func (a *Admin) restore(w http.ResponseWriter, r *http.Request) error {
	err := a.Who().Restore(r.Context(), who.From(r.Context()), r.PathValue("id"))
	return a.personDone(w, r, err, "why", "admin.restored", func(problems ui.FieldErrors) personView { return personView{Suspend: problems} })
}

// personDone ends what was done about a person: back to their page, or the page
// with what is wrong.
func (a *Admin) personDone(w http.ResponseWriter, r *http.Request, err error, main, said string, view func(ui.FieldErrors) personView) error {
	if wrong, ok := web.Mend(w, r, err, main, label); ok {
		return a.personWith(w, r, wrong.Status, view(wrong.Errors))
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, said)
	web.Redirect(w, r, "/admin/people/"+r.PathValue("id"))
	return nil
}

// inviteView is the form for an invitation with those that are open.
type inviteView struct {
	web.Wrong
	Email, Role, Org string
	All              []org.Org
	Open             []who.Invitation
}

func (a *Admin) inviteForm(w http.ResponseWriter, r *http.Request) error {
	return a.inviteWith(w, r, http.StatusOK, inviteView{})
}

func (a *Admin) inviteWith(w http.ResponseWriter, r *http.Request, status int, v inviteView) error {
	ctx := r.Context()
	var err error
	if v.Open, err = a.Who().Invitations(ctx, who.From(ctx), ""); err != nil {
		return err
	}
	if err := a.DB.View(ctx, func(tx *db.Tx) (err error) { v.All, _, err = org.List(ctx, tx, org.Filter{Limit: 500}); return err }); err != nil {
		return err
	}
	return web.Page(w, r, status, page(ctx, i18n.T(ctx, "admin.place.invite"), ui.Form), invitePage(v))
}

func (a *Admin) invite(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := inviteView{Email: f.Line("email"), Role: f.Line("role"), Org: f.Line("org")}
	name := ""
	if v.Org != "" {
		if err := a.DB.View(ctx, func(tx *db.Tx) error {
			o, err := org.Get(ctx, tx, v.Org)
			name = o.NameIn(i18n.LangOf(ctx))
			return err
		}); err != nil {
			return err
		}
	}
	_, err = a.Who().Invite(ctx, who.From(ctx), v.Email, who.Grant{Role: who.Role(v.Role), Org: v.Org}, name)
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "email", label); ok {
		return a.inviteWith(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "admin.invited", "email", v.Email)
	web.Redirect(w, r, "/admin/invite")
	return nil
}

func (a *Admin) cancelInvitation(w http.ResponseWriter, r *http.Request) error {
	if err := a.Who().CancelInvitation(r.Context(), who.From(r.Context()), r.PathValue("id")); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "admin.invitation_cancelled")
	web.Redirect(w, r, "/admin/invite")
	return nil
}
