package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"ceiba/internal/service/i18n"
)

func words(t testing.TB, lang string) context.Context {
	t.Helper()
	c := i18n.NewCatalog()
	if err := c.Add("ui", Words); err != nil {
		t.Fatal(err)
	}
	return i18n.With(context.Background(), c.For(lang))
}

func markup(t testing.TB, ctx context.Context, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// tree parses what c renders; fragments get a body around them.
func tree(t testing.TB, ctx context.Context, c templ.Component) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader(markup(t, ctx, c)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func elements(n *html.Node, tag string) []*html.Node {
	var out []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && (tag == "" || d.Data == tag) {
			out = append(out, d)
		}
	}
	return out
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// whole is the living page in its frame: every component in every state.
func whole() templ.Component {
	p := Page{
		Title: "How Ceiba looks", Site: Site{Place: "Belize"}, Nonce: "n0nce", Kind: Form, Demo: true, Search: "/search", SignIn: "/in", Report: "/report", Refresh: 5,
		Nav: []NavItem{{"Promises", "/a", true}, {"Money", "/b", false}}, Footer: []NavItem{{Text: "About", Href: "/about"}},
		Crumbs: []Link{{"Ceiba", "/"}}, Flash: &Notice{Tone: Done, Text: "Saved."}, Feeds: []Feed{{Title: "Changes", Href: "/feed.atom"}},
		Alternates: []Alternate{{"en", "English", "?lang=en", true}, {"es", "Español", "?lang=es", false}},
	}
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return p.Render(templ.WithChildren(ctx, Design{}), w)
	})
}

func TestEveryComponentKeepsThePolicy(t *testing.T) {
	root := tree(t, words(t, "en"), whole())
	ids := map[string]bool{}
	for _, n := range elements(root, "") {
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s %s=%q>: the policy forbids it", n.Data, a.Key, a.Val)
			}
		}
		if id, ok := attr(n, "id"); ok {
			if ids[id] {
				t.Errorf("id %q stands twice", id)
			}
			ids[id] = true
		}
		if nonce, _ := attr(n, "nonce"); n.Data == "script" && nonce != "n0nce" {
			t.Error("a script without nonce")
		}
	}
	for _, n := range elements(root, "") {
		for _, key := range []string{"aria-describedby", "aria-labelledby", "for", "list", "data-copy", "data-take"} {
			v, _ := attr(n, key)
			for _, id := range strings.Fields(v) {
				if !ids[id] {
					t.Errorf("<%s %s=%q> points to nothing", n.Data, key, id)
				}
			}
		}
		if href, _ := attr(n, "href"); n.Data == "a" && strings.HasPrefix(href, "#") && len(href) > 1 && !ids[href[1:]] {
			t.Errorf("the link %q leads nowhere", href)
		}
	}
}

func TestEveryControlHasAName(t *testing.T) {
	root := tree(t, words(t, "en"), whole())
	labelled := map[string]bool{}
	for _, l := range elements(root, "label") {
		id, _ := attr(l, "for")
		labelled[id] = text(l) != ""
	}
	for _, tag := range []string{"input", "select", "textarea"} {
		for _, n := range elements(root, tag) {
			id, _ := attr(n, "id")
			if kind, _ := attr(n, "type"); kind != "hidden" && !labelled[id] {
				t.Errorf("<%s id=%q> has no label", tag, id)
			}
		}
	}
	for _, tag := range []string{"a", "button", "summary", "th"} {
		for _, n := range elements(root, tag) {
			if text(n) == "" {
				t.Errorf("<%s> without words: %v", tag, n.Attr)
			}
		}
	}
	for _, n := range elements(root, "svg") {
		_, hidden := attr(n, "aria-hidden")
		_, named := attr(n, "aria-labelledby")
		_, called := attr(n, "aria-label")
		if !hidden && !named && !called && n.Parent.Data != "svg" && !inside(n, "aria-hidden") && !inside(n, "aria-labelledby") && !inside(n, "aria-label") {
			t.Errorf("a drawing that is neither hidden nor named, in <%s>", n.Parent.Data)
		}
	}
}

func inside(n *html.Node, key string) bool {
	for a := range n.Ancestors() {
		if _, ok := attr(a, key); ok {
			return true
		}
	}
	return false
}

