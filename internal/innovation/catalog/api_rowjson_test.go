package catalog

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/query"
)

// What a body writes of itself is what encoding/json would make of it.
func TestRowsBodyWritesItself(t *testing.T) {
	many := int64(3)
	page := &query.Page{
		Columns: []table.Column{{Name: "a"}, {Name: "b_2"}},
		Rows: []query.Row{
			{ID: 1, Cells: []any{nil, "plain text"}},
			{ID: math.MaxInt64, Cells: []any{int64(-7), "\"<script>&\\ \x01 é \u2028 \xff"}, Distance: 12.34},
			{ID: 3, Cells: []any{1.5e300, true}, Why: []query.Snippet{{Column: "a", Match: "plain"}}},
			{ID: 4, Cells: []any{json.RawMessage(`{"x":[1,2]}`), ""}},
		},
	}
	for _, body := range []RowsBody{
		{Rows: objects(page), Next: "abc", Total: &many, Indexed: true, Derived: "ready", Version: 2},
		{Rows: objects(&query.Page{}), Derived: "pending", Version: 1},
	} {
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(body); err != nil {
			t.Fatal(err)
		}
		got, err := body.AppendJSON(nil)
		if err != nil || string(got)+"\n" != want.String() {
			t.Errorf("%v\n got %s\nwant %s", err, got, want.String())
		}
	}
}
