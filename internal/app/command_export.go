package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"ceiba/internal/face/module"
)

// ExportCommand writes everything public into a folder.
type ExportCommand struct {
	Dir string `arg:"" help:"The folder to write into; it is made, and must be empty."`
}

// Run runs the command.
func (e *ExportCommand) Run(c *console) error {
	dir := c.Path(e.Dir)
	if err := emptyDir(dir); err != nil {
		return usage{err}
	}
	a, err := c.open()
	if err != nil {
		return err
	}
	defer a.Close()
	n, err := a.export(c.ctx, dir)
	if err != nil {
		return err
	}
	return c.Print(map[string]any{"files": n, "folder": e.Dir})
}

func emptyDir(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty; choose another folder", dir)
	}
	return err
}

// export has every module write its public data below dir, and returns how
// many files there are.
func (a *App) export(ctx context.Context, dir string) (files int, err error) {
	root, err := os.OpenRoot(dir) // no name of a record leads out of it
	if err != nil {
		return 0, err
	}
	defer root.Close()
	put := func(name string) (module.Writer, error) {
		files++
		if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return nil, err
		}
		return root.Create(name)
	}
	for _, m := range a.Modules {
		if m.Export != nil {
			if err := m.Export(ctx, put); err != nil {
				return files, fmt.Errorf("export of %s: %w", m.Name, err)
			}
		}
	}
	return files, nil
}
