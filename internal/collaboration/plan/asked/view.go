package asked

import (
	"context"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
)

// sentence says what the list shows.
func (v view) sentence(ctx context.Context) ui.Said {
	said := ui.SayN(ctx, "asked.n_things", ui.Count(v.Sum.Things, ui.WithQuery(v.path(), v.Query, "cursor", "")))
	for _, c := range v.chips(ctx) {
		said = said.And(ui.Plainly("· " + c.Text))
	}
	return said
}

// sums says from how much the rank was made.
func (v view) sums(ctx context.Context) ui.Said {
	return ui.SayN(ctx, "asked.sums", ui.Count(v.Sum.Inputs, v.behind("")), "calls", ui.Derived(v.Sum.Calls, v.behind("")), "answered", ui.Count(v.Sum.Answered, v.behind("", "state", "answered")))
}

func (v view) chips(ctx context.Context) (out []ui.Chip) {
	w := v.Wish
	for _, x := range []struct{ name, value, text string }{
		{"call", w.Box, v.call(w.Box)},
		{"district", w.District, districtName(ctx, w.District)},
		{"sector", w.Sector, word(ctx, "answer.sector.", w.Sector)},
		{"language", w.Lang, i18n.NameOf(w.Lang)},
		{"sort", w.Sort, word(ctx, "asked.sort.", w.Sort)},
	} {
		if x.value != "" && x.text != "" {
			out = append(out, ui.Chip{Text: x.text, Remove: ui.WithQuery(v.path(), v.Query, x.name, "", "cursor")})
		}
	}
	return out
}

func (v view) call(id string) string {
	for _, c := range v.Calls {
		if c.ID == id {
			return c.Title
		}
	}
	return ""
}

// word is the word for a value, or nothing for one that somebody made up.
func word(ctx context.Context, prefix, value string) string {
	if value == "" || !i18n.Has(ctx, prefix+value) {
		return ""
	}
	return i18n.T(ctx, prefix+value)
}

func districtName(ctx context.Context, code string) string {
	if d, ok := geo.DistrictByCode(code); ok {
		return i18n.T(ctx, d.NameKey())
	}
	return ""
}

func (v view) rows(ctx context.Context) (out [][]ui.Cell) {
	for _, x := range v.List {
		what := ui.Cell{Text: name(x.Title, x.Text), Href: v.behind(x.Key), Note: x.Call}
		if x.Theme {
			what.Note = i18n.T(ctx, "asked.theme") + " · " + x.Call
		}
		out = append(out, []ui.Cell{
			what,
			{View: ui.Derived(x.Supports, v.behind(x.Key))},
			{View: ui.Total(x.Points, "points", v.behind(x.Key))},
			{View: ui.Count(x.Inputs, v.behind(x.Key))},
			{View: ui.Count(x.Answered, v.behind(x.Key, "state", "answered"))},
		})
	}
	return out
}

func (v view) callOptions() (out []ui.Option) {
	for _, c := range v.Calls {
		out = append(out, ui.Option{Value: c.ID, Label: c.Title, Selected: c.ID == v.Wish.Box})
	}
	return out
}

func (v view) districtOptions(ctx context.Context) (out []ui.Option) {
	for _, d := range geo.Districts() {
		out = append(out, ui.Option{Value: d.Code, Label: i18n.T(ctx, d.NameKey()), Selected: d.Code == v.Wish.District})
	}
	return out
}

func (v view) sectorOptions(ctx context.Context) (out []ui.Option) {
	for _, s := range answer.Sectors {
		out = append(out, ui.Option{Value: s, Label: i18n.T(ctx, "answer.sector."+s), Selected: s == v.Wish.Sector})
	}
	return out
}

func (v view) langOptions() (out []ui.Option) {
	for _, l := range i18n.Languages {
		out = append(out, ui.Option{Value: l.Code, Label: l.Name, Selected: l.Code == v.Wish.Lang})
	}
	return out
}

func (v view) sortOptions(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: "points", Label: i18n.T(ctx, "asked.sort.points"), Selected: v.Wish.Sort == "points"}}
}
