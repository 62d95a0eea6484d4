package ballot

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// Objection is what a voter has against a provisional result.
type Objection struct {
	ID     string
	By     string // id of a person; empty once erased
	Text   string
	Answer string // empty until somebody finished the poll
	At     db.Time
}

// Object says what a voter has against a provisional result, while the window
// for it is open. It keeps the clock from making the result final.
func (o *Office) Object(ctx context.Context, tx *db.Tx, actor who.Actor, poll, text string) error {
	p, err := Get(ctx, tx, poll)
	if err != nil {
		return err
	}
	vs, err := VotersOf(ctx, tx, actor, poll)
	if err != nil {
		return err
	}
	if !p.Public() {
		return db.ErrNotFound
	}
	if err := actor.Must("ballot.cast", who.Own(actor.ID)); err != nil {
		return err
	}
	if len(vs) == 0 {
		return fault.New(fault.Denied, "ballot.no_voter")
	}
	if p.State != Provisional || !tx.Now.Before(p.ObjectUntil()) {
		return fault.New(fault.Conflict, "ballot.window_over")
	}
	var f fault.Fields
	f.Require("text", text)
	f.MaxLen("text", text, 4000)
	if err := f.Err(); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO poll_objection (id, poll, made_by, text, answer, at) VALUES ($1, $2, $3, $4, '', $5)`,
		id.New(tx.Now), poll, actor.ID, text, db.Time{Time: tx.Now}); err != nil {
		return err
	}
	_, err = tell(ctx, tx, actor.ID, "poll.objected", p, "", nil)
	return err
}

// Objections returns those against a poll's result, the oldest first.
func Objections(ctx context.Context, tx *db.Tx, poll string) ([]Objection, error) {
	return db.List(ctx, tx, func(x *Objection) []any { return []any{&x.ID, &x.By, &x.Text, &x.Answer, &x.At} },
		`SELECT id, made_by, text, answer, at FROM poll_objection WHERE poll = $1 ORDER BY at, id LIMIT 500`, poll)
}

func openObjections(ctx context.Context, tx *db.Tx, poll string) (int, error) {
	return db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM poll_objection WHERE poll = $1 AND answer = ''`, poll)
}
