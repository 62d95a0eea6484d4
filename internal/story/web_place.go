package story

import (
	"cmp"
	"context"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/search"
)

// placeView is what the page of a district, or of a place in one, shows.
type placeView struct {
	District geo.District
	Place    *geo.Place // nil for the district itself
	Result   search.Result
	Cards    []record.Card
	Orgs     map[string]string
	Villages []geo.Place
	Nearby   []nearPlace // of a place
	Wider    bool        // nothing names the place: Cards are of its district
}

// nearPlace is a place and how far away it is.
type nearPlace struct {
	Place  geo.Place
	Metres float64
}

// near is how many places around a place are listed.
const near = 8

func (n nearPlace) distance(ctx context.Context) string {
	km := n.Metres / 1000
	if km >= 10 {
		return i18n.T(ctx, "story.nearby_km", "km", i18n.Number(ctx, math.Round(km)))
	}
	return i18n.T(ctx, "story.nearby_km", "km", i18n.Number(ctx, max(0.1, math.Round(km*10)/10)))
}

// villages is how many places of a district are listed.
const villages = 80

func (s *Story) place(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	code := r.PathValue("code")
	if d, ok := geo.DistrictByCode(strings.ToUpper(code)); ok && d.Code != code {
		http.Redirect(w, r, "/place/"+d.Code, http.StatusMovedPermanently)
		return nil
	}
	var v placeView
	if err := s.DB.View(ctx, func(tx *db.Tx) error { return s.fillPlace(ctx, tx, code, &v) }); err != nil {
		return err
	}
	title := i18n.T(ctx, v.District.NameKey())
	page := ui.Page{Title: title, Description: i18n.T(ctx, "story.place_lead", "place", title), Canonical: s.Base() + "/place/" + v.District.Code}
	page.Crumbs = []ui.Link{{Text: i18n.T(ctx, "story.places"), Href: "/places"}}
	if v.Place != nil {
		page.Title, page.Canonical = v.Place.Name, s.Base()+"/place/"+v.Place.ID
		page.Crumbs = append(page.Crumbs, ui.Link{Text: title, Href: "/place/" + v.District.Code})
	}
	return web.Page(w, r, http.StatusOK, page, placePage(v))
}

func (s *Story) fillPlace(ctx context.Context, tx *db.Tx, code string, v *placeView) error {
	d, ok := geo.DistrictByCode(code)
	if !ok {
		places, err := geo.PlacesByID(ctx, tx, []string{code})
		if err != nil {
			return err
		}
		p, there := places[code]
		if d, ok = geo.DistrictByCode(p.District); !there || !ok {
			return db.ErrNotFound
		}
		v.Place = &p
	}
	v.District = d
	if err := s.fillPlaceRecords(ctx, tx, v); err != nil {
		return err
	}
	var err error
	if v.Place == nil {
		v.Villages, err = villagesOf(ctx, tx, d)
		return err
	}
	v.Nearby, err = nearbyOf(ctx, tx, *v.Place)
	return err
}

// fillPlaceRecords finds what is public about the place, or else about its
// district.
func (s *Story) fillPlaceRecords(ctx context.Context, tx *db.Tx, v *placeView) (err error) {
	q := search.Query{Facets: map[string]string{"district": v.District.Code}, Limit: 20, Lang: i18n.LangOf(ctx)}
	if v.Place != nil {
		q.Words = v.Place.Name
	}
	if v.Result, err = search.Find(ctx, tx, q); err != nil {
		return err
	}
	if v.Result.Some {
		v.Result.Hits = nil // half of a village's name is another village
	}
	if v.Place != nil && len(v.Result.Hits) == 0 {
		q.Words, q.Limit = "", 4
		if v.Result, err = search.Find(ctx, tx, q); err != nil {
			return err
		}
		v.Wider = len(v.Result.Hits) > 0
	}
	if v.Cards, err = s.cards(ctx, tx, refsOf(v.Result.Hits)); err != nil {
		return err
	}
	v.Orgs, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgsOf(v.Cards))
	return err
}

// nearbyOf lists the settlements and cayes around a place, the nearest first.
func nearbyOf(ctx context.Context, tx *db.Tx, p geo.Place) ([]nearPlace, error) {
	points := geo.PlacePoints()
	points.Where, points.Args = `id <> $1 AND kind IN ('town', 'village', 'neighbourhood', 'caye')`, []any{p.ID}
	hits, err := geo.Near(ctx, tx, points, p.Point, near, 0)
	if err != nil {
		return nil, err
	}
	places, err := placesOf(ctx, tx, hits)
	var out []nearPlace
	for _, h := range hits {
		if p, ok := places[h.ID]; ok {
			out = append(out, nearPlace{p, h.Metres})
		}
	}
	return out, err
}

func placesOf(ctx context.Context, tx *db.Tx, hits []geo.Hit) (map[string]geo.Place, error) {
	ids := make([]string, len(hits))
	for i, h := range hits {
		ids[i] = h.ID
	}
	return geo.PlacesByID(ctx, tx, ids)
}

// villagesOf lists the towns and villages of a district by name, where the
// gazetteer is loaded.
func villagesOf(ctx context.Context, tx *db.Tx, d geo.District) ([]geo.Place, error) {
	points := geo.PlacePoints()
	points.Where, points.Args = `district = $1 AND kind IN ('town', 'village')`, []any{d.Code}
	hits, err := geo.Near(ctx, tx, points, d.Label, villages, 0)
	if err != nil {
		return nil, err
	}
	places, err := placesOf(ctx, tx, hits)
	out := slices.Collect(maps.Values(places))
	slices.SortFunc(out, func(a, b geo.Place) int { return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID)) })
	return out, err
}

// name is what the page is about.
func (v placeView) name(ctx context.Context) string {
	if v.Place != nil {
		return v.Place.Name
	}
	return i18n.T(ctx, v.District.NameKey())
}

// records is the heading over what is public.
func (v placeView) records(ctx context.Context) string {
	if v.Wider {
		return i18n.T(ctx, "story.district_records", "district", i18n.T(ctx, v.District.NameKey()))
	}
	return i18n.T(ctx, "story.place_records")
}

// note says why the records are of the district.
func (v placeView) note(ctx context.Context) string {
	if v.Wider {
		return i18n.T(ctx, "story.place_none_yet", "place", v.name(ctx))
	}
	return ""
}

// all leads to every record of the place.
func (v placeView) all() string {
	if v.Place != nil && !v.Wider {
		return ui.WithQuery("/search", map[string][]string{"q": {v.Place.Name}}, "district", v.District.Code)
	}
	return "/search?district=" + v.District.Code
}

// recordCards shows records in lists that mix kinds.
func recordCards(ctx context.Context, cards []record.Card, orgs map[string]string) []ui.Card {
	var out []ui.Card
	for _, c := range cards {
		v := ui.Card{Over: kindWord(ctx, c.Kind), Title: c.Title, TitleIn: c.TitleIn, Href: c.Path(), Text: c.Summary, TextIn: c.SummaryIn}
		if name := orgs[c.Org]; name != "" && c.Kind != org.RecordKind {
			v.Over += " · " + name
		}
		if !c.Changed.IsZero() {
			v.Meta = append(v.Meta, i18n.T(ctx, "story.changed_on", "date", i18n.Date(ctx, c.Changed.Time)))
		}
		if c.Place != nil && c.Place.District != "" {
			v.Meta = append(v.Meta, i18n.T(ctx, "geo.district."+c.Place.District))
		}
		out = append(out, v)
	}
	return out
}
