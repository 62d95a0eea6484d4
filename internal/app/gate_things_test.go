package app

import (
	"cmp"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ceiba/internal/collaboration/procurement/redflag"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/config"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/who"
)

// thing is something that the harness made and that an address names. Its
// marker stands in its words and rows and nowhere else.
type thing struct {
	kind   string // the first part of its addresses: dataset, resource
	id     string
	org    string
	owner  string // the person whose own it is
	state  string
	marker string
	keep   string // the action that those have who see it before everybody does
}

// seenBy reports whether the rules let actor see the thing.
func (x thing) seenBy(a who.Actor) bool {
	switch x.state {
	case "published":
		return true
	case "removed":
		return false
	case "own":
		return a.SignedIn() && a.ID == x.owner || a.May("person.read", who.Site)
	}
	return x.owner != "" && a.ID == x.owner || a.May(x.keep, who.In(x.org))
}

// scope is where an action on the thing must be allowed.
func (x thing) scope() who.Scope { return who.Scope{Org: x.org, Owner: x.owner} }

// addresses says by which objects the wildcard of a pattern is filled: a
// prefix of the pattern up to it, and the kind of thing. Where there is a
// second wildcard before it, before is the address with that filled. A new kind
// of record is added here and made in furnish.
var addresses = []struct{ prefix, kind, before string }{
	{"/plan/{key}", "plan", ""},
	{"/api/v1/plans/{id}", "plan", ""},
	{"/commitment/{key}", "commitment", ""},
	{"/plans/import/{id}", "import", ""},
	{"/plans/uploads/{id}", "unknown", ""},
	{"/api/v1/commitments/{id}", "commitment", ""},
	{"/milestone/{id}", "milestone", ""},
	{"/api/v1/milestones/{id}", "milestone", ""},
	{"/paper/{id}", "paper", ""},
	{"/party/{id}", "party", ""},
	{"/dataset/{key}", "dataset", ""},
	{"/api/v1/datasets/{id}", "dataset", ""},
	{"/resource/{id}", "resource", ""},
	{"/api/v1/resources/{id}", "resource", ""},
	{"/static/{name}", "asset", ""},
	{"/ledger/entry/{id}", "entry", ""},
	{"/api/v1/ledger/entries/{id}", "entry", ""},
	{"/ledger/pack/{kind}/{id}", "dataset", "/ledger/pack/dataset/"},
	{"/ledger/tile/{path...}", "tile", ""},
	{"/record/{kind}/{id}", "dataset", "/record/dataset/"},
	{"/api/v1/records/{kind}/{id}", "dataset", "/api/v1/records/dataset/"},
	{"/comment/{id}", "comment", ""},
	{"/moderation/report-comment/{id}", "comment", ""},
	{"/moderation/comment/{id}", "comment", ""},
	{"/moderation/mine/{id}", "unknown", ""},
	{"/moderation/cases/{id}", "unknown", ""},
	{"/map/{file}", "tileset", ""},
	{"/api/v1/places/{id}", "unknown", ""},
	{"/uploads/{id}", "unknown", ""},
	{"/api/v1/organisations/{id}", "organisation", ""},
	{"/attachment/{id}", "attachment", ""},
	{"/moderation/report/{id}", "report", ""},
	{"/page/{key}", "page", ""},
	{"/admin/pages/{key}", "page", ""},
	{"/api/v1/pages/{key}", "page", ""},
	{"/account/webhooks/{id}", "hook", ""},
	{"/hook/{id}", "hook", ""},
	{"/organisation/{key}", "organisation", ""},
	{"/place/{code}", "place", ""},
	{"/promises/{district}", "place", ""},
	{"/admin/organisations/{id}", "organisation", ""},
	{"/admin/people/{id}", "person", ""},
	{"/admin/invite/{id}", "unknown", ""},
	{"/admin/jobs/{id}", "unknown", ""},
	{"/account/notifications/browsers/{id}", "unknown", ""},
	{"/notifications/stop/{token}", "unknown", ""},
	{"/account/security/sessions/{id}", "session", ""},
	{"/account/security/keys/{id}", "key", ""},
	{"/account/security/passkey/{id}", "unknown", ""},
	{"/sign-in/oidc/{provider}", "unknown", ""},
	{"/setup/{token}", "unknown", ""},
	{"/invitation/{token}", "unknown", ""},
	{"/meetings/action/{id}", "unknown", ""},
	{"/meeting/{key}", "meeting", ""},
	{"/api/v1/meetings/{id}", "meeting", ""},
	{"/forum/{key}", "forum", ""},
	{"/api/v1/forums/{id}", "forum", ""},
	{"/forum-call/{id}", "forum_call", ""},
	{"/decision/{key}", "decision", ""},
	{"/api/v1/decisions/{id}", "decision", ""},
	{"/poll/{key}", "poll", ""},
	{"/api/v1/polls/{id}", "poll", ""},
	{"/consultation/{key}", "consultation", ""},
	{"/api/v1/consultations/{id}", "consultation", ""},
	{"/annotation/{id}", "annotation", ""},
	{"/call/{key}/sheets/{id}", "unknown", "/call/nowhere/sheets/"},
	{"/call/{key}", "call", ""},
	{"/input/{id}", "input", ""},
	{"/reply/{id}", "reply", ""},
	{"/api/v1/calls/{id}", "call", ""},
	{"/api/v1/inputs/{id}", "input", ""},
	{"/assessment/{key}", "assessment", ""},
	{"/api/v1/assessments/{id}", "assessment", ""},
	{"/joint/{key}", "joint", ""},
	{"/joint-partner/{id}", "partner", ""},
	{"/pledge/{id}", "pledge", ""},
	{"/api/v1/joint-projects/{id}", "joint", ""},
	{"/api/v1/pledges/{id}", "pledge", ""},
	{"/api/v1/contracting/{id}", "contracting", ""},
	{"/contracting/{id}/release/{digest}", "contracting_release", "/contracting/"},
	{"/contracting/{id}", "contracting", ""},
	{"/contractingfile/{id}", "contractingfile", ""},
	{"/red-flag/{id}", "redflag", ""},
	{"/redflagrun/{id}", "redflagrun", ""},
	{"/supplier/{key}", "supplier", ""},
	{"/buyer/{key}", "buyer", ""},
	{"/api/v1/ocds/records/{ocid}", "contracting", ""},
	{"/api/v1/ocds/releases/{ocid}", "contracting", ""},
}

