package story

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"ceiba/internal/collaboration/consultation"
	"ceiba/internal/collaboration/forum"
	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/joint"
	"ceiba/internal/face/api"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/search"
	"ceiba/internal/service/who"
)

// nobodyHere is a site in which nobody is signed in.
type nobodyHere struct{ policy *who.Policy }

func (n nobodyHere) Session(context.Context, string) (who.Actor, error) {
	return who.Nobody(n.policy), nil
}

func (n nobodyHere) Key(context.Context, string) (who.Actor, error) {
	return who.Nobody(n.policy), nil
}

// site has a ministry and its roads behind real routes.
type site struct {
	*web.Server
	t        *testing.T
	d        *db.DB
	index    *search.Index
	ministry org.Org
	system   who.Actor
}

func (s *site) get(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

// shows checks that a page is there and says things, and not others.
func (s *site) shows(path string, status int, says ...string) string {
	s.t.Helper()
	w := s.get(path)
	if w.Code != status {
		s.t.Errorf("%s: %d, want %d", path, w.Code, status)
	}
	text := w.Body.String()
	for _, want := range says {
		if no, ok := strings.CutPrefix(want, "!"); ok && strings.Contains(text, no) {
			s.t.Errorf("%s says %q", path, no)
		} else if !ok && !strings.Contains(text, want) {
			s.t.Errorf("%s does not say %q:\n%s", path, want, text)
		}
	}
	return text
}

// road is a kind of record whose ids say what they are; "secret" ones are not
// for everybody.
func road(ministry func() string) record.Kind {
	card := func(id string) record.Card {
		return record.Card{Ref: record.Ref{Kind: "road", ID: id}, Title: "Road <" + id + ">", Org: ministry(), Public: !strings.HasPrefix(id, "secret")}
	}
	return record.Kind{
		Name: "road",
		Describe: func(_ context.Context, _ *db.Tx, _ who.Actor, ids []string) (out []record.Card, err error) {
			for _, id := range ids {
				out = append(out, card(id))
			}
			return out, nil
		},
		Text: func(_ context.Context, _ *db.Tx, ids []string) (out []record.Text, err error) {
			for _, id := range ids {
				if c := card(id); c.Public {
					out = append(out, record.Text{
						ID: id, Lang: "en", Title: c.Title, Body: "A road of Garífuna villages & farms",
						Facets: map[string][]string{"org": {c.Org}, "district": {"BZ-TOL"}},
					})
				}
			}
			return out, nil
		},
	}
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	s := &site{t: t, d: d}
	policy := who.MustPolicy(org.Rules...)
	s.system = who.System(policy, "test")
	kinds, err := record.NewRegistry(org.Record, road(func() string { return s.ministry.ID }))
	ok(t, err)
	registry := func() *record.Registry { return kinds }
	s.index = search.New(d, registry)
	words := i18n.NewCatalog()
	st := &Story{DB: d, Kinds: registry, Policy: func() *who.Policy { return policy }, Base: func() string { return "https://test.example" }}
	for name, files := range map[string]fs.FS{"web": web.Words, "ui": ui.Words, "geo": geo.Words, "org": org.Words, "story": st.Module().Words} {
		ok(t, words.Add(name, files))
	}
	routes := &web.Routes{}
	st.Module().Routes(routes)
	st.Module().API(api.New(d, routes, "test"))
	version := 0
	s.Server, err = web.NewServer(web.Config{
		Words: words, Policy: policy, Sessions: nobodyHere{policy}, Log: slog.New(slog.DiscardHandler),
		Version: func() string { version++; return strings.Repeat("v", version) },
	}, routes)
	ok(t, err)
	return s
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fill makes the ministry and three roads, one of them secret.
func (s *site) fill() {
	s.t.Helper()
	ctx := s.t.Context()
	var err error
	s.ministry, err = org.Create(ctx, s.d, s.system, org.Change{Name: "Ministry of Works", Kind: org.National, Description: "Builds roads"})
	ok(s.t, err)
	for _, id := range []string{"north", "south", "secret"} {
		ok(s.t, s.d.Update(ctx, func(tx *db.Tx) error {
			_, err := activity.Append(ctx, tx, activity.Entry{Actor: "system:t", Verb: "road.opened", Kind: "road", Record: id, Org: s.ministry.ID, Public: true, Note: "by <b>me</b>"})
			return err
		}))
	}
	s.settle()
}

func (s *site) settle() {
	s.t.Helper()
	ok(s.t, activity.NewLog(s.d, slog.New(slog.DiscardHandler), s.index.Listener()).Drain(s.t.Context()))
}

var schemas = []db.Schema{
	activity.Schema, who.Schema, org.Schema, record.Schema, geo.Schema, search.Schema, plan.Schema, answer.Schema, consultation.Schema, ballot.Schema, meeting.Schema, forum.Schema, joint.Schema,
}

func TestEmptySiteTellsWhatToDo(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.shows("/", 200, "No data yet", "No plan is being carried out", "Nothing is open right now", "Publish a dataset", "Nothing has happened yet", `href="/place/BZ-CY"`)
		s.shows("/search?q=road", 200, "We found nothing")
		s.shows("/search?q=%22%20OR%20%28", 200, "We found nothing")
		s.shows("/place/BZ-TOL", 200, "Nothing is published about this place yet")
		s.shows("/places", 200, "No places yet", "ceiba import places", `href="/place/BZ-CY"`)
		s.shows("/places?q=nowhere", 200, "We found no place", "All places")
		s.shows("/organisations", 200, "No organisation matches")
		s.shows("/activity", 200, "Nothing has happened yet")
		s.shows("/activity.atom", 200, "<feed")
		s.shows("/activity.json", 200, `"items":[]`)
		s.shows("/design", 200, "Colour and type")
		s.shows("/place/BZ-XX", 404)
		s.shows("/organisation/none", 404)
	}, schemas...)
}

