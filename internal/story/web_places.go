package story

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
)

// placesShown is how many places one page of the search lists and draws.
const placesShown = 30

// placesView is what the search for places shows.
type placesView struct {
	Asked    url.Values
	Question geo.Question
	Page     geo.Page
}

func (s *Story) places(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	v := placesView{Asked: q, Question: geo.Question{
		Words: strings.ToValidUTF8(q.Get("q"), ""), District: q.Get("district"), Kind: geo.Kind(q.Get("kind")), Limit: placesShown, Cursor: q.Get("cursor"),
	}}
	if len(v.Question.Words) > 200 {
		v.Question.Words = strings.ToValidUTF8(v.Question.Words[:200], "")
	}
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Page, err = geo.List(ctx, tx, v.Question)
		return err
	}); err != nil {
		return err
	}
	page := ui.Page{Title: i18n.T(ctx, "story.places"), Description: i18n.T(ctx, "story.places_lead"), Canonical: s.Base() + "/places"}
	if len(q) > 0 {
		page.Private = true // only the whole list is for search engines
	}
	if v.Question.Words != "" {
		page.Title = v.Question.Words + " – " + page.Title
	}
	return web.Page(w, r, http.StatusOK, page, placesPage(v))
}

// what says what kind of place it is, as finely as its source does.
func what(ctx context.Context, p geo.Place) string {
	if key := "geo.code." + p.Code; i18n.Has(ctx, key) {
		return i18n.T(ctx, key)
	}
	return i18n.T(ctx, p.Kind.Key())
}

// coordinates writes a point as people copy it.
func coordinates(p geo.Point) string { return fmt.Sprintf("%.4f, %.4f", p.Lat, p.Lon) }

// sentence says what is shown: "4 places for “San Antonio” in Toledo District".
func (v placesView) sentence(ctx context.Context) string {
	key := "story.places_n"
	if v.Page.More {
		key = "story.places_more"
	}
	parts := []string{i18n.N(ctx, key, v.Page.Total)}
	if v.Question.Words != "" {
		parts = append(parts, i18n.T(ctx, "story.places_for", "words", v.Question.Words))
	}
	if d, ok := geo.DistrictByCode(v.Question.District); ok {
		parts = append(parts, i18n.T(ctx, "story.places_in", "district", i18n.T(ctx, d.NameKey())))
	}
	if slices.Contains(geo.Kinds, v.Question.Kind) {
		parts = append(parts, "· "+i18n.T(ctx, v.Question.Kind.Key()))
	}
	return strings.Join(parts, " ")
}

// narrowed reports whether anything was asked.
func (v placesView) narrowed() bool {
	return v.Question.Words != "" || v.Question.District != "" || v.Question.Kind != ""
}

func (v placesView) chips(ctx context.Context) (out []ui.Chip) {
	for _, c := range []struct{ name, value, key string }{
		{"district", v.Question.District, "geo.district."}, {"kind", string(v.Question.Kind), "geo.kind."},
	} {
		word := c.value
		if i18n.Has(ctx, c.key+c.value) {
			word = i18n.T(ctx, c.key+c.value)
		}
		if c.value != "" {
			out = append(out, ui.Chip{Text: word, Remove: ui.WithQuery("/places", v.Asked, c.name, "", "cursor")})
		}
	}
	return out
}

func (v placesView) districts(ctx context.Context) (out []ui.Option) {
	for _, d := range geo.Districts() {
		out = append(out, ui.Option{Value: d.Code, Label: i18n.T(ctx, d.NameKey()), Selected: d.Code == v.Question.District})
	}
	return out
}

func (v placesView) kinds(ctx context.Context) (out []ui.Option) {
	for _, k := range geo.Kinds {
		out = append(out, ui.Option{Value: string(k), Label: i18n.T(ctx, k.Key()), Selected: k == v.Question.Kind})
	}
	return out
}

func (v placesView) table(ctx context.Context) ui.Table {
	t := ui.Table{
		Caption: v.sentence(ctx), HideCaption: true,
		Columns: []ui.Column{
			{Label: i18n.T(ctx, "story.places_name"), RowHead: true},
			{Label: i18n.T(ctx, "story.places_kind")},
			{Label: i18n.T(ctx, "story.facet.district")},
			{Label: i18n.T(ctx, "story.coordinates"), Kind: ui.Numeric},
		},
	}
	for _, p := range v.Page.Places {
		name := ui.LinkCell(p.Name, "/place/"+p.ID)
		if len(p.Alt) > 0 {
			name.Note = i18n.T(ctx, "story.places_also", "names", strings.Join(p.Alt[:min(3, len(p.Alt))], ", "))
		}
		d, _ := geo.DistrictByCode(p.District)
		t.Rows = append(t.Rows, []ui.Cell{name, ui.Text(what(ctx, p.Place)), ui.LinkCell(i18n.T(ctx, d.NameKey()), "/place/"+d.Code), ui.Text(coordinates(p.Point))})
	}
	return t
}

// nothing tells somebody who found no place what to do.
func (v placesView) nothing(ctx context.Context) ui.Empty {
	if v.narrowed() {
		return ui.Empty{Title: i18n.T(ctx, "story.places_none"), Text: i18n.T(ctx, "story.places_none_hint"), Action: ui.Link{Text: i18n.T(ctx, "story.places_all"), Href: "/places"}}
	}
	return ui.Empty{Title: i18n.T(ctx, "story.places_empty"), Text: i18n.T(ctx, "story.places_empty_hint")}
}

func (v placesView) pager(ctx context.Context) ui.Pager {
	p := ui.Pager{Words: i18n.N(ctx, "story.on_page", len(v.Page.Places))}
	if v.Question.Cursor != "" {
		p.First = ui.WithQuery("/places", v.Asked, "cursor", "")
	}
	if v.Page.Next != "" {
		p.Next = ui.WithQuery("/places", v.Asked, "cursor", v.Page.Next)
	}
	return p
}

// source names who says where the places are.
func (v placesView) source(ctx context.Context) string {
	var said []string
	for _, p := range v.Page.Places {
		if s := p.Source + " (" + p.Licence + ")"; !slices.Contains(said, s) {
			said = append(said, s)
		}
	}
	return i18n.T(ctx, "story.places_source", "source", strings.Join(said, ", "))
}

// placesDrawing marks the places of a page on the map of the country, or of
// the district that was chosen. The list beside it says the same in words and
// has the links, so that a keyboard does not walk everything twice.
type placesDrawing struct{ placesView }

// Render writes the drawing.
func (d placesDrawing) Render(ctx context.Context, w io.Writer) error {
	m := geo.Map{
		ID: "places", Title: i18n.T(ctx, "story.places_map"), Desc: i18n.N(ctx, "story.places_marked", len(d.Page.Places)),
		Labels: true, Names: map[string]string{}, Focus: d.Question.District,
	}
	for _, x := range geo.Districts() {
		m.Names[x.Code] = x.Name
	}
	for _, p := range d.Page.Places {
		m.Marks = append(m.Marks, geo.Mark{Point: p.Point, Title: p.Title()})
	}
	return geo.SVG(w, m)
}
