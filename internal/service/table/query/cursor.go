package query

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/cell"
	"ceiba/internal/service/table/stored"
)

// cursor is where a page ended. It travels to the client and back as opaque
// text; what comes back is checked and only ever used as parameters.
type cursor struct {
	Query uint64 `json:"q"` // the query it belongs to
	Keys  []any  `json:"k,omitempty"`
	ID    int64  `json:"i"`
	Total *int64 `json:"t,omitempty"`
}

// fingerprint names the table, the condition and the order of a plan.
func (p *plan) fingerprint() uint64 {
	where, args := whereSQL(p.m, stored.Duck, p.filter)
	return cell.Hash(fmt.Appendf(nil, "%s|%s|%v|%v|%v", p.m.Digest, where, args, p.sort, p.words)) >> 11 // survives JSON's numbers
}

func (p *plan) cursorAfter(last found, total *int64) string {
	if p.filter == nil {
		total = nil // known anyway
	}
	text, err := json.Marshal(cursor{Query: p.fingerprint(), Keys: last.keys, ID: last.id, Total: total})
	if err != nil {
		return "" // no value of a table is beyond JSON
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func (p *plan) readCursor(s string) (*cursor, error) {
	bad := fault.New(fault.Invalid, "table.bad_cursor")
	text, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, bad.Wrap(err)
	}
	var c cursor
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&c); err != nil {
		return nil, bad.Wrap(err)
	}
	if c.Query != p.fingerprint() || len(c.Keys) != len(p.sort) {
		return nil, bad
	}
	for i, k := range c.Keys {
		col, _ := p.m.Find(p.sort[i].Column)
		v, ok := storedKey(col.Type.Form(), k)
		if !ok {
			return nil, bad
		}
		c.Keys[i] = v
	}
	return &c, nil
}

// storedKey gives a value from a cursor its stored type back.
func storedKey(f table.Form, v any) (any, bool) {
	switch x := v.(type) {
	case nil:
		return nil, true
	case string:
		return x, f == table.FormText
	case json.Number:
		if f == table.FormFloat {
			n, err := x.Float64()
			return n, err == nil
		}
		n, err := x.Int64()
		return n, err == nil && f != table.FormText
	}
	return nil, false
}

// afterSQL is the condition for rows after the cursor in the order of the
// plan: after in the first column, or equal there and after in the next …
func (p *plan) afterSQL(on stored.Engine) (string, []any) {
	var alternatives []string
	var args, equalArgs []any
	equal := ""
	desc := false
	for i, k := range p.sort {
		desc = k.Desc
		col, _ := p.m.Find(k.Column)
		name, v := stored.Name(p.m, k.Column), p.after.Keys[i]
		if v == nil { // rows without a value are the last: nothing lies after them
			equal += name + " IS NULL AND "
			continue
		}
		op := map[bool]string{false: ">", true: "<"}[k.Desc]
		alternatives = append(alternatives, fmt.Sprintf("%s(%s %s %s OR %s IS NULL)", equal, name, op, parameter(on, col, v), name))
		args = append(append(args, equalArgs...), v)
		equal += name + " = " + parameter(on, col, v) + " AND "
		equalArgs = append(equalArgs, v)
	}
	op := map[bool]string{false: ">", true: "<"}[desc]
	id := "_id"
	if on == stored.Duck {
		id = "rowid + 1"
		if len(p.sort) == 0 {
			return fmt.Sprintf("rowid >= %d", p.after.ID), nil // lets DuckDB skip what lies before
		}
	}
	alternatives = append(alternatives, fmt.Sprintf("%s%s %s ?", equal, id, op))
	return strings.Join(alternatives, " OR "), append(append(args, equalArgs...), p.after.ID)
}
