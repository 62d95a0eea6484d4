package catalog

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"ceiba/internal/service/table"
)

var manifest = &table.Manifest{Rows: 10, Columns: []table.Column{
	{Name: "district", Type: table.District}, {Name: "amount", Type: table.Number}, {Name: "opened", Type: table.Date}, {Name: "o_k", Type: table.Boolean},
}, Stats: make([]table.ColumnStats, 4)}

// What the small forms on the page add becomes a filter that can be parsed,
// whatever is typed into them.
func TestConditions(t *testing.T) {
	for _, x := range []struct{ col, op, val, want string }{
		{"district", "=", "Stann Creek", `"district" = 'Stann Creek'`},
		{"amount", ">=", "50000", `"amount" >= 50000`},
		{"district", "=", "O'Neil", `"district" = 'O''Neil'`},
		{"district", "empty", "", `"district" IS NULL`},
		{"o_k", "=", "true", `"o_k" = true`},
		{"district", "has", "%_x", `CASEI("district") LIKE CASEI('%%_x%')`},
		{"none", "=", "1", ""},
		{"amount", "=", "", ""},
		{"amount", "DROP", "1", ""},
	} {
		q := url.Values{"col": {x.col}, "op": {x.op}, "val": {x.val}}
		got := condition(q, manifest)
		if got != x.want {
			t.Errorf("%v: %s, want %s", x, got, x.want)
		}
		if _, err := readExploring(q, manifest); err != nil {
			t.Errorf("%s cannot be parsed: %v", got, err)
		}
	}
}

func TestSplitAnd(t *testing.T) {
	for in, want := range map[string]string{
		`"a" = 1 AND "b" = 'x AND y'`: `"a" = 1|"b" = 'x AND y'`, `"a" = 1 OR "b" = 2`: `"a" = 1 OR "b" = 2`, "": "",
		`("a" = 1 AND "b" = 2) AND "c" IS NULL`: `("a" = 1 AND "b" = 2)|"c" IS NULL`, `"a" BETWEEN 1 AND 2`: `"a" BETWEEN 1 AND 2`,
	} {
		if got := strings.Join(splitAnd(in), "|"); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}

func TestCallsAndBoxes(t *testing.T) {
	got := fmt.Sprintf("%q", calls("district, month(opened),bin(amount, 10),"))
	if got != `[{"district" "district" []} {"month(opened)" "month" ["opened"]} {"bin(amount, 10)" "bin" ["amount" "10"]}]` {
		t.Error(got)
	}
	for _, bad := range []string{"", "1,2,3", "a,b,c,d", "-89,18,-88,17", "-89,-95,-88,17"} {
		if _, err := readBox(bad); err == nil {
			t.Errorf("box %q passes", bad)
		}
	}
	if b, err := readBox("-89, 16,-88,17"); err != nil || b.West != -89 || b.North != 17 {
		t.Errorf("%+v %v", b, err)
	}
}
