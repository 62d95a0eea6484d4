package ballot

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/ledger"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, ledger.Schema, who.Schema, org.Schema, record.Schema, api.Schema, ballot.Schema}

// site is the pages of polls on a server of their own, with a clock that tests
// turn.
type site struct {
	*Pages
	t      *testing.T
	policy *who.Policy
	server *web.Server
	now    time.Time
	asker  string
	asked  int
	org    string
}

func (s *site) Session(context.Context, string) (who.Actor, error) { return s.as(s.asker), nil }
func (s *site) Key(context.Context, string) (who.Actor, error)     { return s.as(s.asker), nil }

// as returns the actor of a name: those called run… work for the ministry.
func (s *site) as(name string) who.Actor {
	if name == "" {
		return who.Nobody(s.policy)
	}
	a := who.Actor{ID: name, Name: name, Level: who.L3, Strong: true}
	if strings.HasPrefix(name, "run") {
		a.Grants = []who.Grant{{Role: who.Official, Org: s.org}}
	}
	if name == "root" {
		a.Grants = []who.Grant{{Role: who.Administrator}}
	}
	return who.As(s.policy, a)
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	s := &site{t: t, now: time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)}
	d.SetClock(func() time.Time { return s.now })
	office := &ballot.Office{DB: d, Hosts: map[string]ballot.Host{}}
	kinds, err := record.NewRegistry(office.Kind(), org.Record)
	if err != nil {
		t.Fatal(err)
	}
	s.Pages = &Pages{DB: d, Office: office, Kinds: func() *record.Registry { return kinds }, Base: func() string { return "https://vote.example" }}
	s.policy = who.MustPolicy(append(append(append([]who.Rule{}, ballot.Rules...), record.Rules...), org.Rules...)...)
	o, err := org.Create(t.Context(), d, s.as("root"), org.Change{Name: "Works", Kind: org.National})
	if err != nil {
		t.Fatal(err)
	}
	s.org = o.ID
	words := i18n.NewCatalog()
	for _, err := range []error{
		words.Add("web", web.Words), words.Add("ui", ui.Words), words.Add("talk", talk.Words), words.Add("who", who.Words), words.Add("record", record.Words),
		words.Add("org", org.Words), words.Add("ballot", ballot.Words), words.Add("polls", Words),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	routes := &web.Routes{}
	s.routes(routes)
	s.api(api.New(d, routes, "test"))
	s.server, err = web.NewServer(web.Config{Words: words, Policy: s.policy, Sessions: s, Log: slog.New(slog.DiscardHandler), NoLimits: true, Version: func() string { s.asked++; return fmt.Sprint(s.asked) }}, routes)
	if err != nil {
		t.Fatal(err)
	}
	must(t, d.Update(t.Context(), func(tx *db.Tx) error {
		for _, p := range []string{"ana", "ben", "cas", "run1", "run2", "wit1", "wit2"} {
			if _, err := tx.Exec(t.Context(), `INSERT INTO person (id, name, email, email_key, lang, level, district, state, demo, created_at, version)
				VALUES ($1, $2, $3, $3, 'en', 3, '', 'active', FALSE, 1, 1)`, p, strings.ToUpper(p), p+"@vote.example"); err != nil {
				return err
			}
		}
		return nil
	}))
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reply is an answer.
type reply struct {
	code int
	body string
	to   string
}

func (s *site) send(name, method, path string, form url.Values) reply {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	return s.ask(name, r)
}

func (s *site) ask(name string, r *http.Request) reply {
	s.asker = name
	if name != "" {
		r.Header.Set("Authorization", "Bearer key")
	}
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	return reply{w.Code, w.Body.String(), w.Header().Get("Location")}
}

// want checks an answer's status and that it says something.
func (s *site) want(got reply, code int, says ...string) reply {
	s.t.Helper()
	if got.code != code {
		s.t.Errorf("status %d and not %d: %.900s", got.code, code, got.body)
	}
	for _, x := range says {
		if !strings.Contains(got.body, x) {
			s.t.Errorf("%q is not on the page: %.3000s", x, main(got.body))
		}
	}
	return got
}

func main(body string) string {
	if i := strings.Index(body, "<main"); i >= 0 {
		return body[i:]
	}
	return body
}

// pollForm is what somebody types for a poll that opens now and closes the day
// after tomorrow.
func (s *site) pollForm(method, secrecy string) url.Values {
	f := url.Values{
		"title": {"Which road first?"}, "org": {s.org}, "text": {"So that **all** know"}, "lang": {"en"}, "method": {method}, "options": {"Road A\nRoad B\nRoad C"},
		"max": {"2"}, "seats": {"1"}, "secrecy": {secrecy}, "opens_at": {"09:00"}, "closes_at": {"18:00"}, "quorum": {"third"}, "bloc_quorum": {"none"},
		"majority": {"simple"}, "level": {"1"}, "tie": {"text"}, "window": {"72"},
	}
	for name, day := range map[string]int{"opens": 2, "closes": 4} {
		f.Set(name+".day", fmt.Sprint(day))
		f.Set(name+".month", "3")
		f.Set(name+".year", "2026")
	}
	return f
}

// declared makes a poll through the forms, and returns its address.
func (s *site) declared(method, secrecy, voters string) string {
	s.t.Helper()
	made := s.want(s.send("run1", "POST", "/polls", s.pollForm(method, secrecy)), 303)
	at := strings.TrimSuffix(made.to, "/voters")
	s.want(s.send("run1", "POST", at+"/voters", url.Values{"list": {voters}}), 303)
	s.want(s.send("ana", "GET", at, nil), 404)
	s.want(s.send("run1", "GET", at, nil), 200, "Announce the vote")
	s.want(s.send("run1", "POST", at+"/run/declare", nil), 303)
	return at
}

func (s *site) later(d time.Duration) {
	s.t.Helper()
	s.now = s.now.Add(d)
	must(s.t, s.Office.Tick(s.t.Context()))
}

var (
	tokenField = regexp.MustCompile(`name="token" value="([^"]+)"`)
	receiptAt  = regexp.MustCompile(`/receipt\?code=([0-9a-z]{10})`)
)

func TestSecretVoteThroughThePages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		at := s.declared("stv", "secret", "ana@vote.example\nben@vote.example\ncas@vote.example")
		s.want(s.send("", "GET", at, nil), 200, "Sign in to see", "Road B", "Fixed when the vote was announced")
		s.want(s.send("run2", "GET", at, nil), 200, "You are not among those who may vote")
		page := s.want(s.send("ana", "GET", at, nil), 200, "whoever runs this site could find out", `name="rank.2"`)
		token := tokenField.FindStringSubmatch(page.body)[1]
		vote := url.Values{"voter": {"ana"}, "token": {token}, "rank.1": {"1"}, "rank.2": {"1"}}
		s.want(s.send("ana", "POST", at+"/vote", vote), 422, `value="1"`, "each number once")
		vote.Set("rank.2", "2")
		done := s.want(s.send("ana", "POST", at+"/vote", vote), 200, "Your ballot is cast", token, "data:image/png")
		s.want(s.send("ana", "POST", at+"/vote", vote), 200, "Your ballot is cast", token) // sent twice
		code := receiptAt.FindStringSubmatch(done.body)[1]
		s.want(s.send("", "GET", at+"/receipt?code="+code, nil), 200, "waits to be mixed")
		s.want(s.send("", "GET", at+"/receipt?code=nonesuch00", nil), 200, "no such receipt")
		s.want(s.send("ben", "POST", at+"/vote", url.Values{"voter": {"ana"}, "token": {token}, "blank": {"yes"}}), 403)
		other := url.Values{"voter": {"ana"}, "token": {"another-random-word-here"}, "rank.3": {"1"}}
		s.want(s.send("ana", "POST", at+"/vote", other), 409, "only with the code")
		other.Set("code", token)
		s.want(s.send("ana", "POST", at+"/vote", other), 200, "earlier ballot was replaced")
		s.want(s.send("", "GET", at+"/ballots.csv", nil), 404)
		s.later(72 * time.Hour)
		s.want(s.send("", "GET", at+"/receipt?code="+strings.ToUpper(code), nil), 200, "Your ballot is counted", "/ledger/entry/")
		s.want(s.send("", "GET", at, nil), 200, "Elected: Road C.", "Rounds of the count", "Count again", "provisional until")
		s.want(s.send("", "GET", at+"/ballots.csv", nil), 200, "ballot,choices,bloc,district,state,salt,commitment", ",3,")
		s.want(s.send("", "GET", at+"/ballots.json", nil), 200, `"choices":["3"]`)
		s.want(s.send("cas", "POST", at+"/object", url.Values{"text": {"I saw somebody else"}}), 303)
		s.want(s.send("", "GET", at, nil), 200, "I saw somebody else")
		s.want(s.send("run1", "POST", at+"/run/finalise", url.Values{"reason": {"x"}}), 409, "Objections may still be made")
		s.later(80 * time.Hour)
		s.want(s.send("run1", "POST", at+"/run/finalise", nil), 422)
		s.want(s.send("run1", "POST", at+"/run/finalise", url.Values{"reason": {"We looked into it"}}), 303)
		s.want(s.send("", "GET", at, nil), 200, "Final result", "We looked into it")
		s.want(s.send("", "GET", "/polls?state=over", nil), 200, "Which road first?")
	}, schemas...)
}

