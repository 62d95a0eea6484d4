package consultation

import (
	"context"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// said is what the log keeps of a consultation.
type said struct {
	Closes time.Time `json:"closes,omitzero"`
	Opens  time.Time `json:"opens,omitzero"`
	State  State     `json:"state"`
	Text   int       `json:"text"`
	Title  string    `json:"title"`
}

func (c Consultation) said() said {
	return said{Closes: c.Closes.Time, Opens: c.Opens.Time, State: c.State, Text: c.Text, Title: c.Title}
}

// tell appends what happened to a consultation. after is what the log keeps.
func (c Consultation) tell(ctx context.Context, tx *db.Tx, actor who.Actor, verb, note string, before, after any) error {
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: verb, Kind: Kind, Record: c.ID, Org: c.Org, Title: c.Title, Note: note,
		Public: !c.Published.IsZero(), Before: before, After: after,
	})
	return err
}

// Create stores a new draft without a text.
func (d *Desk) Create(ctx context.Context, actor who.Actor, in Consultation) (c Consultation, err error) {
	err = d.DB.Update(ctx, func(tx *db.Tx) error { c, err = d.CreateIn(ctx, tx, actor, in); return err })
	return c, err
}

// CreateIn is Create as a part of a transaction.
func (d *Desk) CreateIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Consultation) (Consultation, error) {
	in.Title = strings.Join(strings.Fields(in.Title), " ")
	if err := d.May(ctx, tx, actor, in); err != nil {
		return in, err
	}
	if err := in.Check(); err != nil {
		return in, err
	}
	if in.Of.Kind != "" {
		if _, err := d.Kinds().One(ctx, tx, actor, in.Of); err != nil {
			return in, err
		}
	}
	if _, err := org.Get(ctx, tx, in.Org); err != nil { // an administrator may write for any organisation, but not for none
		return in, fault.Fields{{Name: "org", Key: "fault.choice"}}
	}
	now := db.Time{Time: tx.Now}
	c := Consultation{
		ID: id.New(tx.Now), Of: in.Of, Org: in.Org, Title: in.Title, Introduction: in.Introduction, Lang: in.Lang, Opens: in.Opens,
		Closes: in.Closes, State: Draft, CreatedBy: actor.ID, Created: now, Changed: now, Version: 1, next: 1,
	}
	if _, err := tx.Exec(ctx, `INSERT INTO consultation (`+columns+`) VALUES
		($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		c.ID, c.Of.Kind, c.Of.ID, c.Org, c.Title, c.Introduction, c.Lang, c.Opens, c.Closes, c.State, "", 0, c.next, c.CreatedBy,
		c.Created, c.Changed, c.Published, c.Ended, c.Version); err != nil {
		return c, err
	}
	if _, err := record.NewSlug(ctx, tx, c.Ref(), c.Title); err != nil {
		return c, err
	}
	return c, c.tell(ctx, tx, actor, "consultation.created", "", nil, c.said())
}

// Edit changes title, introduction and language, and of a draft the times, as
// they were seen at in.Version. It returns db.ErrConflict if somebody changed
// them since.
func (d *Desk) Edit(ctx context.Context, actor who.Actor, in Consultation) (c Consultation, err error) {
	err = d.DB.Update(ctx, func(tx *db.Tx) error {
		old, err := d.work(ctx, tx, actor, in.ID)
		if err != nil {
			return err
		}
		if old.State == Withdrawn || old.State == Answered {
			return fault.New(fault.Conflict, "consultation.ended")
		}
		c = old
		c.Title, c.Introduction, c.Lang = strings.Join(strings.Fields(in.Title), " "), in.Introduction, in.Lang
		if old.State == Draft {
			c.Opens, c.Closes = in.Opens, in.Closes
		}
		if err := c.Check(); err != nil {
			return err
		}
		c.Changed, c.Version = db.Time{Time: tx.Now}, in.Version+1
		if err := tx.MustChange(ctx, `UPDATE consultation SET title = $3, introduction = $4, lang = $5, opens = $6, closes = $7, changed = $8,
			version = version + 1 WHERE id = $1 AND version = $2`, c.ID, in.Version, c.Title, c.Introduction, c.Lang, c.Opens, c.Closes, c.Changed); err != nil {
			return err
		}
		if c.Title != old.Title {
			if _, err := record.SetSlug(ctx, tx, c.Ref(), c.Title); err != nil {
				return err
			}
		}
		return c.tell(ctx, tx, actor, "consultation.changed", "", old.said(), c.said())
	})
	return c, err
}

// settle writes the state and the times of a consultation that was seen at
// c.Version, and the entry that tells of it.
func (c *Consultation) settle(ctx context.Context, tx *db.Tx, actor who.Actor, verb, note string, old Consultation) error {
	c.Changed = db.Time{Time: tx.Now}
	if err := tx.MustChange(ctx, `UPDATE consultation SET state = $3, reason = $4, opens = $5, closes = $6, published = $7, ended = $8, changed = $9,
		version = version + 1 WHERE id = $1 AND version = $2`,
		c.ID, c.Version, c.State, c.Reason, c.Opens, c.Closes, c.Published, c.Ended, c.Changed); err != nil {
		return err
	}
	c.Version++
	return c.tell(ctx, tx, actor, verb, note, old.said(), c.said())
}

// announce writes down what the public was told about the time, and when.
func (c Consultation) announce(ctx context.Context, tx *db.Tx, actor who.Actor, reason string) error {
	_, err := tx.Exec(ctx, `INSERT INTO consultation_term (consultation, at, opens, closes, reason, by_person) VALUES ($1, $2, $3, $4, $5, $6)`,
		c.ID, db.Time{Time: tx.Now}, c.Opens, c.Closes, reason, actor.ID)
	return err
}

// step runs a change of one consultation on which actor may work, seen at a
// version.
func (d *Desk) step(ctx context.Context, actor who.Actor, key string, version int, do func(tx *db.Tx, c *Consultation) error) (c Consultation, err error) {
	err = d.DB.Update(ctx, func(tx *db.Tx) error {
		if c, err = d.work(ctx, tx, actor, key); err != nil {
			return err
		}
		if c.Version != version {
			return db.ErrConflict
		}
		return do(tx, &c)
	})
	return c, err
}

// Publish puts a draft that has a text before the public, and links it with what
// it is about. What should have opened already opens now.
func (d *Desk) Publish(ctx context.Context, actor who.Actor, key string, version int) (Consultation, error) {
	return d.step(ctx, actor, key, version, func(tx *db.Tx, c *Consultation) error {
		old := *c
		if c.State != Draft {
			return fault.New(fault.Conflict, "consultation.not_draft")
		}
		if err := c.Ready(tx.Now); err != nil {
			return err
		}
		c.State, c.Published = Published, db.Time{Time: tx.Now}
		if c.Opens.Before(tx.Now) {
			c.Opens = c.Published
		}
		if err := c.announce(ctx, tx, actor, ""); err != nil {
			return err
		}
		if c.Of.Kind != "" {
			if err := record.Link(ctx, tx, actor, c.Ref(), "about", c.Of); err != nil {
				return err
			}
		}
		return c.settle(ctx, tx, actor, "consultation.published", "", old)
	})
}

// Ready reports what a draft lacks before it can be published.
func (c Consultation) Ready(now time.Time) error {
	var p fault.Fields
	if c.Text == 0 {
		p.Add("text", "consultation.no_text")
	}
	p.Require("introduction", c.Introduction)
	if c.Closes.IsZero() {
		p.Add("closes", "fault.required")
	} else if !c.Closes.After(now) || !c.Closes.After(c.Opens.Time) {
		p.Add("closes", "consultation.closes_past")
	}
	p.NotFar("opens", c.Opens.Time, now)
	p.NotFar("closes", c.Closes.Time, now)
	return p.Err()
}

// Extend moves the announced end of one that is still open to a later moment.
func (d *Desk) Extend(ctx context.Context, actor who.Actor, key string, version int, closes time.Time, reason string) (Consultation, error) {
	return d.step(ctx, actor, key, version, func(tx *db.Tx, c *Consultation) error {
		old := *c
		if c.State != Published || c.Over(tx.Now) {
			return fault.New(fault.Conflict, "consultation.not_open")
		}
		var p fault.Fields
		if !closes.After(c.Closes.Time) {
			p.Add("closes", "consultation.only_later")
		}
		p.NotFar("closes", closes, tx.Now)
		p.Require("reason", reason)
		p.MaxLen("reason", reason, MaxReason)
		if err := p.Err(); err != nil {
			return err
		}
		c.Closes = db.Time{Time: closes}
		if err := c.announce(ctx, tx, actor, reason); err != nil {
			return err
		}
		return c.settle(ctx, tx, actor, "consultation.extended", reason, old)
	})
}

// Withdraw takes a consultation off; the reason stands in its place.
func (d *Desk) Withdraw(ctx context.Context, actor who.Actor, key string, version int, reason string) (Consultation, error) {
	return d.step(ctx, actor, key, version, func(tx *db.Tx, c *Consultation) error {
		old := *c
		if c.State == Withdrawn || c.State == Answered {
			return fault.New(fault.Conflict, "consultation.ended")
		}
		var p fault.Fields
		p.Require("reason", reason)
		p.MaxLen("reason", reason, MaxReason)
		if err := p.Err(); err != nil {
			return err
		}
		c.State, c.Reason, c.Ended = Withdrawn, reason, db.Time{Time: tx.Now}
		return c.settle(ctx, tx, actor, "consultation.withdrawn", reason, old)
	})
}

// Finish says that everything was answered. It is refused while something was
// not.
func (d *Desk) Finish(ctx context.Context, actor who.Actor, key string, version int) (Consultation, error) {
	return d.step(ctx, actor, key, version, func(tx *db.Tx, c *Consultation) error {
		old := *c
		if c.State == Draft || c.State == Answered || c.State == Withdrawn || !c.Over(tx.Now) {
			return fault.New(fault.Conflict, "consultation.not_closed")
		}
		cover, err := CoverOf(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if n := cover.All - cover.Answered; n > 0 {
			return fault.New(fault.Conflict, "consultation.unanswered", "n", n)
		}
		c.State, c.Ended = Answered, db.Time{Time: tx.Now}
		return c.settle(ctx, tx, actor, "consultation.answered", "", old)
	})
}

// CloseDue writes down what the clock has closed, and returns how many.
func (d *Desk) CloseDue(ctx context.Context) (n int, err error) {
	err = d.DB.Update(ctx, func(tx *db.Tx) error {
		due, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM consultation WHERE state = 'published' AND closes <= $1 ORDER BY id LIMIT 200`,
			db.Time{Time: tx.Now})
		if err != nil {
			return err
		}
		n = len(due)
		for _, c := range due {
			old := c
			c.State = Closed
			if err := c.settle(ctx, tx, who.Actor{ID: "system:clock"}, "consultation.closed", "", old); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}
