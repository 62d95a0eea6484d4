package account

import (
	"encoding/json"
	"net/http"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

func (p *Pages) accountRoutes(rs *web.Routes) {
	rs.Get("/account", web.SignedIn, p.profile)
	rs.Post("/account", web.SignedIn, p.editProfile)
	rs.Post("/account/email", web.SignedIn, p.startEmail, door)
	rs.Get("/account/email", web.SignedIn, p.emailCode)
	rs.Post("/account/email/code", web.SignedIn, p.finishEmail, door)
	rs.Get("/account/data", web.SignedIn, p.data)
	rs.Get("/account/data/export", web.SignedIn, p.export, web.Limit(web.Heavy))
	rs.Post("/account/data/erase", web.SignedIn, p.erase)
}

// profileView is the page of one's own account.
type profileView struct {
	web.Wrong
	Me        who.Person
	In        who.Profile // as typed
	NewEmail  string
	Roles     []who.Grant
	Keeps     bool              // the members of an organisation
	Orgs      map[string]string // names, by id
	Districts []ui.Option
	Languages []ui.Option
}

func (p *Pages) profileOf(r *http.Request) (v profileView, err error) {
	a := who.From(r.Context())
	if v.Me, err = p.Who().Me(r.Context(), a); err != nil {
		return v, err
	}
	v.In = who.Profile{Name: v.Me.Name, Lang: v.Me.Lang, District: v.Me.District, Version: v.Me.Version}
	v.Roles = a.Grants
	mine, _ := a.Orgs("org.member.write")
	v.Keeps = len(mine) > 0
	v.Orgs, err = p.orgNames(r.Context(), a.Grants)
	return v, err
}

// choices marks what is chosen among languages and districts.
func (v profileView) choices() profileView {
	for _, l := range i18n.Languages {
		v.Languages = append(v.Languages, ui.Option{Value: l.Code, Label: l.Name, Selected: l.Code == v.In.Lang})
	}
	for _, d := range geo.Districts() {
		v.Districts = append(v.Districts, ui.Option{Value: d.Code, Label: d.Name, Selected: d.Code == v.In.District})
	}
	return v
}

func districtCodes() (codes []string) {
	for _, d := range geo.Districts() {
		codes = append(codes, d.Code)
	}
	return codes
}

func (p *Pages) profile(w http.ResponseWriter, r *http.Request) error {
	v, err := p.profileOf(r)
	if err != nil {
		return err
	}
	return page(w, r, http.StatusOK, "account.title", profilePage(v.choices()))
}

func (p *Pages) editProfile(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.profileOf(r)
	if err != nil {
		return err
	}
	var wrong fault.Fields
	v.In = who.Profile{Name: f.Line("name"), Lang: f.Line("lang"), District: f.Line("district"), Version: int64(f.Int(&wrong, "version"))}
	if !i18n.Known(v.In.Lang) {
		v.In.Lang = i18n.LangOf(r.Context())
	}
	err = p.Who().EditProfile(r.Context(), who.From(r.Context()), v.In, districtCodes())
	if err == nil {
		web.Flash(w, ui.Done, "account.saved")
		web.Redirect(w, r, "/account")
		return nil
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "name", label); !ok {
		return err
	}
	return page(w, r, v.Status, "account.title", profilePage(v.choices()))
}

func (p *Pages) startEmail(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	email := f.Line("email")
	ticket, err := p.Who().StartEmailChange(r.Context(), who.From(r.Context()), email, visit(r))
	if err == nil {
		p.setStep(w, step{Kind: "email", Ticket: ticket, Email: email})
		web.Redirect(w, r, "/account/email")
		return nil
	}
	if web.ProveAgain(w, r, err, "/account") {
		return nil
	}
	v, broken := p.profileOf(r)
	if broken != nil {
		return broken
	}
	v.NewEmail = email
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "email", label); !ok {
		return err
	}
	return page(w, r, v.Status, "account.title", profilePage(v.choices()))
}

func (p *Pages) emailForm(s step) codeView {
	return codeView{Email: s.Email, Action: "/account/email/code", Back: "/account", Demo: p.Who().Demo}
}

func (p *Pages) emailCode(w http.ResponseWriter, r *http.Request) error {
	s, ok := p.stepOf(r, "email")
	if !ok {
		web.Redirect(w, r, "/account")
		return nil
	}
	return page(w, r, http.StatusOK, "account.code.title", codePage(p.emailForm(s)))
}

func (p *Pages) finishEmail(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	s, ok := p.stepOf(r, "email")
	if !ok {
		web.Flash(w, ui.Attention, "account.step_over")
		web.Redirect(w, r, "/account")
		return nil
	}
	err = p.Who().FinishEmailChange(r.Context(), who.From(r.Context()), s.Ticket, f.Line("code"))
	if err == nil {
		p.setStep(w, step{})
		web.Flash(w, ui.Done, "account.email_changed")
		web.Redirect(w, r, "/account")
		return nil
	}
	if web.ProveAgain(w, r, err, "/account") {
		return nil
	}
	v := p.emailForm(s)
	if v.Wrong, ok = web.Mend(w, r, err, "code", label); !ok {
		return err
	}
	return page(w, r, v.Status, "account.code.title", codePage(v))
}

func (p *Pages) data(w http.ResponseWriter, r *http.Request) error {
	return page(w, r, http.StatusOK, "account.data.title", dataPage(web.Wrong{}))
}

func (p *Pages) export(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Who().Export(r.Context(), who.From(r.Context()))
	if web.ProveAgain(w, r, err, "/account/data") {
		return nil
	}
	if err != nil {
		return err
	}
	doc, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="my-data.json"`)
	_, err = w.Write(doc)
	return err
}

// erase asks for the word that the page shows, typed by hand, before it does
// what cannot be undone.
func (p *Pages) erase(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = fault.Fields{{Name: "confirm", Key: "account.erase.wrong", Args: []any{"word", i18n.T(ctx, "account.erase.word")}}}
	if f.Line("confirm") == i18n.T(ctx, "account.erase.word") {
		err = p.Who().Erase(ctx, who.From(ctx))
	}
	if err == nil {
		web.SetSession(w, r, "", 0)
		p.setStep(w, step{})
		web.Flash(w, ui.Done, "account.erased")
		web.Redirect(w, r, "/")
		return nil
	}
	if web.ProveAgain(w, r, err, "/account/data") {
		return nil
	}
	e, ok := web.Mend(w, r, err, "confirm", label)
	if !ok {
		return err
	}
	return page(w, r, e.Status, "account.data.title", dataPage(e))
}
