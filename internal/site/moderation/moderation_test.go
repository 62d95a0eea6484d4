package moderation

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, who.Schema, record.Schema, api.Schema, Schema}

// court is a desk with one record that people discuss.
type court struct {
	*Desk
	t      *testing.T
	policy *who.Policy
	log    *activity.Log
	now    string // who sends requests
}

// as returns the actor of a name: m1 and m2 moderate, mo moderates and belongs
// to the ministry whose record it is.
func (c *court) as(name string) who.Actor {
	a := who.Actor{ID: name, Name: name, Level: who.L3, Strong: true}
	if name[0] == 'm' {
		a.Grants = []who.Grant{{Role: who.Moderator}}
	}
	if name == "mo" {
		a.Grants = append(a.Grants, who.Grant{Role: who.Member, Org: "ministry"})
	}
	return who.As(c.policy, a)
}

// Session and Key make a court the sessions of its server.
func (c *court) Session(context.Context, string) (who.Actor, error) { return c.as(c.now), nil }
func (c *court) Key(context.Context, string) (who.Actor, error)     { return c.as(c.now), nil }

func newCourt(t *testing.T, d *db.DB) *court {
	t.Helper()
	thing := record.Kind{Name: "thing", Comments: true, Describe: func(_ context.Context, _ *db.Tx, _ who.Actor, ids []string) (cards []record.Card, err error) {
		for _, id := range ids {
			cards = append(cards, record.Card{Ref: record.Ref{Kind: "thing", ID: id}, Title: "A bridge", Org: "ministry", Public: true})
		}
		return cards, nil
	}}
	kinds, err := record.NewRegistry(thing)
	if err != nil {
		t.Fatal(err)
	}
	c := &court{t: t, policy: who.MustPolicy(append(Rules, record.Rules...)...)}
	c.Desk = &Desk{DB: d, Kinds: func() *record.Registry { return kinds }}
	c.log = activity.NewLog(d, slog.New(slog.DiscardHandler), c.Listener())
	return c
}

func (c *court) say(author, text string) record.Comment {
	c.t.Helper()
	comment, err := c.Kinds().Say(c.t.Context(), c.DB, c.as(author), record.Ref{Kind: "thing", ID: "bridge"}, "", text)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.log.Drain(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	return comment
}

func (c *court) cases() (list []Case) {
	c.t.Helper()
	if err := c.DB.View(c.t.Context(), func(tx *db.Tx) (err error) { list, err = Queue(c.t.Context(), tx, c.as("m1")); return err }); err != nil {
		c.t.Fatal(err)
	}
	return list
}

func (c *court) state(comment string) (s record.CommentState) {
	c.DB.View(c.t.Context(), func(tx *db.Tx) error {
		x, err := record.CommentByID(c.t.Context(), tx, c.as("m1"), comment)
		s = x.State
		return err
	})
	return s
}

func wants(t *testing.T, err error, key string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), key) {
		t.Errorf("want %s, got %v", key, err)
	}
}

func TestCase(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c, ctx := newCourt(t, d), t.Context()
		said := c.say("ana", "The engineer lives at 12 Long Street")
		for _, reporter := range []string{"ben", "cas"} {
			if err := c.Report(ctx, c.as(reporter), said.ID, "Rule 2"); err != nil {
				t.Fatal(err)
			}
		}
		list := c.cases()
		if len(list) != 1 || list[0].Reports != 2 || list[0].Reporter != "ben" || list[0].Org != "ministry" {
			t.Fatalf("queue: %+v", list)
		}
		key := list[0].ID
		hide := Decision{Hidden, 2, "A private address"}
		wants(t, c.Decide(ctx, c.as("ana"), key, hide), "who.denied")
		wants(t, c.Decide(ctx, c.as("mo"), key, hide), "moderation.own_org")
		wants(t, c.Decide(ctx, c.as("m1"), key, Decision{Hidden, 0, ""}), "rule=fault.choice reason=fault.required")
		if err := c.Take(ctx, c.as("m1"), key); err != nil {
			t.Fatal(err)
		}
		wants(t, c.Take(ctx, c.as("m2"), key), "moderation.not_open")
		wants(t, c.Decide(ctx, c.as("m2"), key, hide), "moderation.taken")
		if err := c.Decide(ctx, c.as("m1"), key, hide); err != nil || c.state(said.ID) != record.Hidden {
			t.Fatalf("hide: %v, %s", err, c.state(said.ID))
		}
		wants(t, c.Report(ctx, c.as("ben"), said.ID, "Again"), "moderation.hidden_already")
		c.appealed(key, said.ID)
	}, schemas...)
}

