package ocds

import (
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// A value is nil, bool, string, json.Number, []any or *Object.

// Field is one property of an object.
type Field struct {
	Key   string
	Value any
}

// Object is a JSON object whose properties keep their order. The zero Object is
// empty and ready for use.
type Object struct {
	Fields []Field
	index  map[string]int // of a large object; nil for a small one
}

// linear is up to how many properties looking one by one is quicker than a map.
const linear = 16

// Get returns the value of a property, and whether there is one.
func (o *Object) Get(key string) (any, bool) {
	if i := o.find(key); i >= 0 {
		return o.Fields[i].Value, true
	}
	return nil, false
}

// Text returns a property that is a string, or "".
func (o *Object) Text(key string) string {
	v, _ := o.Get(key)
	s, _ := v.(string)
	return s
}

// Set gives a property a value, in its place if it is there already.
func (o *Object) Set(key string, v any) {
	if i := o.find(key); i >= 0 {
		o.Fields[i].Value = v
		return
	}
	o.Fields = append(o.Fields, Field{key, v})
	switch {
	case o.index != nil:
		o.index[key] = len(o.Fields) - 1
	case len(o.Fields) > linear:
		o.number()
	}
}

// Remove takes a property out, if it is there.
func (o *Object) Remove(key string) {
	i := o.find(key)
	if i < 0 {
		return
	}
	o.Fields = slices.Delete(o.Fields, i, i+1)
	if o.index != nil {
		o.number()
	}
}

// number makes the index.
func (o *Object) number() {
	o.index = make(map[string]int, 2*len(o.Fields))
	for i, f := range o.Fields {
		o.index[f.Key] = i
	}
}

func (o *Object) find(key string) int {
	if o.index != nil {
		if i, ok := o.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range o.Fields {
		if o.Fields[i].Key == key {
			return i
		}
	}
	return -1
}

// Equal reports whether two values are the same: the order of properties does
// not matter, that of arrays does, numbers are compared by what they mean.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		return ok && (a == b || Canonical(a) == Canonical(b))
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !Equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case *Object:
		b, ok := b.(*Object)
		if !ok || len(a.Fields) != len(b.Fields) {
			return false
		}
		for _, f := range a.Fields {
			if v, ok := b.Get(f.Key); !ok || !Equal(f.Value, v) {
				return false
			}
		}
		return true
	}
	return simple(a) && simple(b) && a == b
}

func simple(v any) bool {
	switch v.(type) {
	case nil, bool, string:
		return true
	}
	return false
}

// Canonical gives numbers that mean the same one text: digits without zeros at
// the ends, E, and the power of ten ("15E2" for 1500 and 1.5e3). It never
// spreads a number out, so that 1e999999999 costs nothing.
func Canonical(n json.Number) string {
	s := string(n)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	s, power, _ := strings.Cut(strings.ToLower(s), "e")
	whole, part, _ := strings.Cut(s, ".")
	digits := strings.TrimLeft(whole+part, "0")
	if digits == "" {
		return "0"
	}
	short := strings.TrimRight(digits, "0")
	shift := int64(len(digits) - len(short) - len(part))
	exp, ok := new(big.Int).SetString(strings.TrimPrefix(power, "+"), 10)
	if !ok {
		exp = new(big.Int)
	}
	return sign + short + "E" + exp.Add(exp, big.NewInt(shift)).String()
}

// Append writes a value as JSON on one line after b.
func Append(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case json.Number:
		return append(b, v...)
	case string:
		return appendString(b, v)
	case []any:
		b = append(b, '[')
		for i, x := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = Append(b, x)
		}
		return append(b, ']')
	case *Object:
		b = append(b, '{')
		for i, f := range v.Fields {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, f.Key), ':')
			b = Append(b, f.Value)
		}
		return append(b, '}')
	}
	panic("ocds: a value of a kind that JSON does not have")
}

const hex = "0123456789abcdef"

var short = [256]byte{'"': '"', '\\': '\\', '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't'}

// appendString writes a string with the escapes that JSON asks for and no other.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	begin := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[begin:i]...)
		begin = i + 1
		if letter := short[c]; letter != 0 {
			b = append(b, '\\', letter)
			continue
		}
		b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
	}
	return append(append(b, s[begin:]...), '"')
}

// Pointer joins the names and positions that lead to a value into a JSON
// pointer (RFC 6901).
func Pointer(steps ...string) string {
	var b strings.Builder
	for _, s := range steps {
		b.WriteByte('/')
		b.WriteString(pointerEscapes.Replace(s))
	}
	return b.String()
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")