// ahead is a day in half a year, as forms ask for it: what is announced lies ahead,
// and not too far.
var ahead = func() (d struct{ day, month, year string }) {
	t := time.Now().AddDate(0, 6, 0)
	d.day, d.month, d.year = strconv.Itoa(t.Day()), strconv.Itoa(int(t.Month())), strconv.Itoa(t.Year())
	return d
}()

// target is an address of a route, filled in.
type target struct {
	path string
	of   *thing // nil where the route is about no thing
}

// targets fills a route's address with every thing that the harness knows for
// it. A route with a wildcard for which it knows none fails the gate.
func (h *house) targets(rt web.Route) []target {
	h.t.Helper()
	if l, ok := listsOf[strings.TrimSuffix(strings.TrimPrefix(rt.Path, "/api/v1"), ".csv")]; ok {
		return h.fill(rt.Path+"?"+l.filter+"=", l.kind, "")
	}
	if path := strings.TrimSuffix(rt.Path, "{$}"); !strings.Contains(path, "{") {
		return []target{{path: path}}
	}
	for _, a := range addresses {
		rest, ok := strings.CutPrefix(rt.Path, a.prefix)
		if !ok || rest != "" && rest[0] != '/' {
			continue
		}
		rest = strings.Replace(rest, "{z}/{x}/{y}", "0/0/0.mvt", 1)
		rest = strings.Replace(rest, "{rule}", "3.1", 1)
		rest = wildcard.ReplaceAllString(rest, "1") // the number of a version, a page
		return h.fill(cmp.Or(a.before, a.prefix[:strings.Index(a.prefix, "{")]), a.kind, rest)
	}
	h.t.Errorf("the harness knows no object for %s: add its kind to addresses in gate_things_test.go and make one in furnish, or nobody checks who may reach it", rt.Pattern())
	return nil
}