func TestErrorsLeadToTheirFields(t *testing.T) {
	ctx := words(t, "en")
	form := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		f := FormBox{Action: "/x", Submit: "Send", Version: 3, Errors: []FieldError{{"title", "Give it a title."}, {"since", "Name the day."}}}
		return f.Render(templ.WithChildren(ctx, templ.Join(
			TextField{Name: "title", Label: "Title", Hint: "Short.", Error: "Give it a title."}, DateField{Name: "since", Label: "Since", Error: "Name the day."},
			TextField{Name: "more", Label: "More", Optional: true},
		)), w)
	})
	root := tree(t, ctx, form)
	var targets []string
	for _, a := range elements(root, "a") {
		href, _ := attr(a, "href")
		targets = append(targets, href)
	}
	if got := strings.Join(targets, " "); got != "#f-title #f-since" {
		t.Errorf("the summary links to %s", got)
	}
	for _, in := range elements(root, "input") {
		switch id, _ := attr(in, "id"); id {
		case "f-title":
			by, _ := attr(in, "aria-describedby")
			wrong, _ := attr(in, "aria-invalid")
			_, must := attr(in, "required")
			if by != "f-title-hint f-title-error" || wrong != "true" || !must {
				t.Errorf("title: described by %q, invalid %q, required %v", by, wrong, must)
			}
		case "f-more":
			if _, must := attr(in, "required"); must {
				t.Error("an optional field is required")
			}
		}
	}
	all := text(root)
	for _, want := range []string{"There are 2 things to put right", "More (optional)", "For example 27 3 2026"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in %s", want, all)
		}
	}
	if !strings.Contains(markup(t, ctx, form), `name="version" value="3"`) {
		t.Error("the version is not sent")
	}
}

func TestChainNamesWhatIsMissing(t *testing.T) {
	root := tree(t, words(t, "es"), Chain{Current: StepContract, Links: []ChainLink{
		{Step: StepContract, Items: []ChainItem{{"Lote 2", "", Late, "atrasado"}}},
		{Step: StepBudget, Items: []ChainItem{{"Partida 1204", "/b", Done, "aprobada"}}},
		{Step: StepSeen, AddHref: "/add"},
		{Step: StepPlace, Who: "la alcaldía"},
	}})
	items := elements(root, "li")
	if len(items) != len(Steps) {
		t.Fatalf("%d links, want %d", len(items), len(Steps))
	}
	for i, want := range []string{"Aún no hay un problema", "Aún no hay aportes", "Aún no hay un compromiso", "Partida 1204 aprobada", "usted está aquí Lote 2 atrasado", "Puede añadirlo: la alcaldía", "Añadirlo"} {
		if got := text(items[i]); !strings.Contains(got, want) {
			t.Errorf("link %d says %q, want %q", i, got, want)
		}
	}
	if here, _ := attr(items[4], "aria-current"); here != "true" {
		t.Error("the current link is not marked")
	}
	for i, want := range []string{"open", "open", "open", "joined", "open"} {
		if class, _ := attr(items[i], "class"); !strings.Contains(class, want) {
			t.Errorf("line after link %d: %q, want %s", i, class, want)
		}
	}
	if got := markup(t, words(t, "en"), Chain{}); got != "" {
		t.Errorf("a kind outside the chain without links shows %q", got)
	}
}

