package open_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ceiba/internal/ground/needtest"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/sourcetest"
)

// score holds the ten points of Pollock's simple score: success, and precision,
// recall and F1 of header cells, records and data cells, all as multisets
// (pollock/metrics.py). Cells are compared trimmed and in lower case.
func score(want, got [][]string, headless bool) float64 {
	if headless {
		want = append([][]string{nil}, want...)
	}
	total := 1.0
	for _, part := range []func([][]string) []string{headCells, records, dataCells} {
		total += measure(part(want), part(got))
	}
	return total
}

func norm(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func headCells(t [][]string) (out []string) {
	if len(t) > 0 {
		for _, c := range t[0] {
			out = append(out, norm(c))
		}
	}
	return out
}

func records(t [][]string) (out []string) {
	for _, r := range t[min(1, len(t)):] {
		out = append(out, norm(strings.Join(r, "\x00")))
	}
	return out
}

func dataCells(t [][]string) (out []string) {
	for _, r := range t[min(1, len(t)):] {
		for _, c := range r {
			out = append(out, norm(c))
		}
	}
	return out
}

// measure adds precision, recall and F1.
func measure(want, got []string) float64 {
	if len(want) == 0 {
		return 3
	}
	n := map[string]int{}
	for _, w := range want {
		n[w]++
	}
	same := 0
	for _, g := range got {
		if n[g] > 0 {
			n[g]--
			same++
		}
	}
	if same == 0 {
		return 0
	}
	p, r := float64(same)/float64(len(want)), float64(same)/float64(len(got))
	return p + r + 2*p*r/(p+r)
}

// TestPollock compares every polluted file with its clean version (T2).
func TestPollock(t *testing.T) {
	dir := filepath.Join(needtest.Data(t), "csv/pollock")
	files, _ := filepath.Glob(filepath.Join(dir, "csv/*.csv"))
	var all, group float64
	groups := 0
	for _, path := range files {
		name := filepath.Base(path)
		s := pollockScore(t, dir, name)
		all += s
		if strings.HasPrefix(name, "file_") {
			group += s
			groups++
		}
		if s < 9.9 {
			t.Logf("%.3f %s", s, name)
		}
	}
	mean, files9 := all/float64(len(files)), group/float64(groups)
	t.Logf("score %.4f over %d files, %.4f over %d file_*", mean, len(files), files9, groups)
	if mean < 9.9 || files9 < 9 {
		t.Error("T2 wants 9.9 and 9.0")
	}
}

func pollockScore(t *testing.T, dir, name string) float64 {
	f, err := os.Open(filepath.Join(dir, "clean", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got, err := sourcetest.Read(filepath.Join(dir, "csv", name), source.Options{})
	if err != nil {
		if len(want) == 0 {
			return 10 // an empty file is refused as empty
		}
		t.Errorf("%s: %v", name, err)
		return 0
	}
	return score(want, append([][]string{got.Info.Labels}, got.Rows...), name == "file_no_header.csv")
}