func (h *house) fill(before, kind, after string) []target {
	h.t.Helper()
	switch kind {
	case "asset":
		return []target{{path: before + "app.css" + after}}
	case "tileset":
		if after == "" {
			return []target{{path: before + "belize.json"}}
		}
		return []target{{path: before + "belize/0/0/0.mvt"}}
	case "place":
		return []target{{path: before + "BZ-TOL" + after}}
	case "tile":
		n := h.one(`SELECT CAST(coalesce(max(size), 0) AS TEXT) FROM ledger_checkpoint`)
		return []target{{path: before + "0/000.p/" + n}, {path: before + "entries/000.p/" + n}}
	case "unknown":
		return []target{{path: before + "0123456789abcdefghjkmnpqrstvwxyz" + after}}
	}
	var out []target
	for i := range h.things {
		if x := &h.things[i]; x.kind == kind && x.id != "" {
			if strings.HasSuffix(before, "?of=") {
				out = append(out, target{before + kind + ":" + x.id, x})
				continue
			}
			out = append(out, target{before + x.id + after, x})
		}
	}
	if len(out) == 0 {
		h.t.Errorf("the harness made no %s: add one to furnish in gate_things_test.go", kind)
	}
	return out
}

// furnish makes one of everything in every state, through the forms.
func (h *house) furnish() {
	h.t.Helper()
	mine, theirs := h.as("editor"), h.as("elsewhere")
	h.add(thing{kind: "dataset", id: h.one(`SELECT id FROM dataset ORDER BY id LIMIT 1`), org: h.org, state: "published"})
	h.add(thing{kind: "resource", id: h.one(`SELECT id FROM resource ORDER BY id LIMIT 1`), org: h.org, state: "published"})
	h.shelve(mine, h.org, "zqxdraft", "draft")
	h.shelve(mine, h.org, "zqxreview", "review")
	h.shelve(theirs, h.other, "zqxforeign", "draft")
	h.withdrawn(mine)
	h.waiting(mine)
	h.removed(mine)
	h.early(mine)
	h.own()
	h.talk(mine)
	h.plans()
	h.meeting(mine)
	h.forum(mine)
	h.assessments()
	h.joint(mine)
	h.contracting(mine)
	_, err := redflag.Ask(h.t.Context(), h.DB, h.system(), nil)
	must(h.t, err)
	for kind, query := range map[string]string{
		"contractingfile":     `SELECT id FROM procurement_import ORDER BY id LIMIT 1`,
		"contracting_release": `SELECT process || '/release/' || digest FROM procurement_release ORDER BY id LIMIT 1`,
		"redflag":             `SELECT id FROM redflag ORDER BY id LIMIT 1`, "redflagrun": `SELECT id FROM redflag_run ORDER BY id LIMIT 1`,
		"supplier": `SELECT key FROM procurement_party WHERE role = 'supplier' ORDER BY key LIMIT 1`, "buyer": `SELECT key FROM procurement_party WHERE role = 'buyer' ORDER BY key LIMIT 1`,
	} {
		h.add(thing{kind: kind, id: h.one(query), state: "published"})
	}
	h.imported()
	h.pages()
	h.polls()
	h.texts(mine)
	h.calls(mine)
	h.quiet()
	_, err = h.Ledger.Publish(h.t.Context())
	must(h.t, err)
}

func (h *house) add(x thing) {
	if x.keep == "" {
		x.keep = "dataset.write"
	}
	h.things = append(h.things, x)
}

// datasetForm is a dataset with a word in every text of it.
func datasetForm(org, word string) url.Values {
	return url.Values{
		"title": {"Gate " + word}, "org": {org}, "summary": {"About " + word}, "notes": {"Notes of " + word}, "licence": {"CC0-1.0"}, "lang": {"en"},
		"frequency": {"never"}, "themes": {"health"}, "keywords": {"k" + word}, "contact_name": {"Office " + word}, "contact_email": {word + "@example.org"}, "source": {"https://example.org/" + word},
	}
}

// dataset makes a draft through the form and returns its id.
func (h *house) dataset(v *visitor, org, word string) string {
	h.t.Helper()
	r := h.post(v, "/datasets", datasetForm(org, word))
	return between(h.t, r, "/dataset/", "/add")
}

