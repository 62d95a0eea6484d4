package redflag

import (
	"context"
	"strconv"
	"time"

	"ceiba/internal/collaboration/procurement/flag"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/money"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
)

// valueText is the figure that was judged, with its unit.
func valueText(ctx context.Context, f *outcome.Finding) string {
	return figureText(ctx, f.Value, f.Unit)
}

func figureText(ctx context.Context, value, unit string) string {
	switch {
	case value == "":
		return ""
	case len(unit) == 3:
		if a, err := money.Parse(value); err == nil {
			a.Currency = unit
			return i18n.Money(ctx, a)
		}
	case unit == "share":
		if x, err := strconv.ParseFloat(value, 64); err == nil {
			return strconv.FormatFloat(x*100, 'f', 1, 64) + " %"
		}
	case unit == "factor":
		if x, err := strconv.ParseFloat(value, 64); err == nil {
			return strconv.FormatFloat(x, 'f', 3, 64)
		}
	case unit == "count":
		if n, err := strconv.Atoi(value); err == nil {
			return i18n.Number(ctx, n)
		}
	}
	if unit == "" {
		return value
	}
	return value + " " + unit
}

func dateOf(t time.Time) (year, month, day int) {
	t = t.In(i18n.Belize)
	return t.Year(), int(t.Month()), t.Day()
}

// sentence is one of the rule's, with its parameters of today.
func sentence(ctx context.Context, v view, name string) string {
	r := v.Flag.Rule()
	if r == nil {
		return ""
	}
	return i18n.T(ctx, r.Key(name), flag.Terms(nil, nil, *r, civil.Of(dateOf(v.Flag.Since.Time)))...)
}

func innocents(ctx context.Context, v view) (out []string) {
	if r := v.Flag.Rule(); r != nil {
		for _, k := range r.InnocentKeys() {
			out = append(out, i18n.T(ctx, k))
		}
	}
	return out
}

func facts(ctx context.Context, v view) (out []ui.Pair) {
	f := &v.Flag.Finding
	about := ui.Pair{Term: i18n.T(ctx, "redflag.list.col.about"), Text: v.Name}
	if v.Flag.Process != "" {
		about.Href = record.Ref{Kind: "contracting", ID: v.Flag.Process}.Path()
	}
	out = append(out, about)
	if f.Value != "" {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "redflag.list.col.value"), Text: valueText(ctx, f)})
	}
	if f.N > 0 {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "redflag.n"), Text: i18n.Number(ctx, f.N)})
	}
	if f.P != nil {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "redflag.p"), Text: strconv.FormatFloat(*f.P, 'g', 3, 64)})
	}
	return append(out, ui.Pair{Term: i18n.T(ctx, "redflag.list.col.since"), Text: i18n.Date(ctx, v.Flag.Since.Time)},
		ui.Pair{Term: i18n.T(ctx, "redflag.code"), Text: f.Rule + " · " + strconv.Itoa(f.Version)})
}

func proofColumns(ctx context.Context) []ui.Column {
	return []ui.Column{{Label: i18n.T(ctx, "redflag.at"), RowHead: true}, {Label: i18n.T(ctx, "redflag.there")}}
}

func proofRows(v view) (rows [][]ui.Cell) {
	for _, e := range v.Flag.Finding.Evidence {
		rows = append(rows, []ui.Cell{ui.Text(e.At), ui.Text(e.Value)})
	}
	return rows
}

func orgOptions(all []org.Choice, chosen string) (out []ui.Option) {
	for _, o := range all {
		out = append(out, ui.Option{Value: o.ID, Label: o.Name, Selected: o.ID == chosen})
	}
	return out
}

func compiledPath(v view) string {
	return record.Ref{Kind: "contracting", ID: v.Flag.Process}.Path() + "/compiled"
}
