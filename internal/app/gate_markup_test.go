package app

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// payloads are texts that become part of a page where it forgets to escape
// them. Each makes an element zqx-el, an attribute or a script that names zqx.
var payloads = []string{
	`'"--></title></textarea></script></style><zqx-el zqxattr=1><script>zqx()</script><img src=zqx onerror=zqx()>`,
	`" autofocus onfocus=zqx() zqxattr="`,
	`javascript:zqx()//`,
	`"><svg onload=zqx()>`,
	`<script>zqx()</script>`,
	`'><zqx-el zqxattr='`,
	"` onmouseover=zqx() `",
	`</script><script>zqx()</script>`,
	`<![CDATA[<zqx-el>]]>`,
	`&lt;zqx-el&gt;&#60;zqx-el&#62;`,
	`{{constructor.constructor('zqx()')()}}<zqx-el>`,
	`[click](javascript:zqx()) ![x](x" onerror="zqx()) <zqx-el>`,
	`<a href="data:text/html,<script>zqx()</script>">zqx</a>`,
	`<math><mtext></form><form><mglyph><style></math><img src=zqx onerror=zqx()>`,
	"\u2028</script>\u2029<zqx-el>",
	`%3Czqx-el%3E\u003czqx-el\u003e`,
}

// sentPayloads are those of this run.
func sentPayloads() []string {
	if full() {
		return payloads
	}
	return payloads[:3]
}

// TestGateStoredMarkup stores each payload in every text of every form that the
// program shows, in table cells, headers and file names, and then reads every
// page as every role: no page may contain an element, an attribute or a script
// that a payload made, and JSON must be typed as JSON (reliability 1.2: 1 to 3,
// 8, 9).
func TestGateStoredMarkup(t *testing.T) {
	wholeOnEach(t, func(t *testing.T, h *house) {
		c := &crawler{house: h}
		for _, p := range sentPayloads() {
			h.plant(h.as("editor"), p)
		}
		filled := 0
		for _, kind := range []string{"editor", "administrator", "resident"} {
			for _, p := range sentPayloads() {
				filled += c.fill(h.as(kind), p)
			}
		}
		h.quiet()
		readers := []string{"nobody", "editor", "administrator"}
		if full() {
			readers = kinds
		}
		for _, kind := range readers {
			c.crawl(h.as(kind), nil)
		}
		c.bite()
		t.Logf("figure: %d payloads, %d forms filled, %d pages read, %d of them with a payload in their text", len(sentPayloads()), filled, c.read, c.met)
		if filled < 5 || c.met < 10 {
			t.Errorf("only %d forms were filled and %d pages showed a payload: the gate has no teeth", filled, c.met)
		}
	})
}

// plant makes datasets, one public and one not, whose every text is the
// payload, with a table whose header, cells and name are.
func (h *house) plant(v *visitor, p string) {
	h.t.Helper()
	for _, state := range []string{"published", "draft"} {
		form := datasetForm(h.org, "planted")
		for _, k := range []string{"title", "summary", "notes", "contact_name"} {
			form.Set(k, p)
		}
		form.Set("keywords", shortened(p, 55))
		form.Set("source", "https://example.org/?"+url.QueryEscape(p))
		d := between(h.t, h.post(v, "/datasets", form), "/dataset/", "/add")
		cell := `"` + strings.ReplaceAll(p, `"`, `""`) + `"`
		rows := cell + ",amount,district\n" + cell + ",1,Toledo\nplain,2,Cayo\n" + cell + "," + cell + ",Belize\n"
		body, typ := multi(h.t, strings.ReplaceAll(p, `"`, "")+".csv", []byte(rows), map[string]string{"title": p, "description": p})
		res := between(h.t, h.ask(v, ask{method: "POST", path: "/dataset/" + d + "/add", body: body, typ: typ}), "/resource/", "/work")
		h.await(res, "profiled")
		if state == "published" {
			if r := h.post(v, "/resource/"+res+"/publish", url.Values{"note": {p}, "personal_ok": {"1"}}); r.status != 303 {
				h.t.Fatalf("publishing %q: %d %s", p, r.status, alerts(r.body))
			}
			h.await(res, "published")
			h.move(v, d, state)
		}
	}
}