func TestPagesOfSeveralKinds(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.fill()
		s.shows("/", 200, "Something changed: Road &lt;south&gt;", "Ministry of Works", "!secret", "2 public records")
		s.shows("/search?q=garifna+roads&district=BZ-TOL", 200, "2 results", "<mark>Garífuna</mark> villages &amp; farms", "<mark>Road</mark> &lt;north&gt;", "Nothing holds the word", "!secret")
		s.shows("/search?q=ministry&kind=road", 200, "We found nothing")
		s.shows("/search?from=x", 400)
		s.shows("/place/BZ-TOL", 200, "Road &lt;south&gt;", "!secret")
		s.shows("/place/BZ-CY", 200, "Nothing is published about this place yet")
		s.shows("/organisations?q=works", 200, "Ministry of Works")
		s.shows("/activity?kind=road", 200, "Road &lt;north&gt;", "by &lt;b&gt;me&lt;/b&gt;", "!secret", "!Added")
		if w := s.get("/place/bz-tol"); w.Code != 301 || w.Header().Get("Location") != "/place/BZ-TOL" {
			t.Errorf("a district in lower case: %d %s", w.Code, w.Header().Get("Location"))
		}
	}, schemas...)
}

func TestOrganisation(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.fill()
		ctx := t.Context()
		m, err := org.Edit(ctx, d, s.system, s.ministry.ID, org.Change{Kind: org.National, Name: "Ministry of Works and Housing", Version: s.ministry.Version, Note: "New law"})
		ok(t, err)
		next, err := org.Create(ctx, d, s.system, org.Change{Name: "Ministry of Infrastructure", Kind: org.National})
		ok(t, err)
		s.settle()
		for _, key := range []string{m.ID, "ministry-of-works"} {
			if w := s.get("/organisation/" + key); w.Code != 301 || w.Header().Get("Location") != "/organisation/ministry-of-works-and-housing" {
				t.Errorf("%s: %d %s", key, w.Code, w.Header().Get("Location"))
			}
		}
		s.shows("/organisation/ministry-of-works-and-housing", 200, "New law", "Ministry of Works</", "Road &lt;south&gt;", "Answers for 2 public records", "https://test.example/organisation/"+m.ID, "!secret")
		ok(t, org.Succeed(ctx, d, s.system, org.Succession{From: []string{m.ID}, To: []string{next.ID}, Reason: org.Renamed, On: "2020-01-01"}))
		s.settle()
		s.shows("/organisation/ministry-of-works-and-housing", 200, "Ended on 1 January 2020. Ministry of Infrastructure followed.")
		s.shows("/organisation/ministry-of-infrastructure", 200, "Came after")
		s.shows("/api/v1/organisations/ministry-of-works", 200, `"name":"Ministry of Works and Housing"`, `"note":"New law"`, `"successors":["`+next.ID+`"]`)
		s.shows("/api/v1/organisations", 200, next.ID, "!"+m.ID)
		s.shows("/api/v1/organisations?ended=true", 200, next.ID, m.ID)
	}, schemas...)
}

