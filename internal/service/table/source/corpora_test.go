package source

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/needtest"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

// table is a file read whole.
type table struct {
	info     Info
	rows     [][]string
	lines    []int64
	problems []Problem
}

func readTable(path string, o Options) (*table, error) {
	r, err := Open(context.Background(), path, o)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	t := &table{}
	for {
		row, err := r.Next()
		if err == io.EOF {
			t.info = r.Info()
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		cells := make([]string, len(row.Cells))
		for i, c := range row.Cells {
			cells[i] = string(c)
		}
		t.rows = append(t.rows, cells)
		t.lines = append(t.lines, row.Line)
		t.problems = append(t.problems, row.Problems...)
	}
}

// summary is one line of the golden file.
func summary(path string) string {
	t, err := readTable(path, Options{})
	if err != nil {
		if e, ok := errors.AsType[*fault.Error](err); ok {
			return "refused " + strings.TrimPrefix(e.Key, "table.read.")
		}
		return "ERROR " + err.Error()
	}
	i := t.info
	codes := map[string]int{}
	for _, p := range t.problems {
		codes[p.Code]++
	}
	out := fmt.Sprintf("%s %s %q %d columns %d rows header %d", i.Format, i.Encoding, i.Delimiter, len(i.Names), len(t.rows), i.HeaderRow)
	for _, c := range slices.Sorted(maps.Keys(codes)) {
		out += fmt.Sprintf(" !%s=%d", c, codes[c])
	}
	for _, n := range i.Notes {
		out += " +" + n.Code
	}
	return out + " [" + clip([]byte(strings.Join(i.Labels, "|"))) + "]"
}

// TestCorpora opens every file of the corpora and compares with the golden
// summary, which was read by eye.
func TestCorpora(t *testing.T) {
	dir := needtest.Data(t)
	var b strings.Builder
	for _, sub := range []string{"csv/frictionless", "csv/messytables", "csv/qsv", "csv/spectrum", "csv/pollock/csv", "geo", "ocds", "ogp"} {
		err := filepath.WalkDir(filepath.Join(dir, sub), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || slices.Contains([]string{".md", ".yaml", ".pmtiles", ""}, filepath.Ext(path)) {
				return err
			}
			rel, _ := filepath.Rel(dir, path)
			fmt.Fprintf(&b, "%s: %s\n", filepath.ToSlash(rel), summary(path))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(b.String(), "ERROR") {
		t.Error("a file ended in an error that nobody can act on")
	}
	golden(t, "testdata/corpora.golden", b.String())
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", file, d)
	}
}
