package answer

import (
	"context"
	"slices"

	"ceiba/internal/ground/db"
)

// State is how far an input is: on its way, or at an outcome.
type State string

// The states of an input. Those from Adopted on are outcomes.
const (
	Received     State = "received"
	Acknowledged State = "acknowledged"
	Considered   State = "considered"
	Adopted      State = "adopted"
	Partly       State = "partly"
	Merged       State = "merged"
	Deferred     State = "deferred"
	NotAdopted   State = "not_adopted"
	OutOfScope   State = "out_of_scope"
	AlreadyDone  State = "already_done"
)

// States are all states in their order, and Outcomes those that a reply may give.
var (
	States   = []State{Received, Acknowledged, Considered, Adopted, Partly, Merged, Deferred, NotAdopted, OutOfScope, AlreadyDone}
	Outcomes = []State{Adopted, Partly, Deferred, NotAdopted, OutOfScope, AlreadyDone}
)

// Waiting are the states of inputs that have no outcome.
var Waiting = []State{Received, Acknowledged, Considered}

// Done reports whether the state is an outcome.
func (s State) Done() bool { return s != "" && !slices.Contains(Waiting, s) }

// moves are the states that may follow each one. An outcome may be corrected; a
// merged input may be taken apart, and is then considered again.
var moves = func() map[State][]State {
	m := map[State][]State{
		Received:     {Acknowledged},
		Acknowledged: {Considered},
		Considered:   append([]State{Merged}, Outcomes...),
		Merged:       {Considered},
	}
	for _, o := range Outcomes {
		m[o] = append([]State{Merged}, Outcomes...)
	}
	return m
}()

// way returns the states to go through from one to another, the last included, and
// false if there is no way forward.
func way(from, to State) ([]State, bool) {
	if slices.Contains(moves[from], to) {
		return []State{to}, true
	}
	for i, s := range Waiting[:2] { // what was not acknowledged yet is so with the step after it
		if s == from {
			rest, ok := way(Waiting[i+1], to)
			return append([]State{Waiting[i+1]}, rest...), ok && to != from
		}
	}
	return nil, false
}

// step is what a change of state is made with.
type step struct {
	to     State
	reply  string // that gives the outcome, and its version
	replyN int
	root   string // merged: into which
}

// walk takes an input to a state, by every state between, and keeps each step. It
// is false for an input that cannot get there.
func (in *Input) walk(ctx context.Context, tx *db.Tx, s step) (bool, error) {
	states, ok := way(in.State, s.to)
	if !ok {
		return false, nil
	}
	now := db.Time{Time: tx.Now}
	n, err := db.Get(ctx, tx, db.One[int], `SELECT coalesce(max(n), 0) FROM answer_step WHERE input = $1`, in.ID)
	if err != nil {
		return false, err
	}
	for i, state := range states {
		at := step{to: state}
		if i == len(states)-1 {
			at = s
		}
		if _, err := tx.Exec(ctx, `INSERT INTO answer_step (input, n, state, at, reply, reply_n, root) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			in.ID, n+i+1, state, now, at.reply, at.replyN, at.root); err != nil {
			return false, err
		}
		in.stamp(state, now)
	}
	in.Reply, in.Root = s.reply, s.root
	_, err = tx.Exec(ctx, `UPDATE answer_input SET state = $2, reply = $3, root = $4, acknowledged = $5, considered = $6, answered = $7, changed = $8 WHERE id = $1`,
		in.ID, in.State, in.Reply, in.Root, in.Acknowledged, in.Considered, in.Answered, now)
	return true, err
}

// stamp notes when an input came to a state.
func (in *Input) stamp(s State, now db.Time) {
	switch {
	case s == Acknowledged:
		in.Acknowledged = now
	case s == Considered:
		in.Considered, in.Answered = now, db.Time{}
	case s.Done() && in.Answered.IsZero():
		in.Answered = now
	}
	in.State, in.Changed = s, now
}

// Step is one state that an input was in.
type Step struct {
	N     int     `json:"n"`
	State State   `json:"state"`
	At    db.Time `json:"at"`
	Reply string  `json:"reply,omitempty"`
	Root  string  `json:"merged_into,omitempty"`
}

// StepsOf returns every state that an input was in, the first one first.
func StepsOf(ctx context.Context, tx *db.Tx, input string) ([]Step, error) {
	return db.List(ctx, tx, func(s *Step) []any { return []any{&s.N, &s.State, &s.At, &s.Reply, &s.Root} },
		`SELECT n, state, at, reply, root FROM answer_step WHERE input = $1 ORDER BY n`, input)
}
