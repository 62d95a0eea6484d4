package app

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"ceiba/internal/ground/config"
)

// TestT8_5EveryPublicNumberLinksToItsRows is T8.5 of the specification of OGP's
// rules: every public number links to its rows and is downloadable. It reads the
// public pages of the demonstration, from the first page on as a visitor would,
// follows every figure (ui.Figure) to the list behind it, and counts the rows of
// its CSV and of its JSON. Then it looks for numbers that are shown without being
// figures: the sentences of the catalogue that hold numbers, numbers in tables and
// large ones.
func TestT8_5EveryPublicNumberLinksToItsRows(t *testing.T) {
	h := openHouse(t, config.Store{})
	h.quiet() // the index of the records follows the log
	f := &figures{house: h, t: t, v: h.as("nobody"), pages: map[string]*html.Node{}, files: map[string][]map[string]string{}, told: map[string]bool{}}
	f.looseSentences()
	f.crawl("/")
	for _, path := range slices.Sorted(maps.Keys(f.pages)) {
		f.page(path, f.pages[path])
	}
	if f.followed < 100 {
		t.Errorf("only %d figures were found on %d pages: is the mark-up still what this test reads?", f.followed, len(f.pages))
	}
	t.Logf("figure: %d figures on %d pages, %d lists", f.followed, len(f.pages), len(f.files))
}

// TestEveryListPagesAndHasCSV reads the description of the API: a list that anybody
// may read pages by key, and the same address has it as a page and as CSV.
func TestEveryListPagesAndHasCSV(t *testing.T) {
	h := openHouse(t, config.Store{})
	routes := map[string]bool{}
	for _, rt := range h.Server.Routes() {
		routes[rt.Pattern()] = true
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
			Tags       []string
		}
	}
	must(t, json.Unmarshal([]byte(h.ask(h.as("nobody"), ask{path: "/api/v1/openapi.json"}).body), &doc))
	lists := 0
	for path, ops := range doc.Paths {
		op, ok := ops["get"]
		short := strings.TrimPrefix(path, "/api/v1")
		if !ok || strings.Contains(path, "{") || notLists[short] != "" {
			continue
		}
		lists++
		pages := false
		for _, p := range op.Parameters {
			pages = pages || slices.Contains([]string{"cursor", "before"}, p.Name)
		}
		if !pages {
			t.Errorf("GET %s does not page", path)
		}
		if !routes["GET "+short] || !routes["GET "+short+".csv"] {
			t.Errorf("GET %s has no page %s with a file %s.csv (package listing makes both)", path, short, short)
		}
	}
	t.Logf("figure: %d lists", lists)
}

// notLists are addresses of the API that answer a question, or lists of parts that
// come later, each with the reason.
var notLists = map[string]string{
	"/openapi.json": "the description", "/ledger": "a checkpoint", "/search": "an answer, by how well it fits", "/where": "an answer", "/districts": "six, as GeoJSON",
	"/datasets": "of the catalogue, which has an export", "/places": "of the map, which has files", "/news": "of the office's own pages", "/moderation/log": "of moderation", "/ocds/records": "packages in the form of the standard, of the rows of /contracting",
}

// figures walks through pages and what their figures lead to.
type figures struct {
	*house
	t        *testing.T
	v        *visitor
	pages    map[string]*html.Node
	files    map[string][]map[string]string // rows of the CSV behind an address
	loose    map[string]*regexp.Regexp      // sentences that hold a number, by their keys
	spared   []*regexp.Regexp               // those in which it may stand as it is
	told     map[string]bool                // what was complained of already
	followed int
}

// beyond are addresses that hold no figures of the collaboration part: the
// catalogue of data, files, machinery, forms, and one page for each of many rows.
var beyond = regexp.MustCompile(`^/(datasets?|resource|api|static|map|ledger|sign-in|sign-out|demo|report-error|place|places|design|record|comment|moderation|search|attachment|admin|account|recover|language|health)(/|$|\?|\.)|\.(csv|json|atom|ics|pdf|md|zip|svg|txt|html|xlsx)($|\?)|/(download|receipt)(/|$|\?)|[?&](cursor|before|from|version|lang)=`)

func (f *figures) crawl(from string) {
	f.t.Helper()
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		if f.pages[path] != nil || beyond.MatchString(path) {
			continue
		}
		root := f.open(path)
		if root == nil {
			continue
		}
		f.pages[path] = root
		for _, a := range all(root, func(n *html.Node) bool { return n.Data == "a" && !strings.Contains(attr(n, "class"), "figure") }) {
			if to, ok := within(path, attr(a, "href")); ok {
				queue = append(queue, to)
			}
		}
	}
}

