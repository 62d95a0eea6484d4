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
//
// Most keys are new, so only one that was seen a while ago (see seen) is looked
// up first; that is a twelfth of a write. Any other finds out when it ends that it
// is taken, is undone, and gives the first answer: a second request at the same
// time, and one from a phone that was offline for days.
func Do[T any](ctx context.Context, d *db.DB, once Once, body any, fn func(tx *db.Tx) (T, error)) (out T, err error) {
	if once.IdempotencyKey == "" {
		err = d.Update(ctx, func(tx *db.Tx) (err error) {
			out, err = fn(tx)
			return err
		})
		return out, err
	}
	mark, err := fingerprint(ctx, body)
	if err != nil {
		return out, err
	}
	k := kept{actor: who.From(ctx).ID, key: once.IdempotencyKey, fingerprint: mark}
	if seenLately.again(k.actor, k.key) {
		if done, err := k.replay(ctx, d, &out); err != nil || done {
			return out, err
		}
	}
	err = d.Update(ctx, func(tx *db.Tx) (err error) {
		if out, err = fn(tx); err != nil {
			return err
		}
		return k.keep(ctx, tx, out)
	})
	if err == nil {
		return out, nil
	}
	// Another request with this key may have been first, whatever fn made of that.
	var first T
	if done, again := k.replay(ctx, d, &first); again != nil || done {
		return first, again
	}
	return first, err
}

// kept is an answer under the key of one person.
type kept struct{ actor, key, fingerprint, answer string }

// keep stores the answer with what it answers.
func (k kept) keep(ctx context.Context, tx *db.Tx, out any) error {
	answer, err := json.Marshal(out)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO api_once (actor, key, fingerprint, answer, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		k.actor, k.key, k.fingerprint, string(answer), db.Time{Time: tx.Now})
	if err == nil && n == 0 {
		err = db.ErrConflict
	}
	return err
}

// replay reads into out what was answered before; done says that there was such.
func (k kept) replay(ctx context.Context, d *db.DB, out any) (done bool, err error) {
	var old kept
	err = d.View(ctx, func(tx *db.Tx) (err error) {
		old, err = db.Get(ctx, tx, func(v *kept) []any { return []any{&v.fingerprint, &v.answer} },
			`SELECT fingerprint, answer FROM api_once WHERE actor = $1 AND key = $2`, k.actor, k.key)
		return err
	})
	switch {
	case errors.Is(err, db.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	case old.fingerprint != k.fingerprint:
		return false, fault.New(fault.Invalid, "api.key_reused")
	}
	return true, json.Unmarshal([]byte(old.answer), out)
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
