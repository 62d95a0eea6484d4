package record

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/who"
)

// Follow has actor hear of what happens to a record. Following twice is no
// error and no news.
func (r *Registry) Follow(ctx context.Context, d *db.DB, actor who.Actor, of Ref) error {
	if err := actor.Must("record.follow", who.Site); err != nil {
		return err
	}
	return d.Update(ctx, func(tx *db.Tx) error {
		card, err := r.live(ctx, tx, actor, of)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `INSERT INTO record_follower (kind, record, person, frequency, since) VALUES ($1, $2, $3, '', $4) ON CONFLICT DO NOTHING`,
			of.Kind, of.ID, actor.ID, db.Time{Time: tx.Now})
		if err != nil || n == 0 {
			return err
		}
		return tell(ctx, tx, actor, "record.followed", card, false, "", nil)
	})
}

// Unfollow ends it, also for a record that actor may no longer see.
func (r *Registry) Unfollow(ctx context.Context, d *db.DB, actor who.Actor, of Ref) error {
	if err := actor.Must("record.follow", who.Site); err != nil {
		return err
	}
	return d.Update(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `DELETE FROM record_follower WHERE kind = $1 AND record = $2 AND person = $3`, of.Kind, of.ID, actor.ID)
		if err != nil || n == 0 {
			return err
		}
		return tell(ctx, tx, actor, "record.unfollowed", Card{Ref: of}, false, "", nil)
	})
}

// Followers returns at most limit people who follow a record, after one of
// them, in the order of their ids: what package notify asks for.
func Followers(ctx context.Context, tx *db.Tx, of Ref, after string, limit int) ([]string, error) {
	return db.List(ctx, tx, db.One[string], `SELECT person FROM record_follower WHERE kind = $1 AND record = $2 AND person > $3
		ORDER BY person LIMIT $4`, of.Kind, of.ID, after, limit)
}

// Following returns what a person follows, the newest first.
func Following(ctx context.Context, tx *db.Tx, person string) ([]Ref, error) {
	return db.List(ctx, tx, func(r *Ref) []any { return []any{&r.Kind, &r.ID} },
		`SELECT kind, record FROM record_follower WHERE person = $1 ORDER BY since DESC, kind, record LIMIT 1000`, person)
}

// Audience is who follows a record: how many, and whether actor does.
type Audience struct {
	Count int
	Mine  bool
}

// AudienceOf returns the audience of a record.
func AudienceOf(ctx context.Context, tx *db.Tx, actor who.Actor, of Ref) (Audience, error) {
	return db.Get(ctx, tx, func(a *Audience) []any { return []any{&a.Count, &a.Mine} },
		`SELECT count(*), coalesce(max(CASE WHEN person = $3 THEN 1 ELSE 0 END), 0) = 1 FROM record_follower WHERE kind = $1 AND record = $2`,
		of.Kind, of.ID, actor.ID)
}
