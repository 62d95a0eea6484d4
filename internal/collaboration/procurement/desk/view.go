package desk

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
)

// group is a part of the form: what an officer knows at one time.
type group struct {
	name  string
	names []string
}

var parts = []group{
	{"what", []string{"reference", "title", "description", "category", "value", "currency", "budget_line"}},
	{"tender", []string{"method", "rationale", "opened", "closes", "bidders"}},
	{"award", []string{"awarded", "supplier", "supplier_number", "award_value"}},
	{"contract", []string{"contract", "signed", "starts", "ends", "amount", "status", "paid"}},
	{"place", []string{"district", "place", "lat", "lon"}},
}

func (g group) inputs() (out []procurement.Input) {
	for _, in := range procurement.Inputs {
		if slices.Contains(g.names, in.Name) {
			out = append(out, in)
		}
	}
	slices.SortFunc(out, func(a, b procurement.Input) int { return slices.Index(g.names, a.Name) - slices.Index(g.names, b.Name) })
	return out
}

func formAction(v formView) string {
	if v.Process.ID == "" {
		return "/contracting/new"
	}
	return v.Process.Ref().Path() + "/edit"
}

func formCancel(v formView) string {
	if v.Process.ID == "" {
		return "/contracting"
	}
	return v.Process.Ref().Path()
}

// hint is what helps with an input; many need none.
func hint(ctx context.Context, in procurement.Input) string {
	if key := "contractdesk.hint." + in.Name; i18n.Has(ctx, key) {
		return i18n.T(ctx, key)
	}
	return ""
}

func bodies(all []org.Choice, chosen string) (out []ui.Option) {
	for _, o := range all {
		out = append(out, ui.Option{Value: o.ID, Label: o.Name, Selected: o.ID == chosen})
	}
	return out
}

func choices(ctx context.Context, in procurement.Input, v formView) (out []ui.Option) {
	for _, c := range in.Choices {
		out = append(out, ui.Option{Value: c, Label: i18n.T(ctx, "contractdesk.choice."+in.Name+"."+c), Selected: c == in.Of(&v.Entry)})
	}
	return out
}

func tableTone(v tableView) ui.Tone {
	if len(v.Done.Wrong) > 0 {
		return ui.Late
	}
	return ui.Done
}

func unknown(v tableView) string { return strings.Join(v.Done.Unknown, ", ") }

func wrongColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: i18n.T(ctx, "contractdesk.line"), Kind: ui.Numeric}, {Label: label(ctx, "title"), RowHead: true}, {Label: i18n.T(ctx, "contractdesk.column")}, {Label: i18n.T(ctx, "contractdesk.what")},
	}
}

func wrongRows(ctx context.Context, v tableView) (rows [][]ui.Cell) {
	for _, f := range v.Done.Wrong {
		rows = append(rows, []ui.Cell{ui.Text(strconv.FormatInt(f.Line, 10)), ui.Text(f.Title), ui.Text(label(ctx, f.Name)), ui.Text(i18n.T(ctx, f.Key, f.Args...))})
	}
	return rows
}
