package app

import (
	"strconv"
	"strings"
	"testing"
)

// TestPromisesOfADistrict reads a district's view of the promises: its own and
// those for the whole country, what people there asked for in numbers that the
// database agrees with, and the feed of its own promises alone.
func TestPromisesOfADistrict(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *house) {
		v := h.as("nobody")
		h.quiet()
		page := h.get(v, "/promises/BZ-TOL")
		here, country, _ := strings.Cut(page.body, `id="country"`)
		if page.status != 200 || !strings.Contains(here, "every village sees its drains repaired") || !strings.Contains(said(here), "1 promise for this district") || !strings.Contains(here, "Demonstration Ministry of Works") {
			t.Errorf("%d %s", page.status, visible(here))
		}
		if strings.Contains(here, "open data strategy") || !strings.Contains(country, "open data strategy") || strings.Contains(page.body, "health posts say what they have") {
			t.Errorf("for the whole country: %s", visible(country))
		}
		if strings.Contains(page.body, "zqxplan") {
			t.Error("a plan in preparation is told of")
		}
		for _, district := range []string{"BZ-OW", "BZ-TOL", "BZ-CZL"} {
			all := h.one(`SELECT CAST(count(*) AS TEXT) FROM answer_input WHERE view = 'visible' AND district = $1`, district)
			answered := h.one(`SELECT CAST(count(*) AS TEXT) FROM answer_input WHERE view = 'visible' AND district = $1 AND state NOT IN ('received', 'acknowledged', 'considered')`, district)
			body := h.get(v, "/promises/"+district).body
			if want := all + " input"; !strings.Contains(said(body), want) || !strings.Contains(said(body), ", "+answered+" of them answered") {
				t.Errorf("%s does not say %q, %s answered", district, want, answered)
			}
			if n, err := strconv.Atoi(all); err == nil && n > 0 && !strings.Contains(body, "?district="+district+`"`) {
				t.Errorf("%s: the number leads nowhere", district)
			}
		}
		feed := h.get(v, "/activity.atom?district=BZ-TOL").body
		if !strings.Contains(feed, "every village sees its drains repaired") || strings.Contains(feed, "open data strategy") || !strings.Contains(feed, "Promises for Toledo") {
			t.Errorf("the feed: %s", feed)
		}
		if none := h.get(v, "/activity.atom?district=BZ-CZL").body; strings.Contains(none, "<entry>") {
			t.Errorf("a district without promises has a feed with entries: %s", none)
		}
		for path, status := range map[string]int{"/promises/BZ-XX": 404, "/promises/nowhere": 404, "/promises/bz-tol": 301, "/promises": 200} {
			if got := h.get(v, path); got.status != status {
				t.Errorf("%s: %d, not %d", path, got.status, status)
			}
		}
		for _, path := range []string{"/place/BZ-TOL", "/plan/" + h.one(`SELECT id FROM plan WHERE title LIKE 'Demonstration: a plan that is being kept'`)} {
			r := h.get(v, path)
			if to := r.header.Get("Location"); to != "" {
				r = h.get(v, to)
			}
			if !strings.Contains(r.body, `href="/promises/BZ-TOL"`) {
				t.Errorf("%s does not lead to the promises of Toledo", path)
			}
		}
		if es := h.ask(v, ask{method: "GET", path: "/promises/BZ-TOL?lang=es"}); !strings.Contains(es.body, "¿Cómo lo sabemos?") {
			t.Error("not in Spanish")
		}
	})
}