func TestTextIsEscapedEverywhere(t *testing.T) {
	const evil = `"><script>alert(1)</script>`
	ctx := words(t, "en")
	for _, c := range []templ.Component{
		TextField{Name: evil, Label: evil, Hint: evil, Error: evil, Value: evil, Suffix: evil, List: []string{evil}},
		TextArea{Name: "x", Label: evil, Value: "</textarea>" + evil},
		Select{Name: "x", Label: evil, Options: []Option{{Value: evil, Label: evil, Group: evil}}},
		Table{ID: evil, Caption: evil, Columns: []Column{{Label: evil, Unit: evil, SortHref: evil}}, Rows: [][]Cell{{{Text: evil, Note: evil}}}},
		Chain{Current: StepProblem, Links: []ChainLink{{Step: StepProblem, Items: []ChainItem{{evil, evil, Done, evil}}}, {Step: StepSeen, Missing: evil, Who: evil}}},
		Thread{Title: evil, Comments: []Comment{{ID: evil, Author: evil, Text: evil, Removed: ""}, {Removed: evil}}},
		BarChart{Chart: Chart{ID: evil, Title: evil, Unit: evil, Desc: evil, Source: Link{evil, evil}}, Bars: []Bar{{Label: evil, Value: 1, Text: evil}}},
		StackedBars{Chart: Chart{ID: evil, Title: evil}, Series: []string{evil}, Rows: []StackRow{{evil, []float64{1}}}},
		Map{ID: evil, Title: evil, Source: evil, GeoURL: evil, Points: []Point{{Title: evil, Href: evil, State: evil}}, Areas: []Area{{Name: evil, Href: evil}}},
		Files{[]File{{Name: evil, Href: evil, Format: evil, SHA256: evil}}},
		APICall{ID: evil, URL: evil},
		Conflict{Fields: []ConflictField{{Name: evil, Mine: evil, Theirs: evil}}},
	} {
		if got := markup(t, ctx, c); strings.Contains(got, "<script") {
			t.Errorf("%T lets markup through", c)
		}
	}
	for _, c := range []templ.Component{Button{Text: "x", Href: "javascript:alert(1)"}, Table{Columns: []Column{{Label: "x"}}, Rows: [][]Cell{{LinkCell("x", "javascript:alert(1)")}}}, Map{ID: "m", Areas: []Area{{Href: "javascript:alert(1)"}}}, CardList{Items: []Card{{Href: "javascript:alert(1)"}}}} {
		if got := markup(t, ctx, c); strings.Contains(got, `"javascript:`) {
			t.Errorf("%T keeps a javascript: address: %s", c, got)
		}
	}
}

func TestWordsAreComplete(t *testing.T) {
	have := map[string]map[string]any{}
	for _, lang := range []string{"en", "es"} {
		raw, err := Words.ReadFile("locale/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]any{}
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		have[lang] = m
	}
	for k := range have["en"] {
		if have["es"][k] == nil {
			t.Errorf("no Spanish for %s", k)
		}
	}
	used := map[string]bool{"ui.timeline": true, "ui.thread": true, "ui.chain": true, "ui.pager": true, "ui.crumbs": true}
	for _, s := range Steps {
		used["ui.chain.step."+string(s)], used["ui.chain.missing."+string(s)] = true, true
	}
	for _, k := range sendingWords {
		used["ui.upload."+k] = true
	}
	call := regexp.MustCompile(`\b(?:[tn]|SayN?)\(ctx, "(?:ui\.)?([a-z_.]+[a-z_])"`)
	files, err := filepath.Glob("*.templ")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(files, more...) {
		if strings.HasSuffix(f, "_templ.go") || strings.HasSuffix(f, "_test.go") {
			continue
		}
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(src), -1) {
			used["ui."+m[1]] = true
		}
	}
	for k := range used {
		if have["en"][k] == nil {
			t.Errorf("%s is used and has no words", k)
		}
	}
	for k := range have["en"] {
		if !used[k] {
			t.Errorf("%s is never used", k)
		}
	}
}

func TestChartsKeepTheirNumbers(t *testing.T) {
	ctx := words(t, "en")
	root := tree(t, ctx, designLine())
	if rows := len(elements(root, "tr")); rows != 13 {
		t.Errorf("the table under the chart has %d rows, want 13", rows)
	}
	if lines := len(elements(root, "polyline")); lines != 4 { // one of the three has a gap
		t.Errorf("%d runs of line, want 4", lines)
	}
	if all := text(root); !strings.Contains(all, "answered 262") || !strings.Contains(all, "–") {
		t.Errorf("no direct label or no dash for the gap: %s", all)
	}
	if got := text(tree(t, ctx, LineChart{Chart: Chart{Title: "None"}})); !strings.Contains(got, "Nothing to draw yet.") {
		t.Errorf("an empty chart says %q", got)
	}
}

