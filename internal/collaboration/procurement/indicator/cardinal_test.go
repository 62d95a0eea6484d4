package indicator_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/indicator"
	"ceiba/internal/collaboration/procurement/indicator/settings"
	"ceiba/internal/ground/needtest"
)

// fixtures are Cardinal's own test files of one kind.
func fixtures(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(needtest.Data(t), "ocds", "cardinal-fixtures", "tests", "fixtures", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return files
}

// settingsOf reads what a fixture's name says, by the grammar of Cardinal's
// build.rs: indicator[-label | -setting-value | -setting-key-value-key-value…].
func settingsOf(t testing.TB, name string) settings.Settings {
	t.Helper()
	parts := strings.Split(strings.ReplaceAll(name, "+", "|"), "-")
	ini := "no_price_comparison_procurement_methods = NPC\n[exclusions]\nprocurement_method_details = EXC\n[" + parts[0] + "]\n"
	switch rest := parts[1:]; {
	case len(rest) == 2:
		ini += rest[0] + " = " + rest[1] + "\n"
	case len(rest) > 2:
		ini += "[" + parts[0] + "." + rest[0] + "]\n"
		for i := 1; i+1 < len(rest); i += 2 {
			ini += rest[i] + " = " + rest[i+1] + "\n"
		}
	}
	s, err := settings.Read(strings.NewReader(ini))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestGivesCardinalsResults(t *testing.T) {
	files := fixtures(t, "indicators/*.jsonl")
	if len(files) != 15 {
		t.Errorf("%d fixtures, want 15", len(files))
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".jsonl")
		t.Run(name, func(t *testing.T) {
			in := content(t, file)
			want := content(t, strings.TrimSuffix(file, ".jsonl")+".expected")
			var first []byte
			for workers := 1; workers <= 3; workers++ {
				r, err := indicator.Compute(bytes.NewReader(in), indicator.Options{Settings: settingsOf(t, name), Cardinal: true, Workers: workers})
				if err != nil {
					t.Fatal(err)
				}
				got := printed(t, r.WithoutMeta())
				if !sameJSON(t, got, want) {
					t.Errorf("%d workers: got  %s\nwant %s", workers, got, want)
				}
				if first == nil {
					first = got
				}
				if !bytes.Equal(first, got) {
					t.Errorf("%d workers print other bytes", workers)
				}
			}
		})
	}
}

func content(t testing.TB, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func printed(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sameJSON(t testing.TB, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatalf("%v in %s", err, a)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return reflect.DeepEqual(x, y)
}

func TestDecimalsAreWrittenAsCardinalDoes(t *testing.T) {
	for v, want := range map[indicator.Decimal]string{
		0: "0.0", 1: "1.0", 0.5: "0.5", 100: "100.0", 0.00001: "0.00001", 1e-6: "1e-6", 1.5e-7: "1.5e-7",
		1e15: "1000000000000000.0", 1e16: "1e16", 1.25e20: "1.25e20", -2: "-2.0", 3.1499999999999995: "3.1499999999999995",
	} {
		if got := string(printed(t, v)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// The commands and what they print are in docs/cli/indicators/R of cardinal-rs.
func TestPrintsWhatCardinalsDocumentationPrints(t *testing.T) {
	dir := filepath.Join(needtest.Data(t), "ocds", "cardinal-fixtures", "docs", "examples")
	for _, c := range []struct{ name, ini, want string }{
		{"003", "settings.ini", `{"OCID":{"F":{"R003":1.0}}}`},
		{"018", "settings.ini", `{"OCID":{"F":{"R018":1.0}}}`},
		{"024", "R/024.ini", `{"OCID":{"F":{"R024":1.0}},"Tenderer":{"L":{"R024":0.0},"W":{"R024":0.0}}}`},
		{"025", "R/025.ini", `{"Tenderer":{"F":{"R025":0.16666666666666666}}}`},
		{"028", "settings.ini", `{"OCID":{"F":{"R028":1.0}},"Tenderer":{"D":{"R028":1.0},"V":{"R028":1.0}}}`},
		{"030", "R/030.ini", `{"OCID":{"F":{"R030":1.0}},"Tenderer":{"W":{"R030":1.0}}}`},
		{"035", "R/035.ini", `{"OCID":{"F":{"R035":1.0}},"Tenderer":{"V":{"R035":0.0}}}`},
		{"036", "settings.ini", `{"OCID":{"F":{"R036":1.0}}}`},
		{"038", "settings.ini", `{"Buyer":{"B":{"R038":0.5}}}`},
		{"048", "R/048.ini", `{"Tenderer":{"F":{"R048":2.0}}}`},
		{"058", "settings.ini", `{"OCID":{"F":{"R058":99.0}},"Tenderer":{"W":{"R058":0.0}}}`},
	} {
		s, err := settings.Read(bytes.NewReader(content(t, filepath.Join(dir, c.ini))))
		if err != nil {
			t.Fatal(err)
		}
		in := content(t, filepath.Join(dir, "R", c.name+".jsonl"))
		r, err := indicator.Compute(bytes.NewReader(in), indicator.Options{Settings: s, Cardinal: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(printed(t, r.WithoutMeta())); got != c.want {
			t.Errorf("%s: got  %s\nwant %s", c.name, got, c.want)
		}
	}
}
