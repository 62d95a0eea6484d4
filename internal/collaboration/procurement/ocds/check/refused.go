package check

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"ceiba/internal/collaboration/procurement/ocds"
)

// refusal is an error of the library, with its place in the order of the file.
type refusal struct {
	kind  jsonschema.ErrorKind
	steps []step
	order []int
	value any
}

// refused notes what the library says of an object.
func (w *walker) refused(o *ocds.Object, err error) {
	var all []refusal
	var collect func(e *jsonschema.ValidationError)
	collect = func(e *jsonschema.ValidationError) {
		if len(e.Causes) == 0 {
			all = append(all, located(o, e))
		}
		for _, inner := range e.Causes {
			collect(inner)
		}
	}
	var e *jsonschema.ValidationError
	if errors.As(err, &e) {
		collect(e)
	}
	slices.SortStableFunc(all, func(a, b refusal) int { return slices.Compare(a.order, b.order) })
	begin := len(w.steps)
	for _, r := range all {
		w.steps = append(w.steps[:begin], r.steps...)
		w.refusal(r)
	}
	w.steps = w.steps[:begin]
}

// located finds the value that an error is about.
func located(v any, e *jsonschema.ValidationError) refusal {
	r := refusal{kind: e.ErrorKind}
	if o, ok := v.(*ocds.Object); ok {
		v = o
	}
	for _, name := range e.InstanceLocation {
		switch in := v.(type) {
		case *ocds.Object:
			i := slices.IndexFunc(in.Fields, func(f ocds.Field) bool { return f.Key == name })
			v = in.Fields[i].Value
			r.steps, r.order = append(r.steps, step{name, -1}), append(r.order, i)
		case []any:
			i, _ := strconv.Atoi(name)
			v = in[i]
			r.steps, r.order = append(r.steps, step{at: i}), append(r.order, i)
		}
	}
	r.value = v
	r.order = append(r.order, rank(e.ErrorKind))
	return r
}

// rank orders errors at one place; the library keeps no order among some.
func rank(k jsonschema.ErrorKind) int {
	switch k.(type) {
	case *kind.Type:
		return -3
	case *kind.Required:
		return -2
	}
	return -1
}

func (w *walker) refusal(r refusal) {
	if k, ok := r.kind.(*kind.Required); ok {
		for _, name := range k.Missing {
			f := w.finding(Invalid, "required")
			f.Name = name
			w.note(f)
		}
		return
	}
	f := w.finding(Invalid, rule(r.kind, r.value))
	f.Value = brief(r.value)
	w.note(f)
}

// rule gives the name of the sentence that fits an error.
func rule(k jsonschema.ErrorKind, v any) string {
	text, _ := v.(string)
	switch k := k.(type) {
	case *kind.Type:
		return typeRule(k.Want, v)
	case *kind.Format:
		if k.Want == "uri" {
			return uriRule(text)
		}
		return dateRule(text)
	case *kind.MinLength:
		return "minLength"
	case *kind.MinItems:
		return "minItems"
	case *kind.Minimum:
		return "minimum"
	case *kind.Enum:
		return "enum"
	case *kind.Pattern:
		return "pattern"
	}
	return "other"
}

// typeRule says what is wrong with a value of another type than those wanted.
func typeRule(want []string, v any) string {
	has := func(name string) bool { return slices.Contains(want, name) }
	base := want[len(want)-1]
	switch {
	case has("string") && has("integer") && !has("array"):
		base = "id"
	case has("string"):
		base = "string"
	case has("number"):
		base = "number"
	}
	variant := "other"
	switch v := v.(type) {
	case nil:
		variant = "null"
	case string:
		if base == "number" || base == "integer" {
			variant = textRule(v)
		}
	case []any:
		if base == "object" {
			variant = "list"
		}
	case *ocds.Object:
		switch {
		case base == "array":
			variant = "object"
		case (base == "number" || base == "integer") && isWrapped(v):
			variant = "wrapped"
		}
	}
	return base + "." + variant
}

// textRule says what a text is where a number belongs.
func textRule(s string) string {
	switch {
	case plainNumber.MatchString(s):
		return "text"
	case strings.TrimSpace(s) == "":
		return "empty"
	}
	return "words"
}
