package record

import (
	"context"
	"errors"
	"fmt"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
)

// NewSlug gives a record that this transaction makes its readable address, made
// from title, and returns it. A slug that another record has, or ever had, gets
// a number.
func NewSlug(ctx context.Context, tx *db.Tx, ref Ref, title string) (string, error) {
	base := id.Slug(title)
	for n := 1; n < 1000; n++ {
		slug := numbered(base, n)
		if taken, err := takeSlug(ctx, tx, ref, slug); taken || err != nil {
			return slug, err
		}
	}
	return "", fmt.Errorf("no free address for %q", base)
}

// SetSlug is NewSlug for a record that may have an address already. Its former
// addresses stay and redirect, and it can have one of them back.
func SetSlug(ctx context.Context, tx *db.Tx, ref Ref, title string) (string, error) {
	slug, err := NewSlug(ctx, tx, ref, title)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `UPDATE record_slug SET current = (slug = $3) WHERE kind = $1 AND id = $2`, ref.Kind, ref.ID, slug)
	return slug, err
}

func numbered(base string, n int) string {
	if n == 1 {
		return base
	}
	return fmt.Sprintf("%s-%d", base, n)
}

// takeSlug is false for a slug that belongs to another record.
func takeSlug(ctx context.Context, tx *db.Tx, ref Ref, slug string) (bool, error) {
	made, err := tx.Exec(ctx, `INSERT INTO record_slug (kind, slug, id, current) VALUES ($1, $2, $3, TRUE)
		ON CONFLICT (kind, slug) DO NOTHING`, ref.Kind, slug, ref.ID)
	if err != nil || made == 1 {
		return err == nil, err
	}
	owner, err := db.Get(ctx, tx, db.One[string], `SELECT id FROM record_slug WHERE kind = $1 AND slug = $2`, ref.Kind, slug)
	return owner == ref.ID, err
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
