package pages

import (
	"bytes"
	"context"
	_ "embed" // the demonstration's file
	"errors"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

//go:embed demo.jsonl
var demonstration []byte

// What the demonstration links: its process about drains helps to keep the promise
// about drains.
const demoProcess, demoPromise = "ocds-demo00-drains", "demonstration-every-village-sees-its-drains-repaired"

// Demo takes five made-up processes in, and links one with a commitment of the
// demonstration, if that is there.
func (p *Pages) Demo(ctx context.Context, actor who.Actor) error {
	from := procurement.Source{Name: "demonstration.jsonl", Licence: "https://creativecommons.org/publicdomain/zero/1.0/"}
	if _, err := procurement.Import(ctx, p.DB, actor, from, bytes.NewReader(demonstration), nil); err != nil {
		return err
	}
	return p.DB.Update(ctx, func(tx *db.Tx) error {
		to, _, err := record.Resolve(ctx, tx, "commitment", demoPromise)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		x, err := procurement.Find(ctx, tx, demoProcess)
		if err != nil {
			return err
		}
		return record.Link(ctx, tx, actor, x.Ref(), "implements", to)
	})
}
