package answer

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/job"
)

// batch is how many anonymous entries wait before they are released without
// regard to the hour.
const batch = 20

// quietly is an entry that waits.
type quietly struct{ id, input, verb string }

// Release lets others read what anonymous people handed in, and the log hear of
// it, in an order made by chance: once twenty wait, and all of them when full is
// set, which a schedule does once an hour. Nothing says when each came.
func (o *Office) Release(ctx context.Context, tx *db.Tx, full bool) error {
	list, err := db.List(ctx, tx, func(q *quietly) []any { return []any{&q.id, &q.input, &q.verb} },
		`SELECT id, input, verb FROM answer_quiet ORDER BY id LIMIT 2000`)
	if err != nil || len(list) == 0 || !full && len(list) < batch {
		return err
	}
	if err := shuffle(list); err != nil {
		return err
	}
	// An input is heard of before what its author said of the answer.
	for _, first := range []bool{true, false} {
		for _, q := range list {
			if first == (q.verb == "input.received") {
				if err := q.release(ctx, tx); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func shuffle(list []quietly) error {
	for i := len(list) - 1; i > 0; i-- {
		j, err := rand.Int(rand.Reader, big.NewInt(int64(i+1)))
		if err != nil {
			return err
		}
		list[i], list[j.Int64()] = list[j.Int64()], list[i]
	}
	return nil
}

func (q quietly) release(ctx context.Context, tx *db.Tx) error {
	in, err := inputByID(ctx, tx, q.input)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM answer_quiet WHERE id = $1`, q.id); err != nil {
		return err
	}
	if q.verb != "input.received" {
		in.View = Held // what an author says of an answer is not for everybody
		return in.tell(ctx, tx, nobody, q.verb, "", nil)
	}
	if in.View == Unshown {
		in.View, in.Shown = Visible, db.Time{Time: tx.Now}
		if _, err := tx.Exec(ctx, `UPDATE answer_input SET view = $2, shown = $3 WHERE id = $1`, in.ID, in.View, in.Shown); err != nil {
			return err
		}
	}
	return in.tell(ctx, tx, nobody, q.verb, "", in.said())
}

// Jobs are the kinds of work of this module: releasing what anonymous people
// handed in, noting which calls have ended, forgetting sheets that nobody took in.
func (o *Office) Jobs() []job.Kind {
	return []job.Kind{
		{Name: "answer.release", Timeout: 5 * time.Minute, Run: func(ctx context.Context, r *job.Run) error {
			var full bool
			if err := r.Args(&full); err != nil {
				return err
			}
			return o.DB.Update(ctx, func(tx *db.Tx) error { return o.Release(ctx, tx, full) })
		}},
		{Name: "answer.close", Run: func(ctx context.Context, r *job.Run) error {
			return o.DB.Update(ctx, func(tx *db.Tx) error { return errors.Join(CloseEnded(ctx, tx), ForgetSheets(ctx, tx)) })
		}},
	}
}

// Schedules say when that happens.
var Schedules = []job.Schedule{
	{Name: "answer.release", Kind: "answer.release", Every: "2m", Args: false},
	{Name: "answer.release_all", Kind: "answer.release", Every: "60m", Args: true},
	{Name: "answer.close", Kind: "answer.close", Every: "10m"},
}
