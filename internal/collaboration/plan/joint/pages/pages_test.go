package pages

import (
	"context"
	"embed"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/joint"
	"ceiba/internal/face/api"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/talk"
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

var schemas = []db.Schema{activity.Schema, who.Schema, record.Schema, org.Schema, plan.Schema, api.Schema, joint.Schema}

// site is a server with two organisations, whose pages a test asks for.
type site struct {
	*Pages
	t      *testing.T
	at     *atomic.Int64
	policy *who.Policy
	server *web.Server
	now    string // who sends requests
	lang   string
	orgs   map[string]string // ids by name
}

// as returns the actor of a name: mina acts for the ministry, vila for the
// villages, boss runs the site, nobody is nobody.
func (s *site) as(name string) who.Actor {
	if name == "nobody" {
		return who.Nobody(s.policy)
	}
	a := who.Actor{ID: name, Name: name, Level: who.L3, Strong: true}
	switch {
	case strings.HasPrefix(name, "mina"):
		a.Grants = []who.Grant{{Role: who.Official, Org: s.orgs["Ministry"]}}
	case name == "vila":
		a.Grants = []who.Grant{{Role: who.Member, Org: s.orgs["Villages"]}}
	case name == "boss":
		a.Grants = []who.Grant{{Role: who.Administrator}}
	}
	return who.As(s.policy, a)
}

// Session and Key make a site the sessions of its server.
func (s *site) Session(context.Context, string) (who.Actor, error) { return s.as(s.now), nil }
func (s *site) Key(context.Context, string) (who.Actor, error)     { return s.as(s.now), nil }

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	s := &site{t: t, at: &atomic.Int64{}, lang: "en", orgs: map[string]string{}, policy: who.MustPolicy(slices.Concat(joint.Rules, plan.Rules, org.Rules, record.Rules)...)}
	s.at.Store(time.Date(2026, 6, 20, 18, 0, 0, 0, time.UTC).UnixMicro())
	d.SetClock(func() time.Time { return time.UnixMicro(s.at.Add(1)).UTC() })
	kinds, err := record.NewRegistry(append(plan.Kinds(), joint.Kinds()...)...)
	s.must(err)
	s.Pages = &Pages{Projects: &joint.Projects{DB: d}, Kinds: func() *record.Registry { return kinds }, Base: func() string { return "https://x.example" }}
	words := i18n.NewCatalog()
	for name, files := range map[string]embed.FS{"web": web.Words, "ui": ui.Words, "joint": joint.Words, "plan": plan.Words, "who": who.Words, "talk": talk.Words, "listing": listing.Words} {
		s.must(words.Add(name, files))
	}
	routes := &web.Routes{}
	s.routes(routes)
	s.api(api.New(d, routes, "test"))
	s.server, err = web.NewServer(web.Config{Words: words, Policy: s.policy, Sessions: s, Log: slog.New(slog.DiscardHandler), Version: func() string { return time.Now().String() }}, routes)
	s.must(err)
	for name, kind := range map[string]org.Kind{"Ministry": org.National, "Villages": org.CivilSociety} {
		o, _, err := org.EnsureByName(t.Context(), d, who.System(s.policy, "test"), name, kind)
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

// send asks as somebody and returns status, page and where it leads.
func (s *site) send(name, method, path, typ, body string) (int, string, string) {
	s.now = name
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", typ)
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", s.lang)
	if name != "nobody" {
		r.Header.Set("Authorization", "Bearer key")
	}
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header().Get("Location")
}

// page expects a status and words; words that begin with ! must not be there.
func (s *site) page(name, method, path string, form url.Values, want int, words ...string) string {
	s.t.Helper()
	code, text, to := s.send(name, method, path, "application/x-www-form-urlencoded", form.Encode())
	s.check(name, method, path, code, text, want, words)
	return to
}

func (s *site) check(name, method, path string, code int, text string, want int, words []string) {
	s.t.Helper()
	if code != want {
		s.t.Errorf("%s %s as %s: %d, want %d: %.400s", method, path, name, code, want, text[max(0, strings.Index(text, "<main")):])
	}
	said := tags.ReplaceAllString(text, "")
	for _, x := range words {
		if not, ok := strings.CutPrefix(x, "!"); ok && strings.Contains(text, not) {
			s.t.Errorf("%s %s as %s says %q", method, path, name, not)
		} else if !ok && !strings.Contains(text, x) && !strings.Contains(said, x) {
			s.t.Errorf("%s %s as %s lacks %q", method, path, name, x)
		}
	}
}

// tags are the mark-up of a sentence whose numbers are links.
var tags = regexp.MustCompile(`<[^>]*>`)

// json sends to the API.
func (s *site) json(name, method, path, body string, want int, words ...string) {
	s.t.Helper()
	code, text, _ := s.send(name, method, "/api/v1"+path, "application/json", body)
	s.check(name, method, path, code, text, want, words)
}

// one is the id that a query gives.
func (s *site) one(query string) (out string) {
	s.t.Helper()
	s.must(s.DB.View(s.t.Context(), func(tx *db.Tx) (err error) {
		out, err = db.Get(s.t.Context(), tx, db.One[string], query)
		return err
	}))
	return out
}

func form(pairs ...string) url.Values {
	out := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

// proposed makes a project of both through the forms, and returns its address.
func (s *site) proposed() string {
	s.t.Helper()
	s.page("mina", "POST", "/joint", form("title", "Kept title", "lead", s.orgs["Ministry"], "lang", "en"), 422, "Kept title", "Problem is needed")
	s.page("mina", "POST", "/joint", form("title", "Dry roads", "lead", s.orgs["Villages"], "problem", "Water", "objective", "None", "lang", "en"), 403)
	s.page("mina", "POST", "/joint", form("title", "Dry roads", "lead", s.orgs["Ministry"], "problem", "**Water**", "objective", "None", "budget", "Head 29", "lang", "en"), 303)
	s.page("mina", "POST", "/joint/dry-roads/partners", form("org", s.orgs["Villages"], "role", "contributor"), 303)
	partner := s.one(`SELECT id FROM joint_partner ORDER BY id DESC LIMIT 1`)
	s.page("vila", "GET", "/joint/dry-roads", nil, 200, "Villages is asked to take part", "Join for Villages")
	s.page("mina", "POST", "/joint-partner/"+partner+"/join", nil, 403)
	s.page("boss", "POST", "/joint-partner/"+partner+"/join", nil, 403)
	s.page("vila", "POST", "/joint-partner/"+partner+"/join", nil, 303)
	return "/joint/dry-roads"
}

func due(f url.Values) url.Values {
	f.Set("due.day", "30")
	f.Set("due.month", "9")
	f.Set("due.year", "2026")
	return f
}

func TestFromOfferToKept(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.page("ben", "GET", "/joint-project/new", nil, 403)
		s.page("nobody", "GET", "/joint", nil, 200, "No joint project here yet", "!Propose a joint project")
		base := s.proposed()
		s.page("nobody", "GET", base, nil, 200, "Dry roads", "<strong>Water</strong>", "Proposed", "Head 29", "No pledges yet", "!Edit", "so far 0 of government", "is=partner&amp;joint="+s.one(`SELECT id FROM joint`)+"&amp;sector=government")
		s.page("mina", "POST", base+"/move", form("to", "agreed", "version", "1"), 303)
		s.page("mina", "GET", base, nil, 200, "End the project", "So far: 0 of government, 0 of others")
		s.page("vila", "GET", base+"/edit", nil, 403)
		s.page("mina", "GET", base+"/pledges", nil, 200, "Who gives", "Ministry", "Villages")
		s.page("vila", "GET", base+"/pledges", nil, 200, "Villages", "!Ministry</option>")
		s.page("mina", "POST", base+"/pledges", form("org", s.orgs["Ministry"], "what", "Two excavators", "kind", "money", "amount", "many"), 422, "Two excavators", "is not an amount", `value="many"`)
		s.page("mina", "POST", base+"/pledges", due(form("org", s.orgs["Ministry"], "what", "=Fuel", "kind", "money", "amount", "12,500")), 303)
		first := "/pledge/" + s.one(`SELECT id FROM joint_pledge ORDER BY id DESC LIMIT 1`)
		s.page("mina", "POST", base+"/pledges", due(form("org", s.orgs["Villages"], "what", "Volunteers", "kind", "in_kind")), 303)
		second := "/pledge/" + s.one(`SELECT id FROM joint_pledge ORDER BY id DESC LIMIT 1`)
		s.page("nobody", "GET", second, nil, 200, "Villages has not confirmed this yet", "!Confirm this pledge")
		s.page("mina", "GET", second, nil, 200, "Change the offer", "!Confirm this pledge")
		s.page("mina", "POST", second+"/edit", due(form("what", "Many volunteers", "kind", "in_kind", "version", "1")), 303)
		s.page("vila", "POST", second+"/edit", due(form("what", "Three volunteers", "kind", "in_kind", "version", "1")), 409, "Three volunteers", "Many volunteers")
		s.page("vila", "POST", second+"/say", form("own", "yes", "says", "confirmed", "version", "1"), 409)
		s.page("vila", "GET", second, nil, 200, "Confirm this pledge")
		s.page("vila", "POST", second+"/say", form("own", "yes", "says", "confirmed", "version", "2"), 303)
		s.page("mina", "POST", first+"/say", form("own", "yes", "says", "confirmed", "version", "1"), 303)
		s.page("mina", "POST", base+"/move", form("to", "agreed", "version", "1"), 303)
		s.page("nobody", "GET", base, nil, 200, "Agreed", "0 of 2 pledges kept", "BZ$12,500")
		s.keeps(base, first)
	}, schemas...)
}

// keeps goes on with the ministry's pledge until it is kept.
func (s *site) keeps(base, first string) {
	s.t.Helper()
	s.page("mina", "POST", first+"/say", form("own", "yes", "says", "kept", "text", "All is there", "version", "2"), 422, "All is there", "What shows it is needed", "details open")
	s.page("mina", "POST", first+"/say", form("own", "yes", "says", "kept", "text", "All is there", "evidence", "Receipt https://example.org/r", "version", "2"), 303)
	s.page("nobody", "GET", base, nil, 200, "Said to be kept", "1 only said to be kept", "0 of 2 pledges kept")
	s.page("mina2", "GET", first, nil, 200, "!Confirm that it is kept")
	s.page("mina2", "POST", first+"/say", form("says", "kept", "text", "Yes", "version", "3"), 403)
	s.page("boss", "POST", first+"/say", form("says", "kept", "text", "Yes", "version", "3"), 403)
	s.page("ben", "POST", first+"/say", form("says", "kept", "text", "Yes", "version", "3"), 403)
	s.page("vila", "POST", first+"/say", form("says", "not_kept", "text", "Half is missing", "version", "3"), 303)
	s.page("nobody", "GET", first, nil, 200, "Disputed", "Half is missing", "All is there", "https://example.org/r")
	s.page("vila", "POST", first+"/say", form("says", "kept", "text", "Now it is here", "version", "4"), 303)
	s.page("nobody", "GET", base, nil, 200, "1 of 2 pledges kept", "BZ$12,500")
	s.lists()
	s.at.Store(time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC).UnixMicro())
	s.page("nobody", "GET", base, nil, 200, "Overdue, silent", "1 overdue without a word")
	s.lang = "es"
	s.page("nobody", "GET", base, nil, 200, "Vencido, sin noticias", "1 de 2 aportes cumplidos", "Quién aporta qué", "!joint.")
	s.page("nobody", "GET", first, nil, 200, "Villages", "otro socio lo confirma", "!joint.")
	s.page("nobody", "GET", "/joint", nil, 200, "Proyectos conjuntos", "Dry roads", "!joint.")
	s.lang = "en"
	s.page("mina", "POST", base+"/move", form("to", "ended", "version", "2"), 303)
	s.page("nobody", "GET", base, nil, 200, "Agreed")
	s.page("mina", "POST", base+"/move", form("to", "ended", "version", "2", "reason", "No more rain"), 303)
	s.page("nobody", "GET", "/joint?state=ended", nil, 200, "Dry roads")
	s.page("nobody", "GET", "/joint?commitment=none", nil, 200, "!Dry roads", "/joint?commitment=none&amp;state=ended")
	s.page("nobody", "GET", base, nil, 200, "Ended: No more rain", "!Offer a pledge")
	s.page("mina", "GET", base+"/pledges", nil, 409)
}

