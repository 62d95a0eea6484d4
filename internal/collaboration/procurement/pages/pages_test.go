package pages

import (
	"cmp"
	"context"
	"embed"
	"encoding/csv"
	"log/slog"
	"maps"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/redflag"
	"ceiba/internal/face/api"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/money"
	"ceiba/internal/ground/needtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/job"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, who.Schema, record.Schema, org.Schema, api.Schema, procurement.Schema, redflag.Schema}

// site is a server whose pages a test asks for.
type site struct {
	*Pages
	t      *testing.T
	policy *who.Policy
	server *web.Server
	lang   string
}

// Session and Key make a site the sessions of its server: nobody signs in.
func (s *site) Session(context.Context, string) (who.Actor, error) { return who.Nobody(s.policy), nil }

func (s *site) Key(context.Context, string) (who.Actor, error) { return who.Nobody(s.policy), nil }

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	s := &site{t: t, lang: "en", policy: who.MustPolicy(append(procurement.Rules, record.Rules...)...)}
	kinds, err := record.NewRegistry(procurement.Kind, procurement.FileKind)
	s.must(err)
	s.Pages = &Pages{DB: d, Kinds: func() *record.Registry { return kinds }, Base: func() string { return "https://x.example" }}
	words := i18n.NewCatalog()
	for name, files := range map[string]embed.FS{"web": web.Words, "ui": ui.Words, "procurement": procurement.Words, "ocds": ocds.Words, "who": who.Words, "talk": talk.Words, "listing": listing.Words, "geo": geo.Words, "record": record.Words} {
		s.must(words.Add(name, files))
	}
	routes := &web.Routes{}
	s.routes(routes)
	s.api(api.New(d, routes, "test"))
	s.server, err = web.NewServer(web.Config{Words: words, Policy: s.policy, Sessions: s, NoLimits: true, Log: slog.New(slog.DiscardHandler), Version: func() string { return time.Now().String() }}, routes)
	s.must(err)
	return s
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) take(name, text string) procurement.Taken {
	s.t.Helper()
	got, err := procurement.Import(s.t.Context(), s.DB, who.System(s.policy, "test"), procurement.Source{Name: name, Licence: "https://example.org/licence"}, strings.NewReader(text), nil)
	s.must(err)
	return got
}

// ask returns what an address answers.
func (s *site) ask(path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", s.lang)
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	return w
}

var tags = regexp.MustCompile(`<[^>]*>`)

// page expects a status and words; words that begin with ! must not be there.
func (s *site) page(path string, want int, words ...string) string {
	s.t.Helper()
	w := s.ask(path)
	text := w.Body.String()
	if w.Code != want {
		s.t.Errorf("%s: %d, want %d: %.300s", path, w.Code, want, tags.ReplaceAllString(text, ""))
	}
	said := tags.ReplaceAllString(text, "")
	for _, x := range words {
		if not, ok := strings.CutPrefix(x, "!"); ok && strings.Contains(text, not) {
			s.t.Errorf("%s says %q", path, not)
		} else if !ok && !strings.Contains(text, x) && !strings.Contains(said, x) {
			s.t.Errorf("%s lacks %q", path, x)
		}
	}
	return w.Header().Get("Location")
}

func (s *site) find(name string) (p procurement.Process) {
	s.t.Helper()
	s.must(s.DB.View(s.t.Context(), func(tx *db.Tx) (err error) { p, err = procurement.Find(s.t.Context(), tx, name); return err }))
	return p
}

