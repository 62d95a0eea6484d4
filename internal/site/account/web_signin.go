package account

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// label names a field of this package's forms.
func label(ctx context.Context, field string) string { return i18n.T(ctx, labels[field]) }

var labels = map[string]string{
	"email": "account.email", "code": "account.code", "password": "account.password", "name": "account.name",
	"district": "account.district", "actions": "account.key.actions", "life": "account.key.life", "confirm": "account.erase.confirm", "role": "account.role",
}

// doorView is what the first page of signing in shows.
type doorView struct {
	web.Wrong
	Email     string
	Next      string
	Again     bool // somebody signed in shows once more who they are
	Providers []who.Provider
	Passkeys  bool
	Demo      bool
}

func (p *Pages) door(r *http.Request) doorView {
	q := r.URL.Query()
	return doorView{Next: next(q.Get("next")), Again: q.Get("again") != "", Providers: p.Who().Providers, Passkeys: p.Who().PasskeysWork(), Demo: p.Who().Demo}
}

func (p *Pages) signIn(w http.ResponseWriter, r *http.Request) error {
	v := p.door(r)
	if a := who.From(r.Context()); a.SignedIn() {
		if !v.Again {
			web.Redirect(w, r, orAccount(v.Next))
			return nil
		}
		me, err := p.Who().Me(r.Context(), a)
		if err != nil {
			return err
		}
		v.Email = me.Email
	}
	return page(w, r, http.StatusOK, "account.sign_in", signInPage(v))
}

func orAccount(to string) string {
	if to == "" {
		return "/account"
	}
	return to
}

func (p *Pages) startCode(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := p.door(r)
	v.Email, v.Next = f.Line("email"), next(f.Line("next"))
	ticket, err := p.Who().StartCode(r.Context(), v.Email, visit(r))
	if err != nil {
		var ok bool
		if v.Wrong, ok = web.Mend(w, r, err, "email", label); !ok {
			return err
		}
		return page(w, r, v.Status, "account.sign_in", signInPage(v))
	}
	p.setStep(w, step{Kind: "code", Ticket: ticket, Email: v.Email, Next: v.Next})
	web.Redirect(w, r, "/sign-in/code")
	return nil
}

// codeView is a page that asks for a code.
type codeView struct {
	web.Wrong
	Email  string
	Action string
	Back   string // where a new code is asked for
	Demo   bool
}

func (p *Pages) code(w http.ResponseWriter, r *http.Request) error {
	s, ok := p.stepOf(r, "code")
	if !ok {
		web.Redirect(w, r, "/sign-in")
		return nil
	}
	return page(w, r, http.StatusOK, "account.code.title", codePage(p.codeForm(s)))
}

func (p *Pages) codeForm(s step) codeView {
	return codeView{Email: s.Email, Action: "/sign-in/code", Back: "/sign-in?next=" + url.QueryEscape(s.Next), Demo: p.Who().Demo}
}

func (p *Pages) finishCode(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	s, ok := p.stepOf(r, "code")
	if !ok {
		web.Flash(w, ui.Attention, "account.step_over")
		web.Redirect(w, r, "/sign-in")
		return nil
	}
	e, err := p.Who().FinishCode(r.Context(), s.Ticket, f.Line("code"), visit(r))
	if err == nil {
		return p.entered(w, r, e, s.Next)
	}
	v := p.codeForm(s)
	if v.Wrong, ok = web.Mend(w, r, err, "code", label); !ok {
		return err
	}
	return page(w, r, v.Status, "account.code.title", codePage(v))
}

// secondView is the page that asks for a second factor.
type secondView struct {
	web.Wrong
	Passkeys bool
}

func (p *Pages) second(w http.ResponseWriter, r *http.Request) error {
	if _, ok := p.stepOf(r, "second"); !ok {
		web.Redirect(w, r, "/sign-in")
		return nil
	}
	return page(w, r, http.StatusOK, "account.second.title", secondPage(secondView{Passkeys: p.Who().PasskeysWork()}))
}

func (p *Pages) finishSecond(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	s, ok := p.stepOf(r, "second")
	if !ok {
		web.Flash(w, ui.Attention, "account.step_over")
		web.Redirect(w, r, "/sign-in")
		return nil
	}
	e, err := p.Who().FinishSecond(r.Context(), s.Ticket, f.Line("code"), visit(r))
	if err == nil {
		return p.entered(w, r, e, s.Next)
	}
	v := secondView{Passkeys: p.Who().PasskeysWork()}
	if v.Wrong, ok = web.Mend(w, r, err, "code", label); !ok {
		return err
	}
	return page(w, r, v.Status, "account.second.title", secondPage(v))
}

