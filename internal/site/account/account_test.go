package account_test

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
	"ceiba/internal/service/who/providertest"
	"ceiba/internal/service/who/secret"
	"ceiba/internal/site/account"
)

var ctx = context.Background()

// site is a whole server over a fresh database.
type site struct {
	*httptest.Server
	db    *db.DB
	who   *who.Store
	mail  *who.DemoMailer
	words *i18n.Catalog
	pages *web.Server
}

func open(t testing.TB, change ...func(*who.Config)) *site {
	t.Helper()
	s := &site{db: dbtest.Open(t, dbtest.SQLite(t), activity.Schema, record.Schema, who.Schema, org.Schema), words: i18n.NewCatalog()}
	ok(t, s.words.Add("web", web.Words))
	ok(t, s.words.Add("ui", ui.Words))
	ok(t, s.words.Add("who", who.Words))
	ok(t, s.words.Add("org", org.Words))
	ok(t, s.words.Add("account", account.Words))
	s.mail = &who.DemoMailer{Words: s.words}
	var inner http.Handler
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(w, r) }))
	t.Cleanup(s.Close)
	policy := who.MustPolicy(slices.Concat(who.Rules, org.Rules)...)
	c := who.Config{
		DB: s.db, Policy: policy, Secret: []byte("a secret of the tests, 32 bytes.."), Mailer: s.mail,
		Base: strings.Replace(s.URL, "127.0.0.1", "localhost", 1),
	}
	for _, f := range change {
		f(&c)
	}
	var err error
	s.who, err = who.New(c)
	ok(t, err)
	pages := &account.Pages{DB: s.db, Who: func() *who.Store { return s.who }, Letters: func() *who.DemoMailer { return s.mail }}
	routes := &web.Routes{}
	pages.Routes(routes)
	static, err := web.Static()
	ok(t, err)
	routes.Get("/static/{name}", web.Public, static, web.Limit(web.Free))
	routes.Get("/{$}", web.Public, func(w http.ResponseWriter, r *http.Request) error {
		_, err := io.WriteString(w, "home of "+who.From(r.Context()).Name)
		return err
	})
	s.pages, err = web.NewServer(web.Config{Words: s.words, Policy: policy, Sessions: s.who, Log: slog.New(slog.DiscardHandler), Demo: c.Demo}, routes)
	ok(t, err)
	inner = s.pages
	return s
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reader is a browser without scripts.
type reader struct {
	t    testing.TB
	site *site
	http.Client
	lang string
}

func (s *site) reader(t testing.TB) *reader {
	jar, err := cookiejar.New(nil)
	ok(t, err)
	return &reader{t: t, site: s, Client: http.Client{Jar: jar}, lang: "en"}
}

// seen is a page as it came.
type seen struct {
	status int
	path   string
	body   string
	header http.Header
}

