package ledger

import (
	"context"
	"errors"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
)

// TakeOver lets a log go on under another key: after a restore to a place
// where the former key is not. The tree stays as it is and must agree with the
// last checkpoint of the former key, whose text is kept in an entry of the log,
// "ledger.key_changed", so that everybody can see when and from what the key
// changed. With the right key it does nothing.
func (l *Ledger) TakeOver(ctx context.Context, actor string) error {
	return l.db.Update(ctx, func(tx *db.Tx) error {
		last, err := latest(ctx, tx)
		if err == nil && l.signed(last) == nil {
			return nil
		}
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		size, err := Size(ctx, tx)
		if err != nil {
			return err
		}
		if last.Size > 0 { // else nothing was published yet
			if err := follows(ctx, tx, size, last.tree()); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `DELETE FROM ledger_checkpoint`); err != nil {
			return err
		}
		if err := l.sealAgain(ctx, tx, size); err != nil || last.Size == 0 {
			return err
		}
		_, err = activity.Append(ctx, tx, activity.Entry{
			Actor: actor, Verb: "ledger.key_changed", Kind: "ledger", Record: l.Origin(),
			Public: true, Title: l.Origin(), Before: map[string]any{"checkpoint": string(last.Note)}, After: map[string]any{"key": l.Key()},
		})
		return err
	})
}

// sealAgain seals the entries that are not public with the present key.
func (l *Ledger) sealAgain(ctx context.Context, tx *db.Tx, size int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM ledger_seal`); err != nil {
		return err
	}
	for at := int64(0); at < size; {
		batch, err := activity.Since(ctx, tx, at, 500)
		if err != nil || len(batch) == 0 {
			return err
		}
		var seals []any
		for i := range batch {
			if e := &batch[i]; !e.Public && e.Seq <= size {
				seals = append(seals, e.Seq, l.key.seal(e))
			}
			at = batch[i].Seq
		}
		if err := insert(ctx, tx, `INSERT INTO ledger_seal (seq, mac) VALUES `, seals); err != nil {
			return err
		}
	}
	return nil
}
