package app

import (
	"net/url"
	"strings"
	"testing"
)

// joint makes a project with a pledge of its lead and an invitation that waits,
// through the forms.
func (h *house) joint(v *visitor) {
	h.t.Helper()
	h.done(v, "/joint", url.Values{"title": {"Joint openjoint"}, "lead": {h.org}, "problem": {"Of openjoint"}, "objective": {"To openjoint"}, "lang": {"en"}})
	project := h.one(`SELECT id FROM joint ORDER BY id DESC LIMIT 1`)
	h.add(thing{kind: "joint", id: project, org: h.org, state: "published"})
	h.done(v, "/joint/"+project+"/partners", url.Values{"org": {h.other}, "role": {"monitor"}})
	h.add(thing{kind: "partner", id: h.one(`SELECT id FROM joint_partner ORDER BY id DESC LIMIT 1`), org: h.other, state: "draft", keep: "joint.speak"})
	h.done(v, "/joint/"+project+"/pledges", url.Values{"org": {h.org}, "what": {"Pipes openjoint"}, "kind": {"money"}, "amount": {"1,200"}, "due.day": {"1"}, "due.month": {"2"}, "due.year": {"2099"}})
	h.add(thing{kind: "pledge", id: h.one(`SELECT id FROM joint_pledge ORDER BY id DESC LIMIT 1`), org: h.org, state: "published"})
}

// TestJointProjectsAreFound checks that the demonstration's project leads on from
// the commitment that it helps to keep, in its chain and in a part of its own,
// and from the page of all ways to take part.
func TestJointProjectsAreFound(t *testing.T) {
	h := openHouse(t, storeIn(t))
	of := h.one(`SELECT commitment FROM joint ORDER BY id LIMIT 1`)
	for path, words := range map[string][]string{
		"/commitment/" + of: {"Who gives what to it", "Said to be kept", `href="/joint/demonstration-repair-twenty-drains-together"`},
		"/take-part":        {"Joint projects", "Demonstration: repair twenty drains together"},
		"/plans":            {`href="/joint"`},
	} {
		r := h.get(h.as("nobody"), path)
		if to := r.header.Get("Location"); to != "" {
			r = h.get(h.as("nobody"), to)
		}
		for _, w := range words {
			if !strings.Contains(r.body, w) {
				t.Errorf("%s lacks %q", path, w)
			}
		}
	}
	page := h.get(h.as("nobody"), "/joint/demonstration-repair-twenty-drains-together").body
	if !strings.Contains(page, "/commitment/demonstration-every-village-sees-its-drains-repaired") {
		t.Error("the project does not lead to its commitment")
	}
}
