package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/mod/sumdb/tlog"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
)

// Guard is for the start, before anything is written. It refuses a tree that is
// smaller than what was published, or another: a fault with the key
// "ledger.rollback" or "ledger.fork". With acceptRollback it goes on from what
// is there, keeps the old checkpoint's file under another name, and says so in
// an entry, "ledger.rollback_accepted", by actor.
func (l *Ledger) Guard(ctx context.Context, actor string, acceptRollback bool) error {
	var size int64
	err := l.db.View(ctx, func(tx *db.Tx) (err error) {
		if size, err = Size(ctx, tx); err != nil {
			return err
		}
		return l.agrees(ctx, tx, size)
	})
	var f *fault.Error
	switch {
	case err == nil:
		return l.remember(ctx)
	case !acceptRollback || !errors.As(err, &f) || f.Kind != fault.Conflict:
		return err
	}
	l.log.Warn("rollback accepted", "size", size, "err", err)
	return l.accept(ctx, actor, size)
}

// Forget removes the checkpoint that is kept beside a key, so that a tree may begin
// again: for a demonstration, never for a site that others rely on.
func Forget(keyPath string) error {
	err := os.Remove(keyPath + ".checkpoint")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// agrees compares the tree with the checkpoint beside the key and with the last
// one in the database.
func (l *Ledger) agrees(ctx context.Context, tx *db.Tx, size int64) error {
	kept, err := l.kept()
	if err == nil {
		err = follows(ctx, tx, size, kept)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	last, err := latest(ctx, tx)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(l.signed(last), follows(ctx, tx, size, last.tree()))
}

func (c Checkpoint) tree() tlog.Tree { return tlog.Tree{N: c.Size, Hash: c.Root} }

// follows says whether a published tree is the beginning of ours.
func follows(ctx context.Context, tx *db.Tx, size int64, published tlog.Tree) error {
	if size < published.N {
		return fault.New(fault.Conflict, "ledger.rollback", "have", size, "published", published.N)
	}
	root, err := Root(ctx, tx, published.N)
	if err == nil && root != published.Hash {
		return fault.New(fault.Conflict, "ledger.fork", "published", published.N)
	}
	return err
}

// remember writes the file beside the key where it is missing or behind, such as
// on a node that did not publish for a while.
func (l *Ledger) remember(ctx context.Context) error {
	last, err := l.Latest(ctx)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	kept, err := l.kept()
	if errors.Is(err, fs.ErrNotExist) {
		l.log.Warn("there was no checkpoint beside the key, so nothing tells whether the database is an older one", "size", last.Size)
	} else if err != nil {
		return err
	}
	if last.Size > kept.N {
		return replace(l.statePath(), last.Note)
	}
	return nil
}

// accept makes the present tree the one to go on from. The entry comes first:
// if the process dies in between, the next start asks again.
func (l *Ledger) accept(ctx context.Context, actor string, size int64) error {
	kept, err := l.kept()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var c Checkpoint
	if err := l.db.Update(ctx, func(tx *db.Tx) error {
		denied, err := forget(ctx, tx, size)
		if err != nil {
			return err
		}
		if denied.N > kept.N {
			kept = denied
		}
		c.Size = size
		if c.Root, err = Root(ctx, tx, size); err != nil {
			return err
		}
		if c.Note, err = l.key.sign(c.Size, c.Root); err != nil {
			return err
		}
		if _, err := activity.Append(ctx, tx, activity.Entry{
			Actor: actor, Verb: "ledger.rollback_accepted", Kind: "ledger", Record: l.Origin(), Public: true, Title: l.Origin(),
			Before: map[string]any{"size": kept.N, "root": kept.Hash.String()}, After: map[string]any{"size": size, "root": c.Root.String()},
		}); err != nil || size == 0 {
			return err
		}
		return save(ctx, tx, c)
	}); err != nil {
		return err
	}
	aside := fmt.Sprintf("%s.%d", l.statePath(), kept.N)
	if err := os.Rename(l.statePath(), aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if size == 0 {
		return nil
	}
	return replace(l.statePath(), c.Note)
}

// forget deletes the checkpoints in the database that the tree denies, and
// returns the greatest of them.
func forget(ctx context.Context, tx *db.Tx, size int64) (greatest tlog.Tree, err error) {
	for {
		last, err := latest(ctx, tx)
		if errors.Is(err, db.ErrNotFound) {
			return greatest, nil
		}
		if err != nil || follows(ctx, tx, size, last.tree()) == nil {
			return greatest, err
		}
		greatest.N = max(greatest.N, last.Size)
		if greatest.N == last.Size {
			greatest.Hash = last.Root
		}
		if _, err := tx.Exec(ctx, `DELETE FROM ledger_checkpoint WHERE size = $1`, last.Size); err != nil {
			return greatest, err
		}
	}
}
