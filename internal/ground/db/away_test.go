package db_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
)

// A connection that ends is the database being away, for the statement that
// saw it and for those after it; the next transaction has another connection.
func TestConnectionEnds(t *testing.T) {
	d := dbtest.Open(t, dbtest.Postgres(t), things)
	ctx := t.Context()
	first := d.Update(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`); !errors.Is(err, db.ErrAway) {
			t.Errorf("the statement that saw it: %v, want ErrAway", err)
		}
		_, err := tx.Exec(ctx, `INSERT INTO thing (id) VALUES ('lost')`)
		return err
	})
	if !errors.Is(first, db.ErrAway) || errors.Is(first, db.ErrDoubt) {
		t.Errorf("the statement after it: %v, want ErrAway and no doubt", first)
	}
	if err := exec(t, d, `INSERT INTO thing (id) VALUES ('next')`); err != nil {
		t.Errorf("the next transaction: %v", err)
	}
}

// Connections that ended while nobody used them are ErrAway at most, whatever
// the driver notices first.
func TestIdleConnectionsEnd(t *testing.T) {
	url := ownPostgres(t)
	d, other := dbtest.Open(t, url, things), dbtest.Open(t, url)
	for range 50 {
		if err := exec(t, d, `SELECT 1`); err != nil && !errors.Is(err, db.ErrAway) {
			t.Fatalf("%v, want ErrAway", err)
		}
		endOthers(t, other, `query NOT LIKE 'LISTEN%'`)
	}
}

// A COMMIT without an answer is in doubt: it must not be told as a write that
// was not made.
func TestCommitInDoubt(t *testing.T) {
	d := dbtest.Open(t, dbtest.Postgres(t), things)
	for _, q := range []string{
		`CREATE FUNCTION fall() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'`,
		`CREATE CONSTRAINT TRIGGER falls AFTER INSERT ON thing DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fall()`,
	} {
		if err := exec(t, d, q); err != nil {
			t.Fatal(err)
		}
	}
	err := exec(t, d, `INSERT INTO thing (id) VALUES ('a')`)
	if !errors.Is(err, db.ErrDoubt) || !errors.Is(err, db.ErrAway) {
		t.Errorf("%v, want ErrDoubt, which is an ErrAway", err)
	}
}

// Whoever waits for news looks again once the connection that brings them is
// back: what came in between was missed.
func TestWakeAfterAway(t *testing.T) {
	url := ownPostgres(t)
	d, other := dbtest.Open(t, url, things), dbtest.Open(t, url)
	woken, end := d.Waiting("news")
	defer end()
	listening := func() bool { return endOthers(t, other, `query LIKE 'LISTEN%'`) > 0 }
	for range 200 {
		if listening() {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	for len(woken) > 0 {
		<-woken
	}
	select {
	case <-woken:
	case <-time.After(30 * time.Second):
		t.Error("nobody looks again")
	}
}

// ownPostgres is a schema whose connections carry a name of their own, for other
// tests use the same server.
func ownPostgres(t *testing.T) string {
	t.Helper()
	return dbtest.Postgres(t) + "&application_name=away" + strings.ToLower(rand.Text())
}

// endOthers ends the other connections of this test that a condition names, and
// returns how many there were.
func endOthers(t *testing.T, d *db.DB, which string) (n int) {
	t.Helper()
	if err := d.View(t.Context(), func(tx *db.Tx) (err error) {
		n, err = db.Get(t.Context(), tx, db.One[int], `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE pid <> pg_backend_pid() AND application_name = current_setting('application_name') AND application_name LIKE 'away%' AND `+which)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}
