package exchange

import (
	"context"
	"net/url"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/collaboration/plan/template"
	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
)

// exportRows are the files of a plan, each in both templates where they differ.
func exportRows(ctx context.Context, slug string) (out [][]ui.Cell) {
	for _, f := range formats {
		at := "/plan/" + slug + "/export." + f
		current, former := ui.LinkCell(i18n.T(ctx, "planexchange.download"), at), ui.Text("")
		if f != "json" {
			former = ui.LinkCell(i18n.T(ctx, "planexchange.download_former"), at+"?template=former")
		}
		out = append(out, []ui.Cell{{Text: i18n.T(ctx, "planexchange.format."+f), Note: i18n.T(ctx, "planexchange.format_for."+f)}, current, former})
	}
	return out
}

func heading(v templateView, f template.Field) string {
	return template.Heading(v.Form.View, f, v.Lang)
}

func otherView(v template.View) string {
	if v == template.Former {
		return string(template.Current)
	}
	return string(template.Former)
}

func stepColumns(v templateView) (out []ui.Column) {
	for i, f := range v.Form.Columns {
		out = append(out, ui.Column{Label: heading(v, f), RowHead: i == 0})
	}
	return out
}

func stepRows(v templateView) (out [][]ui.Cell) {
	for _, row := range v.Form.Rows {
		var cells []ui.Cell
		for _, c := range row {
			cells = append(cells, ui.Text(c))
		}
		out = append(out, cells)
	}
	return out
}

func officeOptions(all []org.Choice, chosen string) (out []ui.Option) {
	for _, o := range all {
		out = append(out, ui.Option{Value: o.ID, Label: o.Name, Selected: o.ID == chosen})
	}
	return out
}

func planOptions(all []plan.Plan, chosen string) (out []ui.Option) {
	for _, p := range all {
		out = append(out, ui.Option{Value: p.ID, Label: p.Title, Selected: p.ID == chosen})
	}
	return out
}

// codeOf is what was typed as the code of a new plan.
func codeOf(o Options) string {
	if planCode.MatchString(o.Plan) {
		return o.Plan
	}
	return ""
}

func langOptions(chosen string) (out []ui.Option) {
	for _, l := range i18n.Languages {
		out = append(out, ui.Option{Value: l.Code, Label: l.Name, Selected: l.Code == chosen})
	}
	return out
}

func importState(ctx context.Context, in Import) ui.Cell {
	tone := map[string]ui.Tone{"done": ui.Done, "failed": ui.Late, "running": ui.Going}[in.State]
	return ui.StateCell(tone, i18n.T(ctx, "planexchange.state."+in.State))
}

func importRows(ctx context.Context, all []Import) (out [][]ui.Cell) {
	for _, in := range all {
		out = append(out, []ui.Cell{
			{Text: in.Name, Href: "/plans/import/" + in.ID, Note: i18n.T(ctx, "planexchange.source."+string(in.Source))},
			ui.Text(i18n.Date(ctx, in.At.Time)), importState(ctx, in), ui.Text(counts(ctx, in.Result.V)),
		})
	}
	return out
}

// counts says in a line what an import did, or would do.
func counts(ctx context.Context, o Outcome) string {
	var out []string
	for _, x := range []struct {
		key string
		n   int
	}{
		{"planexchange.n_plans", o.Plans},
		{"planexchange.n_commitments", o.Commitments},
		{"planexchange.n_milestones", o.Milestones},
		{"planexchange.n_reference", o.Reference.Added + o.Reference.Changed},
		{"planexchange.n_same", o.Reference.Same + o.Skipped},
		{"planexchange.n_refused", o.Refused},
		{"planexchange.n_problems", o.Count},
	} {
		if x.n > 0 {
			out = append(out, i18n.N(ctx, x.key, x.n))
		}
	}
	return strings.Join(out, ", ")
}

// shownProblems is how many problems a page shows; the file has all.
const shownProblems = 100

func problemRows(ctx context.Context, o Outcome) (out [][]ui.Cell) {
	for _, p := range o.Problems[:min(len(o.Problems), shownProblems)] {
		value, _ := short(p.Value, 160)
		likely, _ := short(p.Likely, 160)
		out = append(out, []ui.Cell{
			{Text: joined(" ", count(p.Row), p.ID), Note: p.Column},
			ui.Text(value),
			{Text: i18n.T(ctx, p.Key), Note: p.Other},
			ui.Text(likely),
		})
	}
	return out
}

func madeCards(ctx context.Context, o Outcome) (out []ui.Card) {
	for _, m := range o.Made {
		key := "planexchange.made_more"
		if m.New {
			key = "planexchange.made_new"
		}
		out = append(out, ui.Card{Over: i18n.T(ctx, "kind.plan"), Title: m.Title, Href: "/plan/" + m.ID, Text: i18n.T(ctx, key)})
	}
	return out
}

func referenceHref(r Reference) string {
	return "/plans/reference?of=" + url.QueryEscape(string(r.Source)+":"+r.Key)
}

// foreign is the country, plan and year of a reference commitment.
func foreign(r Reference) string {
	return joined(", ", r.Country, joined(" ", r.Plan, r.Number), count(r.Year))
}

