package table

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table/tabletest"
)

const hostile = "id,name,amount,at\n" +
	"1,=HYPERLINK(\"http://x\"),-5.5,17.25\n" +
	"2,\"+1 and, \"\"more\"\"\",7,\n" +
	"3,@SUM(A1),-3,1\n" +
	"4,-dash,1.25,2\n" +
	"5,<script>alert(1)</script>,0,3\n" +
	"6,Garífuna,1,4\n"

func export(t *testing.T, v *Version, f Format, q Query) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := v.Export(context.Background(), &out, f, q); err != nil {
		t.Fatalf("%s: %v", f, err)
	}
	return out.Bytes()
}

func parseCSV(t *testing.T, text []byte) [][]string {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestExportsGuardFormulas: what a spreadsheet would run is made harmless for
// people and left alone for machines; negative numbers stay numbers.
func TestExportsGuardFormulas(t *testing.T) {
	dir, _ := build(t, csvFile(t, hostile), Options{})
	lib := NewLibrary(Limits{Temp: t.TempDir()})
	defer lib.Close()
	v := opened(t, lib, dir)
	raw, safe := parseCSV(t, export(t, v, CSV, Query{})), parseCSV(t, export(t, v, SheetCSV, Query{}))
	for i, want := range []string{`=HYPERLINK("http://x")`, `+1 and, "more"`, "@SUM(A1)", "-dash", "<script>alert(1)</script>", "Garífuna"} {
		if raw[i+1][1] != want {
			t.Errorf("machine CSV: %q, want %q", raw[i+1][1], want)
		}
		if i < 4 {
			want = "'" + want
		}
		if safe[i+1][1] != want {
			t.Errorf("sheet CSV: %q, want %q", safe[i+1][1], want)
		}
	}
	if safe[1][2] != "-5.5" || raw[2][3] != "" {
		t.Errorf("numbers: %q, missing: %q", safe[1][2], raw[2][3])
	}
	book, err := excelize.OpenReader(bytes.NewReader(export(t, v, XLSX, Query{})))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for cell, want := range map[string]string{"B2": `=HYPERLINK("http://x")`, "C2": "-5.5", "B7": "Garífuna", "D1": "at"} {
		formula, err1 := book.GetCellFormula("Sheet1", cell)
		value, err2 := book.GetCellValue("Sheet1", cell)
		if err1 != nil || err2 != nil || formula != "" || value != want {
			t.Errorf("XLSX %s: %q, formula %q, %v %v", cell, value, formula, err1, err2)
		}
	}
}

// TestExportsAgree takes the same query in every format.
func TestExportsAgree(t *testing.T) {
	path := requestsFile(t, 12_345, tabletest.Spoil{Ragged: 5})
	o := readOracle(t, path)
	dir, m := build(t, path, Options{})
	temp := t.TempDir()
	lib := NewLibrary(Limits{Temp: temp})
	defer lib.Close()
	f := Compare{"district", "=", "Cayo"}
	want := len(o.ids(f, nil))
	for _, state := range []string{"pending", "ready"} {
		v := opened(t, lib, dir)
		q := Query{Filter: f, Select: []string{"id", "cost", "district"}, Sort: []Sort{{"cost", true}}}
		sum := checkCSV(t, export(t, v, CSV, q), want)
		checkJSON(t, v, q, want)
		checkGeoJSON(t, export(t, v, GeoJSON, q), want)
		checkParquet(t, export(t, v, Parquet, q), want, sum)
		if all := parseCSV(t, export(t, v, CSV, Query{})); len(all) != 12_346 || len(all[0]) != len(m.Columns) {
			t.Errorf("%s: all rows: %d lines", state, len(all))
		}
		if n := len(parseCSV(t, export(t, v, CSV, Query{Limit: 17}))); n != 18 {
			t.Errorf("%s: a limit of 17 gives %d lines", state, n)
		}
		if err := Derive(context.Background(), dir, nil); err != nil {
			t.Fatal(err)
		}
	}
	checkParquet(t, export(t, opened(t, lib, dir), Parquet, Query{}), 12_345, -1)
	if left, _ := filepath.Glob(filepath.Join(temp, "export-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := opened(t, lib, dir).Export(context.Background(), &bytes.Buffer{}, "exe", Query{}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("unknown format: %v", err)
	}
}

// checkCSV returns the first cost, the highest.
func checkCSV(t *testing.T, text []byte, want int) float64 {
	t.Helper()
	all := parseCSV(t, text)
	if len(all) != want+1 || strings.Join(all[0], ",") != "id,cost,district" {
		t.Fatalf("CSV: %d lines, want %d, header %v", len(all), want+1, all[0])
	}
	var top float64
	if err := json.Unmarshal([]byte(all[1][1]), &top); err != nil {
		t.Fatal(err)
	}
	return top
}

func checkJSON(t *testing.T, v *Version, q Query, want int) {
	t.Helper()
	var list []map[string]any
	if err := json.Unmarshal(export(t, v, AsJSON, q), &list); err != nil || len(list) != want || list[0]["district"] != "Cayo" {
		t.Errorf("JSON: %d, %v", len(list), err)
	}
	dec, n := json.NewDecoder(bytes.NewReader(export(t, v, NDJSON, q))), 0
	for dec.More() {
		var one map[string]any
		if err := dec.Decode(&one); err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != want {
		t.Errorf("NDJSON: %d rows, want %d", n, want)
	}
	q.Filter = Compare{"id", "<", 0}
	if err := json.Unmarshal(export(t, v, AsJSON, q), &list); err != nil || len(list) != 0 {
		t.Errorf("empty JSON: %v, %d rows", err, len(list))
	}
}

func checkGeoJSON(t *testing.T, text []byte, want int) {
	t.Helper()
	var c struct {
		Type     string
		Features []struct {
			ID       int64
			Geometry *struct{ Coordinates []float64 }
			Props    map[string]any `json:"properties"`
		}
	}
	if err := json.Unmarshal(text, &c); err != nil || c.Type != "FeatureCollection" || len(c.Features) != want {
		t.Fatalf("GeoJSON: %s, %d features, want %d, %v", c.Type, len(c.Features), want, err)
	}
	for _, x := range c.Features {
		if x.Geometry == nil || x.Geometry.Coordinates[0] > -87 || x.Geometry.Coordinates[1] < 15 || len(x.Props) != 3 || x.Props["id"] != float64(x.ID) {
			t.Fatalf("feature %+v", x)
		}
	}
}

// checkParquet lets DuckDB read the file.
func checkParquet(t *testing.T, file []byte, want int, top float64) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.parquet")
	if err := os.WriteFile(path, file, 0o644); err != nil {
		t.Fatal(err)
	}
	dir, _ := build(t, csvFile(t, "a\n1\n"), Options{})
	db, err := openDuck(filepath.Join(dir, RowsFile), engineLimits{memoryMB: 100, threads: 1, temp: t.TempDir()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	var first float64
	if err := db.QueryRow("SELECT count(*), max(cost) FROM read_parquet("+quoteText(path)+")").Scan(&n, &first); err != nil || n != want || top >= 0 && first != top {
		t.Errorf("Parquet: %d rows, want %d; highest %v, want %v; %v", n, want, first, top, err)
	}
}

// TestSheetIsAZip makes sure that a large sheet comes out whole.
func TestSheetIsAZip(t *testing.T) {
	dir, _ := build(t, requestsFile(t, 7000, tabletest.Spoil{}), Options{})
	lib := NewLibrary(Limits{})
	defer lib.Close()
	out := export(t, opened(t, lib, dir), XLSX, Query{Select: []string{"id", "reported_on"}})
	if _, err := zip.NewReader(bytes.NewReader(out), int64(len(out))); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if v, err := book.GetCellValue("Sheet1", "A7001"); err != nil || v != "7000" {
		t.Errorf("last row: %q, %v", v, err)
	}
}

// TestRebuildGivesTheSameRows is T30.
func TestRebuildGivesTheSameRows(t *testing.T) {
	path := requestsFile(t, 30_000, tabletest.Spoil{Ragged: 3, NA: 4})
	dir, first := build(t, path, Options{})
	_, second := build(t, path, Options{})
	again, err := Rehash(context.Background(), dir)
	if err != nil || first.Digest != second.Digest || again != first.Digest {
		t.Errorf("built %s, rebuilt %s, read again %s, %v", first.Digest, second.Digest, again, err)
	}
	_, other := build(t, requestsFile(t, 30_000, tabletest.Spoil{Ragged: 3, NA: 5}), Options{})
	if other.Digest == first.Digest {
		t.Error("another file has the same digest")
	}
}

// TestDeriveGoesOn kills a derivation between two files and in a file.
func TestDeriveGoesOn(t *testing.T) {
	dir, _ := build(t, requestsFile(t, 3000, tabletest.Spoil{}), Options{})
	ctx, cancel := context.WithCancel(context.Background())
	err := Derive(ctx, dir, func(s Step) {
		if s.Stage == "table.stage.words" {
			cancel()
		}
	})
	if err == nil {
		t.Fatal("a cancelled derivation succeeded")
	}
	m, err := ReadManifest(dir)
	if err != nil || m.Ready(LookupFile) {
		t.Fatalf("look-ups ready %v, %v", m.Ready(LookupFile), err)
	}
	os.WriteFile(filepath.Join(dir, LookupFile+".new"), []byte("half"), 0o644)
	if err := Derive(context.Background(), dir, nil); err != nil {
		t.Fatal(err)
	}
	before, _ := os.Stat(filepath.Join(dir, LookupFile))
	if err := Derive(context.Background(), dir, nil); err != nil {
		t.Fatal(err)
	}
	after, _ := os.Stat(filepath.Join(dir, LookupFile))
	if !before.ModTime().Equal(after.ModTime()) {
		t.Error("a finished derivation was done again")
	}
	if m, _ := ReadManifest(dir); !m.Ready(LookupFile) || !m.Ready(ParquetFile) || !m.Ready(CSVFile) {
		t.Errorf("derived: %v", m.Derived)
	}
}