func TestOpenVoteAndDesk(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		bad := s.pollForm("approval", "open")
		bad.Set("max", "9")
		s.want(s.send("run1", "POST", "/polls", bad), 422, "Say how many one may choose", "So that **all** know")
		s.want(s.send("ana", "POST", "/polls", s.pollForm("approval", "open")), 403)
		at := s.declared("yes_no_abstain", "open", "ana@vote.example, government\nben@vote.example, civil_society, BZ-CY\nworks, government")
		s.want(s.send("run1", "POST", at+"/voters", url.Values{"list": {"cas@vote.example"}}), 409)
		s.want(s.send("run1", "POST", at+"/edit", s.pollForm("stv", "open")), 409)
		for _, path := range []string{"/run", "/voters", "/edit"} {
			s.want(s.send("ana", "GET", at+path, nil), 403)
			s.want(s.send("run1", "GET", at+path, nil), 200)
		}
		s.want(s.send("ana", "POST", at+"/vote", url.Values{"voter": {"ana"}, "choices": {"yes"}}), 303)
		s.want(s.send("ana", "GET", at, nil), 200, "You have voted", "Take the vote back")
		s.want(s.send("ana", "POST", at+"/withdraw", url.Values{"voter": {"ana"}}), 303)
		s.want(s.send("ana", "POST", at+"/vote", url.Values{"voter": {"ana"}, "choices": {"no"}}), 303)
		s.want(s.send("run1", "POST", at+"/vote", url.Values{"voter": {s.org}, "choices": {"yes"}}), 303)
		early := url.Values{"reason": {"The line was down"}, "closes.day": {"4"}, "closes.month": {"3"}, "closes.year": {"2026"}, "closes_at": {"17:59"}}
		s.want(s.send("run1", "POST", at+"/run/extend", early), 422, "never end earlier", "The line was down")
		early.Set("closes_at", "18:30")
		s.want(s.send("run1", "POST", at+"/run/extend", early), 303)
		s.want(s.send("run1", "POST", at+"/run/recuse", url.Values{"voter": {"ben@vote.example"}, "reason": {"Lives there"}}), 303)
		s.want(s.send("ben", "GET", at, nil), 200, "does not take part in this decision")
		s.later(72 * time.Hour)
		s.want(s.send("", "GET", at, nil), 200, "Not adopted, with 1 for and 1 against", "Who voted what", "ANA", ">Works<", "1 does not take part")
	}, schemas...)
}