// open asks for a page, through the redirects to its readable address.
func (f *figures) open(path string) *html.Node {
	f.t.Helper()
	for range 3 {
		r := f.ask(f.v, ask{path: path})
		if r.status >= 300 && r.status < 400 {
			to, ok := within(path, r.header.Get("Location"))
			if !ok || beyond.MatchString(to) || f.pages[to] != nil {
				return nil
			}
			path = to
			continue
		}
		if r.status != 200 {
			f.t.Errorf("%s: status %d", path, r.status)
			return nil
		}
		if !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
			return nil
		}
		root, err := html.Parse(strings.NewReader(r.body))
		must(f.t, err)
		return root
	}
	return nil
}

// within is an address of this site without its fragment.
func within(page, href string) (string, bool) {
	base, err := url.Parse(page)
	if err != nil {
		return "", false
	}
	u, err := base.Parse(href)
	if err != nil || href == "" || u.Host != "" || u.Scheme != "" {
		return "", false
	}
	u.Fragment = ""
	return u.String(), true
}

func (f *figures) page(path string, root *html.Node) {
	main := first(root, func(n *html.Node) bool { return n.Data == "main" })
	if main == nil {
		return
	}
	for _, n := range all(main, func(n *html.Node) bool { return attr(n, "data-figure") != "" }) {
		f.follow(path, n)
	}
	if isList(main) { // of rows itself: its file and the API must say the same
		if _, err := f.rows(path, path+"#data"); err != nil {
			f.t.Errorf("%s: %v", path, err)
		}
		return
	}
	f.looseNumbers(path, main)
}

// isList reports whether a page offers the rows that it lists.
func isList(main *html.Node) bool {
	data := first(main, func(n *html.Node) bool { return n.Data == "section" && attr(n, "id") == "data" })
	return data != nil && first(data, func(n *html.Node) bool { return has(n, "data-rows") }) != nil
}

// follow goes to the rows of one figure and counts them.
func (f *figures) follow(path string, n *html.Node) {
	f.t.Helper()
	f.followed++
	shown, _ := strconv.Atoi(attr(n, "data-n"))
	href := attr(n, "href")
	if href == "" {
		f.t.Errorf("%s shows %q (%d), which leads to no rows", path, saidBy(n), shown)
		return
	}
	rows, err := f.rows(path, href)
	if err != nil {
		f.t.Errorf("%s shows %q (%d), which leads to %s: %v", path, saidBy(n), shown, href, err)
		return
	}
	got := len(rows)
	switch attr(n, "data-figure") {
	case "total":
		got = 0
		for _, r := range rows {
			x, err := strconv.Atoi(r[attr(n, "data-column")])
			if err != nil {
				f.t.Errorf("%s: %s has no number in column %s", path, href, attr(n, "data-column"))
			}
			got += x
		}
	case "derived":
		if got > 0 {
			return
		}
		shown = 1 // at least
	}
	if got != shown {
		f.t.Errorf("%s shows %q (%d), and the rows at %s give %d", path, saidBy(n), shown, href, got)
	}
}

// rows are the rows of the CSV that the page at href offers; where its address has
// a fragment, that part of the page. The JSON beside it must have as many.
func (f *figures) rows(from, href string) ([]map[string]string, error) {
	at, ok := within(from, href)
	if !ok {
		return nil, fmt.Errorf("no address of this site")
	}
	_, fragment, _ := strings.Cut(href, "#")
	if known, ok := f.files[at+"#"+fragment]; ok {
		return known, nil
	}
	root := f.pages[at]
	if root == nil {
		if root = f.open(at); root == nil {
			return nil, fmt.Errorf("no page answers")
		}
	}
	if raw := unsaid.FindString(saidBy(root)); raw != "" {
		return nil, fmt.Errorf("the page says %q instead of words", raw)
	}
	part := root
	if fragment != "" {
		if part = first(root, func(n *html.Node) bool { return attr(n, "id") == fragment }); part == nil {
			return nil, fmt.Errorf("nothing on the page is called %s", fragment)
		}
	}
	link := first(part, func(n *html.Node) bool { return n.Data == "a" && has(n, "data-rows") })
	if link == nil {
		return nil, fmt.Errorf("the page offers no download of its rows (data-rows)")
	}
	file, _ := within(at, attr(link, "href"))
	rows, err := f.download(file)
	if err != nil {
		return nil, err
	}
	var near *html.Node
	for p := link.Parent; p != nil && near == nil; p = p.Parent {
		near = first(p, func(n *html.Node) bool { return n.Data == "a" && attr(n, "type") == "application/json" })
	}
	if near == nil {
		return nil, fmt.Errorf("the page offers no JSON of its rows")
	}
	jsonAt, _ := within(at, attr(near, "href"))
	if n, err := f.viaAPI(jsonAt); err != nil || n != len(rows) {
		return nil, fmt.Errorf("%s has %d rows and %s has %d (%v)", file, len(rows), jsonAt, n, err)
	}
	f.files[at+"#"+fragment] = rows
	return rows, nil
}

