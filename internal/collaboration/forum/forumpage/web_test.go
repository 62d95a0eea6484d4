package forumpage

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"ceiba/internal/collaboration/forum"
	"ceiba/internal/face/api"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/job"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// town serves the pages of forums.
type town struct {
	*Pages
	t      *testing.T
	policy *who.Policy
	server *web.Server
	at     time.Time
	now    string // who sends requests
	orgs   map[string]string
}

func (w *town) as(name string) who.Actor {
	a := who.Actor{ID: name, Name: name, Level: who.L3, Strong: true}
	if name == "sec" {
		a.Grants = []who.Grant{{Role: who.Secretariat}}
	}
	if of, _, ok := strings.Cut(name, "."); ok {
		a.Grants = []who.Grant{{Role: who.Member, Org: w.orgs[of]}}
	}
	if name == "" {
		return who.Nobody(w.policy)
	}
	return who.As(w.policy, a)
}

// Session and Key make a town the sessions of its server.
func (w *town) Session(context.Context, string) (who.Actor, error) { return w.as(w.now), nil }
func (w *town) Key(context.Context, string) (who.Actor, error)     { return w.as(w.now), nil }

func (w *town) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func newTown(t *testing.T, d *db.DB) *town {
	t.Helper()
	var rules []who.Rule
	for _, some := range [][]who.Rule{forum.Rules, ballot.Rules, meeting.Rules, record.Rules, org.Rules} {
		rules = append(rules, some...)
	}
	w := &town{t: t, policy: who.MustPolicy(rules...), at: time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC), orgs: map[string]string{}}
	office := &ballot.Office{DB: d, Hosts: forum.BallotHosts()}
	kinds, err := record.NewRegistry(append(forum.Kinds(), org.Record, meeting.Record, office.Kind())...)
	w.ok(err)
	reg := func() *record.Registry { return kinds }
	base := func() string { return "https://open.example" }
	book := &meeting.Book{DB: d, Kinds: reg, Hosts: map[string]meeting.Host{"forum": forum.MeetingHost()}, Base: base}
	w.Pages = &Pages{Forums: &forum.Forums{DB: d, Kinds: reg, Book: book, Ballots: office, Base: base}}
	d.SetClock(func() time.Time { return w.at })
	for name, kind := range map[string]org.Kind{"works": org.National, "reef": org.CivilSociety, "mangrove": org.CivilSociety} {
		o, err := org.Create(t.Context(), d, who.System(w.policy, "test"), org.Change{Kind: kind, Name: "The " + name})
		w.ok(err)
		w.orgs[name] = o.ID
	}
	words := i18n.NewCatalog()
	for _, err := range []error{
		words.Add("web", web.Words), words.Add("ui", ui.Words), words.Add("who", who.Words), words.Add("talk", talk.Words), words.Add("geo", geo.Words), words.Add("record", record.Words),
		words.Add("org", org.Words), words.Add("meeting", meeting.Words), words.Add("ballot", ballot.Words), words.Add("forum", forum.Words),
	} {
		w.ok(err)
	}
	routes := &web.Routes{}
	w.routes(routes)
	w.api(api.New(d, routes, "test"))
	w.server, err = web.NewServer(web.Config{Words: words, Policy: w.policy, Sessions: w, Log: slog.New(slog.DiscardHandler), Version: func() string { return "1" }}, routes)
	w.ok(err)
	return w
}

func (w *town) send(name, method, path string, form url.Values) (int, string, string) {
	w.now = name
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	if name != "" {
		r.Header.Set("Authorization", "Bearer key")
	}
	rec := httptest.NewRecorder()
	w.server.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String(), rec.Header().Get("Location")
}

