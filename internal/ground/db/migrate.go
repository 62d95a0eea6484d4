package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	goosedb "github.com/pressly/goose/v3/database"
)

// Schema is one module's numbered SQL files in the folder sql, such as
// 0001_plan.sql, with goose's "-- +goose Up" marks. A file named
// 0002_search.sqlite.sql or .postgres.sql runs on that engine only.
type Schema struct {
	Module string
	Files  fs.FS
}

// Migrate brings the database up to date, in the order schemas are given. Each
// module keeps its own list of applied files (table goose_MODULE). On
// PostgreSQL an advisory lock lets one node at a time do it; on SQLite there is
// only one process.
func (d *DB) Migrate(ctx context.Context, schemas ...Schema) error {
	run := func(pool *sql.DB) error {
		for _, s := range schemas {
			if err := d.migrate(ctx, pool, s); err != nil {
				return fmt.Errorf("migrate %s: %w", s.Module, err)
			}
		}
		return nil
	}
	if d.group != nil {
		return d.group.lend(ctx, run)
	}
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return d.wrap(err)
	}
	defer conn.Close()
	const key = 7318_2026
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, key); err != nil {
		return d.wrap(err)
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, key)
	return run(d.pool)
}

// Script runs SQL text of several statements as it stands, without $n. It is
// for tests and restores; migrations go through goose.
func (t *Tx) Script(ctx context.Context, text string) error {
	return t.turn.do(ctx, func(ctx context.Context) error {
		t.turn.writes()
		if l, ok := t.q.(*liteConn); ok {
			_, err := l.c.ExecContext(ctx, text)
			return err
		}
		_, err := t.q.ExecContext(ctx, text)
		return err
	})
}

func (d *DB) migrate(ctx context.Context, pool *sql.DB, s Schema) error {
	dialect := goosedb.DialectSQLite3
	if d.eng.name == "postgres" {
		dialect = goosedb.DialectPostgres
	}
	store, err := goosedb.NewStore(dialect, "goose_"+s.Module)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider("", pool, engineFS{s.Files, d.eng.name}, goose.WithStore(store))
	if errors.Is(err, goose.ErrNoMigrations) {
		return nil
	}
	if err != nil {
		return err
	}
	behind, err := p.HasPending(ctx)
	if err != nil || !behind {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// engineFS shows goose the files of one engine: it hides the other's, and takes
// COLLATE "C" out of what SQLite reads.
type engineFS struct {
	fs.FS
	engine string
}

var (
	collateC      = regexp.MustCompile(`(?i) COLLATE "C"`)
	createTrigger = regexp.MustCompile(`(?i)\bCREATE\s+(TEMP(ORARY)?\s+)?TRIGGER\b`)
)

// Open opens a file of this engine.
func (f engineFS) Open(name string) (fs.File, error) {
	text, err := fs.ReadFile(f.FS, path.Join("sql", name))
	if err != nil {
		return nil, err
	}
	if strings.Contains(strings.ToUpper(string(text)), "INITIALLY DEFERRED") {
		return nil, fmt.Errorf("%s: a deferred constraint would fail a commit that callers share", name)
	}
	if f.engine == "sqlite" && createTrigger.Match(text) {
		return nil, fmt.Errorf("%s: a trigger may write where its statement changes no row, and a group would not notice", name)
	}
	if f.engine == "sqlite" {
		text = collateC.ReplaceAll(text, nil)
	}
	return &memFile{Reader: bytes.NewReader(text), name: name, size: int64(len(text))}, nil
}

// Glob lists this engine's files; goose asks through fs.Glob.
func (f engineFS) Glob(pattern string) ([]string, error) {
	names, err := fs.Glob(f.FS, path.Join("sql", pattern))
	other := map[string]string{"sqlite": ".postgres.sql", "postgres": ".sqlite.sql"}[f.engine]
	var out []string
	for _, n := range names {
		if !strings.HasSuffix(n, other) {
			out = append(out, path.Base(n))
		}
	}
	return out, err
}

type memFile struct {
	*bytes.Reader
	name string
	size int64
}

func (m *memFile) Stat() (fs.FileInfo, error) { return m, nil }
func (m *memFile) Close() error               { return nil }
func (m *memFile) Name() string               { return m.name }
func (m *memFile) Size() int64                { return m.size }
func (m *memFile) Mode() fs.FileMode          { return 0o444 }
func (m *memFile) ModTime() time.Time         { return time.Time{} }
func (m *memFile) IsDir() bool                { return false }
func (m *memFile) Sys() any                   { return nil }
