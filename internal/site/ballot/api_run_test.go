package ballot

import (
	"context"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// call sends JSON and returns the answer and its status.
func (s *site) call(name, method, path string, body any) (PollBody, reply) {
	s.t.Helper()
	raw, err := json.Marshal(body)
	must(s.t, err)
	r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(string(raw)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	got := s.ask(name, r)
	var b PollBody
	if got.code < 300 {
		must(s.t, json.Unmarshal([]byte(got.body), &b))
	}
	return b, got
}

// TestPollByAPI sets up a vote by the API from draft to result, and tries what the
// pages refuse.
func TestPollByAPI(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		draft := map[string]any{
			"org": s.org, "title": "Which well first?", "opens": s.now.Add(time.Hour), "closes": s.now.Add(48 * time.Hour),
			"terms": map[string]any{"method": "plurality", "secrecy": "open", "tie": "checkpoint", "window_hours": 0, "options": []map[string]string{{"id": "", "label": "North"}, {"id": "", "label": "South"}}},
		}
		if _, r := s.call("", "POST", "/polls", draft); r.code != 401 {
			t.Errorf("nobody sets up a vote: %d", r.code)
		}
		if _, r := s.call("ana", "POST", "/polls", draft); r.code != 403 {
			t.Errorf("a resident sets up a vote: %d %s", r.code, r.body)
		}
		wrong := map[string]any{"org": s.org, "title": "", "opens": s.now, "closes": s.now, "terms": draft["terms"]}
		if _, r := s.call("run1", "POST", "/polls", wrong); r.code != 422 || !strings.Contains(r.body, "body.title") {
			t.Errorf("a vote without a title: %d %s", r.code, r.body)
		}
		s.othersName(draft)
		p, r := s.call("run1", "POST", "/polls", draft)
		if r.code != 201 || p.State != "draft" || len(p.Terms.Options) != 2 {
			t.Fatalf("a draft: %d %s", r.code, r.body)
		}
		at := "/polls/" + p.ID
		if _, r := s.call("ana", "GET", at, nil); r.code != 404 {
			t.Errorf("a draft is shown to a resident: %d", r.code)
		}
		draft["title"], draft["version"] = "Which well is dug first?", p.Version
		if p, r = s.call("run1", "PUT", at, draft); r.code != 200 || p.Title != "Which well is dug first?" {
			t.Errorf("an edit: %d %s", r.code, r.body)
		}
		if _, r := s.call("run1", "PUT", at, draft); r.code != 409 {
			t.Errorf("an edit of an old version: %d", r.code)
		}
		if _, r := s.call("run1", "POST", at+"/steps", map[string]any{"step": "declare"}); r.code < 400 {
			t.Errorf("a vote without voters is declared: %d", r.code)
		}
		if _, r := s.call("run1", "PUT", at+"/voters", map[string]any{"list": "nobody@vote.example"}); r.code != 422 {
			t.Errorf("a voter whom nobody knows: %d %s", r.code, r.body)
		}
		if p, r = s.call("run1", "PUT", at+"/voters", map[string]any{"list": "ana@vote.example\nben@vote.example\ncas@vote.example"}); r.code != 200 || p.Electors != 3 {
			t.Errorf("three voters: %d %s", r.code, r.body)
		}
		s.runByAPI(at)
	}, schemas...)
}

// othersName sets a vote up in the name of an organisation that is not one's own:
// not even whoever runs a forum may, for votes about it.
func (s *site) othersName(draft map[string]any) {
	s.t.Helper()
	s.Office.Hosts["forum"] = ballot.Host{May: func(context.Context, *db.Tx, who.Actor, ballot.Poll) error { return nil }}
	defer delete(s.Office.Hosts, "forum")
	theirs := maps.Clone(draft)
	theirs["about"] = record.Ref{Kind: "forum", ID: "f"}
	for _, org := range []string{"another", ""} {
		theirs["org"] = org
		if _, r := s.call("run1", "POST", "/polls", theirs); r.code != 403 && r.code != 422 {
			s.t.Errorf("a vote in the name of %q: %d %s", org, r.code, r.body)
		}
	}
}

