package app

import (
	"net/url"
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
		h.done(v, "/plan/"+plan+"/papers", url.Values{"title": {"Paper " + word}, "url": {"https://example.org/" + word}, "phase": {"co_creation"}})
		h.add(thing{kind: "paper", id: h.one(`SELECT id FROM plan_paper ORDER BY id DESC LIMIT 1`), org: h.org, state: state, keep: "plan.write", marker: marker})
		if state == "published" {
			day := func(n int) string { return time.Now().In(i18n.Belize).AddDate(0, 0, n).Format(time.DateOnly) }
			h.done(v, "/plan/"+plan+"/timeline", url.Values{"title.1": {"Ideas"}, "kind.1": {"ideas"}, "starts.1": {day(20)}, "ends.1": {day(60)}, "how.1": {"Write"}})
		}
	}
}

// done sends a form that has to succeed.
func (h *house) done(v *visitor, path string, form url.Values) {
	h.t.Helper()
	if r := h.post(v, path, form); r.status != 303 {
		h.t.Fatalf("%s: %d %s", path, r.status, visible(r.body))
	}
}