func shortened(s string, n int) string {
	r := []rune(strings.ReplaceAll(s, ",", ""))
	return string(r[:min(len(r), n)])
}

// crawler follows links and fills forms.
type crawler struct {
	*house
	read, met int
}

var idInPath = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|\d+`)

// shape is what pages of one sort have in common: their path without ids and
// the names of their parameters.
func shape(u *url.URL) string {
	var names []string
	for k := range u.Query() {
		names = append(names, k)
	}
	slices.Sort(names)
	parts := strings.Split(idInPath.ReplaceAllString(u.Path, "*"), "/")
	if len(parts) > 2 && (parts[1] == "dataset" || parts[1] == "organisation") {
		parts[2] = "*"
	}
	return strings.Join(parts, "/") + "?" + strings.Join(names, "&") + u.Query().Get("view")
}

// crawl visits what v reaches from the first pages, a few of each shape, checks
// every answer, and hands each page to see.
func (c *crawler) crawl(v *visitor, see func(path string, root *html.Node)) {
	c.t.Helper()
	queue := []string{"/", "/datasets?q=zqx", "/datasets/desk", "/account", "/admin", "/moderation", "/api/v1/datasets?limit=50", "/api/v1/openapi.json", "/activity.atom", "/activity.json", "/nothing?%3Czqx-el%3E=%22%3E%3Czqx-el%3E"}
	seen, shapes := map[string]bool{}, map[string]int{}
	each := 2 * len(sentPayloads())
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		u, err := url.Parse(path)
		if err != nil || seen[path] || u.Host != "" && "http://"+u.Host != c.url || u.Path == "" {
			continue
		}
		if seen[path] = true; shapes[shape(u)] >= each {
			continue
		}
		shapes[shape(u)]++
		r := c.get(v, u.RequestURI())
		c.read++
		if to := r.header.Get("Location"); to != "" {
			queue = append(queue, to)
		}
		root := c.clean(v, path, r)
		if root == nil {
			continue
		}
		queue = append(queue, linksOf(root)...)
		if see != nil {
			see(path, root)
		}
	}
}

func linksOf(root *html.Node) []string {
	var out []string
	for n := range root.Descendants() {
		if n.Data == "a" || n.Data == "link" {
			if to := attr(n, "href"); strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "/static/") && !strings.HasPrefix(to, "/sign-out") && !strings.Contains(to, "lang=") {
				out = append(out, to)
			}
		}
	}
	return out
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// clean checks an answer and returns it parsed, or nil if it is no page.
func (c *crawler) clean(v *visitor, path string, r gateReply) *html.Node {
	c.t.Helper()
	typ := r.header.Get("Content-Type")
	if r.status >= 500 && (r.status != 503 || r.header.Get("Retry-After") == "" && !strings.HasPrefix(path, "/ledger/pack/")) {
		c.t.Errorf("%s as %s: status %d\n%s", path, v.kind, r.status, c.said.tail())
	}
	if strings.Contains(r.body, "zqx") {
		c.met++
	}
	isJSON := strings.HasPrefix(typ, "application/") && strings.Contains(typ, "json")
	if (strings.HasPrefix(path, "/api/") || strings.HasSuffix(path, ".json")) && !isJSON && r.body != "" && r.status < 300 {
		c.t.Errorf("%s as %s is typed %q", path, v.kind, typ)
	}
	if isJSON && !strings.Contains(typ, "ndjson") && !json.Valid([]byte(r.body)) {
		c.t.Errorf("%s as %s is no JSON: %.200s", path, v.kind, r.body)
	}
	if !strings.Contains(typ, "html") && !strings.Contains(typ, "svg") && !strings.Contains(typ, "xml") {
		return nil
	}
	root, err := html.Parse(strings.NewReader(r.body))
	must(c.t, err)
	for _, wrong := range made(root) {
		c.t.Errorf("%s as %s: a payload became part of the page: %s", path, v.kind, wrong)
	}
	return root
}

// made lists what payloads, or inline handlers, made of a page.
func made(root *html.Node) []string {
	var out []string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if strings.HasPrefix(n.Data, "zqx") {
			out = append(out, "<"+n.Data+">")
		}
		if n.Data == "script" && n.FirstChild != nil && strings.Contains(n.FirstChild.Data, "zqx") && !strings.Contains(attr(n, "type"), "json") {
			out = append(out, "<script>"+n.FirstChild.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "zqx") || leads(a) {
				out = append(out, "<"+n.Data+" "+a.Key+"="+a.Val+">")
			}
		}
	}
	return out
}

// leads reports whether an attribute takes its reader into a script.
func leads(a html.Attribute) bool {
	if !slices.Contains([]string{"href", "src", "action", "formaction", "xlink:href", "data", "poster"}, a.Key) {
		return false
	}
	to := strings.ToLower(strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1
		}
		return r
	}, a.Val))
	return strings.HasPrefix(to, "javascript:") || strings.HasPrefix(to, "vbscript:") || strings.HasPrefix(to, "data:text") || strings.HasPrefix(to, "zqx")
}

// bite shows that the check notices each payload where a page does not escape.
func (c *crawler) bite() {
	c.t.Helper()
	for _, broken := range []string{payloads[0], `<input value="` + payloads[1] + `">`, `<a href="` + payloads[2] + `">`, "<p>" + payloads[3], `<input value='` + payloads[5] + `'>`} {
		root, err := html.Parse(strings.NewReader("<body>" + broken))
		must(c.t, err)
		if len(made(root)) == 0 {
			c.t.Errorf("the check does not notice %q", broken)
		}
	}
}

// fill sends every form that v meets, once for each shape of address, with the
// payload in every text, and returns how many.
func (c *crawler) fill(v *visitor, p string) int {
	c.t.Helper()
	done := map[string]bool{}
	var pending []ask
	c.crawl(v, func(path string, root *html.Node) {
		for n := range root.Descendants() {
			if n.Data != "form" || !strings.EqualFold(attr(n, "method"), "post") {
				continue
			}
			action, err := url.Parse(attr(n, "action"))
			if err != nil || done[shape(action)] || skipForm.MatchString(action.Path) {
				continue
			}
			done[shape(action)] = true
			pending = append(pending, c.filled(n, action.RequestURI(), p))
		}
	})
	for _, a := range pending {
		r := c.ask(v, a)
		c.clean(v, "POST "+a.path, r)
	}
	return len(pending)
}

// skipForm are the addresses whose forms end the visitor's own session or
// account, or what the gate has planted.
var skipForm = regexp.MustCompile(`/(sign-out|sign-in|remove|erase|end|withdraw|move|revoke|stop)$|^/demo/`)

// filled is a form as a browser would send it, its texts replaced.
func (c *crawler) filled(form *html.Node, action, p string) ask {
	c.t.Helper()
	values := url.Values{}
	for n := range form.Descendants() {
		name := attr(n, "name")
		if name == "" {
			continue
		}
		switch n.Data {
		case "textarea":
			values.Set(name, p)
		case "select":
			values.Set(name, chosenOption(n))
		case "input":
			setInput(values, n, name, p)
		}
	}
	if strings.Contains(attr(form, "enctype"), "multipart") {
		fields := map[string]string{}
		for k := range values {
			fields[k] = values.Get(k)
		}
		body, typ := multi(c.t, "p"+strings.ReplaceAll(p, `"`, "")+".csv", []byte("a,b\n1,2\n"), fields)
		return ask{method: "POST", path: action, body: body, typ: typ}
	}
	return ask{method: "POST", path: action, form: values}
}

func setInput(values url.Values, n *html.Node, name, p string) {
	checked := slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "checked" })
	switch attr(n, "type") {
	case "hidden", "number", "date", "submit":
		values.Add(name, attr(n, "value"))
	case "checkbox", "radio":
		if checked {
			values.Add(name, attr(n, "value"))
		}
	case "email":
		values.Set(name, "zqx@gate.example")
	case "url":
		values.Set(name, "https://example.org/?"+p)
	case "file":
	default:
		values.Set(name, p)
	}
}

func chosenOption(sel *html.Node) string {
	first, got := "", ""
	for n := range sel.Descendants() {
		if n.Data != "option" {
			continue
		}
		if v := attr(n, "value"); v != "" && first == "" {
			first = v
		}
		if slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "selected" }) {
			got = attr(n, "value")
		}
	}
	if got != "" {
		return got
	}
	return first
}
