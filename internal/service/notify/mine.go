package notify

import (
	"context"
	"crypto/sha256"
	"encoding/base64"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who"
)

// Device is a browser that rings for somebody.
type Device struct {
	ID    string
	Agent string // as it called itself when it subscribed
	Since db.Time
	Mark  string // SHA-256 of its address at the push service, base64url: by it a browser finds itself in a list
}

// Devices returns the actor's own, the newest first.
func (s *Store) Devices(ctx context.Context, actor who.Actor) (list []Device, err error) {
	if !actor.SignedIn() {
		return nil, fault.New(fault.SignIn, "who.sign_in")
	}
	err = s.DB.View(ctx, func(tx *db.Tx) error {
		list, err = db.List(ctx, tx, func(d *Device) []any { return []any{&d.ID, &d.Agent, &d.Since, &d.Mark} },
			`SELECT id, agent, created_at, endpoint FROM notify_push WHERE person = $1 ORDER BY id DESC`, actor.ID)
		return err
	})
	for i, d := range list { // whoever knows the address itself may ring there
		sum := sha256.Sum256([]byte(d.Mark))
		list[i].Mark = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return list, err
}

// RemoveDevice ends the ringing of one of the actor's browsers, from any of
// them. One that is not theirs, or gone already, is no error.
func (s *Store) RemoveDevice(ctx context.Context, actor who.Actor, device string) error {
	if !actor.SignedIn() {
		return fault.New(fault.SignIn, "who.sign_in")
	}
	return s.DB.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM notify_push WHERE person = $1 AND id = $2`, actor.ID, device)
		return err
	})
}

// HookOf returns a webhook that the actor may change, or db.ErrNotFound.
func (s *Store) HookOf(ctx context.Context, actor who.Actor, hook string) (h Hook, err error) {
	err = s.DB.View(ctx, func(tx *db.Tx) error { h, err = s.mine(ctx, tx, actor, hook); return err })
	return h, err
}
