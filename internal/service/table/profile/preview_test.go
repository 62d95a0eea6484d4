package profile_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/export"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/table/query"
	"ceiba/internal/service/table/tabletest"
	"ceiba/internal/service/table/versiontest"
)

// shownRows is how many rows a preview has.
const shownRows = 20

// TestPreviewShowsWhatBuildStores compares the two for the first rows.
func TestPreviewShowsWhatBuildStores(t *testing.T) {
	path := tabletest.File(t, "id,paid,when,district\n1,BZ$5,25/12/2025,BZ-CY\n2,N/A,01/02/2026,Toledo\n3,,03/04/2026,Cayo\n"+strings.Repeat("4,BZ$7,05/06/2026,Cayo\n", 300)+"5,maybe,05/06/2026,Cayo\n")
	p, err := profile.File(context.Background(), path, profile.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir, m := versiontest.Build(t, path, profile.Options{})
	lib := query.NewLibrary(query.Limits{})
	defer lib.Close()
	v := versionAt(t, lib, dir)
	page, err := v.Rows(context.Background(), query.Query{Limit: shownRows})
	if err != nil {
		t.Fatal(err)
	}
	shown := p.Preview()
	if len(shown) != shownRows {
		t.Fatalf("%d rows", len(shown))
	}
	for n, row := range shown {
		for i, c := range row {
			if c.Value != page.Rows[n].Cells[i] {
				t.Errorf("row %d, %s: preview %v, stored %v", n, p.Columns[i].Name, c.Value, page.Rows[n].Cells[i])
			}
		}
	}
	if c := shown[1][1]; c.Raw != "N/A" || c.Code != table.CodeNullWord || shown[2][1].Code != "" {
		t.Errorf("null word: %+v, empty: %+v", c, shown[2][1])
	}
	if m.Columns[1].Unit != "BZ$" || m.Rejects.Total != 2 {
		t.Errorf("unit %q, rejects %+v", m.Columns[1].Unit, m.Rejects)
	}
	var out bytes.Buffer
	if err := export.Rejects(&out, v); err != nil || out.String() != "line,row,column,code,value\n3,2,paid,null_word,N/A\n305,304,paid,bad_value,maybe\n" {
		t.Errorf("rejects %q, %v", out.String(), err)
	}
}
