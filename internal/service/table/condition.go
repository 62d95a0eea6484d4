package table

import (
	"fmt"
	"strings"

	"ceiba/internal/ground/id"
)

// engine is the database that a condition is written for.
type engine uint8

const (
	inDuck engine = iota
	inLite
)

// condition writes checked filters as SQL. Column names come from the
// manifest, every value becomes a parameter.
type condition struct {
	m    *Manifest
	on   engine
	sql  strings.Builder
	args []any
}

// where returns the SQL of a checked filter, "" for none.
func (m *Manifest) where(on engine, f Filter) (string, []any) {
	c := condition{m: m, on: on}
	c.add(f)
	return c.sql.String(), c.args
}

func (c *condition) add(f Filter) {
	switch f := f.(type) {
	case nil:
	case And:
		c.join(f, " AND ", "TRUE")
	case Or:
		c.join(f, " OR ", "FALSE")
	case Not:
		c.sql.WriteString("NOT (")
		c.add(f.Of)
		c.sql.WriteByte(')')
	case Compare:
		c.sql.WriteString(c.m.stored(f.Column) + " " + f.Op + " ")
		c.value(f.Column, f.Value)
	case In:
		c.in(f)
	case Between:
		c.sql.WriteString(c.m.stored(f.Column) + " BETWEEN ")
		c.value(f.Column, f.Low)
		c.sql.WriteString(" AND ")
		c.value(f.Column, f.High)
	case Like:
		c.like(f)
	case IsNull:
		c.sql.WriteString(c.m.stored(f.Column) + " IS NULL")
	case InBox:
		c.box(f.Box)
	}
}

func (c *condition) join(parts []Filter, with, none string) {
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
	col, _ := c.m.find(column)
	c.args = append(c.args, raw)
	c.sql.WriteString(parameter(c.on, col, raw))
}

// parameter writes a placeholder that has the column's type.
func parameter(on engine, col *Column, raw any) string {
	if on == inLite {
		return "?"
	}
	switch col.Type.form() {
	case formDate:
		return "(DATE '1970-01-01' + ?::INTEGER)"
	case formStamp:
		return "make_timestamp(?::BIGINT)"
	case formTime:
		return "(TIME '00:00:00' + to_microseconds(?::BIGINT))"
	case formBool:
		return "(?::BIGINT = 1)"
	case formText:
		return "?::VARCHAR"
	}
	if _, whole := raw.(int64); whole {
		return "?::BIGINT"
	}
	return "?::DOUBLE"
}

func (c *condition) in(f In) {
	if len(f.Values) == 0 {
		c.sql.WriteString("FALSE")
		return
	}
	c.sql.WriteString(c.m.stored(f.Column) + " IN (")
	for i, v := range f.Values {
		if i > 0 {
			c.sql.WriteString(", ")
		}
		c.value(f.Column, v)
	}
	c.sql.WriteByte(')')
}

// like is only written for DuckDB: SQLite's LIKE folds ASCII and nothing else.
func (c *condition) like(f Like) {
	col := c.m.stored(f.Column)
	pattern := f.Pattern
	if f.Folded {
		pattern = id.Fold(pattern)
		if x, i := c.m.Column(f.Column); x.Folded {
			col = fmt.Sprintf("f%d", i)
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

func (c *condition) box(b Box) {
	south, west, north, east := c.m.edges()
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

// edges names the stored columns that bound a row's place.
func (m *Manifest) edges() (south, west, north, east string) {
	if m.Geo.Shape != "" {
		return "_south", "_west", "_north", "_east"
	}
	lat, lon := m.latLon()
	return lat, lon, lat, lon
}

// simple reports that SQLite can judge the filter as DuckDB does.
func simple(f Filter) bool {
	switch f := f.(type) {
	case And:
		return allSimple(f)
	case Or:
		return allSimple(f)
	case Not:
		return simple(f.Of)
	case Like:
		return false
	}
	return true
}

func allSimple(parts []Filter) bool {
	for _, p := range parts {
		if !simple(p) {
			return false
		}
	}
	return true
}

// columnsOf lists the columns that a filter looks at; "@" stands for the place.
func columnsOf(f Filter) []string {
	switch f := f.(type) {
	case And:
		return columnsOfAll(f)
	case Or:
		return columnsOfAll(f)
	case Not:
		return columnsOf(f.Of)
	case Compare:
		return []string{f.Column}
	case In:
		return []string{f.Column}
	case Between:
		return []string{f.Column}
	case Like:
		return []string{f.Column}
	case IsNull:
		return []string{f.Column}
	case InBox:
		return []string{"@"}
	}
	return nil
}

func columnsOfAll(parts []Filter) []string {
	var out []string
	for _, p := range parts {
		out = append(out, columnsOf(p)...)
	}
	return out
}

// conjuncts splits a filter into parts that must all hold.
func conjuncts(f Filter) []Filter {
	switch f := f.(type) {
	case nil:
		return nil
	case And:
		var out []Filter
		for _, p := range f {
			out = append(out, conjuncts(p)...)
		}
		return out
	}
	return []Filter{f}
}
