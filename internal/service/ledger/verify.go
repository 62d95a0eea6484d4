package ledger

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/mod/sumdb/tlog"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
)

// Site is what VerifySite found.
type Site struct {
	Size      int64     // leaves that were recomputed
	Root      tlog.Hash // of all of them
	Published int64     // how many of them the last checkpoint covers
	Erased    int64     // entries whose payload is gone; they verify all the same
	Private   int64     // entries that are not public
	Unsealed  int64     // of these, the ones whose columns could not be checked, since keyfile holds the public half only
	Behind    int64     // entries that are not in the tree yet, and not checked
}

// VerifySite recomputes the whole log from the entries and compares it with
// what is stored, with every checkpoint and with the file beside the key. The
// error is a fault that names the first difference: which entry and what about
// it. keyfile is the file of Options.Key, or one that holds the verifier key.
func VerifySite(ctx context.Context, d *db.DB, keyfile string) (Site, error) {
	k, err := loadKey(keyfile)
	if err != nil {
		return Site{}, err
	}
	v := &verifier{db: d, key: k}
	if err := v.begin(ctx); err != nil {
		return v.Site, err
	}
	if err := v.beside(&Ledger{db: d, path: keyfile, key: k}); err != nil {
		return v.Site, err
	}
	for v.Size < v.want {
		if err := v.page(ctx); err != nil {
			return v.Site, err
		}
	}
	return v.Site, v.compare(v.Size)
}

// verifier walks the log once, in pages, each in a transaction of its own: a
// long one would hold back SQLite's checkpoints.
type verifier struct {
	Site
	db    *db.DB
	key   *key
	want  int64                 // leaves to come
	right []tlog.Hash           // the complete subtree at each level on the right edge
	said  map[int64][]tlog.Hash // roots that checkpoints gave, by size
}

// differs is the fault for a difference; what is the end of a key of locale/.
func differs(what string, seq int64) error {
	return fault.New(fault.Conflict, "ledger.differs."+what, "seq", seq)
}

// begin reads the size and the checkpoints, and checks their signatures.
func (v *verifier) begin(ctx context.Context) error {
	v.said = map[int64][]tlog.Hash{}
	return v.db.View(ctx, func(tx *db.Tx) (err error) {
		if v.want, err = Size(ctx, tx); err != nil {
			return err
		}
		head, err := activity.Head(ctx, tx)
		if err != nil {
			return err
		}
		if v.Behind = max(0, head-v.want); head < v.want {
			return differs("missing", head+1)
		}
		cs, err := checkpoints(ctx, tx, `ORDER BY size`)
		for _, c := range cs {
			tree, bad := v.key.open(c.Note)
			if bad != nil || tree != c.tree() {
				return differs("signature", c.Size)
			}
			v.said[c.Size] = append(v.said[c.Size], c.Root)
			v.Published = c.Size
		}
		if err == nil && v.Published > v.want {
			return fault.New(fault.Conflict, "ledger.rollback", "have", v.want, "published", v.Published)
		}
		return err
	})
}

// beside adds what the checkpoint beside the key says.
func (v *verifier) beside(l *Ledger) error {
	kept, err := l.kept()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case kept.N > v.want:
		return fault.New(fault.Conflict, "ledger.rollback", "have", v.want, "published", kept.N)
	}
	v.said[kept.N] = append(v.said[kept.N], kept.Hash)
	return nil
}

// page checks the next entries.
func (v *verifier) page(ctx context.Context) error {
	const most = 1000
	return v.db.View(ctx, func(tx *db.Tx) error {
		n := int(min(most, v.want-v.Size))
		es, err := activity.Since(ctx, tx, v.Size, n)
		if err != nil {
			return err
		}
		p, err := readStored(ctx, tx, v.Size, v.Size+int64(n))
		if err != nil {
			return err
		}
		for i := range n {
			if i >= len(es) || es[i].Seq != v.Size+1 {
				return differs("missing", v.Size+1)
			}
			if err := v.entry(&es[i], p); err != nil {
				return err
			}
		}
		return nil
	})
}

