package review

import (
	"context"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Kind is the record of an assessment.
func Kind() record.Kind {
	return record.Kind{Name: "assessment", Describe: describe, Text: text}
}

func byID(ctx context.Context, tx *db.Tx, ids []string) ([]Assessment, error) {
	in, args := db.In(1, ids)
	return db.List(ctx, tx, fields, `SELECT `+columns+` FROM assessment WHERE id IN `+in, args...)
}

func describe(ctx context.Context, tx *db.Tx, actor who.Actor, ids []string) ([]record.Card, error) {
	all, err := byID(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	slugs, err := record.Slugs(ctx, tx, "assessment", ids)
	var out []record.Card
	for _, a := range all {
		if !a.Public() && !actor.May("assessment.write", who.Site) {
			continue
		}
		out = append(out, record.Card{
			Ref: a.Ref(), Slug: slugs[a.ID], Title: a.Title, State: "planreview.state." + string(a.State), Tone: a.State.Tone(), Org: a.Org,
			Lang: a.Lang, Changed: a.Changed, Public: a.Public() && a.State != Withdrawn, Gone: a.State == Withdrawn,
		})
	}
	return out, err
}

func text(ctx context.Context, tx *db.Tx, ids []string) ([]record.Text, error) {
	all, err := byID(ctx, tx, ids)
	var out []record.Text
	for _, a := range all {
		if !a.Public() || a.State == Withdrawn {
			continue
		}
		var body []string
		for _, p := range a.Texts.V.Parts() {
			body = append(body, record.Unmarked(*p.Text))
		}
		out = append(out, record.Text{ID: a.ID, Lang: a.Lang, Title: a.Title, Body: strings.Join(body, "\n"), Facets: map[string][]string{"org": {a.Org}}})
	}
	return out, err
}
