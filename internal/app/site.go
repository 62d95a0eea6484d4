package app

import (
	"context"

	"ceiba/internal/face/ui"
	"ceiba/internal/innovation/catalog"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
	"ceiba/internal/site/admin"
	"ceiba/internal/site/moderation"
	"ceiba/internal/site/settings"
)

// settings are what the office says of the site, made once.
func (a *App) settings() *settings.Site {
	if a.Settings == nil {
		a.Settings = &settings.Site{DB: a.DB, Blob: a.Blob, Base: a.Base}
		for _, l := range catalog.Licences {
			a.Settings.Licences = append(a.Settings.Licences, settings.Choice{Value: l.ID, Name: l.Name})
		}
	}
	return a.Settings
}

func (a *App) site(ctx context.Context) ui.Site {
	s := a.Settings.Current(ctx)
	out := ui.Site{Name: s.Name, Place: s.Place, Logo: s.LogoPath()}
	if out.Name == "" {
		out.Name = "Ceiba"
	}
	if out.Place == "" {
		out.Place = i18n.T(ctx, "app.place")
	}
	return out
}

// pagesBelow are the office's pages that stand at the foot of every page.
func (a *App) pagesBelow(ctx context.Context, path string) (items []ui.NavItem) {
	for _, p := range a.Settings.Footer(ctx) {
		items = append(items, ui.NavItem{Text: p.Name, Href: p.Value, Current: path == p.Value})
	}
	return items
}

func (a *App) admin() *admin.Admin {
	return &admin.Admin{DB: a.DB, Blob: a.Blob, Who: func() *who.Store { return a.Who }, Backups: backups{a}, Version: Version, Mails: a.CanMail}
}

func (a *App) moderation() *moderation.Desk {
	return &moderation.Desk{
		DB: a.DB, Kinds: func() *record.Registry { return a.Registry },
		Queues: []moderation.Waiting{{Title: "call.held", Path: "/inputs/held", Count: answer.HeldCount}},
	}
}

// ballots is the office that runs all polls. A domain that sets up polls adds its
// Host before the first request.
func (a *App) ballots() *ballot.Office {
	if a.Ballots == nil {
		a.Ballots = &ballot.Office{DB: a.DB, Hosts: map[string]ballot.Host{}}
	}
	return a.Ballots
}

// shows reports whether the office offers a language.
func (a *App) shows(ctx context.Context, lang string) bool {
	return a.settings().Current(ctx).Shows(lang)
}
