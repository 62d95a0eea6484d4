package open_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ceiba/internal/ground/needtest"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/sourcetest"
)

// TestSpectrum reads csv-spectrum as its JSON says (T1).
func TestSpectrum(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(needtest.Data(t), "csv/spectrum/*.csv"))
	if len(files) != 12 {
		t.Fatalf("%d files, want 12", len(files))
	}
	for _, path := range files {
		text, err := os.ReadFile(strings.TrimSuffix(path, ".csv") + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var want []map[string]string
		if text[0] == '{' { // one file holds a single record
			text = append(append([]byte{'['}, text...), ']')
		}
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		got, err := sourcetest.Read(asPublished(t, path), source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var records []map[string]string
		for _, r := range got.Rows {
			m := map[string]string{}
			for i, c := range r {
				m[got.Info.Labels[i]] = c
			}
			records = append(records, m)
		}
		if d := cmp.Diff(want, records); d != "" {
			t.Errorf("%s:\n%s", filepath.Base(path), d)
		}
	}
}

// asPublished mends two files of the corpus whose CSV and JSON disagree: line
// ends that git made LF in the _crlf files, and a telephone number that was
// changed in the JSON alone.
func asPublished(t *testing.T, path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(b), "2095257564", "1234567890", 1)
	if strings.Contains(path, "_crlf") && !strings.Contains(text, "\r\n") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return sourcetest.File(t, text)
}
