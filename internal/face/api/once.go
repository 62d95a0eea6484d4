package api

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this package's part of the database.
var Schema = db.Schema{Module: "api", Files: files}

// Words are this package's sentences.
//
//go:embed locale/*.json
var Words embed.FS

// Keep is for how long the answer to an Idempotency-Key is kept: longer than a
// phone's outbox waits for a signal.
const Keep = 30 * 24 * 60 * 60 * 1e6 // microseconds

// Once is embedded in the input of every operation that writes.
type Once struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"200" doc:"A value of your own for this write. Sent again with the same body, it answers what it answered first and does nothing more."`
}

// Do runs fn in one transaction and keeps its answer under the request's
// Idempotency-Key, if it has one, in that same transaction. A key that was seen
// before gives the first answer without running fn; with another body it is a
// fault. body is what the fingerprint is taken of: the request's input.
func Do[T any](ctx context.Context, d *db.DB, once Once, body any, fn func(tx *db.Tx) (T, error)) (T, error) {
	var out T
	mark, err := fingerprint(ctx, body)
	if err != nil {
		return out, err
	}
	actor := who.From(ctx).ID
	err = d.Update(ctx, func(tx *db.Tx) error {
		var zero T
		out = zero
		if once.IdempotencyKey == "" {
			out, err = fn(tx)
			return err
		}
		done, err := replay(ctx, tx, actor, once.IdempotencyKey, mark, &out)
		if err != nil || done {
			return err
		}
		if out, err = fn(tx); err != nil {
			return err
		}
		answer, err := json.Marshal(out)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO api_once (actor, key, fingerprint, answer, at) VALUES ($1, $2, $3, $4, $5)`,
			actor, once.IdempotencyKey, mark, string(answer), db.Time{Time: tx.Now})
		return err
	})
	return out, err
}

func replay(ctx context.Context, tx *db.Tx, actor, key, mark string, out any) (bool, error) {
	type kept struct{ fingerprint, answer string }
	k, err := db.Get(ctx, tx, func(v *kept) []any { return []any{&v.fingerprint, &v.answer} },
		`SELECT fingerprint, answer FROM api_once WHERE actor = $1 AND key = $2`, actor, key)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	case k.fingerprint != mark:
		return false, fault.New(fault.Invalid, "api.key_reused")
	}
	return true, json.Unmarshal([]byte(k.answer), out)
}

func fingerprint(ctx context.Context, body any) (string, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return "", fmt.Errorf("fingerprint: %w", err)
	}
	h := sha256.New()
	if r := request(ctx); r != nil {
		fmt.Fprintln(h, r.Method, r.URL.Path)
	}
	h.Write(b)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Forget deletes answers that are older than Keep; a schedule calls it.
func Forget(ctx context.Context, d *db.DB) error {
	return d.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM api_once WHERE at < $1`, tx.Now.UnixMicro()-int64(Keep))
		return err
	})
}
