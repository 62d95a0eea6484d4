package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
	"ceiba/internal/service/who/standing"
	"ceiba/internal/site/inbox"
)

// openNotify makes the store of notifications from what the modules declare.
func (a *App) openNotify() (err error) {
	c := notify.Config{
		DB: a.DB, Words: a.Words, Records: a.Registry, Follow: record.Followers, Base: a.Base(), Log: a.log,
		Actor: a.reader,
	}
	for _, m := range a.Modules {
		c.Rules, c.Subjects = append(c.Rules, m.Notifies...), append(c.Subjects, m.Subjects...)
	}
	secret, err := keyFile(a.Store.SecretPath())
	if err != nil {
		return fmt.Errorf("the secret for notifications: %w", err)
	}
	c.Secret = derived(secret, "notify")
	if a.Serve.MailServer != "" {
		if c.Mail, err = notify.ParseSMTP(a.Serve.MailServer, a.Serve.MailFrom, "Ceiba"); err != nil {
			return err
		}
	}
	if c.Vapid, err = notify.LoadVapid(a.vapidPath(), a.contact()); err != nil {
		return fmt.Errorf("the keys of web push: %w", err)
	}
	a.Notify, err = notify.New(c)
	return err
}

// reader is the actor that a person is when a letter is written to them.
func (a *App) reader(ctx context.Context, tx *db.Tx, person string) (who.Actor, error) {
	return standing.Of(ctx, tx, a.Policy, person)
}

// vapidPath is the file of the keys of web push.
func (a *App) vapidPath() string { return filepath.Join(a.Store.Data, "vapid.json") }

// derived makes a secret for one purpose out of the site's, so that what one
// part signs is nothing to another.
func derived(secret []byte, purpose string) []byte {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(purpose))
	return m.Sum(nil)
}

// contact is where push services reach those who run this site.
func (a *App) contact() string {
	if a.Serve.MailFrom != "" {
		return "mailto:" + a.Serve.MailFrom
	}
	return strings.Replace(a.Base(), "http://", "https://", 1)
}

// CanMail reports whether letters leave this site.
func (a *App) CanMail() bool { return a.Notify.Mail != nil }

// mailer sends letters about signing in: by the mail server, or to the page of
// the demonstration. A real site without a mail server says that it cannot.
func (a *App) mailer() who.Mailer {
	switch {
	case a.CanMail():
		return a.Notify.Mailer()
	case a.Serve.Demo:
		a.demoMail = &who.DemoMailer{Words: a.Words, Out: os.Stderr}
		return a.demoMail
	}
	return unsent{a.Notify.Mailer(), a.log}
}

// unsent notes letters that no mail server takes, without saying for whom they
// were or what stood in them: whoever reads a code can sign in.
type unsent struct {
	who.Mailer
	log *slog.Logger
}

// Send implements who.Mailer.
func (u unsent) Send(ctx context.Context, tx *db.Tx, m who.Mail) error {
	u.log.WarnContext(ctx, "a letter cannot be sent: no mail server is set (--mail-server)", "letter", m.Subject)
	return u.Mailer.Send(ctx, tx, m)
}

// inboxPages serves what people read of notifications.
func (a *App) inboxPages() *inbox.Pages {
	return &inbox.Pages{
		DB: a.DB, Notify: func() *notify.Store { return a.Notify }, Kinds: func() *record.Registry { return a.Registry },
		Orgs: func(ctx context.Context, tx *db.Tx, actor who.Actor, action string) (out []inbox.Choice, err error) {
			all, err := a.orgs.Choices(ctx, tx, actor, action)
			for _, c := range all {
				out = append(out, inbox.Choice{ID: c.ID, Name: c.Name})
			}
			return out, err
		},
	}
}

// unread is the number beside the reader's name. A page without it is better
// than no page.
func (a *App) unread(ctx context.Context, actor who.Actor) (n int) {
	err := a.DB.View(ctx, func(tx *db.Tx) (err error) {
		n, err = notify.Unread(ctx, tx, actor.ID)
		return err
	})
	if err != nil && ctx.Err() == nil {
		a.log.WarnContext(ctx, "count unread messages", "err", err)
	}
	return n
}
