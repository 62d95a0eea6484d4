package story

import (
	"context"
	"io"

	"github.com/a-h/templ"
	"github.com/paulmach/orb/simplify"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/search"
)

// coarse is how far, in degrees, an outline on the page may be from the one we
// have: half a pixel of the small map.
const coarse = 0.003

// areas are the districts as links, each with the number of its records.
func areas(ctx context.Context, counts map[string]int, only string) []ui.Area {
	var out []ui.Area
	for _, d := range geo.Districts() {
		a := ui.Area{Name: i18n.T(ctx, d.NameKey()), Rings: rings(d)}
		if d.Code != only {
			a.Href = "/place/" + d.Code
		} else {
			a.Tone = ui.Attention
		}
		if n := counts[d.Code]; n > 0 {
			a.Value = i18n.N(ctx, "story.records", n)
		}
		out = append(out, a)
	}
	return out
}

func rings(d geo.District) (out [][][2]float64) {
	for _, polygon := range simplify.DouglasPeucker(coarse).MultiPolygon(d.Shape()) {
		for _, ring := range polygon {
			b := ring.Bound()
			if len(ring) < 4 || b.Max[1]-b.Min[1] < 4*coarse {
				continue // too small to see
			}
			var line [][2]float64
			for _, p := range ring[:len(ring)-1] {
				line = append(line, [2]float64{p[0], p[1]})
			}
			out = append(out, line)
		}
	}
	return out
}

// country is the map of the first page, each district a link with its name on
// it. Beside it the same districts stand as a list, so that nobody needs the
// drawing.
func country(counts map[string]int) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		m := geo.Map{ID: "country", Title: i18n.T(ctx, "geo.map"), Labels: true, Names: map[string]string{}, Values: map[string]string{},
			Href: func(code string) string { return "/place/" + code }}
		for _, d := range geo.Districts() {
			m.Names[d.Code] = d.Name
			if counts[d.Code] > 0 {
				m.Values[d.Code] = "some"
			}
		}
		return geo.SVG(w, m)
	})
}

// frame is the part of the world around a box, with some room.
func frame(b geo.Box) ui.Frame {
	room := max(0.05, (b.North-b.South)*0.06)
	return ui.Frame{MinLon: b.West - room, MinLat: b.South - room, MaxLon: b.East + room, MaxLat: b.North + room}
}

// byValue makes counts of a facet easy to look up.
func byValue(counts []search.Count) map[string]int {
	out := map[string]int{}
	for _, c := range counts {
		out[c.Value] = c.N
	}
	return out
}
