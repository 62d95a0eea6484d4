package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ceiba/internal/service/backup"
)

// BackupCommand writes the whole site into one file while it goes on.
type BackupCommand struct {
	File string `arg:"" help:"The file to write. It must not exist."`
}

// Run runs the command.
func (b *BackupCommand) Run(c *console) error {
	a, err := c.open()
	if err != nil {
		return err
	}
	defer a.Close()
	rep, err := a.backupTo(c.ctx, c.Path(b.File))
	if err != nil {
		return err
	}
	fmt.Fprintf(c.Err, "Keep %s, %s and %s apart from this file: they are not in it.\n", a.Store.KeyPath(), a.Store.SecretPath(), a.vapidPath())
	return c.Print(rep)
}

// backupTo writes a backup beside its final name, so that a file under that
// name is always whole.
func (a *App) backupTo(ctx context.Context, path string) (rep backup.Report, err error) {
	if _, err := os.Stat(path); err == nil {
		return rep, usage{fmt.Errorf("%s exists; give the backup another name", path)}
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".ceiba-backup-*")
	if err != nil {
		return rep, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if rep, err = backup.Write(ctx, a.DB, a.Blob, Version, f); err != nil {
		return rep, err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return rep, err
	}
	return rep, os.Rename(f.Name(), path)
}

// RestoreCommand reads a backup into an empty site.
type RestoreCommand struct {
	File string `arg:"" help:"A file that ceiba backup wrote."`
}

// Run runs the command.
func (r *RestoreCommand) Run(c *console) error {
	if c.server != nil {
		return errServing
	}
	f, err := os.Open(r.File)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	a, err := c.open()
	if err != nil {
		return err
	}
	defer a.Close()
	rep, err := a.restore(c, f, info.Size())
	if err != nil {
		return err
	}
	return c.Print(rep)
}

func (a *App) restore(c *console, r io.ReaderAt, size int64) (backup.Report, error) {
	rep, err := backup.Read(c.ctx, a.DB, a.Blob, r, size)
	if err != nil {
		return rep, err
	}
	return rep, a.settleRestored(c.ctx)
}

// settleRestored makes what a backup leaves out.
func (a *App) settleRestored(ctx context.Context) error {
	if err := a.Ledger.TakeOver(ctx, a.System().ID); err != nil {
		return err
	}
	for _, m := range a.Modules {
		if m.Rebuild != nil {
			if err := m.Rebuild(ctx); err != nil {
				return fmt.Errorf("make what %s derives: %w", m.Name, err)
			}
		}
	}
	return nil
}
