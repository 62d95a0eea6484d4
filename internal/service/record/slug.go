package record

import (
	"context"
	"errors"
	"fmt"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
)

// SetSlug gives a record the readable address made from title and returns it.
// Its former addresses stay and redirect. A slug that another record has, or
// ever had, gets a number.
func SetSlug(ctx context.Context, tx *db.Tx, ref Ref, title string) (string, error) {
	base := id.Slug(title)
	for n := 1; n < 1000; n++ {
		slug := base
		if n > 1 {
			slug = fmt.Sprintf("%s-%d", base, n)
		}
		owner, err := db.Get(ctx, tx, db.One[string], `SELECT id FROM record_slug WHERE kind = $1 AND slug = $2`, ref.Kind, slug)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return "", err
		}
		if err == nil && owner != ref.ID {
			continue
		}
		return slug, takeSlug(ctx, tx, ref, slug)
	}
	return "", fmt.Errorf("no free address for %q", base)
}

func takeSlug(ctx context.Context, tx *db.Tx, ref Ref, slug string) error {
	if _, err := tx.Exec(ctx, `UPDATE record_slug SET current = FALSE WHERE kind = $1 AND id = $2`, ref.Kind, ref.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO record_slug (kind, slug, id, current) VALUES ($1, $2, $3, TRUE)
		ON CONFLICT (kind, slug) DO UPDATE SET current = TRUE`, ref.Kind, slug, ref.ID)
	return err
}

// Resolve finds the record that an address means, by id or by any slug it ever
// had. canonical is the current slug, or the id for a record without one: when
// it differs from key, the reader is redirected.
func Resolve(ctx context.Context, tx *db.Tx, kind, key string) (ref Ref, canonical string, err error) {
	ref = Ref{kind, key}
	if !id.Valid(key) {
		if ref.ID, err = db.Get(ctx, tx, db.One[string], `SELECT id FROM record_slug WHERE kind = $1 AND slug = $2`, kind, key); err != nil {
			return Ref{}, "", err
		}
	}
	canonical, err = db.Get(ctx, tx, db.One[string], `SELECT slug FROM record_slug WHERE kind = $1 AND id = $2 AND current`, kind, ref.ID)
	if errors.Is(err, db.ErrNotFound) {
		return ref, ref.ID, nil
	}
	return ref, canonical, err
}

// Slugs returns the current slugs of a set of records of one kind, by id.
func Slugs(ctx context.Context, tx *db.Tx, kind string, ids []string) (map[string]string, error) {
	in, args := db.In(2, ids)
	type pair struct{ id, slug string }
	rows, err := db.List(ctx, tx, func(p *pair) []any { return []any{&p.id, &p.slug} },
		`SELECT id, slug FROM record_slug WHERE kind = $1 AND current AND id IN `+in, append([]any{kind}, args...)...)
	out := map[string]string{}
	for _, p := range rows {
		out[p.id] = p.slug
	}
	return out, err
}
