package query

import (
	"context"
	"fmt"
	"math"
	"strings"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/cell"
	"ceiba/internal/service/table/filter"
	"ceiba/internal/service/table/stored"
)

// Aggregation asks for groups of rows and what they add up to.
type Aggregation struct {
	Groups   []Group   // none: one row for all
	Measures []Measure // none: the count
	Filter   filter.Filter
	Sort     []AggregateSort // the groups in their order if empty
	Limit    int             // groups: 100 if zero, at most 10,000
}

// Group names what rows have in common: the value of a column, a part of a
// date (year, quarter, month, week, day, hour, weekday), or a range of numbers
// Bin wide that begins at a multiple of Bin.
type Group struct {
	Column string
	Part   string
	Bin    float64
}

// Measure adds up the rows of a group: count (of rows, or of values of
// Column), distinct, sum, avg, min, max, median.
type Measure struct{ Func, Column string }

// AggregateSort orders groups by the measure or group at Index: measures count
// after the groups.
type AggregateSort struct {
	Index int
	Desc  bool
}

// Table is a computed table: its headings and rows. Cells are as in Row.
type Table struct {
	Columns []string
	Rows    [][]any
	More    bool // there are more groups than the limit
}

const (
	maxGroups   = 4
	maxMeasures = 10
)

// Aggregate groups rows and adds them up.
func (v *Version) Aggregate(ctx context.Context, a Aggregation) (*Table, error) {
	b := aggregator{m: v.Manifest(), a: a}
	q, args, err := b.build()
	if err != nil {
		return nil, err
	}
	out := &Table{Columns: b.names}
	err = v.ask(ctx, func(ctx context.Context, s *session) error {
		return s.heavy(ctx, func() error {
			rows, err := s.duck.QueryContext(ctx, q, args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				cells, ptrs := make([]any, len(b.shows)), make([]any, len(b.shows))
				for i := range cells {
					ptrs[i] = &cells[i]
				}
				if err := rows.Scan(ptrs...); err != nil {
					return err
				}
				for i, show := range b.shows {
					cells[i] = show(cells[i])
				}
				out.Rows = append(out.Rows, cells)
			}
			return rows.Err()
		})
	})
	if err != nil {
		return nil, err
	}
	if out.More = len(out.Rows) > b.limit; out.More {
		out.Rows = out.Rows[:b.limit]
	}
	return out, nil
}

// aggregator writes the query and knows how to show each cell.
type aggregator struct {
	m     *table.Manifest
	a     Aggregation
	limit int
	names []string
	exprs []string
	shows []func(any) any
}

func (b *aggregator) build() (string, []any, error) {
	if b.limit = b.a.Limit; b.limit <= 0 {
		b.limit = defaultPage
	}
	b.limit = min(b.limit, MaxPage)
	if len(b.a.Groups) > maxGroups || len(b.a.Measures) > maxMeasures {
		return "", nil, fault.New(fault.Invalid, "table.too_many_groups", "groups", maxGroups, "measures", maxMeasures)
	}
	for _, g := range b.a.Groups {
		if err := b.group(g); err != nil {
			return "", nil, err
		}
	}
	measures := b.a.Measures
	if len(measures) == 0 {
		measures = []Measure{{Func: "count"}}
	}
	for _, x := range measures {
		if err := b.measure(x); err != nil {
			return "", nil, err
		}
	}
	f, err := filter.Check(b.m, b.a.Filter)
	if err != nil {
		return "", nil, err
	}
	order, err := b.order()
	if err != nil {
		return "", nil, err
	}
	where, args := whereSQL(b.m, stored.Duck, f)
	q := "SELECT " + strings.Join(b.exprs, ", ") + " FROM rows" + whereAll(notEmpty(where))
	if n := len(b.a.Groups); n > 0 {
		q += " GROUP BY " + ordinals(n) + " ORDER BY " + order
	}
	return q + fmt.Sprintf(" LIMIT %d", b.limit+1), args, nil
}

func ordinals(n int) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprint(i+1))
	}
	return strings.Join(out, ", ")
}

// order puts groups without a value last and breaks ties by the groups.
func (b *aggregator) order() (string, error) {
	var out []string
	for _, s := range b.a.Sort {
		if s.Index < 0 || s.Index >= len(b.exprs) || len(out) >= maxSorts {
			return "", fault.New(fault.Invalid, "table.bad_order", "index", s.Index)
		}
		out = append(out, fmt.Sprint(s.Index+1)+map[bool]string{true: " DESC"}[s.Desc]+" NULLS LAST")
	}
	for i := range b.a.Groups {
		out = append(out, fmt.Sprint(i+1)+" NULLS LAST")
	}
	return strings.Join(out, ", "), nil
}

func (b *aggregator) group(g Group) error {
	c, _ := b.m.Column(g.Column)
	if c == nil {
		return table.UnknownColumn(g.Column)
	}
	name := stored.Name(b.m, g.Column)
	switch {
	case g.Part != "":
		return b.part(c, name, g.Part)
	case g.Bin != 0:
		if !c.Type.Numeric() || !(g.Bin > 0) || math.IsInf(g.Bin, 0) {
			return fault.New(fault.Invalid, "table.bad_bin", "column", g.Column)
		}
		b.add(g.Column, fmt.Sprintf("floor(%s / %g) * %g", name, g.Bin, g.Bin), func(v any) any { return v })
		return nil
	}
	b.add(g.Column, stored.Raw(c.Type.Form(), name), func(v any) any { return cell.Show(c, v) })
	return nil
}

