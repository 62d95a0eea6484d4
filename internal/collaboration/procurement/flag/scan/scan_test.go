package scan_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/flag"
	"ceiba/internal/collaboration/procurement/flag/scan"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/ground/needtest"
)

// found gives all findings in their one order.
func found(t testing.TB, text string, o scan.Options) ([]outcome.Finding, *scan.Report) {
	t.Helper()
	var all []outcome.Finding
	report, err := scan.Scan(strings.NewReader(text), o, func(f *outcome.Finding) error {
		all = append(all, *f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	outcome.Sort(all)
	return all, report
}

// main currencies of the real files, in which their prices are compared.
var currencies = map[string]string{
	"armenia-armeps": "AMD", "colombia-2017": "COP", "colombia-secop-2021": "COP", "mexico-cdmx": "MXN", "moldova-mtender-legacy": "MDL",
	"nigeria": "NGN", "portugal-impic-2019": "EUR", "uk-contracts-finder": "GBP", "ukraine-prozorro": "UAH",
}

// TestRealFiles: the real files run through, and give as many of each outcome as
// the golden file says. UPDATE=1 writes it.
func TestRealFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(needtest.Data(t), "ocds", "real-releases", "*.jsonl"))
	if err != nil || len(files) != 9 {
		t.Fatalf("%d files, want 9: %v", len(files), err)
	}
	var golden strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".jsonl")
		all, report := found(t, string(text), scan.Options{Currency: currencies[name]})
		fmt.Fprintf(&golden, "%s: %d processes, %d repeated, %d buyers and years\n", name, report.Processes, report.Repeated, len(report.Matrix))
		count := map[string]map[outcome.Outcome]int{}
		for i := range all {
			f := &all[i]
			if fault := f.Fault(); fault != "" {
				t.Fatalf("%s: %s: %+v", name, fault, f)
			}
			if count[f.Rule] == nil {
				count[f.Rule] = map[outcome.Outcome]int{}
			}
			count[f.Rule][f.Outcome]++
		}
		for _, rule := range slices.Sorted(maps.Keys(count)) {
			fmt.Fprintf(&golden, "  %s", rule)
			for _, o := range outcome.Outcomes {
				if n := count[rule][o]; n > 0 {
					fmt.Fprintf(&golden, " %s %d", o, n)
				}
			}
			golden.WriteByte('\n')
		}
	}
	const path = "testdata/real.txt"
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(golden.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || golden.String() != string(want) {
		t.Errorf("other counts than %s has (%v); UPDATE=1 writes it:\n%s", path, err, golden.String())
	}
}

// TestEveryFindingCanBeSaid: each reason has its sentence.
func TestEveryFindingCanBeSaid(t *testing.T) {
	b, err := flag.Words.ReadFile("locale/en.json")
	var words map[string]string
	if err != nil || json.Unmarshal(b, &words) != nil {
		t.Fatal("no words", err)
	}
	for _, f := range everything(t) {
		for _, k := range []string{flag.WhyKey(&f), flag.AboutKey(&f), flag.SubjectKey(f.Subject.Kind)} {
			if k != "" && words[k] == "" {
				t.Fatalf("%s: no sentence %s", f.Rule, k)
			}
		}
	}
}

// everything is what is found in all real files at once.
func everything(t testing.TB) []outcome.Finding {
	all, _ := found(t, real(t), scan.Options{})
	return all
}

func real(t testing.TB) string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(needtest.Data(t), "ocds", "real-releases", "*.jsonl"))
	var out []byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out = append(append(out, bytes.TrimSpace(text)...), '\n')
	}
	return string(out)
}

// written is what it says as JSON; for tests and rapid's alike.
func written(t interface{ Fatal(...any) }, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestSameBytesOnAnyWorkers: also those of the matrix, and of a release that was
// read before.
func TestSameBytesOnAnyWorkers(t *testing.T) {
	text := real(t)
	first, one := found(t, text, scan.Options{Workers: 1})
	again, many := found(t, text, scan.Options{Workers: 4})
	if written(t, first) != written(t, again) || written(t, one.Matrix) != written(t, many.Matrix) {
		t.Error("4 workers give other bytes than 1")
	}
	lines := slices.Collect(strings.Lines(text))
	slices.Reverse(lines)
	unique, seen := []string{}, map[string]bool{}
	for _, l := range lines {
		var r struct{ OCID string }
		if json.Unmarshal([]byte(l), &r) == nil && !seen[r.OCID] {
			seen[r.OCID] = true
			unique = append(unique, l)
		}
	}
	forward, a := found(t, strings.Join(unique, ""), scan.Options{})
	slices.Reverse(unique)
	backward, b := found(t, strings.Join(unique, ""), scan.Options{})
	if written(t, forward) != written(t, backward) || written(t, a.Matrix) != written(t, b.Matrix) {
		t.Error("the order of the input matters")
	}
}
