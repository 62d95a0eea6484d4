package template

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/ground/needtest"
)

func letters(texts ...string) (n int) {
	for _, r := range strings.Join(texts, "") {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// What is not a heading ends in some field: letters are counted, less those of
// headings and of what numbers a list ("Milestone 3:", "a)") or joins two dates
// ("to").
func TestParseLosesNothing(t *testing.T) {
	r, err := os.Open(filepath.Join(needtest.Data(t), "ogp", "open_parliament_0703.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	file, err := ogpfile.Read(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range file.Rows() {
		text := plain(r.Text(ogpfile.ColText))
		p := Parse("", text)
		want := letters(text)
		if p.Structured() {
			for _, m := range findHeadings(text) {
				want -= letters(text[m.from:m.to])
			}
		}
		got := 0
		for _, f := range fields {
			got += letters(p.Commitment.Get(f))
		}
		for _, m := range p.Commitment.Milestones {
			for _, f := range milestoneFields {
				got += letters(m.Get(f))
			}
		}
		if lost := want - got; lost < 0 || lost > 9*len(p.Commitment.Milestones) {
			t.Errorf("%s: %d letters of %d are lost, with %d milestones", r.ID(), lost, want, len(p.Commitment.Milestones))
		}
	}
}