func referenceRows(ctx context.Context, all []Reference) (out [][]ui.Cell) {
	for _, r := range all {
		out = append(out, []ui.Cell{
			{Text: r.Title, Href: referenceHref(r), Note: r.Key},
			ui.Text(r.Country), ui.Text(r.Plan), ui.Text(count(r.Year)),
			ui.Text(i18n.T(ctx, "planexchange.source."+string(r.Source))),
		})
	}
	return out
}

func countryOptions(v referencesView) (out []ui.Option) {
	for _, c := range v.Countries {
		out = append(out, ui.Option{Value: c, Label: c, Selected: c == v.Country})
	}
	return out
}

func nextHref(v referencesView) string {
	if v.Next == "" {
		return ""
	}
	return "/plans/reference?" + url.Values{"country": {v.Country}, "after": {v.Next}}.Encode()
}

func firstHref(v referencesView) string {
	if v.First {
		return ""
	}
	return "/plans/reference?" + url.Values{"country": {v.Country}}.Encode()
}

// mostTitle is how much of a title a list shows: some of OGP's are whole texts.
const mostTitle = 140

// codeLines are what reviewers said, each with its name.
func codeLines(ctx context.Context, c Codes) (out []ui.Pair) {
	for _, x := range []struct{ key, text string }{
		{"planexchange.verifiable", c.Verifiable},
		{"planexchange.potential", c.Potential},
		{"planexchange.impact", c.Impact},
		{"planexchange.completion", c.Completion},
		{"planexchange.early_results", c.Early},
		{"planexchange.opened", c.Opened},
	} {
		if x.text != "" {
			out = append(out, ui.Pair{Term: i18n.T(ctx, x.key), Text: x.text})
		}
	}
	return out
}

func alikeRows(ctx context.Context, all []Alike) (out [][]ui.Cell) {
	for _, a := range all {
		title, _ := short(a.Title, mostTitle)
		out = append(out, []ui.Cell{
			{Text: title, Href: referenceHref(a.Reference), Note: foreign(a.Reference)},
			{View: codeCell(codeLines(ctx, a.Codes))},
			ui.Text(i18n.T(ctx, "planexchange.shares", "words", strings.Join(a.Terms, ", "))),
		})
	}
	return out
}

func markRows(ctx context.Context, all []Mark) (out [][]ui.Cell) {
	of := func(yes, of int) ui.Cell {
		if of == 0 {
			return ui.Text(i18n.T(ctx, "planexchange.not_coded"))
		}
		return ui.Text(i18n.T(ctx, "planexchange.of", "n", yes, "of", of))
	}
	for _, m := range all {
		tag := m.Tag
		if tag == "" {
			tag = i18n.T(ctx, "planexchange.all_tags")
		}
		out = append(out, []ui.Cell{
			ui.Text(tag), ui.Text(i18n.Number(ctx, m.N)), of(m.Verifiable.Yes, m.Verifiable.Of), of(coded(m.Potential, "Substantial"), m.Potential.Of),
			of(m.Completed.Yes, m.Completed.Of), of(coded(m.Early, "Moderate")+coded(m.Early, "Significant"), m.Early.Of),
		})
	}
	return out
}

// coded is how many commitments have a code.
func coded(d ogpfile.Distribution, code string) int {
	for _, c := range d.Codes {
		if c.Code == code {
			return c.N
		}
	}
	return 0
}

func sourceRows(ctx context.Context, all []Import) (out [][]ui.Cell) {
	for _, in := range all {
		out = append(out, []ui.Cell{{Text: in.Name, Note: i18n.T(ctx, "planexchange.source."+string(in.Source))}, ui.Text(i18n.Date(ctx, in.At.Time)), ui.Text(in.SHA)})
	}
	return out
}

func codePairs(ctx context.Context, v referencesView) []ui.Pair {
	none := i18n.T(ctx, "planexchange.not_coded")
	out := []ui.Pair{
		{Term: i18n.T(ctx, "planexchange.from"), Text: i18n.T(ctx, "planexchange.source."+string(v.One.Source)), Href: v.One.URL},
		{Term: i18n.T(ctx, "planexchange.country"), Text: v.One.Country},
		{Term: i18n.T(ctx, "kind.plan"), Text: v.One.Plan},
	}
	if lines := codeLines(ctx, v.Codes); len(lines) > 0 {
		out = append(out, lines...)
	} else if v.One.Source == OGP {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "planexchange.coded"), Text: none})
	}
	if v.One.Record != "" {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "planexchange.here"), Text: v.One.Title, Href: "/commitment/" + v.One.Record})
	}
	return out
}

func failedWords(ctx context.Context, v seenView) string {
	if key := v.Import.Result.V.Failed; key != "" && key != "planexchange.failed" {
		return i18n.T(ctx, key)
	}
	return i18n.T(ctx, "planexchange.failed_hint")
}

func importLink(ctx context.Context, may bool) ui.Link {
	if !may {
		return ui.Link{}
	}
	return ui.Link{Text: i18n.T(ctx, "planexchange.import"), Href: "/plans/import"}
}
