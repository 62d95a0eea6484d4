package app

import (
	"regexp"
	"strings"
	"testing"
)

var helpLink = regexp.MustCompile(`href="(/[^"/][^"]*)"`)

// TestHelpLeadsSomewhere follows every link of the help pages, in both languages,
// as somebody who may open all of them.
func TestHelpLeadsSomewhere(t *testing.T) {
	h := openHouse(t, storeIn(t))
	seen := map[string]bool{}
	for _, page := range []string{"help", "help-residents", "help-civil-society", "help-officials", "help-secretariat", "help-reviewers", "help-journalists"} {
		for _, lang := range []string{"en", "es"} {
			r := h.get(h.as("nobody"), "/page/"+page+"?lang="+lang)
			if r.status != 200 {
				t.Errorf("%s in %s: %d", page, lang, r.status)
			}
			_, main, _ := strings.Cut(r.body, "<main")
			main, _, _ = strings.Cut(main, "</main>")
			links := helpLink.FindAllStringSubmatch(main, -1)
			if len(links) < 3 {
				t.Errorf("%s in %s has %d links", page, lang, len(links))
			}
			for _, l := range links {
				if to := l[1]; !seen[to] {
					seen[to] = true
					if got := h.get(h.as("administrator"), to); got.status != 200 {
						t.Errorf("%s leads to %s: %d", page, to, got.status)
					}
				}
			}
		}
	}
}
