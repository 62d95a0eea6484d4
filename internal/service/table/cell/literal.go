package cell

import (
	"strings"

	"ceiba/internal/service/table"
)

// Literal turns a value of a query into what is stored in the column.
func Literal(c *table.Column, v any) (any, bool) {
	if n, ok := v.(int); ok {
		v = int64(n)
	}
	switch f := c.Type.Form(); f {
	case table.FormText:
		s := PlainText(v)
		if name, ok := ParseDistrict([]byte(s)); ok && c.Type == table.District {
			s = name
		}
		return s, v != nil
	case table.FormInt, table.FormFloat:
		return numberLiteral(v)
	case table.FormBool:
		switch x := v.(type) {
		case bool:
			return map[bool]int64{true: 1}[x], true
		case string:
			yes, ok := ParseBool([]byte(x))
			return map[bool]int64{true: 1}[yes], ok
		}
		return nil, false
	case table.FormTime:
		s, _ := v.(string)
		t, ok := ParseTime([]byte(s))
		return t, ok
	default:
		return momentLiteral(f, v)
	}
}

func numberLiteral(v any) (any, bool) {
	switch x := v.(type) {
	case int64, float64:
		return x, true
	case string:
		n, ok := ParseNumber([]byte(strings.TrimSpace(x)), false)
		if n.Integral {
			return n.Int, ok
		}
		return n.Float, ok
	}
	return nil, false
}

func momentLiteral(f table.Form, v any) (any, bool) {
	s, _ := v.(string)
	m, ok := ParseMoment([]byte(s))
	if !ok || !m.Sure {
		return nil, false
	}
	if f == table.FormStamp {
		us, ok := m.stamp(true)
		return us, ok
	}
	d, ok := m.Days(true)
	return d, ok
}

// PlainText writes a value of a query as text.
func PlainText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(AppendPlain(nil, v))
}
