package recordsite

import (
	"context"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
)

func followed(ctx context.Context, cards []record.Card) []ui.Card {
	var out []ui.Card
	for _, c := range cards {
		v := ui.Card{
			Over: i18n.T(ctx, "kind."+c.Kind), Title: c.Title, TitleIn: c.TitleIn, Href: c.Path(), Text: c.Summary, TextIn: c.SummaryIn,
			Meta: []string{i18n.T(ctx, "recordsite.changed", "date", i18n.Date(ctx, c.Changed.Time))},
		}
		if c.State != "" {
			v.State = &ui.Badge{Tone: ui.Tone(c.Tone), Word: i18n.T(ctx, c.State)}
		}
		out = append(out, v)
	}
	return out
}