func (r *reader) do(method, path, contentType, body string) seen {
	r.t.Helper()
	req, err := http.NewRequest(method, r.site.who.Base+path, strings.NewReader(body))
	ok(r.t, err)
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Accept-Language", r.lang)
	if body != "" {
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	res, err := r.Do(req)
	ok(r.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	ok(r.t, err)
	return seen{res.StatusCode, res.Request.URL.RequestURI(), string(text), res.Header}
}

func (r *reader) get(path string) seen { r.t.Helper(); return r.do("GET", path, "", "") }

func (r *reader) post(path string, pairs ...string) seen {
	r.t.Helper()
	v := url.Values{"_": {"1"}}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return r.do("POST", path, "application/x-www-form-urlencoded", v.Encode())
}

// has checks that a page came with a status and holds texts.
func (p seen) has(t testing.TB, status int, texts ...string) seen {
	t.Helper()
	if p.status != status {
		t.Fatalf("%s answered %d, want %d:\n%s", p.path, p.status, status, p.body)
	}
	for _, x := range texts {
		if !strings.Contains(p.body, html.EscapeString(x)) && !strings.Contains(p.body, x) {
			t.Fatalf("%s lacks %q:\n%s", p.path, x, p.body)
		}
	}
	return p
}

func (p seen) at(t testing.TB, path string) seen {
	t.Helper()
	if p.path != path {
		t.Fatalf("ended at %s (%d), want %s", p.path, p.status, path)
	}
	return p
}

var codeIn = regexp.MustCompile(`\b[0-9a-z]{3} [0-9a-z]{3}\b`)

// code is the one in the last letter.
func (s *site) code(t testing.TB) string {
	t.Helper()
	letters := s.mail.Last()
	if len(letters) == 0 {
		t.Fatal("no letter")
	}
	return codeIn.FindString(letters[0].Subject)
}

func (r *reader) signIn(email string) seen {
	r.t.Helper()
	r.post("/sign-in", "email", email).at(r.t, "/sign-in/code")
	return r.post("/sign-in/code", "code", r.site.code(r.t))
}

// token is the session's, as the browser keeps it.
func (r *reader) cookie(name string) string {
	u, _ := url.Parse(r.site.who.Base)
	for _, c := range r.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func TestSignInByCode(t *testing.T) {
	s := open(t)
	r := s.reader(t)
	r.get("/account").at(t, "/sign-in?next=%2Faccount").has(t, 200, "Send me a code")
	r.post("/sign-in", "email", "not an address", "next", "/account/data").has(t, 422, `value="not an address"`, "is not an e-mail address", `value="/account/data"`)
	r.post("/sign-in", "email", "ana@example.org", "next", "/account/data").at(t, "/sign-in/code").has(t, 200, "ana@example.org")
	r.post("/sign-in/code", "code", "zzz zzz").has(t, 422, "That is not the code")
	r.post("/sign-in/code", "code", strings.ToUpper(s.code(t))).at(t, "/account").has(t, 200, "Welcome", "Level 1")
	r.get("/sign-in?next=/account/data").at(t, "/account/data")
	r.post("/sign-out").at(t, "/").has(t, 200, "home of")
	r.get("/account").has(t, 200, "Send me a code")
	r.post("/sign-in", "email", "ana@example.org", "next", "/account/data")
	r.post("/sign-in/code", "code", s.code(t)).at(t, "/account/data")
}

func TestSpanish(t *testing.T) {
	s := open(t)
	r := s.reader(t)
	r.lang = "es"
	r.get("/sign-in").has(t, 200, `lang="es"`, "Envíenme un código")
	r.signIn("ana@example.org").has(t, 200, "Le damos la bienvenida")
	if l := s.mail.Last()[0]; !strings.Contains(l.Text, "Su código") {
		t.Errorf("the letter is not Spanish: %s", l.Text)
	}
}

// What the pages answer is the same, to the byte and the header, for an
// address with an account, without one, and for one that is suspended.
func TestPagesTellNothing(t *testing.T) {
	s := open(t)
	s.reader(t).signIn("ana@example.org")
	s.reader(t).signIn("bad@example.org")
	people := people(t, s)
	ok(t, s.who.Suspend(ctx, who.System(s.who.Policy, "test"), people["bad@example.org"], "test"))
	ok(t, setPassword(s, people["ana@example.org"]))
	step := regexp.MustCompile(`ceiba_step=[^;]+`)
	plain := func(p seen, email string) string {
		h := p.header.Clone()
		for _, x := range []string{"X-Request-Id", "Date", "Set-Cookie"} {
			h.Del(x)
		}
		return step.ReplaceAllString(strings.ReplaceAll(fmt.Sprint(p.status, p.path, h, p.body), email, "EMAIL"), "STEP")
	}
	for name, ask := range map[string]func(r *reader, email string) seen{
		"code": func(r *reader, email string) seen { return r.post("/sign-in", "email", email) },
		"wrong": func(r *reader, email string) seen {
			r.post("/sign-in", "email", email)
			return r.post("/sign-in/code", "code", "zzzzzz")
		},
		"recover": func(r *reader, email string) seen { return r.post("/recover", "email", email) },
		"password": func(r *reader, email string) seen {
			return r.post("/sign-in/password", "email", email, "password", "wrong wrong")
		},
	} {
		want := plain(ask(s.reader(t), "ana@example.org"), "ana@example.org")
		for _, email := range []string{"non@example.org", "bad@example.org"} {
			if got := plain(ask(s.reader(t), email), email); got != want {
				t.Errorf("%s tells %s apart:\n%s\n--- from\n%s", name, email, got, want)
			}
		}
	}
}

func people(t testing.TB, s *site) map[string]string {
	t.Helper()
	out := map[string]string{}
	list, _, err := s.who.People(ctx, who.System(s.who.Policy, "test"), who.PeopleFilter{})
	ok(t, err)
	for _, p := range list {
		out[p.Email] = p.ID
	}
	return out
}

func setPassword(s *site, person string) error {
	return s.db.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO person_password (person, hash, changed_at) VALUES ($1, '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 1)`, person)
		return err
	})
}

// No next= leads away from this site.
func TestNextStaysHere(t *testing.T) {
	s := open(t)
	for _, bad := range []string{"//evil.example", "https://evil.example", `\\evil.example`, "/\\evil.example", "javascript:alert(1)", "/\t/evil.example", "//evil.example/account"} {
		r := s.reader(t)
		r.CheckRedirect = func(req *http.Request, _ []*http.Request) error {
			if !strings.HasPrefix(req.URL.String(), s.who.Base) {
				t.Errorf("%q leads to %s", bad, req.URL)
			}
			return nil
		}
		p := r.get("/sign-in?next=" + url.QueryEscape(bad))
		if strings.Contains(p.body, `name="next" value="`+html.EscapeString(bad)) {
			t.Errorf("%q stands in the form", bad)
		}
		r.post("/sign-in", "email", "ana@example.org", "next", bad)
		r.post("/sign-in/code", "code", s.code(t))
	}
}

func TestFixation(t *testing.T) {
	s := open(t)
	planted := s.reader(t)
	planted.signIn("mallory@example.org")
	victim := s.reader(t)
	u, _ := url.Parse(s.who.Base)
	victim.Jar.SetCookies(u, []*http.Cookie{{Name: "ceiba_dev", Value: planted.cookie("ceiba_dev")}})
	victim.get("/sign-in?again=1").has(t, 200, "mallory@example.org")
	victim.signIn("ana@example.org")
	if victim.cookie("ceiba_dev") == planted.cookie("ceiba_dev") {
		t.Error("the planted token was kept")
	}
	planted.get("/account").has(t, 200, "Send me a code") // the planted session ended
}

func TestProfile(t *testing.T) {
	s := open(t)
	r := s.reader(t)
	p := r.signIn("ana@example.org")
	version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(p.body)[1]
	r.post("/account", "name", "a@b", "lang", "es", "district", "BZ-TOL", "version", version).has(t, 422, "Use letters", `value="a@b"`, `value="BZ-TOL" selected`)
	r.post("/account", "name", "Ana <b>", "lang", "en", "district", "BZ-TOL", "version", version).at(t, "/account").has(t, 200, "Saved.", "Ana &lt;b&gt;")
	r.post("/account", "name", "Ana", "lang", "en", "district", "", "version", version).has(t, 409)
	r.post("/account/email", "email", "x").has(t, 422, "is not an e-mail address")
	r.post("/account/email", "email", "new@example.org").at(t, "/account/email")
	r.post("/account/email/code", "code", "zzzzzz").has(t, 422, "That is not the code")
	r.post("/account/email/code", "code", s.code(t)).at(t, "/account").has(t, 200, "new@example.org")
}

var secretIn = regexp.MustCompile(`<code id="secret">([A-Z2-7 ]+)</code>`)

func (s *site) app(shown string) string {
	raw, _ := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(shown, " ", ""))
	return secret.At(raw, s.db.Now().Unix()/30)
}

func TestSecondFactor(t *testing.T) {
	s := open(t)
	now := time.Now()
	s.db.SetClock(func() time.Time { return now })
	r := s.reader(t)
	r.signIn("ana@example.org")
	page := r.post("/account/security/app/start").at(t, "/account/security/app")
	shown := secretIn.FindStringSubmatch(page.body)[1]
	if png := r.get("/account/security/app.png"); png.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(png.body, "\x89PNG") {
		t.Error("no picture")
	}
	r.post("/account/security/app", "code", "000000").has(t, 422, "That code is not right", shown)
	codes := r.post("/account/security/app", "code", s.app(shown)).has(t, 200, "Recovery codes")
	code := regexp.MustCompile(`[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}`).FindString(codes.body)
	now = now.Add(time.Minute)

	b := s.reader(t)
	b.signIn("ana@example.org").at(t, "/sign-in/second")
	b.get("/account").has(t, 200, "Send me a code") // not in yet
	b.post("/sign-in/second", "code", "000000").has(t, 422, "That code is not right")
	b.post("/sign-in/second", "code", s.app(shown)).at(t, "/account")
	b.get("/account/security").has(t, 200, "An app is set up", "10 recovery codes are left", "this session")
	c := s.reader(t)
	c.signIn("ana@example.org")
	c.post("/sign-in/second", "code", code).at(t, "/account")
	c.post("/account/security/sessions/end").has(t, 200, "Ended.")
	b.get("/account").has(t, 200, "Send me a code")
	c.post("/account/security/codes").has(t, 200, "Recovery codes")
	c.post("/account/security/app/remove").has(t, 200, "The app was removed")
}

func TestPasswordAndFreshness(t *testing.T) {
	s := open(t)
	now := time.Now()
	s.db.SetClock(func() time.Time { return now })
	r := s.reader(t)
	r.signIn("ana@example.org")
	r.post("/account/security/password", "password", "short").has(t, 422, "Use 8 characters")
	r.post("/account/security/password", "password", "").has(t, 422, "is needed")
	r.post("/account/security/password", "password", "three brown herons").at(t, "/account/security").has(t, 200, "The password was saved")
	now = now.Add(20 * time.Minute)
	r.post("/account/security/password/remove").at(t, "/sign-in?again=1&next=%2Faccount%2Fsecurity").has(t, 200, "Show that it is you", "ana@example.org")
	b := s.reader(t)
	b.post("/sign-in/password", "email", "ana@example.org", "password", "wrong wrong").has(t, 422, "do not belong together", "ana@example.org")
	b.post("/sign-in/password", "email", "ana@example.org", "password", "three brown herons").at(t, "/account")
	b.post("/account/security/password/remove").at(t, "/account/security").has(t, 200, "The password was removed")
}

func TestKeys(t *testing.T) {
	s := open(t)
	r := s.reader(t)
	r.signIn("ana@example.org")
	r.post("/account/security/keys", "name", "loader", "life", "90").has(t, 422, "Choose at least one", `value="loader"`)
	made := r.post("/account/security/keys", "name", "loader", "life", "90", "actions", "person.edit").has(t, 200, "Copy it now")
	key := regexp.MustCompile(`ceiba_[0-9a-z]{8}_[0-9a-z]{32}`).FindString(made.body)
	a, err := s.who.Key(ctx, key)
	ok(t, err)
	if !a.May("person.edit", who.Own(a.ID)) || a.May("person.data", who.Own(a.ID)) {
		t.Errorf("%+v", a)
	}
	if list := r.get("/account/security/keys"); strings.Contains(list.body, key) {
		t.Error("the key is shown again")
	}
	r.post("/account/security/keys/"+a.Key+"/revoke").has(t, 200, "revoked")
	if a, _ := s.who.Key(ctx, key); a.SignedIn() {
		t.Error("it still works")
	}
}

func TestDataAndErasure(t *testing.T) {
	s := open(t)
	r := s.reader(t)
	r.signIn("ana@example.org")
	got := r.get("/account/data/export").has(t, 200)
	var doc map[string]any
	if err := json.Unmarshal([]byte(got.body), &doc); err != nil || !strings.Contains(got.body, "ana@example.org") || !strings.Contains(got.header.Get("Content-Disposition"), "attachment") || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v %v %s", err, got.header, got.body)
	}
	r.post("/account/data/erase", "confirm", "erase").has(t, 422, "exactly as it stands")
	r.post("/account/data/erase", "confirm", "ERASE").at(t, "/").has(t, 200)
	r.get("/account").has(t, 200, "Send me a code")
	if len(people(t, s)) != 0 {
		t.Error("still listed")
	}
}

