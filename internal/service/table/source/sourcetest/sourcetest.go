// Package sourcetest reads and makes files for the tests of reading.
package sourcetest

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/open"
)

// Table is a file read whole.
type Table struct {
	Info     source.Info // complete
	Rows     [][]string
	Lines    []int64
	Problems []source.Problem
}

// Read reads a file whole.
func Read(path string, o source.Options) (*Table, error) {
	r, err := open.File(context.Background(), path, o)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	t := &Table{}
	for {
		row, err := r.Next()
		if err == io.EOF {
			t.Info = r.Info()
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		cells := make([]string, len(row.Cells))
		for i, c := range row.Cells {
			cells[i] = string(c)
		}
		t.Rows = append(t.Rows, cells)
		t.Lines = append(t.Lines, row.Line)
		t.Problems = append(t.Problems, row.Problems...)
	}
}

// File puts text into a file of its own.
func File(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Code is the code of a refusal, or the text of another error.
func Code(err error) string {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return strings.TrimPrefix(e.Key, "table.read.")
	}
	return fmt.Sprint(err)
}

// Zip makes a ZIP of pairs of name and text.
func Zip(t testing.TB, pairs ...string) string {
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

// Gzip compresses s.
func Gzip(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, s)
	z.Close()
	return b.String()
}

// Workbook makes an XLSX file with one sheet; pairs are more parts.
func Workbook(t testing.TB, sheet string, pairs ...string) string {
	return Zip(t, append([]string{
		"xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml", `<worksheet>` + sheet + `</worksheet>`,
	}, pairs...)...)
}

// Requests writes a file of the shape of ../shared/spec/opendata.md 5.2:
// 12 columns, some of them quoted text.
func Requests(t testing.TB, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "requests.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	defer w.Flush()
	rnd := rand.New(rand.NewPCG(1, 2))
	words := []string{"water", "leak", "road", "pothole", "light", "near", "the", "market", "school", "broken", "since", "Monday", "drain", "blocked"}
	fmt.Fprintln(w, "id,created,closed,district,agency,kind,status,votes,cost,lat,lon,description")
	for i := range n {
		text := ""
		for range 5 + rnd.IntN(8) {
			text += words[rnd.IntN(len(words))] + " "
		}
		fmt.Fprintf(w, "%d,2024-%02d-%02dT%02d:%02d:00,2024-12-%02d,%s,Ministry of Works,%s,open,%d,%.2f,%.5f,%.5f,\"%s, please\"\n", i+1,
			1+rnd.IntN(12), 1+rnd.IntN(28), rnd.IntN(24), rnd.IntN(60), 1+rnd.IntN(28), []string{"Belize", "Cayo", "Toledo", "Stann Creek"}[rnd.IntN(4)],
			[]string{"Street light", "Water", "Road"}[rnd.IntN(3)], rnd.IntN(500), rnd.Float64()*1000, 15.8+rnd.Float64()*2.6, -89.2+rnd.Float64()*1.5, text)
	}
	return path
}

// Drain counts the rows of a file.
func Drain(t testing.TB, path string) (rows int) {
	t.Helper()
	r, err := open.File(context.Background(), path, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		_, err := r.Next()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows++
	}
}