// between cuts an id out of where a form led to.
func between(t testing.TB, r gateReply, before, after string) string {
	t.Helper()
	to := r.header.Get("Location")
	id, found := strings.CutPrefix(to, before)
	if id, ok := strings.CutSuffix(id, after); found && ok && r.status == 303 {
		return id
	}
	t.Fatalf("status %d, Location %q, want %s…%s\n%s", r.status, to, before, after, visible(r.body))
	return ""
}

// table uploads rows to a dataset and returns the resource's id, its profile
// made.
func (h *house) table(v *visitor, dataset, word string) string {
	h.t.Helper()
	body, typ := multi(h.t, "t"+word+".csv", []byte("place,amount,lat,lon\n"+word+" town,12,17.25,-88.76\nother,3,16.1,-88.8\n"), map[string]string{"title": "Table " + word, "description": "Rows of " + word})
	id := between(h.t, h.ask(v, ask{method: "POST", path: "/dataset/" + dataset + "/add", body: body, typ: typ}), "/resource/", "/work")
	h.await(id, "profiled")
	return id
}

// await waits until the newest version of a table has come so far.
func (h *house) await(resource, state string) {
	h.t.Helper()
	h.until("the table to be "+state, func() bool {
		return h.one(`SELECT state FROM shelf_version WHERE owner = $1 ORDER BY created DESC, id DESC LIMIT 1`, resource) == state
	})
}

// release publishes a table's version.
func (h *house) release(v *visitor, resource string) {
	h.t.Helper()
	if r := h.post(v, "/resource/"+resource+"/publish", url.Values{"note": {"first"}}); r.status != 303 {
		h.t.Fatalf("publishing: %d %s", r.status, visible(r.body))
	}
	h.await(resource, "published")
}

// move takes a dataset to a state.
func (h *house) move(v *visitor, dataset, to string) {
	h.t.Helper()
	version := h.one(`SELECT CAST(version AS TEXT) FROM dataset WHERE id = $1`, dataset)
	h.post(v, "/dataset/"+dataset+"/move", url.Values{"to": {to}, "version": {version}, "reason": {"because of a gate"}})
	if now := h.one(`SELECT state FROM dataset WHERE id = $1`, dataset); now != to {
		h.t.Fatalf("the dataset is %s, not %s", now, to)
	}
}

// shelve makes a dataset that is not public, with a published table, one that
// waits, a link and a plain file.
func (h *house) shelve(v *visitor, org, word, state string) {
	h.t.Helper()
	d := h.dataset(v, org, word)
	h.add(thing{kind: "dataset", id: d, org: org, state: state, marker: word})
	done := h.table(v, d, word)
	h.release(v, done)
	waits := h.table(v, d, word)
	body, typ := multi(h.t, word+".md", []byte("# "+word+"\n\nplain words\n"), nil)
	h.ask(v, ask{method: "POST", path: "/dataset/" + d + "/add", body: body, typ: typ})
	body, typ = multi(h.t, "", nil, map[string]string{"url": "https://example.org/" + word, "title": "Link " + word})
	h.ask(v, ask{method: "POST", path: "/dataset/" + d + "/add", body: body, typ: typ})
	for _, id := range []string{done, waits, h.last(d, "file"), h.last(d, "link")} {
		h.add(thing{kind: "resource", id: id, org: org, state: state, marker: word})
	}
	if state != "draft" {
		h.move(v, d, state)
	}
}

func (h *house) last(dataset, kind string) string {
	h.t.Helper()
	return h.one(`SELECT id FROM resource WHERE dataset = $1 AND kind = $2 ORDER BY id DESC LIMIT 1`, dataset, kind)
}

// withdrawn makes a dataset that was public. That it was is no secret; its
// rows are not to be had any more.
func (h *house) withdrawn(v *visitor) {
	h.t.Helper()
	d := h.dataset(v, h.org, "gone")
	res := h.table(v, d, "zqxgone")
	h.release(v, res)
	h.move(v, d, "published")
	h.move(v, d, "withdrawn")
	h.add(thing{kind: "dataset", id: d, org: h.org, state: "withdrawn"})
	h.add(thing{kind: "resource", id: res, org: h.org, state: "withdrawn", marker: "zqxgone town"})
}

