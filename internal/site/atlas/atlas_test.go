package atlas

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/paulmach/orb/encoding/mvt"

	"ceiba/internal/face/api"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{who.Schema, api.Schema, geo.Schema}

const gazetteer = `geonameid,name,lat,lon,district,district_geom,fcode,population,via
3582677,Belize City,17.49952,-88.19756,BZ-BZ,BZ-BZ,PPLA,61461,cities500
3581194,San Ignacio,17.1588,-89.0696,BZ-CY,BZ-CY,PPL,26151,cities500
10,San Antonio,16.2458,-89.0225,BZ-TOL,BZ-TOL,PPL,,made-up
11,San Antonio,17.0833,-89.0167,BZ-CY,BZ-CY,PPL,,made-up
`

type anybody struct{ *who.Policy }

func (a anybody) Session(context.Context, string) (who.Actor, error) {
	return who.Nobody(a.Policy), nil
}

func (a anybody) Key(context.Context, string) (who.Actor, error) { return who.Nobody(a.Policy), nil }

// site serves the places of the gazetteer above.
func site(t *testing.T, d *db.DB) func(path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	if got, err := geo.ImportCSV(t.Context(), d, strings.NewReader(gazetteer)); err != nil || got.Added != 4 {
		t.Fatal(got, err)
	}
	words := i18n.NewCatalog()
	for _, err := range []error{words.Add("web", web.Words), words.Add("ui", ui.Words), words.Add("geo", geo.Words), words.Add("atlas", Words), words.Add("who", who.Words)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	policy, routes := who.MustPolicy(), &web.Routes{}
	a := &Atlas{DB: d, Base: func() string { return "https://open.example" }}
	a.routes(routes)
	a.api(api.New(d, routes, "test"))
	server, err := web.NewServer(web.Config{Words: words, Policy: policy, Sessions: anybody{policy}, Log: slog.New(slog.DiscardHandler), Version: func() string { return "1" }}, routes)
	if err != nil {
		t.Fatal(err)
	}
	return func(path string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		return w
	}
}

func TestTiles(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		get := site(t, d)
		var set geo.TileSet
		w := get("/map/belize.json")
		if err := json.Unmarshal(w.Body.Bytes(), &set); err != nil || set.TileJSON != "3.0.0" || len(set.VectorLayers) != 2 || w.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Fatalf("%d %s %v", w.Code, w.Body, err)
		}
		path := strings.NewReplacer("https://open.example", "", "{z}", "7", "{x}", "32", "{y}", "57").Replace(set.Tiles[0])
		w = get(path)
		layers, err := mvt.Unmarshal(w.Body.Bytes())
		if err != nil || w.Header().Get("Content-Type") != "application/vnd.mapbox-vector-tile" {
			t.Fatalf("%s: %d %v %v", path, w.Code, w.Header(), err)
		}
		seen := map[string]bool{}
		for _, l := range layers {
			for _, f := range l.Features {
				name, _ := f.Properties["name"].(string)
				seen[l.Name+" "+name] = true
			}
		}
		if !seen["districts Cayo"] || !seen["places San Ignacio"] {
			t.Errorf("the tile shows %v", seen)
		}
		for path, want := range map[string]int{
			"/map/belize/7/0/0.mvt": 204, "/map/belize/7/32/57": 400, "/map/belize/7/32/x.mvt": 400, "/map/belize/99/1/1.mvt": 400,
			"/map/nothing/7/32/57.mvt": 404, "/map/nothing.json": 404, "/map/belize": 404,
		} {
			if w := get(path); w.Code != want {
				t.Errorf("%s: %d, not %d", path, w.Code, want)
			}
		}
	}, schemas...)
}

