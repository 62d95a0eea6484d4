package account

import (
	"context"
	"embed"
	"strings"

	"ceiba/internal/face/module"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/job"
	"ceiba/internal/service/who"
)

// Words are this package's sentences, keys "account.…".
//
//go:embed locale/*.json
var Words embed.FS

// Pages serves the account's pages. The store is asked for when a page is, as
// it is opened after the modules are listed.
type Pages struct {
	DB      *db.DB
	Who     func() *who.Store
	Letters func() *who.DemoMailer // the demonstration's; nil in a real site
}

// secure reports whether the site is reached over an encrypted connection.
func (p *Pages) secure() bool { return strings.HasPrefix(p.Who().Base, "https://") }

// Module declares the pages and the daily clearing out.
func (p *Pages) Module() module.Module {
	return module.Module{
		Name:   "account",
		Words:  Words,
		Routes: p.Routes,
		Jobs: []job.Kind{{Name: "account.purge", Run: func(ctx context.Context, _ *job.Run) error {
			return p.Who().Purge(ctx)
		}}},
		Schedules: []job.Schedule{{Name: "account.purge", Kind: "account.purge", Every: "daily 03:20"}},
	}
}
