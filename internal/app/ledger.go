package app

import (
	"context"
	"net/url"

	"ceiba/internal/ground/id"
	"ceiba/internal/service/ledger"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
	ledgersite "ceiba/internal/site/ledger"
)

// openLedger opens the tamper-evident log and refuses to go on from a database
// that is older than what was published. It comes before anything is written.
func (a *App) openLedger(ctx context.Context) (err error) {
	a.Ledger, err = ledger.Open(ctx, a.DB, a.log, ledger.Options{Key: a.Store.KeyPath(), Origin: a.ledgerOrigin()})
	if err != nil {
		return err
	}
	return a.Ledger.Guard(ctx, "system:start", a.Serve.AcceptRollback)
}

// ledgerOrigin names a new log. The name stays for ever, so a site that does
// not know its public address yet gets one that no other has.
func (a *App) ledgerOrigin() string {
	if u, err := url.Parse(a.Serve.PublicAddress); err == nil && u.Host != "" {
		return u.Host + "/ledger"
	}
	return "ceiba-" + id.Random()[:8] + ".localhost/ledger"
}

// sealAtClose has a command that ends bring what it did into the ledger and sign
// a checkpoint of it. If that fails the next server does it.
func (a *App) sealAtClose(ctx context.Context) {
	a.closers = append(a.closers, func() error {
		err := a.Activity.Drain(ctx)
		if err == nil {
			_, err = a.Ledger.Publish(ctx)
		}
		if err != nil {
			a.log.Warn("the ledger follows at the next start", "err", err)
		}
		return err
	})
}

func (a *App) ledgerPages() *ledgersite.Pages {
	return &ledgersite.Pages{
		DB: a.DB, Base: a.Base, Ledger: func() *ledger.Ledger { return a.Ledger },
		Kinds: func() *record.Registry { return a.Registry }, Nobody: func() who.Actor { return who.Nobody(a.Policy) },
	}
}
