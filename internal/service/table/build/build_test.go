package build_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/build"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/table/query"
	"ceiba/internal/service/table/tabletest"
	"ceiba/internal/service/table/versiontest"
)

// TestOneRaggedRowAndOneNullWord is T4: neither loses a row, a column its
// type, or goes unsaid.
func TestOneRaggedRowAndOneNullWord(t *testing.T) {
	dir, m := versiontest.Build(t, tabletest.RequestsFile(t, 100_000, tabletest.Spoil{Ragged: 50_000, NA: 70_000}), profile.Options{})
	if m.Rows != 100_000 || m.Rejects.Total != 2 {
		t.Fatalf("%d rows, rejects %+v", m.Rows, m.Rejects)
	}
	got, err := table.ReadRejects(filepath.Join(dir, table.RejectsFile), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Row != 50_000 || got[0].Line != 50_001 || got[0].Column != "" {
		t.Errorf("ragged row: %+v", got)
	}
	if want := (table.Reject{Line: 70_001, Row: 70_000, Column: "created_at", Code: table.CodeNullWord, Value: "N/A"}); got[1] != want {
		t.Errorf("null word: %+v, want %+v", got[1], want)
	}
	want := []table.Type{table.Integer, table.Timestamp, table.Date, table.District, table.Text, table.Text, table.Text, table.Integer, table.Number, table.Latitude, table.Longitude, table.Text}
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
	path := tabletest.RequestsFile(t, 20_000, tabletest.Spoil{})
	p, err := profile.File(context.Background(), path, profile.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "version")
	ctx, cancel := context.WithCancel(context.Background())
	_, err = build.Version(ctx, path, p, dir, func(s table.Step) {
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
	os.WriteFile(filepath.Join(dir+".building", table.RowsFile), []byte("half a file"), 0o644)
	if _, err := table.ReadManifest(dir + ".building"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("half a version is visible: %v", err)
	}
	m, err := build.Version(context.Background(), path, p, dir, nil)
	if err != nil || m.Rows != 20_000 {
		t.Fatalf("build after a kill: %v", err)
	}
	if _, err := build.Version(context.Background(), path, p, dir, nil); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second build on the same version: %v", err)
	}
}

// TestMessyFileIsTyped is T5: windows-1252, semicolons, decimal commas and
// days first.
func TestMessyFileIsTyped(t *testing.T) {
	path := tabletest.File(t, "A\xf1o;Monto;Fecha;Se\xf1al\n2024;1.234,50;25/12/2024;ca\xf1a\n2025;7,25;03/04/2025;\xe1rbol\n2026;10,00;01/02/2026;sol\n")
	dir, m := versiontest.Build(t, path, profile.Options{})
	lib := query.NewLibrary(query.Limits{})
	defer lib.Close()
	page, err := openBuilt(t, lib, dir).Rows(context.Background(), query.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []any{int64(2024), 1234.5, "2024-12-25", "caña"}; !reflect.DeepEqual(page.Rows[0].Cells, want) {
		t.Errorf("%v, want %v", page.Rows[0].Cells, want)
	}
	if m.Columns[0].Label != "Año" || m.Columns[2].Type != table.Date || page.Rows[1].Cells[2] != "2025-04-03" {
		t.Errorf("%+v %v", m.Columns, page.Rows[1].Cells)
	}
}

// TestRebuildGivesTheSameRows is T30.
func TestRebuildGivesTheSameRows(t *testing.T) {
	path := tabletest.RequestsFile(t, 30_000, tabletest.Spoil{Ragged: 3, NA: 4})
	dir, first := versiontest.Build(t, path, profile.Options{})
	_, second := versiontest.Build(t, path, profile.Options{})
	again, err := build.Rehash(context.Background(), dir)
	if err != nil || first.Digest != second.Digest || again != first.Digest {
		t.Errorf("built %s, rebuilt %s, read again %s, %v", first.Digest, second.Digest, again, err)
	}
	_, other := versiontest.Build(t, tabletest.RequestsFile(t, 30_000, tabletest.Spoil{Ragged: 3, NA: 5}), profile.Options{})
	if other.Digest == first.Digest {
		t.Error("another file has the same digest")
	}
}

func openBuilt(t testing.TB, lib *query.Library, dir string) *query.Version {
	t.Helper()
	v, err := lib.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
