package filter

import (
	"strings"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/cell"
)

// Filter is a condition on the rows of a table: And, Or, Not, Compare, In,
// Between, Like, IsNull, InBox. A nil Filter lets every row pass. Values are
// string, bool, int, int64 or float64; dates and times are ISO 8601 text.
type Filter interface{ filter() }

// And holds where all its parts hold; an empty And always.
type And []Filter

// Or holds where one of its parts holds; an empty Or never.
type Or []Filter

// Not holds where Of fails. Where Of is unknown for want of a value, so is Not.
type Not struct{ Of Filter }

// Compare compares a column with a value: = <> < <= > >=.
type Compare struct {
	Column, Op string
	Value      any
}

// In holds where the column has one of the values.
type In struct {
	Column string
	Values []any
}

// Between holds from Low to High, both included.
type Between struct {
	Column    string
	Low, High any
}

// Like matches a text column: % stands for anything, _ for one character, and
// \ takes either literally. Folded compares without case and accents.
type Like struct {
	Column, Pattern string
	Folded          bool
}

// IsNull holds where the column has no value.
type IsNull struct{ Column string }

// InBox holds where the row's place lies in the box, or its shape touches it.
type InBox struct{ Box Box }

// Box is a rectangle in degrees. West may be greater than East: the box then
// crosses the date line.
type Box struct{ South, West, North, East float64 }

func (And) filter()     {}
func (Or) filter()      {}
func (Not) filter()     {}
func (Compare) filter() {}
func (In) filter()      {}
func (Between) filter() {}
func (Like) filter()    {}
func (IsNull) filter()  {}
func (InBox) filter()   {}

// Contains returns a Filter for rows whose text column holds s somewhere,
// without regard to case and accents.
func Contains(column, s string) Filter {
	return Like{Column: column, Pattern: "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(s) + "%", Folded: true}
}

// Limits of a filter.
const (
	maxFilterDepth = 32
	maxFilterParts = 500
	maxInValues    = 1000
)

// Check walks the filter, resolves its columns and values against m, and
// refuses what is too large. It returns the filter with values as stored: raw
// int64, float64 or text.
func Check(m *table.Manifest, f Filter) (Filter, error) {
	c := checker{m: m}
	return c.check(f, 0)
}

type checker struct {
	m     *table.Manifest
	parts int
}

func (c *checker) check(f Filter, depth int) (Filter, error) {
	if c.parts++; c.parts > maxFilterParts || depth > maxFilterDepth {
		return nil, fault.New(fault.Invalid, "table.filter.too_large", "parts", maxFilterParts, "depth", maxFilterDepth)
	}
	switch f := f.(type) {
	case nil:
		return nil, nil
	case And:
		parts, err := c.all(f, depth)
		return And(parts), err
	case Or:
		parts, err := c.all(f, depth)
		return Or(parts), err
	case Not:
		of, err := c.check(f.Of, depth+1)
		if of == nil {
			of = And{} // always holds
		}
		return Not{of}, err
	case InBox:
		if c.m.Geo == nil {
			return nil, fault.New(fault.Invalid, "table.no_place")
		}
		return f, f.Box.check()
	}
	return c.leaf(f)
}

func (c *checker) all(parts []Filter, depth int) ([]Filter, error) {
	out := make([]Filter, 0, len(parts))
	for _, p := range parts {
		q, err := c.check(p, depth+1)
		if err != nil {
			return nil, err
		}
		if q != nil {
			out = append(out, q)
		}
	}
	return out, nil
}

// leaf resolves a condition on one column.
func (c *checker) leaf(f Filter) (Filter, error) {
	var err error
	switch f := f.(type) {
	case Compare:
		switch f.Op {
		case "=", "<>", "<", "<=", ">", ">=":
		default:
			return nil, fault.New(fault.Invalid, "table.filter.operator", "operator", table.Shorten(f.Op, 20))
		}
		f.Value, err = c.value(f.Column, f.Value, f.Op == "<=" || f.Op == ">")
		return f, err
	case In:
		if len(f.Values) > maxInValues {
			return nil, fault.New(fault.Invalid, "table.filter.too_many_values", "column", f.Column, "max", maxInValues)
		}
		values := make([]any, len(f.Values))
		for i, v := range f.Values {
			if values[i], err = c.value(f.Column, v, false); err != nil {
				return nil, err
			}
		}
		_, err = c.column(f.Column)
		return In{f.Column, values}, err
	case Between:
		if f.Low, err = c.value(f.Column, f.Low, false); err == nil {
			f.High, err = c.value(f.Column, f.High, true)
		}
		return f, err
	case Like:
		col, err := c.column(f.Column)
		if err == nil && col.Type.Form() != table.FormText {
			err = fault.New(fault.Invalid, "table.filter.not_text", "column", f.Column)
		}
		if err == nil && len(f.Pattern) > 1000 {
			err = fault.New(fault.Invalid, "table.filter.value", "column", f.Column, "value", table.Shorten(f.Pattern, 80))
		}
		return f, err
	case IsNull:
		_, err = c.column(f.Column)
		return f, err
	}
	return nil, fault.New(fault.Invalid, "table.filter.operator", "operator", "?")
}

func (b Box) check() error {
	if cell.InRange(b.South, b.West) && cell.InRange(b.North, b.East) && b.South <= b.North {
		return nil
	}
	return fault.New(fault.Invalid, "table.bad_box")
}

func (c *checker) column(name string) (*table.Column, error) { return c.m.Find(name) }

// value resolves a value. Where it is a day and the column has times, end takes
// the last moment of the day: "until 31 March" includes that evening.
func (c *checker) value(column string, v any, end bool) (any, error) {
	col, err := c.column(column)
	if err != nil {
		return nil, err
	}
	raw, ok := cell.Literal(col, v)
	if !ok {
		return nil, fault.New(fault.Invalid, "table.filter.value", "column", column, "value", table.Shorten(cell.PlainText(v), 80), "type", string(col.Type))
	}
	if s, _ := v.(string); end && col.Type == table.Timestamp {
		if m, _ := cell.ParseMoment([]byte(s)); !m.Timed {
			raw = raw.(int64) + cell.Day - 1
		}
	}
	return raw, nil
}
