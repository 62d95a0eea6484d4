package open_test

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/sourcetest"
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
		"xls":         {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + wideText(t, "Workbook"), "xls"},
		"password":    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + wideText(t, "EncryptedPackage"), "password"},
		"word":        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + wideText(t, "WordDocument"), "document"},
		"zip":         {sourcetest.Zip(t, "a.csv", "a,b\n1,2\n"), "zip"},
		"ods":         {sourcetest.Zip(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet"), "ods"},
		"shapefile":   {sourcetest.Zip(t, "districts.shp", "x"), "shapefile"},
		"cut zip":     {sourcetest.Zip(t, "xl/workbook.xml", "x")[:40], "damaged"},
		"cut gzip":    {sourcetest.Gzip(strings.Repeat("a,b\n1,2\n", 5000))[:60], "damaged"},
		"wide":        {strings.Repeat("a,", 9999) + "a\n1\n", "too_wide"},
		"scalar":      {`{"a": {"b": 1}}`, "json_no_records"},
		"bad json":    {`[{"a": ]`, "json_no_records"},
	} {
		_, err := sourcetest.Read(sourcetest.File(t, c.text), source.Options{})
		if got := sourcetest.Code(err); got != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

// wideText writes a text as OLE2 files name their streams.
func wideText(t *testing.T, s string) string {
	t.Helper()
	out, err := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestBombs refuses files that inflate without end, before they are inflated.
func TestBombs(t *testing.T) {
	huge := strings.Repeat("<row/>", 8<<20)
	for name, text := range map[string]string{
		"sheet": sourcetest.Workbook(t, "<sheetData>"+huge+"</sheetData>", "xl/other.xml", ""),
		"part":  sourcetest.Workbook(t, `<sheetData><row><c><v>1</v></c></row></sheetData>`, "xl/media/image.bin", huge),
	} {
		if _, err := sourcetest.Read(sourcetest.File(t, text), source.Options{}); sourcetest.Code(err) != "bomb" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := sourcetest.Read(sourcetest.File(t, sourcetest.Gzip(strings.Repeat("a,b\n", 1<<20))), source.Options{MaxInflated: 1 << 20}); sourcetest.Code(err) != "bomb" {
		t.Errorf("gzip: %v", err)
	}
	if _, err := sourcetest.Read(sourcetest.File(t, "a,b\n1,2\n"), source.Options{MaxBytes: 4}); sourcetest.Code(err) != "too_large" {
		t.Errorf("size: %v", err)
	}
	if _, err := sourcetest.Read(sourcetest.File(t, "a,b\n1,2\n3,4\n"), source.Options{MaxRows: 1}); sourcetest.Code(err) != "too_many_rows" {
		t.Errorf("rows: %v", err)
	}
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
		for _, packed := range []string{text, sourcetest.Gzip(text)} {
			got, err := sourcetest.Read(sourcetest.File(t, packed), source.Options{})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			plain, _, _ := strings.Cut(name, " ")
			if got.Info.Encoding != plain || got.Info.Delimiter != ";" || !slices.Equal(got.Rows[0], want) || len(got.Problems) > 0 {
				t.Errorf("%s: %+v %q %v", name, got.Info, got.Rows[0], got.Problems)
			}
		}
	}
}

// TestLateByte finds a byte that is no ASCII wherever it stands in the file.
func TestLateByte(t *testing.T) {
	text := "a,b\n" + strings.Repeat("1,2\n", 1<<20) + "3,ma\xf1ana\n"
	got, err := sourcetest.Read(sourcetest.File(t, text), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if last := got.Rows[len(got.Rows)-1]; last[1] != "mañana" || got.Info.Encoding != "windows-1252" {
		t.Errorf("%q in %s", last, got.Info.Encoding)
	}
}

// TestBadBytes mends zero bytes and broken UTF-8, and reports their cells.
func TestBadBytes(t *testing.T) {
	text := "name,n\n" + strings.Repeat("ñandú ñ ñ ñ ñ ñ ñ,1\n", 20) + "a\x00b,2\nma\xf1ana,3\n"
	got, err := sourcetest.Read(sourcetest.File(t, text), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Rows[20][0] != "a\uFFFDb" || got.Rows[21][0] != "mañana" {
		t.Errorf("%q", got.Rows[20:])
	}
	if len(got.Problems) != 2 || got.Problems[0].Code != "nul_byte" || got.Problems[1].Code != "bad_encoding" || got.Problems[1].Column != 0 {
		t.Errorf("%+v", got.Problems)
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
	if n := sourcetest.Drain(t, path); n != 1_700_000 {
		t.Errorf("%d rows", n)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 40<<20 {
		t.Errorf("%d MB allocated in all", grown>>20)
	}
}

// TestOptions lets the publisher overrule the sniffer.
func TestOptions(t *testing.T) {
	path := sourcetest.File(t, "intro\nmore\nid;n,m\n1;2,3\n4;5,6\n")
	for _, c := range []struct {
		o      source.Options
		labels string
		rows   int
	}{
		{source.Options{Delimiter: ";", HeaderRow: 3}, "id|n,m", 2},
		{source.Options{Delimiter: ",", HeaderRow: 3}, "id;n|m", 2},
		{source.Options{Delimiter: ";", HeaderRow: -1}, "|", 5},
	} {
		got, err := sourcetest.Read(path, c.o)
		if err != nil {
			t.Fatal(err)
		}
		if l := strings.Join(got.Info.Labels, "|"); l != c.labels || len(got.Rows) != c.rows {
			t.Errorf("%+v: %s, %q", c.o, l, got.Rows)
		}
	}
	for _, o := range []source.Options{{Delimiter: "abc"}, {Encoding: "klingon"}, {Format: "dbf"}} {
		if _, err := sourcetest.Read(path, o); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