func (p *Pages) password(w http.ResponseWriter, r *http.Request) error {
	return page(w, r, http.StatusOK, "account.password.title", passwordPage(p.door(r)))
}

func (p *Pages) signInPassword(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := p.door(r)
	v.Email, v.Next = f.Line("email"), next(f.Line("next"))
	e, err := p.Who().SignInPassword(r.Context(), v.Email, r.PostFormValue("password"), visit(r))
	if err == nil {
		return p.entered(w, r, e, v.Next)
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "password", label); !ok {
		return err
	}
	return page(w, r, v.Status, "account.password.title", passwordPage(v))
}

// asked is the answer to a script that begins a step with a passkey.
type asked struct {
	Ticket  string          `json:"ticket"`
	Options json.RawMessage `json:"options"`
}

// answered is what the script sends to finish it.
type answered struct {
	Ticket string          `json:"ticket"`
	Name   string          `json:"name"`
	Next   string          `json:"next"`
	Answer json.RawMessage `json:"answer"`
}

func sendJSON(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(v)
}

func readAnswer(r *http.Request) (a answered, err error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return a, err
	}
	if json.Unmarshal(body, &a) != nil {
		return a, fault.New(fault.Malformed, "web.bad_form")
	}
	return a, nil
}

func (p *Pages) startPasskey(w http.ResponseWriter, r *http.Request) error {
	options, ticket, err := p.Who().StartPasskey(r.Context())
	if err != nil {
		return err
	}
	return sendJSON(w, asked{ticket, options})
}

func (p *Pages) finishPasskey(w http.ResponseWriter, r *http.Request) error {
	a, err := readAnswer(r)
	if err != nil {
		return err
	}
	e, err := p.Who().FinishPasskey(r.Context(), a.Ticket, a.Answer, visit(r))
	if err != nil {
		return err
	}
	if s, ok := p.stepOf(r, "second"); ok && a.Next == "" {
		a.Next = s.Next
	}
	return sendJSON(w, map[string]string{"to": web.LocalPath(p.admit(w, r, e, a.Next))})
}

func (p *Pages) startOIDC(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	a := who.From(r.Context())
	if q.Get("link") == "" {
		a = who.Nobody(p.Who().Policy) // signing in, perhaps once more
	}
	to, state, err := p.Who().StartOIDC(r.Context(), a, r.PathValue("provider"), next(q.Get("next")))
	if err != nil {
		if web.ProveAgain(w, r, err, "/account/security") {
			return nil
		}
		return err
	}
	p.setStep(w, step{Kind: "oidc", Ticket: state})
	http.Redirect(w, r, to, http.StatusSeeOther) // the provider's address comes from the configuration
	return nil
}

func (p *Pages) finishOIDC(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	s, _ := p.stepOf(r, "oidc")
	if q.Get("error") != "" {
		p.setStep(w, step{})
		return fault.New(fault.Denied, "who.provider_refused")
	}
	e, to, err := p.Who().FinishOIDC(r.Context(), who.From(r.Context()), r.PathValue("provider"), q.Get("state"), s.Ticket, q.Get("code"), visit(r))
	if err != nil {
		return err
	}
	if e.Token == "" && e.Second == "" { // it was added to an account
		p.setStep(w, step{})
		web.Flash(w, ui.Done, "account.linked")
		web.Redirect(w, r, "/account/security")
		return nil
	}
	return p.entered(w, r, e, to)
}

func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	if token := web.SessionToken(r); token != "" {
		if err := p.Who().SignOut(r.Context(), token); err != nil {
			return err
		}
	}
	web.SetSession(w, r, "", 0)
	p.setStep(w, step{})
	w.Header().Set("Clear-Site-Data", `"cache"`)
	web.Flash(w, ui.Done, "account.signed_out")
	web.Redirect(w, r, "/")
	return nil
}

// setupView is the page of the first start.
type setupView struct {
	web.Wrong
	Name, Email, Token string
}

func (p *Pages) setup(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.Who().LookInvitation(r.Context(), r.PathValue("token")); err != nil {
		return err
	}
	return page(w, r, http.StatusOK, "account.setup.title", setupPage(setupView{Token: r.PathValue("token")}))
}

