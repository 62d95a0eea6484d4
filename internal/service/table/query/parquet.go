package query

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/stored"
)

func joinColumns(p *plan) string {
	names := make([]string, len(p.columns))
	for i, c := range p.columns {
		names[i] = c.Name
	}
	return strings.Join(stored.Public(p.m, names), ", ")
}

// Parquet writes all rows of a query to w as Parquet: the derived file, or one
// that an engine makes for the query, which may write into one temporary folder.
func (v *Version) Parquet(ctx context.Context, w io.Writer, q Query) error {
	p, err := newPlan(v.Manifest(), q)
	if err != nil {
		return err
	}
	if len(p.words) > 0 || q.Near != nil {
		return fault.New(fault.Invalid, "table.parquet_rows_only")
	}
	path := v.path(table.ParquetFile)
	if p.filter != nil || q.Select != nil || p.q.Limit > 0 || len(p.sort) > 0 || !v.Manifest().Ready(table.ParquetFile) {
		dir, err := os.MkdirTemp(v.lib.lim.Temp, "export-")
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		defer os.RemoveAll(dir)
		path = filepath.Join(dir, "rows.parquet")
		if err := v.makeParquet(ctx, p, path); err != nil {
			return err
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

func (v *Version) makeParquet(ctx context.Context, p *plan, path string) error {
	_, lim, err := v.lib.engine(v)
	if err != nil {
		return err
	}
	db, err := stored.OpenDuck(v.path(table.RowsFile), lim, []string{
		"SET allowed_directories = [" + stored.QuoteText(filepath.Dir(path)) + "]", "SET enable_external_access = false", "SET lock_configuration = true",
	})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := v.lib.slots.Acquire(ctx, 1); err != nil {
		return err
	}
	defer v.lib.slots.Release(1)
	where, args := whereSQL(p.m, stored.Duck, p.filter)
	q := "SELECT " + joinColumns(p) + " FROM rows" + whereAll(notEmpty(where))
	if len(p.sort) > 0 {
		q += " ORDER BY " + p.orderSQL()
	}
	if p.q.Limit > 0 {
		q += fmt.Sprintf(" LIMIT %d", p.q.Limit)
	}
	return stored.CopyParquet(ctx, db, q, args, path)
}
