package record

import (
	"context"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// CommentState is who sees a comment.
type CommentState string

// The states of a comment.
const (
	Visible CommentState = "visible"
	Held    CommentState = "held"   // its author and the moderators see it, until one decides
	Hidden  CommentState = "hidden" // its place stays, with the reason
)

const (
	longestComment = 4000 // characters
	perMinute      = 4    // comments of one person
	perHour        = 30
	manyLinks      = 3 // what holds as many links waits for a moderator
)

// Comment is one contribution to the discussion of a record.
type Comment struct {
	ID      string
	Of      Ref
	Parent  string // the comment it answers, or empty
	Author  string // id of a person; empty once erased
	Body    string // plain text
	State   CommentState
	Reason  string // why it is hidden
	Created db.Time
	Edited  db.Time
}

const commentColumns = `id, kind, record, parent, author, body, state, reason, created, edited`

func commentFields(c *Comment) []any {
	return []any{&c.ID, &c.Of.Kind, &c.Of.ID, &c.Parent, &c.Author, &c.Body, &c.State, &c.Reason, &c.Created, &c.Edited}
}

// Say adds a comment to a record that its kind lets people discuss, as an
// answer to parent where that is not empty.
func (r *Registry) Say(ctx context.Context, d *db.DB, actor who.Actor, of Ref, parent, text string) (c Comment, err error) {
	err = d.Update(ctx, func(tx *db.Tx) error { c, err = r.SayIn(ctx, tx, actor, of, parent, text); return err })
	return c, err
}

// SayIn is Say as a part of a transaction.
func (r *Registry) SayIn(ctx context.Context, tx *db.Tx, actor who.Actor, of Ref, parent, text string) (c Comment, err error) {
	if err := actor.Must("record.comment", who.Site); err != nil {
		return c, err
	}
	if text, err = checkText(text); err != nil {
		return c, err
	}
	return r.say(ctx, tx, actor, of, parent, text)
}

func checkText(text string) (string, error) {
	var p fault.Fields
	text = strings.TrimSpace(text)
	p.Require("text", text)
	p.MaxLen("text", text, longestComment)
	return text, p.Err()
}

func (r *Registry) say(ctx context.Context, tx *db.Tx, actor who.Actor, of Ref, parent, text string) (Comment, error) {
	card, err := r.live(ctx, tx, actor, of)
	if err != nil {
		return Comment{}, err
	}
	if k, _ := r.Kind(of.Kind); !k.Comments {
		return Comment{}, fault.New(fault.Conflict, "record.no_comments")
	}
	if err := notTooFast(ctx, tx, actor); err != nil {
		return Comment{}, err
	}
	if parent != "" {
		p, err := CommentByID(ctx, tx, actor, parent)
		if err != nil {
			return Comment{}, err
		}
		if p.Of != of || p.State != Visible {
			return Comment{}, db.ErrNotFound
		}
	}
	c := Comment{ID: id.New(tx.Now), Of: of, Parent: parent, Author: actor.ID, Body: text, State: Visible, Created: db.Time{Time: tx.Now}}
	if strings.Count(strings.ToLower(text), "://") >= manyLinks {
		c.State = Held
	}
	if _, err := tx.Exec(ctx, `INSERT INTO record_comment (`+commentColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		c.ID, of.Kind, of.ID, c.Parent, c.Author, c.Body, c.State, "", c.Created, c.Edited); err != nil {
		return Comment{}, err
	}
	return c, tell(ctx, tx, actor, "record.commented", card, c.State == Visible, "", map[string]string{"comment": c.ID})
}

// Adopt puts under moderation what somebody said of a record in a form of its
// domain's own, when that is published: from then on it can be reported, held and
// hidden as any comment, and whoever shows it asks for its state. c has the id,
// author, words and time it was said; what holds many links waits for a moderator.
// The author cannot change it here.
func Adopt(ctx context.Context, tx *db.Tx, card Card, c Comment) (Comment, error) {
	c.Of, c.Parent, c.State, c.Reason, c.Edited = card.Ref, "", Visible, "", db.Time{}
	if strings.Count(strings.ToLower(c.Body), "://") >= manyLinks {
		c.State = Held
	}
	if _, err := tx.Exec(ctx, `INSERT INTO record_comment (`+commentColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		c.ID, c.Of.Kind, c.Of.ID, c.Parent, c.Author, c.Body, c.State, "", c.Created, c.Edited); err != nil {
		return Comment{}, err
	}
	if c.State == Visible {
		return c, nil
	}
	return c, tell(ctx, tx, who.Actor{ID: "system:record"}, "record.commented", card, false, "", map[string]string{"comment": c.ID})
}

// notTooFast keeps one person from filling a discussion, on every node.
func notTooFast(ctx context.Context, tx *db.Tx, actor who.Actor) error {
	return NotTooFast(tx.Now, func(since db.Time) (int, error) {
		return db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM record_comment WHERE author = $1 AND created > $2`, actor.ID, since)
	})
}

// NotTooFast refuses with fault.TooMany one more comment of a person who has
// written as many as may be in a minute or an hour before now. count says how many
// they wrote since a moment, where a domain keeps comments of its own.
func NotTooFast(now time.Time, count func(since db.Time) (int, error)) error {
	for _, x := range []struct {
		span time.Duration
		most int
	}{{time.Minute, perMinute}, {time.Hour, perHour}} {
		n, err := count(db.Time{Time: now.Add(-x.span)})
		if err != nil {
			return err
		}
		if n >= x.most {
			return fault.New(fault.TooMany, "record.too_fast").After(x.span)
		}
	}
	return nil
}

// CommentByID returns a comment that actor may see.
func CommentByID(ctx context.Context, tx *db.Tx, actor who.Actor, comment string) (Comment, error) {
	c, err := db.Get(ctx, tx, commentFields, `SELECT `+commentColumns+` FROM record_comment WHERE id = $1`, comment)
	if err == nil && !c.seenBy(actor) {
		return Comment{}, db.ErrNotFound
	}
	return c, err
}

func (c Comment) seenBy(actor who.Actor) bool {
	return c.State != Held || c.Author == actor.ID && actor.SignedIn() || actor.May("record.moderate", who.Site)
}

// Comments returns the discussion of a record, the oldest first, without what
// actor may not see. Of a hidden comment only its place and the reason are
// left, save for moderators. The caller has checked that actor may see the
// record.
func Comments(ctx context.Context, tx *db.Tx, actor who.Actor, of Ref) ([]Comment, error) {
	all, err := db.List(ctx, tx, commentFields, `SELECT `+commentColumns+` FROM record_comment WHERE kind = $1 AND record = $2
		ORDER BY created, id LIMIT 2000`, of.Kind, of.ID)
	seen := all[:0]
	for _, c := range all {
		if !c.seenBy(actor) {
			continue
		}
		if c.State == Hidden && !actor.May("record.moderate", who.Site) {
			c.Body, c.Author = "", ""
		}
		seen = append(seen, c)
	}
	return seen, err
}

// EditComment changes one's own comment. What is hidden stays as it is.
func (r *Registry) EditComment(ctx context.Context, d *db.DB, actor who.Actor, comment, text string) (c Comment, err error) {
	if err := actor.Must("record.comment", who.Site); err != nil {
		return c, err
	}
	if text, err = checkText(text); err != nil {
		return c, err
	}
	err = d.Update(ctx, func(tx *db.Tx) error {
		if c, err = CommentByID(ctx, tx, actor, comment); err != nil {
			return err
		}
		if c.Author != actor.ID || c.State == Hidden {
			return fault.New(fault.Denied, "record.not_yours")
		}
		card, err := r.live(ctx, tx, actor, c.Of)
		if err != nil {
			return err
		}
		if k, _ := r.Kind(c.Of.Kind); !k.Comments {
			return fault.New(fault.Conflict, "record.no_comments")
		}
		c.Body, c.Edited = text, db.Time{Time: tx.Now}
		if strings.Count(strings.ToLower(text), "://") >= manyLinks {
			c.State = Held
		}
		if _, err := tx.Exec(ctx, `UPDATE record_comment SET body = $2, edited = $3, state = $4 WHERE id = $1`, c.ID, c.Body, c.Edited, c.State); err != nil {
			return err
		}
		return tell(ctx, tx, actor, "record.comment_edited", card, false, "", map[string]string{"comment": c.ID})
	})
	return c, err
}

// Moderate shows or hides a comment, in the transaction that says why. Hiding
// needs a reason, which stands in its place.
func (r *Registry) Moderate(ctx context.Context, tx *db.Tx, actor who.Actor, comment string, to CommentState, reason string) (c Comment, err error) {
	if err := actor.Must("record.moderate", who.Site); err != nil {
		return c, err
	}
	var p fault.Fields
	if to == Hidden {
		p.Require("reason", reason)
		p.MaxLen("reason", reason, 500)
	} else if to != Visible {
		p.Add("state", "fault.choice")
	} else {
		reason = ""
	}
	if err := p.Err(); err != nil {
		return c, err
	}
	if c, err = CommentByID(ctx, tx, actor, comment); err != nil {
		return c, err
	}
	card, err := r.One(ctx, tx, actor, c.Of)
	if err != nil {
		return c, err
	}
	c.State, c.Reason = to, reason
	if _, err := tx.Exec(ctx, `UPDATE record_comment SET state = $2, reason = $3 WHERE id = $1`, c.ID, c.State, c.Reason); err != nil {
		return c, err
	}
	verb := map[CommentState]string{Visible: "record.comment_shown", Hidden: "record.comment_hidden"}[to]
	return c, tell(ctx, tx, actor, verb, card, true, reason, map[string]string{"comment": c.ID})
}
