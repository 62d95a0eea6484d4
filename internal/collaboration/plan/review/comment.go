package review

import (
	"context"
	"slices"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Comment is what somebody says of a draft while it is open for comments.
type Comment struct {
	ID         string
	Assessment string
	Person     string // empty once erased
	Org        string // for which they speak; empty for themselves
	Text       string
	At         db.Time
	Answer     string
	Answered   db.Time
	AnsweredBy string
	// State and Reason are the moderators' once the comment is published; empty
	// before.
	State  record.CommentState
	Reason string
}

// Shown reports whether the words are for everybody who may read the comment.
func (c Comment) Shown() bool { return c.State != record.Hidden && c.State != record.Held }

const commentColumns = `id, assessment, person, org, text, at, answer, answered, answered_by`

func commentFields(c *Comment) []any {
	return []any{&c.ID, &c.Assessment, &c.Person, &c.Org, &c.Text, &c.At, &c.Answer, &c.Answered, &c.AnsweredBy}
}

// Comments returns what was said of an assessment, the oldest first, as far as
// actor may read it: everything once it is final; before that the reviewers see
// all, and others what they said themselves.
func Comments(ctx context.Context, tx *db.Tx, actor who.Actor, a Assessment) ([]Comment, error) {
	all, err := db.List(ctx, tx, func(c *Comment) []any { return append(commentFields(c), &c.State, &c.Reason) },
		`SELECT a.id, a.assessment, a.person, a.org, a.text, a.at, a.answer, a.answered, a.answered_by, coalesce(m.state, ''), coalesce(m.reason, '')
		FROM assessment_comment a LEFT JOIN record_comment m ON m.id = a.id WHERE a.assessment = $1 ORDER BY a.at, a.id`, a.ID)
	if err != nil {
		return nil, err
	}
	if a.State == Final {
		moderated(all, actor)
		return all, nil
	}
	ok, err := MayWrite(ctx, tx, actor, a)
	if ok {
		return all, err
	}
	return slices.DeleteFunc(all, func(c Comment) bool { return actor.ID == "" || c.Person != actor.ID }), err
}

// moderated takes the words out of what moderators hid, and of what waits for
// them, for all but them and its author. Its place and its answer stay.
func moderated(all []Comment, actor who.Actor) {
	for i, c := range all {
		mine := actor.SignedIn() && c.Person == actor.ID && c.State == record.Held
		if !c.Shown() && !mine && !actor.May("record.moderate", who.Site) {
			all[i].Text, all[i].Person, all[i].Org = "", "", ""
		}
	}
}

// publish hands the comments of an assessment that becomes final to package
// record, under their own ids: from then on they can be reported and hidden.
func publish(ctx context.Context, tx *db.Tx, a Assessment) error {
	all, err := db.List(ctx, tx, commentFields, `SELECT `+commentColumns+` FROM assessment_comment WHERE assessment = $1 ORDER BY at, id`, a.ID)
	if err != nil {
		return err
	}
	card := record.Card{Ref: a.Ref(), Org: a.Org, Title: a.Title, Written: a.Title, Public: true}
	for _, c := range all {
		if _, err := record.Adopt(ctx, tx, card, record.Comment{ID: c.ID, Author: c.Person, Body: c.Text, Created: c.At}); err != nil {
			return err
		}
	}
	return nil
}

// speaks are the roles in which people speak for an organisation.
var speaks = []who.Role{who.Official, who.Editor, who.Member}

// SpeaksFor reports whether actor speaks for an organisation.
func SpeaksFor(actor who.Actor, org string) bool {
	return slices.ContainsFunc(speaks, func(r who.Role) bool { return actor.Has(r, org) })
}

// Say comments on a draft, for an organisation to which actor belongs or for
// themselves, while it is open for comments by the server's clock.
func (r *Reviews) Say(ctx context.Context, actor who.Actor, in Comment) (out Comment, err error) {
	err = r.DB.Update(ctx, func(tx *db.Tx) error {
		a, err := See(ctx, tx, actor, in.Assessment)
		if err != nil {
			return err
		}
		if err := actor.Must("assessment.comment", who.Site); err != nil {
			return err
		}
		if !a.Listening(tx.Now) {
			return fault.New(fault.Conflict, "planreview.not_listening")
		}
		if in.Org != "" && !SpeaksFor(actor, in.Org) {
			return fault.Fields{{Name: "org", Key: "fault.choice"}}
		}
		var f fault.Fields
		f.Require("comment", in.Text)
		f.MaxLen("comment", in.Text, 10_000)
		if err := f.Err(); err != nil {
			return err
		}
		if err := record.NotTooFast(tx.Now, func(since db.Time) (int, error) {
			return db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM assessment_comment WHERE person = $1 AND at > $2`, actor.ID, since)
		}); err != nil {
			return err
		}
		out = Comment{ID: id.New(tx.Now), Assessment: a.ID, Person: actor.ID, Org: in.Org, Text: in.Text, At: db.Time{Time: tx.Now}}
		if _, err := tx.Exec(ctx, `INSERT INTO assessment_comment (`+commentColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			out.ID, out.Assessment, out.Person, out.Org, out.Text, out.At, "", db.Time{}, ""); err != nil {
			return err
		}
		return a.tellApart(ctx, tx, actor, "assessment.commented", map[string]any{"comment": out.ID, "org": out.Org})
	})
	return out, err
}

// Answer says what the reviewers make of a comment. It can be changed until the
// assessment is final.
func (r *Reviews) Answer(ctx context.Context, actor who.Actor, assessment, comment, text string) error {
	return r.DB.Update(ctx, func(tx *db.Tx) error {
		a, err := mine(ctx, tx, actor, assessment)
		if err != nil {
			return err
		}
		var f fault.Fields
		f.Require("answer", text)
		f.MaxLen("answer", text, 10_000)
		if err := f.Err(); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE assessment_comment SET answer = $3, answered = $4, answered_by = $5 WHERE id = $1 AND assessment = $2`,
			comment, a.ID, text, tx.Now.UnixMicro(), actor.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return db.ErrNotFound
		}
		return a.tellApart(ctx, tx, actor, "assessment.answered", map[string]any{"comment": comment})
	})
}
