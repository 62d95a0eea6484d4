package app

import (
	"context"
	"embed"
	"errors"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// schema is this package's part of the database.
var schema = db.Schema{Module: "app", Files: files}

//go:embed locale/*.json
var words embed.FS

// fact reads what is known under a name, "" for nothing.
func fact(ctx context.Context, tx *db.Tx, name string) (string, error) {
	v, err := db.Get(ctx, tx, db.One[string], `SELECT value FROM app_fact WHERE name = $1`, name)
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	return v, err
}

func setFact(ctx context.Context, tx *db.Tx, name, value string) error {
	_, err := tx.Exec(ctx, `INSERT INTO app_fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}

// english gives sentences to commands that have no site open.
func english() *i18n.Printer { return speaking("en") }

// speaking gives them in any language.
func speaking(lang string) *i18n.Printer {
	c := i18n.NewCatalog()
	for _, m := range wordsOnly() {
		if m.Words != nil {
			if err := c.Add(m.Name, m.Words); err != nil {
				return nil
			}
		}
	}
	return c.For(lang)
}

// letters gives the demonstration's letters to the page that shows them, and
// nothing in a real site.
func (a *App) letters() func() *who.DemoMailer {
	if !a.Serve.Demo {
		return nil
	}
	return func() *who.DemoMailer { return a.demoMail }
}