// post sends a form and wants a status, and words in the answer.
func (w *town) post(name, path string, form url.Values, want int, words ...string) string {
	w.t.Helper()
	code, text, to := w.send(name, "POST", path, form)
	if code != want {
		w.t.Errorf("POST %s as %s: %d, want %d\n%.900s", path, name, code, want, text[max(0, strings.Index(text, "<main")):])
	}
	for _, x := range words {
		if !strings.Contains(text, x) {
			w.t.Errorf("POST %s as %s lacks %q", path, name, x)
		}
	}
	return to
}

// sees wants words on a page, and not those with "!" before them.
func (w *town) sees(name, path string, words ...string) {
	w.t.Helper()
	code, text, to := w.send(name, "GET", path, nil)
	if code == 301 {
		code, text, _ = w.send(name, "GET", to, nil)
	}
	for _, x := range words {
		if not, ok := strings.CutPrefix(x, "!"); ok && strings.Contains(text, not) || !ok && !strings.Contains(text, x) {
			w.t.Errorf("%s as %q: %s", path, name, x)
		}
	}
	if code != 200 {
		w.t.Errorf("%s as %q: %d\n%.500s", path, name, code, text)
	}
}

func date(name string, t time.Time) url.Values {
	return url.Values{name + ".day": {t.Format("2")}, name + ".month": {t.Format("1")}, name + ".year": {t.Format("2006")}}
}

func with(v url.Values, more ...string) url.Values {
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

func TestForumPages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.sees("", "/forums", "No forums yet")
		w.post("zoe", "/forums", url.Values{"name": {"x"}}, 403)
		w.post("sec", "/forums", url.Values{"name": {"Forum of the coast"}, "org": {""}}, 422, "Forum of the coast")
		to := w.post("sec", "/forums", url.Values{"name": {"Forum of the coast"}, "org": {w.orgs["works"]}, "scope": {"BZ-SC"}, "mandate": {"decision"}, "about": {"We **meet**"}, "lang": {"en"}}, 303)
		page := strings.TrimSuffix(to, "/seats")
		w.post("sec", page+"/state", url.Values{"to": {"established"}}, 422, "Forum of the coast")
		full := url.Values{"name": {"Forum of the coast"}, "scope": {"BZ-SC"}, "mandate": {"decision"}, "about": {"We **meet**"}, "lang": {"en"}, "instrument": {"Decision 7"}, "document": {"https://example.org/7"}, "notice_days": {"7"}, "version": {"1"}}
		w.post("sec", page+"/edit", with(date("date", w.at), flat(full)...), 303)
		w.post("sec", page+"/edit", with(date("date", w.at), append(flat(full), "name", "Mine")...), 409, "Mine", "Somebody saved this meanwhile")
		w.post("sec", page+"/state", url.Values{"to": {"established"}}, 303)
		w.post("sec", page+"/seats", url.Values{"seat_name": {"Reefs"}, "sector": {""}}, 422, "Reefs")
		for name, sector := range map[string]string{"State 1": "government", "Reefs": "civil_society", "Coast": "civil_society"} {
			w.post("sec", page+"/seats", url.Values{"seat_name": {name}, "sector": {sector}, "chair": {"yes"}}, 303)
		}
		w.post("zoe", page+"/seats", url.Values{"seat_name": {"x"}, "sector": {"media"}}, 403)
		w.sees("", page, "<strong>meet</strong>", "No seat for this sector", "Vacant", "Dormant", "!Add a seat", "The works")
		w.sees("sec", page, "What you can do next", "/meetings/new?of=forum:")
		w.sees("", page+"/seats", "60 days left", "!Give a seat")
		w.filled(page)
		w.called(page)
	}, activity.Schema, job.Schema, who.Schema, org.Schema, record.Schema, api.Schema, meeting.Schema, ballot.Schema, forum.Schema)
}

func flat(v url.Values) (out []string) {
	for k := range v {
		out = append(out, k, v.Get(k))
	}
	return out
}

