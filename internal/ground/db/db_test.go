package db_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
)

func schema(files ...string) db.Schema {
	m := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		m["sql/"+files[i]] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + files[i+1])}
	}
	return db.Schema{Module: "thing", Files: m}
}

var things = schema("0001_thing.sql", `CREATE TABLE thing (id TEXT COLLATE "C" PRIMARY KEY, n BIGINT, at BIGINT, doc JSONB, ok BOOLEAN, x DOUBLE PRECISION);`)

func exec(t *testing.T, d *db.DB, q string, args ...any) error {
	t.Helper()
	return d.Update(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), q, args...)
		return err
	})
}

type thing struct {
	id  string
	n   int64
	at  db.Time
	doc db.JSON[map[string]int]
	ok  bool
	x   float64
}

func (v *thing) fields() []any { return []any{&v.id, &v.n, &v.at, &v.doc, &v.ok, &v.x} }

func TestRoundTrip(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		at := time.Date(2026, 3, 3, 12, 0, 0, 123456000, time.UTC)
		d.SetClock(func() time.Time { return at })
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			// $2 before $1: SQLite's driver would bind by order of appearance.
			_, err := tx.Exec(t.Context(), `INSERT INTO thing (n, id, at, doc, ok, x) VALUES ($2, $1, $3, $4, $5, $6)`,
				"a", 7, db.Time{Time: tx.Now}, db.JSON[map[string]int]{V: map[string]int{"k": 1}}, true, 1.5)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var got thing
		if err := d.View(t.Context(), func(tx *db.Tx) (err error) {
			got, err = db.Get(t.Context(), tx, (*thing).fields, `SELECT id, n, at, doc, ok, x FROM thing WHERE id = $1`, "a")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if got.id != "a" || got.n != 7 || !got.at.Equal(at) || got.doc.V["k"] != 1 || !got.ok || got.x != 1.5 {
			t.Errorf("read back %+v", got)
		}
	}, things)
}

