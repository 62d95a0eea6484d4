package catalog

import (
	"context"
	"strconv"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/shelf"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/query"
)

// overOf names what a table belongs to, unless it has the same name.
func overOf(v exploreView) string {
	if v.Dataset.Title == v.Resource.Title {
		return ""
	}
	return v.Dataset.Title
}

// mapRows is the largest table whose places a phone is asked to hold at once.
const mapRows = 20_000

// geoURL is where the moving map finds the places that the page leaves out.
func (v exploreView) geoURL() string {
	if !v.More || v.M.Rows > mapRows {
		return ""
	}
	return "/resource/" + v.Resource.ID + "/download?" + v.exportQuery("geojson")
}

func workLink(ctx context.Context, v exploreView) ui.Link {
	if !v.MayWrite {
		return ui.Link{}
	}
	return ui.Link{Text: i18n.T(ctx, "catalog.look_at_it"), Href: "/resource/" + v.Resource.ID + "/work"}
}

func versionSentence(ctx context.Context, v exploreView) string {
	s := i18n.T(ctx, "catalog.version_of", "n", v.Version.N, "date", i18n.Date(ctx, v.Version.Published.Time), "rows", v.M.Rows, "columns", len(v.M.Columns))
	if !v.Version.Derived {
		s += " " + i18n.T(ctx, "catalog.still_indexing")
	}
	return s
}

func clearLink(v exploreView) string {
	if v.E.CQL == "" && v.E.Text == "" {
		return ""
	}
	return ui.WithQuery("/resource/"+v.Resource.ID, v.E.Query, "filter", "", "q", "cursor", "col", "op", "val")
}

func qHidden(v exploreView) []ui.Hidden {
	if v.E.Text == "" {
		return nil
	}
	return []ui.Hidden{{Name: "q", Value: v.E.Text}}
}

func chartKinds(ctx context.Context, chosen string) []ui.Option {
	var out []ui.Option
	for _, k := range []string{"bar", "line", "scatter", "histogram"} {
		out = append(out, ui.Option{Value: k, Label: i18n.T(ctx, "catalog.chart."+k), Selected: k == chosen})
	}
	return out
}

// aggOptions offers the number of rows, and what numbers add up to.
func aggOptions(ctx context.Context, v exploreView) []ui.Option {
	out := []ui.Option{{Value: "count", Label: i18n.T(ctx, "catalog.number_of_rows"), Selected: v.Chart.Agg == "count"}}
	for _, c := range v.M.Columns {
		if !c.Type.Numeric() || c.Type == table.Latitude || c.Type == table.Longitude {
			continue
		}
		for _, fn := range []string{"sum", "avg", "median", "min", "max"} {
			out = append(out, ui.Option{
				Value: fn + "(" + c.Name + ")", Label: i18n.T(ctx, "catalog.agg_of."+fn, "column", labelOf(c)), Group: labelOf(c),
				Selected: v.Chart.Agg == fn && v.Chart.Column == c.Name,
			})
		}
	}
	return out
}

func partOptions(ctx context.Context, chosen string) []ui.Option {
	out := []ui.Option{{Value: "", Label: i18n.T(ctx, "catalog.part.none"), Selected: chosen == ""}}
	for _, p := range []string{"year", "quarter", "month", "week", "day", "weekday", "hour"} {
		out = append(out, ui.Option{Value: p, Label: i18n.T(ctx, "catalog.part."+p), Selected: p == chosen})
	}
	return out
}

// mapAreas are the outlines of the districts, with counts where there are any.
func mapAreas(ctx context.Context, v exploreView) []ui.Area {
	if len(v.Areas) > 0 {
		return v.Areas
	}
	return districtAreas(ctx, query.Facet{}, v.E)
}

// columnTable describes every column: what it means and what is in it.
func columnTable(ctx context.Context, v exploreView) ui.Table {
	t := ui.Table{Caption: i18n.T(ctx, "catalog.columns"), HideCaption: true, Columns: []ui.Column{
		{Label: i18n.T(ctx, "catalog.column"), RowHead: true},
		{Label: i18n.T(ctx, "catalog.column_type")},
		{Label: i18n.T(ctx, "catalog.column_filled"), Kind: ui.Numeric},
		{Label: i18n.T(ctx, "catalog.column_distinct"), Kind: ui.Numeric},
		{Label: i18n.T(ctx, "catalog.column_least")},
		{Label: i18n.T(ctx, "catalog.column_most")},
		{Label: i18n.T(ctx, "catalog.column_mean"), Kind: ui.Numeric},
	}}
	for i, c := range v.M.Columns {
		s := v.M.Stats[i]
		mean := ""
		if s.Mean != nil && c.Type != table.Latitude && c.Type != table.Longitude {
			mean = i18n.Number(ctx, *s.Mean)
		}
		about := ""
		if !s.DistinctExact {
			about = i18n.T(ctx, "catalog.roughly") + " "
		}
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: labelOf(c), Note: c.Name},
			ui.Text(i18n.T(ctx, "catalog.type."+string(c.Type))), ui.Text(i18n.Number(ctx, s.Count)),
			ui.Text(about + i18n.Number(ctx, s.Distinct)), cell(ctx, c, s.Min), cell(ctx, c, s.Max), ui.Text(mean),
		})
	}
	return t
}

func versionTable(ctx context.Context, v exploreView) ui.Table {
	t := ui.Table{Caption: i18n.T(ctx, "catalog.versions"), HideCaption: true, Columns: []ui.Column{
		{Label: i18n.T(ctx, "catalog.field.version"), RowHead: true},
		{Label: i18n.T(ctx, "catalog.changed"), Kind: ui.Day},
		{Label: i18n.T(ctx, "catalog.number_of_rows"), Kind: ui.Numeric},
		{Label: i18n.T(ctx, "catalog.version_note")},
	}}
	for _, x := range v.Versions {
		if x.State == shelf.Published {
			t.Rows = append(t.Rows, []ui.Cell{
				ui.LinkCell(i18n.T(ctx, "catalog.version", "n", x.N), "/resource/"+v.Resource.ID+"?version="+strconv.Itoa(x.N)),
				ui.Text(i18n.Date(ctx, x.Published.Time)), ui.Text(i18n.Number(ctx, x.Rows)), ui.Text(x.Note),
			})
		}
	}
	return t
}
