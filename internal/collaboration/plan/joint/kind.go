package joint

import (
	"context"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Kinds are the records of this capability: projects, which stand beside
// commitments in the chain, and pledges, so that files can be attached to them.
func Kinds() []record.Kind {
	return []record.Kind{
		{
			Name: "joint", Chain: "commitment", Describe: describe, Text: text, Comments: true, Originals: originals, Fields: []record.Field{
				{Name: "title", Label: "joint.field.title", Max: MaxTitle},
				{Name: "problem", Label: "joint.field.problem", Max: maxText, Lines: true, Markdown: true},
				{Name: "objective", Label: "joint.field.objective", Max: maxText, Lines: true, Markdown: true},
			},
		},
		{Name: "pledge", Describe: describePledges},
	}
}

func byID(ctx context.Context, tx *db.Tx, ids []string) ([]Project, error) {
	in, args := db.In(1, ids)
	return db.List(ctx, tx, fields, `SELECT `+columns+` FROM joint WHERE id IN `+in, args...)
}

func describe(ctx context.Context, tx *db.Tx, _ who.Actor, ids []string) ([]record.Card, error) {
	all, err := byID(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	slugs, err := record.Slugs(ctx, tx, "joint", ids)
	var out []record.Card
	for _, p := range all {
		out = append(out, record.Card{
			Ref: p.Ref(), Slug: slugs[p.ID], Title: p.Title, Summary: plan.FirstWords(p.Objective), State: "joint.state." + string(p.State),
			Tone: p.State.Tone(), Org: p.Lead, Lang: p.Lang, Changed: p.Changed, Public: true,
		})
	}
	return out, err
}

func originals(ctx context.Context, tx *db.Tx, ids []string) (map[string]map[string]string, error) {
	all, err := byID(ctx, tx, ids)
	out := map[string]map[string]string{}
	for _, p := range all {
		out[p.ID] = map[string]string{"title": p.Title, "problem": p.Problem, "objective": p.Objective}
	}
	return out, err
}

// text is what search finds of a project: its texts, and what was pledged.
func text(ctx context.Context, tx *db.Tx, ids []string) ([]record.Text, error) {
	all, err := byID(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	pledges, err := PledgesOf(ctx, tx, ids)
	var out []record.Text
	for _, p := range all {
		body := []string{record.Unmarked(p.Problem), record.Unmarked(p.Objective), p.Budget}
		for _, g := range pledges[p.ID] {
			body = append(body, g.What)
		}
		out = append(out, record.Text{ID: p.ID, Lang: p.Lang, Title: p.Title, Body: strings.Join(body, "\n"), Facets: map[string][]string{"org": {p.Lead}}})
	}
	return out, err
}

func describePledges(ctx context.Context, tx *db.Tx, _ who.Actor, ids []string) ([]record.Card, error) {
	in, args := db.In(1, ids)
	all, err := db.List(ctx, tx, pledgeFields, `SELECT `+pledgeColumns+` FROM joint_pledge WHERE id IN `+in, args...)
	var out []record.Card
	for _, p := range all {
		out = append(out, record.Card{
			Ref: p.Ref(), Title: plan.FirstWords(p.What), State: "joint.standing." + string(p.State), Tone: p.Tone(""), Org: p.Org,
			Changed: p.Since, Public: true,
		})
	}
	return out, err
}
