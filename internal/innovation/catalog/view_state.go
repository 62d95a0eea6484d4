package catalog

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/filter"
	"ceiba/internal/service/table/query"
)

// exploring is what the address of an explore page says: which view, which
// rows, in which order. The same parameters work in the API.
type exploring struct {
	View   string // table, facets, chart, map, columns
	Text   string // full text
	CQL    string // filter, in CQL2 text
	Filter filter.Filter
	Sort   []query.Sort
	Cursor string
	Group  string // chart: column on the x axis
	Part   string // … and the part of a date
	Agg    string // … and what is measured: "count" or "sum(x)"
	Kind   string // bar, line, scatter, histogram
	N      int    // version; 0 is the current one
	Query  url.Values
}

var views = []string{"table", "facets", "chart", "map", "columns"}

// readExploring reads the parameters of an address. Small forms on the page
// that add one condition (col, op, val) or facet (pick=COLUMN:VALUE) are folded
// into the filter.
func readExploring(q url.Values, m *table.Manifest) (exploring, error) {
	e := exploring{
		View: q.Get("view"), Text: strings.TrimSpace(q.Get("q")), CQL: q.Get("filter"), Cursor: q.Get("cursor"),
		Group: q.Get("group"), Part: q.Get("part"), Agg: q.Get("agg"), Kind: q.Get("chart"), Query: q,
	}
	if !slices.Contains(views, e.View) {
		e.View = views[0]
	}
	if add := condition(q, m); add != "" {
		e.CQL = join(e.CQL, add)
		e.Query = without(q, "col", "op", "val", "cursor")
		e.Query.Set("filter", e.CQL)
	}
	var err error
	if e.CQL != "" {
		if e.Filter, err = filter.Parse(e.CQL, m); err != nil {
			return e, err
		}
	}
	e.Sort, err = readSort(q.Get("sort"), m)
	return e, err
}

func without(q url.Values, names ...string) url.Values {
	out := url.Values{}
	for k, v := range q {
		if !slices.Contains(names, k) {
			out[k] = v
		}
	}
	return out
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + " AND " + b
}

// readSort reads "amount,-date": a minus sorts from the largest.
func readSort(s string, m *table.Manifest) ([]query.Sort, error) {
	var out []query.Sort
	for name := range strings.SplitSeq(s, ",") {
		if name == "" {
			continue
		}
		col, desc := strings.CutPrefix(name, "-")
		if c, _ := m.Column(col); c == nil {
			return nil, fault.New(fault.Malformed, "catalog.no_column", "name", col)
		}
		out = append(out, query.Sort{Column: col, Desc: desc})
	}
	return out, nil
}

// operators are those of the form, in the order of its list.
var operators = []string{"=", "<>", ">=", "<=", "has", "empty"}

// condition makes CQL2 text of the small form's fields, "" if it is empty.
func condition(q url.Values, m *table.Manifest) string {
	c, _ := m.Column(q.Get("col"))
	op, val := q.Get("op"), strings.TrimSpace(q.Get("val"))
	if c == nil || op != "empty" && val == "" {
		return ""
	}
	switch op {
	case "empty":
		return quoteName(c.Name) + " IS NULL"
	case "has":
		return "CASEI(" + quoteName(c.Name) + ") LIKE CASEI(" + quote("%"+val+"%") + ")"
	case "=", "<>", ">=", "<=", ">", "<":
		return quoteName(c.Name) + " " + op + " " + literal(*c, val)
	}
	return ""
}

// is is the condition that a column has a value.
func is(c table.Column, value any) string {
	if value == nil {
		return quoteName(c.Name) + " IS NULL"
	}
	return quoteName(c.Name) + " = " + literal(c, show(value))
}

func literal(c table.Column, val string) string {
	if _, err := strconv.ParseFloat(val, 64); err == nil && c.Type.Numeric() {
		return val
	}
	if c.Type == table.Boolean && (val == "true" || val == "false") {
		return val
	}
	return quote(val)
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// show writes a cell as the API's CSV does.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}
