package derive_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/derive"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/table/tabletest"
	"ceiba/internal/service/table/versiontest"
)

// TestPackedTreeIsSound lets SQLite check the R*Tree that we wrote by hand.
func TestPackedTreeIsSound(t *testing.T) {
	for _, n := range []int{1, 51, 52, 2_602, 20_000} {
		dir, m := versiontest.Derived(t, n)
		db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, table.LookupFile)+"?mode=ro&immutable=1")
		if err != nil {
			t.Fatal(err)
		}
		var verdict string
		if err := db.QueryRow("SELECT rtreecheck('box')").Scan(&verdict); err != nil || verdict != "ok" {
			t.Errorf("%d rows: %s %v", n, verdict, err)
		}
		var rows, boxes int64
		if err := db.QueryRow("SELECT (SELECT count(*) FROM rows), (SELECT count(*) FROM box)").Scan(&rows, &boxes); err != nil || rows != int64(n) || boxes != m.Extent.Rows {
			t.Errorf("%d rows: %d in the file, %d of %d in the tree, %v", n, rows, boxes, m.Extent.Rows, err)
		}
		db.Close()
	}
}

// TestDeriveGoesOn kills a derivation between two files and in a file.
func TestDeriveGoesOn(t *testing.T) {
	dir, _ := versiontest.Build(t, tabletest.RequestsFile(t, 3000, tabletest.Spoil{}), profile.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	err := derive.Files(ctx, dir, func(s table.Step) {
		if s.Stage == "table.stage.words" {
			cancel()
		}
	})
	if err == nil {
		t.Fatal("a cancelled derivation succeeded")
	}
	m, err := table.ReadManifest(dir)
	if err != nil || m.Ready(table.LookupFile) {
		t.Fatalf("look-ups ready %v, %v", m.Ready(table.LookupFile), err)
	}
	os.WriteFile(filepath.Join(dir, table.LookupFile+".new"), []byte("half"), 0o644)
	if err := derive.Files(context.Background(), dir, nil); err != nil {
		t.Fatal(err)
	}
	before, _ := os.Stat(filepath.Join(dir, table.LookupFile))
	if err := derive.Files(context.Background(), dir, nil); err != nil {
		t.Fatal(err)
	}
	after, _ := os.Stat(filepath.Join(dir, table.LookupFile))
	if !before.ModTime().Equal(after.ModTime()) {
		t.Error("a finished derivation was done again")
	}
	if m, _ := table.ReadManifest(dir); !m.Ready(table.LookupFile) || !m.Ready(table.ParquetFile) || !m.Ready(table.CSVFile) {
		t.Errorf("derived: %v", m.Derived)
	}
}
