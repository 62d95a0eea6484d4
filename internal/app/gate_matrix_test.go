package app

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ceiba/internal/face/web"
)

// TestGateRoleMatrix asks for every route of the program, for every thing that
// an address can name, as every kind of visitor, and compares what comes with
// what the route's access and the policy say. What they do not allow must be
// refused, change nothing, and not contain one word of what the visitor may
// not see (reliability 1.2: 54 to 57).
func TestGateRoleMatrix(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *house) {
		h.furnish()
		m := &matrix{house: h, opened: map[string]bool{}}
		m.bodies, m.required = describedBy(h)
		for _, kind := range m.sent() {
			for _, rt := range h.Server.Routes() {
				m.reads(h.as(kind), rt)
				m.refused(h.as(kind), rt)
			}
			m.lists(h.as(kind))
		}
		m.reads(h.as("victim"), web.Route{Method: "GET", Path: "/datasets", Access: web.Public})
		m.doors()
		t.Logf("figure: %d routes, %d things, %d kinds of visitor, %d requests", len(h.Server.Routes()), len(h.things), len(m.sent()), m.asked)
	})
}

type matrix struct {
	*house
	bodies   map[string]map[string]any // what the API's writes take, by pattern
	required map[string]string         // what its reads insist on
	opened   map[string]bool           // patterns that answered somebody
	asked    int
}

// sent are the kinds of visitor that this run sends: all, save that the second
// engine gets those for whom the database decides.
func (m *matrix) sent() []string {
	if full() || m.Store.Database == "" {
		return kinds
	}
	return []string{"nobody", "resident", "member", "elsewhere", "key", "administrator"}
}

// allowed reports whether the route's access and the policy let v have what
// the target names.
func allowed(v *visitor, rt web.Route, at target) bool {
	a, action := v.actor, rt.Access.Action()
	if !rt.Access.Open() && (!a.SignedIn() || action != "" && !a.MayAnywhere(action)) {
		return false
	}
	if at.of == nil {
		return true
	}
	if at.of.owner != a.ID && (at.of.kind == "comment" && strings.HasSuffix(rt.Path, "/edit") || at.of.kind == "annotation" && (strings.HasSuffix(rt.Path, "/send") || strings.HasSuffix(rt.Path, "/retract"))) {
		return false // people write under their own name only
	}
	if at.of.state == "withdrawn" && strings.HasPrefix(rt.Path, "/record/") {
		return true // what was public keeps its followers and its discussion
	}
	if at.of.kind == "redflag" {
		return action == "" || a.MayAnywhere(action) // any organisation may reply, in its own name
	}
	return at.of.seenBy(a) && (action == "" || a.May(action, at.of.scope()))
}

// kept reports whether the target is public, so that only those who publish
// change it, or the visitor a key that may do little with its owner's account.
func kept(v *visitor, at target) bool {
	return at.of == nil && v.actor.Only != nil || at.of != nil && (at.of.state == "published" || at.of.state == "withdrawn") && !v.actor.May("dataset.publish", at.of.scope())
}

// refusal reports whether an answer gives nothing.
func refusal(r gateReply) bool {
	switch r.status {
	case 401, 403, 404, 410:
		return true
	case 303:
		return strings.HasPrefix(r.header.Get("Location"), "/sign-in")
	}
	return false
}

// reads walks the GET routes.
func (m *matrix) reads(v *visitor, rt web.Route) {
	m.t.Helper()
	if rt.Method != "GET" {
		return
	}
	for _, at := range m.targets(rt) {
		may, before, made := allowed(v, rt, at), m.acts(), m.made
		for _, q := range m.questions(rt) {
			r := m.get(v, at.path+q)
			m.asked++
			m.judge(v, rt, at.path+q, r)
			if to := r.header.Get("Location"); at.of != nil && !refusal(r) && strings.HasSuffix(to, at.of.id) && to != at.path {
				r = m.get(v, to) // a second address of the same thing
				m.judge(v, rt, to, r)
			}
			switch {
			case !may && !refusal(r):
				m.t.Errorf("%s as %s (%s): status %d, and it should be refused\n%s", at.path+q, v.kind, stateOf(at), r.status, visible(r.body))
			case may && (r.status == 401 || r.status == 403) && !kept(v, at):
				m.t.Errorf("%s as %s (%s): status %d, and the rules allow it\n%s", at.path+q, v.kind, stateOf(at), r.status, visible(r.body))
			case r.status < 400:
				m.opened[rt.Pattern()] = true
			}
		}
		if after := m.acts(); after != before && made == m.made {
			m.t.Errorf("GET %s as %s wrote to the log of activity: %s entries before, %s after", at.path, v.kind, before, after)
		}
	}
}

