package answer

import (
	"context"
	"errors"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Story is what happened to an input: what its author said, and what became of it.
type Story struct {
	Input   Input
	Box     Box
	Slug    string // of the call
	Root    *Input // what it was merged into; nil where others cannot see that
	Steps   []Step
	Replies []Reply // every version, the newest first; of Root for a merged one
	Changed map[record.Ref]record.Card
	Rating  Rating
	Merged  []Input // what was merged into it
	// Undo is until when its merge can be taken apart; zero where it cannot.
	Undo db.Time
}

// Reply is the answer that holds, nil while there is none.
func (s Story) Reply() *Reply {
	if len(s.Replies) == 0 || !s.outcome().Done() || s.outcome() == Merged {
		return nil
	}
	return &s.Replies[0]
}

// outcome is the state that the answer gives: of Root for a merged one.
func (s Story) outcome() State {
	if s.Root != nil {
		return s.Root.State
	}
	return s.Input.State
}

// Story tells what happened to an input. The caller has checked that the reader may
// see it, or has its receipt.
func (o *Office) Story(ctx context.Context, tx *db.Tx, actor who.Actor, in Input) (s Story, err error) {
	s.Input = in
	if s.Box, err = boxByID(ctx, tx, in.Box); err != nil {
		return s, err
	}
	slugs, err := record.Slugs(ctx, tx, CallKind, []string{in.Box})
	if err != nil {
		return s, err
	}
	s.Slug = slugs[in.Box]
	if s.Steps, err = StepsOf(ctx, tx, in.ID); err != nil {
		return s, err
	}
	if s.Rating, err = RatingOf(ctx, tx, in.ID); err != nil {
		return s, err
	}
	if err := s.merges(ctx, tx); err != nil {
		return s, err
	}
	answered := in.ID
	if s.Root != nil {
		answered = s.Root.ID
	}
	if s.Replies, err = RepliesTo(ctx, tx, answered); err != nil || len(s.Replies) == 0 {
		return s, err
	}
	s.Changed, err = o.Kinds().Describe(ctx, tx, actor, s.Replies[0].Changed.V)
	return s, err
}

// merges adds what the input was merged with.
func (s *Story) merges(ctx context.Context, tx *db.Tx) (err error) {
	if s.Merged, err = db.List(ctx, tx, inputFields, `SELECT `+inputColumns+` FROM answer_input WHERE root = $1 AND root <> '' AND view = 'visible'
		ORDER BY received, id LIMIT 100`, s.Input.ID); err != nil || s.Input.Root == "" {
		return err
	}
	root, err := inputByID(ctx, tx, s.Input.Root)
	if err != nil {
		return err
	}
	s.Root = &root
	_, _, at, err := mergeOf(ctx, tx, s.Input.ID)
	if err == nil && tx.Now.Sub(at.Time) <= Undo {
		s.Undo = db.Time{Time: at.Add(Undo)}
	}
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}