func TestErrors(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if err := exec(t, d, `INSERT INTO thing (id) VALUES ('a')`); err != nil {
			t.Fatal(err)
		}
		if err := exec(t, d, `INSERT INTO thing (id) VALUES ('a')`); !errors.Is(err, db.ErrExists) {
			t.Errorf("duplicate: %v", err)
		}
		err := d.View(ctx, func(tx *db.Tx) error {
			_, err := db.Get(ctx, tx, db.One[string], `SELECT id FROM thing WHERE id = 'none'`)
			return err
		})
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("absent: %v", err)
		}
		err = d.Update(ctx, func(tx *db.Tx) error {
			return tx.MustChange(ctx, `UPDATE thing SET n = 1 WHERE id = 'a' AND n = 5`)
		})
		if !errors.Is(err, db.ErrConflict) {
			t.Errorf("lost edit: %v", err)
		}
		if err := d.View(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO thing (id) VALUES ('b')`)
			return err
		}); err == nil {
			t.Error("View let a write through")
		}
	}, things)
}

// Two people leave the on-call list, each after checking that the other is on
// it. Without serialisable writes both succeed and nobody is left.
func TestNoWriteSkew(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		for round := range 10 {
			if err := exec(t, d, `INSERT INTO thing (id, n, ok) VALUES ($1, $3, TRUE), ($2, $3, TRUE)`,
				fmt.Sprint("a", round), fmt.Sprint("b", round), round); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for _, who := range []string{"a", "b"} {
				wg.Go(func() {
					d.Update(ctx, func(tx *db.Tx) error {
						n, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM thing WHERE n = $1 AND ok`, round)
						if err != nil || n < 2 {
							return err
						}
						time.Sleep(2 * time.Millisecond) // let the other read too
						_, err = tx.Exec(ctx, `UPDATE thing SET ok = FALSE WHERE id = $1`, fmt.Sprint(who, round))
						return err
					})
				})
			}
			wg.Wait()
			var left int
			d.View(ctx, func(tx *db.Tx) (err error) {
				left, err = db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM thing WHERE n = $1 AND ok`, round)
				return err
			})
			if left != 1 {
				t.Fatalf("round %d: %d left on call", round, left)
			}
		}
	}, things)
}

func TestKeyset(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		for i := range 25 {
			if err := exec(t, d, `INSERT INTO thing (id, n) VALUES ($1, $2)`, fmt.Sprintf("k%02d", i), i/4); err != nil {
				t.Fatal(err)
			}
		}
		for _, desc := range []bool{false, true} {
			k := db.Keyset{Columns: []string{"n", "id"}, Desc: desc}
			var got []string
			cursor := ""
			for range 10 {
				where, args, err := k.After(cursor, 2)
				if err != nil {
					t.Fatal(err)
				}
				var page []thing
				if err := d.View(ctx, func(tx *db.Tx) (err error) {
					page, err = db.List(ctx, tx, func(v *thing) []any { return []any{&v.id, &v.n} },
						`SELECT id, n FROM thing WHERE `+where+` `+k.OrderBy()+` LIMIT $1`, append([]any{4}, args...)...)
					return err
				}); err != nil {
					t.Fatal(err)
				}
				if len(page) == 0 {
					break
				}
				for _, v := range page {
					got = append(got, v.id)
				}
				last := page[len(page)-1]
				cursor = db.Cursor(last.n, last.id)
			}
			if len(got) != 25 || (got[0] == "k00") == desc {
				t.Errorf("desc %t: walked %v", desc, got)
			}
		}
		for _, bad := range []string{"!!", "W10", "eyJhIjoxfQ", "W1tdXQ", "WzEsMiwzXQ"} {
			if _, _, err := (db.Keyset{Columns: []string{"n", "id"}}).After(bad, 1); !errors.Is(err, db.ErrCursor) {
				t.Errorf("cursor %q: %v", bad, err)
			}
		}
	}, things)
}

// A cursor that somebody wrote by hand, with values that the columns cannot be
// compared with, is no cursor of the list; it is no failure of the database either.
func TestCursorOfOtherTypes(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		k := db.Keyset{Columns: []string{"n", "id"}}
		list := func(cursor, q string) error {
			where, args, err := k.After(cursor, 1)
			if err != nil {
				return err
			}
			return d.View(ctx, func(tx *db.Tx) error {
				_, err := db.List(ctx, tx, db.One[string], `SELECT id FROM `+q+` WHERE `+where, args...)
				return err
			})
		}
		for _, values := range [][]any{{"a", "b"}, {1, 2}, {true, "b"}, {1.5, "b"}, {1, "\x00"}, {1 << 62, "b"}, {1e300, "b"}} {
			if err := list(db.Cursor(values...), "thing"); err != nil && !errors.Is(err, db.ErrCursor) {
				t.Errorf("%v: %v", values, err)
			}
		}
		if err := list(db.Cursor(1, "b"), "nothing"); err == nil || errors.Is(err, db.ErrCursor) {
			t.Errorf("another fault is called one of the cursor: %v", err)
		}
	}, things)
}

func TestMigrateTwiceAndPerEngine(t *testing.T) {
	s := schema("0001_a.sql", `CREATE TABLE a (id TEXT PRIMARY KEY);`,
		"0002_b.sqlite.sql", `INSERT INTO a VALUES ('sqlite');`,
		"0002_b.postgres.sql", `INSERT INTO a VALUES ('postgres');`)
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if err := d.Migrate(ctx, s); err != nil {
			t.Fatal(err)
		}
		var got []string
		d.View(ctx, func(tx *db.Tx) (err error) {
			got, err = db.List(ctx, tx, db.One[string], `SELECT id FROM a`)
			return err
		})
		if strings.Join(got, " ") != d.Engine() {
			t.Errorf("%s has %v", d.Engine(), got)
		}
	}, s)
}

func TestMigrateRefusesDeferred(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t))
	err := d.Migrate(t.Context(), schema("0001_a.sql", `CREATE TABLE b (id TEXT REFERENCES c DEFERRABLE INITIALLY DEFERRED);`))
	if err == nil || !strings.Contains(err.Error(), "deferred") {
		t.Errorf("got %v", err)
	}
}

func TestWake(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		woken, end := d.Waiting("jobs")
		defer end()
		failed := d.Update(t.Context(), func(tx *db.Tx) error { tx.Wake("jobs"); return errors.New("no") })
		select {
		case <-woken:
			if d.Engine() == "sqlite" { // on PostgreSQL all look once when the listening begins
				t.Fatalf("woken by a transaction that ended with %v", failed)
			}
		default:
		}
		ran := false
		if err := d.Update(t.Context(), func(tx *db.Tx) error {
			tx.Wake("jobs")
			tx.OnCommit(func() { ran = true })
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		<-woken
		if !ran {
			t.Error("OnCommit did not run")
		}
	})
}

// A second handle on the same PostgreSQL schema hears of the first's commits.
func TestWakeCrossesNodes(t *testing.T) {
	dsn := dbtest.Postgres(t)
	here, there := dbtest.Open(t, dsn), dbtest.Open(t, dsn)
	woken, end := there.Waiting("topic")
	defer end()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		if err := here.Update(ctx, func(tx *db.Tx) error { tx.Wake("topic"); return nil }); err != nil {
			t.Fatal(err)
		}
		select {
		case <-woken:
			return
		case <-time.After(100 * time.Millisecond): // it may not be listening yet
		}
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	path := dbtest.SQLite(t)
	dbtest.Open(t, path)
	_, err := db.Open(t.Context(), path)
	if !errors.Is(err, db.ErrInUse) || !strings.Contains(err.Error(), "stop it first") {
		t.Errorf("got %v", err)
	}
}

func TestReopenKeepsData(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?%41.db") // not a URI
	for range 2 {
		d, err := db.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(t.Context(), things); err != nil {
			t.Fatal(err)
		}
		exec(t, d, `INSERT INTO thing (id) VALUES ('kept') ON CONFLICT DO NOTHING`)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

// When the disk is full a write is refused in words, reads go on, and writing
// goes on when there is room again. SQLite's page limit stands in for a disk.
func TestFull(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), things)
	ctx := t.Context()
	limit := func(pages int) {
		if err := d.Update(ctx, func(tx *db.Tx) error {
			return tx.Script(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
		}); err != nil {
			t.Fatal(err)
		}
	}
	limit(20)
	var err error
	kept := 0
	for i := 0; err == nil && i < 1000; i++ {
		if err = exec(t, d, `INSERT INTO thing (id, doc) VALUES ($1, $2)`, fmt.Sprint(i), `"`+strings.Repeat("x", 900)+`"`); err == nil {
			kept++
		}
	}
	if !errors.Is(err, db.ErrFull) {
		t.Fatalf("got %v", err)
	}
	n := 0
	if err := d.View(ctx, func(tx *db.Tx) (err error) {
		n, err = db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM thing`)
		return err
	}); err != nil || n != kept {
		t.Errorf("%d rows of %d acknowledged, %v", n, kept, err)
	}
	limit(100000)
	if err := exec(t, d, `INSERT INTO thing (id) VALUES ('after')`); err != nil {
		t.Errorf("after room came back: %v", err)
	}
	if d.Broken() != nil {
		t.Error("a full disk is no reason to stop")
	}
}

func TestViewsRunBesideAWriter(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := range 25 {
					if err := exec(t, d, `INSERT INTO thing (id) VALUES ($1)`, fmt.Sprint(w, "-", i)); err != nil {
						t.Error(err)
					}
				}
			})
			wg.Go(func() {
				for range 25 {
					if err := d.View(ctx, func(tx *db.Tx) error {
						a, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM thing`)
						if err != nil {
							return err
						}
						b, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM thing`)
						if a != b {
							t.Errorf("one View saw %d and %d rows", a, b)
						}
						return err
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
	}, things)
}
