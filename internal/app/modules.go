package app

import (
	"context"
	"maps"

	"ceiba/internal/collaboration/consultation"
	"ceiba/internal/collaboration/consultation/pages"
	"ceiba/internal/collaboration/evaluation"
	"ceiba/internal/collaboration/forum"
	"ceiba/internal/collaboration/forum/forumpage"
	"ceiba/internal/collaboration/plan/exchange"
	"ceiba/internal/collaboration/plan/listed"
	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/collaboration/plan/template"
	"ceiba/internal/collaboration/procurement/bods"
	"ceiba/internal/collaboration/procurement/desk"
	"ceiba/internal/collaboration/procurement/flag"
	"ceiba/internal/collaboration/procurement/ocds"
	procurementpages "ceiba/internal/collaboration/procurement/pages"
	"ceiba/internal/collaboration/procurement/redflag"
	"ceiba/internal/collaboration/procurement/spending"
	"ceiba/internal/face/api"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/module"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/innovation/catalog"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/backup"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/job"
	"ceiba/internal/service/ledger"
	"ceiba/internal/service/meeting"
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
	answersite "ceiba/internal/site/answer"
	"ceiba/internal/site/atlas"
	ballotsite "ceiba/internal/site/ballot"
	meetingsite "ceiba/internal/site/meeting"
	recordsite "ceiba/internal/site/record"
	"ceiba/internal/story"
)

// modules is the list of everything Ceiba consists of: services first, in the
// order in which their tables are made, then sites and domains. A capability is
// added by a line here.
func (a *App) modules() []module.Module {
	calls := a.calls()
	return []module.Module{
		{Name: "app", Schema: schema, Words: words, Jobs: a.housekeeping(), Schedules: housekeepingTimes},
		{Name: "web", Words: web.Words},
		{Name: "ui", Words: ui.Words},
		{Name: "api", Schema: api.Schema, Words: api.Words},
		{Name: "listing", Words: listing.Words},
		{Name: "activity", Schema: activity.Schema},
		{Name: "ledger", Schema: ledger.Schema, Words: ledger.Words},
		{Name: "job", Schema: job.Schema, Words: job.Words},
		{Name: "who", Schema: who.Schema, Words: who.Words, Actions: who.Rules},
		{Name: "org", Schema: org.Schema, Words: org.Words, Actions: org.Rules, Kinds: []record.Kind{org.Record}, Personal: []who.Personal{org.Personal}},
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
		{Name: "shelf", Schema: shelf.Schema, Words: shelf.Words, Jobs: a.Shelf.Jobs(), Personal: []who.Personal{shelf.Personal}},
		a.meetings(),
		{
			Name: "ballot", Schema: ballot.Schema, Words: ballot.Words, Actions: ballot.Rules, Kinds: []record.Kind{a.ballots().Kind()},
			Jobs: a.ballots().Jobs(), Schedules: ballot.Schedules(), Notifies: ballot.Notifies(), Subjects: ballot.Subjects, Personal: []who.Personal{ballot.Personal},
		},
		calls.Service(),
		a.health.Module(),
		(&account.Pages{DB: a.DB, Who: func() *who.Store { return a.Who }, Letters: a.letters()}).Module(),
		a.inboxPages().Module(),
		a.ledgerPages().Module(),
		a.settings().Module(),
		a.admin().Module(),
		a.moderation().Module(),
		(&ballotsite.Pages{DB: a.DB, Office: a.ballots(), Kinds: func() *record.Registry { return a.Registry }, Base: a.Base}).Module(),
		a.catalog().Module(),
		a.plans().Module(),
		a.repository().Module(),
		a.asked().Module(),
		(&listed.Lists{Plans: a.planned(), Base: a.Base, Kinds: func() *record.Registry { return a.Registry }}).Module(),
		a.reviews().Module(),
		a.joint().Module(),
		a.exchange().Module(),
		{Name: "ogpfile", Words: ogpfile.Words},
		{Name: "ocds", Words: ocds.Words},
		{Name: "spending", Words: spending.Words},
		{Name: "bods", Words: bods.Words},
		{Name: "evaluation", Words: evaluation.Words},
		(&desk.Desk{DB: a.DB, Base: a.Base}).Module(),
		(&procurementpages.Pages{
			DB: a.DB, Base: a.Base, Kinds: func() *record.Registry { return a.Registry }, Site: func(ctx context.Context) string { return a.site(ctx).Name },
			Search: a.search().Refresh,
		}).Module(),
		(&redflag.Pages{DB: a.DB, Base: a.Base}).Module(),
		{Name: "flag", Words: flag.Words},
		{Name: "template", Words: template.Words},
		a.consultation().Module(),
		calls.Module(),
		(&forumpage.Pages{Forums: a.forums()}).Module(),
		(&meetingsite.Pages{Book: a.book(), DB: a.DB}).Module(),
		(&atlas.Atlas{DB: a.DB, Base: a.Base}).Module(),
		(&recordsite.Pages{DB: a.DB, Blob: a.Blob, Base: a.Base, Kinds: func() *record.Registry { return a.Registry }}).Module(),
		(&story.Story{DB: a.DB, Base: a.Base, Kinds: func() *record.Registry { return a.Registry }, Policy: func() *who.Policy { return a.Policy }}).Module(),
	}
}

