package paragraph

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const draft = `# Roads

We will pave the access road to the village by June.

We will repair two bridges before the rains begin.

## Money

The ministry publishes every payment within a month.
`

func TestSplit(t *testing.T) {
	ps := Match(nil, Split(draft+"\n```\n# no heading\n\nstill code\n```\n- a\n- b\n"), 1).Paragraphs
	want := []struct {
		id, section, text string
		level             int
	}{
		{"1", "1", "# Roads", 1},
		{"2", "1", "We will pave the access road to the village by June.", 0},
		{"3", "1", "We will repair two bridges before the rains begin.", 0},
		{"4", "4", "## Money", 2},
		{"5", "4", "The ministry publishes every payment within a month.", 0},
		{"6", "4", "```\n# no heading\n\nstill code\n```\n- a\n- b", 0},
	}
	if len(ps) != len(want) {
		t.Fatalf("%d paragraphs: %+v", len(ps), ps)
	}
	for i, w := range want {
		if p := ps[i]; p.ID != w.id || p.Section != w.section || p.Text != w.text || p.Level != w.level {
			t.Errorf("paragraph %d: %+v, want %+v", i, p, w)
		}
	}
	if again := Split(Join(ps)); len(again) != len(ps) {
		t.Errorf("joined and cut again there are %d", len(again))
	}
	if Sum("Garífuna  road") != Sum("Gari\u0301funa\nroad ") {
		t.Error("the form of a letter and white space change the sum")
	}
}

func TestMatch(t *testing.T) {
	former := Match(nil, Split(draft), 1)
	m := Match(former.Paragraphs, Split(`# Roads

We will repair two bridges before the rains begin.

Light comes to every bus stop.

We will pave the whole access road to the village by December.
`), former.Next)
	var got []string
	for i, p := range m.Paragraphs {
		got = append(got, p.ID+" "+string(m.Fates[i]))
	}
	if want := []string{"1 same", "3 same", "6 new", "2 changed"}; !slices.Equal(got, want) || m.Count(Gone) != 2 || m.Next != 7 {
		t.Errorf("got %v, gone %d, next %d; want %v", got, m.Count(Gone), m.Next, want)
	}
	turned := Match(former.Paragraphs, []Paragraph{former.Paragraphs[4], former.Paragraphs[1], former.Paragraphs[2]}, former.Next)
	if turned.Count(Moved) != 1 || turned.Fates[0] != Moved || turned.Paragraphs[0].ID != "5" {
		t.Errorf("what was moved to the top: %v", turned.Fates)
	}
}

func words(t *rapid.T, n int) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(strings.Fields("road bridge pays by June village council sees all")), 1, n).Draw(t, "words"), " ")
}

func textIn(t *rapid.T) []Paragraph {
	var b strings.Builder
	for range rapid.IntRange(0, 12).Draw(t, "paragraphs") {
		if rapid.IntRange(0, 4).Draw(t, "heading") == 0 {
			b.WriteString("## ")
		}
		b.WriteString(words(t, 12) + "\n\n")
	}
	return Split(b.String())
}

// TestNumbersAreKept: over any row of versions no two paragraphs share a number,
// no number is given twice, what is the same keeps its own, and what was there
// is still there or listed as gone.
func TestNumbersAreKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, seen := Match(nil, textIn(t), 1), map[string]bool{}
		for range rapid.IntRange(1, 5).Draw(t, "versions") {
			for _, p := range m.Paragraphs {
				seen[p.ID] = true
			}
			next := Match(m.Paragraphs, textIn(t), m.Next)
			if again := Match(m.Paragraphs, stripped(next.Paragraphs), m.Next); fmt.Sprint(again) != fmt.Sprint(next) {
				t.Fatal("the same two versions matched in two ways")
			}
			mine := map[string]bool{}
			kept := len(next.Gone)
			for i, p := range next.Paragraphs {
				if mine[p.ID] {
					t.Fatalf("number %s twice", p.ID)
				}
				mine[p.ID] = true
				if seen[p.ID] == (next.Fates[i] == New) {
					t.Fatalf("paragraph %s is %s", p.ID, next.Fates[i])
				}
				if next.Fates[i] != New {
					kept++
				}
			}
			if kept != len(m.Paragraphs) {
				t.Fatalf("%d of %d are accounted for", kept, len(m.Paragraphs))
			}
			m = next
		}
	})
}