// questions are what else may follow a path: versions and formats by which a
// thing could leave. Parameters that an operation insists on come along.
func (m *matrix) questions(rt web.Route) []string {
	switch {
	case strings.HasSuffix(rt.Path, "/download"):
		return []string{"", "?format=csv", "?format=ndjson", "?version=1&format=xlsx", "?format=geojson"}
	case strings.HasPrefix(rt.Path, "/resource/{id}") || strings.HasPrefix(rt.Path, "/api/v1/resources/{id}"):
		return []string{m.insists(rt), "?version=1&" + strings.TrimPrefix(m.insists(rt), "?")}
	}
	return []string{m.insists(rt)}
}

// insists names the parameters without which an operation of the API does not
// answer, with values.
func (m *matrix) insists(rt web.Route) string {
	if q := m.required[rt.Pattern()]; q != "" {
		return "?" + q
	}
	return ""
}

func stateOf(at target) string {
	if at.of == nil {
		return "no thing"
	}
	return at.of.state + " " + at.of.kind
}

// judge checks what holds for every answer: no failure of ours, no word of
// what the visitor may not see.
func (m *matrix) judge(v *visitor, rt web.Route, path string, r gateReply) {
	m.t.Helper()
	if r.status >= 500 {
		m.t.Errorf("%s %s as %s: status %d\n%s\n%s", rt.Method, path, v.kind, r.status, visible(r.body), m.said.tail())
	}
	if rt.Path == "/admin/backup" {
		return // it holds everything
	}
	whole := strings.ToLower(r.body + fmt.Sprint(r.header))
	for _, x := range m.things {
		if x.marker != "" && !x.seenBy(v.actor) && strings.Contains(whole, x.marker) {
			m.t.Errorf("%s %s as %s LEAKS %q of a %s %s: …%s…", rt.Method, path, v.kind, x.marker, x.state, x.kind, around(whole, x.marker))
		}
	}
}

// around is a piece of text with a word in its middle.
func around(s, word string) string {
	i := strings.Index(s, word)
	return s[max(0, i-80):min(len(s), i+len(word)+40)]
}

// lists asks every page and operation that is about no one thing for what it
// might find by mistake.
func (m *matrix) lists(v *visitor) {
	m.t.Helper()
	var hidden thing
	for _, x := range m.things {
		if x.kind == "dataset" && x.state == "draft" {
			hidden = x
		}
	}
	for _, rt := range m.Server.Routes() {
		if rt.Method != "GET" || strings.Contains(rt.Path, "{") {
			continue
		}
		for _, q := range []string{
			"q=zqx", "q=gate", "state=draft", "state=review", "state=withdrawn", "org=" + hidden.org, "theme=health",
			"kind=dataset&record=" + hidden.id, "page=/dataset/" + hidden.id, "sort=-title&limit=100",
		} {
			m.judge(v, rt, rt.Path+"?"+q, m.get(v, rt.Path+"?"+q))
			m.asked++
		}
	}
}

// refused sends the writes that the rules do not allow, each with a body that
// would do something.
func (m *matrix) refused(v *visitor, rt web.Route) {
	m.t.Helper()
	if rt.Method == "GET" || rt.Method == "OPTIONS" {
		return
	}
	for _, at := range m.targets(rt) {
		if allowed(v, rt, at) {
			continue
		}
		before, made := m.acts(), m.made
		r := m.ask(v, m.write(rt, at))
		m.asked++
		m.judge(v, rt, at.path, r)
		if !refusal(r) {
			m.t.Errorf("%s %s as %s (%s): status %d, and it should be refused\n%s", rt.Method, at.path, v.kind, stateOf(at), r.status, visible(r.body))
		}
		if after := m.acts(); after != before && made == m.made {
			m.t.Errorf("%s %s as %s (%s) was refused with %d and yet CHANGED something", rt.Method, at.path, v.kind, stateOf(at), r.status)
		}
	}
}

