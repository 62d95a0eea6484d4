package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"ceiba/internal/collaboration/plan/exchange"
	"ceiba/internal/face/module"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/config"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/job"
	"ceiba/internal/service/ledger"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/record"
	"ceiba/internal/service/shelf"
	"ceiba/internal/service/who"
	"ceiba/internal/site/health"
	"ceiba/internal/site/settings"
)

// App is one Ceiba: its stores, its services and its modules.
type App struct {
	Store    config.Store
	Serve    config.Serve
	DB       *db.DB
	Blob     *blob.Store
	Words    *i18n.Catalog
	Policy   *who.Policy
	Registry *record.Registry
	Who      *who.Store
	Shelf    *shelf.Shelf
	Activity *activity.Log
	Ledger   *ledger.Ledger
	Settings *settings.Site
	Answers  *answer.Office
	Jobs     *job.Runner
	Notify   *notify.Store
	Ballots  *ballot.Office
	Server   *web.Server
	Modules  []module.Module

	log      *slog.Logger
	version  *versions
	library  *exchange.Library
	orgs     orgs
	operator string // who gave the command that is carried out, inside a server
	demoMail *who.DemoMailer
	health   *health.Health
	closers  []func() error
	anew     chan struct{} // holds one when the server has to start anew
}

// Open opens the stores, brings the database up to date and puts the modules
// together. Nothing runs in the background until Run.
func Open(ctx context.Context, store config.Store, serve config.Serve, log *slog.Logger) (_ *App, err error) {
	a := &App{Store: store, Serve: serve, log: log, version: &versions{}, library: &exchange.Library{}, anew: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if err := os.MkdirAll(store.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	if a.DB, err = db.Open(ctx, store.DatabasePath()); err != nil {
		return nil, err
	}
	a.closers = append(a.closers, a.DB.Close)
	if err := a.openBlob(ctx); err != nil {
		return nil, err
	}
	if err := a.openShelf(); err != nil {
		return nil, err
	}
	a.health, a.orgs = health.New(a.DB), newOrgs(a.DB)
	if err := a.assemble(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

// keyFile reads a secret of at least 32 bytes, and makes it at first start. A
// file that others can read is refused.
func keyFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		text := id.Secret() + id.Secret()
		return []byte(text), os.WriteFile(path, []byte(text), 0o600)
	}
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("others can read the secret in %s: run chmod 600 on it", path)
	}
	text, err := os.ReadFile(path)
	return bytes.TrimSpace(text), err
}

func (a *App) openBlob(ctx context.Context) (err error) {
	options := []blob.Option{blob.CacheIn(filepath.Join(a.Store.Data, "cache"), 20<<30), blob.LogTo(a.log)}
	if a.DB.Engine() == "sqlite" && a.Store.Blob == "" { // then the folder is this process's own
		options = append(options, blob.Alone())
	}
	if a.Serve.Clamd != "" {
		options = append(options, blob.ScanWith(blob.Clamd(a.Serve.Clamd)))
	}
	if a.Blob, err = blob.Open(ctx, a.Store.BlobPath(), options...); err != nil {
		return err
	}
	a.closers = append(a.closers, a.Blob.Close)
	return nil
}

// Close closes what Open opened, the last first.
func (a *App) Close() error {
	var err error
	for i := len(a.closers) - 1; i >= 0; i-- {
		err = errors.Join(err, a.closers[i]())
	}
	a.closers = nil
	return err
}

// System returns the actor of the command line: "system:" and the name of the
// account that runs it.
func (a *App) System() who.Actor {
	name := a.operator
	if name == "" {
		name = operator()
	}
	return who.System(a.Policy, name)
}

// operator is the account of whoever runs this process.
func operator() string {
	name := os.Getenv("SUDO_USER")
	if name == "" {
		name = os.Getenv("USER")
	}
	if name == "" {
		name = "cli"
	}
	return name
}
