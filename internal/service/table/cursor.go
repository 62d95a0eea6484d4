package table

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"ceiba/internal/ground/fault"
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
	where, args := p.m.where(inDuck, p.filter)
	return hash64(fmt.Appendf(nil, "%s|%s|%v|%v|%v", p.m.Digest, where, args, p.sort, p.words)) >> 11 // survives JSON's numbers
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
		col, _ := p.m.find(p.sort[i].Column)
		v, ok := storedKey(col.Type.form(), k)
		if !ok {
			return nil, bad
		}
		c.Keys[i] = v
	}
	return &c, nil
}

// storedKey gives a value from a cursor its stored type back.
func storedKey(f form, v any) (any, bool) {
	switch x := v.(type) {
	case nil:
		return nil, true
	case string:
		return x, f == formText
	case json.Number:
		if f == formFloat {
			n, err := x.Float64()
			return n, err == nil
		}
		n, err := x.Int64()
		return n, err == nil && f != formText
	}
	return nil, false
}

// afterSQL is the condition for rows after the cursor in the order of the
// plan: after in the first column, or equal there and after in the next …
func (p *plan) afterSQL(on engine) (string, []any) {
	var alternatives []string
	var args, equalArgs []any
	equal := ""
	desc := false
	for i, k := range p.sort {
		desc = k.Desc
		col, _ := p.m.find(k.Column)
		name, v := p.m.stored(k.Column), p.after.Keys[i]
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
	if on == inDuck {
		id = "rowid + 1"
		if len(p.sort) == 0 {
			return fmt.Sprintf("rowid >= %d", p.after.ID), nil // lets DuckDB skip what lies before
		}
	}
	alternatives = append(alternatives, fmt.Sprintf("%s%s %s ?", equal, id, op))
	return strings.Join(alternatives, " OR "), append(append(args, equalArgs...), p.after.ID)
}