// write is a request that would do something if it were allowed.
func (m *matrix) write(rt web.Route, at target) ask {
	if strings.HasPrefix(rt.Path, "/api/") {
		return ask{method: rt.Method, path: at.path, json: m.bodies[rt.Pattern()]}
	}
	form := datasetForm(m.org, "by the matrix")
	form.Set("to", "published")
	form.Set("version", "1")
	form.Set("reason", "the matrix")
	if rt.Body > 1<<20 {
		fields := map[string]string{}
		for k := range form {
			fields[k] = form.Get(k)
		}
		body, typ := multi(m.t, "matrix.csv", []byte("a,b\n1,2\n"), fields)
		return ask{method: rt.Method, path: at.path, body: body, typ: typ}
	}
	return ask{method: rt.Method, path: at.path, form: form}
}

// doors checks that every route lets somebody in: a matrix of refusals alone
// would pass on a site that serves nobody.
func (m *matrix) doors() {
	m.t.Helper()
	for _, rt := range m.Server.Routes() {
		if rt.Method == "GET" {
			if unknown := strings.Contains(rt.Path, "{") && len(m.targets(rt)) > 0 && m.targets(rt)[0].of == nil && !strings.HasPrefix(rt.Path, "/static/") || rt.Path == "/site/logo"; !m.opened[rt.Pattern()] && !unknown {
				m.t.Errorf("%s answered nobody with a page: the matrix has not seen it open", rt.Pattern())
			}
			continue
		}
		if rt.Method == "OPTIONS" {
			continue
		}
		v, ok := m.fresh("administrator"), false
		for _, at := range m.targets(rt) {
			if at.of != nil && (at.of.kind == "party" || at.of.kind == "partner" || at.of.kind == "pledge" || at.of.kind == "assessment") {
				ok = true // nobody speaks for an organisation in its place, nor writes what its reviewers write
			}
			if allowed(v, rt, at) {
				r := m.ask(v, ask{method: rt.Method, path: at.path, form: url.Values{}})
				m.judge(v, rt, at.path, r)
				ok = ok || !refusal(r) || r.status == 404
			} else if at.of != nil && (at.of.state == "own" || at.of.kind == "comment" || at.of.kind == "annotation") {
				ok = true // only its owner may
			}
		}
		if !ok && !rt.Access.Open() {
			m.t.Errorf("%s refuses an administrator everything", rt.Pattern())
		}
	}
}

// bodySchema is the part of the API's description that the gates read.
type bodySchema struct {
	Ref        string                `json:"$ref"`
	Type       any                   `json:"type"`
	Enum       []any                 `json:"enum"`
	Properties map[string]bodySchema `json:"properties"`
}

type operation struct {
	Parameters []struct {
		Name, In string
		Required bool
	}
	RequestBody struct {
		Content map[string]struct{ Schema bodySchema } `json:"content"`
	} `json:"requestBody"`
}

// describedBy reads the API's own description: a body for every write, and
// the parameters that every operation insists on.
func describedBy(h *house) (bodies map[string]map[string]any, required map[string]string) {
	h.t.Helper()
	var doc struct {
		Paths      map[string]map[string]operation         `json:"paths"`
		Components struct{ Schemas map[string]bodySchema } `json:"components"`
	}
	must(h.t, json.Unmarshal([]byte(h.get(h.as("nobody"), "/api/v1/openapi.json").body), &doc))
	bodies, required = map[string]map[string]any{}, map[string]string{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			pattern := strings.ToUpper(method) + " " + path
			s := op.RequestBody.Content["application/json"].Schema
			if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
				s = doc.Components.Schemas[name]
			}
			bodies[pattern] = h.bodyOf(s)
			required[pattern] = queryOf(op)
		}
	}
	return bodies, required
}