// The pages of the demonstration, in both languages.
func TestDemonstration(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.page("/contracting", 200, "No contract or tender matches", "ask the office that buys", "!procurement.")
		s.must(s.Demo(t.Context(), who.System(s.policy, "test")))
		s.page("/contracting", 200, "Demonstration: repair of twenty drains in Toledo", "BZ$88,000", "Demonstration Builders (made up)", "expected", "Being carried out", "!procurement.")
		s.page("/contracting?stage=tender", 200, "books", "!drains in Toledo")
		s.page("/contracting?district=BZ-CY&q=FEEDER", 200, "feeder road", "!books")
		s.page("/contracting?currency=BZD&least=100,000", 200, "feeder road", "books", "!drains")
		s.page("/contracting?least=5", 422, "Choose the currency")
		s.page("/contracting?from=May", 422, "is no date")
		s.page("/contracting?stage=none", 422)
		p := s.find("ocds-demo00-drains")
		if to := s.page("/contracting/ocds-demo00-drains", 301); to != "/contracting/"+p.ID {
			t.Errorf("the ocid leads to %s", to)
		}
		path := "/contracting/" + p.ID
		s.page(path, 200, "Demonstration Ministry of Works (made up) buys this from Demonstration Builders (made up).", "The contracts come to BZ$88,000.", "Signed on 1 December 2025.", "runs until 31 July 2026",
			"2 organisations made offers", "The amount changed", "from BZ$82,500 to BZ$88,000", "BZ$50,000", "Toledo District", `rel="nofollow noopener noreferrer"`, "5 releases", p.Digest, "demonstration.jsonl", "!procurement.", "!ocds.")
		s.page(path+"/compiled", 200, `"ocid":"ocds-demo00-drains"`)
		s.page("/contracting/"+s.find("ocds-demo00-road").ID, 200, "one organisation made an offer", "BZ$236,400.50")
		s.page("/supplier/DEMO-builders", 200, "2 contracts and tenders won.", "BZ$88,000", "1 of them has an amount that several suppliers share", "Demonstration Town Council (made up)", "2025", "!procurement.", `href="/contracting?amount=agreed&amp;currency=BZD&amp;shared=no&amp;supplier=DEMO-builders"`)
		s.page("/buyer/demo-works", 200, "2 contracts and tenders.", "BZ$324,400.50", "!procurement.")
		s.page("/buyer/demo-education", 200, "2 of them have no agreed amount", "!procurement.")
		s.page("/supplier/nobody", 404)
		s.page("/suppliers?buyer=demo-works", 200, "Demonstration Roads (made up)", "!Solar")
		s.page("/suppliers?q=solar", 200, "Demonstration Solar (made up)", "!Roads")
		s.page("/buyers", 200, "Demonstration Town Council (made up)", "!procurement.")
		s.page("/api/v1/suppliers?limit=1", 200, `"key":"DEMO-builders"`, `"amounts":["BZD 88000.00"]`, `"next":"`)
		s.lang = "es"
		for _, at := range []string{path, "/contracting", "/suppliers", "/buyers", "/supplier/DEMO-solar", "/buyer/demo-works", "/contracting-files", "/contracting-releases", "/contracting-faults"} {
			s.page(at, 200, "!procurement.", "!listing.by")
		}
		s.page(path, 200, "compra esto a", "De dónde vienen estas cifras")
	}, schemas...)
}

// wild is a process whose ids and texts are as bad as they come.
const wild = `{"ocid":"ocds-w/ä b?c#1%2F","id":"1","date":"2026-01-05T00:00:00Z","tag":["tender","own"],"initiationType":"tender","buyer":{"id":"../b","name":"<b>Office</b>"},
	"tender":{"id":1,"title":"<script>x()</script>","procurementMethod":"magic","value":{"amount":"7"},"documents":[{"id":"1","title":"Bad","url":"javascript:x()"},{"id":"2","title":"Good","url":"https://example.org/?a=1&b=2"}],
	"items":[{"id":"i","quantity":"many"}]},"awards":[{"id":"a","status":"active","suppliers":[{"name":"Ünï & Söhne / \"1\""}]}]}`

func TestWildKeys(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.take("wild.json", strings.ReplaceAll(wild, "\n", " "))
		p := s.find("ocds-w/ä b?c#1%2F")
		if to := s.page("/contracting/"+url.PathEscape(p.OCID), 301); to != "/contracting/"+p.ID {
			t.Errorf("leads to %q", to)
		}
		s.page("/contracting/"+p.ID, 200, "&lt;script&gt;", "!<script>x()", "!javascript:", "no link that a browser can follow", "https://example.org/?a=1&amp;b=2", "7 (the currency is not said)", "magic", "own")
		for _, x := range p.Parties {
			s.page(partyPath(x.Role, x.Key), 200, "!<b>Office")
			s.page("/contracting?"+x.Role+"="+url.QueryEscape(x.Key), 200, "&lt;script&gt;")
			if key, err := partyKey(strings.TrimPrefix(partyPath(x.Role, x.Key), "/"+x.Role+"/")); err != nil || key != x.Key {
				t.Errorf("%q came back as %q: %v", x.Key, key, err)
			}
		}
		s.page("/contracting?currency=NONE", 200, "&lt;script&gt;")
		s.page("/supplier/~!", 404)
	}, schemas...)
}

// Each part of a file is told to search: a job for its entry of the log, which names
// every process once.
func TestFoundAfterImport(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.must(s.Demo(t.Context(), who.System(s.policy, "test")))
		var found []record.Ref
		s.Search = func(_ context.Context, _ *db.Tx, refs []record.Ref) error {
			found = append(found, refs...)
			return nil
		}
		var x part
		s.must(d.Update(t.Context(), func(tx *db.Tx) (err error) {
			x, err = db.Get(t.Context(), tx, func(x *part) []any { return []any{&x.File, &x.At} }, `SELECT DISTINCT import, at FROM procurement_release`)
			s.must(err)
			return s.listener().Handle(t.Context(), tx, []activity.Event{
				{Verb: "contractingfile.taken", Kind: "contractingfile", Record: x.File, At: x.At}, {Verb: "contractingfile.ended", Kind: "contractingfile", Record: x.File, At: x.At},
			})
		}))
		s.must(s.indexPart(t.Context(), x))
		if len(found) != 5 {
			t.Errorf("%d processes are told: %v", len(found), found)
		}
		jobs := 0
		s.must(d.View(t.Context(), func(tx *db.Tx) error {
			all, err := job.List(t.Context(), tx, job.Filter{Kind: indexing}, 10)
			jobs = len(all)
			return err
		}))
		if jobs != 1 {
			t.Errorf("%d jobs", jobs)
		}
	}, append(schemas, job.Schema)...)
}