// TestOfflineMap asks for the file as a phone does: its header first, then a
// part, and only when it has changed.
func TestOfflineMap(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		get := site(t, d)
		w := get("/map/belize.pmtiles", "Range", "bytes=0-126")
		if w.Code != http.StatusPartialContent || w.Body.Len() != 127 || !strings.HasPrefix(w.Body.String(), "PMTiles\x03") {
			t.Fatalf("%d, %d bytes %q", w.Code, w.Body.Len(), w.Body.String()[:min(8, w.Body.Len())])
		}
		etag := w.Header().Get("ETag")
		if w := get("/map/belize.pmtiles", "If-None-Match", etag); w.Code != http.StatusNotModified {
			t.Errorf("asked again: %d", w.Code)
		}
		if _, err := geo.ImportCSV(t.Context(), d, strings.NewReader("geonameid,name,lat,lon,district,district_geom,fcode,population,via\n12,Crooked Tree,17.77,-88.53,BZ-BZ,BZ-BZ,PPL,,made-up\n")); err != nil {
			t.Fatal(err)
		}
		if w := get("/map/belize.pmtiles", "If-None-Match", etag); w.Code != http.StatusOK || w.Header().Get("ETag") == etag {
			t.Errorf("after another place: %d", w.Code)
		}
	}, schemas...)
}

func TestPlacesAPI(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		get := site(t, d)
		list := func(query string) (out []PlaceBody, next string) {
			t.Helper()
			var body struct {
				Places []PlaceBody
				Next   string
			}
			w := get("/api/v1/places?" + query)
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != 200 {
				t.Fatalf("%s: %d %s", query, w.Code, w.Body)
			}
			return body.Places, body.Next
		}
		names := func(places []PlaceBody) string {
			var out []string
			for _, p := range places {
				out = append(out, p.Name+" "+p.District)
			}
			return strings.Join(out, ", ")
		}
		for query, want := range map[string]string{
			"q=san+ignasio":                                    "San Ignacio BZ-CY",
			"q=San+Antonio,+Toledo":                            "San Antonio BZ-TOL",
			"q=San+Antonio&district=BZ-CY&kind=village":        "San Antonio BZ-CY",
			"near=17.1,-89.05&limit=2":                         "San Antonio BZ-CY, San Ignacio BZ-CY",
			"near=17.1,-89.05&radius=5000":                     "San Antonio BZ-CY",
			"bbox=-89,17,-88,18":                               "Belize City BZ-BZ",
			"district=BZ-TOL":                                  "San Antonio BZ-TOL",
			"district=BZ-CY&kind=caye":                         "",
			"near=17.1,-89.05&limit=1&district=BZ-TOL":         "San Antonio BZ-TOL",
			"district=BZ-CY%27+OR+1%3D1+--&bbox=-90,15,-87,19": "",
		} {
			if got, _ := list(query); names(got) != want {
				t.Errorf("%s: %s, not %s", query, names(got), want)
			}
		}
		first, next := list("limit=3")
		rest, end := list("limit=3&cursor=" + next)
		if len(first) != 3 || len(rest) != 1 || end != "" {
			t.Errorf("pages of %d and %d, then %q", len(first), len(rest), end)
		}
		if w := get("/api/v1/places/" + first[0].ID); w.Code != 200 || !strings.Contains(w.Body.String(), first[0].SourceID) {
			t.Errorf("one place: %d %s", w.Code, w.Body)
		}
		for path, want := range map[string]int{
			"/api/v1/places/none": 404, "/api/v1/places?near=x": 400, "/api/v1/places?bbox=1,2,3": 400, "/api/v1/places?cursor=x": 400,
			"/api/v1/where?q=Atlantis": 404, "/api/v1/where": 422,
		} {
			if w := get(path); w.Code != want {
				t.Errorf("%s: %d, not %d: %s", path, w.Code, want, w.Body)
			}
		}
		for q, want := range map[string]string{
			"17.25, -88.76": `"how":"coordinates"`, "San Ignacio": `"how":"place"`, "San Antonio": `"how":"ambiguous"`, "Toledo": `"how":"district"`,
		} {
			if w := get("/api/v1/where?q=" + strings.ReplaceAll(q, " ", "+")); w.Code != 200 || !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: %d %s", q, w.Code, w.Body)
			}
		}
		if w := get("/api/v1/districts"); w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/geo+json") || strings.Count(w.Body.String(), `"type":"Feature"`) != 6 {
			t.Errorf("districts: %d %.200s", w.Code, w.Body)
		}
	}, schemas...)
}
