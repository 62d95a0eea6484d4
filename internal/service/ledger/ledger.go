package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
)

// Options say where a log's key is, what it is called and who watches it.
type Options struct {
	Key       string   // path of the key's file, outside the database and its backups; made at the first start
	Origin    string   // the log's name for ever, used when the key is made: "example.org/ledger"
	Witnesses []string // verifier keys of those whose cosignatures are taken
}

// Ledger is the log of one site, with its key.
type Ledger struct {
	db        *db.DB
	log       *slog.Logger
	path      string
	key       *key
	witnesses note.Verifiers
	every     time.Duration // least time between two checkpoints of Run

	publishing sync.Mutex // the file beside the key must not go back
}

// Open reads the log's key, or makes one for a database that has no checkpoint
// yet. It refuses, with a fault, a key that others may read, that is missing, or
// that did not sign the last checkpoint.
func Open(ctx context.Context, d *db.DB, log *slog.Logger, o Options) (*Ledger, error) {
	l := &Ledger{db: d, log: log, path: o.Key, every: 3 * time.Second}
	var known []note.Verifier
	for _, w := range o.Witnesses {
		v, err := parseWitness(w)
		if err != nil {
			return nil, fault.New(fault.Invalid, "ledger.witness_broken", "key", w).Wrap(err)
		}
		known = append(known, v)
	}
	l.witnesses = note.VerifierList(known...)
	last, err := l.Latest(ctx)
	first := errors.Is(err, db.ErrNotFound)
	if err != nil && !first {
		return nil, err
	}
	if err := sweep(o.Key); err != nil {
		log.Warn("files left beside the ledger's key stay there", "err", err)
	}
	l.key, err = loadKey(o.Key)
	switch {
	case errors.Is(err, fs.ErrNotExist) && first:
		l.key, err = makeKey(o.Key, o.Origin)
	case errors.Is(err, fs.ErrNotExist):
		err = fault.New(fault.Invalid, "ledger.key_missing", "path", o.Key).Wrap(err)
	}
	if err != nil {
		return nil, err
	}
	if l.key.signer == nil {
		return nil, fault.New(fault.Invalid, "ledger.key_broken", "path", o.Key)
	}
	if !first {
		err = l.signed(last)
	}
	return l, err
}

// Key returns the verifier key, which everybody may know: "name+hash+data".
func (l *Ledger) Key() string { return l.key.public }

// Origin returns the log's name, the first line of its checkpoints.
func (l *Ledger) Origin() string { return l.key.verifier.Name() }

// Checkpoint is a signed statement that the log's first Size entries have Root.
type Checkpoint struct {
	Size int64
	Root tlog.Hash
	Note []byte // the signed note, with the witnesses' signatures
	Seen int    // how many witnesses have signed
	At   db.Time
}

func checkpointFields(c *savedCheckpoint) []any {
	return []any{&c.Size, &c.root, &c.note, &c.Seen, &c.At}
}

type savedCheckpoint struct {
	Checkpoint
	root, note string
}

func checkpoints(ctx context.Context, tx *db.Tx, tail string, args ...any) ([]Checkpoint, error) {
	saved, err := db.List(ctx, tx, checkpointFields, `SELECT size, root, note, seen, at FROM ledger_checkpoint `+tail, args...)
	out := make([]Checkpoint, len(saved))
	for i, s := range saved {
		out[i] = s.Checkpoint
		out[i].Note = []byte(s.note)
		if out[i].Root, err = tlog.ParseHash(s.root); err != nil {
			return nil, fmt.Errorf("checkpoint of size %d: %w", s.Size, err)
		}
	}
	return out, err
}

// latest returns the greatest checkpoint, or db.ErrNotFound.
func latest(ctx context.Context, tx *db.Tx) (Checkpoint, error) {
	cs, err := checkpoints(ctx, tx, `ORDER BY size DESC LIMIT 1`)
	if err == nil && len(cs) == 0 {
		err = db.ErrNotFound
	}
	if err != nil {
		return Checkpoint{}, err
	}
	return cs[0], nil
}

// Latest returns the checkpoint that is published now, or db.ErrNotFound.
func (l *Ledger) Latest(ctx context.Context) (c Checkpoint, err error) {
	err = l.db.View(ctx, func(tx *db.Tx) (err error) { c, err = latest(ctx, tx); return err })
	return c, err
}

// History returns at most limit checkpoints smaller than before, the greatest
// first; before 0 begins at the newest.
func History(ctx context.Context, tx *db.Tx, before int64, limit int) ([]Checkpoint, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return checkpoints(ctx, tx, `WHERE size < $1 ORDER BY size DESC LIMIT $2`, before, limit)
}

// sign makes the note of a tree.
func (k *key) sign(size int64, root tlog.Hash) ([]byte, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n", k.signer.Name(), size, root)
	return note.Sign(&note.Note{Text: text}, k.signer)
}

