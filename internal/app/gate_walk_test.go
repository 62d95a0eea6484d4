package app

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ceiba/internal/face/web"
	"ceiba/internal/ground/config"
)

// TestGateCrossSite sends every write of the program from a foreign page, with
// the cookie of somebody who may do everything: each must be refused with 403
// and change nothing. Then it walks every GET, which must change nothing
// either, whoever asks (reliability 1.2: 28).
func TestGateCrossSite(t *testing.T) {
	h := openHouse(t, storeIn(t))
	h.furnish()
	m := &matrix{house: h, opened: map[string]bool{}}
	m.bodies, m.required = describedBy(h)
	v := h.as("administrator")
	for _, rt := range h.Server.Routes() {
		if rt.Method == "GET" || rt.Method == "HEAD" || rt.Method == "OPTIONS" {
			continue
		}
		if rt.Anywhere && !rt.Access.Open() {
			t.Errorf("%s takes requests from anywhere and is not public", rt.Pattern())
		}
		for _, at := range m.targets(rt) {
			m.foreign(v, rt, at)
		}
	}
	writes := m.asked
	m.getsChangeNothing()
	t.Logf("figure: %d forged writes, %d reads", writes, m.asked-writes)
}

// foreign are the headers with which browsers announce a request that another
// site made.
var foreign = []map[string]string{
	{"Sec-Fetch-Site": "cross-site"},
	{"Sec-Fetch-Site": "same-site"},
	{"Origin": "https://evil.example"},
	{"Origin": "null"},
	{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example", "X-HTTP-Method-Override": "GET"},
}

func (m *matrix) foreign(v *visitor, rt web.Route, at target) {
	m.t.Helper()
	before, made := m.rows(), m.made
	for _, headers := range foreign {
		a := m.write(rt, at)
		a.header = headers
		r := m.ask(v, a)
		m.asked++
		if r.status != http.StatusForbidden && !(rt.Anywhere && refusal(r)) {
			m.t.Errorf("%s %s from another site (%v): status %d, want 403\n%s", rt.Method, at.path, headers, r.status, visible(r.body))
		}
	}
	if after := m.rows(); made == m.made && !maps.Equal(before, after) {
		m.t.Errorf("%s %s from another site was refused and yet changed %s", rt.Method, at.path, difference(before, after))
	}
}

func difference(before, after map[string]string) string {
	var out []string
	for name, n := range after {
		if n != before[name] {
			out = append(out, fmt.Sprintf("%s from %s to %s rows", name, before[name], n))
		}
	}
	return strings.Join(out, ", ")
}

// getsChangeNothing follows every GET route as somebody who may do everything.
func (m *matrix) getsChangeNothing() {
	m.t.Helper()
	v := m.as("administrator")
	for _, rt := range m.Server.Routes() {
		if rt.Method != "GET" {
			continue
		}
		before, made := m.rows(), m.made
		for _, at := range m.targets(rt) {
			for _, q := range m.questions(rt) {
				for _, method := range []string{"GET", "HEAD"} {
					m.ask(v, ask{method: method, path: at.path + q})
					m.asked++
				}
			}
		}
		if after := m.rows(); made == m.made && !maps.Equal(before, after) {
			m.t.Errorf("GET %s changed %s", rt.Path, difference(before, after))
		}
	}
}

// elsewhere are addresses that leave the site, in the ways that browsers
// understand and programs overlook.
var elsewhere = []string{
	"//evil.example", "///evil.example", "////evil.example/", "https://evil.example", "HTTPS://evil.example", "http:evil.example", "http:/evil.example",
	`/\evil.example`, `\\evil.example`, `\/evil.example`, `/\/evil.example`, `//\evil.example`, "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "\t//evil.example",
	" //evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "//user@evil.example", "https://localhost@evil.example",
	"/%2f/evil.example", "/%2F%2Fevil.example", "/%5cevil.example", "/%5C%5Cevil.example", "evil.example", "./evil.example", "..//evil.example", "/\x00/evil.example",
	"/\u2028/evil.example", "//evil.example/..", "https:evil.example", "/.//evil.example", "//127.0.0.1@evil.example", "",
}

// TestGateRedirects gives the program addresses that leave the site where it
// asks for one of its own (reliability 1.2: 29).
func TestGateRedirects(t *testing.T) {
	for _, to := range elsewhere {
		rec := httptest.NewRecorder()
		http.Redirect(rec, httptest.NewRequest("POST", "/sign-in", nil), web.LocalPath(to), http.StatusSeeOther)
		if got := rec.Header().Get("Location"); !stays(got) {
			t.Errorf("LocalPath(%q) leads to %q", to, got)
		}
	}
	for _, to := range []string{"/", "/datasets", "/dataset/x?a=b&c=d#e", "/datasets?q=a//b", "/dataset/a%20b"} {
		if got := web.LocalPath(to); got != to {
			t.Errorf("LocalPath(%q) = %q: it is an address of this site", to, got)
		}
	}
	h := openHouse(t, storeIn(t))
	asked := 0
	for _, rt := range h.Server.Routes() {
		for _, to := range elsewhere {
			asked += h.redirects(rt, to)
		}
	}
	t.Logf("figure: %d addresses, %d requests", len(elsewhere), asked)
}

// redirects asks a route of signing in, or one that sends its reader there,
// with an address to come back to.
func (h *house) redirects(rt web.Route, to string) int {
	h.t.Helper()
	if strings.Contains(rt.Path, "{") || !strings.Contains(rt.Path, "sign-in") && rt.Path != "/sign-out" && rt.Path != "/recover" {
		return 0
	}
	q := url.Values{"next": {to}, "return": {to}, "to": {to}}
	for _, v := range []*visitor{h.fresh("nobody"), h.fresh("resident")} {
		a := ask{method: rt.Method, path: rt.Path + "?" + q.Encode()}
		if rt.Method != "GET" {
			a.form = q
			for k, x := range map[string][]string{"email": {fmt.Sprintf("x%d@gate.example", h.made)}, "code": {"000000"}, "role": {"resident"}, "person": {h.one(`SELECT id FROM person WHERE demo ORDER BY id LIMIT 1`)}} {
				a.form[k] = x
			}
		}
		r := h.once(v, a)
		if got := r.header.Get("Location"); got != "" && !stays(got) {
			h.t.Errorf("%s %s with next=%q leads to %q", rt.Method, rt.Path, to, got)
		}
		if r.status >= 500 {
			h.t.Errorf("%s %s with next=%q: status %d\n%s", rt.Method, rt.Path, to, r.status, h.said.tail())
		}
	}
	return 2
}

// stays reports whether a browser that is sent to an address stays here. It
// reads the address as browsers do: backslashes are slashes, tabs and line
// breaks are not there, leading spaces neither.
func stays(to string) bool {
	seen := strings.NewReplacer("\\", "/", "\t", "", "\n", "", "\r", "").Replace(strings.TrimLeft(to, " \x00"))
	return strings.HasPrefix(seen, "/") && !strings.HasPrefix(seen, "//")
}

// TestGateHeaders asks every route and looks at what must be on every answer
// (reliability 1.2: 20 to 27, 30, 31, 60, 61).
func TestGateHeaders(t *testing.T) {
	h := openHouse(t, storeIn(t))
	h.furnish()
	m := &matrix{house: h, opened: map[string]bool{}}
	m.bodies, m.required = describedBy(h)
	for _, kind := range []string{"nobody", "administrator"} {
		for _, rt := range h.Server.Routes() {
			for _, at := range m.targets(rt) {
				for _, q := range m.questions(rt) {
					a, v := ask{method: rt.Method, path: at.path + q}, h.as(kind)
					if rt.Method != "GET" {
						a.form, v = url.Values{}, h.fresh(kind) // it may be signed out by it
					}
					m.headers(v, rt, a, m.ask(v, a))
					m.asked++
				}
			}
		}
	}
	m.headers(h.as("nobody"), web.Route{Method: "GET", Path: "/nothing/here"}, ask{path: "/nothing/here"}, h.get(h.as("nobody"), "/nothing/here"))
	for _, method := range []string{"TRACE", "TRACK", "CONNECT", "PROPFIND", "DELETE"} {
		if r := h.ask(h.as("administrator"), ask{method: method, path: "/datasets"}); r.status != 405 && r.status != 404 {
			t.Errorf("%s /datasets: status %d", method, r.status)
		}
	}
	t.Logf("figure: %d answers", m.asked)
}

// headers checks one answer.
func (m *matrix) headers(v *visitor, rt web.Route, a ask, r gateReply) {
	m.t.Helper()
	where := rt.Method + " " + a.path + " as " + v.kind
	has := func(name string, wants ...string) {
		got := r.header.Get(name)
		for _, want := range wants {
			if !strings.Contains(got, want) {
				m.t.Errorf("%s: %s is %q, want %s", where, name, got, want)
			}
		}
	}
	has("X-Content-Type-Options", "nosniff")
	has("Referrer-Policy", "same-origin")
	has("Content-Security-Policy", "default-src 'none'", "object-src 'none'", "base-uri 'none'")
	if policy := r.header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self'") && !strings.Contains(policy, "; sandbox;") {
		m.t.Errorf("%s: forms may leave the site: %s", where, policy)
	}
	if strings.Contains(r.header.Get("Content-Security-Policy"), "unsafe-") {
		m.t.Errorf("%s: the policy allows what is unsafe", where)
	}
	if !strings.HasPrefix(rt.Path, "/embed/") {
		has("Content-Security-Policy", "frame-ancestors 'none'")
		has("X-Frame-Options", "DENY")
	}
	m.typed(where, r)
	if v.token != "" && !strings.HasPrefix(rt.Path, "/static/") && strings.Contains(r.header.Get("Content-Type"), "text/html") {
		has("Cache-Control", "no-store")
	}
	if !rt.Access.Open() || rt.Method != "GET" && rt.Method != "OPTIONS" {
		has("Cache-Control", "no-store")
		if rt.Method != "OPTIONS" && r.header.Get("Access-Control-Allow-Origin") != "" {
			m.t.Errorf("%s: other sites' pages may read what is not public", where)
		}
	}
	if r.header.Get("Access-Control-Allow-Credentials") != "" {
		m.t.Errorf("%s: other sites' pages may come with cookies", where)
	}
	for _, c := range (&http.Response{Header: r.header}).Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode && c.SameSite != http.SameSiteStrictMode || c.Path != "/" && c.Path == "" {
			m.t.Errorf("%s: the cookie %s is not HttpOnly and SameSite", where, c.Name)
		}
	}
}

