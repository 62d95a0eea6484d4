package consultation

import (
	"context"
	"slices"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Subjects are what people choose a frequency for.
var Subjects = []notify.Subject{
	{Name: "text_answered", Default: notify.Now, Direct: true}, // what I wrote about a text was answered
	{Name: "text_new_notes", Default: notify.Daily},            // people wrote about a text of my office
	{Name: "text_opened", Default: notify.Daily},               // an organisation or a thing that I follow asks about a text
}

// Notifies say whom the events concern. Who follows a text hears of its versions
// and answers without a rule.
var Notifies = []notify.Rule{
	{Verb: "consultation.responded", Subject: "text_answered", To: answeredAuthors},
	{Verb: "annotation.superseded", Subject: "text_answered", To: author},
	{Verb: "annotation.made", Subject: "text_new_notes", To: office},
	{Verb: "consultation.published", Subject: "text_opened", To: outreach},
}

// outreach returns who follows the organisation that asks, or what the text is
// about.
func outreach(ctx context.Context, tx *db.Tx, e activity.Event) (people []string, err error) {
	c, err := get(ctx, tx, e.Record)
	if err != nil {
		return nil, err
	}
	for _, of := range []record.Ref{{Kind: org.RecordKind, ID: c.Org}, c.Of} {
		for after, more := "", of.Kind != ""; more; {
			some, err := record.Followers(ctx, tx, of, after, 1000)
			if err != nil {
				return nil, err
			}
			if people, more = append(people, some...), len(some) == 1000; more {
				after = some[len(some)-1]
			}
		}
	}
	slices.Sort(people)
	return slices.Compact(people), nil
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