// runByAPI declares a vote, lets the clock open and close it, and reads the result.
func (s *site) runByAPI(at string) {
	s.t.Helper()
	t := s.t
	if _, r := s.call("ana", "POST", at+"/steps", map[string]any{"step": "declare"}); r.code != 403 && r.code != 404 {
		t.Errorf("a voter declares the vote: %d", r.code)
	}
	p, r := s.call("run1", "POST", at+"/steps", map[string]any{"step": "declare"})
	if r.code != 200 || p.State != "declared" {
		t.Fatalf("declared: %d %s", r.code, r.body)
	}
	if _, r := s.call("run1", "PUT", at+"/voters", map[string]any{"list": "ana@vote.example"}); r.code != 409 {
		t.Errorf("the voters of a declared vote change: %d", r.code)
	}
	s.now = s.now.Add(2 * time.Hour)
	must(t, s.Office.Advance(t.Context(), p.ID))
	choice := map[string]any{"choices": []string{p.Terms.Options[1].ID}}
	for _, name := range []string{"ana", "ben"} {
		if _, r := s.call(name, "POST", at+"/ballots", choice); r.code != 201 {
			t.Fatalf("%s votes: %d %s", name, r.code, r.body)
		}
	}
	if _, r := s.call("run1", "POST", at+"/steps", map[string]any{"step": "extend", "closes": s.now.Add(time.Hour), "reason": "Sooner is better"}); r.code < 400 {
		t.Errorf("the end comes closer: %d", r.code)
	}
	if p, r := s.call("run1", "POST", at+"/steps", map[string]any{"step": "extend", "closes": s.now.Add(72 * time.Hour), "reason": "The road was flooded"}); r.code != 200 || !p.Closes.Equal(s.now.Add(72*time.Hour)) {
		t.Errorf("extended: %d %s", r.code, r.body)
	}
	s.now = s.now.Add(80 * time.Hour)
	must(t, s.Office.Advance(t.Context(), p.ID))
	s.now = s.now.Add(time.Hour)
	must(t, s.Office.Advance(t.Context(), p.ID))
	p, _ = s.call("", "GET", at, nil)
	if p.Result == nil || p.Result.Cast != 2 || p.Result.Elected[0] != p.Terms.Options[1].ID {
		t.Fatalf("the result: %+v", p)
	}
	s.rowsBehind(p)
}

// rowsBehind adds up the lists behind the numbers of a result.
func (s *site) rowsBehind(p PollBody) {
	s.t.Helper()
	sum := func(path, column string) (n int) {
		r := httptest.NewRequest("GET", "/api/v1"+path, nil)
		var out struct{ Rows []map[string]any }
		must(s.t, json.Unmarshal([]byte(s.ask("", r).body), &out))
		for _, row := range out.Rows {
			n += int(row[column].(float64))
		}
		return n
	}
	for path, want := range map[string]int{
		"/poll-ballots?is=cast&poll=" + p.ID: 2, "/poll-ballots?is=blank&poll=" + p.ID: 0, "/poll-ballots?option=" + p.Terms.Options[1].ID + "&poll=" + p.ID: 2,
		"/poll-ballots?option=" + p.Terms.Options[0].ID + "&poll=" + p.ID: 0,
	} {
		if got := sum(path, "votes"); got != want {
			s.t.Errorf("%s: %d votes, want %d", path, got, want)
		}
	}
	for path, want := range map[string]int{"/poll-voters?by=state&is=took_part&poll=" + p.ID: 2, "/poll-voters?by=state&poll=" + p.ID: 3, "/poll-voters?by=bloc&poll=" + p.ID: 3} {
		if got := sum(path, "voters"); got != want {
			s.t.Errorf("%s: %d voters, want %d", path, got, want)
		}
	}
}
