package answer

import (
	"context"
	"errors"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Undo is for how long a merge can be taken apart.
const Undo = 14 * 24 * time.Hour

// Merge makes inputs of a call follow another of it: they keep their texts, authors
// and receipts, and are answered by its answer. Who supports one of them counts for
// it. What they had been merged with comes along.
func (o *Office) Merge(ctx context.Context, tx *db.Tx, actor who.Actor, box string, ids []string, into string) (n int, err error) {
	b, err := o.desk(ctx, tx, actor, box)
	if err != nil {
		return 0, err
	}
	root, err := inputByID(ctx, tx, into)
	if err == nil && root.Root != "" {
		root, err = inputByID(ctx, tx, root.Root)
	}
	if errors.Is(err, db.ErrNotFound) || err == nil && (root.Box != b.ID || root.View != Visible) {
		return 0, fault.Fields{{Name: "into", Key: "answer.no_input"}}
	}
	if err != nil {
		return 0, err
	}
	list, err := chosen(ctx, tx, b, ids)
	if err != nil {
		return 0, err
	}
	for _, in := range list {
		if in.ID == root.ID || in.Root == root.ID {
			continue
		}
		if in.State == Merged {
			return 0, fault.New(fault.Conflict, "answer.merged_already", "title", in.Title)
		}
		if err := in.merge(ctx, tx, actor, root); err != nil {
			return 0, err
		}
		n++
	}
	_, err = count(ctx, tx, root.ID)
	return n, err
}

// merge takes one input and what came with it to another.
func (in Input) merge(ctx context.Context, tx *db.Tx, actor who.Actor, root Input) error {
	along, err := db.List(ctx, tx, db.One[string], `SELECT id FROM answer_input WHERE root = $1 AND root <> '' ORDER BY id`, in.ID)
	if err != nil {
		return err
	}
	if ok, err := in.walk(ctx, tx, step{to: Merged, root: root.ID}); err != nil || !ok {
		return errors.Join(err, noWay(ok, in))
	}
	for i, one := range append([]string{in.ID}, along...) {
		via := ""
		if i > 0 {
			via = in.ID
		}
		if _, err := tx.Exec(ctx, `INSERT INTO answer_merge (input, root, via, at, by_person) VALUES ($1, $2, $3, $4, $5)`,
			one, root.ID, via, db.Time{Time: tx.Now}, actor.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE answer_input SET root = $2 WHERE id = $1`, one, root.ID); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO answer_support (input, person, level, district, via, at)
		SELECT CAST($1 AS TEXT), person, level, district, input, at FROM answer_support WHERE input = $2 ON CONFLICT DO NOTHING`, root.ID, in.ID); err != nil {
		return err
	}
	if err := record.Link(ctx, tx, actor, in.Ref(), "merged_into", root.Ref()); err != nil {
		return err
	}
	return in.tell(ctx, tx, actor.ID, "input.merged", "", map[string]string{"into": root.ID})
}

func noWay(ok bool, in Input) error {
	if ok {
		return nil
	}
	return fault.New(fault.Conflict, "answer.no_way", "title", in.Title)
}

// mergeOf returns when and into what an input was merged, for one that still is.
func mergeOf(ctx context.Context, tx *db.Tx, input string) (root, via string, at db.Time, err error) {
	type row struct {
		root, via string
		at        db.Time
	}
	r, err := db.Get(ctx, tx, func(r *row) []any { return []any{&r.root, &r.via, &r.at} },
		`SELECT root, via, at FROM answer_merge WHERE input = $1 AND undone IS NULL AND via = '' ORDER BY at DESC LIMIT 1`, input)
	return r.root, r.via, r.at, err
}

// Separate takes a merge apart within Undo: the input is considered again, and
// has with it again what was merged into it before.
func (o *Office) Separate(ctx context.Context, tx *db.Tx, actor who.Actor, input string) error {
	in, err := inputByID(ctx, tx, input)
	if err != nil {
		return err
	}
	if _, err := o.desk(ctx, tx, actor, in.Box); err != nil {
		return err
	}
	if in.View != Visible {
		return db.ErrNotFound
	}
	if in.State != Merged {
		return fault.New(fault.Conflict, "answer.not_merged")
	}
	first, _, at, err := mergeOf(ctx, tx, in.ID)
	if err != nil {
		return err
	}
	if tx.Now.Sub(at.Time) > Undo {
		return fault.New(fault.Conflict, "answer.merged_long")
	}
	root := in.Root
	if ok, err := in.walk(ctx, tx, step{to: Considered}); err != nil || !ok {
		return errors.Join(err, noWay(ok, in))
	}
	for _, q := range []string{
		`UPDATE answer_input SET root = $1 WHERE root = $2 AND root <> '' AND id IN (SELECT input FROM answer_merge WHERE via = $1 AND undone IS NULL)`,
		`DELETE FROM answer_support WHERE via = $1 AND input = $2`,
	} {
		if _, err := tx.Exec(ctx, q, in.ID, root); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE answer_merge SET undone = $2 WHERE undone IS NULL AND (input = $1 AND via = '' OR via = $1)`, in.ID, db.Time{Time: tx.Now}); err != nil {
		return err
	}
	if err := record.Unlink(ctx, tx, actor, in.Ref(), "merged_into", record.Ref{Kind: InputKind, ID: first}); err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	if err := in.tell(ctx, tx, actor.ID, "input.separated", "", map[string]string{"from": root}); err != nil {
		return err
	}
	_, err = count(ctx, tx, root)
	return err
}
