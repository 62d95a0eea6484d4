package catalog

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/record"
)

// subjects are what people choose a frequency for.
var subjects = []notify.Subject{
	{Name: "new_data", Default: notify.Weekly}, // an organisation that I follow publishes
	{Name: "own_data", Default: notify.Daily},  // what becomes of what I began
}

// notifies say whom the catalogue's events concern. Who follows a dataset hears
// of its changes without a rule.
var notifies = []notify.Rule{
	{Verb: "dataset.published", Subject: "own_data", To: began},
	{Verb: "dataset.published", Subject: "new_data", To: followOrg},
	{Verb: "dataset.changed", Subject: "own_data", To: began},
	{Verb: "dataset.sent_back", Subject: "own_data", To: began},
	{Verb: "dataset.withdrawn", Subject: "own_data", To: began},
	{Verb: "resource.version_published", Subject: "own_data", To: beganResource},
	{Verb: "resource.version_published", Subject: notify.Followed.Name, To: followDataset},
}

// began returns who made the dataset of an event.
func began(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	return db.List(ctx, tx, db.One[string], `SELECT created_by FROM dataset WHERE id = $1`, e.Record)
}

func beganResource(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	return db.List(ctx, tx, db.One[string], `SELECT d.created_by FROM dataset d JOIN resource r ON r.dataset = d.id WHERE r.id = $1`, e.Record)
}

// followDataset returns who follows the dataset of a resource, once the public
// may read it.
func followDataset(ctx context.Context, tx *db.Tx, e activity.Event) (people []string, err error) {
	of, err := db.List(ctx, tx, db.One[string],
		`SELECT d.id FROM dataset d JOIN resource r ON r.dataset = d.id WHERE r.id = $1 AND d.state = 'published'`, e.Record)
	if err != nil || len(of) == 0 {
		return nil, err
	}
	return followers(ctx, tx, record.Ref{Kind: "dataset", ID: of[0]})
}

func followOrg(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	return followers(ctx, tx, record.Ref{Kind: "org", ID: e.Org})
}

// followers returns everybody who follows a record, read by the thousand.
func followers(ctx context.Context, tx *db.Tx, of record.Ref) (all []string, err error) {
	const page = 1000
	for after := ""; ; after = all[len(all)-1] {
		some, err := record.Followers(ctx, tx, of, after, page)
		all = append(all, some...)
		if err != nil || len(some) < page {
			return all, err
		}
	}
}
