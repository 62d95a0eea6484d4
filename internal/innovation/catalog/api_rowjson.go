package catalog

import (
	"encoding/json"
	"strconv"

	"ceiba/internal/service/table/query"
)

// rowObject is a row as a JSON object with its columns in their order.
type rowObject struct {
	keys  []string // each `"name":`, shared by the rows of a page
	cells []any
	extra []byte // further members, ready, beginning with a comma
}

// MarshalJSON writes the object.
func (o rowObject) MarshalJSON() ([]byte, error) { return o.append(nil) }

func (o rowObject) append(b []byte) (_ []byte, err error) {
	b = append(b, '{')
	for i, c := range o.cells {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendCell(append(b, o.keys[i]...), c); err != nil {
			return nil, err
		}
	}
	return append(append(b, o.extra...), '}'), nil
}

// appendCell writes a value as encoding/json does. Most are numbers or plain
// text, for which that takes five times as long.
func appendCell(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case string:
		if plain(v) {
			return append(append(append(b, '"'), v...), '"'), nil
		}
	}
	text, err := json.Marshal(v)
	return append(b, text...), err
}

// plain reports whether JSON holds a text as it stands.
func plain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}

func objects(p *query.Page) []rowObject {
	keys := make([]string, len(p.Columns))
	for i, c := range p.Columns {
		keys[i] = strconv.Quote(c.Name) + ":" // names are ASCII words
	}
	out := make([]rowObject, len(p.Rows))
	for i, r := range p.Rows {
		extra := append(make([]byte, 0, 24), `,"_id":`...)
		extra = strconv.AppendInt(extra, r.ID, 10)
		if r.Distance > 0 {
			extra = append(extra, `,"_distance":`+strconv.FormatFloat(r.Distance, 'f', 1, 64)...)
		}
		if len(r.Why) > 0 {
			why, _ := json.Marshal(r.Why) // strings only
			extra = append(append(extra, `,"_why":`...), why...)
		}
		out[i] = rowObject{keys, r.Cells, extra}
	}
	return out
}

// AppendJSON writes the body (see api.Appender): the rows by themselves, and
// what follows them by encoding/json.
func (r RowsBody) AppendJSON(b []byte) (_ []byte, err error) {
	b = append(b, `{"rows":[`...)
	for i, o := range r.Rows {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = o.append(b); err != nil {
			return nil, err
		}
	}
	b = append(b, `],`...)
	r.Rows = nil
	rest, err := json.Marshal(rowsRest(r))
	return append(b, rest[1:]...), err
}

// rowsRest is RowsBody without its method and, being empty, without its rows.
type rowsRest struct {
	Rows    []rowObject `json:"-"`
	Next    string      `json:"next,omitempty"`
	Total   *int64      `json:"total,omitempty"`
	Indexed bool        `json:"indexed"`
	Derived string      `json:"derived"`
	Version int         `json:"version"`
}