func (f *figures) download(path string) ([]map[string]string, error) {
	r := f.ask(f.v, ask{path: path})
	if r.status != 200 || !strings.HasPrefix(r.header.Get("Content-Type"), "text/csv") {
		return nil, fmt.Errorf("%s: status %d, %s", path, r.status, r.header.Get("Content-Type"))
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(r.body, "\ufeff"))).ReadAll()
	if err != nil || len(lines) == 0 {
		return nil, fmt.Errorf("%s is no CSV with a header: %v", path, err)
	}
	rows := []map[string]string{}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// viaAPI counts what a list of the API holds, over all its pages.
func (f *figures) viaAPI(path string) (n int, err error) {
	under, seen := "cursor", map[string]bool{}
	for cursor, more := "", true; more; more = cursor != "" {
		if seen[cursor] {
			return 0, fmt.Errorf("%s never ends: page %q comes again", path, cursor)
		}
		seen[cursor] = true
		at, err := url.Parse(path)
		if err != nil {
			return 0, err
		}
		q := at.Query()
		if cursor != "" {
			q.Set(under, cursor)
		}
		at.RawQuery = q.Encode()
		r := f.ask(f.v, ask{path: at.String()})
		if r.status != 200 {
			return 0, fmt.Errorf("%s: status %d %s", at, r.status, visible(r.body))
		}
		var body map[string]any
		if err := json.Unmarshal([]byte(r.body), &body); err != nil {
			return 0, err
		}
		if cursor, _ = body["next"].(string); cursor == "" && body["next"] != nil { // the log pages back by number
			cursor, under = fmt.Sprintf("%.0f", body["next"]), "before"
		}
		lists := 0
		for _, v := range body {
			if list, ok := v.([]any); ok {
				n, lists = n+len(list), lists+1
			}
		}
		if lists != 1 {
			return 0, fmt.Errorf("%s holds %d lists", at, lists)
		}
	}
	return n, nil
}

// looseNumbers complains of numbers that are shown and are no figures.
func (f *figures) looseNumbers(path string, main *html.Node) {
	for _, n := range all(main, block) {
		said := outside(n)
		for _, sentence := range f.spared {
			said = sentence.ReplaceAllString(said, " # ")
		}
		for key, sentence := range f.loose {
			if found := sentence.FindString(said); found != "" && !f.told[found] {
				f.told[found] = true
				f.t.Errorf("%s says %q (%s): make its numbers figures (ui.Say), or name the key in notCounted with the reason", path, strings.TrimSpace(found), key)
			}
		}
	}
	large := func(n *html.Node) bool {
		class := strings.Fields(attr(n, "class"))
		return slices.Contains(class, "stat-value") || n.Data == "td" && slices.Contains(class, "number")
	}
	for _, n := range all(main, large) {
		if said := strings.TrimSpace(outside(n)); bareNumber.MatchString(said) && !entered[attr(n, "data-label")] {
			f.t.Errorf("%s shows %q (%s), which is no figure (ui.Figure)", path, said, attr(n, "data-label"))
		}
	}
}

// unsaid is a key of the words that was shown instead of its sentence.
var unsaid = regexp.MustCompile(`\b(listing|\w+)\.(list|by)\.[a-z_]+(\.[a-z_]+)*|\b\w+\.comments\.col\.\w+`)

var bareNumber = regexp.MustCompile(`^[\d,.]+( ?%)?$`)

// entered are columns whose numbers somebody typed: nothing was worked out.
var entered = map[string]bool{"People reached": true, "№": true, "Minutes": true}

func block(n *html.Node) bool {
	switch n.Data {
	case "p", "td", "th", "li", "dd", "dt", "h1", "h2", "h3", "summary", "caption":
		return true
	}
	return false
}

// outside is the text of an element without its figures, forms and blocks.
func outside(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case attr(c, "data-figure") != "":
				b.WriteString("#")
			case c.Type == html.ElementNode && (block(c) || c.Data == "form" || c.Data == "svg"):
				b.WriteString(" ")
			default:
				walk(c)
			}
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

// looseSentences are the English sentences of pages that say a number, each as an
// expression that finds it where the number was not made a figure.
func (f *figures) looseSentences() {
	f.loose = map[string]*regexp.Regexp{}
	var spared []string
	for _, keys := range notCounted {
		spared = append(spared, keys...)
	}
	for key, text := range countingSentences(f.t) {
		switch {
		case slices.Contains(notCounted[tooGeneral], key):
		case slices.Contains(spared, key):
			f.spared = append(f.spared, sentenceWith(text))
		default:
			f.loose[key] = sentenceWith(text)
		}
	}
}

