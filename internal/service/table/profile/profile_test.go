package profile_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/needtest"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/build"
	"ceiba/internal/service/table/derive"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/table/query"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/tabletest"
	"ceiba/internal/service/table/versiontest"
)

// profiled profiles one column, given by its cells.
func profiled(t *testing.T, name string, cells []string, d profile.Declared) (*profile.Profile, string) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "row,%s\n", name)
	for i, c := range cells {
		fmt.Fprintf(&b, "r%d,\"%s\"\n", i, strings.ReplaceAll(c, `"`, `""`))
	}
	path := tabletest.File(t, b.String())
	p, err := profile.File(context.Background(), path, profile.Options{Source: source.Options{HeaderRow: 1}, Declared: map[string]profile.Declared{name: d}}, nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return p, path
}

// TestTypes reads columns as people write them. want holds the first cell as
// it comes out.
func TestTypes(t *testing.T) {
	yes := true
	for i, x := range []struct {
		name  string
		cells []string
		d     profile.Declared
		typ   table.Type
		want  any
		note  string
	}{
		{"n", []string{"1", "2", "30"}, profile.Declared{}, table.Integer, int64(1), ""},
		{"n", []string{"1,234", "5", "1,000,000"}, profile.Declared{}, table.Integer, int64(1234), ""},
		{"n", []string{"1.5", "2", "-3"}, profile.Declared{}, table.Number, 1.5, ""},
		{"n", []string{"2.345,10", "1,5", "7"}, profile.Declared{}, table.Number, 2345.1, ""},
		{"n", []string{"1,234.5", "(12.00)"}, profile.Declared{}, table.Number, 1234.5, ""},
		{"n", []string{"(12.00)", "+3", "1e3"}, profile.Declared{}, table.Number, -12.0, ""},
		{"n", []string{"BZ$1,200.50", "$ 3", "BZ$-4"}, profile.Declared{}, table.Number, 1200.5, ""},
		{"n", []string{"$5", "€6"}, profile.Declared{}, table.Text, "$5", "table.note.mixed_units"},
		{"n", []string{"12.5%", "100 %"}, profile.Declared{}, table.Number, 12.5, ""},
		{"n", []string{"1 234 567", "12"}, profile.Declared{}, table.Integer, int64(1234567), ""},
		{"n", []string{"1,234", "5,678"}, profile.Declared{}, table.Integer, int64(1234), "table.note.ambiguous_numbers"},
		{"n", []string{"1,234", "5,678"}, profile.Declared{DecimalComma: &yes}, table.Number, 1.234, ""},
		{"code", []string{"007", "012", "100"}, profile.Declared{}, table.Text, "007", "table.note.leading_zeros"},
		{"code", []string{"007", "012"}, profile.Declared{Type: table.Integer}, table.Integer, int64(7), ""},
		{"n", []string{"1234567890123456789012", "1"}, profile.Declared{}, table.Text, "1234567890123456789012", ""},
		{"ok", []string{"yes", "No", "YES"}, profile.Declared{}, table.Boolean, true, ""},
		{"ok", []string{"sí", "no"}, profile.Declared{}, table.Boolean, true, ""},
		{"ok", []string{"no", "no"}, profile.Declared{}, table.Text, "no", ""},
		{"d", []string{"2026-03-04", "2020-02-29"}, profile.Declared{}, table.Date, "2026-03-04", ""},
		{"d", []string{"25/12/2025", "03/04/2026"}, profile.Declared{}, table.Date, "2025-12-25", ""},
		{"d", []string{"12/25/2025", "03/04/2026"}, profile.Declared{}, table.Date, "2025-12-25", ""},
		{"d", []string{"03/04/2026", "05/06/2026"}, profile.Declared{}, table.Date, "2026-04-03", "table.note.ambiguous_dates"},
		{"d", []string{"03/04/2026", "05/06/2026"}, profile.Declared{DayFirst: new(bool)}, table.Date, "2026-03-04", ""},
		{"d", []string{"12 Jan 2026", "3 ago 2025"}, profile.Declared{}, table.Date, "2026-01-12", ""},
		{"d", []string{"January 12, 2026", "Feb 3, 2025"}, profile.Declared{}, table.Date, "2026-01-12", ""},
		{"d", []string{"1/2/99", "31/12/05"}, profile.Declared{}, table.Date, "1999-02-01", ""},
		{"d", []string{"2026-01-02 00:00:00", "2026-01-03 00:00:00"}, profile.Declared{}, table.Date, "2026-01-02", ""},
		{"t", []string{"2026-01-02 03:04:05", "2026-01-03"}, profile.Declared{}, table.Timestamp, "2026-01-02T03:04:05", ""},
		{"t", []string{"2026-01-02T03:04:05-06:00"}, profile.Declared{}, table.Timestamp, "2026-01-02T09:04:05Z", ""},
		{"t", []string{"25/12/2025 3:04 PM"}, profile.Declared{}, table.Timestamp, "2025-12-25T15:04:00", ""},
		{"t", []string{"08:30", "23:59:59.5"}, profile.Declared{}, table.Time, "08:30:00", ""},
		{"place", []string{"17.25, -88.77", "(16.1 -88.8)"}, profile.Declared{}, table.Point, "17.25, -88.77", ""},
		{"district", []string{"Belize District", "BZ-CY", "Stan Creek"}, profile.Declared{}, table.District, "Belize", "table.note.district_spelling"},
		{"country", []string{"Belize", "Belize"}, profile.Declared{}, table.Text, "Belize", ""},
		{"shape", []string{`{"type":"Point","coordinates":[-88.5,17.2]}`}, profile.Declared{}, table.Geometry, `{"type":"Point","coordinates":[-88.5,17.2]}`, ""},
		{"j", []string{`{"a":1}`, "[1,2]"}, profile.Declared{}, table.JSON, `{"a":1}`, ""},
		{"u", []string{"https://example.org/a", "http://example.org"}, profile.Declared{}, table.URL, "https://example.org/a", ""},
		{"x", []string{"pothole", "5"}, profile.Declared{}, table.Text, "pothole", ""},
		{"x", []string{"5", "6"}, profile.Declared{Type: table.Text}, table.Text, "5", ""},
		{"n", []string{"5", "N/A", "-"}, profile.Declared{}, table.Integer, int64(5), "table.note.null_words"},
	} {
		t.Run(fmt.Sprintf("%d %s", i, x.cells[0]), func(t *testing.T) {
			p, path := profiled(t, x.name, x.cells, x.d)
			c := p.Columns[1]
			if c.Type != x.typ {
				t.Fatalf("%s, want %s: %+v", c.Type, x.typ, c)
			}
			notes := ""
			for _, n := range p.Notes {
				notes += n.Key + " "
			}
			if strings.TrimSpace(notes) != x.note {
				t.Errorf("notes %q, want %q", notes, x.note)
			}
			if got := firstCell(t, path, p); got != x.want {
				t.Errorf("%v (%T), want %v", got, got, x.want)
			}
		})
	}
}