func TestPaper(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		at := s.declared("plurality", "secret", "ana@vote.example\nben@vote.example\ncas@vote.example")
		for _, voter := range []string{"ana", "ben"} {
			s.want(s.send("run1", "POST", at+"/run/paper", url.Values{"voter": {voter + "@vote.example"}, "bag": {"B 1"}}), 303)
		}
		s.want(s.send("ana", "GET", at, nil), 200, "You received a paper ballot")
		bag := url.Values{"name": {"B 1"}, "counted": {"3"}, "valid": {"3"}, "blanks": {"0"}, "null": {"0"}, "sum.1": {"3"}, "witness1": {"wit1@vote.example"}, "witness2": {"wit2@vote.example"}}
		s.want(s.send("run1", "POST", at+"/bag", bag), 422, "Only 2 paper ballots", `value="3"`)
		bag.Set("counted", "2")
		bag.Set("valid", "2")
		bag.Set("sum.1", "2")
		for _, w := range []string{"", "run1@vote.example", "wit1@vote.example"} {
			bag.Set("witness2", w)
			s.want(s.send("run1", "POST", at+"/bag", bag), 422, "itness")
		}
		bag.Set("witness2", "wit2@vote.example")
		s.want(s.send("run1", "POST", at+"/bag", bag), 303)
		s.want(s.send("run1", "POST", at+"/bag", bag), 403, "You have entered this bag")
		s.later(72 * time.Hour)
		s.want(s.send("", "GET", at, nil), 200, "still to be entered by two people: B 1")
		s.want(s.send("run1", "GET", at+"/run", nil), 200, "Waits for another entry")
		s.want(s.send("run2", "POST", at+"/bag", bag), 303)
		s.later(time.Minute)
		s.want(s.send("", "GET", at, nil), 200, "Elected: Road A.", "Of these on paper")
	}, schemas...)
}