// lists asks for the rows behind the numbers: the ministry's pledge is kept, the
// other one confirmed.
func (s *site) lists() {
	s.t.Helper()
	id := s.one(`SELECT id FROM joint`)
	s.page("nobody", "GET", "/joint/dry-roads", nil, 200, `data-column="cents" href="/pledges?currency=BZD&amp;is=kept&amp;joint=`+id, "BZ$12,500 pledged, BZ$12,500 of it kept", `href="/pledges.csv?joint=`+id)
	s.page("nobody", "GET", "/pledges.csv?joint=dry-roads&is=given", nil, 200, "Ministry,government,'=Fuel,money,12500.00,BZD,1250000,2026-09-30,kept,false", "Villages,non_government,Many volunteers,in_kind")
	s.page("nobody", "GET", "/pledges?sector=government", nil, 200, "=Fuel", "Ministry", "!Many volunteers")
	s.page("nobody", "GET", "/pledges?sector=non_government&currency=BZD", nil, 200, "No such pledge")
	s.page("nobody", "GET", "/pledges?org="+s.orgs["Villages"]+"&state=confirmed", nil, 200, "Many volunteers", "Villages", "!=Fuel")
	s.page("nobody", "GET", "/pledges?is=nothing", nil, 422)
	s.page("nobody", "GET", "/pledges?joint=nowhere", nil, 404)
	s.page("nobody", "GET", "/pledges?org=nobody", nil, 404)
	s.page("nobody", "GET", "/pledges?commitment=none", nil, 404)
	s.page("nobody", "GET", "/joint-projects", nil, 200, "Dry roads", "Agreed", `href="/pledges?is=kept&amp;joint=`+id)
	s.page("nobody", "GET", "/joint-projects?state=ended", nil, 200, "No such project", "!Dry roads")
	s.page("nobody", "GET", "/joint-projects.csv?org="+s.orgs["Villages"], nil, 200, "Dry roads,en,"+s.orgs["Ministry"]+",Ministry,agreed,\"\",\"\",2,1,0,0,0,0,0")
	s.json("nobody", "GET", "/pledges?limit=1", "", 200, "Many volunteers", `"next":"`, "!Fuel")
}

