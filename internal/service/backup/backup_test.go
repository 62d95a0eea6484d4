package backup_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/backup"
	"ceiba/internal/service/blob"
)

func store(t *testing.T) *blob.Store {
	t.Helper()
	s, err := blob.Open(t.Context(), t.TempDir(), blob.CacheIn(t.TempDir(), 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func write(t *testing.T, d *db.DB, b *blob.Store) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := backup.Write(t.Context(), d, b, "test", &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func read(ctx context.Context, d *db.DB, b *blob.Store, file []byte) error {
	_, err := backup.Read(ctx, d, b, bytes.NewReader(file), int64(len(file)))
	return err
}

// A site moves from SQLite to PostgreSQL and back, and every event still reads
// the same.
func TestThereAndBack(t *testing.T) {
	ctx := t.Context()
	lite, pg, home := dbtest.Open(t, dbtest.SQLite(t), activity.Schema), dbtest.Open(t, dbtest.Postgres(t), activity.Schema), dbtest.Open(t, dbtest.SQLite(t), activity.Schema)
	b1, b2, b3 := store(t), store(t), store(t)
	ref, err := b1.Put(ctx, strings.NewReader("a file"), blob.PutOptions{Ours: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, note := range []string{"one", "ñandú \"quoted\" <b>", strings.Repeat("long ", 1000)} {
		if err := lite.Update(ctx, func(tx *db.Tx) error {
			_, err := activity.Append(ctx, tx, activity.Entry{Actor: "p", Verb: "thing.made", Kind: "thing", Record: "t", Public: true, Note: note})
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	events := func(d *db.DB) (all []string) {
		d.View(ctx, func(tx *db.Tx) error {
			es, err := activity.Since(ctx, tx, 0, 10)
			for _, e := range es {
				all = append(all, string(e.Envelope())+e.Note)
			}
			return err
		})
		return all
	}
	if err := read(ctx, pg, b2, write(t, lite, b1)); err != nil {
		t.Fatal(err)
	}
	if err := read(ctx, home, b3, write(t, pg, b2)); err != nil {
		t.Fatal(err)
	}
	if a, b := strings.Join(events(lite), "\n"), strings.Join(events(home), "\n"); a != b || len(a) < 5000 {
		t.Errorf("changed on the way:\n%s\n%s", a, b)
	}
	if _, err := b3.Stat(ctx, ref.SHA256); err != nil {
		t.Errorf("the file: %v", err)
	}
}

func TestReadRefuses(t *testing.T) {
	ctx := t.Context()
	d, b := dbtest.Open(t, dbtest.SQLite(t), activity.Schema), store(t)
	if _, err := b.Put(ctx, strings.NewReader("MARKER"), blob.PutOptions{Ours: true}); err != nil {
		t.Fatal(err)
	}
	if err := d.Update(ctx, func(tx *db.Tx) error {
		_, err := activity.Append(ctx, tx, activity.Entry{Actor: "p", Verb: "thing.made", Kind: "thing", Record: "t"})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	good := write(t, d, b)
	empty := func() *db.DB { return dbtest.Open(t, dbtest.SQLite(t), activity.Schema) }
	for name, x := range map[string]struct {
		d    *db.DB
		file []byte
	}{
		"backup.not_one":   {empty(), []byte("no zip")},
		"backup.not_empty": {d, good},
		"backup.damaged":   {empty(), bytes.Replace(good, []byte("MARKER"), []byte("MURKER"), 1)},
	} {
		err := read(ctx, x.d, store(t), x.file)
		if err == nil || !strings.Contains(err.Error(), name) && fault.KindOf(err) != fault.Invalid && !strings.Contains(err.Error(), "checksum") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := read(ctx, empty(), store(t), good[:len(good)/2]); err == nil {
		t.Error("half a backup passes")
	}
}
