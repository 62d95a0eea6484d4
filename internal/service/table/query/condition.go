package query

import (
	"fmt"
	"strings"

	"ceiba/internal/ground/id"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/filter"
	"ceiba/internal/service/table/stored"
)

// condition writes checked filters as SQL. Column names come from the
// manifest, every value becomes a parameter.
type condition struct {
	m    *table.Manifest
	on   stored.Engine
	sql  strings.Builder
	args []any
}

// whereSQL returns the SQL of a checked filter, "" for none.
func whereSQL(m *table.Manifest, on stored.Engine, f filter.Filter) (string, []any) {
	c := condition{m: m, on: on}
	c.add(f)
	return c.sql.String(), c.args
}

func (c *condition) add(f filter.Filter) {
	switch f := f.(type) {
	case nil:
	case filter.And:
		c.join(f, " AND ", "TRUE")
	case filter.Or:
		c.join(f, " OR ", "FALSE")
	case filter.Not:
		c.sql.WriteString("NOT (")
		c.add(f.Of)
		c.sql.WriteByte(')')
	case filter.Compare:
		c.sql.WriteString(stored.Name(c.m, f.Column) + " " + f.Op + " ")
		c.value(f.Column, f.Value)
	case filter.In:
		c.in(f)
	case filter.Between:
		c.sql.WriteString(stored.Name(c.m, f.Column) + " BETWEEN ")
		c.value(f.Column, f.Low)
		c.sql.WriteString(" AND ")
		c.value(f.Column, f.High)
	case filter.Like:
		c.like(f)
	case filter.IsNull:
		c.sql.WriteString(stored.Name(c.m, f.Column) + " IS NULL")
	case filter.InBox:
		c.box(f.Box)
	}
}

func (c *condition) join(parts []filter.Filter, with, none string) {
	if len(parts) == 0 {
		c.sql.WriteString(none)
		return
	}
	for i, p := range parts {
		if i > 0 {
			c.sql.WriteString(with)
		}
		c.sql.WriteByte('(')
		c.add(p)
		c.sql.WriteByte(')')
	}
}

// value adds a parameter in the type of the column.
func (c *condition) value(column string, raw any) {
	col, _ := c.m.Find(column)
	c.args = append(c.args, raw)
	c.sql.WriteString(parameter(c.on, col, raw))
}

// parameter writes a placeholder that has the column's type.
func parameter(on stored.Engine, col *table.Column, raw any) string {
	if on == stored.Lite {
		return "?"
	}
	switch col.Type.Form() {
	case table.FormDate:
		return "(DATE '1970-01-01' + ?::INTEGER)"
	case table.FormStamp:
		return "make_timestamp(?::BIGINT)"
	case table.FormTime:
		return "(TIME '00:00:00' + to_microseconds(?::BIGINT))"
	case table.FormBool:
		return "(?::BIGINT = 1)"
	case table.FormText:
		return "?::VARCHAR"
	}
	if _, whole := raw.(int64); whole {
		return "?::BIGINT"
	}
	return "?::DOUBLE"
}

func (c *condition) in(f filter.In) {
	if len(f.Values) == 0 {
		c.sql.WriteString("FALSE")
		return
	}
	c.sql.WriteString(stored.Name(c.m, f.Column) + " IN (")
	for i, v := range f.Values {
		if i > 0 {
			c.sql.WriteString(", ")
		}
		c.value(f.Column, v)
	}
	c.sql.WriteByte(')')
}

// like is only written for DuckDB: SQLite's LIKE folds ASCII and nothing else.
func (c *condition) like(f filter.Like) {
	col := stored.Name(c.m, f.Column)
	pattern := f.Pattern
	if f.Folded {
		pattern = id.Fold(pattern)
		if x, i := c.m.Column(f.Column); x.Folded {
			col = stored.Folded(i)
		} else {
			col = "strip_accents(lower(" + col + "))"
		}
	}
	if inner, ok := plainContains(pattern); ok {
		c.sql.WriteString("contains(" + col + ", ?::VARCHAR)")
		pattern = inner
	} else {
		c.sql.WriteString(col + ` LIKE ?::VARCHAR ESCAPE '\'`)
	}
	c.args = append(c.args, pattern)
}

// plainContains finds the text of a pattern of the form %text%.
func plainContains(p string) (string, bool) {
	if len(p) < 3 || p[0] != '%' || p[len(p)-1] != '%' {
		return "", false
	}
	var out strings.Builder
	inner := p[1 : len(p)-1]
	for i := 0; i < len(inner); i++ {
		switch c := inner[i]; {
		case c == '\\' && i+1 < len(inner):
			i++
			out.WriteByte(inner[i])
		case c == '%' || c == '_' || c == '\\':
			return "", false
		default:
			out.WriteByte(c)
		}
	}
	return out.String(), true
}

func (c *condition) box(b filter.Box) {
	south, west, north, east := stored.Edges(c.m)
	between := func(w, e float64) {
		c.sql.WriteString(fmt.Sprintf("(%s >= ? AND %s <= ? AND %s >= ? AND %s <= ?)", north, south, east, west))
		c.args = append(c.args, b.South, b.North, w, e)
	}
	if b.West <= b.East {
		between(b.West, b.East)
		return
	}
	c.sql.WriteByte('(')
	between(b.West, 180)
	c.sql.WriteString(" OR ")
	between(-180, b.East)
	c.sql.WriteByte(')')
}

// simple reports that SQLite can judge the filter as DuckDB does.
func simple(f filter.Filter) bool {
	switch f := f.(type) {
	case filter.And:
		return allSimple(f)
	case filter.Or:
		return allSimple(f)
	case filter.Not:
		return simple(f.Of)
	case filter.Like:
		return false
	}
	return true
}

func allSimple(parts []filter.Filter) bool {
	for _, p := range parts {
		if !simple(p) {
			return false
		}
	}
	return true
}