func TestFirstStartAndInvitation(t *testing.T) {
	s := open(t)
	link, err := s.who.SetupLink(ctx)
	ok(t, err)
	path := strings.TrimPrefix(link, s.who.Base)
	r := s.reader(t)
	r.get(path).has(t, 200, "Set up this site")
	r.post(path, "name", "", "email", "boss@example.org").has(t, 422, "Your name is needed", "boss@example.org")
	r.post(path, "name", "Boss", "email", "boss@example.org").at(t, "/account/security").has(t, 200, "One more step")
	s.reader(t).get(path).has(t, 410, "has been used")
	s.reader(t).get("/setup/xyz").has(t, 410)

	sys := who.System(s.who.Policy, "test")
	o, _, err := org.EnsureByName(ctx, s.db, sys, "Village Council", org.Subnational)
	ok(t, err)
	_, err = s.who.Invite(ctx, sys, "ed@example.org", who.Grant{Role: who.Editor, Org: o.ID}, o.Name)
	ok(t, err)
	invitation := regexp.MustCompile(`/invitation/\w+`).FindString(s.mail.Last()[0].Text)
	b := s.reader(t)
	b.get(invitation).has(t, 200, "Village Council", "Editor", "ed@example.org")
	b.post(invitation).at(t, "/account/security").has(t, 200, "One more step")
	b.get("/account").has(t, 200, "Editor", "Village Council")
	s.reader(t).post(invitation).has(t, 410)
}

