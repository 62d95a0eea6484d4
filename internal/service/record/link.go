package record

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/who"
)

// Relations that links may have, each read from its first end. A domain that
// needs another adds it here, so that both ends have words for it.
var Relations = []string{
	"answers", "about", "part_of", "implements", "pays_for", "evidence_for", "located_at", "caused_by",
	"merged_into", "replaces", "uses", "follows_from", "recommends",
}

// Edge is one end of a link as seen from the other.
type Edge struct {
	Rel  string
	Out  bool // the record asked about is the first end
	To   Ref
	By   string // who linked them
	At   db.Time
	Card Card // of the other end
}

// Link joins two records. The caller has checked that actor may, and that both
// exist. Linking twice is no error and no news.
func Link(ctx context.Context, tx *db.Tx, actor who.Actor, from Ref, rel string, to Ref) error {
	n, err := tx.Exec(ctx, `INSERT INTO record_link (from_kind, from_id, rel, to_kind, to_id, by_person, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		from.Kind, from.ID, rel, to.Kind, to.ID, actor.ID, db.Time{Time: tx.Now})
	if err != nil || n == 0 {
		return err
	}
	return linked(ctx, tx, actor, "record.linked", from, rel, to)
}

// Unlink undoes Link. A link that is not there is db.ErrNotFound.
func Unlink(ctx context.Context, tx *db.Tx, actor who.Actor, from Ref, rel string, to Ref) error {
	n, err := tx.Exec(ctx, `DELETE FROM record_link WHERE from_kind = $1 AND from_id = $2 AND rel = $3 AND to_kind = $4 AND to_id = $5`,
		from.Kind, from.ID, rel, to.Kind, to.ID)
	if err != nil {
		return err
	}
	if n == 0 {
		return db.ErrNotFound
	}
	return linked(ctx, tx, actor, "record.unlinked", from, rel, to)
}

func linked(ctx context.Context, tx *db.Tx, actor who.Actor, verb string, from Ref, rel string, to Ref) error {
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: verb, Kind: from.Kind, Record: from.ID, Public: true,
		After: map[string]string{"rel": rel, "kind": to.Kind, "id": to.ID},
	})
	return err
}

// Edges returns what a record is linked with, in both directions, the newest
// first, without what actor may not see.
func (r *Registry) Edges(ctx context.Context, tx *db.Tx, actor who.Actor, of Ref) ([]Edge, error) {
	edges, err := db.List(ctx, tx, func(e *Edge) []any { return []any{&e.Rel, &e.Out, &e.To.Kind, &e.To.ID, &e.By, &e.At} },
		`SELECT rel, TRUE, to_kind, to_id, by_person, at FROM record_link WHERE from_kind = $1 AND from_id = $2
		UNION ALL SELECT rel, FALSE, from_kind, from_id, by_person, at FROM record_link WHERE to_kind = $1 AND to_id = $2
		ORDER BY 6 DESC, 4`, of.Kind, of.ID)
	if err != nil {
		return nil, err
	}
	refs := make([]Ref, len(edges))
	for i, e := range edges {
		refs[i] = e.To
	}
	cards, err := r.Describe(ctx, tx, actor, refs)
	if err != nil {
		return nil, err
	}
	seen := edges[:0]
	for _, e := range edges {
		if c, ok := cards[e.To]; ok {
			e.Card = c
			seen = append(seen, e)
		}
	}
	return seen, nil
}