// open reads a checkpoint that this key has signed.
func (k *key) open(msg []byte) (tlog.Tree, error) {
	n, err := note.Open(msg, note.VerifierList(k.verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	return parseCheckpoint(n.Text, k.verifier.Name())
}

// signed refuses a checkpoint that another key has signed.
func (l *Ledger) signed(c Checkpoint) error {
	if _, err := l.key.open(c.Note); err != nil {
		return fault.New(fault.Invalid, "ledger.key_other", "path", l.path).Wrap(err)
	}
	return nil
}

// parseCheckpoint reads the text of a checkpoint of the log called origin. Lines
// after the third are allowed and mean nothing.
func parseCheckpoint(text, origin string) (tlog.Tree, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] != origin {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, fmt.Errorf("size %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// Run publishes checkpoints while the tree grows, at most one every few seconds
// in the whole cluster, until ctx ends.
func (l *Ledger) Run(ctx context.Context) {
	for ctx.Err() == nil {
		last, err := l.Latest(ctx)
		if err != nil || l.db.Now().Sub(last.At.Time) >= l.every {
			_, err = l.Publish(ctx)
		}
		if err != nil && ctx.Err() == nil {
			l.log.Error("ledger does not publish", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(l.every):
		}
	}
}

// Publish signs the tree as it stands, if it has grown, and returns the
// checkpoint that is published then. It refuses, with a fault, a tree that
// denies what an earlier checkpoint said.
func (l *Ledger) Publish(ctx context.Context) (Checkpoint, error) {
	l.publishing.Lock()
	defer l.publishing.Unlock()
	var c, last Checkpoint
	if err := l.db.View(ctx, func(tx *db.Tx) (err error) {
		if last, err = latest(ctx, tx); err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		if c.Size, err = Size(ctx, tx); err != nil {
			return err
		}
		c.Root, err = Root(ctx, tx, c.Size)
		return errors.Join(err, l.agrees(ctx, tx, c.Size))
	}); err != nil {
		return last, err
	}
	if c.Size == last.Size {
		return last, nil
	}
	var err error
	if c.Note, err = l.key.sign(c.Size, c.Root); err != nil {
		return last, err
	}
	// The file first: what it says is in the tree, and nobody has seen it yet.
	if err := replace(l.statePath(), c.Note); err != nil {
		return last, fmt.Errorf("keep the checkpoint beside the key: %w", err)
	}
	return c, l.db.Update(ctx, func(tx *db.Tx) error {
		c.At = db.Time{Time: tx.Now}
		if last.At.Time.Truncate(24*time.Hour) != tx.Now.Truncate(24*time.Hour) {
			if err := thin(ctx, tx); err != nil {
				return err
			}
		}
		return save(ctx, tx, c)
	})
}

func save(ctx context.Context, tx *db.Tx, c Checkpoint) error {
	_, err := tx.Exec(ctx, `INSERT INTO ledger_checkpoint (size, root, note, seen, at) VALUES ($1, $2, $3, 0, $4)
		ON CONFLICT DO NOTHING`, c.Size, c.Root.String(), string(c.Note), db.Time{Time: tx.Now})
	return err
}

// thin keeps, of what is older than a day, what witnesses have signed and the
// last of each day.
func thin(ctx context.Context, tx *db.Tx) error {
	const day = int64(24 * time.Hour / time.Microsecond)
	_, err := tx.Exec(ctx, `DELETE FROM ledger_checkpoint WHERE at < $1 AND seen = 0
		AND size NOT IN (SELECT max(size) FROM ledger_checkpoint GROUP BY at / CAST($2 AS BIGINT))`, tx.Now.UnixMicro()-day, day)
	return err
}

// AddCosignature adds what witnesses signed to the checkpoint of a size: their
// signature lines, or the whole note with them. Signatures of strangers are
// left out; it refuses, with a fault, when none is left that is new.
func (l *Ledger) AddCosignature(ctx context.Context, size int64, signed []byte) error {
	bad := fault.New(fault.Invalid, "ledger.cosignature", "size", size)
	return l.db.Update(ctx, func(tx *db.Tx) error {
		cs, err := checkpoints(ctx, tx, `WHERE size = $1`, size)
		if err != nil {
			return err
		}
		if len(cs) == 0 {
			return db.ErrNotFound
		}
		text, lines, _ := strings.Cut(string(cs[0].Note), "\n\n")
		given := string(signed)
		if head, tail, whole := strings.Cut(given, "\n\n"); whole {
			if head != text {
				return bad
			}
			given = tail
		}
		n, err := note.Open([]byte(text+"\n\n"+lines+strings.TrimSpace(given)+"\n"), verifiers{l.key.verifier, l.witnesses})
		if err != nil {
			return bad.Wrap(err)
		}
		if len(n.Sigs)-1 <= cs[0].Seen {
			return bad
		}
		n.UnverifiedSigs = nil
		whole, err := note.Sign(n)
		if err != nil {
			return bad.Wrap(err)
		}
		return tx.MustChange(ctx, `UPDATE ledger_checkpoint SET note = $2, seen = $3 WHERE size = $1`, size, string(whole), len(n.Sigs)-1)
	})
}

// verifiers are the log's own key and the witnesses'.
type verifiers struct {
	own    note.Verifier
	others note.Verifiers
}

// Verifier implements note.Verifiers.
func (v verifiers) Verifier(name string, hash uint32) (note.Verifier, error) {
	if name == v.own.Name() && hash == v.own.KeyHash() {
		return v.own, nil
	}
	return v.others.Verifier(name, hash)
}

// statePath is where the last checkpoint is kept, outside the database.
func (l *Ledger) statePath() string { return l.path + ".checkpoint" }

// kept returns the checkpoint beside the key, or fs.ErrNotExist.
func (l *Ledger) kept() (tlog.Tree, error) {
	text, err := os.ReadFile(l.statePath())
	if err != nil {
		return tlog.Tree{}, err
	}
	t, err := l.key.open(text)
	if err != nil {
		return t, fault.New(fault.Invalid, "ledger.state_broken", "path", l.statePath()).Wrap(err)
	}
	return t, nil
}
