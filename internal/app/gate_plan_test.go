package app

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"ceiba/internal/service/i18n"
)

// plans makes one plan that is public and one that is being prepared, each with
// a commitment and a milestone, through the forms.
func (h *house) plans() {
	h.t.Helper()
	v := h.as("secretariat")
	for word, state := range map[string]string{"openplan": "published", "zqxplan": "draft"} {
		marker := ""
		if state == "draft" {
			marker = word
		}
		h.done(v, "/plans", url.Values{
			"title": {"Plan " + word}, "org": {h.org}, "summary": {"About " + word}, "lang": {"en"}, "level": {"national"}, "years": {"2"},
			"start_date": {"2027-01-01"}, "end_date": {"2028-12-31"}, "contact_email": {word + "@example.org"}, "introduction": {"Why " + word},
		})
		plan := h.one(`SELECT id FROM plan ORDER BY id DESC LIMIT 1`)
		h.add(thing{kind: "plan", id: plan, org: h.org, state: state, keep: "plan.write", marker: marker})
		h.done(v, "/plan/"+plan+"/commitments", url.Values{"title": {"Promise " + word}, "lang": {"en"}, "state": {"drafting"}, "problem": {"Of " + word}})
		commitment := h.one(`SELECT id FROM commitment ORDER BY id DESC LIMIT 1`)
		h.add(thing{kind: "commitment", id: commitment, org: h.org, state: state, keep: "plan.write", marker: marker})
		h.done(v, "/commitment/"+commitment+"/milestones", url.Values{"title": {"Step " + word}, "output": {"Seen " + word}, "version": {"1"}})
		h.add(thing{kind: "milestone", id: h.one(`SELECT id FROM milestone ORDER BY id DESC LIMIT 1`), org: h.org, state: state, keep: "plan.write", marker: marker})
		h.done(v, "/commitment/"+commitment+"/parties", url.Values{"org": {h.other}, "role": {"monitor"}})
		h.add(thing{kind: "party", id: h.one(`SELECT id FROM commitment_party ORDER BY id DESC LIMIT 1`), org: h.other, state: "draft", keep: "commitment.confirm"})
		body, typ := multi(h.t, word+".md", []byte("# "+word+"\n"), map[string]string{"title": "Paper " + word, "phase": "co_creation", "step": "ideas"})
		if r := h.ask(v, ask{method: "POST", path: "/plan/" + plan + "/papers", body: body, typ: typ}); r.status != 303 {
			h.t.Fatalf("a document: %d %s", r.status, visible(r.body))
		}
		h.add(thing{kind: "paper", id: h.one(`SELECT id FROM plan_paper ORDER BY id DESC LIMIT 1`), org: h.org, state: state, keep: "plan.write", marker: marker})
		if state == "published" {
			day := func(n int) string { return time.Now().In(i18n.Belize).AddDate(0, 0, n).Format(time.DateOnly) }
			h.done(v, "/plan/"+plan+"/timeline", url.Values{"title.1": {"Ideas"}, "kind.1": {"ideas"}, "starts.1": {day(20)}, "ends.1": {day(60)}, "how.1": {"Write"}})
		}
	}
}

// imported hands in a spreadsheet with a plan; only the secretariat sees it.
func (h *house) imported() {
	h.t.Helper()
	r := h.handPlan(h.as("secretariat"), "zqximport.csv", []byte("Number,Title,Milestone,Expected outputs\n1,Promise zqximport,Step,Seen\n"), map[string]string{"office": h.org, "title": "Plan zqximport"})
	id := between(h.t, r, "/plans/import/", "")
	h.add(thing{kind: "import", id: id, state: "draft", keep: "plan.import", marker: "zqximport"})
}

// TestGatePlanFiles hands files in as plans through the page: one that is a plan
// is shown first, taken in by a job, and exported again; what people send by
// mistake or malice is answered in words, and nothing of it is written.
func TestGatePlanFiles(t *testing.T) {
	wholeOnEach(t, func(t *testing.T, h *house) {
		v := h.as("secretariat")
		commitments := h.one(`SELECT CAST(count(*) AS TEXT) FROM commitment`)
		for _, f := range corpus(t) {
			r := h.handPlan(v, f.name, f.content, nil)
			if r.status < 400 || r.status >= 500 || alerts(r.body) == "" {
				t.Errorf("%s: status %d, %q\n%s", f.what, r.status, r.header.Get("Location"), alerts(r.body))
			}
		}
		text := []byte("Number,Title,Problem,Milestone,Expected outputs,End date\n1,Open drains,Floods,Survey,The survey is online,2027-12-31\n")
		lost := h.handPlan(v, "plan.csv", text, nil) // without an office the form comes again, and keeps the file
		kept := h.one(`SELECT id FROM plan_import WHERE state = 'received' ORDER BY id DESC LIMIT 1`)
		if lost.status != 422 || !strings.Contains(lost.body, kept) {
			t.Errorf("without an office: %d %s", lost.status, alerts(lost.body))
		}
		r := h.handPlan(v, "", nil, map[string]string{"office": h.org, "title": "A plan from a file", "lang": "en", "kept": kept})
		id := between(t, r, "/plans/import/", "")
		if now := h.one(`SELECT CAST(count(*) AS TEXT) FROM commitment`); now != commitments {
			t.Errorf("%s commitments after looking, %s before", now, commitments)
		}
		h.done(v, "/plans/import/"+id, url.Values{})
		h.until("the plan to be taken in", func() bool { return h.one(`SELECT state FROM plan_import WHERE id = $1`, id) == "done" })
		plan := h.one(`SELECT id FROM plan WHERE title = 'A plan from a file' AND state = 'preparing'`)
		if by := h.one(`SELECT created_by FROM plan WHERE id = $1`, plan); by != v.actor.ID {
			t.Errorf("made by %s, not by who asked", by)
		}
		if got := h.get(v, "/plan/"+plan+"/export.csv").body; !strings.Contains(got, "Open drains") {
			t.Errorf("the export lacks the commitment: %s", got)
		}
		again := h.handPlan(v, "export.json", []byte(h.get(v, "/plan/"+plan+"/export.json").body), nil)
		if page := h.get(v, again.header.Get("Location")).body; !strings.Contains(page, "1 that is here already") {
			t.Errorf("our own export is not known again: %s", visible(page))
		}
	})
}

func (h *house) handPlan(v *visitor, name string, content []byte, fields map[string]string) gateReply {
	h.t.Helper()
	body, typ := multi(h.t, name, content, fields)
	return h.ask(v, ask{method: "POST", path: "/plans/import", body: body, typ: typ})
}

// done sends a form that has to succeed.
func (h *house) done(v *visitor, path string, form url.Values) {
	h.t.Helper()
	if r := h.post(v, path, form); r.status != 303 {
		h.t.Fatalf("%s: %d %s", path, r.status, visible(r.body))
	}
}
