package paragraph

import (
	"slices"
	"strings"
)

// Context is how many characters before and after a quote an Anchor keeps.
const Context = 32

// Anchor names a passage: a whole paragraph, or a quote in it with what stood
// around it (W3C Web Annotation Data Model, TextQuoteSelector). Quote, Prefix
// and Suffix are normalised.
type Anchor struct {
	Paragraph string
	Quote     string // empty for the whole paragraph
	Prefix    string
	Suffix    string
	Text      string // of the paragraph as it was, Markdown
}

// Hold is how well an anchor holds in a version of the text.
type Hold string

// The ways an anchor can hold.
const (
	Exact    Hold = "exact"    // the words are where they were
	Shifted  Hold = "moved"    // they are in another place, or the paragraph around them has changed
	Orphaned Hold = "orphaned" // they are not in the text any more
)

// AnchorAt makes the anchor of a quote in a paragraph; an empty quote is the
// whole paragraph. ok is false when the paragraph does not hold the quote.
func AnchorAt(p Paragraph, quote string) (a Anchor, ok bool) {
	a = Anchor{Paragraph: p.ID, Quote: Normalised(quote), Text: p.Text}
	if a.Quote == "" {
		return a, true
	}
	text := Normalised(p.Text)
	before, after, ok := strings.Cut(text, a.Quote)
	if !ok {
		return a, false
	}
	a.Prefix, a.Suffix = last(before, Context), first(after, Context)
	return a, true
}

func first(s string, n int) string {
	r := []rune(s)
	return string(r[:min(n, len(r))])
}

func last(s string, n int) string {
	r := []rune(s)
	return string(r[max(0, len(r)-n):])
}

// Text is a version of a text in which many anchors are looked for.
type Text struct {
	paragraphs []Paragraph
	at         map[string]int
	normalised []string
}

// NewText prepares a version.
func NewText(ps []Paragraph) *Text {
	t := &Text{paragraphs: ps, at: map[string]int{}, normalised: make([]string, len(ps))}
	for i, p := range ps {
		t.at[p.ID], t.normalised[i] = i, Normalised(p.Text)
	}
	return t
}

// Locate finds an anchor's passage. paragraph is the one that it is in now, and
// empty for an orphan.
func (t *Text) Locate(a Anchor) (paragraph string, h Hold) {
	i, there := t.at[a.Paragraph]
	switch {
	case there && a.Quote == "" && t.normalised[i] == Normalised(a.Text):
		return a.Paragraph, Exact
	case there && a.Quote == "":
		return a.Paragraph, Shifted
	case there && strings.Contains(t.normalised[i], a.Prefix+a.Quote+a.Suffix):
		return a.Paragraph, Exact
	case there && strings.Contains(t.normalised[i], a.Quote):
		return a.Paragraph, Shifted
	}
	if j, ok := t.elsewhere(a); ok {
		return t.paragraphs[j].ID, Shifted
	}
	return "", Orphaned
}

// elsewhere looks for the passage in all paragraphs: with what stood around it
// first; without it only where it is the one such place and long enough not to
// be so by chance.
func (t *Text) elsewhere(a Anchor) (at int, ok bool) {
	if a.Quote == "" {
		j := slices.Index(t.normalised, Normalised(a.Text))
		return j, j >= 0
	}
	if j, n := t.count(a.Prefix + a.Quote + a.Suffix); n > 0 {
		return j, true
	}
	if len([]rune(a.Quote)) < Context {
		return 0, false
	}
	j, n := t.count(a.Quote)
	return j, n == 1
}

// count returns the first paragraph that holds a passage and how many do.
func (t *Text) count(passage string) (at, n int) {
	for j, text := range t.normalised {
		if strings.Contains(text, passage) {
			if n == 0 {
				at = j
			}
			n++
		}
	}
	return at, n
}