// waiting hands in a new file for a public table: its rows are not public yet.
func (h *house) waiting(v *visitor) {
	h.t.Helper()
	d := h.dataset(v, h.org, "open")
	res := h.table(v, d, "open")
	h.release(v, res)
	h.move(v, d, "published")
	body, typ := multi(h.t, "next.csv", []byte("place,amount,lat,lon\nzqxnext town,12,17.25,-88.76\nother,3,16.1,-88.8\n"), nil)
	h.ask(v, ask{method: "POST", path: "/resource/" + res + "/replace", body: body, typ: typ})
	h.await(res, "profiled")
	h.add(thing{kind: "resource", id: res, org: h.org, state: "published"})
	h.add(thing{kind: "version", org: h.org, state: "draft", marker: "zqxnext"})
}

// removed takes a table out of a public dataset.
func (h *house) removed(v *visitor) {
	h.t.Helper()
	d := h.dataset(v, h.org, "less")
	for _, word := range []string{"stays", "zqxremoved"} {
		h.release(v, h.table(v, d, word))
	}
	h.move(v, d, "published")
	res := h.last(d, "table")
	h.post(v, "/resource/"+res+"/remove", url.Values{})
	h.add(thing{kind: "resource", id: res, org: h.org, state: "removed", marker: "zqxremoved town"})
}

// early makes a public dataset that said something else while it was a draft,
// and names the entries of the log that tell of both.
func (h *house) early(v *visitor) {
	h.t.Helper()
	d := h.dataset(v, h.org, "zqxearly")
	h.release(v, h.table(v, d, "late"))
	form := datasetForm(h.org, "late")
	form.Set("version", "1")
	if r := h.post(v, "/dataset/"+d+"/edit", form); r.status != 303 {
		h.t.Fatalf("editing: %d %s", r.status, visible(r.body))
	}
	h.move(v, d, "published")
	h.add(thing{kind: "dataset", id: d, org: h.org, state: "published"})
	h.add(thing{kind: "past", org: h.org, state: "draft", marker: "zqxearly"})
	h.quiet()
	h.add(thing{kind: "entry", id: h.one(`SELECT id FROM activity WHERE record = $1 AND public ORDER BY id LIMIT 1`, d), org: h.org, state: "published"})
	h.add(thing{kind: "entry", id: h.one(`SELECT id FROM activity WHERE record = $1 AND NOT public ORDER BY id LIMIT 1`, d), org: h.org, state: "removed"})
}

// talk makes comments that stand and that wait, a file, a report, a webhook.
func (h *house) talk(editor *visitor) {
	h.t.Helper()
	on := h.things[0] // the first is public
	h.add(thing{kind: "organisation", id: h.org, org: h.org, state: "published"})
	v := h.as("victim")
	for word, state := range map[string]string{"aloud": "published", "zqxheld http://a.example http://b.example http://c.example http://d.example": "held"} {
		if r := h.post(v, "/record/dataset/"+on.id+"/comment", url.Values{"text": {word}}); r.status != 303 {
			h.t.Fatalf("commenting: %d %s", r.status, visible(r.body))
		}
		x := thing{kind: "comment", id: h.one(`SELECT id FROM record_comment ORDER BY id DESC LIMIT 1`), owner: v.actor.ID, state: state, keep: "record.moderate"}
		if state == "held" {
			x.marker = "zqxheld"
		}
		h.add(x)
	}
	body, typ := multi(h.t, "plan.md", []byte("# A plan\n"), map[string]string{"alt": "a plan"})
	h.ask(editor, ask{method: "POST", path: "/record/dataset/" + on.id + "/attach", body: body, typ: typ})
	h.add(thing{kind: "attachment", id: h.one(`SELECT id FROM record_attachment ORDER BY id DESC LIMIT 1`), org: h.org, state: "published"})
	h.post(v, "/report-error", url.Values{"page": {"/datasets"}, "message": {"zqxreport"}, "email": {"zqxreport@gate.example"}})
	h.add(thing{kind: "report", id: h.one(`SELECT id FROM record_report ORDER BY id DESC LIMIT 1`), owner: v.actor.ID, state: "held", keep: "record.moderate", marker: "zqxreport"})
	h.post(v, "/account/webhooks", url.Values{"url": {"https://hooks.example/zqxhook"}, "kinds": {"dataset"}, "kind": {"dataset"}})
	h.add(thing{kind: "hook", id: h.one(`SELECT id FROM notify_hook ORDER BY id DESC LIMIT 1`), owner: v.actor.ID, state: "held", keep: "hook.write", marker: "zqxhook"})
}

