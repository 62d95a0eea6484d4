package answer

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
	list := []Input{*in}
	if _, ok := way(in.State, s.to); !ok {
		return false, nil
	}
	err := walkAll(ctx, tx, list, s)
	*in = list[0]
	return true, err
}

// atOnce is how many rows a statement writes at most.
const atOnce = 500

// walkAll is walk for inputs that can all get there, in few statements however many
// they are.
func walkAll(ctx context.Context, tx *db.Tx, list []Input, s step) error {
	for start := 0; start < len(list); start += atOnce {
		if err := walkSome(ctx, tx, list[start:min(start+atOnce, len(list))], s); err != nil {
			return err
		}
	}
	return nil
}

func walkSome(ctx context.Context, tx *db.Tx, list []Input, s step) error {
	now, ids := db.Time{Time: tx.Now}, make([]string, len(list))
	for i, in := range list {
		ids[i] = in.ID
	}
	last, err := lastSteps(ctx, tx, ids)
	if err != nil {
		return err
	}
	var rows []string
	args := []any{now}
	for i := range list {
		states, _ := way(list[i].State, s.to)
		for k, state := range states {
			at := step{to: state}
			if k == len(states)-1 {
				at = s
			}
			n := len(args)
			rows = append(rows, fmt.Sprintf("($%d, $%d, $%d, $1, $%d, $%d, $%d)", n+1, n+2, n+3, n+4, n+5, n+6))
			args = append(args, ids[i], last[ids[i]]+k+1, state, at.reply, at.replyN, at.root)
			list[i].stamp(state, now)
		}
		list[i].Reply, list[i].Root = s.reply, s.root
	}
	if _, err := tx.Exec(ctx, `INSERT INTO answer_step (input, n, state, at, reply, reply_n, root) VALUES `+strings.Join(rows, ", "), args...); err != nil {
		return err
	}
	in, args := db.In(5, ids)
	_, err = tx.Exec(ctx, `UPDATE answer_input SET state = $1, reply = $2, root = $3, changed = $4, `+stamps(s.to)+` WHERE id IN `+in,
		append([]any{s.to, s.reply, s.root, now}, args...)...)
	return err
}

func lastSteps(ctx context.Context, tx *db.Tx, ids []string) (map[string]int, error) {
	type row struct {
		input string
		n     int
	}
	in, args := db.In(1, ids)
	rows, err := db.List(ctx, tx, func(r *row) []any { return []any{&r.input, &r.n} }, `SELECT input, max(n) FROM answer_step WHERE input IN `+in+` GROUP BY input`, args...)
	out := map[string]int{}
	for _, r := range rows {
		out[r.input] = r.n
	}
	return out, err
}

// stamps sets the times of the states on the way to one, as Input.stamp does; $4 is
// now. Who was there before keeps that time, save that considering begins anew when
// a merge is taken apart.
func stamps(to State) string {
	switch {
	case to == Acknowledged:
		return `acknowledged = $4`
	case to == Considered:
		return `acknowledged = coalesce(acknowledged, $4), considered = $4, answered = NULL`
	}
	return `acknowledged = coalesce(acknowledged, $4), considered = coalesce(considered, $4), answered = coalesce(answered, $4)`
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
