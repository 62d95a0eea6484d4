package extension_test

import (
	"testing"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/extension"
	"ceiba/internal/collaboration/procurement/ocds/schema"
)

func TestOf(t *testing.T) {
	for address, want := range map[string]extension.Name{
		"https://raw.githubusercontent.com/open-contracting-extensions/ocds_bid_extension/v1.1.5/extension.json":               extension.Bids,
		"https://extensions.open-contracting.org/en/extensions/bids/v1.1.5/":                                                   extension.Bids,
		"https://raw.githubusercontent.com/open-contracting/ocds_budget_breakdown_extension/master/extension.json":             extension.BudgetBreakdown,
		"https://raw.githubusercontent.com/open-contracting-extensions/ocds_beneficialOwners_extension/v1.1.5/extension.json ": extension.BeneficialOwners,
		"https://raw.githubusercontent.com/open-contracting/ocds_location_extension/v1.1.1/extension.json":                     "",
		"https://example.org/bids/extension.json":                                                                              "",
		"\x00": "",
		"":     "",
	} {
		if got, ok := extension.Of(address); got != want || ok != (want != "") {
			t.Errorf("%q is taken for %q", address, got)
		}
	}
}

// TestPatch: each patch brings its fields, what was there stays, what was given
// is not changed, and all references lead somewhere.
func TestPatch(t *testing.T) {
	core := schema.Open(schema.V11, schema.Release)
	before := string(ocds.Append(nil, core))
	all := extension.Patch(core, extension.All...)
	if string(ocds.Append(nil, core)) != before {
		t.Error("the schema that was given has changed")
	}
	for _, steps := range [][]string{
		{"properties", "bids"},
		{"definitions", "Award", "properties", "relatedBid"},
		{"definitions", "Award", "properties", "relatedLots"},
		{"definitions", "Award", "properties", "status"},
		{"definitions", "Tender", "properties", "lotGroups"},
		{"definitions", "Tender", "properties", "enquiries"},
		{"definitions", "Organization", "properties", "beneficialOwners"},
		{"definitions", "Organization", "properties", "details", "type"},
		{"definitions", "Implementation", "properties", "finalValue"},
		{"definitions", "Budget", "properties", "budgetBreakdown"},
	} {
		if at(all, steps...) == nil {
			t.Errorf("no %v", steps)
		}
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case *ocds.Object:
			if ref := v.Text("$ref"); ref != "" && at(all, "definitions", ref[len("#/definitions/"):]) == nil {
				t.Errorf("nothing at %s", ref)
			}
			for _, f := range v.Fields {
				walk(f.Value)
			}
		}
	}
	walk(all)
}

func at(v any, steps ...string) any {
	for _, s := range steps {
		o, ok := v.(*ocds.Object)
		if !ok {
			return nil
		}
		v, _ = o.Get(s)
	}
	return v
}
