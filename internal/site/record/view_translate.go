package recordsite

import (
	"context"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
)

// lead says in which language the record is written, and what a gap means.
func (v translateView) lead(ctx context.Context) string {
	if v.Card.Lang == "" {
		return ""
	}
	return i18n.T(ctx, "recordsite.translate_lead", "own", i18n.NameOf(v.Card.Lang))
}

// tabs are the languages to translate into, each with how far it has come.
func (v translateView) tabs(ctx context.Context) (out []ui.Tab) {
	for _, l := range i18n.Languages {
		if l.Code == v.Card.Lang {
			continue
		}
		out = append(out, ui.Tab{
			Text: l.Name, Href: v.action() + "?to=" + l.Code, Current: l.Code == v.To,
			Count: i18n.T(ctx, "recordsite.n_of", "n", v.Counts[l.Code], "all", len(v.Fields)),
		})
	}
	return out
}

// hidden carries what the reader of the form has seen.
func (v translateView) hidden() []ui.Hidden {
	out := []ui.Hidden{{Name: "to", Value: v.To}}
	for _, f := range v.Fields {
		out = append(out, ui.Hidden{Name: "seen." + f.Name, Value: f.Seen})
	}
	return out
}

func (f translateField) rows() int {
	switch {
	case f.Lines:
		return 12
	case f.Max > 250:
		return 5
	}
	return 2
}

func (f translateField) hint(ctx context.Context) string {
	if f.Markdown {
		return i18n.T(ctx, "recordsite.keep_marks")
	}
	return ""
}
