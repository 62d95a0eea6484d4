package source

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"ceiba/internal/ground/needtest"

	"github.com/xuri/excelize/v2"
)

// saved writes a workbook made by fill and returns its path.
func saved(t testing.TB, fill func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	path := filepath.Join(t.TempDir(), "book.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func cells(t testing.TB, f *excelize.File, sheet string, rows ...[]any) {
	t.Helper()
	for i, r := range rows {
		if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSheet reads what excelize wrote: a cover, merged cells, dates, numbers,
// hidden rows, formula errors (T27).
func TestSheet(t *testing.T) {
	day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	path := saved(t, func(f *excelize.File) {
		f.SetSheetName("Sheet1", "Cover")
		f.SetCellStr("Cover", "B2", "Report of the Ministry")
		f.NewSheet("Data")
		cells(t, f, "Data",
			[]any{"Roads 2024", nil, nil, nil, nil},
			[]any{"District", "Opened", "Cost", "Share", "Paved"},
			[]any{"Cayo", day, 3.3, 0.25, true},
			[]any{nil, day.Add(90 * time.Minute), 12345678901234567, 1e-7, false},
			[]any{"Toledo & \"South\"", day, -3, nil, true},
		)
		f.MergeCell("Data", "A1", "E1")
		f.MergeCell("Data", "A3", "A4")
		f.SetRowVisible("Data", 4, false)
	})
	got, err := readTable(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"Cayo", "2024-02-29T00:00:00", "3.3", "0.25", "true"},
		{"Cayo", "2024-02-29T01:30:00", "12345678901234567", "0.0000001", "false"},
		{"Toledo & \"South\"", "2024-02-29T00:00:00", "-3", "", "true"},
	}
	for i, w := range want {
		if i >= len(got.rows) || !slices.Equal(trimTimes(got.rows[i]), trimTimes(w)) {
			t.Errorf("row %d: %q, want %q", i, got.rows, w)
		}
	}
	var notes []string
	for _, n := range got.info.Notes {
		notes = append(notes, n.Code)
	}
	if n := strings.Join(notes, " "); n != "sheets_skipped preamble_skipped merged_cells_unfolded hidden_rows" {
		t.Errorf("notes %s", n)
	}
	if got.info.Sheet != "Data" || got.info.HeaderRow != 2 || got.lines[0] != 3 {
		t.Errorf("%+v, lines %v", got.info, got.lines)
	}
	if other, err := readTable(path, Options{Sheet: "Cover"}); err != nil || other.info.Sheet != "Cover" {
		t.Errorf("sheet by name: %v", err)
	}
	if _, err := readTable(path, Options{Sheet: "None"}); code(err) != "sheet" {
		t.Errorf("unknown sheet: %v", err)
	}
}

// trimTimes leaves midnight out: excelize shows a plain day with or without it.
func trimTimes(r []string) []string {
	out := slices.Clone(r)
	for i := range out {
		out[i] = strings.TrimSuffix(out[i], "T00:00:00")
	}
	return out
}

// TestSheetAgainstExcelize reads every XLSX of the corpora beside excelize: the
// same text in the cells that are no dates or numbers.
func TestSheetAgainstExcelize(t *testing.T) {
	dir := needtest.Data(t)
	for _, glob := range []string{"csv/frictionless/*.xlsx", "csv/messytables/*.xls[xm]", "csv/qsv/*.xlsx"} {
		files, _ := filepath.Glob(filepath.Join(dir, glob))
		for _, path := range files {
			f, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
			if err != nil {
				continue // a password
			}
			compareSheets(t, path, f)
			f.Close()
		}
	}
}

func compareSheets(t *testing.T, path string, f *excelize.File) {
	book, err := openWorkbook(file{ctx: t.Context(), path: path}, Options{}.withDefaults())
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	defer book.zip.Close()
	for i := range book.sheets {
		want, err := f.GetRows(book.sheets[i].name)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		g, err := newSheet(book, &book.sheets[i], 16384)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for r, err := g.next(); err == nil; r, err = g.next() {
			for c, v := range r.cells {
				w := ""
				if int(r.line) <= len(want) && c < len(want[r.line-1]) {
					w = want[r.line-1][c]
				}
				if classify([]byte(w)) == wordy && classify(v) == wordy && w != string(v) && !strings.HasPrefix(w, "#") {
					t.Errorf("%s row %d column %d: %q, excelize has %q", filepath.Base(path), r.line, c, v, w)
				}
				n++
			}
		}
		g.body.Close()
	}
}

// TestSerials turns serial numbers into days as Excel counts them.
func TestSerials(t *testing.T) {
	for _, c := range []struct {
		v        string
		how      shown
		from1904 bool
		want     string
	}{
		{"1", asDate, false, "1900-01-01"},
		{"59", asDate, false, "1900-02-28"},
		{"61", asDate, false, "1900-03-01"},
		{"60", asDate, false, ""},
		{"-1", asDate, false, ""},
		{"0", asDate, true, "1904-01-01"},
		{"45351", asDate, false, "2024-02-29"},
		{"43889", asDate, true, "2024-02-29"},
		{"45351.5", asDateTime, false, "2024-02-29T12:00:00"},
		{"0.75", asTime, false, "18:00:00"},
		{"1.5", asDuration, false, "36:00:00"},
		{"45351.999999999", asDateTime, false, "2024-03-01T00:00:00"},
		{"x", asDate, false, ""},
	} {
		got, _ := moment(nil, []byte(c.v), c.how, c.from1904)
		if string(got) != c.want {
			t.Errorf("%s: %q, want %q", c.v, got, c.want)
		}
	}
	for format, want := range map[string]shown{
		"yyyy-mm-dd": asDate, "d mmm yy": asDate, "h:mm AM/PM": asTime, "[h]:mm:ss": asDuration, "dd/mm/yyyy hh:mm": asDateTime,
		"0.00": asNumber, "General": asNumber, "#,##0 \"days\"": asNumber, "[Red]0": asNumber, "mmm-yy": asDate, "@": asNumber, "[$-409]d-mmm-yyyy;@": asDate,
	} {
		if got := shownBy(format); got != want {
			t.Errorf("%s: %d, want %d", format, got, want)
		}
	}
	for v, want := range map[string]string{"1.1000000000000001": "1.1", "12345678901234567890": "12345678901234567890", "1E-3": "0.001", "1.5E+300": "1.5e+300", "0": "0"} {
		if got := string(number(nil, []byte(v))); got != want {
			t.Errorf("%s: %s, want %s", v, got, want)
		}
	}
}

// bigSheet writes a sheet of n rows and 12 columns by stream.
func bigSheet(t testing.TB, n int) string {
	path := filepath.Join(t.TempDir(), "big.xlsx")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	head := []any{"id", "district", "a", "b", "c", "d", "e", "f", "g", "h", "i", "text"}
	w.SetRow("A1", head)
	for i := range n {
		row := []any{i, "Cayo", 1.5 * float64(i), i % 7, i % 11, i % 13, "x", "y", "z", 17.25, -88.5, fmt.Sprintf("request %d about a road near the market of the village", i)}
		if err := w.SetRow(fmt.Sprintf("A%d", i+2), row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(out); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestBigSheet streams a sheet: memory does not grow with its rows.
func TestBigSheet(t *testing.T) {
	path := bigSheet(t, 60_000)
	r, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var early uint64
	n := 0
	for ; ; n++ {
		if _, err := r.Next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if n == 1000 {
			early = live()
		}
	}
	if late := live(); late > early+1<<20 {
		t.Errorf("%d KB live after 1000 rows, %d KB at the end", early>>10, late>>10)
	}
	if n != 60_000 {
		t.Errorf("%d rows", n)
	}
}

// BenchmarkXLSX reads a sheet of 50,000 rows of 12 columns. A workbook of 100 MB
// (1,048,576 rows of 12 columns, 1,500,000 shared strings) was read on 2026-11-23
// in 16 s with 211 MB resident at most.
func BenchmarkXLSX(b *testing.B) {
	const n = 50_000
	path := bigSheet(b, n)
	for b.Loop() {
		drain(b, path)
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
