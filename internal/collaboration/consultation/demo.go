package consultation

import (
	"context"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

const demoText = `# What we promise

The ministry publishes every contract for road works on this site.

Residents can say what they see at the place of the works.

# By when

The first contracts are published by June.
`

const demoNext = `# What we promise

The ministry publishes every contract for road works on this site, within ten days of its signature.

Residents can say what they see at the place of the works.

The ministry answers each of them within a month.

# By when

The first contracts are published by June.
`

// Demo puts a made-up text before the public, with two versions, notes and an
// answer. Nobody is named.
func (d *Desk) Demo(ctx context.Context, system who.Actor) error {
	ministry, _, err := org.EnsureByName(ctx, d.DB, system, "Demonstration Ministry of Works", org.National)
	if err != nil {
		return err
	}
	end := d.DB.Now().In(i18n.Belize).AddDate(0, 0, 61)
	c, err := d.Create(ctx, system, Consultation{
		Org: ministry.ID, Title: "Demonstration: a draft promise about road works", Lang: "en",
		Introduction: "This is **demonstration data**: a made-up draft, to show how people write about a text and what becomes of it.",
		Closes:       db.Time{Time: time.Date(end.Year(), end.Month(), end.Day(), 0, 0, 0, 0, i18n.Belize)},
	})
	if err != nil {
		return err
	}
	if _, err := d.Write(ctx, system, c.ID, Text{Source: demoText}); err != nil {
		return err
	}
	if _, err := d.Publish(ctx, system, c.ID, c.Version+1); err != nil {
		return err
	}
	question, err := d.Annotate(ctx, system, c.ID, Note{Paragraph: "2", Quote: "every contract", Sort: Question, Text: "How soon after they are signed?", Lang: "en"})
	if err != nil {
		return err
	}
	if _, err := d.Annotate(ctx, system, c.ID, Note{Paragraph: "5", Sort: Amendment, Lang: "en", Text: "June is in the rainy season: nobody can see the works then.", Replacement: "The first contracts are published by March."}); err != nil {
		return err
	}
	if _, err := d.Write(ctx, system, c.ID, Text{From: 1, Source: demoNext, Reason: "A question asked how soon contracts are published."}); err != nil {
		return err
	}
	return d.Respond(ctx, system, c.ID, Answer{Decision: Adopted, Because: "Within ten days. Version 2 says so."}, []string{question.ID})
}