// pages makes a page that is public and one that is not, through the form.
func (h *house) pages() {
	h.t.Helper()
	v := h.as("secretariat")
	root, err := html.Parse(strings.NewReader(h.get(v, "/admin/pages/new").body))
	must(h.t, err)
	for f := range root.Descendants() {
		if f.Data != "form" || attr(f, "action") != "/admin/pages/new" {
			continue
		}
		for word, state := range map[string]string{"openpage": "published", "zqxpage": "draft"} {
			a := (&crawler{house: h}).filled(f, "/admin/pages/new", word)
			a.form.Set("state", state)
			if r := h.ask(v, a); r.status != 303 {
				h.t.Fatalf("writing a page: %d %s", r.status, visible(r.body))
			}
			x := thing{kind: "page", id: h.one(`SELECT id FROM site_page ORDER BY id DESC LIMIT 1`), state: state, keep: "page.write"}
			if state == "draft" {
				x.marker = word
			}
			h.add(x)
		}
		return
	}
	h.t.Fatal("there is no form for a new page")
}

// meeting announces one, whose link is for those invited.
func (h *house) meeting(v *visitor) {
	h.t.Helper()
	form := url.Values{
		"of": {"organisation:" + h.org}, "title": {"Gate meeting"}, "purpose": {"outreach"}, "day.day": {ahead.day}, "day.month": {ahead.month}, "day.year": {ahead.year}, "from": {"09:30"}, "to": {"11:00"},
		"venue": {"Town hall"}, "link": {"https://meet.example/zqxlink"}, "lang": {"en"},
	}
	h.add(thing{kind: "meeting", id: between(h.t, h.post(v, "/meetings", form), "/meeting/", "/agenda"), org: h.org, state: "published"})
}

// forum takes the demonstration's, and makes a call and a decision in it.
func (h *house) forum(v *visitor) {
	h.t.Helper()
	at := h.one(`SELECT id FROM forum ORDER BY id LIMIT 1`)
	h.add(thing{kind: "forum", id: at, org: h.org, state: "published"})
	far := url.Values{"closes.day": {ahead.day}, "closes.month": {ahead.month}, "closes.year": {ahead.year}, "criteria": {"Serves the gate"}, "seat": {h.one(`SELECT id FROM forum_seat WHERE sector = 'academia' AND forum = $1`, at)}}
	h.post(v, "/forum/"+at+"/calls", far)
	h.add(thing{kind: "forum_call", id: h.one(`SELECT id FROM forum_call ORDER BY id LIMIT 1`), org: h.org, state: "published"})
	form := url.Values{
		"of": {"forum:" + at}, "title": {"Gate sitting"}, "purpose": {"regular"}, "day.day": {ahead.day}, "day.month": {ahead.month}, "day.year": {ahead.year}, "from": {"09:30"}, "to": {"11:00"},
		"venue": {"Town hall"}, "lang": {"en"},
	}
	m := between(h.t, h.post(v, "/meetings", form), "/meeting/", "/agenda")
	h.post(v, "/forum/"+at+"/decisions", url.Values{"title": {"Gate decision"}, "text": {"It is decided"}, "meeting": {m}})
	h.add(thing{kind: "decision", id: h.one(`SELECT id FROM forum_decision ORDER BY id LIMIT 1`), org: h.org, state: "published"})
}

