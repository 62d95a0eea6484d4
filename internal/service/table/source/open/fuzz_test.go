package open_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/open"
	"ceiba/internal/service/table/source/sourcetest"
)

// FuzzOpen opens anything: no panic, rows of the promised width, lines that
// never go back, and no error but a refusal with words.
func FuzzOpen(f *testing.F) {
	for _, s := range []string{
		"a,b\n1,2\n", "a;b\r\n\"1;2\n", peñas, `[{"a": 1}, {"b": [`, "{\"a\": 1}\n{\"b\"", `{"type": "FeatureCollection", "features": [{"geometry": {"type": "Point", "coordinates": [1`,
		"\xff\xfea\x00,\x00b\x00\n\x00", "x\ty\n\"\"\"\t'\n", "#c\n\na\n\n1\n", "[[1,2],[3]]", "{\"a\\", "a,b\n,\n,\n\nc,d\n",
	} {
		f.Add([]byte(s))
	}
	f.Add([]byte(sourcetest.Workbook(f, `<sheetData><row r="1"><c r="B1" t="inlineStr"><is><t>a&amp;b</t></is></c></row><row><c><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:C9"/></mergeCells>`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		checkRows(t, path)
	})
}

func checkRows(t *testing.T, path string) {
	r, err := open.File(context.Background(), path, source.Options{MaxInflated: 16 << 20})
	if err != nil {
		if _, ok := errors.AsType[*fault.Error](err); !ok {
			t.Fatalf("no words for %v", err)
		}
		return
	}
	defer r.Close()
	last := int64(0)
	for {
		row, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			if _, ok := errors.AsType[*fault.Error](err); !ok {
				t.Fatalf("no words for %v", err)
			}
			return
		}
		if len(row.Cells) != len(r.Info().Names) {
			t.Fatalf("%d cells for %d columns", len(row.Cells), len(r.Info().Names))
		}
		if row.Line < last || row.Line < 1 {
			t.Fatalf("line %d after %d", row.Line, last)
		}
		last = row.Line
		for _, c := range row.Cells {
			if !utf8.Valid(c) || bytes.IndexByte(c, 0) >= 0 {
				t.Fatalf("cell %q", c)
			}
		}
	}
	r.Info()
}

// FuzzNothingLost reads text of one letter per cell: every record is a row, or
// is counted by a problem or a note.
func FuzzNothingLost(f *testing.F) {
	f.Add("a,b\n1,2\n\n3\n4,5,6\n# x\n,\nSource: x\n")
	f.Add("t\n\n\nid,name,n\n1,2,3\nid,name,n\n\nother,head,row\n1,2,3\n")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, "\"'\r\x00\\") || !utf8.ValidString(text) || strings.TrimSpace(text) == "" {
			return
		}
		got, err := sourcetest.Read(sourcetest.File(t, text), source.Options{Format: source.CSV, Delimiter: ","})
		if err != nil {
			return
		}
		seen := map[int64]bool{}
		for _, l := range got.Lines {
			seen[l] = true
		}
		accounted := int64(len(seen))
		blankBefore := int64(0)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		for _, n := range got.Info.Notes {
			switch n.Code {
			case "blank_rows", "comments", "repeated_header", "second_table", "footer":
				accounted += n.Args["n"].(int64)
			case "preamble_skipped":
				accounted += int64(n.Args["n"].(int))
			case "multirow_header":
				accounted += int64(n.Args["rows"].(int)) - 1
			}
		}
		if got.Info.HeaderRow > 0 {
			accounted++
		}
		for _, l := range lines {
			if strings.Trim(l, ", \t") == "" {
				blankBefore++ // blank lines before the header or in a second table go uncounted
			}
		}
		if n := int64(len(lines)); accounted > n || accounted+blankBefore < n {
			t.Fatalf("%d of %d lines accounted for, %d blank: %+v %q", accounted, n, blankBefore, got.Info, got.Rows)
		}
	})
}