func (a *App) search() *search.Index {
	return search.New(a.DB, func() *record.Registry { return a.Registry })
}

func (a *App) catalog() *catalog.Catalog {
	return &catalog.Catalog{
		DB: a.DB, Blob: a.Blob, Shelf: a.Shelf, Orgs: a.orgs, Base: a.Base,
		Kinds:       func() *record.Registry { return a.Registry },
		SiteVersion: func() string { return a.version.get() },
		Licence:     func(ctx context.Context) string { return a.settings().Current(ctx).Licence },
	}
}

func (a *App) consultation() *pages.Pages {
	return &pages.Pages{Desk: &consultation.Desk{DB: a.DB, Kinds: func() *record.Registry { return a.Registry }}, Base: a.Base}
}

// calls are where people give inputs and get answers. Domains that host calls
// name themselves in Hosts.
func (a *App) calls() *answersite.Pages {
	return &answersite.Pages{Office: a.office(), Base: a.Base, Mailer: a.receipts}
}

// receipts sends receipts to those who ask for it; nil on a site without mail.
func (a *App) receipts() who.Mailer {
	switch {
	case a.demoMail != nil:
		return a.demoMail
	case a.CanMail():
		return a.Notify.Mailer()
	}
	return nil
}

// office keeps calls, inputs and answers, made once. Its secret is known only once
// the data folder is open (openWho).
func (a *App) office() *answer.Office {
	if a.Answers == nil {
		a.Answers = &answer.Office{DB: a.DB, Kinds: func() *record.Registry { return a.Registry }, Hosts: map[string]answer.Host{}}
	}
	return a.Answers
}

// book is where meetings are kept. Domains whose bodies meet set their rules in
// its Hosts.
func (a *App) book() *meeting.Book {
	return &meeting.Book{DB: a.DB, Kinds: func() *record.Registry { return a.Registry }, Hosts: map[string]meeting.Host{"forum": forum.MeetingHost()}, Base: a.Base}
}

// forums joins the forums with their meetings and polls.
func (a *App) forums() *forum.Forums {
	maps.Copy(a.ballots().Hosts, forum.BallotHosts())
	return &forum.Forums{DB: a.DB, Kinds: func() *record.Registry { return a.Registry }, Book: a.book(), Ballots: a.ballots(), Base: a.Base}
}

func (a *App) meetings() module.Module {
	return module.Module{
		Name: "meeting", Schema: meeting.Schema, Words: meeting.Words, Actions: meeting.Rules, Kinds: []record.Kind{meeting.Record},
		Jobs: a.book().Jobs(), Schedules: meeting.Schedules(), Notifies: meeting.Notifies, Subjects: meeting.Subjects, Personal: []who.Personal{meeting.Personal},
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
		{Name: "ocds", Words: ocds.Words},
		{Name: "planexchange", Words: exchange.Words},
	}
}
