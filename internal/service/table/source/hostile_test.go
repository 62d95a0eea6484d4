package source

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/ground/fault"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// TestRefusals names each file that cannot be read by its code.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct{ text, code string }{
		"empty":       {"", "empty"},
		"only blanks": {" \n\n  \r\n", "empty"},
		"pdf":         {"%PDF-1.7\n%âãÏÓ", "pdf"},
		"png":         {"\x89PNG\r\n\x1a\n\x00\x00", "image"},
		"html":        {"<!DOCTYPE html><table><tr><td>1</td></tr></table>", "markup"},
		"xml":         {"<?xml version='1.0'?><rows/>", "markup"},
		"program":     {"\x7fELF\x02\x01\x01\x03" + strings.Repeat("\x01\x02\x03\x05", 100), "binary"},
		"rar":         {"Rar!\x1a\x07\x01\x00", "archive"},
		"xls":         {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + string(utf16Text("Workbook")), "xls"},
		"password":    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + string(utf16Text("EncryptedPackage")), "password"},
		"word":        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + string(utf16Text("WordDocument")), "document"},
		"zip":         {zipped(t, "a.csv", "a,b\n1,2\n"), "zip"},
		"ods":         {zipped(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet"), "ods"},
		"shapefile":   {zipped(t, "districts.shp", "x"), "shapefile"},
		"cut zip":     {zipped(t, "xl/workbook.xml", "x")[:40], "damaged"},
		"cut gzip":    {gzipped(strings.Repeat("a,b\n1,2\n", 5000))[:60], "damaged"},
		"wide":        {strings.Repeat("a,", 9999) + "a\n1\n", "too_wide"},
		"scalar":      {`{"a": {"b": 1}}`, "json_no_records"},
		"bad json":    {`[{"a": ]`, "json_no_records"},
	} {
		_, err := readTable(write(t, c.text), Options{})
		if got := code(err); got != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func code(err error) string {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return strings.TrimPrefix(e.Key, "table.read.")
	}
	return fmt.Sprint(err)
}

// zipped makes a ZIP of pairs of name and text.
func zipped(t testing.TB, pairs ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		w, err := z.Create(pairs[i])
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, pairs[i+1])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gzipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, s)
	z.Close()
	return b.String()
}

