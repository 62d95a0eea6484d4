package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"ceiba/internal/face/web"
	"ceiba/internal/ground/config"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/backup"
)

// A restore from the page goes in two steps, so that an office without a shell
// can undo a disaster and a mistake in it. The page takes the file and looks
// whether it is a backup; then the server ends its round, replaces every row
// while nothing else runs, and starts anew. Before, it writes a backup of what
// it throws away. A backup that cannot be read leaves the site as it was.

// errAnew ends a round of the server that another follows.
var errAnew = errors.New("the server starts anew")

// backups makes and takes backups for the page that offers both.
type backups struct{ *App }

// Make writes a backup, as the command does.
func (b backups) Make(ctx context.Context, w io.Writer) error {
	_, err := backup.Write(ctx, b.DB, b.Blob, Version, w)
	return err
}

func restoreDir(store config.Store) string { return filepath.Join(store.Data, "restore") }

func pendingPath(store config.Store) string {
	return filepath.Join(restoreDir(store), "pending.backup")
}

// Stage keeps a backup that is handed in until the server starts anew. A file
// that is none is a fault of kind Invalid.
func (b backups) Stage(_ context.Context, r io.Reader) error {
	if b.Serve.Demo {
		return fault.New(fault.Conflict, "app.restore_demo")
	}
	if err := os.MkdirAll(restoreDir(b.Store), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(restoreDir(b.Store), "arriving-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	n, err := io.Copy(f, r)
	if err != nil {
		return err
	}
	if _, err := backup.Check(f, n); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), pendingPath(b.Store))
}

// Anew has the server start anew when the requests that run have ended.
func (b backups) Anew() {
	select {
	case b.anew <- struct{}{}:
	default: // it does already
	}
}

// why is kept of a restore that failed, in the database that stayed.
type why struct {
	Key  string `json:"key"`
	Args []any  `json:"args"`
	At   string `json:"at"`
}

// Failed returns why the last restore failed; nil if it did not.
func (b backups) Failed(ctx context.Context) (*fault.Error, error) {
	text := ""
	if err := b.DB.View(ctx, func(tx *db.Tx) (err error) { text, err = fact(ctx, tx, "restore_failed"); return err }); err != nil || text == "" {
		return nil, err
	}
	var w why
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		return nil, err
	}
	return fault.New(fault.Invalid, w.Key, w.Args...), nil
}

// applyRestore takes in the backup that waits, if one does, with a site opened
// for this alone.
func applyRestore(ctx context.Context, store config.Store, serve config.Serve, log *slog.Logger) error {
	f, err := os.Open(pendingPath(store))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	rep, done, err := swap(ctx, f, store, serve, log)
	switch {
	case done && err != nil:
		return fmt.Errorf("after a backup was restored: %w", err)
	case done: // the file stays until the rest is done: a start in between does it all again
		if err := finishRestore(ctx, rep, store, serve, log); err != nil {
			return fmt.Errorf("after a backup was restored: %w", err)
		}
		log.Info("a backup was restored", "rows", rep.Rows, "files", rep.Blobs)
		return os.Remove(f.Name())
	case ctx.Err() != nil:
		return ctx.Err() // stopped in the middle: the next start goes on
	}
	log.Error("a backup was not restored; the site stays as it was", "err", err)
	if e := os.Rename(f.Name(), filepath.Join(restoreDir(store), "refused-"+stamp()+".backup")); e != nil {
		return e
	}
	a, e := Open(ctx, store, serve, log)
	if e != nil {
		return e
	}
	defer a.Close()
	return a.noteFailure(ctx, err)
}

func stamp() string { return time.Now().UTC().Format("20060102-150405.000") }

// swap keeps the rows that are there and replaces them, with a site opened for
// this alone. done says that they are replaced, also where an error follows.
func swap(ctx context.Context, f *os.File, store config.Store, serve config.Serve, log *slog.Logger) (rep backup.Report, done bool, err error) {
	info, err := f.Stat()
	if err != nil {
		return rep, false, err
	}
	serve.AcceptRollback = true // an earlier try may have ended right after its swap
	a, err := Open(ctx, store, serve, log)
	if err != nil {
		return rep, false, err
	}
	defer a.Close()
	if _, err := a.backupTo(ctx, filepath.Join(restoreDir(store), "before-"+stamp()+".backup")); err != nil {
		return rep, false, fmt.Errorf("keep what is there: %w", err)
	}
	if rep, err = backup.Replace(ctx, a.DB, a.Blob, f, info.Size()); err != nil {
		return rep, false, err
	}
	return rep, true, a.Ledger.TakeOver(ctx, a.System().ID)
}

// finishRestore opens the restored site to make what the backup leaves out. The
// ledger may now be shorter than what was published: whoever handed in the
// backup said that they are sure, and an entry that everybody can see says that
// it happened.
func finishRestore(ctx context.Context, rep backup.Report, store config.Store, serve config.Serve, log *slog.Logger) error {
	serve.AcceptRollback = true
	a, err := Open(ctx, store, serve, log)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.settleRestored(ctx); err != nil {
		return err
	}
	if err := a.DB.Update(ctx, func(tx *db.Tx) error {
		if err := setFact(ctx, tx, "restore_failed", ""); err != nil {
			return err
		}
		_, err := activity.Append(ctx, tx, activity.Entry{
			Actor: a.System().ID, Verb: "site.restored", Kind: "site", Record: "backup", Public: true,
			After: map[string]int64{"rows": rep.Rows, "files": rep.Blobs},
		})
		return err
	}); err != nil {
		return err
	}
	return a.Settle(ctx)
}

func (a *App) noteFailure(ctx context.Context, cause error) error {
	f := web.Explain(cause)
	text, err := json.Marshal(why{f.Key, f.Args, a.DB.Now().UTC().Format(time.RFC3339)})
	if err != nil {
		return err
	}
	return a.DB.Update(ctx, func(tx *db.Tx) error { return setFact(ctx, tx, "restore_failed", string(text)) })
}
