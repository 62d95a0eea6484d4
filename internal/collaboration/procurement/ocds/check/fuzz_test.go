package check_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/check"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/ground/needtest"
)

// FuzzCheck: whatever comes, checking ends without a panic; a report that is
// valid has no faults and did not miss any item; anomalies have places that are
// there.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{
		release + `,"tender":{"id":"1","value":{"amount":"5"}}}`, head + `"releases":[` + release + `}],"version":"1.0"}`,
		`{"records":[{"ocid":"a","releases":[{"url":"x"},{"id":5}],"versionedRelease":{"tender":{"title":[{"value":5}]}}}],"extensions":["ocds_lots_extension"]}`,
		`{"releases":[{"url":5}],"ocid":"a"}`, `[{"releases":[]},{"ocid":"a","parties":[{"id":1},{"id":"1"}],"contracts":[{"awardID":{"$oid":""}}]}]`, "{\"ocid\":}\n{\"ocid\":\"b\",\"ocid\":1}",
	} {
		f.Add(s)
	}
	limits := read.Limits{Bytes: 10_000, Values: 1000, Depth: 20, Digits: 30}
	checker := check.New(check.Options{Limits: limits, Workers: 1})
	f.Fuzz(func(t *testing.T, text string) {
		rep := &check.Report{}
		faults := 0
		err := checker.File("", strings.NewReader(text), again([]byte(text)), rep, func(found *check.Found) error {
			if found.Kind.Fault() {
				faults++
			}
			if found.Pointer != "" && found.Pointer[0] != '/' {
				t.Errorf("%q is no pointer", found.Pointer)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if rep.Valid() && faults > 0 || rep.Faults() != faults {
			t.Errorf("%d faults in the report, %d were told", rep.Faults(), faults)
		}
		encoded(t, rep.JSON(func(key string, _ ...any) string { return key }))
		v, err := read.Value([]byte(text), limits)
		if o, ok := v.(*ocds.Object); ok && err == nil {
			for _, found := range check.Anomalies(o) {
				if _, ok := at(t, []byte(text), found.Pointer); !ok && !strings.Contains(found.Pointer, "…") {
					t.Errorf("there is no %s (%s)", found.Pointer, found.Rule)
				}
			}
		}
	})
}

// large gives about n bytes of the real releases, one a line.
func large(b *testing.B, n int) []byte {
	b.Helper()
	names, err := filepath.Glob(filepath.Join(needtest.Data(b), "ocds/real-releases/*.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	var once []byte
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		once = append(append(once, bytes.TrimSpace(text)...), '\n')
	}
	return bytes.Repeat(once, max(1, n/len(once)))
}

// BenchmarkFile checks some MB of real releases. Measured with 100 MB: see
// doc.go.
func BenchmarkFile(b *testing.B) {
	for _, workers := range []int{1, 2} {
		b.Run(map[int]string{1: "one", 2: "two"}[workers], func(b *testing.B) {
			text := large(b, 10<<20)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if err := check.New(check.Options{Workers: workers}).File("", bytes.NewReader(text), nil, &check.Report{}, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
