package check

import (
	"encoding/json"
	"testing"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/extension"
	"ceiba/internal/collaboration/procurement/ocds/schema"
)

// silent are keywords that say nothing about what is valid.
var silent = map[string]bool{
	"title": true, "description": true, "default": true, "omitWhenMerged": true, "wholeListMerge": true, "versionId": true, "mergeStrategy": true, "mergeOptions": true,
	"properties": true, "items": true, "definitions": true,
}

// TestKeywords: each keyword of the schemas is checked by the library, by the
// walk, or says nothing; and numbers are asked for no more than their sign, which
// is all that the library gets to see of them.
func TestKeywords(t *testing.T) {
	var walk func(v any, where string)
	walk = func(v any, where string) {
		s, ok := v.(*ocds.Object)
		if !ok {
			if list, ok := v.([]any); ok {
				for _, x := range list {
					walk(x, where)
				}
			}
			return
		}
		for _, f := range s.Fields {
			inner, _ := f.Value.(*ocds.Object)
			switch {
			case f.Key == "properties" || f.Key == "definitions" || f.Key == "patternProperties":
				for _, p := range inner.Fields {
					walk(p.Value, where+"/"+p.Key)
				}
			case f.Key == "items" || f.Key == "oneOf":
				walk(f.Value, where)
			case !kept[f.Key] && !walked[f.Key] && !silent[f.Key]:
				t.Errorf("%s: %s is not looked at", where, f.Key)
			case f.Key == "minimum" && f.Value != json.Number("0"):
				t.Errorf("%s: minimum %v", where, f.Value)
			case f.Key == "enum":
				for _, x := range f.Value.([]any) {
					if _, number := x.(json.Number); number {
						t.Errorf("%s: %v is among the values", where, x)
					}
				}
			}
		}
	}
	for _, v := range []schema.Version{schema.V10, schema.V11} {
		for _, n := range []schema.Name{schema.Release, schema.ReleasePackage, schema.RecordPackage, schema.Versioned} {
			walk(schema.Open(v, n), string(v)+" "+string(n))
		}
	}
	walk(extension.Patch(schema.Open(schema.V11, schema.Release), extension.All...), "extended")
}

// TestCodelists: no field has a codelist that is not there.
func TestCodelists(t *testing.T) {
	seen, fields := map[*node]bool{}, 0
	var walk func(n *node)
	walk = func(n *node) {
		if seen[n] {
			return
		}
		seen[n] = true
		for name, f := range n.fields {
			if fields++; f.codelist != "" && len(f.codes) == 0 {
				t.Errorf("%s: no codes of %s", name, f.codelist)
			}
			walk(f.node)
		}
	}
	walk(everything().release.node)
	if fields < 250 {
		t.Errorf("only %d fields", fields)
	}
	status, _ := everything().release.node.fields["bids"].node.fields["details"].node.find("status")
	if !status.codes["valid"] || status.codes["qualified"] {
		t.Error(status.codes)
	}
}
