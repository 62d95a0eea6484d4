package meeting

import (
	"context"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Action is something that somebody is to do by a day.
type Action struct {
	ID      string
	Meeting string
	Of      record.Ref // the body
	Text    string
	Org     string // who does it: an organisation, a person, or a name
	Person  string
	Name    string
	Due     string // civil date
	State   string // open, done, dropped
	Reason  string // why it was dropped
	Told    int
	Created db.Time
	Changed db.Time
	Version int
}

const actionColumns = `id, meeting, of_kind, of_id, text, org, person, name, due, state, reason, told, created, changed, version`

func actionFields(a *Action) []any {
	return []any{
		&a.ID, &a.Meeting, &a.Of.Kind, &a.Of.ID, &a.Text, &a.Org, &a.Person, &a.Name, &a.Due, &a.State, &a.Reason, &a.Told, &a.Created, &a.Changed, &a.Version,
	}
}

// Overdue reports whether an action is open past its day; today is a civil date.
func (a Action) Overdue(today string) bool { return a.State == "open" && a.Due < today }

// ActionsOf returns the actions of a body: those that are open first, by their
// day.
func ActionsOf(ctx context.Context, tx *db.Tx, of record.Ref, limit int) ([]Action, error) {
	return db.List(ctx, tx, actionFields, `SELECT `+actionColumns+` FROM meeting_action WHERE of_kind = $1 AND of_id = $2
		ORDER BY CASE state WHEN 'open' THEN 0 ELSE 1 END, due, id LIMIT $3`, of.Kind, of.ID, limit)
}

// ActionsAgreed returns the actions that a meeting agreed on.
func ActionsAgreed(ctx context.Context, tx *db.Tx, meeting string) ([]Action, error) {
	return db.List(ctx, tx, actionFields, `SELECT `+actionColumns+` FROM meeting_action WHERE meeting = $1 ORDER BY due, id`, meeting)
}

// Agree adds an action to a meeting that was held or is going on.
func (b *Book) Agree(ctx context.Context, actor who.Actor, key string, a Action) (Action, error) {
	err := b.DB.Update(ctx, func(tx *db.Tx) (err error) { a, err = b.AgreeIn(ctx, tx, actor, key, a); return err })
	return a, err
}

// AgreeIn is Agree as a part of a transaction.
func (b *Book) AgreeIn(ctx context.Context, tx *db.Tx, actor who.Actor, key string, a Action) (Action, error) {
	m, err := b.write(ctx, tx, actor, key)
	if err != nil {
		return a, err
	}
	if m.State == Cancelled || tx.Now.Before(m.Starts.Time) {
		return a, fault.New(fault.Conflict, "meeting.not_begun")
	}
	a.Text, a.Name = strings.TrimSpace(a.Text), strings.TrimSpace(a.Name)
	var p fault.Fields
	p.Require("action", a.Text)
	p.MaxLen("action", a.Text, 1000)
	if a.Org+a.Person+a.Name == "" {
		p.Add("owner", "meeting.need_owner")
	}
	p.MaxLen("owner", a.Name, 200)
	if _, err := time.Parse(time.DateOnly, a.Due); err != nil {
		p.Add("due", "fault.date")
	}
	p.NotFarDay("due", a.Due, tx.Now)
	if err := p.Err(); err != nil {
		return a, err
	}
	a.ID, a.Meeting, a.Of, a.State, a.Version, a.Reason, a.Told = id.Nth(tx.Now, tx.Next()), m.ID, m.Of, "open", 1, "", 0
	a.Created, a.Changed = db.Time{Time: tx.Now}, db.Time{Time: tx.Now}
	if _, err := tx.Exec(ctx, `INSERT INTO meeting_action (`+actionColumns+`) VALUES (`+places(15)+`)`, a.ID, a.Meeting, a.Of.Kind, a.Of.ID, a.Text, a.Org,
		a.Person, a.Name, a.Due, a.State, a.Reason, a.Told, a.Created, a.Changed, a.Version); err != nil {
		return a, err
	}
	return a, m.tell(ctx, tx, actor.ID, "meeting.action_agreed", "", true, nil, map[string]string{"action": a.ID, "text": a.Text, "due": a.Due})
}

// Settle says that an action is done, dropped with a reason, or open again. Its
// owner may say that it is done.
func (b *Book) Settle(ctx context.Context, actor who.Actor, action, state, reason string, version int) error {
	var p fault.Fields
	if state != "done" && state != "dropped" && state != "open" {
		p.Add("state", "fault.choice")
	}
	if state == "dropped" {
		p.Require("reason", reason)
	}
	p.MaxLen("reason", reason, 1000)
	return b.DB.Update(ctx, func(tx *db.Tx) error {
		a, err := db.Get(ctx, tx, actionFields, `SELECT `+actionColumns+` FROM meeting_action WHERE id = $1`, action)
		if err != nil {
			return err
		}
		m, err := Get(ctx, tx, a.Meeting)
		if err != nil {
			return err
		}
		own := actor.SignedIn() && actor.Key == "" && a.Person == actor.ID && state == "done"
		if !own {
			if err := b.May(ctx, tx, actor, "meeting.write", m.Of, m.Org); err != nil {
				return err
			}
		}
		if err := p.Err(); err != nil {
			return err
		}
		if err := tx.MustChange(ctx, `UPDATE meeting_action SET state = $3, reason = $4, changed = $5, version = version + 1 WHERE id = $1 AND version = $2`,
			a.ID, version, state, reason, db.Time{Time: tx.Now}); err != nil {
			return err
		}
		before := map[string]string{"action": a.ID, "state": a.State}
		return m.tell(ctx, tx, actor.ID, "meeting.action_settled", reason, true, before, map[string]string{"action": a.ID, "text": a.Text, "state": state})
	})
}