func TestRecovery(t *testing.T) {
	s := open(t)
	r := s.reader(t)
	r.signIn("ana@example.org")
	b := s.reader(t)
	b.post("/recover", "email", "ana@example.org").at(t, "/recover/code")
	b.post("/recover/code", "code", s.code(t)).has(t, 200, "The wait is over on")
	r.get("/account/security").has(t, 200, "Somebody is getting back into your account")
	r.post("/account/security/recovery/stop").has(t, 200, "It was stopped")
}

func TestDemo(t *testing.T) {
	real := open(t)
	real.reader(t).get("/demo/sign-in").has(t, 404)
	real.reader(t).get("/demo/mail").has(t, 404)
	s := open(t, func(c *who.Config) { c.Demo = true })
	ok(t, s.who.FillDemo(ctx, who.System(s.who.Policy, "test"), "o1"))
	list, err := s.who.DemoAccounts(ctx)
	ok(t, err)
	for _, d := range list {
		r := s.reader(t)
		r.get("/demo/sign-in").has(t, 200, d.Person)
		r.post("/demo/sign-in", "person", d.Person).at(t, "/").has(t, 200, "home of Demo "+string(d.Role))
	}
	r := s.reader(t)
	r.post("/sign-in", "email", "ana@example.org")
	r.get("/demo/mail").has(t, 200, s.code(t))
}

