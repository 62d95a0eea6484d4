package forum

import (
	"context"
	"fmt"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Tones say how a state looks.
var Tones = map[State]string{Proposed: "attention", Established: "going", Active: "done", Dormant: "late", Dissolved: ""}

// MotionTones say how the state of a decision looks.
var MotionTones = map[string]string{"proposed": "attention", "voting": "going", "adopted": "done", "rejected": "late"}

// Kinds are the records of this module.
func Kinds() []record.Kind {
	return []record.Kind{
		{
			Name: "forum", Describe: describe, Text: searchText, Comments: true, Originals: originals,
			Fields: []record.Field{{Name: "title", Label: "forum.field.name", Max: 200}, {Name: "about", Label: "forum.field.about", Max: 20_000, Lines: true, Markdown: true}},
		},
		{
			Name: "decision", Describe: describeMotions, Text: motionText, Comments: true, Originals: motionOriginals,
			Fields: []record.Field{{Name: "title", Label: "forum.field.title", Max: 200}, {Name: "text", Label: "forum.field.text", Max: 20_000, Lines: true, Markdown: true}},
		},
	}
}

func some(ctx context.Context, tx *db.Tx, ids []string) ([]Forum, error) {
	in, args := db.In(1, ids)
	return db.List(ctx, tx, fields, `SELECT `+columns+` FROM forum WHERE id IN `+in, args...)
}

func describe(ctx context.Context, tx *db.Tx, _ who.Actor, ids []string) (out []record.Card, err error) {
	fs, err := some(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	slugs, err := record.Slugs(ctx, tx, "forum", ids)
	for _, f := range fs {
		c := record.Card{
			Ref: f.Ref(), Slug: slugs[f.ID], Title: f.Name, Summary: Beginning(record.Unmarked(f.About)), State: "forum.state." + string(f.State), Tone: Tones[f.State],
			Org: f.Org, Lang: f.Lang, Changed: f.Changed, Public: true,
		}
		if d, ok := geo.DistrictByCode(f.Scope); ok {
			c.Place = &record.Place{Lat: d.Label.Lat, Lon: d.Label.Lon, District: d.Code}
		}
		out = append(out, c)
	}
	return out, err
}

// Beginning is the beginning of a text.
func Beginning(s string) string {
	r := []rune(s)
	return string(r[:min(len(r), 240)])
}

func originals(ctx context.Context, tx *db.Tx, ids []string) (map[string]map[string]string, error) {
	fs, err := some(ctx, tx, ids)
	out := map[string]map[string]string{}
	for _, f := range fs {
		out[f.ID] = map[string]string{"title": f.Name, "about": f.About}
	}
	return out, err
}

func searchText(ctx context.Context, tx *db.Tx, ids []string) (out []record.Text, err error) {
	fs, err := some(ctx, tx, ids)
	for _, f := range fs {
		facets := map[string][]string{"org": {f.Org}}
		if f.Scope != "national" {
			facets["district"] = []string{f.Scope}
		}
		out = append(out, record.Text{ID: f.ID, Lang: f.Lang, Title: f.Name, Body: record.Unmarked(f.About) + "\n" + f.Instrument, Facets: facets})
	}
	return out, err
}

func someMotions(ctx context.Context, tx *db.Tx, ids []string) ([]Motion, error) {
	in, args := db.In(1, ids)
	return db.List(ctx, tx, motionFields, `SELECT `+motionColumns+` FROM forum_decision WHERE id IN `+in, args...)
}

func describeMotions(ctx context.Context, tx *db.Tx, _ who.Actor, ids []string) (out []record.Card, err error) {
	ms, err := someMotions(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	slugs, err := record.Slugs(ctx, tx, "decision", ids)
	for _, m := range ms {
		out = append(out, record.Card{
			Ref: m.Ref(), Slug: slugs[m.ID], Title: m.Title, Summary: Beginning(fmt.Sprintf("%d. %s", m.Number, record.Unmarked(m.Text))), State: "forum.decision." + m.State,
			Tone: MotionTones[m.State], Org: m.Org, Lang: m.Lang, Changed: m.Changed, Public: true,
		})
	}
	return out, err
}

func motionOriginals(ctx context.Context, tx *db.Tx, ids []string) (map[string]map[string]string, error) {
	ms, err := someMotions(ctx, tx, ids)
	out := map[string]map[string]string{}
	for _, m := range ms {
		out[m.ID] = map[string]string{"title": m.Title, "text": m.Text}
	}
	return out, err
}

func motionText(ctx context.Context, tx *db.Tx, ids []string) (out []record.Text, err error) {
	ms, err := someMotions(ctx, tx, ids)
	for _, m := range ms {
		out = append(out, record.Text{ID: m.ID, Lang: m.Lang, Title: m.Title, Body: record.Unmarked(m.Text), Facets: map[string][]string{"org": {m.Org}}})
	}
	return out, err
}