func TestMilestonesAndConflicts(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		base := s.proposed()
		s.page("mina", "POST", base+"/milestones", due(form("title", "Survey", "state", "done")), 422, "Survey", "is needed")
		s.page("mina", "POST", base+"/milestones", due(form("title", "Survey", "state", "planned")), 303)
		id := s.one(`SELECT id FROM joint_milestone`)
		s.page("mina", "GET", base+"/milestones?id="+id, nil, 200, "Change the milestone", `value="Survey"`)
		s.page("mina", "POST", base+"/milestones", due(form("id", id, "title", "Survey", "state", "done", "note", "Online", "version", "1")), 303)
		s.page("mina2", "POST", base+"/milestones", due(form("id", id, "title", "Big survey", "state", "planned", "version", "1")), 409, "Big survey", "Online")
		s.page("nobody", "GET", base, nil, 200, "Survey", "Online", "Done")
		edit := form("title", "Dry roads", "problem", "Mud", "objective", "None", "lang", "en", "version", "1")
		s.page("mina", "POST", base+"/edit", edit, 303)
		edit.Set("problem", "Dust")
		s.page("mina2", "POST", base+"/edit", edit, 409, "Dust", "Mud")
		partner := s.one(`SELECT id FROM joint_partner ORDER BY id DESC LIMIT 1`)
		s.page("vila", "POST", "/joint-partner/"+partner+"/leave", form("reason", ""), 303)
		s.page("vila", "GET", base, nil, 200, "Leave for Villages")
		s.page("vila", "POST", "/joint-partner/"+partner+"/leave", form("reason", "No time"), 303)
		s.page("nobody", "GET", base, nil, 200, "No time", "Left on")
	}, schemas...)
}