func stripped(ps []Paragraph) []Paragraph {
	ps = slices.Clone(ps)
	for i := range ps {
		ps[i].ID, ps[i].Section = "", ""
	}
	return ps
}

// TestLongText: two thousand paragraphs, each of them changed, half of them
// moved, cost a fixed number of comparisons each.
func TestLongText(t *testing.T) {
	const n = 2000
	var texts [2][]string
	for i := range n {
		texts[0] = append(texts[0], fmt.Sprintf("Commitment %d of the plan says what office%d does by month%d and who sees it happen.", i, i%97, i%13))
		texts[1] = append(texts[1], fmt.Sprintf("Commitment %d of the draft plan says what office%d will do by month%d and who sees it happen.", i, i%97, i%13))
	}
	slices.Reverse(texts[1][:n/2])
	former := Match(nil, Split(strings.Join(texts[0], "\n\n")), 1)
	m := Match(former.Paragraphs, Split(strings.Join(texts[1], "\n\n")), former.Next)
	if m.Compared > 2*window*n || m.Count(Changed) < n*9/10 {
		t.Errorf("%d comparisons, %d changed, %d new", m.Compared, m.Count(Changed), m.Count(New))
	}
	other := make([]string, n)
	for i := range other {
		other[i] = fmt.Sprintf("Nothing here is like number %d", i)
	}
	if m = Match(former.Paragraphs, Split(strings.Join(other, "\n\n")), former.Next); m.Compared > 2*window*n || m.Count(Gone) != n {
		t.Errorf("a new text: %d comparisons, %d gone", m.Compared, m.Count(Gone))
	}
}

func TestCommon(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pick := rapid.SampledFrom(strings.Fields("a b c d"))
		a, b := rapid.SliceOfN(pick, 0, 150).Draw(t, "a"), rapid.SliceOfN(pick, 0, 150).Draw(t, "b")
		row := make([]int, len(b)+1)
		for _, x := range a {
			diagonal := 0
			for j, y := range b {
				up := row[j+1]
				if row[j+1] = max(up, row[j]); x == y {
					row[j+1] = diagonal + 1
				}
				diagonal = up
			}
		}
		if got := common(a, b); got != row[len(b)] {
			t.Fatalf("got %d, want %d", got, row[len(b)])
		}
	})
}

// TestAnchorIsNeverLost: whatever becomes of a text, an anchor names a paragraph
// that holds its words, or is an orphan and none does in its own surroundings;
// and when the text comes back, so does the anchor.
func TestAnchorIsNeverLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Match(nil, append(textIn(t), made("the last one stays", 0)), 1)
		p := rapid.SampledFrom(m.Paragraphs).Draw(t, "paragraph")
		all := strings.Fields(p.Text)
		quote := ""
		if rapid.Bool().Draw(t, "part") {
			i := rapid.IntRange(0, len(all)-1).Draw(t, "from")
			quote = strings.Join(all[i:rapid.IntRange(i+1, len(all)).Draw(t, "to")], " ")
		}
		a, ok := AnchorAt(p, quote)
		if !ok {
			t.Fatalf("%q is not in %q", quote, p.Text)
		}
		if at, h := NewText(m.Paragraphs).Locate(a); at != p.ID || h != Exact {
			t.Fatalf("in its own version: %s, %s", at, h)
		}
		next := Match(m.Paragraphs, textIn(t), m.Next)
		at, h := NewText(next.Paragraphs).Locate(a)
		i, there := Find(next.Paragraphs, at)
		switch {
		case (h == Orphaned) != (at == ""):
			t.Fatalf("%s in %q", h, at)
		case h == Orphaned:
			if _, own := Find(next.Paragraphs, a.Paragraph); own && a.Quote == "" {
				t.Fatal("an orphan whose paragraph is there")
			}
			for _, p := range next.Paragraphs {
				if a.Quote != "" && strings.Contains(Normalised(p.Text), a.Prefix+a.Quote+a.Suffix) {
					t.Fatalf("an orphan, and yet it is in %q", p.Text)
				}
			}
		case !there || a.Quote != "" && !strings.Contains(Normalised(next.Paragraphs[i].Text), a.Quote):
			t.Fatalf("%s in %s, which does not hold it", h, at)
		}
		if at, h := NewText(m.Paragraphs).Locate(a); at != p.ID || h != Exact {
			t.Fatalf("after the text came back: %s, %s", at, h)
		}
	})
}