// Every route, asked by nobody and by a stranger with nonsense, answers without
// a fault of ours, and nothing that is somebody's own opens to nobody.
func TestEveryRoute(t *testing.T) {
	s := open(t)
	in := s.reader(t)
	in.signIn("ana@example.org")
	for _, route := range s.pages.Routes() {
		path := regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(route.Path, "x")
		if route.Path == "/sign-out" || route.Path == "/{$}" {
			continue
		}
		for _, r := range []*reader{s.reader(t), in} {
			body := ""
			if route.Method == "POST" {
				body = "a=b&version=x%00%ff"
			}
			p := r.do(route.Method, path, "application/x-www-form-urlencoded", body)
			if p.status >= 500 && p.status != 503 {
				t.Errorf("%s %s: %d", route.Method, path, p.status)
			}
			if r != in && strings.HasPrefix(path, "/account") && p.status != 401 && !strings.HasPrefix(p.path, "/sign-in") {
				t.Errorf("%s %s opens to nobody: %d", route.Method, path, p.status)
			}
		}
	}
}

func TestWordsAreComplete(t *testing.T) {
	c := i18n.NewCatalog()
	ok(t, c.Add("account", account.Words))
	if en, es := c.Keys("en"), c.Keys("es"); !slices.Equal(en, es) {
		t.Errorf("English has %d sentences and Spanish %d", len(en), len(es))
	}
	for _, r := range who.Roles {
		if !c.For("es").Has("account.role."+string(r)) || !c.For("es").Has("account.does."+string(r)) {
			t.Errorf("no word for %s", r)
		}
	}
}

