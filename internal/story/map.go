package story

import (
	"context"
	"io"

	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/search"
)

// drawing is the country, each district a link with its name on it.
type drawing struct {
	Counts map[string]int // of records, by district
	Here   string         // the district that the page is about
	Place  *geo.Place     // marked on it
}

// Render writes the drawing. Beside it the same districts stand as a list, so
// that nobody needs it.
func (d drawing) Render(ctx context.Context, w io.Writer) error {
	m := geo.Map{
		ID: "country", Title: i18n.T(ctx, "geo.map"), Labels: true, Names: map[string]string{}, Values: map[string]string{},
		Href: func(code string) string { return "/place/" + code },
	}
	for _, x := range geo.Districts() {
		m.Names[x.Code] = x.Name
		if d.Counts[x.Code] > 0 {
			m.Values[x.Code] = "some"
		}
	}
	if d.Here != "" {
		m.Values[d.Here] = "here"
		m.Desc = i18n.T(ctx, "story.map_here", "place", m.Names[d.Here])
	}
	if p := d.Place; p != nil {
		m.Marks = []geo.Mark{{Point: p.Point, Title: p.Name}}
	}
	return geo.SVG(w, m)
}

// byValue makes counts of a facet easy to look up.
func byValue(counts []search.Count) map[string]int {
	out := map[string]int{}
	for _, c := range counts {
		out[c.Value] = c.N
	}
	return out
}