// appealed goes on with a case in which m1 hid a contribution by ana.
func (c *court) appealed(key, comment string) {
	t, ctx := c.t, c.t.Context()
	if err := c.AppealTo(ctx, c.as("ben"), key, "It is mine"); err == nil || fault.KindOf(err) == fault.Conflict {
		t.Errorf("a stranger appeals: %v", err)
	}
	wants(t, c.AppealTo(ctx, c.as("ana"), key, ""), "fault.required")
	if err := c.AppealTo(ctx, c.as("ana"), key, "It is the office's address"); err != nil {
		t.Fatal(err)
	}
	wants(t, c.AppealTo(ctx, c.as("ana"), key, "Once more"), "moderation.no_appeal")
	back := Decision{Reversed, 0, "It is the office's"}
	wants(t, c.Decide(ctx, c.as("m1"), key, back), "moderation.other_moderator")
	if err := c.Decide(ctx, c.as("m2"), key, back); err != nil || c.state(comment) != record.Visible {
		t.Errorf("reverse: %v, %s", err, c.state(comment))
	}
	wants(t, c.Decide(ctx, c.as("m2"), key, back), "moderation.decided_already")
	if err := c.log.Drain(ctx); err != nil || len(c.cases()) != 0 {
		t.Errorf("afterwards: %v, %d cases", err, len(c.cases()))
	}
	var lines []Line
	c.DB.View(ctx, func(tx *db.Tx) (err error) { lines, err = Log(ctx, tx, time.UTC, 9); return err })
	if len(lines) != 1 || lines[0].Rule != 2 || lines[0].Outcome != Hidden || lines[0].Appeal != Reversed {
		t.Errorf("log: %+v", lines)
	}
}

// TestHeld follows what package record holds back, to the decision and to the
// author, who hears of it and nobody else.
func TestHeld(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c, ctx := newCourt(t, d), t.Context()
		said := c.say("ana", "http://a.example http://b.example http://c.example http://d.example")
		list := c.cases()
		if len(list) != 1 || list[0].Source != "held" || list[0].Author != "ana" {
			t.Fatalf("queue: %+v", list)
		}
		if err := c.DecideAbout(ctx, c.as("m1"), said.ID, Decision{Hidden, 4, "Advertising"}); err != nil {
			t.Fatal(err)
		}
		if err := c.log.Drain(ctx); err != nil || len(c.cases()) != 0 {
			t.Errorf("decided on the contribution's page: %v, %d open", err, len(c.cases()))
		}
		if told := c.told("moderation.decided"); len(told) != 1 || told[0] != "ana" {
			t.Errorf("told of the decision: %v", told)
		}
		var mine []Case
		d.View(ctx, func(tx *db.Tx) (err error) { mine, err = Mine(ctx, tx, c.as("ana")); return err })
		if len(mine) != 1 || mine[0].Reason != "Advertising" || mine[0].DecidedBy != "m1" {
			t.Errorf("the author sees %+v", mine)
		}
		c.unasked(mine[0].ID)
		d.SetClock(func() time.Time { return time.Now().Add(AppealFor + time.Hour) })
		wants(t, c.AppealTo(ctx, c.as("ana"), mine[0].ID, "Too late"), "moderation.no_appeal")
	}, schemas...)
}

// unasked has a moderator decide about what nobody reported: all of it happens,
// or nothing.
func (c *court) unasked(other string) {
	t, ctx := c.t, c.t.Context()
	said := c.say("ben", "A telephone number")
	wants(t, c.DecideAbout(ctx, c.as("ben"), said.ID, Decision{Hidden, 2, "x"}), "who.denied")
	wants(t, c.DecideAbout(ctx, c.as("mo"), said.ID, Decision{Hidden, 2, "x"}), "moderation.own_org")
	wants(t, c.DecideAbout(ctx, c.as("m2"), said.ID, Decision{Hidden, 0, "x"}), "rule=fault.choice")
	if len(c.cases()) != 0 || c.state(said.ID) != record.Visible {
		t.Errorf("a refused decision left %+v, %s", c.cases(), c.state(said.ID))
	}
	if err := c.DecideAbout(ctx, c.as("m2"), said.ID, Decision{Hidden, 2, "A private number"}); err != nil || c.state(said.ID) != record.Hidden {
		t.Errorf("decided unasked: %v, %s", err, c.state(said.ID))
	}
	wants(t, c.DecideAbout(ctx, c.as("m2"), said.ID, Decision{Hidden, 2, "Again"}), "moderation.hidden_already")
	var mine []Case
	c.DB.View(ctx, func(tx *db.Tx) (err error) { mine, err = Mine(ctx, tx, c.as("ben")); return err })
	if len(mine) != 1 || mine[0].ID == other || mine[0].Source != "moderator" || !mine[0].MayAppeal("ben", c.DB.Now()) {
		t.Errorf("the author sees %+v", mine)
	}
}

// told returns whom the newest event of a verb is told to.
func (c *court) told(verb string) (people []string) {
	c.t.Helper()
	if err := c.DB.View(c.t.Context(), func(tx *db.Tx) error {
		all, err := activity.List(c.t.Context(), tx, activity.Filter{Kind: "thing", Record: "bridge", Private: true}, 50)
		if err != nil {
			return err
		}
		for _, e := range all {
			for _, rule := range notifies {
				if e.Verb == verb && rule.Verb == verb {
					people, err = rule.To(c.t.Context(), tx, e)
					return err
				}
			}
		}
		return nil
	}); err != nil {
		c.t.Fatal(err)
	}
	return people
}