func (h *house) bodyOf(s bodySchema) map[string]any {
	body := map[string]any{}
	for name, p := range s.Properties {
		if v, ok := plausible(h, name, fmt.Sprint(p.Type), p.Enum); ok {
			body[name] = v
		}
	}
	return body
}

func queryOf(op operation) string {
	known := map[string]string{"lat": "17.25", "lon": "-88.77", "q": "a", "columns": "amount", "group": "place"}
	q := url.Values{}
	for _, p := range op.Parameters {
		if p.In == "query" && p.Required {
			q.Set(p.Name, cmp.Or(known[p.Name], "1"))
		}
	}
	return q.Encode()
}

// plausible is a value for a property of the API.
func plausible(h *house, name, typ string, enum []any) (any, bool) {
	form := datasetForm(h.org, "by the matrix")
	switch {
	case name == "version":
		return 1, true
	case name == "to":
		return "published", true
	case name == "text":
		return "said by the matrix", true
	case name == "texts":
		return map[string]any{"title": "said by the matrix"}, true
	case name == "lang":
		return "es", true
	case name == "paragraph":
		return "1", true
	case name == "annotations":
		return []string{"01a20878-e1f0-78e7-a6f3-457d391b43c3"}, true
	case name == "upload": // nobody's: whoever may write is told that it is gone
		return "01a20878-e1f0-78e7-a6f3-457d391b43c3", true
	case name == "inputs":
		return []string{h.org}, true
	case name == "into":
		return h.org, true
	case name == "opens":
		return time.Now().Add(time.Hour), true
	case name == "closes" && typ == "string":
		return time.Now().Add(100 * time.Hour), true
	case name == "fields":
		return map[string]string{"title": "said by the matrix"}, true
	case name == "terms":
		return map[string]any{"method": "yes_no_abstain", "secrecy": "open", "tie": "checkpoint", "window_hours": 24, "options": []any{}}, true
	case name == "on":
		return true, true
	case typ == "string" && form.Get(name) != "":
		return form.Get(name), true
	case len(enum) > 0:
		return enum[0], true
	case typ == "string":
		return "", name == "reason"
	}
	return nil, false
}

// visible is the beginning of what a page says.
func visible(body string) string {
	if i := strings.Index(body, "<main"); i >= 0 {
		body = body[i:]
	}
	return body[:min(len(body), 600)]
}

// TestGateUnknownAddresses asks every route with a wildcard for what cannot
// be: the answer is a refusal in words, never a failure.
func TestGateUnknownAddresses(t *testing.T) {
	h := openHouse(t, storeIn(t))
	bad := []string{"nope", "0", "-1", "%00", "%ff%fe", "..%2f..%2fetc%2fpasswd", "%2e%2e", "a'%20OR%201=1--", "%3Cscript%3E", strings.Repeat("a", 5000), "01990000-0000-7000-8000-000000000000", "٣"}
	asked := 0
	for _, kind := range []string{"nobody", "administrator"} {
		for _, rt := range h.Server.Routes() {
			if !strings.Contains(rt.Path, "{") {
				continue
			}
			for _, id := range bad {
				path := wildcard.ReplaceAllString(rt.Path, id)
				a := ask{method: rt.Method, path: path}
				if rt.Method != http.MethodGet {
					a.form = url.Values{}
				}
				asked++
				if r := h.ask(h.as(kind), a); r.status >= 500 || rt.Method == http.MethodGet && r.status == 200 {
					t.Errorf("%s %.80s as %s: status %d\n%s\n%s", rt.Method, path, kind, r.status, visible(r.body), h.said.tail())
				}
			}
		}
	}
	t.Logf("figure: %d requests for what is not there", asked)
}

var mark = regexp.MustCompile(`<[^>]*>`)

// said is what a page says, without its marks: numbers in it are links.
func said(body string) string {
	return strings.Join(strings.Fields(mark.ReplaceAllString(body, "")), " ")
}
