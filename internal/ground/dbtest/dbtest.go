// Package dbtest gives tests a fresh database on each engine.
//
// Run runs a test on SQLite and on PostgreSQL. The server is the throw-away
// one that `make test` starts, named by CEIBA_TEST_POSTGRES; without it the
// PostgreSQL half is skipped with a word, or fails where CI is set.
package dbtest

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/needtest"
)

// Run runs f once per engine, on an empty database with the schemas applied.
func Run(t *testing.T, f func(t *testing.T, d *db.DB), schemas ...db.Schema) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		f(t, Open(t, SQLite(t), schemas...))
	})
	t.Run("postgres", func(t *testing.T) {
		f(t, Open(t, Postgres(t), schemas...))
	})
}

// Open opens dsn, applies the schemas and closes it when the test ends.
func Open(t testing.TB, dsn string, schemas ...db.Schema) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if err := d.Migrate(context.Background(), schemas...); err != nil {
		t.Fatal(err)
	}
	return d
}

// SQLite returns the path of a database that does not exist yet.
func SQLite(t testing.TB) string {
	return filepath.Join(t.TempDir(), "test.db")
}

// Postgres returns the address of a new, empty schema on the test server, and
// drops it when the test ends. It skips the test where there is no server.
func Postgres(t testing.TB) string {
	t.Helper()
	url := os.Getenv("CEIBA_TEST_POSTGRES")
	if url == "" {
		needtest.Missing(t, "no PostgreSQL: set CEIBA_TEST_POSTGRES, or use make test")
	}
	name := "t" + strings.ToLower(rand.Text())
	admin, err := db.Open(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	run := func(d *db.DB, q string) error {
		return d.Update(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec(context.Background(), q)
			return err
		})
	}
	if err := run(admin, `CREATE SCHEMA `+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d, err := db.Open(context.Background(), url)
		if err != nil {
			return
		}
		defer d.Close()
		run(d, `DROP SCHEMA `+name+` CASCADE`)
	})
	sep := "?"
	if strings.Contains(url, "?") {
		sep = "&"
	}
	return url + sep + "search_path=" + name
}
