// Package field reads the fields of releases as they come: what is not there, or
// is something else than the standard says, reads as empty, and nothing panics.
// Publishers write amounts as texts and ids as numbers; both are read.
//
// It stops at single fields. What a release means by them is for its readers.
package field

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/ground/money"
)

// Object is a property that is an object; an empty one otherwise.
func Object(o *ocds.Object, key string) *ocds.Object {
	v, _ := o.Get(key)
	if got, ok := v.(*ocds.Object); ok && got != nil {
		return got
	}
	return &ocds.Object{}
}

// Has tells whether a property is an object with something in it.
func Has(o *ocds.Object, key string) bool { return len(Object(o, key).Fields) > 0 }

// List is a property that is an array. An object where an array should be is taken
// as an array of one.
func List(o *ocds.Object, key string) []any {
	v, _ := o.Get(key)
	switch x := v.(type) {
	case []any:
		return x
	case *ocds.Object:
		return []any{x}
	}
	return nil
}

// Objects are those of a list that are objects.
func Objects(all []any) (out []*ocds.Object) {
	for _, v := range all {
		if o, ok := v.(*ocds.Object); ok && o != nil {
			out = append(out, o)
		}
	}
	return out
}

// ObjectIn is an object of a list; an empty one where there is none.
func ObjectIn(all []any, i int) *ocds.Object {
	if got := Objects(all); i < len(got) {
		return got[i]
	}
	return &ocds.Object{}
}

// Text is a property that is a text or a number, as ids are.
func Text(o *ocds.Object, key string) string {
	v, _ := o.Get(key)
	switch x := v.(type) {
	case string:
		return strings.TrimSpace(x)
	case json.Number:
		return x.String()
	}
	return ""
}

// Day is the civil date of a date, as the publisher wrote it: in their time zone.
func Day(o *ocds.Object, key string) string {
	s := o.Text(key)
	if len(s) < 10 || s[4] != '-' || s[7] != '-' || len(s) > 10 && s[10] != 'T' && s[10] != ' ' {
		return ""
	}
	for i, c := range []byte(s[:10]) {
		if i != 4 && i != 7 && (c < '0' || c > '9') {
			return ""
		}
	}
	if month, day := s[5:7], s[8:10]; month < "01" || month > "12" || day < "01" || day > "31" {
		return ""
	}
	return s[:10]
}

// Whole is a property that is a whole number, not below zero.
func Whole(o *ocds.Object, key string) *int64 {
	v, _ := o.Get(key)
	n, err := strconv.ParseInt(Decimal(v), 10, 64)
	if err != nil || n < 0 {
		return nil
	}
	return &n
}

// Decimal is a number's text: of a number, of a text, or of {"$numberLong": "…"}, as
// databases write them. Empty where it is none of these.
func Decimal(v any) string {
	switch x := v.(type) {
	case json.Number:
		return x.String()
	case string:
		return strings.TrimSpace(x)
	case *ocds.Object:
		if x != nil && len(x.Fields) == 1 && strings.HasPrefix(x.Fields[0].Key, "$number") {
			if s, ok := x.Fields[0].Value.(string); ok {
				return s
			}
		}
	}
	return ""
}

// most is the largest amount that is kept, in units: far from what a sum of a
// thousand of them could pass.
const most = 90e12

// Amount reads a value with its currency; nil where there is none. What has more
// than two decimals is rounded.
func Amount(o *ocds.Object, key string) *money.Amount {
	value := Object(o, key)
	v, _ := value.Get("amount")
	f, err := strconv.ParseFloat(Decimal(v), 64)
	if err != nil || math.IsNaN(f) || math.Abs(f) > most {
		return nil
	}
	a, err := money.Parse(Decimal(v))
	if err != nil {
		a = money.FromFloat(f, "")
	}
	a.Currency = strings.ToUpper(strings.TrimSpace(value.Text("currency")))
	return &a
}

// First is the first text that says something.
func First(texts ...string) string {
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			return t
		}
	}
	return ""
}
