package schema_test

import (
	"testing"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/schema"
)

// TestCodelists: each codelist that the schemas name is there, and a closed one
// holds what the schemas enumerate.
func TestCodelists(t *testing.T) {
	lists := schema.Codelists()
	if len(lists) != 19 || !lists["currency.csv"]["BZD"] || lists["currency.csv"][""] {
		t.Errorf("%d codelists", len(lists))
	}
	named := 0
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case *ocds.Object:
			if name := v.Text("codelist"); name != "" {
				named++
				compare(t, lists[name], v)
			}
			for _, f := range v.Fields {
				walk(f.Value)
			}
		}
	}
	for _, n := range []schema.Name{schema.Release, schema.RecordPackage, schema.Versioned} {
		walk(schema.Open(schema.V11, n))
	}
	if named != 39 {
		t.Errorf("%d fields with a codelist", named)
	}
}

func compare(t *testing.T, list map[string]bool, field *ocds.Object) {
	t.Helper()
	name := field.Text("codelist")
	if len(list) == 0 {
		t.Errorf("no codelist %s", name)
	}
	of := field
	if v, ok := field.Get("items"); ok {
		of = v.(*ocds.Object)
	}
	v, _ := of.Get("enum")
	enum, _ := v.([]any)
	n := 0
	for _, code := range enum {
		if code == nil {
			continue
		}
		n++
		if !list[code.(string)] {
			t.Errorf("%s lacks %v", name, code)
		}
	}
	if enum != nil && n != len(list) {
		t.Errorf("%s has %d codes, the schema %d", name, len(list), n)
	}
}
