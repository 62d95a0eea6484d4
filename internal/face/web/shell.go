package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

type serverKey struct{}

// Page sends a page: body inside the site's frame. What p leaves empty of the
// frame (navigation, languages, person, flash) is filled in. It renders before
// it writes, so that a failing template gives an error page and not half a one.
func Page(w http.ResponseWriter, r *http.Request, status int, p ui.Page, body templ.Component) error {
	return r.Context().Value(serverKey{}).(*Server).Page(w, r, status, p, body)
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Page is the function Page for this server.
func (s *Server) Page(w http.ResponseWriter, r *http.Request, status int, p ui.Page, body templ.Component) error {
	ctx := r.Context()
	s.frame(w, r, &p)
	b := buffers.Get().(*bytes.Buffer)
	defer func() { b.Reset(); buffers.Put(b) }()
	if err := p.Render(templ.WithChildren(ctx, body), b); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Cookie, Accept-Language")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

// frame fills in what every page shows.
func (s *Server) frame(w http.ResponseWriter, r *http.Request, p *ui.Page) {
	ctx := r.Context()
	actor := who.From(ctx)
	p.Lang = i18n.LangOf(ctx)
	p.Demo = s.Demo
	if s.Today != nil {
		p.Today = i18n.Date(ctx, s.Today())
	}
	if s.Site != nil {
		p.Site = s.Site(ctx)
	}
	if s.Nav != nil {
		p.Nav, p.Footer = s.Nav(ctx, actor, r.URL.Path)
	}
	if actor.SignedIn() {
		p.Person = &ui.Person{Name: actor.Name, Href: "/account"}
		if s.Unread != nil {
			p.Person.Unread = s.Unread(ctx, actor)
		}
	} else {
		p.SignIn = "/sign-in?next=" + escapeNext(r)
	}
	if p.Search == "" {
		p.Search = "/search"
	}
	p.Report = "/report-error?page=" + url.QueryEscape(r.URL.RequestURI())
	for _, l := range i18n.Languages {
		if s.Shows != nil && !s.Shows(ctx, l.Code) && l.Code != p.Lang {
			continue
		}
		p.Alternates = append(p.Alternates, ui.Alternate{Lang: l.Code, Name: l.Name, Href: withLang(r.URL, l.Code), Current: l.Code == p.Lang})
	}
	if p.Flash == nil {
		p.Flash = takeFlash(w, r)
	}
}

func withLang(u *url.URL, lang string) string {
	q := u.Query()
	q.Set("lang", lang)
	return u.EscapedPath() + "?" + q.Encode()
}

// escapeNext is the address to come back to after signing in.
func escapeNext(r *http.Request) string {
	if r.Method != http.MethodGet || strings.HasPrefix(r.URL.Path, "/sign-in") {
		return ""
	}
	return url.QueryEscape(r.URL.RequestURI())
}

// Redirect sends the reader to a page of this site, after a form with 303.
func Redirect(w http.ResponseWriter, r *http.Request, to string) {
	http.Redirect(w, r, LocalPath(to), http.StatusSeeOther)
}

// LocalPath returns to if it is an address within this site and "/" otherwise,
// so that no link can send a reader elsewhere. Browsers read backslashes as
// slashes and drop tabs and line breaks, so none of these may appear.
func LocalPath(to string) string {
	if len(to) == 0 || to[0] != '/' || len(to) > 2000 {
		return "/"
	}
	if strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\t\r\n\x00") {
		return "/"
	}
	u, err := url.Parse(to)
	if err != nil || u.Host != "" || u.Scheme != "" || strings.HasPrefix(u.Path, "//") || strings.Contains(u.Path, "\\") {
		return "/"
	}
	for _, c := range to {
		if c < 0x20 || c == 0x7f {
			return "/"
		}
	}
	return to
}
