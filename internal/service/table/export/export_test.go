package export

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
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/derive"
	"ceiba/internal/service/table/filter"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/table/query"
	"ceiba/internal/service/table/stored"
	"ceiba/internal/service/table/tabletest"
	"ceiba/internal/service/table/versiontest"
)

const hostile = "id,name,amount,at\n" +
	"1,=HYPERLINK(\"http://x\"),-5.5,17.25\n" +
	"2,\"+1 and, \"\"more\"\"\",7,\n" +
	"3,@SUM(A1),-3,1\n" +
	"4,-dash,1.25,2\n" +
	"5,<script>alert(1)</script>,0,3\n" +
	"6,Garífuna,1,4\n"

func export(t *testing.T, v *query.Version, f Format, q query.Query) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Rows(context.Background(), &out, v, f, q); err != nil {
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
	dir, _ := versiontest.Build(t, tabletest.File(t, hostile), profile.Options{})
	lib := query.NewLibrary(query.Limits{Temp: t.TempDir()})
	defer lib.Close()
	v := openVersion(t, lib, dir)
	raw, safe := parseCSV(t, export(t, v, CSV, query.Query{})), parseCSV(t, export(t, v, SheetCSV, query.Query{}))
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
	book, err := excelize.OpenReader(bytes.NewReader(export(t, v, XLSX, query.Query{})))
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
	path := tabletest.RequestsFile(t, 12_345, tabletest.Spoil{Ragged: 5})
	dir, m := versiontest.Build(t, path, profile.Options{})
	temp := t.TempDir()
	lib := query.NewLibrary(query.Limits{Temp: temp})
	defer lib.Close()
	f := filter.Compare{Column: "district", Op: "=", Value: "Cayo"}
	want := linesWith(t, path, ",Cayo,")
	for _, state := range []string{"pending", "ready"} {
		v := openVersion(t, lib, dir)
		q := query.Query{Filter: f, Select: []string{"id", "cost", "district"}, Sort: []query.Sort{{Column: "cost", Desc: true}}}
		sum := checkCSV(t, export(t, v, CSV, q), want)
		checkJSON(t, v, q, want)
		checkGeoJSON(t, export(t, v, GeoJSON, q), want)
		checkParquet(t, export(t, v, Parquet, q), want, sum)
		if all := parseCSV(t, export(t, v, CSV, query.Query{})); len(all) != 12_346 || len(all[0]) != len(m.Columns) {
			t.Errorf("%s: all rows: %d lines", state, len(all))
		}
		if n := len(parseCSV(t, export(t, v, CSV, query.Query{Limit: 17}))); n != 18 {
			t.Errorf("%s: a limit of 17 gives %d lines", state, n)
		}
		if err := derive.Files(context.Background(), dir, nil); err != nil {
			t.Fatal(err)
		}
	}
	checkParquet(t, export(t, openVersion(t, lib, dir), Parquet, query.Query{}), 12_345, -1)
	if left, _ := filepath.Glob(filepath.Join(temp, "export-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := Rows(context.Background(), &bytes.Buffer{}, openVersion(t, lib, dir), "exe", query.Query{}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("unknown format: %v", err)
	}
}

// linesWith counts the lines of a file that hold s.
func linesWith(t *testing.T, path, s string) (n int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, s) {
			n++
		}
	}
	return n
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

func checkJSON(t *testing.T, v *query.Version, q query.Query, want int) {
	t.Helper()
	var list []map[string]any
	if err := json.Unmarshal(export(t, v, JSON, q), &list); err != nil || len(list) != want || list[0]["district"] != "Cayo" {
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
	q.Filter = filter.Compare{Column: "id", Op: "<", Value: 0}
	if err := json.Unmarshal(export(t, v, JSON, q), &list); err != nil || len(list) != 0 {
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
	dir, _ := versiontest.Build(t, tabletest.File(t, "a\n1\n"), profile.Options{})
	db, err := stored.OpenDuck(filepath.Join(dir, table.RowsFile), stored.Limits{MemoryMB: 100, Threads: 1, Temp: t.TempDir()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	var first float64
	if err := db.QueryRow("SELECT count(*), max(cost) FROM read_parquet("+stored.QuoteText(path)+")").Scan(&n, &first); err != nil || n != want || top >= 0 && first != top {
		t.Errorf("Parquet: %d rows, want %d; highest %v, want %v; %v", n, want, first, top, err)
	}
}

// TestSheetIsAZip makes sure that a large sheet comes out whole.
func TestSheetIsAZip(t *testing.T) {
	dir, _ := versiontest.Build(t, tabletest.RequestsFile(t, 7000, tabletest.Spoil{}), profile.Options{})
	lib := query.NewLibrary(query.Limits{})
	defer lib.Close()
	out := export(t, openVersion(t, lib, dir), XLSX, query.Query{Select: []string{"id", "reported_on"}})
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

func openVersion(t testing.TB, lib *query.Library, dir string) *query.Version {
	t.Helper()
	v, err := lib.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