// Who guesses too often is told when to come back, with the form still there.
func TestGuessingHasToWait(t *testing.T) {
	s := open(t)
	s.reader(t).signIn("ana@example.org")
	r := s.reader(t)
	for range 10 {
		r.post("/sign-in/password", "email", "ana@example.org", "password", "guess guess")
	}
	p := r.post("/sign-in/password", "email", "ana@example.org", "password", "guess guess").has(t, 429, "ana@example.org", "tried too often")
	if p.header.Get("Retry-After") == "" {
		t.Error("nobody says when to come back")
	}
}

// A journey to a real provider and back, by the pages.
func TestProvider(t *testing.T) {
	s := open(t)
	back := s.who.Base + "/sign-in/oidc/test/callback"
	issuer := providertest.Start(t, back, true)
	s.who.Providers = []who.Provider{{ID: "test", Name: "Test Site", Issuer: issuer, Client: providertest.Client, Secret: providertest.Secret}}
	r := s.reader(t)
	r.get("/sign-in?next=/account/data").has(t, 200, "Sign in with Test Site")
	to := ""
	r.CheckRedirect = func(req *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(req.URL.String(), issuer) {
			to = req.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	r.get("/sign-in/oidc/test/start?next=/account/data")
	came := providertest.Visit(t, to, back, "ana@example.org").RequestURI()
	s.reader(t).get(came).has(t, 422) // in another browser
	r.get("/sign-in/oidc/test/start?next=/account/data")
	came = providertest.Visit(t, to, back, "ana@example.org").RequestURI()
	r.get(came).at(t, "/account").has(t, 200, "Welcome")
	r.get("/account/security").has(t, 200, "Test Site: ana@example.org")
	r.get("/sign-in/oidc/test/callback?error=access_denied").has(t, 403, "did not confirm")
	r.get("/sign-in/oidc/none/start").has(t, 404)
}

func TestMembers(t *testing.T) {
	s := open(t, func(c *who.Config) { c.Demo = true })
	sys := who.System(s.who.Policy, "test")
	works, _, err := org.EnsureByName(ctx, s.db, sys, "Ministry of Works", org.National)
	ok(t, err)
	other, _, err := org.EnsureByName(ctx, s.db, sys, "Ministry of Health", org.National)
	ok(t, err)
	ok(t, s.who.FillDemo(ctx, sys, works.ID))
	as := map[who.Role]*reader{}
	list, err := s.who.DemoAccounts(ctx)
	ok(t, err)
	for _, d := range list {
		as[d.Role] = s.reader(t)
		as[d.Role].post("/demo/sign-in", "person", d.Person)
	}
	as[who.Resident].get("/account/members").has(t, 403)
	as[who.Member].get("/account/members").has(t, 403)
	r := as[who.Official]
	r.get("/account").has(t, 200, "Members of your organisation")
	r.get("/account/members").has(t, 200, "Ministry of Works", "Demo editor", "Demo official")
	r.get("/account/members?org="+other.ID).has(t, 403)
	r.post("/account/members/invite", "org", other.ID, "email", "x@example.org", "role", "member").has(t, 403)
	r.post("/account/members/invite", "org", works.ID, "email", "x@example.org", "role", "official").has(t, 422, "x@example.org")
	r.post("/account/members/invite", "org", works.ID, "email", "nonsense", "role", "editor").has(t, 422, "is not an e-mail address", `value="nonsense"`)
	p := r.post("/account/members/invite", "org", works.ID, "email", "x@example.org", "role", "editor").has(t, 200, "The invitation was sent", "x@example.org")
	invitation := regexp.MustCompile(`name="invitation" value="([^"]+)"`).FindStringSubmatch(p.body)[1]
	link := regexp.MustCompile(`/invitation/\w+`).FindString(s.mail.Last()[0].Text)
	as[who.Member].post("/account/members/cancel", "org", works.ID, "invitation", invitation).has(t, 403)
	r.post("/account/members/cancel", "org", works.ID, "invitation", invitation).has(t, 200, "taken back")
	s.reader(t).get(link).has(t, 410)
	editor := people(t, s)["editor@demo.example"]
	r.post("/account/members/remove", "org", works.ID, "person", editor, "role", "editor").has(t, 200, "The role was taken back")
	as[who.Editor].get("/account/members").has(t, 403)
	r.post("/account/members/remove", "org", works.ID, "person", people(t, s)["official@demo.example"], "role", "official").has(t, 403)
}