func (p *Pages) finishSetup(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := setupView{Name: f.Line("name"), Email: f.Line("email"), Token: r.PathValue("token")}
	e, err := p.Who().SetUp(r.Context(), v.Token, v.Email, v.Name, visit(r))
	if err == nil {
		return p.entered(w, r, e, "/account/security")
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "email", label); !ok || v.Status == http.StatusGone {
		return err
	}
	return page(w, r, v.Status, "account.setup.title", setupPage(v))
}

// invitationView is the page that asks whether to accept.
type invitationView struct {
	who.Invitation
	Token string
	Org   string // name
}

func (p *Pages) invitation(w http.ResponseWriter, r *http.Request) error {
	i, err := p.Who().LookInvitation(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	v := invitationView{Invitation: i, Token: r.PathValue("token")}
	if i.Org != "" {
		if err := p.DB.View(r.Context(), func(tx *db.Tx) error {
			o, err := org.Get(r.Context(), tx, i.Org)
			v.Org = o.NameIn(visit(r).Lang)
			return err
		}); err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	return page(w, r, http.StatusOK, "account.invitation.title", invitationPage(v))
}

func (p *Pages) acceptInvitation(w http.ResponseWriter, r *http.Request) error {
	e, err := p.Who().Accept(r.Context(), r.PathValue("token"), visit(r))
	if err != nil {
		return err
	}
	return p.entered(w, r, e, "/account")
}

func (p *Pages) recover(w http.ResponseWriter, r *http.Request) error {
	return page(w, r, http.StatusOK, "account.recover.title", recoverPage(doorView{}))
}

func (p *Pages) startRecovery(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := doorView{Email: f.Line("email")}
	ticket, err := p.Who().StartRecovery(r.Context(), v.Email, visit(r))
	if err != nil {
		var ok bool
		if v.Wrong, ok = web.Mend(w, r, err, "email", label); !ok {
			return err
		}
		return page(w, r, v.Status, "account.recover.title", recoverPage(v))
	}
	p.setStep(w, step{Kind: "recover", Ticket: ticket, Email: v.Email})
	web.Redirect(w, r, "/recover/code")
	return nil
}

func (p *Pages) recoverForm(s step) codeView {
	return codeView{Email: s.Email, Action: "/recover/code", Back: "/recover", Demo: p.Who().Demo}
}

func (p *Pages) recoverCode(w http.ResponseWriter, r *http.Request) error {
	s, ok := p.stepOf(r, "recover")
	if !ok {
		web.Redirect(w, r, "/recover")
		return nil
	}
	return page(w, r, http.StatusOK, "account.code.title", codePage(p.recoverForm(s)))
}

func (p *Pages) finishRecovery(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	s, ok := p.stepOf(r, "recover")
	if !ok {
		web.Flash(w, ui.Attention, "account.step_over")
		web.Redirect(w, r, "/recover")
		return nil
	}
	wait, e, err := p.Who().FinishRecovery(r.Context(), s.Ticket, f.Line("code"), visit(r))
	if err != nil {
		v := p.recoverForm(s)
		if v.Wrong, ok = web.Mend(w, r, err, "code", label); !ok {
			return err
		}
		return page(w, r, v.Status, "account.code.title", codePage(v))
	}
	if e.Token == "" {
		p.setStep(w, step{})
		return page(w, r, http.StatusOK, "account.recover.title", waitingPage(wait))
	}
	return p.entered(w, r, e, "/account/security")
}

func (p *Pages) demo(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Who().DemoAccounts(r.Context())
	if err != nil {
		return err
	}
	return page(w, r, http.StatusOK, "account.demo.title", demoPage(list, next(r.URL.Query().Get("next"))))
}

func (p *Pages) demoSignIn(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	e, err := p.Who().SignInDemo(r.Context(), f.Line("person"), visit(r))
	if err != nil {
		return err
	}
	return p.entered(w, r, e, web.LocalPath(f.Line("next"))) // the first page, as the role sees it
}

func (p *Pages) demoMail(w http.ResponseWriter, r *http.Request) error {
	if p.Letters == nil || p.Letters() == nil {
		return db.ErrNotFound
	}
	return page(w, r, http.StatusOK, "account.demo.mail", demoMailPage(p.Letters().Last()))
}