// polls makes a vote that is counted and one that is a draft, with a bag.
func (h *house) polls() {
	h.t.Helper()
	ctx := h.t.Context()
	for word, state := range map[string]string{"counted": "published", "zqxpoll": "draft"} {
		var p ballot.Poll
		must(h.t, h.DB.Update(ctx, func(tx *db.Tx) (err error) {
			if p, err = h.Ballots.Create(ctx, tx, h.System(), ballot.Draftee{
				Org: h.org, Title: "Gate " + word, Text: word, Opens: db.Time{Time: tx.Now}, Closes: db.Time{Time: tx.Now.Add(time.Hour)},
				Terms: ballot.Terms{Method: ballot.Plurality, Secrecy: ballot.Secret, Options: []ballot.Option{{Label: word}}},
			}); err != nil {
				return err
			}
			voters := []ballot.Voter{{ID: "nobody-" + word, Kind: ballot.Person}}
			if err = h.Ballots.SetElectorate(ctx, tx, h.System(), p.ID, voters); err != nil || state == "draft" {
				return err
			}
			if _, err = h.Ballots.Declare(ctx, tx, h.System(), p.ID); err == nil {
				_, err = tx.Exec(ctx, `UPDATE poll SET opens = 1, closes = 2 WHERE id = $1`, p.ID)
			}
			return err
		}))
		must(h.t, h.Ballots.Advance(ctx, p.ID))
		x := thing{kind: "poll", id: p.ID, org: h.org, state: state, keep: "poll.write"}
		if state == "draft" {
			x.marker = word
		}
		h.add(x)
	}
}

// texts puts a text before the public and keeps one back, with an amendment and
// a note that waits for a moderator.
func (h *house) texts(editor *visitor) {
	h.t.Helper()
	for word, state := range map[string]string{"opentext": "published", "zqxtext": "draft"} {
		r := h.post(editor, "/consultations", url.Values{
			"title": {word}, "org": {h.org}, "introduction": {"About " + word}, "lang": {"en"}, "closes.day": {ahead.day}, "closes.month": {ahead.month}, "closes.year": {ahead.year},
		})
		x := thing{kind: "consultation", id: between(h.t, r, "/consultation/", "/write"), org: h.org, state: state, keep: "consultation.write"}
		h.post(editor, "/consultation/"+x.id+"/write", url.Values{"version": {"0"}, "text": {"What " + word + " says."}})
		if state == "draft" {
			x.marker = word
		} else if r := h.post(editor, "/consultation/"+x.id+"/move", url.Values{"to": {"published"}, "version": {"2"}}); r.status != 303 {
			h.t.Fatalf("publishing a text: %d %s", r.status, visible(r.body))
		}
		h.add(x)
	}
	v := h.as("victim")
	for _, form := range []url.Values{
		{"kind": {"amendment"}, "text": {"Better so"}, "replacement": {"What it should say."}, "lang": {"en"}},
		{"kind": {"comment"}, "text": {"zqxnote http://a.example http://b.example http://c.example"}, "lang": {"en"}},
	} {
		if r := h.post(v, "/consultation/opentext/p/1", form); r.status != 303 {
			h.t.Fatalf("writing about a text: %d %s", r.status, visible(r.body))
		}
	}
	h.add(thing{kind: "annotation", id: h.one(`SELECT id FROM consultation_annotation WHERE kind = 'amendment'`), org: h.org, owner: v.actor.ID, state: "published"})
	h.add(thing{kind: "note", owner: v.actor.ID, state: "held", keep: "record.moderate", marker: "zqxnote"})
}

