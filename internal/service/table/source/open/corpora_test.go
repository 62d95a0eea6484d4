package open_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/needtest"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/sourcetest"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

// summary is one line of the golden file.
func summary(path string) string {
	t, err := sourcetest.Read(path, source.Options{})
	if err != nil {
		if e, ok := errors.AsType[*fault.Error](err); ok {
			return "refused " + strings.TrimPrefix(e.Key, "table.read.")
		}
		return "ERROR " + err.Error()
	}
	i := t.Info
	codes := map[string]int{}
	for _, p := range t.Problems {
		codes[p.Code]++
	}
	out := fmt.Sprintf("%s %s %q %d columns %d rows header %d", i.Format, i.Encoding, i.Delimiter, len(i.Names), len(t.Rows), i.HeaderRow)
	for _, c := range slices.Sorted(maps.Keys(codes)) {
		out += fmt.Sprintf(" !%s=%d", c, codes[c])
	}
	for _, n := range i.Notes {
		out += " +" + n.Code
	}
	return out + " [" + source.Clip([]byte(strings.Join(i.Labels, "|"))) + "]"
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