// typed checks that an answer with a body says what it is, and in which
// encoding where it is text.
func (m *matrix) typed(where string, r gateReply) {
	m.t.Helper()
	typ := r.header.Get("Content-Type")
	switch {
	case r.body == "" || r.status < 400 && r.status >= 300:
	case typ == "":
		m.t.Errorf("%s: %d bytes without a type", where, len(r.body))
	case strings.HasPrefix(typ, "text/") && !strings.Contains(strings.ToLower(typ), "charset=utf-8"):
		m.t.Errorf("%s: Content-Type %q without its encoding", where, typ)
	case strings.HasPrefix(strings.TrimSpace(r.body), "<!doctype html") != strings.HasPrefix(typ, "text/html"):
		m.t.Errorf("%s: Content-Type %q for %.40q", where, typ, r.body)
	}
}

// TestGateForwarded sends headers that only a proxy may set, from where no
// proxy is: they must change nothing (reliability 1.2: 31). Behind an encrypted
// public address cookies are bound to it.
func TestGateForwarded(t *testing.T) {
	h := openHouse(t, storeIn(t), func(s *config.Serve) { s.TrustedProxies = nil })
	forged := map[string]string{"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.1.2.3", "X-Forwarded-Host": "evil.example", "X-Real-Ip": "10.1.2.3", "Forwarded": "for=10.1.2.3;host=evil.example;proto=https"}
	r := h.once(h.as("nobody"), ask{path: "/datasets?lang=es", header: forged})
	if r.header.Get("Strict-Transport-Security") != "" || strings.Contains(r.header.Get("Set-Cookie"), "Secure") {
		t.Errorf("a forged X-Forwarded-Proto is believed: %v", r.header)
	}
	if strings.Contains(r.body+r.header.Get("Content-Security-Policy"), "evil.example") {
		t.Errorf("a forged host comes back: %v", r.header)
	}
	h.oneBucket(forged)
}

