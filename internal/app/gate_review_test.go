package app

import "net/url"

// assessments makes one whose draft is open for comments and one that only
// reviewers see, through the forms.
func (h *house) assessments() {
	h.t.Helper()
	v := h.as("evaluator")
	plan := h.one(`SELECT id FROM plan WHERE state <> 'preparing' ORDER BY id DESC LIMIT 1`)
	for _, word := range []string{"openassess", "zqxassess"} {
		h.done(v, "/assessments", url.Values{
			"plan": {plan}, "product": {"co_creation_brief"}, "title": {"Brief " + word}, "lang": {"en"}, "overview": {"About " + word},
			"recommendations": {"Do " + word}, "sources": {"From " + word},
		})
		x := thing{kind: "assessment", id: h.one(`SELECT id FROM assessment ORDER BY id DESC LIMIT 1`), org: h.org, state: "draft", keep: "assessment.write", marker: word}
		if word == "openassess" {
			h.done(v, "/assessment/"+x.id+"/move", url.Values{"to": {"commenting"}, "version": {"1"}, "days": {"14"}})
			x.state, x.marker = "published", ""
		}
		h.add(x)
	}
}
