package check

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/collaboration/procurement/ocds/schema"
	"ceiba/internal/ground/needtest"
)

// official compiles the release schema as it was published, with all keywords.
func official(t testing.TB) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	c.AssertFormat()
	c.RegisterFormat(&jsonschema.Format{Name: "date-time", Validate: text(isDateTime)})
	c.RegisterFormat(&jsonschema.Format{Name: "uri", Validate: text(isURI)})
	o := schema.Open(schema.V11, schema.Release)
	if err := c.AddResource(o.Text("id"), decode(t, ocds.Append(nil, o))); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(o.Text("id"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decode(t testing.TB, text []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// agrees compares our verdict on a release with that of the official schema.
func agrees(t interface {
	Helper()
	Fatalf(string, ...any)
}, s *jsonschema.Schema, r *rules, text []byte,
) {
	t.Helper()
	v, err := read.Value(text, read.Usual)
	if err != nil {
		t.Fatalf("%v", err)
	}
	var plain any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&plain); err != nil {
		t.Fatalf("%v", err)
	}
	w := &walker{}
	w.fits(r.release, v.(*ocds.Object))
	if slices.ContainsFunc(w.found, func(f Finding) bool { return f.Rule == "unique.id" }) {
		return // the schema lets pass what has the same id and differs in something else
	}
	faults := slices.DeleteFunc(w.found, func(f Finding) bool { return !f.Kind.Fault() })
	if err := s.Validate(plain); (err == nil) != (len(faults) == 0) {
		t.Fatalf("the official schema says %v, we %v", err, faults)
	}
}

// TestRealAsOfficial: of the real releases and the examples, those have faults
// that the official schema refuses, but for ids that occur twice.
func TestRealAsOfficial(t *testing.T) {
	s, r := official(t), newRules(schema.V11, nil)
	names, err := filepath.Glob(filepath.Join(needtest.Data(t), "ocds/real-releases/*.jsonl"))
	if err != nil || len(names) != 9 {
		t.Fatal(len(names), err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			agrees(t, s, r, line)
		}
	}
}

// TestChangedAsOfficial: the same after random changes of a clean release.
func TestChangedAsOfficial(t *testing.T) {
	s, r := official(t), newRules(schema.V11, nil)
	names, err := filepath.Glob(filepath.Join(needtest.Data(t), "ocds/examples/fictional-example/1.1/*-0?-*.json"))
	if err != nil || len(names) != 6 {
		t.Fatal(len(names), err)
	}
	var clean [][]byte
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pack := decode(t, text).(map[string]any)
		one, err := json.Marshal(pack["releases"].([]any)[0])
		if err != nil {
			t.Fatal(err)
		}
		clean = append(clean, one)
	}
	values := []string{
		`null`, `true`, `""`, `"x"`, `"active"`, `"2016-01-01T00:00:00Z"`, `"2016-01-01"`, `"https://example.org/"`, `0`, `-1`, `5.5`, `1e400`, `"5"`,
		`[]`, `{}`, `["x"]`, `[{}]`, `[{},{}]`, `{"id":"1"}`, `[{"id":"1"}]`, `[{"id":1},{"id":"1"}]`, `{"amount":"5","currency":"XYZ"}`,
	}
	rapid.Check(t, func(t *rapid.T) {
		var v any
		if err := json.Unmarshal(clean[rapid.IntRange(0, 5).Draw(t, "release")], &v); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			change(t, v, values)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		agrees(t, s, r, text)
	})
}

// change changes a value somewhere below v.
func change(t *rapid.T, v any, values []string) {
	for {
		var new any
		d := json.NewDecoder(strings.NewReader(rapid.SampledFrom(values).Draw(t, "value")))
		d.UseNumber()
		if err := d.Decode(&new); err != nil {
			t.Fatal(err)
		}
		down := rapid.Bool().Draw(t, "down")
		switch in := v.(type) {
		case map[string]any:
			names := append(slices.Sorted(maps.Keys(in)), "title_es", "title_", "zz", "status")
			name := rapid.SampledFrom(names).Draw(t, "name")
			if inner := in[name]; down && inner != nil {
				v = inner
				continue
			}
			if in[name] = new; rapid.IntRange(0, 4).Draw(t, "delete") == 0 {
				delete(in, name)
			}
		case []any:
			if len(in) > 0 {
				i := rapid.IntRange(0, len(in)-1).Draw(t, "position")
				if down {
					v = in[i]
					continue
				}
				in[i] = new
			}
		}
		return
	}
}