// calls makes a call with inputs and an answer, and a draft of another.
func (h *house) calls(v *visitor) {
	h.t.Helper()
	make := func(word string) string {
		return between(h.t, h.post(v, "/calls/new", url.Values{
			"title": {"Gate " + word}, "org": {h.org}, "question": {"About " + word}, "lang": {"en"}, "closes.day": {ahead.day}, "closes.month": {ahead.month}, "closes.year": {ahead.year},
		}), "/call/", "")
	}
	open := make("opencall")
	h.add(thing{kind: "call", id: make("zqxcall"), org: h.org, state: "draft", keep: "answer.box", marker: "zqxcall"})
	h.post(v, "/call/"+open+"/publish", url.Values{"version": {"1"}})
	h.add(thing{kind: "call", id: open, org: h.org, state: "published"})
	give := url.Values{"kind": {"idea"}, "text": {"A gate for the school"}, "naming": {"pseudonym"}, "name": {"Gate"}, "lang": {"en"}}
	h.post(h.as("nobody"), "/call/"+open+"/give", give)
	in := h.one(`SELECT id FROM answer_input WHERE box = $1`, open)
	h.add(thing{kind: "input", id: in, org: h.org, state: "published"})
	give.Set("text", "zqxinput http://a.example http://b.example http://c.example")
	h.post(h.as("nobody"), "/call/"+open+"/give", give)
	h.add(thing{kind: "input", id: h.one(`SELECT id FROM answer_input WHERE view = 'held'`), org: h.org, state: "held", keep: "record.moderate", marker: "zqxinput"})
	h.post(v, "/call/"+open+"/answer", url.Values{"input": {in}, "outcome": {"adopted"}, "reason": {"It is done as it stands."}, "lang": {"en"}})
	h.add(thing{kind: "reply", id: h.one(`SELECT id FROM answer_reply WHERE box = $1`, open), org: h.org, state: "published"})
}

// own makes a person whose name and address are nobody else's business, with a
// session and a key.
func (h *house) own() {
	h.t.Helper()
	v := h.fresh("resident")
	must(h.t, h.DB.Update(h.t.Context(), func(tx *db.Tx) error {
		return tx.MustChange(h.t.Context(), `UPDATE person SET email = 'zqxvictim@gate.example' WHERE id = $1`, v.actor.ID)
	}))
	_, key, err := h.Who.MakeKey(h.t.Context(), v.actor, "mine", []string{"dataset.read"}, time.Hour)
	must(h.t, err)
	h.add(thing{kind: "session", id: v.actor.Session, owner: v.actor.ID, state: "own", marker: "zqxvictim"})
	h.add(thing{kind: "person", id: v.actor.ID, state: "held", keep: "person.read", marker: "zqxvictim"})
	h.add(thing{kind: "key", id: key.ID, owner: v.actor.ID, state: "own", marker: "zqxvictim"})
	h.visitors["victim"] = v
}

// wildcard is the part of a pattern that an id fills.
var wildcard = regexp.MustCompile(`\{[^}]*\}`)

// storeIn is a store of its own in a new folder, on SQLite.
func storeIn(t testing.TB) config.Store { return config.Store{Data: t.TempDir()} }

// listsOf are lists of rows (package listing) that are about one thing: the filter
// that names it, and its kind.
var listsOf = map[string]struct{ filter, kind string }{
	"/requirements": {"plan", "plan"}, "/milestones": {"commitment", "commitment"}, "/milestone-reports": {"commitment", "commitment"},
	"/commitments": {"plan", "plan"}, "/outreach": {"plan", "plan"}, "/plan-documents": {"plan", "plan"},
	"/assessment-codes": {"assessment", "assessment"}, "/assessment-voices": {"assessment", "assessment"},
	"/annotations": {"consultation", "consultation"}, "/text-changes": {"consultation", "consultation"}, "/annotation-agreement": {"annotation", "annotation"},
	"/input-support": {"input", "input"}, "/answer-ratings": {"call", "call"}, "/meeting-attendance": {"meeting", "meeting"},
	"/forum-positions": {"decision", "decision"}, "/forum-seats": {"forum", "forum"}, "/forum-decisions": {"forum", "forum"},
	"/poll-voters": {"poll", "poll"}, "/poll-ballots": {"poll", "poll"}, "/comments": {"of", "dataset"},
	"/pledges": {"joint", "joint"}, "/contracting-releases": {"process", "contracting"}, "/contracting-faults": {"file", "contractingfile"}, "/red-flags": {"process", "contracting"},
}

// contracting writes a contract.
func (h *house) contracting(v *visitor) {
	h.t.Helper()
	h.done(v, "/contracting/new", url.Values{"org": {h.org}, "title": {"Bridge of opencontract"}, "supplier": {"Demonstration Builders opencontract"}, "amount": {"5000"}})
	h.add(thing{kind: "contracting", id: h.one(`SELECT id FROM procurement_process ORDER BY id DESC LIMIT 1`), org: h.org, state: "published", keep: "procurement.write"})
}
