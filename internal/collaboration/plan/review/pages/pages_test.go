package pages

import (
	"context"
	"embed"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/review"
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

var schemas = []db.Schema{activity.Schema, who.Schema, record.Schema, org.Schema, plan.Schema, api.Schema, review.Schema}

// site is a server with one plan that runs, whose pages a test asks for.
type site struct {
	*Pages
	t      *testing.T
	at     *atomic.Int64
	policy *who.Policy
	server *web.Server
	now    string // who sends requests
	plan   string
	first  string // a commitment
}

// as returns the actor of a name: those with an e review, nobody is nobody.
func (s *site) as(name string) who.Actor {
	if name == "nobody" {
		return who.Nobody(s.policy)
	}
	a := who.Actor{ID: name, Name: name, Level: who.L3, Strong: true}
	if name[0] == 'e' {
		a.Grants = []who.Grant{{Role: who.Evaluator}}
	}
	if name == "boss" {
		a.Grants = []who.Grant{{Role: who.Administrator}}
	}
	return who.As(s.policy, a)
}

// Session and Key make a site the sessions of its server.
func (s *site) Session(context.Context, string) (who.Actor, error) { return s.as(s.now), nil }
func (s *site) Key(context.Context, string) (who.Actor, error)     { return s.as(s.now), nil }

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	plans := &plan.Plans{DB: d}
	s := &site{t: t, at: &atomic.Int64{}, policy: who.MustPolicy(slices.Concat(review.Rules, plan.Rules, org.Rules)...)}
	s.at.Store(time.Date(2026, 6, 20, 18, 0, 0, 0, time.UTC).UnixMicro())
	d.SetClock(func() time.Time { return time.UnixMicro(s.at.Add(1)).UTC() })
	kinds, err := record.NewRegistry(append(plan.Kinds(), review.Kind())...)
	s.must(err)
	s.Pages = &Pages{Reviews: &review.Reviews{DB: d, Plans: plans}, Kinds: func() *record.Registry { return kinds }, Base: func() string { return "https://x.example" }}
	words := i18n.NewCatalog()
	for name, files := range map[string]embed.FS{"web": web.Words, "ui": ui.Words, "planreview": review.Words, "plan": plan.Words, "who": who.Words} {
		s.must(words.Add(name, files))
	}
	routes := &web.Routes{}
	s.routes(routes)
	s.api(api.New(d, routes, "test"))
	s.server, err = web.NewServer(web.Config{Words: words, Policy: s.policy, Sessions: s, Log: slog.New(slog.DiscardHandler), Version: func() string { return time.Now().String() }}, routes)
	s.must(err)
	s.promise(plans)
	return s
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// promise makes a plan with two commitments and delivers it.
func (s *site) promise(plans *plan.Plans) {
	s.t.Helper()
	ctx := s.t.Context()
	system := who.System(s.policy, "test")
	o, _, err := org.EnsureByName(ctx, s.DB, system, "Ministry", org.National)
	s.must(err)
	p, err := plans.Create(ctx, system, plan.Plan{Org: o.ID, Title: "Plan", Summary: "A plan.", Lang: "en", Level: plan.National, Years: 2, Start: "2026-07-01", End: "2028-06-30", ContactEmail: "plan@example.org"})
	s.must(err)
	_, err = plans.PublishTimeline(ctx, system, p.ID, []plan.Phase{{Kind: "ideas", Title: "Ideas", Starts: "2026-02-01", Ends: "2026-05-31", How: "Write"}}, "")
	s.must(err)
	for _, title := range []string{"Dry roads", "Open books"} {
		c := plan.Commitment{Plan: p.ID, Title: title, Lang: "en", Lead: o.ID, Start: p.Start, End: p.End, State: plan.Drafting}
		c.Texts.V = plan.Texts{Problem: "P.", Solution: "S."}
		c, err = plans.Draft(ctx, system, c)
		s.must(err)
		_, err = plans.SaveMilestone(ctx, system, plan.Mile{Seen: 1, Milestone: plan.Milestone{Commitment: c.ID, Planned: plan.Planned{Title: "Survey", Output: "Online", End: "2026-12-31"}}})
		s.must(err)
		_, err = plans.Stage(ctx, system, plan.Staging{Commitment: c.ID, Version: 2, To: plan.Agreed})
		s.must(err)
		if s.first == "" {
			s.first = c.ID
		}
	}
	for i, to := range []plan.State{plan.CoCreating, plan.DraftPublished, plan.Responding, plan.Approved, plan.Delivered} {
		_, err = plans.Move(ctx, system, plan.Moving{Plan: p.ID, Version: 2 + i, To: to})
		s.must(err)
	}
	s.plan = p.ID
}

// send asks as somebody and returns status, page and where it leads.
func (s *site) send(name, method, path string, form url.Values) (int, string, string) {
	s.now = name
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	if name != "nobody" {
		r.Header.Set("Authorization", "Bearer key")
	}
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header().Get("Location")
}

// page expects a status and words.
func (s *site) page(name, method, path string, form url.Values, want int, words ...string) string {
	s.t.Helper()
	code, text, to := s.send(name, method, path, form)
	if code != want {
		s.t.Errorf("%s %s as %s: %d, want %d", method, path, name, code, want)
	}
	for _, x := range words {
		if !strings.Contains(text, x) {
			s.t.Errorf("%s %s as %s lacks %q", method, path, name, x)
		}
	}
	return to
}

func grounds(names ...string) url.Values {
	out := url.Values{"seen": {"0"}}
	for i := 0; i < len(names); i += 2 {
		out.Set(names[i], names[i+1])
		out.Set("rationale."+names[i], "Because")
		out.Set("evidence."+names[i], "The plan https://example.org/plan\nA visit")
	}
	return out
}

func TestFromDeskToReport(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.page("ben", "GET", "/assessments/new", nil, 403)
		s.page("eva", "POST", "/assessments", url.Values{"plan": {s.plan}, "product": {"midterm_review"}, "title": {"Kept title"}, "lang": {"en"}}, 422, "four years", "Kept title")
		desk := s.page("eva", "POST", "/assessments", url.Values{"plan": {s.plan}, "product": {"action_plan_review"}, "title": {"A review"}, "lang": {"en"}, "overview": {"**Over**"}, "recommendations": {"More"}, "sources": {"Us"}}, 303)
		base := strings.TrimSuffix(desk, "/desk")
		s.page("ben", "GET", base, nil, 404)
		s.page("eva", "GET", desk, nil, 200, "0 of 2 commitments coded", "4 codes missing")
		s.page("eva", "GET", base+"/code", nil, 200, "Dry roads", "1 of 2", "Binding, institutionalised")
		s.page("boss", "POST", base+"/code", grounds("verifiable", "yes"), 403)
		wrong := grounds("verifiable", "no", "potential", "modest")
		wrong.Set("of", s.first)
		s.page("eva", "POST", base+"/code", wrong, 422, "only then is the potential asked", "A visit", "Because")
		first := grounds("verifiable", "yes", "lens", "yes", "potential", "substantial", "promising", "yes")
		first.Set("of", s.first)
		first.Set("next", "yes")
		next := s.page("eva", "POST", base+"/code", first, 303)
		if !strings.Contains(next, "/code?of=") || strings.Contains(next, s.first) {
			t.Errorf("after the first: %s", next)
		}
		s.page("eve", "POST", base+"/code", first, 403) // another evaluator
		last := s.page("eva", "POST", base+"/code", grounds("verifiable", "yes", "lens", "no"), 303)
		if !strings.HasSuffix(last, "/desk") {
			t.Errorf("after the last: %s", last)
		}
		s.page("eva", "GET", desk, nil, 200, "2 of 2 commitments coded", "the report has to tell of it")
		s.page("eva", "POST", base+"/passage", url.Values{"of": {s.first}, "context": {"Ctx"}, "potential": {"Pot"}, "recommendations": {"Rec"}}, 303)
		s.judge(base)
		s.page("eva", "POST", base+"/move", url.Values{"to": {"commenting"}, "version": {"1"}, "days": {"3"}}, 303)
		s.page("ben", "GET", base, nil, 404) // too short: it is still a draft
		s.page("eva", "POST", base+"/move", url.Values{"to": {"commenting"}, "version": {"1"}, "days": {"14"}}, 303)
		s.published(base)
	}, schemas...)
}

