package consultation

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/who"
)

// Subjects are what people choose a frequency for.
var Subjects = []notify.Subject{
	{Name: "text_answered", Default: notify.Now, Direct: true}, // what I wrote about a text was answered
	{Name: "text_new_notes", Default: notify.Daily},            // people wrote about a text of my office
}

// Notifies say whom the events concern. Who follows a text hears of its versions
// and answers without a rule.
var Notifies = []notify.Rule{
	{Verb: "consultation.responded", Subject: "text_answered", To: answeredAuthors},
	{Verb: "annotation.superseded", Subject: "text_answered", To: author},
	{Verb: "annotation.made", Subject: "text_new_notes", To: office},
}

func answeredAuthors(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	var about responded
	if err := e.Change(nil, &about); err != nil || about.Response == "" {
		return nil, nil // erased
	}
	return db.List(ctx, tx, db.One[string], `SELECT DISTINCT author FROM consultation_annotation WHERE response = $1 AND author <> ''`, about.Response)
}

func author(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	return db.List(ctx, tx, db.One[string], `SELECT author FROM consultation_annotation WHERE id = $1 AND author <> ''`, e.Record)
}

func office(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	if e.Org == "" {
		return nil, nil
	}
	return who.PeopleWith(ctx, tx, e.Org, who.Official, who.Editor, who.Facilitator)
}