func firstCell(t *testing.T, path string, p *profile.Profile) any {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "v")
	if _, err := build.Version(context.Background(), path, p, dir, nil); err != nil {
		t.Fatal(err)
	}
	lib := query.NewLibrary(query.Limits{})
	defer lib.Close()
	page, err := versionAt(t, lib, dir).Rows(context.Background(), query.Query{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	return page.Rows[0].Cells[1]
}

// TestRejectsAreCounted: bad cells and null words become rejects with their
// line, beyond the limits of a type the column is text, and a declared null
// word is no reject.
func TestRejectsAreCounted(t *testing.T) {
	cells := make([]string, 400)
	for i := range cells {
		cells[i] = fmt.Sprint(i)
	}
	cells[10], cells[20], cells[30] = "about 5", "N/A", "none"
	p, path := profiled(t, "n", cells, profile.Declared{})
	dir := filepath.Join(t.TempDir(), "v")
	m, err := build.Version(context.Background(), path, p, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := (map[string]int64{table.CodeBadValue: 1, table.CodeNullWord: 2}); m.Columns[1].Type != table.Integer || !reflect.DeepEqual(m.Rejects.Codes, want) || m.Stats[1].Nulls != 3 {
		t.Errorf("%s, rejects %+v, %d nulls", m.Columns[1].Type, m.Rejects, m.Stats[1].Nulls)
	}
	if got, err := table.ReadRejects(filepath.Join(dir, table.RejectsFile), 1, 1); err != nil || len(got) != 1 || got[0] != (table.Reject{Line: 22, Row: 21, Column: "n", Code: table.CodeNullWord, Value: "N/A"}) {
		t.Errorf("second reject %+v, %v", got, err)
	}
	if p, _ := profiled(t, "n", cells, profile.Declared{NullWords: []string{"N/A", "none"}}); p.Columns[1].Nulls != 0 || p.Columns[1].Misfit != 1 {
		t.Errorf("declared null words: %+v", p.Columns[1])
	}
	for i := range 10 {
		cells[i*7] = "word"
	}
	if p, _ := profiled(t, "n", cells, profile.Declared{}); p.Columns[1].Type != table.Text {
		t.Errorf("11 of 400 misfits: %s", p.Columns[1].Type)
	}
	if p, _ := profiled(t, "n", cells, profile.Declared{Type: table.Integer}); p.Columns[1].Type != table.Integer || p.Columns[1].Misfit != 11 {
		t.Errorf("declared with 11 misfits: %+v", p.Columns[1])
	}
}

func TestDeclarationsAreChecked(t *testing.T) {
	path := tabletest.File(t, "a,b\n1,1\n2,1\n")
	for name, o := range map[string]profile.Options{
		"unknown column": {Declared: map[string]profile.Declared{"c": {Type: table.Text}}},
		"unknown type":   {Declared: map[string]profile.Declared{"a": {Type: "magic"}}},
		"unknown key":    {Key: "c"},
		"unknown index":  {Index: []string{"c"}},
	} {
		if _, err := profile.File(context.Background(), path, o, nil); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, m := versiontest.Build(t, path, profile.Options{Key: "b"}); m.Key != "" || len(m.Notes) != 1 || m.Notes[0].Key != "table.note.key_repeats" {
		t.Errorf("a key that repeats: %q, %v", m.Key, m.Notes)
	}
}

// TestEveryFileOfTheCorpora profiles all real and messy tables at hand, and
// builds and derives some of each kind: none may fail but with a sentence.
func TestEveryFileOfTheCorpora(t *testing.T) {
	root := needtest.Data(t)
	var files []string
	for _, pattern := range []string{"csv/frictionless/*", "csv/messytables/*", "csv/qsv/*", "csv/spectrum/*", "geo/*.geojson", "geo/*.csv"} {
		found, _ := filepath.Glob(filepath.Join(root, pattern))
		files = append(files, found...)
	}
	read := 0
	for i, path := range files {
		if st, err := os.Stat(path); err != nil || st.IsDir() || st.Size() > 5<<20 || testing.Short() && st.Size() > 100<<10 {
			continue
		}
		p, err := profile.File(context.Background(), path, profile.Options{Source: source.Options{Name: filepath.Base(path)}}, nil)
		if err == nil && (p.Geo != nil || i%3 == 0) {
			dir := filepath.Join(t.TempDir(), "v")
			if _, err = build.Version(context.Background(), path, p, dir, nil); err == nil && (p.Geo != nil || i%9 == 0) {
				err = derive.Files(context.Background(), dir, nil)
			}
			os.RemoveAll(dir)
		}
		switch {
		case err == nil:
			read++
		case fault.KindOf(err) == fault.Internal:
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
	if read < len(files)/2 {
		t.Errorf("only %d of %d files could be read", read, len(files))
	}
	t.Logf("%d of %d files", read, len(files))
}

func versionAt(t testing.TB, lib *query.Library, dir string) *query.Version {
	t.Helper()
	v, err := lib.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
