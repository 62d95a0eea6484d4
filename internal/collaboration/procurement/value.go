package procurement

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/ground/money"
)

// Releases are read as they come: what is not there, or is something else than the
// standard says, reads as empty.

// object is a property that is an object; an empty one otherwise.
func object(o *ocds.Object, key string) *ocds.Object {
	v, _ := o.Get(key)
	if got, ok := v.(*ocds.Object); ok && got != nil {
		return got
	}
	return &ocds.Object{}
}

func has(o *ocds.Object, key string) bool { return len(object(o, key).Fields) > 0 }

// list is a property that is an array. An object where an array should be is taken
// as an array of one.
func list(o *ocds.Object, key string) []any {
	v, _ := o.Get(key)
	switch x := v.(type) {
	case []any:
		return x
	case *ocds.Object:
		return []any{x}
	}
	return nil
}

// objects are those of a list that are objects.
func objects(all []any) (out []*ocds.Object) {
	for _, v := range all {
		if o, ok := v.(*ocds.Object); ok && o != nil {
			out = append(out, o)
		}
	}
	return out
}

// objectIn is an object of a list; an empty one where there is none.
func objectIn(all []any, i int) *ocds.Object {
	if got := objects(all); i < len(got) {
		return got[i]
	}
	return &ocds.Object{}
}

// text is a property that is a text or a number, as ids are.
func text(o *ocds.Object, key string) string {
	v, _ := o.Get(key)
	switch x := v.(type) {
	case string:
		return strings.TrimSpace(x)
	case json.Number:
		return x.String()
	}
	return ""
}

var civil = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])([T ]|$)`)

// day is the civil date of a date, as the publisher wrote it: in their time zone.
func day(o *ocds.Object, key string) string {
	s := o.Text(key)
	if !civil.MatchString(s) {
		return ""
	}
	return s[:10]
}

// whole is a property that is a whole number, not below zero.
func whole(o *ocds.Object, key string) *int64 {
	v, _ := o.Get(key)
	n, err := strconv.ParseInt(decimal(v), 10, 64)
	if err != nil || n < 0 {
		return nil
	}
	return &n
}

// decimal is a number's text: of a number, of a text, or of {"$numberLong": "…"}, as
// databases write them. Empty where it is none of these.
func decimal(v any) string {
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

// amount reads a value with its currency; nil where there is none. What has more
// than two decimals is rounded.
func amount(o *ocds.Object, key string) *money.Amount {
	value := object(o, key)
	v, _ := value.Get("amount")
	f, err := strconv.ParseFloat(decimal(v), 64)
	if err != nil || math.IsNaN(f) || math.Abs(f) > most {
		return nil
	}
	a, err := money.Parse(decimal(v))
	if err != nil {
		a = money.FromFloat(f, "")
	}
	a.Currency = strings.ToUpper(strings.TrimSpace(value.Text("currency")))
	return &a
}
