package plan

import (
	"context"
	"slices"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// State is how far a plan has come.
type State string

// The states of a plan, in their order.
const (
	Preparing         State = "preparing" // its office sees it
	TimelinePublished State = "timeline_published"
	CoCreating        State = "co_creating"
	DraftPublished    State = "draft_published"
	Responding        State = "responding" // what was handed in is answered
	Approved          State = "approved"
	Delivered         State = "delivered" // its text is frozen
	Implementing      State = "implementing"
	Ended             State = "ended"
	Assessed          State = "assessed"
	Archived          State = "archived"
)

// States are all states in their order.
var States = []State{Preparing, TimelinePublished, CoCreating, DraftPublished, Responding, Approved, Delivered, Implementing, Ended, Assessed, Archived}

// moves lists the states that may follow each one by hand. The timeline is
// published by PublishTimeline.
var moves = map[State][]State{
	TimelinePublished: {CoCreating},
	CoCreating:        {DraftPublished},
	DraftPublished:    {Responding, CoCreating},
	Responding:        {Approved, DraftPublished},
	Approved:          {Delivered, Responding},
	Delivered:         {Implementing},
	Implementing:      {Ended},
	Ended:             {Assessed},
	Assessed:          {Archived},
}

// Tone says how the state looks.
func (s State) Tone() string {
	switch s {
	case Preparing, Archived:
		return ""
	case Ended, Assessed, Delivered:
		return "done"
	}
	return "going"
}

// Next are the states that may follow a state by hand.
func (s State) Next() []State { return moves[s] }

// Back reports whether a step goes back, which needs a reason.
func Back(from, to State) bool { return slices.Index(States, to) < slices.Index(States, from) }

// Step is a state that a plan was brought to.
type Step struct {
	State  State
	At     db.Time
	By     string
	Reason string
}

// Steps returns every state that a plan has had, the first one first.
func Steps(ctx context.Context, tx *db.Tx, plan string) ([]Step, error) {
	return db.List(ctx, tx, func(s *Step) []any { return []any{&s.State, &s.At, &s.By, &s.Reason} },
		`SELECT state, at, by, reason FROM plan_step WHERE plan = $1 ORDER BY at, id`, plan)
}

// Moving is one step of a plan, as somebody asks for it.
type Moving struct {
	Plan     string
	Version  int // at which they saw it
	To       State
	Reason   string // public; needed for a step back and for Override
	Override bool   // deliver although something is not answered: the reason says why
}

// Unanswered counts what was handed in to a plan and has no outcome with a
// reason yet, and all that was handed in.
type Unanswered func(ctx context.Context, tx *db.Tx, plan string) (open, all int, err error)

// Move takes a plan to another state. db.ErrConflict says that somebody else
// was faster.
func (p *Plans) Move(ctx context.Context, actor who.Actor, m Moving) (out Plan, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = p.move(ctx, tx, actor, m); return err })
	return out, err
}

func (p *Plans) move(ctx context.Context, tx *db.Tx, actor who.Actor, m Moving) (Plan, error) {
	old, err := See(ctx, tx, actor, m.Plan)
	if err != nil {
		return Plan{}, err
	}
	if err := actor.Must("plan.write", who.In(old.Org)); err != nil {
		return Plan{}, err
	}
	if !slices.Contains(moves[old.State], m.To) {
		return Plan{}, fault.New(fault.Conflict, "plan.bad_move")
	}
	if err := p.mayMove(ctx, tx, actor, old, m); err != nil {
		return Plan{}, err
	}
	now := old
	now.State, now.Changed = m.To, db.Time{Time: tx.Now}
	if m.To == Delivered {
		now.Delivered = now.Changed
		if err := activate(ctx, tx, actor, old.ID); err != nil {
			return Plan{}, err
		}
	}
	if err := tx.MustChange(ctx, `UPDATE plan SET state = $3, changed = $4, delivered = $5, version = version + 1 WHERE id = $1 AND version = $2`,
		old.ID, m.Version, now.State, now.Changed, now.Delivered); err != nil {
		return Plan{}, err
	}
	now.Version++
	if err := now.step(ctx, tx, actor, m.Reason); err != nil {
		return Plan{}, err
	}
	return now, now.tell(ctx, tx, actor, "plan."+string(m.To), &old, m.Reason)
}

func (p *Plan) step(ctx context.Context, tx *db.Tx, actor who.Actor, reason string) error {
	_, err := tx.Exec(ctx, `INSERT INTO plan_step (id, plan, state, at, by, reason) VALUES ($1, $2, $3, $4, $5, $6)`,
		id.New(tx.Now), p.ID, p.State, tx.Now.UnixMicro(), actor.ID, reason)
	return err
}

// mayMove checks what the step itself asks for, whoever takes it.
func (p *Plans) mayMove(ctx context.Context, tx *db.Tx, actor who.Actor, old Plan, m Moving) error {
	var f fault.Fields
	f.MaxLen("reason", m.Reason, 5000)
	if Back(old.State, m.To) || m.Override {
		f.Require("reason", m.Reason)
	}
	if err := f.Err(); err != nil {
		return err
	}
	switch m.To {
	case DraftPublished:
		return p.mayPublishDraft(ctx, tx, old)
	case Delivered:
		return p.mayDeliver(ctx, tx, actor, old, m.Override)
	case Implementing:
		return notBefore(Today(tx), old.Start, "plan.not_begun")
	case Ended:
		return notBefore(Today(tx), old.End, "plan.not_ended")
	}
	return nil
}

func (p *Plans) mayPublishDraft(ctx context.Context, tx *db.Tx, old Plan) error {
	n, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM commitment WHERE plan = $1 AND state IN ('drafting', 'agreed')`, old.ID)
	if err == nil && n == 0 {
		err = fault.New(fault.Invalid, "plan.no_draft")
	}
	return err
}

// mayDeliver checks what a delivered plan has to have. Only inputs without an
// answer may be passed over, by somebody who may and says why.
func (p *Plans) mayDeliver(ctx context.Context, tx *db.Tx, actor who.Actor, old Plan, override bool) error {
	if err := actor.Must("plan.deliver", who.In(old.Org)); err != nil {
		return err
	}
	var f fault.Fields
	f.Require("start_date", old.Start)
	f.Require("end_date", old.End)
	f.Require("contact_email", old.ContactEmail)
	f.Require("summary", old.Summary)
	if err := f.Err(); err != nil {
		return err
	}
	type counts struct{ open, agreed int }
	n, err := db.Get(ctx, tx, func(c *counts) []any { return []any{&c.open, &c.agreed} }, `SELECT
		count(CASE WHEN state IN ('shortlisted', 'drafting') THEN 1 END), count(CASE WHEN state = 'agreed' THEN 1 END)
		FROM commitment WHERE plan = $1`, old.ID)
	switch {
	case err != nil:
		return err
	case n.open > 0:
		return fault.New(fault.Invalid, "plan.not_agreed", "n", n.open)
	case n.agreed == 0:
		return fault.New(fault.Invalid, "plan.nothing_agreed")
	}
	if p.Unanswered == nil || override {
		return nil
	}
	open, all, err := p.Unanswered(ctx, tx, old.ID)
	if err == nil && open > 0 {
		err = fault.New(fault.Invalid, "plan.unanswered", "n", open, "of", all)
	}
	return err
}

func notBefore(today, day, key string) error {
	if day == "" || today < day {
		return fault.New(fault.Invalid, key, "date", day)
	}
	return nil
}

// Today is the civil day of a transaction in Belize.
func Today(tx *db.Tx) string { return DayOf(tx.Now) }
