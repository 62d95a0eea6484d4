package settings

import (
	"context"
	"strconv"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
)

func label(ctx context.Context, field string) string { return i18n.T(ctx, "settings.field."+field) }

func hint(ctx context.Context, field string) string { return i18n.T(ctx, "settings.hint."+field) }

func languageBoxes(s Setting) (out []ui.Option) {
	for _, l := range i18n.Languages {
		out = append(out, ui.Option{Value: l.Code, Label: l.Name, Selected: s.Shows(l.Code)})
	}
	return out
}

func licenceOptions(all []Choice, now string) (out []ui.Option) {
	for _, c := range all {
		out = append(out, ui.Option{Value: c.Value, Label: c.Name, Selected: c.Value == now})
	}
	return out
}

// langOptions are the languages, each with whether the page has a text in it.
func langOptions(ctx context.Context, v editView) (out []ui.Option) {
	for _, l := range i18n.Languages {
		name := l.Name
		if _, ok := v.Page.Texts[l.Code]; !ok && v.Key != "" {
			name += " (" + i18n.T(ctx, "settings.no_text") + ")"
		}
		out = append(out, ui.Option{Value: l.Code, Label: name, Selected: l.Code == v.In.Lang})
	}
	return out
}

// langTabs lead to the page's text in each language.
func langTabs(v editView) (out []ui.Tab) {
	for _, l := range i18n.Languages {
		out = append(out, ui.Tab{Text: l.Name, Href: "/admin/pages/" + v.Key + "?text=" + l.Code, Current: l.Code == v.In.Lang})
	}
	return out
}

func sortOptions(ctx context.Context, now Sort) (out []ui.Option) {
	for _, s := range []Sort{Lasting, News} {
		out = append(out, ui.Option{Value: string(s), Label: i18n.T(ctx, "settings.sort."+string(s)), Selected: s == now})
	}
	return out
}

func stateOptions(ctx context.Context, now State) (out []ui.Option) {
	for _, s := range States {
		out = append(out, ui.Option{Value: string(s), Label: i18n.T(ctx, "settings.state."+string(s)), Selected: s == now})
	}
	return out
}

var tones = map[State]ui.Tone{Draft: ui.Going, Published: ui.Done, Withdrawn: ui.Wrong}

func pageRows(ctx context.Context, ps []Page) (rows [][]ui.Cell) {
	for _, p := range ps {
		text, _ := p.In(i18n.LangOf(ctx))
		var langs string
		for _, l := range i18n.Languages {
			if _, ok := p.Texts[l.Code]; ok {
				langs += l.Code + " "
			}
		}
		changed := i18n.T(ctx, "settings.with_program")
		if !p.Default {
			changed = i18n.DateTime(ctx, p.Changed.Time)
		}
		rows = append(rows, []ui.Cell{
			ui.LinkCell(text.Title, "/admin/pages/"+p.ID), ui.Text(i18n.T(ctx, "settings.sort."+string(p.Sort))),
			ui.StateCell(tones[p.State], i18n.T(ctx, "settings.state."+string(p.State))), ui.Text(langs), ui.Text(changed),
		})
	}
	return rows
}

func versionRows(ctx context.Context, p Page, list []Version, names map[string]string) (rows [][]ui.Cell) {
	for _, v := range list {
		n := strconv.FormatInt(v.Page.Version, 10)
		by := names[v.By]
		if by == "" {
			by = i18n.T(ctx, "settings.somebody")
		}
		rows = append(rows, []ui.Cell{ui.LinkCell(n, "/admin/pages/"+p.ID+"/versions/"+n), ui.Text(i18n.DateTime(ctx, v.At.Time)), ui.Text(by), ui.Text(v.Note)})
	}
	return rows
}

func newsCards(ctx context.Context, ps []Page) (out []ui.Card) {
	for _, p := range ps {
		text, _ := p.In(i18n.LangOf(ctx))
		out = append(out, ui.Card{Title: text.Title, Href: "/page/" + p.key(), Meta: []string{i18n.Date(ctx, p.Published.Time)}})
	}
	return out
}

// editAction is where the form of a page is sent.
func editAction(v editView) string {
	if v.Key == "" {
		return "/admin/pages/new"
	}
	return "/admin/pages/" + v.Key
}

func backOf(v editView) string {
	if v.Key == "" || v.Page.State != Published {
		return "/admin/pages"
	}
	return "/page/" + v.Page.key()
}