func (w *town) seat(name string) (s forum.Seat, f forum.Forum) {
	w.t.Helper()
	w.ok(w.DB.View(w.t.Context(), func(tx *db.Tx) error {
		all, err := forum.All(w.t.Context(), tx)
		f = all[0]
		seats, err2 := forum.SeatsOf(w.t.Context(), tx, f.ID)
		for _, x := range seats {
			if x.Name == name {
				s = x
			}
		}
		w.ok(err2)
		return err
	}))
	return s, f
}

// filled gives a seat, breaks parity, decides, publishes rules.
func (w *town) filled(page string) {
	gov, f := w.seat("State 1")
	form := with(date("starts", w.at), "seat", gov.ID, "org", w.orgs["reef"], "member_name", "A member", "filled", "appointment", "instrument", "Letter")
	w.post("sec", page+"/appoint", form, 422, "A member", "does not belong")
	form.Set("org", w.orgs["works"])
	w.post("sec", page+"/appoint", form, 303)
	_, err := forum.Appoint(w.t.Context(), w.DB, w.as("sec"), f.ID, forum.Term{Seat: first(w.seat("Reefs")), Org: w.orgs["reef"], Person: "cora", Name: "Member of reef", Starts: "2026-03-01", Filled: "self_selection", Instrument: "Vote of 12 groups"})
	w.ok(err)
	w.sees("", page, "A member", "Member of reef", "Vote of 12 groups", "!composition breaks")
	w.post("cora", page+"/rules", url.Values{"rules": {""}}, 422)
	w.post("cora", page+"/rules", url.Values{"rules": {"## Who sits"}}, 303)
	w.sees("", page+"/rules", "Who sits", "Version 1", "!Publish a version")
	w.post("cora", page+"/interests", url.Values{"interest": {""}, "term": {"x"}}, 422)
	m := meeting.Meeting{Of: f.Ref(), Title: "Sitting", Venue: "Hall", Starts: db.Time{Time: w.at}, Ends: db.Time{Time: w.at.Add(time.Hour)}}
	m, err = w.Book.Announce(w.t.Context(), w.as("cora"), m)
	w.ok(err)
	w.post("cora", page+"/decisions", url.Values{"title": {"Publish it"}}, 422, "Publish it")
	w.post("cora", page+"/decisions", url.Values{"title": {"Publish it"}, "text": {"All **of it**"}, "meeting": {m.ID}, "about": {"/organisation/the-works"}}, 303)
	w.post("zoe", page+"/decisions", url.Values{"title": {"Mine"}, "text": {"x"}, "meeting": {m.ID}}, 403)
	w.sees("", page+"/decisions", "Publish it", "!Propose a decision")
	w.decided(m)
}

func first(s forum.Seat, _ forum.Forum) string { return s.ID }

func (w *town) decided(m meeting.Meeting) {
	var term string
	w.ok(w.DB.Update(w.t.Context(), func(tx *db.Tx) error {
		list, err := meeting.InvitedTo(w.t.Context(), tx, m.ID)
		var as []meeting.Attendance
		for _, i := range list {
			as = append(as, meeting.Attendance{Subject: i.ID, Present: true})
		}
		w.ok(err)
		members, err := forum.MembersOn(w.t.Context(), tx, m.Of.ID, "2026-03-01")
		w.ok(err)
		term = members[0].Term.ID
		return w.Book.RecordIn(w.t.Context(), tx, w.as("cora"), m.ID, as)
	}))
	at := "/decision/publish-it"
	w.sees("", at, "<strong>of it</strong>", "Not said yet", "Decision 1", "About “The works”", "!Adopt by consensus")
	w.post("cora", at+"/agree", nil, 409, "Silence is not consent")
	w.post("cora", at+"/position", url.Values{"term": {term}, "position": {"object"}}, 422)
	w.post("cora", at+"/position", url.Values{"term": {term}, "position": {"agree"}}, 303)
	w.post("zoe", at+"/vote", url.Values{"hours": {"72"}}, 403)
	w.post("cora", at+"/vote", url.Values{"hours": {"0"}}, 422)
	w.sees("cora", at, "Adopt by consensus", "Put it to the vote")
	w.sees("", "/api/v1/decisions/publish-it", `"position":"agree"`, `"number":1`)
	w.sees("", "/api/v1/forums/forum-of-the-coast", `"state":"dormant"`, `"sector":"civil_society"`, `"member":"Member of reef"`)
	w.sees("", "/api/v1/forums", "Forum of the coast")
	w.sees("", "/api/v1/forums/forum-of-the-coast/decisions", "Publish it")
}

