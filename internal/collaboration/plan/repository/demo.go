package repository

import (
	"context"
	"strings"

	"ceiba/internal/collaboration/plan/demo"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/who"
)

// Demo puts made-up documents into the repository of the plan that people are
// making together: one of them in two versions.
func (p *Repository) Demo(ctx context.Context, actor who.Actor) error {
	var of string
	if err := p.DB.View(ctx, func(tx *db.Tx) error {
		all, err := plan.List(ctx, tx, actor)
		for _, x := range all {
			if x.Title == demo.Next {
				of = x.ID
			}
		}
		return err
	}); err != nil || of == "" {
		return err
	}
	notes := plan.Paper{Plan: of, Phase: require.CoCreation, Step: "problems", Title: "Demonstration: notes of the first conversation"}
	first, err := p.demoFile(ctx, actor, notes, "notes.md", "# Notes\n\nMade up. Two groups spoke of health posts and of drains.\n", p.AddPaper)
	if err != nil {
		return err
	}
	notes.Note = "The third group was missing"
	if _, err := p.demoFile(ctx, actor, notes, "notes.md", "# Notes\n\nMade up. Three groups spoke of health posts, of drains and of scholarships.\n",
		func(ctx context.Context, actor who.Actor, in plan.Paper) (plan.Paper, error) {
			return p.ReplacePaper(ctx, actor, first.ID, in)
		}); err != nil {
		return err
	}
	counts := plan.Paper{Plan: of, Phase: require.CoCreation, Step: "preparation", Title: "Demonstration: how many people heard of the plan"}
	_, err = p.demoFile(ctx, actor, counts, "reach.csv", "district,people\nCayo,40\nToledo,25\n", p.AddPaper)
	return err
}

func (p *Repository) demoFile(ctx context.Context, actor who.Actor, in plan.Paper, name, text string, publish func(context.Context, who.Actor, plan.Paper) (plan.Paper, error)) (plan.Paper, error) {
	ref, err := p.Blob.Put(ctx, strings.NewReader(text), blob.PutOptions{Name: name, Kinds: fileKinds})
	if err != nil {
		return plan.Paper{}, err
	}
	in.SHA, in.Name, in.MediaType, in.Bytes = ref.SHA256, name, ref.Type, ref.Size
	return publish(ctx, actor, in)
}
