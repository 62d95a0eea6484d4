package app

import (
	"context"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/exchange"
	"ceiba/internal/collaboration/plan/ogpfile"
	planpages "ceiba/internal/collaboration/plan/pages"
	"ceiba/internal/collaboration/plan/template"
	"ceiba/internal/face/api"
	"ceiba/internal/face/module"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/innovation/catalog"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/backup"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/job"
	"ceiba/internal/service/ledger"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/org"
	"ceiba/internal/service/outbound"
	"ceiba/internal/service/record"
	"ceiba/internal/service/search"
	"ceiba/internal/service/shelf"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/who"
	"ceiba/internal/site/account"
	"ceiba/internal/site/atlas"
	recordsite "ceiba/internal/site/record"
	"ceiba/internal/story"
)

// modules is the list of everything Ceiba consists of: services first, in the
// order in which their tables are made, then sites and domains. A capability is
// added by a line here.
func (a *App) modules() []module.Module {
	return []module.Module{
		{Name: "app", Schema: schema, Words: words, Jobs: a.housekeeping(), Schedules: housekeepingTimes},
		{Name: "web", Words: web.Words},
		{Name: "ui", Words: ui.Words},
		{Name: "api", Schema: api.Schema, Words: api.Words},
		{Name: "activity", Schema: activity.Schema},
		{Name: "ledger", Schema: ledger.Schema, Words: ledger.Words},
		{Name: "job", Schema: job.Schema, Words: job.Words},
		{Name: "who", Schema: who.Schema, Words: who.Words, Actions: who.Rules},
		{Name: "org", Schema: org.Schema, Words: org.Words, Actions: org.Rules, Kinds: []record.Kind{org.Record}},
		{Name: "record", Schema: record.Schema, Words: record.Words, Actions: record.Rules, Personal: []who.Personal{record.Personal}},
		{Name: "search", Schema: search.Schema, Listeners: []activity.Listener{a.search().Listener()}, Rebuild: a.search().Rebuild},
		{Name: "talk", Words: talk.Words},
		{Name: "geo", Schema: geo.Schema, Words: geo.Words},
		{Name: "blob", Words: blob.Words},
		{Name: "outbound", Words: outbound.Words},
		{Name: "notify", Schema: notify.Schema, Words: notify.Words, Actions: notify.Rules, Kinds: []record.Kind{notify.HookKind()}},
		{Name: "source", Words: source.Words},
		{Name: "backup", Words: backup.Words},
		{Name: "table", Words: table.Words},
		{Name: "shelf", Schema: shelf.Schema, Words: shelf.Words, Jobs: a.Shelf.Jobs()},
		a.health.Module(),
		(&account.Pages{DB: a.DB, Who: func() *who.Store { return a.Who }, Letters: a.letters()}).Module(),
		a.inboxPages().Module(),
		a.ledgerPages().Module(),
		a.settings().Module(),
		a.admin().Module(),
		a.moderation().Module(),
		a.catalog().Module(),
		a.plans().Module(),
		a.exchange().Module(),
		{Name: "ogpfile", Words: ogpfile.Words},
		{Name: "template", Words: template.Words},
		(&atlas.Atlas{DB: a.DB, Base: a.Base}).Module(),
		(&recordsite.Pages{DB: a.DB, Blob: a.Blob, Kinds: func() *record.Registry { return a.Registry }}).Module(),
		(&story.Story{DB: a.DB, Base: a.Base, Kinds: func() *record.Registry { return a.Registry }, Policy: func() *who.Policy { return a.Policy }}).Module(),
	}
}

func (a *App) search() *search.Index {
	return search.New(a.DB, func() *record.Registry { return a.Registry })
}

func (a *App) catalog() *catalog.Catalog {
	return &catalog.Catalog{
		DB: a.DB, Blob: a.Blob, Shelf: a.Shelf, Orgs: orgs{}, Base: a.Base,
		Kinds:       func() *record.Registry { return a.Registry },
		SiteVersion: func() string { return a.version.get() },
		Licence:     func(ctx context.Context) string { return a.settings().Current(ctx).Licence },
	}
}

func (a *App) planned() *plan.Plans { return &plan.Plans{DB: a.DB, Visit: a.visit} }

func (a *App) plans() *planpages.Pages {
	return &planpages.Pages{
		Plans: a.planned(), Base: a.Base, Kinds: func() *record.Registry { return a.Registry }, Coach: a.exchange().Panel,
	}
}

func (a *App) exchange() *exchange.Exchange {
	return &exchange.Exchange{
		Plans: a.planned(), Blob: a.Blob, Base: a.Base, Policy: func() *who.Policy { return a.Policy }, Library: a.library,
		Country: exchange.Country{Code: "BLZ", Name: "Belize", Region: "Americas"},
	}
}

// wordsOnly lists the modules whose sentences commands say.
func wordsOnly() []module.Module {
	return []module.Module{
		{Name: "web", Words: web.Words},
		{Name: "who", Words: who.Words},
		{Name: "blob", Words: blob.Words},
		{Name: "source", Words: source.Words},
		{Name: "geo", Words: geo.Words},
		{Name: "shelf", Words: shelf.Words},
		{Name: "table", Words: table.Words},
		{Name: "catalog", Words: catalog.Words},
		{Name: "org", Words: org.Words},
		{Name: "ledger", Words: ledger.Words},
		{Name: "notify", Words: notify.Words},
		{Name: "backup", Words: backup.Words},
		{Name: "ogpfile", Words: ogpfile.Words},
		{Name: "planexchange", Words: exchange.Words},
	}
}
