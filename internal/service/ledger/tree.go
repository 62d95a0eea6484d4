package ledger

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database; it comes after activity's.
var Schema = db.Schema{Module: "ledger", Files: files}

// Words are this module's sentences, keys "ledger.…".
//
//go:embed locale/*.json
var Words embed.FS

// Size returns how many leaves the tree has, published or not.
func Size(ctx context.Context, tx *db.Tx) (int64, error) {
	last, err := db.Get(ctx, tx, db.One[int64], `SELECT coalesce(max(idx), -1) FROM ledger_hash`)
	if err != nil || last < 0 {
		return 0, err
	}
	// The last hash is that of the greatest subtree which the last leaf completes.
	level, n := tlog.SplitStoredHashIndex(last)
	return (n + 1) << level, nil
}

// Root returns the root of the first size leaves.
func Root(ctx context.Context, tx *db.Tx, size int64) (tlog.Hash, error) {
	return tlog.TreeHash(size, stored(ctx, tx))
}

// ProveInclusion proves that entry seq is in the tree of size leaves, for
// tlog.CheckRecord with n = seq-1.
func ProveInclusion(ctx context.Context, tx *db.Tx, size, seq int64) (tlog.RecordProof, error) {
	return tlog.ProveRecord(size, seq-1, stored(ctx, tx))
}

// ProveConsistency proves that the tree of old leaves is the beginning of that
// of size leaves, for tlog.CheckTree.
func ProveConsistency(ctx context.Context, tx *db.Tx, size, old int64) (tlog.TreeProof, error) {
	return tlog.ProveTree(size, old, stored(ctx, tx))
}

// indexed is a stored hash and its place.
type indexed struct {
	idx  int64
	text string
}

func indexedFields(v *indexed) []any { return []any{&v.idx, &v.text} }

// stored reads hashes from the database.
func stored(ctx context.Context, tx *db.Tx) tlog.HashReader {
	return tlog.HashReaderFunc(func(places []int64) ([]tlog.Hash, error) {
		if len(places) == 0 {
			return nil, nil
		}
		in, args := db.In(1, places)
		rows, err := db.List(ctx, tx, indexedFields, `SELECT idx, hash FROM ledger_hash WHERE idx IN `+in, args...)
		if err != nil {
			return nil, err
		}
		at := map[int64]string{}
		for _, r := range rows {
			at[r.idx] = r.text
		}
		hashes := make([]tlog.Hash, len(places))
		for i, p := range places {
			if hashes[i], err = tlog.ParseHash(at[p]); err != nil {
				return nil, fmt.Errorf("stored hash %d: %w", p, err)
			}
		}
		return hashes, nil
	})
}

// cached reads through fresh, which also holds what is not yet written.
func cached(fresh map[int64]tlog.Hash, under tlog.HashReader) tlog.HashReader {
	return tlog.HashReaderFunc(func(places []int64) ([]tlog.Hash, error) {
		var missing []int64
		for _, p := range places {
			if _, ok := fresh[p]; !ok {
				missing = append(missing, p)
			}
		}
		found, err := under.ReadHashes(missing)
		if err != nil {
			return nil, err
		}
		for i, p := range missing {
			fresh[p] = found[i]
		}
		hashes := make([]tlog.Hash, len(places))
		for i, p := range places {
			hashes[i] = fresh[p]
		}
		return hashes, nil
	})
}

// Listener is what lets the tree grow: give it to activity.NewLog.
func (l *Ledger) Listener() activity.Listener {
	return activity.Listener{Name: "ledger", Handle: l.grow}
}

// grow appends a batch of entries to the tree. Those it has already are passed
// over, so that a cursor set back does no harm.
func (l *Ledger) grow(ctx context.Context, tx *db.Tx, batch []activity.Event) error {
	size, err := Size(ctx, tx)
	if err != nil {
		return err
	}
	fresh := map[int64]tlog.Hash{}
	read := cached(fresh, stored(ctx, tx))
	var hashes, seals []any
	for i := range batch {
		e := &batch[i]
		switch n := e.Seq - 1; {
		case n < size:
			continue
		case n > size:
			return fmt.Errorf("entry %d does not follow on a tree of %d", e.Seq, size)
		}
		made, err := tlog.StoredHashes(size, e.Envelope(), read)
		if err != nil {
			return err
		}
		first := tlog.StoredHashIndex(0, size)
		for j, h := range made {
			fresh[first+int64(j)] = h
			hashes = append(hashes, first+int64(j), h.String())
		}
		if !e.Public {
			seals = append(seals, e.Seq, l.key.seal(e))
		}
		size++
	}
	return errors.Join(insert(ctx, tx, `INSERT INTO ledger_hash (idx, hash) VALUES `, hashes),
		insert(ctx, tx, `INSERT INTO ledger_seal (seq, mac) VALUES `, seals))
}

// insert writes pairs, many in one statement.
func insert(ctx context.Context, tx *db.Tx, into string, pairs []any) error {
	const most = 2 * 256
	for len(pairs) > 0 {
		n := min(most, len(pairs))
		var b strings.Builder
		b.WriteString(into)
		for i := 1; i < n; i += 2 {
			if i > 1 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "($%d, $%d)", i, i+1)
		}
		if _, err := tx.Exec(ctx, b.String(), pairs[:n]...); err != nil {
			return err
		}
		pairs = pairs[n:]
	}
	return nil
}