func TestAPI(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.json("ben", "POST", "/joint-projects", `{"title":"X"}`, 403)
		s.json("mina", "POST", "/joint-projects", `{"title":"Dry roads","problem":"Water","objective":"None","lead":"`+s.orgs["Ministry"]+`"}`, 201, `"state":"proposed"`)
		s.json("mina", "PATCH", "/joint-projects/dry-roads", `{"title":"Dry roads","objective":"Less","version":1}`, 200, `"objective":"Less"`, `"problem":"Water"`)
		s.json("mina", "PATCH", "/joint-projects/dry-roads", `{"title":"Dry roads","objective":"More","version":1}`, 409)
		s.json("mina", "POST", "/joint-projects/dry-roads/partners", `{"org":"`+s.orgs["Villages"]+`","role":"monitor"}`, 201, `"joined":null`)
		s.page("vila", "POST", "/joint-partner/"+s.one(`SELECT id FROM joint_partner ORDER BY id DESC LIMIT 1`)+"/join", nil, 303)
		s.json("mina", "POST", "/joint-projects/dry-roads/pledges", `{"org":"`+s.orgs["Ministry"]+`","what":"Fuel","amount":"no","due":"2026-09-30"}`, 422)
		s.json("mina", "POST", "/joint-projects/dry-roads/pledges", `{"org":"`+s.orgs["Ministry"]+`","what":"Fuel","amount":"US$500","due":"2026-09-30"}`, 201, `"currency":"USD"`)
		id := s.one(`SELECT id FROM joint_pledge`)
		s.json("mina", "PATCH", "/pledges/"+id, `{"what":"More fuel","version":1}`, 200, `"amount":"500.00"`, "More fuel")
		s.json("mina", "POST", "/pledges/"+id+"/words", `{"own":true,"says":"confirmed","version":2}`, 201, `"state":"confirmed"`)
		s.json("mina", "POST", "/pledges/"+id+"/words", `{"own":true,"says":"kept","text":"Here","evidence":[{"title":"Receipt","url":"https://example.org/r"}],"version":3}`, 201, `"state":"said_kept"`)
		s.json("mina2", "POST", "/pledges/"+id+"/words", `{"says":"kept","text":"Here","version":4}`, 403)
		s.json("vila", "POST", "/pledges/"+id+"/words", `{"says":"kept","text":"Seen","version":4}`, 201, `"state":"kept"`)
		s.json("nobody", "GET", "/pledges/"+id, "", 200, `"says":"kept"`, `"text":"Seen"`)
		s.json("mina", "POST", "/joint-projects/dry-roads/state", `{"to":"agreed","version":2}`, 422)
		s.json("nobody", "GET", "/joint-projects?state=proposed", "", 200, `"title":"Dry roads"`, `"pledges":1,"kept":1`)
		s.json("nobody", "GET", "/joint-projects/dry-roads", "", 200, `"role":"monitor"`, `"state":"kept"`)
	}, schemas...)
}