// judge fills in the form about the process.
func (s *site) judge(base string) {
	s.t.Helper()
	var names []string
	for _, x := range []string{"1.1", "2.1", "2.2", "3.1", "3.2", "3.3", "4.1"} {
		names = append(names, x+"_co_creation", "yes")
	}
	s.page("eva", "GET", base+"/process", nil, 200, "Reasoned response", "Computed from what is on record")
	s.page("eva", "POST", base+"/process", grounds("process_acted", "yes"), 422, "not met, or not judged yet")
	s.page("eva", "POST", base+"/process", grounds(append(names, "process_acted", "yes")...), 303)
}

// published goes on with a draft that is open for comments, to its final report
// and its correction.
func (s *site) published(base string) {
	s.t.Helper()
	s.page("nobody", "GET", base, nil, 301)
	s.page("nobody", "GET", "/assessment/a-review", nil, 200, "At a glance", `>50</a>%)`, "Dry roads", "<strong>Over</strong>", "Because", "https://example.org/plan", "The computed verdict says otherwise")
	s.page("nobody", "GET", base+"/annex.csv", nil, 200, "Potential for Results", "Substantial")
	s.page("nobody", "GET", base+"/report.html", nil, 200, "<!doctype html>", "At a glance")
	s.page("nobody", "GET", "/assessments", nil, 200, "A review", "Open for comments")
	s.page("nobody", "GET", "/api/v1/assessments?plan="+s.plan, nil, 200, `"title":"A review"`)
	s.page("nobody", "GET", "/api/v1/assessments/a-review", nil, 200, `"rationale":"Because"`, `"value":"substantial"`, `"open_government_lens":1`)
	s.page("nobody", "GET", base+"/comments", nil, 200, "Sign in to comment")
	s.page("ben", "POST", base+"/comments", url.Values{"comment": {" "}}, 422)
	s.page("ben", "POST", base+"/comments", url.Values{"comment": {"What about <b>mud</b>?"}}, 303)
	s.page("ben", "GET", base+"/comments", nil, 200, "What about &lt;b&gt;mud")
	if _, text, _ := s.send("zoe", "GET", base+"/comments", nil); strings.Contains(text, "mud") {
		s.t.Error("a comment is shown before the final report")
	}
	id := ""
	s.must(s.DB.View(s.t.Context(), func(tx *db.Tx) (err error) {
		id, err = db.Get(s.t.Context(), tx, db.One[string], `SELECT id FROM assessment_comment`)
		return err
	}))
	s.page("eva", "POST", base+"/answer", url.Values{"comment": {id}, "answer": {"It dries"}}, 303)
	s.page("eva", "POST", base+"/move", url.Values{"to": {"final"}, "version": {"2"}}, 303)
	s.page("nobody", "GET", "/assessment/a-review", nil, 200, "Open for comments")
	s.at.Add(15 * 24 * 3600 * 1e6)
	s.page("eva", "POST", base+"/move", url.Values{"to": {"final"}, "version": {"2"}}, 303)
	s.page("nobody", "GET", "/assessment/a-review", nil, 200, "Final since")
	s.page("zoe", "GET", base+"/comments", nil, 200, "mud", "It dries", "/moderation/report-comment/"+id)
	next := s.page("eva", "POST", base+"/move", url.Values{"to": {"correct"}, "reason": {"A name was wrong"}}, 303)
	s.page("eva", "GET", next, nil, 200, "2 of 2 commitments coded")
	s.page("eva", "POST", strings.TrimSuffix(next, "/desk")+"/move", url.Values{"to": {"withdrawn"}, "version": {"1"}, "reason": {"Not needed"}}, 303)
}

