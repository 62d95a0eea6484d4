package account

import (
	"encoding/base64"
	"encoding/json"
	"net/http"

	"github.com/a-h/templ"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// Routes declares the pages.
func (p *Pages) Routes(rs *web.Routes) {
	p.signInRoutes(rs)
	p.accountRoutes(rs)
	p.securityRoutes(rs)
	p.memberRoutes(rs)
	if p.Who().Demo {
		rs.Get("/demo/sign-in", web.Public, p.demo)
		rs.Post("/demo/sign-in", web.Public, p.demoSignIn)
		rs.Get("/demo/mail", web.Public, p.demoMail)
	}
}

var door = web.Limit(web.Doors)

func (p *Pages) signInRoutes(rs *web.Routes) {
	rs.Get("/sign-in", web.Public, p.signIn)
	rs.Post("/sign-in", web.Public, p.startCode, door)
	rs.Get("/sign-in/code", web.Public, p.code)
	rs.Post("/sign-in/code", web.Public, p.finishCode, door)
	rs.Get("/sign-in/second", web.Public, p.second)
	rs.Post("/sign-in/second", web.Public, p.finishSecond, door)
	rs.Get("/sign-in/password", web.Public, p.password)
	rs.Post("/sign-in/password", web.Public, p.signInPassword, door)
	rs.Post("/sign-in/passkey/start", web.Public, p.startPasskey, door)
	rs.Post("/sign-in/passkey", web.Public, p.finishPasskey, door)
	rs.Get("/sign-in/oidc/{provider}/start", web.Public, p.startOIDC, door)
	rs.Get("/sign-in/oidc/{provider}/callback", web.Public, p.finishOIDC, door)
	rs.Post("/sign-out", web.Public, p.signOut)
	rs.Get("/setup/{token}", web.Public, p.setup)
	rs.Post("/setup/{token}", web.Public, p.finishSetup, door)
	rs.Get("/invitation/{token}", web.Public, p.invitation)
	rs.Post("/invitation/{token}", web.Public, p.acceptInvitation, door)
	rs.Get("/recover", web.Public, p.recover)
	rs.Post("/recover", web.Public, p.startRecovery, door)
	rs.Get("/recover/code", web.Public, p.recoverCode)
	rs.Post("/recover/code", web.Public, p.finishRecovery, door)
}

// visit is what who needs to know of a request.
func visit(r *http.Request) who.Visit {
	return who.Visit{Network: web.Address(r), Agent: r.UserAgent(), Old: web.SessionToken(r), Lang: i18n.LangOf(r.Context())}
}

// step is what the browser remembers between two pages of signing in.
type step struct {
	Kind   string `json:"k"` // which page goes on with it
	Ticket string `json:"t"`
	Email  string `json:"e,omitempty"`
	Next   string `json:"n,omitempty"` // where to go afterwards
}

func (p *Pages) stepCookie() string {
	if p.secure() {
		return "__Host-ceiba_step"
	}
	return "ceiba_step"
}

// setStep remembers a step for ten minutes; the zero step forgets.
func (p *Pages) setStep(w http.ResponseWriter, s step) {
	c := &http.Cookie{Name: p.stepCookie(), Path: "/", MaxAge: -1, HttpOnly: true, Secure: p.secure(), SameSite: http.SameSiteLaxMode}
	if s.Ticket != "" {
		doc, err := json.Marshal(s)
		if err != nil {
			return // texts only: cannot happen
		}
		c.Value, c.MaxAge = base64.RawURLEncoding.EncodeToString(doc), 600
	}
	http.SetCookie(w, c)
}

// stepOf returns the step of a kind that the browser remembers.
func (p *Pages) stepOf(r *http.Request, kind string) (s step, ok bool) {
	c, err := r.Cookie(p.stepCookie())
	if err != nil {
		return s, false
	}
	doc, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || json.Unmarshal(doc, &s) != nil {
		return step{}, false
	}
	return s, s.Kind == kind
}

// next is where the reader wants to go afterwards: within this site, or "".
func next(to string) string {
	if to == "" {
		return ""
	}
	if to = web.LocalPath(to); to == "/" {
		return ""
	}
	return to
}

// entered sends on somebody whom who let in: to their second factor, or with a
// new session to where they wanted to go.
func (p *Pages) entered(w http.ResponseWriter, r *http.Request, e who.Entry, to string) error {
	web.Redirect(w, r, p.admit(w, r, e, to))
	return nil
}

// admit sets the cookies of an entry and returns where to go.
func (p *Pages) admit(w http.ResponseWriter, r *http.Request, e who.Entry, to string) string {
	if e.Second != "" {
		p.setStep(w, step{Kind: "second", Ticket: e.Second, Next: next(to)})
		return "/sign-in/second"
	}
	p.setStep(w, step{})
	web.SetSession(w, r, e.Token, who.SessionAge)
	switch {
	case e.Weak:
		web.Flash(w, ui.Attention, "account.weak")
		return "/account/security"
	case e.New:
		web.Flash(w, ui.Done, "account.welcome")
		return "/account"
	case to == "":
		return "/account"
	}
	return web.LocalPath(to)
}

// page sends a page with a form. What a form is for is never kept by a cache
// or found by a search engine.
func page(w http.ResponseWriter, r *http.Request, status int, title string, body templ.Component) error {
	return web.Page(w, r, status, ui.Page{Title: i18n.T(r.Context(), title), Kind: ui.Form, Private: true}, body)
}
