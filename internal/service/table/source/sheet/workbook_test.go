package sheet

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"ceiba/internal/ground/needtest"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/grid"
	"ceiba/internal/service/table/source/raw"
)

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
	book, err := openWorkbook(raw.File{Ctx: t.Context(), Path: path}, source.Options{MaxColumns: 2000, MaxInflated: 4 << 30})
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
		for r, err := g.Next(); err == nil; r, err = g.Next() {
			for c, v := range r.Cells {
				w := ""
				if int(r.Line) <= len(want) && c < len(want[r.Line-1]) {
					w = want[r.Line-1][c]
				}
				if grid.Wordy([]byte(w)) && grid.Wordy(v) && w != string(v) && !strings.HasPrefix(w, "#") {
					t.Errorf("%s row %d column %d: %q, excelize has %q", filepath.Base(path), r.Line, c, v, w)
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