// TestBombs refuses files that inflate without end, before they are inflated.
func TestBombs(t *testing.T) {
	huge := strings.Repeat("<row/>", 8<<20)
	for name, text := range map[string]string{
		"sheet": workbookOf(t, "<sheetData>"+huge+"</sheetData>", "xl/other.xml", ""),
		"part":  workbookOf(t, `<sheetData><row><c><v>1</v></c></row></sheetData>`, "xl/media/image.bin", huge),
	} {
		if _, err := readTable(write(t, text), Options{}); code(err) != "bomb" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := readTable(write(t, gzipped(strings.Repeat("a,b\n", 1<<20))), Options{MaxInflated: 1 << 20}); code(err) != "bomb" {
		t.Errorf("gzip: %v", err)
	}
	if _, err := readTable(write(t, "a,b\n1,2\n"), Options{MaxBytes: 4}); code(err) != "too_large" {
		t.Errorf("size: %v", err)
	}
	if _, err := readTable(write(t, "a,b\n1,2\n3,4\n"), Options{MaxRows: 1}); code(err) != "too_many_rows" {
		t.Errorf("rows: %v", err)
	}
}

// workbookOf makes an XLSX file with one sheet; pairs are more parts.
func workbookOf(t testing.TB, sheet string, pairs ...string) string {
	return zipped(t, append([]string{
		"xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml", `<worksheet>` + sheet + `</worksheet>`,
	}, pairs...)...)
}

const peñas = "name;district;amount;day\nSeñor Peña;Cayo;1.234,50;31/12/2024\nMuñoz – Müller;Toledo;0,75;01/02/2025\n"

// TestEncodings reads the same text in each encoding (T5).
func TestEncodings(t *testing.T) {
	want := []string{"Señor Peña", "Cayo", "1.234,50", "31/12/2024"}
	for name, enc := range map[string]encoding.Encoding{
		"utf-8": encoding.Nop, "windows-1252": charmap.Windows1252,
		"utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16be": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
		"utf-16le with mark": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "utf-8 with mark": unicode.UTF8BOM,
	} {
		text, err := enc.NewEncoder().String(peñas)
		if err != nil {
			t.Fatal(err)
		}
		for _, packed := range []string{text, gzipped(text)} {
			got, err := readTable(write(t, packed), Options{})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			plain, _, _ := strings.Cut(name, " ")
			if got.info.Encoding != plain || got.info.Delimiter != ";" || !slices.Equal(got.rows[0], want) || len(got.problems) > 0 {
				t.Errorf("%s: %+v %q %v", name, got.info, got.rows[0], got.problems)
			}
		}
	}
}

// TestLateByte finds a byte that is no ASCII wherever it stands in the file.
func TestLateByte(t *testing.T) {
	text := "a,b\n" + strings.Repeat("1,2\n", 1<<20) + "3,ma\xf1ana\n"
	got, err := readTable(write(t, text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if last := got.rows[len(got.rows)-1]; last[1] != "mañana" || got.info.Encoding != "windows-1252" {
		t.Errorf("%q in %s", last, got.info.Encoding)
	}
}

// TestBadBytes mends zero bytes and broken UTF-8, and reports their cells.
func TestBadBytes(t *testing.T) {
	text := "name,n\n" + strings.Repeat("ñandú ñ ñ ñ ñ ñ ñ,1\n", 20) + "a\x00b,2\nma\xf1ana,3\n"
	got, err := readTable(write(t, text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.rows[20][0] != "a\uFFFDb" || got.rows[21][0] != "mañana" {
		t.Errorf("%q", got.rows[20:])
	}
	if len(got.problems) != 2 || got.problems[0].Code != "nul_byte" || got.problems[1].Code != "bad_encoding" || got.problems[1].Column != 0 {
		t.Errorf("%+v", got.problems)
	}
}

// TestRagged keeps what fits and reports the rest, with the line (T4).
func TestRagged(t *testing.T) {
	text := "id,name,n\n1,a,2\n2,b\n3,c,4,5,6\n4,\"d\ne\",N/A\n5,f,6\n"
	r, err := Open(context.Background(), write(t, text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got []string
	for {
		row, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%d %q %v", row.Line, row.Cells, row.Problems))
	}
	want := []string{`2 ["1" "a" "2"] []`, `3 ["2" "b" ""] [{-1 ragged_short 2 | b}]`, `4 ["3" "c" "4"] [{-1 ragged_long 5 | 6}]`, `5 ["4" "d\ne" "N/A"] []`, `7 ["5" "f" "6"] []`}
	if !slices.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
	if done, total := r.Bytes(); done != total || total != int64(len(text)) {
		t.Errorf("read %d of %d", done, total)
	}
}

// TestQuotes reads quotes that fit no rule in the way that gives the width.
func TestQuotes(t *testing.T) {
	for name, c := range map[string]struct {
		line string
		want []string
		bad  int
	}{
		"doubled":          {`1,"say ""hi"", you",2`, []string{"1", `say "hi", you`, "2"}, 0},
		"inside":           {`1,"say "hi" to you",2`, []string{"1", `say "hi" to you`, "2"}, 1},
		"opened only":      {`"1,two,3`, []string{`"1`, "two", "3"}, 1},
		"not doubled end":  {`1,"12" pipe, 6"",3`, []string{"1", `12" pipe, 6"`, "3"}, 1},
		"inch":             {`1,5" pipe,3`, []string{"1", `5" pipe`, "3"}, 0},
		"space after":      {`1,"two" ,3`, []string{"1", "two", "3"}, 0},
		"other delimiter":  {`1;two;3`, []string{"1", "two", "3"}, 1},
		"empty and quoted": {`"","",""`, nil, 0},
	} {
		text := "a,b,c\n7,x,8\n" + c.line + "\n9,y,10\n"
		got, err := readTable(write(t, text), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		rows := got.rows
		if c.want == nil {
			if len(rows) != 2 {
				t.Errorf("%s: %q", name, rows)
			}
			continue
		}
		if len(rows) != 3 || !slices.Equal(rows[1], c.want) || len(got.problems) != c.bad {
			t.Errorf("%s: %q %v", name, rows, got.problems)
		}
	}
}

// TestRunaway stops an unclosed quote before it swallows the file, in time
// that does not grow with the square of the file.
func TestRunaway(t *testing.T) {
	for _, line := range []string{"\"x,1\n", "\"x\"\"\"y,1\n", "x,\"1\n", "\"\",\"\"\"\"1\n"} {
		text := "a,b\n" + strings.Repeat("p,2\n", 10) + strings.Repeat(line, 20_000)
		got, err := readTable(write(t, text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.rows) < 10_000 {
			t.Errorf("%q: %d rows", line, len(got.rows))
		}
	}
}

// TestLargeFile reads 100 MB in the memory of a small file.
func TestLargeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	block := strings.Repeat("1,Belize City,\"a street, with a name\",2024-01-02,17.5,-88.2\n", 10_000)
	io.WriteString(f, "id,place,address,day,lat,lon\n")
	for range 170 {
		io.WriteString(f, block)
	}
	f.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if n := drain(t, path); n != 1_700_000 {
		t.Errorf("%d rows", n)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 40<<20 {
		t.Errorf("%d MB allocated in all", grown>>20)
	}
}

// TestStructure finds the table among what publishers put around it.
func TestStructure(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		labels string
		rows   int
		notes  string
	}{
		"two header rows with units": {"Station,Rain,Flow\n,(mm),(m3/s)\nCayo,12.5,3\nToledo,14,4\nBelize,9,2\n", "Station|Rain (mm)|Flow (m3/s)", 3, "multirow_header"},
		"groups over columns":        {"District,Population,,Area\n,Men,Women,km2\nCayo,10,20,30\nToledo,11,21,31\nBelize,12,22,32\n", "District|Population Men|Women|Area km2", 3, "multirow_header"},
		"preamble and footer":        {"Budget 2024,,\n,,\nCode,Name,Amount\n1,Roads,5\n2,Water,6\n,,\nSource: Ministry of Finance,,\n", "Code|Name|Amount", 2, "preamble_skipped blank_rows footer"},
		"totals stay":                {"Code,Name,Amount\n1,Roads,5\n2,Water,6\nTotal,,11\n", "Code|Name|Amount", 3, "total_row"},
		"second table":               {"Code,Amount,Year\n1,5,2020\n2,6,2021\n\nDistrict,People,Note\nCayo,7,x\n", "Code|Amount|Year", 2, "blank_rows second_table"},
		"header on each page":        {"Code,Amount\n1,5\nCode,Amount\n2,6\n", "Code|Amount", 2, "repeated_header"},
		"section headings stay":      {"Code,Name,Amount\n1,a,5\nCapital,,\n2,b,6\n", "Code|Name|Amount", 3, ""},
		"no header":                  {"1,2.5,2024-01-01\n2,3.5,2024-01-02\n", "||", 2, "header_synthesised"},
		"years as header":            {"Item,2021,2022\nRoads,10,20\nWater,30,40\n", "Item|2021|2022", 2, ""},
		"header only":                {"id,name,day\n", "id|name|day", 0, ""},
		"duplicates":                 {"a,a,A,,\n1,2,3,4,5\n", "a|a|A||", 1, "duplicate_names empty_names"},
	} {
		got, err := readTable(write(t, c.text), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var notes []string
		for _, n := range got.info.Notes {
			notes = append(notes, n.Code)
		}
		if l := strings.Join(got.info.Labels, "|"); l != c.labels || len(got.rows) != c.rows || strings.Join(notes, " ") != c.notes {
			t.Errorf("%s: %s, %d rows %q, %v", name, l, len(got.rows), got.rows, notes)
		}
	}
}

// TestNames makes unique safe names.
func TestNames(t *testing.T) {
	got := names([]string{"Año", "ano", "", "2024", "% of total", "Cost (BZ$)", "select", "国人", strings.Repeat("long ", 40)})
	want := []string{"ano", "ano_2", "col_3", "c_2024", "percent_of_total", "cost_bz", "select", "col_8"}
	if !slices.Equal(got[:8], want) || len(got[8]) > 64 {
		t.Errorf("%q", got)
	}
}

// TestOptions lets the publisher overrule the sniffer.
func TestOptions(t *testing.T) {
	path := write(t, "intro\nmore\nid;n,m\n1;2,3\n4;5,6\n")
	for _, c := range []struct {
		o      Options
		labels string
		rows   int
	}{
		{Options{Delimiter: ";", HeaderRow: 3}, "id|n,m", 2},
		{Options{Delimiter: ",", HeaderRow: 3}, "id;n|m", 2},
		{Options{Delimiter: ";", HeaderRow: -1}, "|", 5},
	} {
		got, err := readTable(path, c.o)
		if err != nil {
			t.Fatal(err)
		}
		if l := strings.Join(got.info.Labels, "|"); l != c.labels || len(got.rows) != c.rows {
			t.Errorf("%+v: %s, %q", c.o, l, got.rows)
		}
	}
	for _, o := range []Options{{Delimiter: "abc"}, {Encoding: "klingon"}, {Format: "dbf"}} {
		if _, err := readTable(path, o); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
