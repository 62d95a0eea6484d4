package app

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/i18n/overlay"
	"ceiba/internal/service/job"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Version is set by the build: a release's name, or the commit.
var Version = "development"

// assemble joins what the modules declare.
func (a *App) assemble(ctx context.Context) error {
	a.Modules = a.modules()
	if err := a.gather(); err != nil {
		return err
	}
	var schemas []db.Schema
	for _, m := range a.Modules {
		if m.Schema.Files != nil {
			schemas = append(schemas, m.Schema)
		}
	}
	if err := a.DB.Migrate(ctx, schemas...); err != nil {
		return err
	}
	if err := a.checkDemo(ctx); err != nil {
		return err
	}
	if err := a.setClock(ctx); err != nil {
		return err
	}
	if err := a.clearHalfDemo(ctx); err != nil {
		return err
	}
	if err := a.openLedger(ctx); err != nil {
		return err
	}
	if err := a.openNotify(); err != nil {
		return err
	}
	if err := a.openWho(); err != nil {
		return err
	}
	if err := a.background(); err != nil {
		return err
	}
	return a.serveRoutes()
}

// gather builds the tables that modules fill: words, rules, kinds.
func (a *App) gather() (err error) {
	a.Words = i18n.NewCatalog()
	var rules []who.Rule
	var kinds []record.Kind
	for _, m := range a.Modules {
		if m.Words != nil {
			if err := a.Words.Add(m.Name, m.Words); err != nil {
				return fmt.Errorf("words of %s: %w", m.Name, err)
			}
		}
		rules, kinds = append(rules, m.Actions...), append(kinds, m.Kinds...)
	}
	if err := overlay.Apply(a.Words, a.Store.Data, func(problem string) { a.log.Warn("translation", "problem", problem) }); err != nil {
		return err
	}
	if a.Policy, err = who.NewPolicy(rules...); err != nil {
		return err
	}
	a.Registry, err = record.NewRegistry(kinds...)
	return err
}

func (a *App) openWho() error {
	secret, err := keyFile(a.Store.SecretPath())
	if err != nil {
		return fmt.Errorf("the sign-in secret: %w", err)
	}
	providers, err := a.Serve.OIDCProviders()
	if err != nil {
		return err
	}
	c := who.Config{DB: a.DB, Policy: a.Policy, Secret: secret, Base: a.Base(), Mailer: a.mailer(), Demo: a.Serve.Demo, Closed: a.Serve.Closed, Log: a.log, Wall: time.Now}
	for _, p := range providers {
		c.Providers = append(c.Providers, who.Provider{ID: id.Slug(p.Name), Name: p.Name, Issuer: p.Issuer, Client: p.Client, Secret: p.Secret})
	}
	a.office().Secret = derived(secret, "answer")
	a.Who, err = who.New(c)
	if err != nil {
		return err
	}
	for _, m := range a.Modules {
		a.Who.Register(m.Personal...)
	}
	a.Who.Register(a.Notify)
	return nil
}

// background makes the log and the queue; Run sets them going.
func (a *App) background() (err error) {
	listeners := []activity.Listener{a.Ledger.Listener(), a.Notify.Listener()}
	kinds, schedules := a.Notify.Jobs(), notify.Schedules()
	for _, m := range a.Modules {
		listeners, kinds, schedules = append(listeners, m.Listeners...), append(kinds, m.Jobs...), append(schedules, m.Schedules...)
	}
	a.Activity = activity.NewLog(a.DB, a.log, listeners...)
	node, _ := os.Hostname()
	a.Jobs, err = job.NewRunner(a.DB, a.log, node, kinds, schedules)
	return err
}

func (a *App) serveRoutes() error {
	routes := &web.Routes{}
	static, err := web.Static()
	if err != nil {
		return err
	}
	routes.Get("/static/{name}", web.Public, static, web.Limit(web.Free))
	v1 := api.New(a.DB, routes, Version)
	for _, m := range a.Modules {
		if m.Routes != nil {
			m.Routes(routes)
		}
		if m.API != nil {
			m.API(v1)
		}
	}
	a.Server, err = web.NewServer(web.Config{
		Words: a.Words, Policy: a.Policy, Sessions: a.Who, Log: a.log, Base: a.Serve.PublicAddress, Proxies: a.Serve.TrustedProxies,
		Demo: a.Serve.Demo, Today: a.today(), NoLimits: a.Serve.Limits == "off", Site: a.site, Shows: a.shows, Nav: a.nav, Unread: a.unread, Version: a.version.get, Observe: a.health.Observe,
	}, routes)
	return err
}

// Base is the public address, or the one that a machine for development has.
func (a *App) Base() string {
	if a.Serve.PublicAddress != "" {
		return a.Serve.PublicAddress
	}
	listen := a.Serve.Listen
	if listen == "" {
		listen = "127.0.0.1:8080"
	}
	if host, port, ok := cutPort(listen); ok && host == "127.0.0.1" {
		listen = "localhost:" + port // browsers allow passkeys there without TLS
	}
	return "http://" + listen
}

// nav is the navigation as this actor sees it.
func (a *App) nav(ctx context.Context, actor who.Actor, path string) (top, foot []ui.NavItem) {
	for _, n := range a.sortedNav() {
		if n.Action != "" && !actor.MayAnywhere(n.Action) {
			continue
		}
		item := ui.NavItem{Text: i18n.T(ctx, n.Key), Href: n.Path, Current: below(path, n.Path)}
		if n.Footer {
			foot = append(foot, item)
		} else {
			top = append(top, item)
		}
	}
	return top, append(foot, a.pagesBelow(ctx, path)...)
}

// versions is the number that changes with every public record: the shared
// cache keys its answers by it. It moves at once with this node's own commits
// and within a second with those of others.
type versions struct{ n atomic.Int64 }

func (v *versions) get() string { return fmt.Sprint(v.n.Load()) }

// watch keeps the number current until ctx ends.
func (v *versions) watch(ctx context.Context, d *db.DB) {
	woken, end := d.Waiting(activity.Topic)
	defer end()
	var last int64
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-woken:
			v.n.Add(1)
			continue // what is asked below tells no more
		case <-time.After(time.Second):
		}
		d.View(ctx, func(tx *db.Tx) error {
			head, err := activity.Head(ctx, tx)
			if err == nil && head != last {
				last = head
				v.n.Add(1)
			}
			return err
		})
	}
}