func TestFeedsAndAPI(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.fill()
		w := s.get("/activity.atom?kind=road")
		var atom struct {
			ID      string `xml:"id"`
			Entries []struct {
				ID    string `xml:"id"`
				Title string `xml:"title"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal(w.Body.Bytes(), &atom); err != nil || len(atom.Entries) != 2 || atom.Entries[0].Title != "Something changed: Road <south>" ||
			!strings.HasPrefix(atom.Entries[0].ID, "urn:uuid:") || atom.ID != "https://test.example/activity.atom?kind=road" {
			t.Errorf("%+v %v\n%s", atom, err, w.Body)
		}
		if !strings.Contains(w.Body.String(), `<summary type="text">road · Ministry of Works. by &lt;b&gt;me`) {
			t.Errorf("what people wrote may be read as HTML:\n%s", w.Body)
		}
		if ct := w.Header().Get("Content-Type"); ct != "application/atom+xml; charset=utf-8" {
			t.Error(ct)
		}
		w = s.get("/activity.json?org=" + s.ministry.ID)
		var feed struct {
			Version string `json:"version"`
			FeedURL string `json:"feed_url"`
			Items   []struct{ ID, URL string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &feed); err != nil || len(feed.Items) != 3 || !strings.HasPrefix(feed.Version, "https://jsonfeed.org/") ||
			w.Header().Get("Content-Type") != "application/feed+json; charset=utf-8" {
			t.Errorf("%+v %v\n%s", feed, err, w.Body)
		}
		var found struct {
			Results []struct {
				ID  string
				Why []struct{ Hit bool }
			}
			Total  int
			Meant  map[string]string
			Facets map[string][]struct {
				Value string
				Count int
			}
		}
		w = s.get("/api/v1/search?q=garifna&kind=road")
		if err := json.Unmarshal(w.Body.Bytes(), &found); err != nil || found.Total != 2 || found.Meant["garifna"] != "garifuna" || len(found.Facets["district"]) != 1 || len(found.Results[0].Why) < 2 {
			t.Errorf("%+v %v\n%s", found, err, w.Body)
		}
		var first, second struct {
			Events []struct{ Record string }
			Next   int64
		}
		ok(t, json.Unmarshal(s.get("/api/v1/activity?kind=road&limit=1").Body.Bytes(), &first))
		if len(first.Events) != 1 || first.Events[0].Record != "south" || first.Next == 0 {
			t.Errorf("%+v", first)
		}
		ok(t, json.Unmarshal(s.get("/api/v1/activity?kind=road&limit=1&before="+jsonNumber(first.Next)).Body.Bytes(), &second))
		if len(second.Events) != 1 || second.Events[0].Record != "north" {
			t.Errorf("%+v", second)
		}
	}, schemas...)
}

func jsonNumber(n int64) string {
	b, _ := json.Marshal(n)
	return string(b)
}

// TestVillages shows the gazetteer's places of a district, and one of them.
func TestVillages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.shows("/place/BZ-TOL", 200, "!Towns and villages")
		_, err := geo.ImportGeoNames(t.Context(), d, strings.NewReader("3581194\tSan Antonio\tSan Antonio\t\t16.2446\t-89.0232\tP\tPPL\tBZ\t\t06\t\t\t\t1000\t\t200\tAmerica/Belize\t2012-01-18\n"))
		ok(t, err)
		text := s.shows("/place/BZ-TOL", 200, "Towns and villages", "San Antonio")
		_, after, _ := strings.Cut(text, `class="near"`)
		_, after, _ = strings.Cut(after, `href="`)
		path, _, _ := strings.Cut(after, `"`)
		s.shows(path, 200, "San Antonio", "Village", "Toledo District", "!Nearby")
	}, schemas...)
}

// TestPlaces searches the gazetteer, narrows it, pages through it and follows a
// place.
func TestPlaces(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.fill()
		lines := "geonameid,name,lat,lon,fcode,population\n1,Crooked <Tree>,17.77,-88.53,PPL,\n2,San Antonio,16.2458,-89.0225,PPL,\n3,San Antonio,17.0833,-89.0167,PPLQ,\n4,Belmopan,17.25,-88.77,PPLC,20000\n"
		for i := range 40 {
			lines += fmt.Sprintf("%d,Village %02d,16.3,-88.9,PPL,\n", 100+i, i)
		}
		_, err := geo.ImportCSV(t.Context(), d, strings.NewReader(lines))
		ok(t, err)
		s.shows("/places", 200, "44 places", "Crooked &lt;Tree&gt;", "Capital", "Abandoned village", "16.2458, -89.0225", `<svg`, "GeoNames (CC BY 4.0)", "!Village 39")
		text := s.shows("/places?kind=village&district=BZ-TOL", 200, "41 places in Toledo District · Village", "!Belmopan", "!Crooked")
		_, next, _ := strings.Cut(text, `href="/places?cursor=`)
		next, _, _ = strings.Cut(next, `"`)
		s.shows("/places?cursor="+strings.ReplaceAll(next, "&amp;", "&"), 200, "Village 39", "!Village 00")
		s.shows("/places?q=san+antonio&district=BZ-CY", 200, "1 place for “san antonio” in Cayo District", "17.0833")
		s.shows("/places?q=san+antonio&lang=es", 200, "2 lugares para «san antonio»", "Aldea abandonada")
		s.shows("/places?kind=x&district=y&q=%00%ff", 200, "We found no place")
		s.shows("/places?cursor=x", 400)
		text = s.shows("/places?q=san+antonio+toledo", 200, "1 place")
		_, path, _ := strings.Cut(text, `href="/place/0`)
		path, _, _ = strings.Cut(path, `"`)
		s.shows("/place/0"+path, 200, "Nearby places", ">Village ", "14 km", "Nothing that is published names San Antonio yet", "Road &lt;south&gt;", `href="/places"`)
	}, schemas...)
}
