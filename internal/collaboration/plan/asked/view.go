package asked

import (
	"context"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
)

// sentence says what the list shows.
func (v view) sentence(ctx context.Context) string {
	out := []string{i18n.N(ctx, "asked.n_things", v.Sum.Things)}
	for _, c := range v.chips(ctx) {
		out = append(out, c.Text)
	}
	return strings.Join(out, " · ")
}

// sums says from how much the rank was made.
func (v view) sums(ctx context.Context) string {
	return i18n.N(ctx, "asked.sums", v.Sum.Inputs, "calls", v.Sum.Calls, "answered", v.Sum.Answered)
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
		number := func(n int) ui.Cell { return ui.LinkCell(i18n.Number(ctx, n), v.behind(x.Key)) }
		out = append(out, []ui.Cell{what, number(x.Supports), number(x.Points), number(x.Inputs), number(x.Answered)})
	}
	return out
}

func (v view) inputRows(ctx context.Context) (out [][]ui.Cell) {
	for _, in := range v.Inputs {
		where := strings.Trim(districtName(ctx, in.District)+" · "+word(ctx, "answer.sector.", in.Sector), " ·")
		out = append(out, []ui.Cell{
			{Text: name(in.Title, in.Text), Href: "/input/" + in.ID, Note: i18n.Date(ctx, in.Received.Time)},
			ui.Text(where),
			ui.Text(word(ctx, "answer.state.", string(in.State))),
			ui.Text(i18n.Number(ctx, in.Supports)), ui.Text(i18n.Number(ctx, in.Points)),
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
