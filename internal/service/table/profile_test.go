package table

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
	"ceiba/internal/service/table/source"
)

// profiled profiles one column, given by its cells.
func profiled(t *testing.T, name string, cells []string, d Declared) (*Profile, string) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "row,%s\n", name)
	for i, c := range cells {
		fmt.Fprintf(&b, "r%d,\"%s\"\n", i, strings.ReplaceAll(c, `"`, `""`))
	}
	path := csvFile(t, b.String())
	p, err := ProfileFile(context.Background(), path, Options{Source: source.Options{HeaderRow: 1}, Declared: map[string]Declared{name: d}}, nil)
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
		d     Declared
		typ   Type
		want  any
		note  string
	}{
		{"n", []string{"1", "2", "30"}, Declared{}, Integer, int64(1), ""},
		{"n", []string{"1,234", "5", "1,000,000"}, Declared{}, Integer, int64(1234), ""},
		{"n", []string{"1.5", "2", "-3"}, Declared{}, Number, 1.5, ""},
		{"n", []string{"2.345,10", "1,5", "7"}, Declared{}, Number, 2345.1, ""},
		{"n", []string{"1,234.5", "(12.00)"}, Declared{}, Number, 1234.5, ""},
		{"n", []string{"(12.00)", "+3", "1e3"}, Declared{}, Number, -12.0, ""},
		{"n", []string{"BZ$1,200.50", "$ 3", "BZ$-4"}, Declared{}, Number, 1200.5, ""},
		{"n", []string{"$5", "€6"}, Declared{}, Text, "$5", "table.note.mixed_units"},
		{"n", []string{"12.5%", "100 %"}, Declared{}, Number, 12.5, ""},
		{"n", []string{"1 234 567", "12"}, Declared{}, Integer, int64(1234567), ""},
		{"n", []string{"1,234", "5,678"}, Declared{}, Integer, int64(1234), "table.note.ambiguous_numbers"},
		{"n", []string{"1,234", "5,678"}, Declared{DecimalComma: &yes}, Number, 1.234, ""},
		{"code", []string{"007", "012", "100"}, Declared{}, Text, "007", "table.note.leading_zeros"},
		{"code", []string{"007", "012"}, Declared{Type: Integer}, Integer, int64(7), ""},
		{"n", []string{"1234567890123456789012", "1"}, Declared{}, Text, "1234567890123456789012", ""},
		{"ok", []string{"yes", "No", "YES"}, Declared{}, Boolean, true, ""},
		{"ok", []string{"sí", "no"}, Declared{}, Boolean, true, ""},
		{"ok", []string{"no", "no"}, Declared{}, Text, "no", ""},
		{"d", []string{"2026-03-04", "2020-02-29"}, Declared{}, Date, "2026-03-04", ""},
		{"d", []string{"25/12/2025", "03/04/2026"}, Declared{}, Date, "2025-12-25", ""},
		{"d", []string{"12/25/2025", "03/04/2026"}, Declared{}, Date, "2025-12-25", ""},
		{"d", []string{"03/04/2026", "05/06/2026"}, Declared{}, Date, "2026-04-03", "table.note.ambiguous_dates"},
		{"d", []string{"03/04/2026", "05/06/2026"}, Declared{DayFirst: new(bool)}, Date, "2026-03-04", ""},
		{"d", []string{"12 Jan 2026", "3 ago 2025"}, Declared{}, Date, "2026-01-12", ""},
		{"d", []string{"January 12, 2026", "Feb 3, 2025"}, Declared{}, Date, "2026-01-12", ""},
		{"d", []string{"1/2/99", "31/12/05"}, Declared{}, Date, "1999-02-01", ""},
		{"d", []string{"2026-01-02 00:00:00", "2026-01-03 00:00:00"}, Declared{}, Date, "2026-01-02", ""},
		{"t", []string{"2026-01-02 03:04:05", "2026-01-03"}, Declared{}, Timestamp, "2026-01-02T03:04:05", ""},
		{"t", []string{"2026-01-02T03:04:05-06:00"}, Declared{}, Timestamp, "2026-01-02T09:04:05Z", ""},
		{"t", []string{"25/12/2025 3:04 PM"}, Declared{}, Timestamp, "2025-12-25T15:04:00", ""},
		{"t", []string{"08:30", "23:59:59.5"}, Declared{}, Time, "08:30:00", ""},
		{"place", []string{"17.25, -88.77", "(16.1 -88.8)"}, Declared{}, Point, "17.25, -88.77", ""},
		{"district", []string{"Belize District", "BZ-CY", "Stan Creek"}, Declared{}, District, "Belize", "table.note.district_spelling"},
		{"country", []string{"Belize", "Belize"}, Declared{}, Text, "Belize", ""},
		{"shape", []string{`{"type":"Point","coordinates":[-88.5,17.2]}`}, Declared{}, Geometry, `{"type":"Point","coordinates":[-88.5,17.2]}`, ""},
		{"j", []string{`{"a":1}`, "[1,2]"}, Declared{}, JSON, `{"a":1}`, ""},
		{"u", []string{"https://example.org/a", "http://example.org"}, Declared{}, URL, "https://example.org/a", ""},
		{"x", []string{"pothole", "5"}, Declared{}, Text, "pothole", ""},
		{"x", []string{"5", "6"}, Declared{Type: Text}, Text, "5", ""},
		{"n", []string{"5", "N/A", "-"}, Declared{}, Integer, int64(5), "table.note.null_words"},
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

func firstCell(t *testing.T, path string, p *Profile) any {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "v")
	if _, err := Build(context.Background(), path, p, dir, nil); err != nil {
		t.Fatal(err)
	}
	lib := NewLibrary(Limits{})
	defer lib.Close()
	page, err := opened(t, lib, dir).Rows(context.Background(), Query{Limit: 1})
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
	p, path := profiled(t, "n", cells, Declared{})
	dir := filepath.Join(t.TempDir(), "v")
	m, err := Build(context.Background(), path, p, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := (map[string]int64{CodeBadValue: 1, CodeNullWord: 2}); m.Columns[1].Type != Integer || !reflect.DeepEqual(m.Rejects.Codes, want) || m.Stats[1].Nulls != 3 {
		t.Errorf("%s, rejects %+v, %d nulls", m.Columns[1].Type, m.Rejects, m.Stats[1].Nulls)
	}
	if got, err := readRejects(filepath.Join(dir, RejectsFile), 1, 1); err != nil || len(got) != 1 || got[0] != (Reject{Line: 22, Row: 21, Column: "n", Code: CodeNullWord, Value: "N/A"}) {
		t.Errorf("second reject %+v, %v", got, err)
	}
	if p, _ := profiled(t, "n", cells, Declared{NullWords: []string{"N/A", "none"}}); p.Columns[1].Nulls != 0 || p.Columns[1].Misfit != 1 {
		t.Errorf("declared null words: %+v", p.Columns[1])
	}
	for i := range 10 {
		cells[i*7] = "word"
	}
	if p, _ := profiled(t, "n", cells, Declared{}); p.Columns[1].Type != Text {
		t.Errorf("11 of 400 misfits: %s", p.Columns[1].Type)
	}
	if p, _ := profiled(t, "n", cells, Declared{Type: Integer}); p.Columns[1].Type != Integer || p.Columns[1].Misfit != 11 {
		t.Errorf("declared with 11 misfits: %+v", p.Columns[1])
	}
}

// TestMessyFileIsTyped is T5: windows-1252, semicolons, decimal commas and
// days first.
func TestMessyFileIsTyped(t *testing.T) {
	path := csvFile(t, "A\xf1o;Monto;Fecha;Se\xf1al\n2024;1.234,50;25/12/2024;ca\xf1a\n2025;7,25;03/04/2025;\xe1rbol\n2026;10,00;01/02/2026;sol\n")
	dir, m := build(t, path, Options{})
	lib := NewLibrary(Limits{})
	defer lib.Close()
	page, err := opened(t, lib, dir).Rows(context.Background(), Query{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []any{int64(2024), 1234.5, "2024-12-25", "caña"}; !reflect.DeepEqual(page.Rows[0].Cells, want) {
		t.Errorf("%v, want %v", page.Rows[0].Cells, want)
	}
	if m.Columns[0].Label != "Año" || m.Columns[2].Type != Date || page.Rows[1].Cells[2] != "2025-04-03" {
		t.Errorf("%+v %v", m.Columns, page.Rows[1].Cells)
	}
}

func TestDeclarationsAreChecked(t *testing.T) {
	path := csvFile(t, "a,b\n1,1\n2,1\n")
	for name, o := range map[string]Options{
		"unknown column": {Declared: map[string]Declared{"c": {Type: Text}}},
		"unknown type":   {Declared: map[string]Declared{"a": {Type: "magic"}}},
		"unknown key":    {Key: "c"},
		"unknown index":  {Index: []string{"c"}},
	} {
		if _, err := ProfileFile(context.Background(), path, o, nil); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, m := build(t, path, Options{Key: "b"}); m.Key != "" || len(m.Notes) != 1 || m.Notes[0].Key != "table.note.key_repeats" {
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
		p, err := ProfileFile(context.Background(), path, Options{Source: source.Options{Name: filepath.Base(path)}}, nil)
		if err == nil && (p.Geo != nil || i%3 == 0) {
			dir := filepath.Join(t.TempDir(), "v")
			if _, err = Build(context.Background(), path, p, dir, nil); err == nil && (p.Geo != nil || i%9 == 0) {
				err = Derive(context.Background(), dir, nil)
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
