package worddiff

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// marked writes runs as people mark a text: [-taken out-] {+put in+}.
func marked(runs []Run) string {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString([]string{"", "[-", "{+"}[r.Kind] + r.Text + []string{"", "-]", "+}"}[r.Kind])
	}
	return b.String()
}

func TestDiff(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"", "", ""},
		{"The same.", "The same.", "The same."},
		{"", "New words", "{+New words+}"},
		{"Old words", "", "[-Old words-]"},
		{"The road opens in June.", "The road opens in July.", "The road opens in [-June-]{+July+}."},
		{"We will pave the road.", "We will pave and light the whole road.", "We will pave {+and light +}the{+ whole+} road."},
		{"one two three", "uno dos tres", "[-one two three-]{+uno dos tres+}"},
		{"a  b", "a b", "a[-  -]{+ +}b"},
		{"Garífuna’s áü", "Garifuna’s áü", "[-Garífuna’s-]{+Garifuna’s+} áü"},
		{"<b>x</b>", "<i>x</i>", "<[-b-]{+i+}>x</[-b-]{+i+}>"},
		{"bad \xff byte", "bad \xfe byte", "bad [-\xff-]{+\xfe+} byte"},
	} {
		if got := marked(Diff(c.before, c.after)); got != c.want {
			t.Errorf("%q to %q: %s, want %s", c.before, c.after, got, c.want)
		}
	}
}

func textOf(t *rapid.T, name string) string {
	return rapid.StringMatching(`([abc]{1,2}|[ \n]{1,2}|[.,é<]){0,40}`).Draw(t, name)
}

// TestNothingIsLost: both texts can be put together from the runs, which come in
// one order.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := textOf(t, "before"), textOf(t, "after")
		steps := rapid.IntRange(0, 400).Draw(t, "steps") // exact or not
		runs, _ := diff(before, after, steps)
		var was, is string
		last := Equal
		for i, r := range runs {
			if r.Text == "" || i > 0 && (r.Kind == last || r.Kind == Delete && last == Insert) {
				t.Fatalf("run %d of %v", i, runs)
			}
			last = r.Kind
			if r.Kind != Insert {
				was += r.Text
			}
			if r.Kind != Delete {
				is += r.Text
			}
		}
		if was != before || is != after {
			t.Fatalf("%q and %q out of %v", was, is, runs)
		}
	})
}

// TestShortest compares the number of changed tokens with the length of the
// longest common subsequence, found the slow way.
func TestShortest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := textOf(t, "before"), textOf(t, "after")
		d := &differ{left: Steps, number: map[string]int{}}
		olds, news := tokens(before), tokens(after)
		d.a, d.b = d.numbers(olds), d.numbers(news)
		d.gone, d.come = make([]bool, len(olds)), make([]bool, len(news))
		d.walk(0, len(olds), 0, len(news))
		changed := 0
		for _, x := range append(append([]bool{}, d.gone...), d.come...) {
			if x {
				changed++
			}
		}
		if want := len(olds) + len(news) - 2*common(d.a, d.b); changed != want {
			t.Fatalf("%q to %q: %d tokens change, %d would do", before, after, changed, want)
		}
	})
}

func common(a, b []int) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			up := row[j+1]
			if x == y {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(row[j+1], row[j])
			}
			diagonal = up
		}
	}
	return row[len(b)]
}

// TestBounded: two long texts that share nothing in the same order cost no more
// than the steps that are allowed.
func TestBounded(t *testing.T) {
	var before, after strings.Builder
	for i := range 60_000 {
		before.WriteString(string(rune('a'+i%7)) + string(rune('a'+i%11)) + " ")
		after.WriteString(string(rune('a'+i%13)) + string(rune('a'+i%5)) + ",")
	}
	runs, steps := diff(before.String(), after.String(), Steps)
	if steps > Steps+200_000 || len(runs) == 0 {
		t.Errorf("%d steps, %d runs", steps, len(runs))
	}
}

func FuzzDiff(f *testing.F) {
	f.Add("The road.", "The bridge.")
	f.Fuzz(func(t *testing.T, before, after string) {
		var was, is string
		for _, r := range Diff(before, after) {
			if r.Kind != Insert {
				was += r.Text
			}
			if r.Kind != Delete {
				is += r.Text
			}
		}
		if was != before || is != after {
			t.Fatalf("%q and %q became %q and %q", before, after, was, is)
		}
	})
}