func TestAPI(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		at := s.declared("plurality", "secret", "ana@vote.example\nben@vote.example")
		var p PollBody
		must(t, json.Unmarshal([]byte(s.want(s.send("", "GET", "/api/v1"+strings.Replace(at, "/poll/", "/polls/", 1), nil), 200).body), &p))
		cast := func(name, key, body string) reply {
			r := httptest.NewRequest("POST", "/api/v1/polls/"+p.ID+"/ballots", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", key)
			return s.ask(name, r)
		}
		body := `{"choices":["2"],"token":"a random word of ana's own"}`
		s.want(cast("", "k", body), 401)
		s.want(cast("ana", "k", `{"choices":["2"]}`), 422, "random word")
		first := s.want(cast("ana", "k", body), 201, "accepted", "receipt")
		if again := s.want(cast("ana", "k", body), 201); again.body != first.body {
			t.Errorf("the second answer differs: %s %s", first.body, again.body)
		}
		var c PollCastBody
		must(t, json.Unmarshal([]byte(first.body), &c))
		s.want(s.send("", "GET", "/api/v1/polls/"+p.ID+"/receipts/"+c.Receipt, nil), 200, `"waiting"`)
		must(t, d.View(t.Context(), func(tx *db.Tx) error {
			kept, err := db.Get(t.Context(), tx, db.One[string], `SELECT answer FROM api_once`)
			if strings.Contains(kept, c.Receipt) || strings.Contains(kept, "random word") {
				t.Errorf("what is kept under the key joins voter and ballot: %s", kept)
			}
			return err
		}))
		s.later(72 * time.Hour)
		s.want(s.send("", "GET", "/api/v1/polls?state=over", nil), 200, `"elected":["2"]`)
	}, schemas...)
}
