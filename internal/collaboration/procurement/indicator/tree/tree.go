// Package tree reads JSON into values that keep what a rewriting must not
// change: the order of members, and numbers as they were written.
//
// Of a name that comes twice in an object the last value counts, at the place of
// the first, as in serde_json with preserve_order, which Cardinal uses.
package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Object is a JSON object. Its other values are nil, bool, json.Number, string,
// *Array and *Object.
type Object struct {
	Members []Member
}

// Member is a name and its value.
type Member struct {
	Name  string
	Value any
}

// Array is a JSON array. It is a pointer's target, so that who has one can
// change it in its place.
type Array struct {
	Values []any
}

// Get gives a value, and whether it is there, be it null.
func (o *Object) Get(name string) (any, bool) {
	if i := o.index(name); i >= 0 {
		return o.Members[i].Value, true
	}
	return nil, false
}

// Set puts a value where the name stands, or last.
func (o *Object) Set(name string, v any) {
	if i := o.index(name); i >= 0 {
		o.Members[i].Value = v
		return
	}
	o.Members = append(o.Members, Member{name, v})
}

// Remove takes a name out, if it is there.
func (o *Object) Remove(name string) {
	if i := o.index(name); i >= 0 {
		o.Members = slices.Delete(o.Members, i, i+1)
	}
}

func (o *Object) index(name string) int {
	if o == nil {
		return -1
	}
	return slices.IndexFunc(o.Members, func(m Member) bool { return m.Name == name })
}

var errJSON = errors.New("not JSON")

// Parse reads one JSON text.
func Parse(text []byte) (any, error) {
	if !json.Valid(text) {
		return nil, errJSON
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return value(dec)
}

func value(dec *json.Decoder) (any, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	switch t {
	case json.Delim('['):
		a := &Array{}
		for dec.More() {
			v, err := value(dec)
			if err != nil {
				return nil, err
			}
			a.Values = append(a.Values, v)
		}
		_, err = dec.Token()
		return a, err
	case json.Delim('{'):
		return object(dec)
	}
	return t, nil
}

func object(dec *json.Decoder) (*Object, error) {
	o := &Object{}
	places := map[string]int{} // Set would look through all members for each
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("read JSON: %w", err)
		}
		v, err := value(dec)
		if err != nil {
			return nil, err
		}
		m := Member{name.(string), v}
		i, twice := places[m.Name]
		if twice {
			o.Members[i] = m
			continue
		}
		places[m.Name] = len(o.Members)
		o.Members = append(o.Members, m)
	}
	_, err := dec.Token()
	return o, err
}

// Append writes a value without white space, escaping only what JSON asks for.
func Append(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return fmt.Append(b, v)
	case json.Number:
		return append(b, v...)
	case string:
		return appendString(b, v)
	case *Array:
		b = append(b, '[')
		for i, one := range v.Values {
			if i > 0 {
				b = append(b, ',')
			}
			b = Append(b, one)
		}
		return append(b, ']')
	case *Object:
		b = append(b, '{')
		for i, m := range v.Members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, m.Name), ':')
			b = Append(b, m.Value)
		}
		return append(b, '}')
	}
	panic(fmt.Sprintf("tree: %T is no JSON", v))
}

var short = map[byte]byte{'\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '"': '"', '\\': '\\'}

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		c := s[i]
		letter, escaped := short[c]
		switch {
		case escaped:
			b = append(b, '\\', letter)
		case c < ' ':
			b = fmt.Appendf(b, "\\u%04x", c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
