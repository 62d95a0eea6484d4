package cell

import (
	"testing"

	"ceiba/internal/service/table"
)

// TestReader reads cells under a type and shows what is stored.
func TestReader(t *testing.T) {
	for _, x := range []struct {
		column table.Column
		cell   string
		want   Outcome
		shown  any
	}{
		{table.Column{Type: table.Text}, " as it is ", Kept, " as it is "},
		{table.Column{Type: table.Text}, "  ", Empty, nil},
		{table.Column{Type: table.Text, NullWords: []string{"none"}}, "none", Empty, nil},
		{table.Column{Type: table.Integer}, "1,234", Kept, int64(1234)},
		{table.Column{Type: table.Integer}, "1.5", Bad, nil},
		{table.Column{Type: table.Integer}, "N/A", Nulled, nil},
		{table.Column{Type: table.Number}, "(BZ$1,200.50)", Kept, -1200.5},
		{table.Column{Type: table.Number, DecimalComma: true}, "1.200,50", Kept, 1200.5},
		{table.Column{Type: table.Latitude}, "91", Bad, nil},
		{table.Column{Type: table.Boolean}, "Sí", Kept, true},
		{table.Column{Type: table.Date, DayFirst: true}, "03/04/2026", Kept, "2026-04-03"},
		{table.Column{Type: table.Date}, "03/04/2026", Kept, "2026-03-04"},
		{table.Column{Type: table.Date}, "2026-02-30", Bad, nil},
		{table.Column{Type: table.Timestamp, UTC: true}, "2026-03-04 05:06:07 -06:00", Kept, "2026-03-04T11:06:07Z"},
		{table.Column{Type: table.Time}, "5:06 pm", Kept, "17:06:00"},
		{table.Column{Type: table.District}, "bz-cy", Kept, "Cayo"},
		{table.Column{Type: table.Point}, "POINT(-88.77 17.25)", Kept, "POINT(-88.77 17.25)"},
		{table.Column{Type: table.URL}, "https://example.org", Kept, "https://example.org"},
		{table.Column{Type: table.JSON}, `{"a": `, Bad, nil},
	} {
		var v Value
		got := NewReader(&x.column).Read([]byte(x.cell), &v)
		if got != x.want {
			t.Errorf("%s %q: outcome %d, want %d", x.column.Type, x.cell, got, x.want)
			continue
		}
		if got != Kept {
			continue
		}
		var shown any
		switch x.column.Type.Form() {
		case table.FormText:
			shown = string(v.Text)
		case table.FormFloat:
			shown = v.Float
		default:
			shown = ShowInt(&x.column, v.Int)
		}
		if shown != x.shown {
			t.Errorf("%s %q: %v, want %v", x.column.Type, x.cell, shown, x.shown)
		}
		if back, ok := Literal(&x.column, shown); !ok || x.column.Type.Form() != table.FormText && x.column.Type.Form() != table.FormFloat && x.column.Type != table.Boolean && back != v.Int {
			t.Errorf("%s %q: a query for %v asks for %v, stored is %d", x.column.Type, x.cell, shown, back, v.Int)
		}
	}
}
