package table_test

import (
	"encoding/json"
	"strings"
	"testing"

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/table/tabletest"
	"ceiba/internal/service/table/versiontest"
)

// TestSchemaIsTableSchema looks at what clients read.
func TestSchemaIsTableSchema(t *testing.T) {
	_, m := versiontest.Build(t, tabletest.RequestsFile(t, 2000, tabletest.Spoil{NA: 3}), profile.Options{})
	text, err := json.Marshal(m.Schema())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"$schema":"https://datapackage.org/profiles/2.0/tableschema.json"`, `"primaryKey":["id"]`,
		`{"name":"id","type":"integer","constraints":{"required":true,"unique":true,"minimum":1,"maximum":2000}}`,
		`{"name":"created_at","type":"datetime","constraints":{"minimum":"2019-01-02T`,
		`"type":"number","rdfType":"http://www.w3.org/2003/01/geo/wgs84_pos#lat"`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	var keys []string
	for _, f := range m.Schema().Fields {
		keys = append(keys, f.Type)
		if f.Name == "district" && len(f.Constraints.Enum) != 6 {
			t.Errorf("districts: %v", f.Constraints.Enum)
		}
	}
	if len(keys) != 12 {
		t.Errorf("%d columns", len(keys))
	}
	for _, typ := range table.Types {
		if f := table.SchemaOf([]table.Column{{Name: "x", Type: typ}}, "").Fields[0]; f.Type == "" {
			t.Errorf("%s has no type in Table Schema", typ)
		}
	}
}