// called opens a call, nominates and judges.
func (w *town) called(page string) {
	coast, _ := w.seat("Coast")
	soon := with(date("closes", w.at.AddDate(0, 0, 3)), "seat", coast.ID, "criteria", "Lives there")
	w.post("sec", page+"/calls", soon, 422, "Lives there", "21 days")
	w.post("sec", page+"/calls", with(date("closes", w.at.AddDate(0, 0, 30)), flat(url.Values{"seat": {coast.ID}, "criteria": {"Lives there"}})...), 303)
	var call forum.Call
	w.ok(w.DB.View(w.t.Context(), func(tx *db.Tx) error {
		cs, err := forum.CallsOf(w.t.Context(), tx, coast.Forum)
		call = cs[0]
		return err
	}))
	at := "/forum-call/" + call.ID
	w.sees("", at, "Lives there", "31 March 2026, 23:59", "No nominations yet", "!Nominate your")
	w.sees("mangrove.x", at, "Nominate your organisation")
	w.post("mangrove.x", at+"/nominate", url.Values{"org": {w.orgs["mangrove"]}, "member_name": {""}, "statement": {"We know it"}}, 422, "We know it")
	w.post("mangrove.x", at+"/nominate", url.Values{"org": {w.orgs["mangrove"]}, "member_name": {"One of us"}, "statement": {"We know it"}}, 303)
	w.post("works.x", at+"/nominate", url.Values{"org": {w.orgs["works"]}, "member_name": {"One"}, "statement": {"We watch"}}, 422, "does not belong")
	var n forum.Nomination
	w.ok(w.DB.View(w.t.Context(), func(tx *db.Tx) error {
		ns, err := forum.NominationsOf(w.t.Context(), tx, call.ID)
		n = ns[0]
		return err
	}))
	w.post("reef.x", at+"/nominate", url.Values{"org": {w.orgs["reef"]}, "member_name": {"Who sits already"}, "statement": {"We know it too"}}, 303)
	twice := of(w, call, "reef")
	w.post("sec", at+"/judge", url.Values{"nomination": {twice}, "eligible": {"yes"}}, 409, "One organisation has one seat")
	w.post("sec", at+"/judge", url.Values{"nomination": {twice}, "eligible": {"no"}, "reason": {"Holds a seat"}}, 303)
	w.post("sec", at+"/judge", url.Values{"nomination": {n.ID}, "eligible": {"no"}}, 422)
	w.post("sec", at+"/judge", url.Values{"nomination": {n.ID}, "eligible": {"yes"}}, 303)
	w.post("sec", at+"/elect", url.Values{"days": {"7"}}, 409, "still open")
	w.at = call.Closes.Time
	w.post("sec", at+"/elect", url.Values{"days": {"x"}}, 422)
	w.post("sec", at+"/elect", url.Values{"days": {"7"}}, 303)
	w.sees("", at, "The election is declared", "/poll/")
	w.post("mangrove.x", at+"/withdraw", url.Values{"nomination": {n.ID}}, 409)
	w.sees("", page+"/calls", "Election")
}

// of is the nomination of an organisation in a call.
func of(w *town, call forum.Call, name string) (key string) {
	w.t.Helper()
	w.ok(w.DB.View(w.t.Context(), func(tx *db.Tx) error {
		ns, err := forum.NominationsOf(w.t.Context(), tx, call.ID)
		for _, n := range ns {
			if n.Org == w.orgs[name] {
				key = n.ID
			}
		}
		return err
	}))
	return key
}