// kept is what the database holds about a page of entries besides the entries.
type kept struct {
	hashes map[int64]string
	seals  map[int64]string
	halves map[int64]bool // entries of which only salt or only payload is there, or whose salt is not plain hex
}

// readStored reads what is stored for the leaves from up to before to.
func readStored(ctx context.Context, tx *db.Tx, from, to int64) (kept, error) {
	p := kept{map[int64]string{}, map[int64]string{}, map[int64]bool{}}
	first, end := tlog.StoredHashCount(from), tlog.StoredHashCount(to)
	hashes, err := db.List(ctx, tx, indexedFields, `SELECT idx, hash FROM ledger_hash WHERE idx >= $1 AND idx < $2`, first, end)
	if err != nil {
		return p, err
	}
	for _, h := range hashes {
		p.hashes[h.idx] = h.text
	}
	seals, err := db.List(ctx, tx, indexedFields, `SELECT seq, mac FROM ledger_seal WHERE seq > $1 AND seq <= $2`, from, to)
	if err != nil {
		return p, err
	}
	for _, s := range seals {
		p.seals[s.idx] = s.text
	}
	// Package activity gives salts decoded and takes half an erasure for a whole
	// one, so these two columns are read as they are.
	type raw struct {
		seq     int64
		salt    string
		payload bool
	}
	raws, err := db.List(ctx, tx, func(r *raw) []any { return []any{&r.seq, &r.salt, &r.payload} },
		`SELECT seq, coalesce(salt, ''), payload IS NOT NULL FROM activity WHERE seq > $1 AND seq <= $2`, from, to)
	for _, r := range raws {
		salt, bad := hex.DecodeString(r.salt)
		p.halves[r.seq] = bad != nil || hex.EncodeToString(salt) != r.salt || (r.salt != "") != r.payload
	}
	return p, err
}

// entry checks one entry and adds its leaf.
func (v *verifier) entry(e *activity.Event, p kept) error {
	salt, payload := e.Payload()
	leaf := e.Envelope()
	switch {
	case p.halves[e.Seq]:
		return differs("payload", e.Seq)
	case e.Erased:
		v.Erased++
	case !holds(leaf, activity.Digest(salt, payload)):
		return differs("payload", e.Seq)
	}
	if !e.Public {
		v.Private++
		switch {
		case v.key.sealing == nil:
			v.Unsealed++
		case p.seals[e.Seq] != v.key.seal(e):
			return differs("seal", e.Seq)
		}
	}
	h := tlog.RecordHash(leaf)
	idx := tlog.StoredHashIndex(0, v.Size)
	if p.hashes[idx] != h.String() {
		return differs("leaf", e.Seq)
	}
	level := 0
	for ; v.Size>>level&1 == 1; level++ { // this leaf completes a subtree: so does tlog.StoredHashes
		h = tlog.NodeHash(v.right[level], h)
		idx++
		if p.hashes[idx] != h.String() {
			return differs("node", e.Seq)
		}
	}
	if level == len(v.right) {
		v.right = append(v.right, h)
	}
	v.right[level] = h
	v.Size++
	return v.compare(v.Size)
}

// holds reports whether an envelope carries a digest.
func holds(envelope []byte, digest string) bool {
	var e struct{ Digest string }
	return json.Unmarshal(envelope, &e) == nil && e.Digest == digest
}

// compare checks the root of the leaves so far against what was said of it.
func (v *verifier) compare(size int64) error {
	said, ok := v.said[size]
	if !ok && size < v.want {
		return nil
	}
	root, err := tlog.TreeHash(size, tlog.HashReaderFunc(v.edge))
	if err != nil {
		return err
	}
	v.Root = root
	for _, s := range said {
		if s != root {
			return differs("root", size)
		}
	}
	return nil
}

// edge reads hashes from the right edge, which is all that a root needs.
func (v *verifier) edge(places []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(places))
	for i, p := range places {
		level, _ := tlog.SplitStoredHashIndex(p)
		if level >= len(v.right) {
			return nil, fmt.Errorf("no hash at level %d", level)
		}
		out[i] = v.right[level]
	}
	return out, nil
}
