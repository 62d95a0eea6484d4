package catalog

import (
	"context"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// tones say how a state looks.
var tones = map[State]string{Draft: "", Review: "attention", Published: "done", Withdrawn: "late"}

// Kinds are the records of the catalogue.
func Kinds() []record.Kind {
	return []record.Kind{
		{
			Name: "dataset", Describe: describe, Text: searchText, Comments: true, Originals: originals, Fields: []record.Field{
				{Name: "title", Label: "catalog.field.title", Max: maxTitle},
				{Name: "summary", Label: "catalog.field.summary", Max: maxSummary},
				{Name: "notes", Label: "catalog.field.notes", Max: maxNotes, Lines: true, Markdown: true},
			},
		},
		{Name: "resource", Describe: describeResources},
	}
}

func describe(ctx context.Context, tx *db.Tx, actor who.Actor, ids []string) ([]record.Card, error) {
	in, args := db.In(1, ids)
	ds, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM dataset WHERE id IN `+in, args...)
	if err != nil {
		return nil, err
	}
	slugs, err := record.Slugs(ctx, tx, "dataset", ids)
	if err != nil {
		return nil, err
	}
	var out []record.Card
	for _, d := range ds {
		if d.State != Published && d.State != Withdrawn && !actor.May("dataset.write", who.In(d.Org)) {
			continue
		}
		c := record.Card{
			Ref: d.Ref(), Slug: slugs[d.ID], Title: d.Title, Summary: d.Summary, State: "catalog.state." + string(d.State),
			Tone: tones[d.State], Org: d.Org, Lang: d.Lang, Changed: d.Changed, Public: d.State == Published, Gone: d.State == Withdrawn,
		}
		if len(d.Districts.V) == 1 {
			c.Place = placeOf(d.Districts.V[0])
		}
		out = append(out, c)
	}
	return out, nil
}

// originals are the texts of datasets that people may translate.
func originals(ctx context.Context, tx *db.Tx, ids []string) (map[string]map[string]string, error) {
	in, args := db.In(1, ids)
	ds, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM dataset WHERE id IN `+in, args...)
	out := map[string]map[string]string{}
	for _, d := range ds {
		out[d.ID] = map[string]string{"title": d.Title, "summary": d.Summary, "notes": d.Notes}
	}
	return out, err
}

func describeResources(ctx context.Context, tx *db.Tx, actor who.Actor, ids []string) ([]record.Card, error) {
	in, args := db.In(1, ids)
	type row struct {
		Resource
		org, lang string
		state     State
	}
	rows, err := db.List(ctx, tx, func(r *row) []any { return append(resourceFields(&r.Resource), &r.org, &r.state, &r.lang) },
		`SELECT r.id, r.dataset, r.position, r.kind, r.title, r.description, r.url, r.name, r.blob, r.media_type, r.bytes, r.removed,
		r.created, r.changed, r.version, d.org, d.state, d.lang FROM resource r JOIN dataset d ON d.id = r.dataset WHERE r.id IN `+in, args...)
	var out []record.Card
	for _, r := range rows {
		if r.state != Published && !actor.May("dataset.write", who.In(r.org)) {
			continue
		}
		out = append(out, record.Card{
			Ref: r.Ref(), Title: r.Title, Summary: r.Description, Lang: r.lang, Org: r.org, Changed: r.Changed,
			Public: r.state == Published && !r.Removed, Gone: r.Removed,
		})
	}
	return out, err
}

// searchText is what the site's search knows of published datasets: the words
// of the dataset and the titles of its resources.
func searchText(ctx context.Context, tx *db.Tx, ids []string) ([]record.Text, error) {
	in, args := db.In(1, ids)
	ds, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM dataset WHERE state = 'published' AND id IN `+in, args...)
	if err != nil {
		return nil, err
	}
	type title struct{ dataset, text string }
	titles, err := db.List(ctx, tx, func(t *title) []any { return []any{&t.dataset, &t.text} },
		`SELECT dataset, title || ' ' || description FROM resource WHERE NOT removed AND dataset IN `+in+` ORDER BY position`, args...)
	if err != nil {
		return nil, err
	}
	more := map[string][]string{}
	for _, t := range titles {
		more[t.dataset] = append(more[t.dataset], t.text)
	}
	var out []record.Text
	for _, d := range ds {
		body := []string{d.Summary, strings.Join(d.Keywords.V, " "), record.Unmarked(d.Notes)}
		out = append(out, record.Text{
			ID: d.ID, Lang: d.Lang, Title: d.Title, Body: strings.Join(append(body, more[d.ID]...), "\n"),
			Facets: map[string][]string{"org": {d.Org}, "theme": d.Themes.V, "district": d.Districts.V},
		})
	}
	return out, nil
}
