package catalog

import (
	"context"
	"slices"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/profile"
)

// foundSentence says what the file is: "A CSV file (UTF-8) with 1,240 rows and
// 12 columns."
func foundSentence(ctx context.Context, p *profile.Profile) string {
	format := strings.ToUpper(p.Format)
	if p.Encoding != "" {
		format += " (" + p.Encoding + ")"
	}
	return i18n.T(ctx, "catalog.found", "format", format, "rows", p.Rows, "columns", len(p.Columns))
}

func sampleColumns(p *profile.Profile) []ui.Column {
	var out []ui.Column
	for _, c := range p.Columns {
		x := ui.Column{Label: labelOf(c)}
		if c.Type.Numeric() {
			x.Kind = ui.Numeric
		}
		out = append(out, x)
	}
	return out
}

func labelOf(c table.Column) string {
	if c.Label != "" {
		return c.Label
	}
	return c.Name
}

func sampleRows(p *profile.Profile) [][]ui.Cell {
	var out [][]ui.Cell
	for _, row := range p.Sample {
		cells := make([]ui.Cell, len(row))
		for i, v := range row {
			if v != nil {
				cells[i] = ui.Text(shorten(*v, 120))
			}
		}
		out = append(out, cells)
	}
	return out
}

func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}

func columnRows(ctx context.Context, p *profile.Profile) [][]ui.Cell {
	var out [][]ui.Cell
	for _, c := range p.Columns {
		out = append(out, []ui.Cell{
			ui.Text(c.Name),
			{View: smallInput("label."+c.Name, labelOf(c), i18n.T(ctx, "catalog.label_of", "name", c.Name))},
			{View: typeSelect(c)},
			ui.Text(i18n.Number(ctx, c.Filled)),
			ui.Text(i18n.Number(ctx, c.Misfit+c.Nulls)),
			{View: smallInput("null."+c.Name, strings.Join(c.NullWords, ", "), i18n.T(ctx, "catalog.null_of", "name", c.Name))},
		})
	}
	return out
}

// personalColumns names the columns whose values look like personal data.
func personalColumns(p *profile.Profile) []string {
	if p == nil {
		return nil
	}
	var out []string
	for _, n := range p.Notes {
		if strings.HasPrefix(n.Key, "table.personal.") {
			out = append(out, n.Column)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
