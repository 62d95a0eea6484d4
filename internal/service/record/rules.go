package record

import (
	"context"
	"embed"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/who"
)

// Words are this package's sentences.
//
//go:embed locale/*.json
var Words embed.FS

// Rules say who may do what with any record.
var Rules = []who.Rule{
	{Action: "record.comment", Site: []who.Role{who.Resident}, Level: who.L1},
	{Action: "record.follow", Site: []who.Role{who.Resident}},
	{Action: "record.moderate", Site: []who.Role{who.Moderator}},
	{Action: "record.attach", Org: []who.Role{who.Official, who.Editor}},
	{Action: "record.translate", Org: []who.Role{who.Official, who.Editor, who.Member}},
}

// live returns the card of a record that may still be added to: what is
// withdrawn answers that it is gone.
func (r *Registry) live(ctx context.Context, tx *db.Tx, actor who.Actor, ref Ref) (Card, error) {
	c, err := r.One(ctx, tx, actor, ref)
	if err == nil && c.Gone {
		return Card{}, fault.New(fault.Gone, "record.gone")
	}
	return c, err
}

// tell appends what happened to a record.
func tell(ctx context.Context, tx *db.Tx, actor who.Actor, verb string, c Card, public bool, note string, after any) error {
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: verb, Kind: c.Kind, Record: c.ID, Org: c.Org,
		Public: public && c.Public, Title: c.Written, Note: note, After: after,
	})
	return err
}
