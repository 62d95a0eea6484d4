package ui

import (
	"regexp"
	"strings"
	"testing"
)

var anyTag = regexp.MustCompile(`<span class="hidden">[^<]*</span>|<[^>]*>`)

// TestDifference: each side shows its own text to the letter, white space
// included, and what differs carries a mark and words for those who listen.
func TestDifference(t *testing.T) {
	var b strings.Builder
	c := Difference{Old: "Pave  <b>the</b>\nroad.", New: "Pave the\nwhole road."}
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"Pave  &lt;b&gt;the&lt;/b&gt;\nroad.", "Pave the\nwhole road."} {
		_, side, _ := strings.Cut(strings.Split(b.String(), `<p class="said">`)[i+1], "")
		side, _, _ = strings.Cut(side, "</p>")
		if got := anyTag.ReplaceAllString(side, ""); got != want {
			t.Errorf("side %d shows %q, want %q in\n%s", i, got, want, b.String())
		}
	}
	for _, s := range []string{`<del><span class="hidden">`, `<ins><span class="hidden">`} {
		if !strings.Contains(b.String(), s) {
			t.Errorf("no %s in\n%s", s, b.String())
		}
	}
}