func TestInterestsAndCodeBook(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.page("nobody", "GET", "/assessments/code-book", nil, 200, "Potential for results", "_Potential for Results", "2013 to 2020")
		s.page("nobody", "GET", "/assessments/interests", nil, 200, "No interest is declared")
		s.page("ben", "POST", "/assessments/interests", url.Values{"text": {"x"}}, 403)
		s.page("eva", "POST", "/assessments/interests", url.Values{"text": {"My cousin"}}, 422, "My cousin")
		office := ""
		s.must(d.View(t.Context(), func(tx *db.Tx) error {
			all, _, err := org.List(t.Context(), tx, org.Filter{Limit: 1})
			office = all[0].ID
			return err
		}))
		s.page("eva", "POST", "/assessments/interests", url.Values{"text": {"My cousin"}, "org": {office}}, 303)
		s.page("nobody", "GET", "/assessments/interests", nil, 200, "My cousin", "Ministry")
		desk := s.page("eva", "POST", "/assessments", url.Values{"plan": {s.plan}, "product": {"action_plan_review"}, "title": {"A review"}, "lang": {"en"}}, 303)
		base := strings.TrimSuffix(desk, "/desk")
		s.page("eva", "GET", desk, nil, 200, "You may not code this")
		in := grounds("verifiable", "yes")
		in.Set("of", s.first)
		s.page("eva", "POST", base+"/code", in, 403, "Because", "Ministry")
	}, schemas...)
}
