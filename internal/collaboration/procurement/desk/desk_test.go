package desk

import (
	"bytes"
	"context"
	"embed"
	"log/slog"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/face/api"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// site is a server with two ministries; now is who asks.
type site struct {
	*Desk
	t      *testing.T
	policy *who.Policy
	server *web.Server
	now    string
	orgs   map[string]string // ids by name
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	s := &site{t: t, orgs: map[string]string{}, policy: who.MustPolicy(slices.Concat(procurement.Rules, org.Rules, record.Rules)...)}
	s.Desk = &Desk{DB: d, Base: func() string { return "https://x.example" }}
	words := i18n.NewCatalog()
	for name, files := range map[string]embed.FS{"web": web.Words, "ui": ui.Words, "contractdesk": Words, "procurement": procurement.Words, "who": who.Words} {
		s.must(words.Add(name, files))
	}
	routes := &web.Routes{}
	s.routes(routes)
	s.api(api.New(d, routes, "test"))
	var err error
	s.server, err = web.NewServer(web.Config{Words: words, Policy: s.policy, Sessions: s, Log: slog.New(slog.DiscardHandler)}, routes)
	s.must(err)
	for _, name := range []string{"Works", "Health"} {
		o, _, err := org.EnsureByName(t.Context(), d, who.System(s.policy, "test"), name, org.National)
		s.must(err)
		s.orgs[name] = o.ID
	}
	return s
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) actor() who.Actor {
	if s.now == "" {
		return who.Nobody(s.policy)
	}
	return who.As(s.policy, who.Actor{ID: s.now, Name: s.now, Level: who.L3, Strong: true, Grants: []who.Grant{{Role: who.Official, Org: s.orgs[s.now]}}})
}

func (s *site) Session(context.Context, string) (who.Actor, error) { return s.actor(), nil }
func (s *site) Key(context.Context, string) (who.Actor, error)     { return s.actor(), nil }

// ask sends something as the official of a ministry; "" is nobody.
func (s *site) ask(name, method, path, typ, body string, want int, words ...string) (to string) {
	s.t.Helper()
	s.now = name
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", typ)
	r.Header.Set("Accept", "text/html")
	if name != "" {
		r.Header.Set("Authorization", "Bearer key")
	}
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	text := w.Body.String()
	if w.Code != want {
		s.t.Errorf("%s %s as %q: %d, want %d: %.600s", method, path, name, w.Code, want, text[max(0, strings.Index(text, "<main")):])
	}
	for _, x := range words {
		if !strings.Contains(text, x) {
			s.t.Errorf("%s %s as %q lacks %q", method, path, name, x)
		}
	}
	return w.Header().Get("Location")
}

const formType = "application/x-www-form-urlencoded"

func (s *site) find(key string) (p procurement.Process) {
	s.t.Helper()
	s.must(s.DB.View(s.t.Context(), func(tx *db.Tx) (err error) { p, err = procurement.Find(s.t.Context(), tx, key); return err }))
	return p
}

var schemas = []db.Schema{activity.Schema, who.Schema, org.Schema, record.Schema, api.Schema, procurement.Schema}

// An officer writes a contract, mends what is wrong, changes it later; a colleague's
// change is not lost; another ministry may not.
func TestForm(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.ask("", "GET", "/contracting/new", "", "", 303)
		s.ask("Works", "GET", "/contracting/new", "", "", 200, "Works", "The purchase", "Road to San Antonio")
		form := url.Values{
			"org": {s.orgs["Works"]}, "reference": {"MOW 7"}, "title": {"Road to Barranco"}, "amount": {"many"}, "signed.day": {"31"}, "signed.month": {"2"}, "signed.year": {"2026"}, "supplier": {"Demonstration Builders"},
		}
		s.ask("Works", "POST", "/contracting/new", formType, form.Encode(), 422, "is not an amount", "is not a date", "Demonstration Builders", `value="many"`, `value="31"`)
		form["amount"], form["signed.day"] = []string{"55,000"}, []string{"3"}
		to := s.ask("Works", "POST", "/contracting/new", formType, form.Encode(), 303)
		p := s.find(procurement.Prefix + "-MOW-7")
		if to != p.Ref().Path() || p.Org != s.orgs["Works"] || p.Amount.Minor != 5_500_000 || p.Signed != "2026-02-03" || p.Suppliers != "Demonstration Builders" {
			t.Fatalf("%s %+v", to, p)
		}
		edit := p.Ref().Path() + "/edit"
		s.ask("Works", "GET", edit, "", "", 200, `value="55000.00"`, `value="Road to Barranco"`)
		s.ask("Health", "GET", edit, "", "", 403)
		s.ask("Health", "POST", edit, formType, form.Encode(), 403)
		form["version"], form["paid"] = []string{"1"}, []string{"10000"}
		s.ask("Works", "POST", edit, formType, form.Encode(), 303)
		if p = s.find(p.ID); p.Stage != procurement.Implementation || p.Releases != 2 {
			t.Errorf("%+v", p)
		}
		form["paid"] = []string{"12000"}
		s.ask("Works", "POST", edit, formType, form.Encode(), 409, "12000", "10000.00")
		s.ask("Works", "POST", "/contracting/new", formType, form.Encode(), 422, "is the number of another process already")
		form["org"] = []string{s.orgs["Health"]}
		s.ask("Works", "POST", "/contracting/new", formType, form.Encode(), 403)
	}, schemas...)
}