func TestPages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := newCourt(t, d)
		words := i18n.NewCatalog()
		for _, err := range []error{words.Add("web", web.Words), words.Add("ui", ui.Words), words.Add("moderation", Words), words.Add("who", who.Words)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		routes := &web.Routes{}
		c.routes(routes)
		c.api(api.New(d, routes, "test"))
		server, err := web.NewServer(web.Config{Words: words, Policy: c.policy, Sessions: c, Log: slog.New(slog.DiscardHandler), Version: func() string { return "1" }}, routes)
		if err != nil {
			t.Fatal(err)
		}
		send := func(name, method, path string, form url.Values) (int, string) {
			c.now = name
			r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Accept", "text/html")
			r.Header.Set("Authorization", "Bearer key")
			w := httptest.NewRecorder()
			server.ServeHTTP(w, r)
			return w.Code, w.Body.String()
		}
		said := c.say("ana", "A <b>loud</b> word")
		if code, text := send("ben", "POST", "/moderation/report-comment/"+said.ID, url.Values{"message": {""}}); code != 422 || !strings.Contains(text, "A &lt;b&gt;loud") {
			t.Errorf("an empty report: %d", code)
		}
		if code, _ := send("ben", "POST", "/moderation/report-comment/"+said.ID, url.Values{"message": {"Rule 1"}}); code != 303 {
			t.Errorf("a report: %d", code)
		}
		if code, _ := send("ben", "GET", "/moderation", nil); code != 403 {
			t.Errorf("a resident sees the queue: %d", code)
		}
		key := c.cases()[0].ID
		if code, text := send("m1", "GET", "/moderation", nil); code != 200 || !strings.Contains(text, "/moderation/cases/"+key) {
			t.Errorf("queue: %d", code)
		}
		c.Queues = []Waiting{{Title: "call.held", Path: "/inputs/held", Count: func(context.Context, *db.Tx) (int, error) { return 7, nil }}}
		if code, text := send("m1", "GET", "/moderation", nil); code != 200 || !strings.Contains(text, `href="/inputs/held"`) || !strings.Contains(text, "7 wait for a decision") {
			t.Errorf("what waits elsewhere: %d", code)
		}
		if code, _ := send("m1", "GET", "/moderation/comment/"+said.ID, nil); code != 303 {
			t.Errorf("the contribution's page does not lead to its case: %d", code)
		}
		if code, text := send("m1", "POST", "/moderation/comment/"+c.say("cas", "Other words").ID, url.Values{"reason": {"So it is"}}); code != 422 || !strings.Contains(text, "So it is") || !strings.Contains(text, "Other words") {
			t.Errorf("a decision about what nobody reported: %d", code)
		}
		if code, text := send("m1", "POST", "/moderation/cases/"+key, url.Values{"outcome": {"hidden"}, "reason": {"It is an insult"}}); code != 422 || !strings.Contains(text, "It is an insult") {
			t.Errorf("a decision without a rule: %d", code)
		}
		if code, _ := send("m1", "POST", "/moderation/cases/"+key, url.Values{"outcome": {"hidden"}, "rule": {"1"}, "reason": {"It is an insult"}}); code != 303 {
			t.Errorf("a decision: %d", code)
		}
		if code, text := send("ana", "GET", "/moderation/mine", nil); code != 200 || !strings.Contains(text, "It is an insult") || !strings.Contains(text, "/appeal") {
			t.Errorf("the author's page: %d", code)
		}
		for _, path := range []string{"/moderation/log", "/api/v1/moderation/log", "/moderation/rules"} {
			if code, text := send("zoe", "GET", path, nil); code != 200 || strings.Contains(text, "insult\"") || strings.Contains(text, "loud") || strings.Contains(text, ">ana<") {
				t.Errorf("%s: %d", path, code)
			}
		}
	}, schemas...)
}

func TestErasure(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c, ctx := newCourt(t, d), t.Context()
		said := c.say("ana", "A word")
		if err := c.Report(ctx, c.as("ben"), said.ID, "Rule 1, says Ben"); err != nil {
			t.Fatal(err)
		}
		if err := d.Update(ctx, func(tx *db.Tx) error {
			mine, err := c.Export(ctx, tx, "ana")
			if err != nil || len(mine.([]kept)) != 1 || mine.([]kept)[0].Message != "" {
				t.Errorf("the author takes along %+v %v", mine, err)
			}
			if err := c.Erase(ctx, tx, "ben"); err != nil {
				return err
			}
			return c.Erase(ctx, tx, "ana")
		}); err != nil {
			t.Fatal(err)
		}
		if x := c.cases()[0]; x.Author+x.Reporter+x.Message != "" || x.Reports != 1 {
			t.Errorf("left: %+v", x)
		}
	}, schemas...)
}
