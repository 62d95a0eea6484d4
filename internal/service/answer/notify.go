package answer

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/notify"
)

// Subjects are what people choose a frequency for.
var Subjects = []notify.Subject{{Name: "own_input", Default: notify.Now, Direct: true}} // what became of what I said

// Notifies say whom events concern beside those who follow the record: authors
// with an account hear of what became of what they said. Those who follow a call
// hear of its answers by "call.answered", once for each reply.
var Notifies = []notify.Rule{
	{Verb: "input.acknowledged", Subject: "own_input", To: author},
	{Verb: "input.merged", Subject: "own_input", To: author},
	{Verb: "input.separated", Subject: "own_input", To: author},
	{Verb: "input.answered", Subject: "own_input", To: authors},
	{Verb: "input.hidden", Subject: "own_input", To: author},
	{Verb: "input.shown", Subject: "own_input", To: author},
}

// author returns who gave the input of an event; an anonymous one is nobody's.
func author(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	return db.List(ctx, tx, db.One[string], `SELECT author FROM answer_input WHERE id = $1 AND author <> ''`, e.Record)
}

// authors returns who gave the input of an event, and what was merged into it.
func authors(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	return db.List(ctx, tx, db.One[string], `SELECT author FROM answer_input WHERE id = $1 AND author <> ''
		UNION SELECT author FROM answer_input WHERE root = $1 AND root <> '' AND author <> ''`, e.Record)
}
