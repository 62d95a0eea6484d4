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
			Over: i18n.T(ctx, "kind."+c.Kind), Title: c.Title, Href: c.Path(), Text: c.Summary,
			Meta: []string{i18n.T(ctx, "recordsite.changed", "date", i18n.Date(ctx, c.Changed.Time))},
		}
		if c.State != "" {
			v.State = &ui.Badge{Tone: ui.Tone(c.Tone), Word: i18n.T(ctx, c.State)}
		}
		out = append(out, v)
	}
	return out
}

func decisions(ctx context.Context, c record.Comment) []ui.Option {
	return []ui.Option{
		{Value: string(record.Visible), Label: i18n.T(ctx, "recordsite.let_appear"), Selected: c.State == record.Held},
		{Value: string(record.Hidden), Label: i18n.T(ctx, "recordsite.take_down"), Selected: c.State == record.Visible},
	}
}

func held(ctx context.Context, v deskView) []ui.Card {
	var out []ui.Card
	for _, c := range v.Held {
		name := v.Names[c.Author]
		if name == "" {
			name = i18n.T(ctx, "talk.somebody")
		}
		out = append(out, ui.Card{Over: i18n.DateTime(ctx, c.Created.Time), Title: i18n.T(ctx, "recordsite.by", "name", name), Href: "/comment/" + c.ID + "/moderate", Text: c.Body})
	}
	return out
}