// What was wrong in a file is said row by row.
func TestFilePage(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		got := s.take("broken.jsonl", `{"ocid":"ocds-x-1","id":"1","date":"2026-01-05T00:00:00Z","tag":["tender"],"tender":{"id":"1"}}`+"\n{\"ocid\": \"x\", \"id\": }\n{\"id\":\"2\",\"tag\":[\"tender\"],\"date\":\"2026-01-01T00:00:00Z\",\"tender\":{\"id\":\"1\"}}\n")
		if got.Faults != 2 {
			t.Fatalf("%+v", got)
		}
		s.page(got.Ref().Path(), 200, "broken.jsonl", "https://example.org/licence", got.Digest, "“}” cannot stand here", "A release without an ocid", "!Line {", "!procurement.", "!{column")
		s.page("/contracting-faults?file="+got.ID, 200, "cannot stand here", "A release without an ocid")
		s.page("/contracting-faults.csv?file="+got.ID, 200, got.ID+",1,2,", ",ocid,A release without")
		s.page("/contracting-faults?file=none", 404)
		s.page("/contracting-files.csv", 200, "broken.jsonl")
		s.page("/api/v1/contracting-faults?limit=1", 200, `"next":"`)
	}, schemas...)
}

// Every real process and organisation has a page, and the sums of organisations are
// those of the rows behind them.
func TestRealPages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.takeReal()
		rows := s.csv("/contracting.csv")
		if len(rows) < 200 {
			t.Errorf("%d processes", len(rows))
		}
		for _, r := range rows {
			s.page("/contracting/"+r["id"], 200, "!procurement.moment", "!procurement.says", "!procurement.fact")
		}
		for _, role := range []string{"supplier", "buyer"} {
			all := s.csv("/" + role + "s.csv")
			for i, r := range all {
				if i%20 == 0 {
					s.page(partyPath(role, r["key"]), 200, "!procurement.")
					s.adds(role, r)
				}
			}
			if len(all) < 30 {
				t.Errorf("%d %ss", len(all), role)
			}
		}
	}, schemas...)
}

// adds checks that what a row says of an organisation is what its processes give.
func (s *site) adds(role string, r map[string]string) {
	s.t.Helper()
	at := func(more string) []map[string]string {
		return s.csv("/contracting.csv?" + role + "=" + url.QueryEscape(r["key"]) + more)
	}
	alone := ""
	if role == "supplier" {
		alone = "&shared=no"
		if n := strconv.Itoa(len(at("&amount=agreed&shared=yes"))); n != r["shared"] {
			s.t.Errorf("%s %s: %s shared, rows %s", role, r["key"], r["shared"], n)
		}
	}
	if n, without := strconv.Itoa(len(at(""))), strconv.Itoa(len(at("&amount=none"))); n != r["processes"] || without != r["without_amount"] {
		s.t.Errorf("%s %s: %s processes, %s without; rows %s, %s", role, r["key"], r["processes"], r["without_amount"], n, without)
	}
	sums := map[string]int64{}
	for _, x := range at("&amount=agreed" + alone) {
		cents, err := strconv.ParseInt(x["cents"], 10, 64)
		s.must(err)
		sums[cmp.Or(x["currency"], procurement.NoCurrency)] += cents
	}
	var said []string
	for _, currency := range slices.Sorted(maps.Keys(sums)) {
		said = append(said, currency+" "+money.Amount{Minor: sums[currency]}.Decimal())
	}
	if got := strings.Join(said, "; "); got != r["amounts"] {
		s.t.Errorf("%s %s: %s, rows give %s", role, r["key"], r["amounts"], got)
	}
}

// takeReal takes all real files in.
func (s *site) takeReal() {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(needtest.Data(s.t), "ocds", "real-releases", "*.jsonl"))
	s.must(err)
	for _, name := range files {
		raw, err := os.ReadFile(name)
		s.must(err)
		s.take(filepath.Base(name), string(raw))
	}
}

// csv are the rows of a list.
func (s *site) csv(path string) (out []map[string]string) {
	s.t.Helper()
	w := s.ask(path)
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\ufeff"))).ReadAll()
	s.must(err)
	for _, l := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = l[i]
		}
		out = append(out, row)
	}
	return out
}