func TestScales(t *testing.T) {
	for _, x := range []struct {
		lo, hi float64
		want   string
	}{
		{0, 10, "[0 2.5 5 7.5 10]"}, {0, 274, "[0 100 200 300]"}, {-3, 7, "[-5 -2.5 0 2.5 5 7.5]"}, {5, 5, "[5 5.25 5.5 5.75 6]"}, {0, 1e9, "[0 2.5e+08 5e+08 7.5e+08 1e+09]"},
	} {
		if got := fmt.Sprint(steps(x.lo, x.hi, 4)); got != x.want {
			t.Errorf("steps(%v, %v) = %s, want %s", x.lo, x.hi, got, x.want)
		}
	}
	s, _ := span(true, math.NaN(), 40, 80)
	if s.min != 0 || s.at(s.max) != 100 || s.at(math.NaN()) != 0 {
		t.Errorf("span = %+v", s)
	}
	for _, b := range designMoreBars().place(words(t, "en")) {
		if strings.HasPrefix(b.x, "-") || strings.HasPrefix(b.width, "-") {
			t.Errorf("%s stands at %s, %s wide", b.Label, b.x, b.width)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, x := range []struct {
		in   string
		want string
	}{
		{"Toledo", "[Toledo]"},
		{"", "[]"},
		{"one two three four five six", "[one two three…four five six]"},
		{"one two three four five six seven eight nine", "[one two three…four five six…]"},
	} {
		got := wrap(x.in, 14)
		if s := "[" + strings.Join(got, "…") + "]"; s != x.want {
			t.Errorf("wrap(%q) = %s, want %s", x.in, s, x.want)
		}
	}
}

func TestTheStillMapLiesUnderThePins(t *testing.T) {
	f := Belize
	x, y := f.at(f.MinLon, f.MaxLat)
	if x != 0 || y != 0 {
		t.Errorf("the north-west corner is at %v,%v", x, y)
	}
	x, y = f.at(f.MaxLon, f.MinLat)
	if math.Abs(x-mapWidth) > 1e-9 || math.Abs(y-f.height()) > 1e-9 {
		t.Errorf("the south-east corner is at %v,%v of %v,%v", x, y, mapWidth, f.height())
	}
	mid := (f.MinLat + f.MaxLat) / 2
	if _, y = f.at(f.MinLon, mid); y <= f.height()/2 { // Mercator stretches towards the pole
		t.Errorf("the middle latitude is at %v of %v", y, f.height())
	}
}

func TestWithQuery(t *testing.T) {
	q := map[string][]string{"d": {"BZ-TOL"}, "after": {"x"}}
	if got := WithQuery("/c", q, "sort", "value", "after"); got != "/c?d=BZ-TOL&sort=value" {
		t.Errorf("got %s", got)
	}
	if got := WithQuery("/c", q, "d", "", "after"); got != "/c" {
		t.Errorf("got %s", got)
	}
	if got := ReportHref("/report", "/c?a=b&c"); got != "/report?page=%2Fc%3Fa%3Db%26c" {
		t.Errorf("got %s", got)
	}
}

func TestProgressSaysHowFar(t *testing.T) {
	ctx := words(t, "en")
	p := Progress{Words: "Reading", Done: 412_000, Total: 1_000_000, State: Going, Poll: "/jobs/1.json"}
	if got := text(tree(t, ctx, p)); !strings.Contains(got, "412,000 of 1,000,000 (41 %)") {
		t.Errorf("got %q", got)
	}
	if got := markup(t, ctx, p); !strings.Contains(got, "data-progress") || !strings.Contains(got, `data-of="{done} of {total} ({percent} %)"`) {
		t.Errorf("a script could not follow it: %s", got)
	}
	p.State = Done
	if got := markup(t, ctx, p); strings.Contains(got, "data-progress") {
		t.Error("finished work is still watched")
	}
}

func TestTimesAreBelizes(t *testing.T) {
	at := time.Date(2026, 3, 4, 3, 0, 0, 0, time.UTC)
	if got := text(tree(t, words(t, "es"), Timeline{Items: []Event{{At: at, Title: "x"}}})); !strings.Contains(got, "3 de marzo de 2026") {
		t.Errorf("got %q", got)
	}
}

// The frame of a page with a table of 50 rows: what a list costs.
func BenchmarkPage(b *testing.B) {
	tb := designTable()
	row := tb.Rows[0]
	tb.Rows = nil
	for range 50 {
		tb.Rows = append(tb.Rows, row)
	}
	p := Page{Title: "Contracts", Nonce: "x", Search: "/search", Crumbs: []Link{{"Ceiba", "/"}}, Report: "/report", Nav: []NavItem{{"Promises", "/a", false}, {"Money", "/b", true}}}
	ctx := words(b, "en")
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Render(templ.WithChildren(ctx, tb), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

// A table of 50 rows is what a list page costs most for.
func BenchmarkTable(b *testing.B) {
	tb := designTable()
	row := tb.Rows[0]
	tb.Rows = nil
	for range 50 {
		tb.Rows = append(tb.Rows, row)
	}
	ctx := words(b, "en")
	b.ReportAllocs()
	for b.Loop() {
		if err := tb.Render(ctx, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
