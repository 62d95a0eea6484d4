package table

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"ceiba/internal/service/table/tabletest"
)

// TestSchemaIsTableSchema looks at what clients read.
func TestSchemaIsTableSchema(t *testing.T) {
	_, m := build(t, requestsFile(t, 2000, tabletest.Spoil{NA: 3}), Options{})
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
	for typ, names := range schemaTypes {
		if !typ.Known() || names[0] == "" {
			t.Errorf("%s is %q in Table Schema", typ, names[0])
		}
	}
	if len(schemaTypes) != len(Types) || len(keys) != 12 {
		t.Errorf("%d of %d types have a name there", len(schemaTypes), len(Types))
	}
}

// TestPreviewShowsWhatBuildStores compares the two for the first rows.
func TestPreviewShowsWhatBuildStores(t *testing.T) {
	path := csvFile(t, "id,paid,when,district\n1,BZ$5,25/12/2025,BZ-CY\n2,N/A,01/02/2026,Toledo\n3,,03/04/2026,Cayo\n"+strings.Repeat("4,BZ$7,05/06/2026,Cayo\n", 300)+"5,maybe,05/06/2026,Cayo\n")
	p, err := ProfileFile(context.Background(), path, Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir, m := build(t, path, Options{})
	lib := NewLibrary(Limits{})
	defer lib.Close()
	v := opened(t, lib, dir)
	page, err := v.Rows(context.Background(), Query{Limit: sampleRows})
	if err != nil {
		t.Fatal(err)
	}
	shown := p.Preview()
	if len(shown) != sampleRows {
		t.Fatalf("%d rows", len(shown))
	}
	for n, row := range shown {
		for i, c := range row {
			if c.Value != page.Rows[n].Cells[i] {
				t.Errorf("row %d, %s: preview %v, stored %v", n, p.Columns[i].Name, c.Value, page.Rows[n].Cells[i])
			}
		}
	}
	if c := shown[1][1]; c.Raw != "N/A" || c.Code != CodeNullWord || shown[2][1].Code != "" {
		t.Errorf("null word: %+v, empty: %+v", c, shown[2][1])
	}
	if m.Columns[1].Unit != "BZ$" || m.Rejects.Total != 2 {
		t.Errorf("unit %q, rejects %+v", m.Columns[1].Unit, m.Rejects)
	}
	var out bytes.Buffer
	if err := v.ExportRejects(&out); err != nil || out.String() != "line,row,column,code,value\n3,2,paid,null_word,N/A\n305,304,paid,bad_value,maybe\n" {
		t.Errorf("rejects %q, %v", out.String(), err)
	}
}

// TestDaysIncludeTheirEvening: a day as the end of a range of times.
func TestDaysIncludeTheirEvening(t *testing.T) {
	dir, _ := build(t, csvFile(t, "id,at\n1,2026-03-30 23:00:00\n2,2026-03-31 00:00:00\n3,2026-03-31 18:30:00\n4,2026-04-01 00:00:00\n"), Options{})
	lib := NewLibrary(Limits{})
	defer lib.Close()
	v := opened(t, lib, dir)
	for _, x := range []struct {
		f    Filter
		want int
	}{
		{Between{"at", "2026-03-31", "2026-03-31"}, 2},
		{Compare{"at", "<=", "2026-03-31"}, 3},
		{Compare{"at", ">", "2026-03-31"}, 1},
		{Compare{"at", "<", "2026-03-31"}, 1},
		{Compare{"at", ">=", "2026-03-31"}, 3},
		{Compare{"at", "<=", "2026-03-31T18:30:00"}, 3},
	} {
		page, err := v.Rows(context.Background(), Query{Filter: x.f})
		if err != nil || len(page.Rows) != x.want {
			t.Errorf("%+v: %d rows, want %d, %v", x.f, len(page.Rows), x.want, err)
		}
	}
}

// TestLongTextsStayOutOfTheManifest: a column of essays is counted, not kept.
func TestLongTextsStayOutOfTheManifest(t *testing.T) {
	long := strings.Repeat("lorem ", 200)
	dir, m := build(t, csvFile(t, "id,essay\n1,"+long+"\n2,"+long+"x\n3,short\n"), Options{})
	if len(m.Stats[1].Top) != 0 || m.Stats[1].MaxLength != 1201 || m.Stats[1].Distinct != 3 {
		t.Errorf("%+v", m.Stats[1])
	}
	if text, _ := json.Marshal(m); len(text) > 5000 {
		t.Errorf("a manifest of %d bytes", len(text))
	}
	lib := NewLibrary(Limits{})
	defer lib.Close()
	f, err := opened(t, lib, dir).Facets(context.Background(), []string{"essay"}, nil, 2)
	if ids, err := opened(t, lib, dir).Facets(context.Background(), []string{"id"}, nil, 1); err != nil || ids[0].Values[0].Value != int64(1) {
		t.Errorf("whole numbers come back as %T, %v", ids[0].Values[0].Value, err)
	}
	if err != nil || len(f[0].Values) != 2 || f[0].Distinct != 3 || f[0].Others != 1 {
		t.Errorf("%+v %v", f, err)
	}
}
