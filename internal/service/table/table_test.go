package table

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table/tabletest"
)

// requestsFile writes a file of n service requests.
func requestsFile(t testing.TB, n int, spoil tabletest.Spoil) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "requests.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := tabletest.Requests(f, n, spoil); err != nil {
		t.Fatal(err)
	}
	return path
}

// build profiles and builds a file into a new folder.
func build(t testing.TB, path string, opts Options) (string, *Manifest) {
	t.Helper()
	p, err := ProfileFile(context.Background(), path, opts, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "version")
	m, err := Build(context.Background(), path, p, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return dir, m
}

// TestOneRaggedRowAndOneNullWord is T4: neither loses a row, a column its
// type, or goes unsaid.
func TestOneRaggedRowAndOneNullWord(t *testing.T) {
	dir, m := build(t, requestsFile(t, 100_000, tabletest.Spoil{Ragged: 50_000, NA: 70_000}), Options{})
	if m.Rows != 100_000 || m.Rejects.Total != 2 {
		t.Fatalf("%d rows, rejects %+v", m.Rows, m.Rejects)
	}
	got, err := readRejects(filepath.Join(dir, RejectsFile), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Row != 50_000 || got[0].Line != 50_001 || got[0].Column != "" {
		t.Errorf("ragged row: %+v", got)
	}
	if want := (Reject{Line: 70_001, Row: 70_000, Column: "created_at", Code: CodeNullWord, Value: "N/A"}); got[1] != want {
		t.Errorf("null word: %+v, want %+v", got[1], want)
	}
	want := []Type{Integer, Timestamp, Date, District, Text, Text, Text, Integer, Number, Latitude, Longitude, Text}
	for i, c := range m.Columns {
		if c.Type != want[i] {
			t.Errorf("%s is %s, want %s", c.Name, c.Type, want[i])
		}
	}
	if m.Key != "id" || m.Geo == nil || m.Geo.Lat != "lat" || m.Stats[1].Nulls != 1 || m.Stats[11].Nulls != 1 {
		t.Errorf("key %q, geo %+v, nulls %d and %d", m.Key, m.Geo, m.Stats[1].Nulls, m.Stats[11].Nulls)
	}
}

// TestBuildIsAllOrNothing cancels a build and kills another in the middle.
func TestBuildIsAllOrNothing(t *testing.T) {
	path := requestsFile(t, 20_000, tabletest.Spoil{})
	p, err := ProfileFile(context.Background(), path, Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "version")
	ctx, cancel := context.WithCancel(context.Background())
	_, err = Build(ctx, path, p, dir, func(s Step) {
		if s.Done > 0 {
			cancel()
		}
	})
	if err == nil {
		t.Fatal("a cancelled build succeeded")
	}
	if left, _ := filepath.Glob(dir + "*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := os.MkdirAll(dir+".building", 0o755); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(dir+".building", RowsFile), []byte("half a file"), 0o644)
	if _, err := ReadManifest(dir + ".building"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("half a version is visible: %v", err)
	}
	m, err := Build(context.Background(), path, p, dir, nil)
	if err != nil || m.Rows != 20_000 {
		t.Fatalf("build after a kill: %v", err)
	}
	if _, err := Build(context.Background(), path, p, dir, nil); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second build on the same version: %v", err)
	}
}

// derived builds and derives n service requests.
func derived(t testing.TB, n int) (string, *Manifest) {
	t.Helper()
	dir, _ := build(t, requestsFile(t, n, tabletest.Spoil{}), Options{})
	if err := Derive(context.Background(), dir, nil); err != nil {
		t.Fatal(err)
	}
	m, err := ReadManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, m
}

// TestPackedTreeIsSound lets SQLite check the R*Tree that we wrote by hand.
func TestPackedTreeIsSound(t *testing.T) {
	for _, n := range []int{1, 51, 52, 2_602, 20_000} {
		dir, m := derived(t, n)
		db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, LookupFile)+"?mode=ro&immutable=1")
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
