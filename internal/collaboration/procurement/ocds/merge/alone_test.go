package merge

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/collaboration/procurement/ocds/schema"
	"ceiba/internal/ground/needtest"
)

// held compares alone with Merge, byte by byte, and reports whether it was used.
func held(t interface{ Fatalf(string, ...any) }, rules *Rules, release *ocds.Object) bool {
	got, ok := alone(rules, release)
	if !ok {
		return false
	}
	want, err := all(New(rules, false), []any{release})
	if err != nil {
		t.Fatalf("Merge refuses %s: %v", ocds.Append(nil, release), err)
	}
	if a, b := ocds.Append(nil, got), ocds.Append(nil, want.Release); !bytes.Equal(a, b) || len(want.Warnings) > 0 {
		t.Fatalf("of %s\nalone %s\nMerge %s %v", ocds.Append(nil, release), a, b, want.Warnings)
	}
	return true
}

// anything draws JSON of the names that rules speak of.
func anything(t *rapid.T, depth int) any {
	kinds := 6
	if depth > 4 {
		kinds = 4
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.SampledFrom([]any{"a", "b", true}).Draw(t, "text")
	case 2:
		return json.Number(rapid.SampledFrom([]string{"1", "1.0", "2"}).Draw(t, "number"))
	case 3:
		return []any{"x"}
	case 4:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			if rapid.IntRange(0, 5).Draw(t, "what") == 0 {
				list = append(list, anything(t, depth+1))
			} else {
				list = append(list, something(t, depth+1))
			}
		}
		return list
	}
	return something(t, depth+1)
}

func something(t *rapid.T, depth int) *ocds.Object {
	o := &ocds.Object{}
	for range rapid.IntRange(0, 4).Draw(t, "fields") {
		key := rapid.SampledFrom([]string{"id", "tender", "items", "awards", "contracts", "parties", "additionalIdentifiers", "roles", "relatedProcesses", "relationship", "submissionMethod", "title", "date", "tag", "ocid"}).Draw(t, "key")
		o.Set(key, anything(t, depth))
	}
	return o
}

func TestAlone(t *testing.T) {
	used := 0
	rapid.Check(t, func(t *rapid.T) {
		r := something(t, 0)
		r.Set("ocid", "ocds-x")
		for _, v := range []schema.Version{schema.V10, schema.V11} {
			if held(t, Standard(v), r) {
				used++
			}
		}
	})
	if used < 50 {
		t.Errorf("used %d times: the test says little", used)
	}
}

func TestAloneReal(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(needtest.Data(t), "ocds", "real-releases", "*"))
	if err != nil {
		t.Fatal(err)
	}
	used, all := 0, 0
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for item, err := range read.Items(f, read.Usual) {
			if err != nil {
				continue
			}
			if all++; held(t, Standard(schema.V11), item.Object) {
				used++
			}
		}
	}
	if all < 300 || used < all*3/4 {
		t.Errorf("used for %d of %d releases", used, all)
	}
}