// sentenceWith finds a sentence with numbers in its places.
func sentenceWith(text string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`(?:^|\W)`)
	at := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(regexp.QuoteMeta(unbracketed.Replace(text[at:m[0]])))
		if counting[text[m[2]:m[3]]] {
			b.WriteString(`[\d,]+`)
		} else {
			b.WriteString(`.{1,80}?`)
		}
		at = m[1]
	}
	b.WriteString(regexp.QuoteMeta(unbracketed.Replace(text[at:])) + `(?:\W|$)`)
	return regexp.MustCompile(b.String())
}

var (
	placeholder = regexp.MustCompile(`\{(\w+)\}`)
	unbracketed = strings.NewReplacer("[", "", "]", "")
)

// counting are the names under which sentences take numbers.
var counting = map[string]bool{
	"n": true, "of": true, "done": true, "kept": true, "late": true, "silent": true, "days": true, "percent": true, "all": true, "answered": true, "present": true, "need": true,
	"seats": true, "filled": true, "total": true, "count": true, "left": true, "yes": true, "no": true, "open": true, "size": true,
	"government": true, "others": true, "calls": true,
}

// countingSentences are the sentences, in both forms, that hold at least one such
// number and say something beside it.
func countingSentences(t testing.TB) map[string]string {
	out := map[string]string{}
	for _, folder := range figureWords {
		raw, err := os.ReadFile("../" + folder + "/locale/en.json")
		must(t, err)
		var words map[string]any
		must(t, json.Unmarshal(raw, &words))
		for key, v := range words {
			forms, ok := v.(map[string]any)
			if !ok {
				forms = map[string]any{"": v}
			}
			for form, v := range forms {
				s, _ := v.(string)
				for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
					if counting[m[1]] && len(placeholder.ReplaceAllString(s, "")) > 3 {
						out[strings.TrimSuffix(key+"/"+form, "/")] = s
					}
				}
			}
		}
	}
	return out
}

// figureWords are the packages whose pages are read, by the folder of their words.
var figureWords = []string{
	"collaboration/plan", "collaboration/plan/asked", "collaboration/plan/exchange", "collaboration/plan/joint", "collaboration/plan/repository", "collaboration/plan/review",
	"collaboration/plan/template", "collaboration/forum", "collaboration/consultation/pages", "face/talk",
	"site/answer", "site/ballot", "site/meeting", "story", "face/ui", "collaboration/procurement",
}

// tooGeneral is the reason for sentences of so few words that they find any number.
const tooGeneral = "finds any number"

// notCounted are sentences whose numbers are not worked out from rows, by the reason.
var notCounted = map[string][]string{
	"a name": {
		"plan.version_n", "consultation.version_n", "consultation.old_version", "consultation.on_paragraph", "consultation.paragraph", "consultation.note_on",
		"consultation.as_it_was", "consultation.compare_with", "consultation.orphaned", "plan.phase_n", "planreview.edition_n", "forum.number", "forum.rules.version", "meetings.item", "meetings.version",
	},
	"a rule of the method or of the site": {"planreview.comments_rule", "forum.call_short", "polls.choose_up_to/one", "polls.choose_up_to/other"},
	"how many rows stand right below": {
		"story.events/one", "story.events/other", "story.on_page/one", "story.on_page/other", "consultation.shown/one", "consultation.shown/other",
		"consultation.shown_notes/one", "consultation.shown_notes/other", "consultation.shown_paragraphs/one", "consultation.shown_paragraphs/other",
		"call.shows/one", "call.shows/other", "call.shows_first/one", "call.shows_first/other", "call.n_calls/one", "call.n_calls/other", "call.matching/one", "call.matching/other", "call.n_inputs/one", "call.n_inputs/other",
		"meetings.shown/one", "meetings.shown/other", "polls.n/one", "polls.n/other", "story.n_orgs/one", "story.n_orgs/other",
	},
	"the strip of the chain, all of which is in sight": {"ui.chain.summary"},
	"what somebody announced":                          {"meetings.capacity/one", "meetings.capacity/other", "procurement.bidders/other"},
	"matches nearly everything":                        {"planexchange.of", "planreview.position", "polls.cast_of.text", "ui.upload.of", "ui.upload.sofar"},
}

// has, first, all and saidBy read mark-up.

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func first(n *html.Node, ok func(*html.Node) bool) *html.Node {
	if n.Type == html.ElementNode && ok(n) {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if found := first(c, ok); found != nil {
			return found
		}
	}
	return nil
}

func all(n *html.Node, ok func(*html.Node) bool) (out []*html.Node) {
	if n.Type == html.ElementNode && ok(n) {
		out = append(out, n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		out = append(out, all(c, ok)...)
	}
	return out
}

func saidBy(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(saidBy(c))
	}
	return strings.TrimSpace(b.String())
}
