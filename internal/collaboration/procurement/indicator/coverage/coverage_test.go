package coverage_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/indicator/coverage"
	"ceiba/internal/ground/needtest"
)

func TestGivesCardinalsCounts(t *testing.T) {
	dir := filepath.Join(needtest.Data(t), "ocds", "cardinal-fixtures")
	files, err := filepath.Glob(filepath.Join(dir, "tests/fixtures/coverage/*.jsonl"))
	if err != nil || len(files) != 35 {
		t.Fatalf("%d files, want 35: %v", len(files), err)
	}
	for _, file := range files {
		var want coverage.Counts
		if err := json.Unmarshal(content(t, strings.TrimSuffix(file, ".jsonl")+".expected"), &want); err != nil {
			t.Fatal(err)
		}
		check(t, file, want)
	}
	// What Cardinal's documentation prints, docs/cli/coverage.md.
	check(t, filepath.Join(dir, "docs/examples/coverage.jsonl"), coverage.Counts{
		"/phoneNumbers[]/type": 2, "/phoneNumbers[]/number": 2, "/phoneNumbers[]/": 2, "/phoneNumbers[]": 2, "/phoneNumbers": 1, "/": 1, "": 1,
	})
	check(t, filepath.Join(dir, "docs/examples/coverage-duplicate.jsonl"), coverage.Counts{})
	check(t, filepath.Join(dir, "docs/examples/coverage-empty.jsonl"), coverage.Counts{"/": 2, "": 1})
	check(t, filepath.Join(dir, "docs/examples/coverage-bracket.jsonl"), coverage.Counts{"/a[]": 2, "/a": 1, "/": 1, "": 1})
}

func check(t *testing.T, file string, want coverage.Counts) {
	t.Helper()
	for workers := range 3 {
		got, _, err := coverage.Count(bytes.NewReader(content(t, file)), workers)
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%s, %d workers: got %v, want %v; %v", filepath.Base(file), workers, got, want, err)
		}
	}
}

func content(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
