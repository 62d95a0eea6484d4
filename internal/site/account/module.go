package account

import (
	"context"
	"embed"

	"ceiba/internal/face/module"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/job"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// Words are this package's sentences, keys "account.…".
//
//go:embed locale/*.json
var Words embed.FS

// Pages serves the account's pages.
type Pages struct {
	who    *who.Store
	db     *db.DB
	letter *who.DemoMailer // the demonstration's letters; nil otherwise
	secure bool            // the site is reached over an encrypted connection
}

// New returns the pages over a store. letters are the demonstration's, and nil
// in a real site.
func New(d *db.DB, s *who.Store, letters *who.DemoMailer) *Pages {
	return &Pages{who: s, db: d, letter: letters, secure: len(s.Base) > 8 && s.Base[:8] == "https://"}
}

// Module declares the pages, the daily clearing out and the accounts of the
// demonstration.
func (p *Pages) Module() module.Module {
	return module.Module{
		Name:   "account",
		Words:  Words,
		Routes: p.Routes,
		Jobs: []job.Kind{{Name: "account.purge", Run: func(ctx context.Context, _ *job.Run) error {
			return p.who.Purge(ctx)
		}}},
		Schedules: []job.Schedule{{Name: "account.purge", Kind: "account.purge", Every: "daily 03:20"}},
		Demo:      p.fillDemo,
	}
}

// fillDemo makes an organisation and an account for each role.
func (p *Pages) fillDemo(ctx context.Context, a who.Actor) error {
	o, _, err := org.EnsureByName(ctx, p.db, a, "Demo Ministry", org.National)
	if err != nil {
		return err
	}
	return p.who.FillDemo(ctx, a, o.ID)
}