// oneBucket asks from forged addresses until the limit is met: it counts the
// true one.
func (h *house) oneBucket(forged map[string]string) {
	h.t.Helper()
	for i := range 600 {
		forged["X-Forwarded-For"] = fmt.Sprintf("10.%d.%d.9", i/250, i%250)
		if h.once(h.as("nobody"), ask{path: "/datasets", header: forged}).status == http.StatusTooManyRequests {
			return
		}
	}
	h.t.Error("600 requests from one machine that says to be 600 are not limited")
}

// TestGateSecureCookies looks at the cookies of a site with an encrypted public
// address.
func TestGateSecureCookies(t *testing.T) {
	h := openHouse(t, storeIn(t), func(s *config.Serve) { s.PublicAddress = "https://open.example" })
	r := h.get(h.as("nobody"), "/datasets?lang=es")
	if !strings.Contains(r.header.Get("Strict-Transport-Security"), "max-age=31536000") {
		t.Errorf("no Strict-Transport-Security: %v", r.header)
	}
	for _, v := range []*visitor{h.as("editor")} {
		a := ask{path: "/datasets/desk", header: map[string]string{"Cookie": "ceiba_dev=" + v.token}}
		if r := h.ask(&visitor{kind: "nobody", address: v.address}, a); !refusal(r) {
			t.Errorf("a cookie without the prefix __Host- signs in: status %d", r.status)
		}
		a.header = map[string]string{"Cookie": "__Host-ceiba=" + v.token}
		r := h.ask(&visitor{kind: "nobody", address: v.address}, a)
		if r.status != 200 {
			t.Errorf("the session is not taken from __Host-ceiba: status %d", r.status)
		}
		made := h.ask(&visitor{kind: "nobody", address: v.address}, ask{method: "POST", path: "/datasets", form: datasetForm(h.org, "cookies"), header: a.header})
		for _, c := range (&http.Response{Header: made.header}).Cookies() {
			if !c.Secure {
				t.Errorf("the cookie %s would travel unencrypted", c.Name)
			}
		}
		if made.status != 303 || len(made.header.Values("Set-Cookie")) == 0 {
			t.Errorf("no cookie to look at: status %d", made.status)
		}
	}
}