// part groups by a piece of the calendar. Years and months are counted as
// whole numbers, which DuckDB groups much faster than texts or dates.
func (b *aggregator) part(c *table.Column, name, part string) error {
	if !c.Type.Temporal() || part == "hour" && c.Type != table.Timestamp {
		return fault.New(fault.Invalid, "table.bad_part", "column", c.Name, "part", table.Shorten(part, 20))
	}
	days := table.Column{Type: table.Date}
	label := func(format string, n int64) func(any) any {
		return func(v any) any {
			x, ok := v.(int64)
			if !ok {
				return nil
			}
			if n == 1 {
				return fmt.Sprintf(format, x)
			}
			return fmt.Sprintf(format, x/n, x%n+1)
		}
	}
	switch part {
	case "year":
		b.add(c.Name, "year("+name+")", label("%04d", 1))
	case "quarter":
		b.add(c.Name, "year("+name+") * 4 + quarter("+name+") - 1", label("%04d-Q%d", 4))
	case "month":
		b.add(c.Name, "year("+name+") * 12 + month("+name+") - 1", label("%04d-%02d", 12))
	case "week": // by its Monday
		b.add(c.Name, stored.Raw(table.FormDate, "date_trunc('week', "+name+")::DATE"), func(v any) any { return cell.Show(&days, v) })
	case "day":
		b.add(c.Name, stored.Raw(table.FormDate, name+"::DATE"), func(v any) any { return cell.Show(&days, v) })
	case "hour":
		b.add(c.Name, "epoch_us("+name+") // 3600000000 * 3600000000", func(v any) any { return cell.Show(c, v) })
	case "weekday": // 1 is Monday
		b.add(c.Name, "isodow("+name+")", func(v any) any { return v })
	default:
		return fault.New(fault.Invalid, "table.bad_part", "column", c.Name, "part", table.Shorten(part, 20))
	}
	return nil
}

func (b *aggregator) add(name, expr string, show func(any) any) {
	b.names, b.exprs, b.shows = append(b.names, name), append(b.exprs, expr), append(b.shows, show)
}

func (b *aggregator) measure(x Measure) error {
	if x.Func == "count" && x.Column == "" {
		b.add("count", "count(*)", func(v any) any { return v })
		return nil
	}
	c, _ := b.m.Column(x.Column)
	if c == nil {
		return table.UnknownColumn(x.Column)
	}
	name, heading := stored.Name(b.m, x.Column), x.Func+"_"+x.Column
	f := c.Type.Form()
	switch x.Func {
	case "count":
		b.add(heading, "count("+name+")", func(v any) any { return v })
	case "distinct":
		b.add(heading, "count(DISTINCT "+name+")", func(v any) any { return v })
	case "min", "max":
		b.add(heading, stored.Raw(f, x.Func+"("+name+")"), func(v any) any { return cell.Show(c, v) })
	case "sum", "avg", "median":
		if !c.Type.Numeric() {
			return fault.New(fault.Invalid, "table.not_numeric", "column", x.Column)
		}
		b.add(heading, map[string]string{"sum": "fsum(", "avg": "favg(", "median": "median("}[x.Func]+name+")::DOUBLE", wholeSum(f == table.FormInt && x.Func == "sum"))
	default:
		return fault.New(fault.Invalid, "table.bad_measure", "measure", table.Shorten(x.Func, 20))
	}
	return nil
}

// wholeSum gives sums of whole numbers back as such while they are exact.
func wholeSum(whole bool) func(any) any {
	return func(v any) any {
		if x, ok := v.(float64); ok && whole && math.Abs(x) < 1<<53 {
			return int64(x)
		}
		return v
	}
}

// Histogram counts a number or date column in up to n even bins (30 if zero)
// between the extremes of the rows that pass where.
func (v *Version) Histogram(ctx context.Context, column string, n int, where filter.Filter) ([]table.Bin, error) {
	m := v.Manifest()
	c, i := m.Column(column)
	if c == nil {
		return nil, table.UnknownColumn(column)
	}
	if !c.Type.Numeric() && !c.Type.Temporal() {
		return nil, fault.New(fault.Invalid, "table.not_numeric", "column", column)
	}
	f, err := filter.Check(m, where)
	if err != nil {
		return nil, err
	}
	if n <= 0 {
		n = table.HistogramBins
	}
	if n == table.HistogramBins && f == nil {
		return m.Stats[i].Histogram, nil
	}
	var bins []table.Bin
	err = v.ask(ctx, func(ctx context.Context, s *session) error {
		cond, args := whereSQL(m, stored.Duck, f)
		return s.heavy(ctx, func() (err error) {
			bins, err = stored.Histogram(ctx, s.duck, c, i, cond, args, min(n, 500))
			return err
		})
	})
	return bins, err
}

// Stats returns what was counted when the version was built, per column.
func (v *Version) Stats() []table.ColumnStats { return v.Manifest().Stats }