func TestTable(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.ask("Works", "GET", "/contracting/table", "", "", 200, "empty.csv")
		s.ask("Works", "GET", "/contracting/table/empty.csv", "", "", 200, "reference,title,", ",budget_line")
		send := func(org, file string, want int, words ...string) {
			t.Helper()
			var body bytes.Buffer
			m := multipart.NewWriter(&body)
			m.WriteField("org", org)
			if file != "" {
				f, err := m.CreateFormFile("file", "contracts.csv")
				s.must(err)
				f.Write([]byte(file))
			}
			m.Close()
			s.ask("Works", "POST", "/contracting/table", m.FormDataContentType(), body.String(), want, words...)
		}
		send(s.orgs["Works"], "", 422, "is needed")
		send(s.orgs["Works"], "colour,size\nred,1\n", 422, "has no column")
		send(s.orgs["Health"], "title\nBridge\n", 403)
		send(s.orgs["Works"], "reference,What is bought,Amount of the contract,colour\nA1,Bridge,5000,red\nA2,Culvert,lots,red\nA3,Well,\"7,500\",red\n", 200,
			"2 of 3 rows", "New: 2", "colour", "Culvert", "is not an amount")
		if p := s.find(procurement.Prefix + "-A3"); p.Amount.Minor != 750_000 || p.Title != "Well" {
			t.Errorf("%+v", p)
		}
	}, schemas...)
}

func TestAPI(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		const path, typ = "/api/v1/contracting", "application/json"
		body := `{"organisation":"` + s.orgs["Works"] + `","fields":{"reference":"B1","title":"Bridge","supplier":"Demonstration Builders","amount":"5000"}}`
		s.ask("", "POST", path, typ, body, 401)
		s.ask("Health", "POST", path, typ, body, 403)
		s.ask("Works", "POST", path, typ, strings.Replace(body, "5000", "x", 1), 422, "amount")
		s.ask("Works", "POST", path, typ, body, 201, `"ocid":"`+procurement.Prefix+`-B1"`, `"stage":"contract"`, `"amount":"5000.00"`)
		s.ask("Works", "PUT", path+"/"+procurement.Prefix+"-B1", typ, `{"version":1,"fields":{"title":"Long bridge"}}`, 200, `"title":"Long bridge"`, `"stage":"cancelled"`)
		s.ask("Works", "PUT", path+"/"+procurement.Prefix+"-B1", typ, `{"version":1,"fields":{"title":"Short bridge"}}`, 409)
	}, schemas...)
}
