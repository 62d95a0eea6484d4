package inbox

import (
	"context"
	"embed"

	"ceiba/internal/face/module"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Words are this package's sentences, keys "inbox.…".
//
//go:embed locale/*.json
var Words embed.FS

// Choice is an organisation to choose from.
type Choice struct{ ID, Name string }

// Pages serves the inbox. Store and registry are asked for when a page is, as
// they are opened after the modules are listed.
type Pages struct {
	DB     *db.DB
	Notify func() *notify.Store
	Kinds  func() *record.Registry
	// Orgs returns the organisations for which actor may do action, sorted by
	// name.
	Orgs func(ctx context.Context, tx *db.Tx, actor who.Actor, action string) ([]Choice, error)
}

// Module declares the pages.
func (p *Pages) Module() module.Module {
	return module.Module{
		Name: "inbox", Words: Words, Routes: p.Routes,
		Nav: []module.Nav{{Key: "inbox.title", Path: "/inbox", Order: 85, Action: "record.follow"}}, // for everybody who is signed in
	}
}

// Routes declares the pages.
func (p *Pages) Routes(rs *web.Routes) {
	rs.Get("/inbox", web.SignedIn, p.inbox)
	rs.Post("/inbox/read", web.SignedIn, p.read)
	rs.Get("/account/notifications", web.SignedIn, p.choices)
	rs.Post("/account/notifications", web.SignedIn, p.choose)
	rs.Post("/account/notifications/browsers", web.SignedIn, p.subscribe, web.Body(8<<10))
	rs.Post("/account/notifications/browsers/{id}/remove", web.SignedIn, p.unsubscribe)
	rs.Get(workerPath, web.Public, p.worker, web.Limit(web.Free))
	rs.Get("/notifications/stop/{token}", web.Public, p.askStop)
	rs.Post("/notifications/stop/{token}", web.Public, p.stop, web.FromAnywhere, web.Limit(web.Doors))
	rs.Get("/account/webhooks", web.Needs("hook.write"), p.hooks)
	rs.Post("/account/webhooks", web.Needs("hook.write"), p.addHook)
	rs.Get("/account/webhooks/{id}", web.Needs("hook.write"), p.hook)
	rs.Post("/account/webhooks/{id}/remove", web.Needs("hook.write"), p.removeHook)
	rs.Post("/account/webhooks/{id}/enable", web.Needs("hook.write"), p.enableHook)
	rs.Post("/account/webhooks/{id}/replay", web.Needs("hook.write"), p.replay)
	rs.Get("/hook/{id}", web.Needs("hook.write"), p.hookAddress)
}
