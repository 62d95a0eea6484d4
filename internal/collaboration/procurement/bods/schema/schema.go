// Package schema validates statements by the official schemas of BODS 0.4 (JSON
// Schema 2020-12), which it holds as they are published, with the codelists;
// SOURCE.md says where they are from. Formats (dates, addresses) are asserted.
//
// It judges one statement by itself: what several say together is for package
// check. Numbers whose exponent nobody could mean are problems before they reach
// the validator, which would spread them out.
package schema

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"ceiba/internal/collaboration/procurement/bods"
	"ceiba/internal/collaboration/procurement/ocds"
)

//go:embed *.json codelists/*.csv
var files embed.FS

// statement is the compiled schema of one statement.
var statement = sync.OnceValue(func() *jsonschema.Schema {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, name := range []string{"components", "entity-record", "person-record", "relationship-record", "statement"} {
		text, err := files.ReadFile(name + ".json")
		if err != nil {
			panic(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			panic(err)
		}
		if err := c.AddResource(doc.(map[string]any)["$id"].(string), doc); err != nil {
			panic(err)
		}
	}
	return c.MustCompile("urn:statement#/$defs/Statement")
})

// Validate returns what is wrong with the statement at a place of its file.
func Validate(o *ocds.Object, index int) []bods.Problem {
	v := &validation{root: []string{strconv.Itoa(index)}, id: bods.Short(o.Text("statementId"))}
	value := v.plain(o, v.root)
	if err := statement().Validate(value); err != nil {
		e, ok := err.(*jsonschema.ValidationError)
		if !ok {
			panic(err) // the validator returns no other for values that JSON has
		}
		v.value = value
		v.take(e)
	}
	slices.SortStableFunc(v.out, func(a, b bods.Problem) int { return strings.Compare(a.Pointer, b.Pointer) })
	return slices.Compact(v.out)
}

// validation collects the problems of a statement.
type validation struct {
	root  []string
	id    string
	value any
	out   []bods.Problem
}

func (v *validation) add(k string, path []string, value, want string) {
	v.out = append(v.out, bods.Problem{Family: bods.BySchema, Kind: k, Pointer: ocds.Pointer(path...), Statement: v.id, Value: bods.Short(value), Want: want})
}

// plain is a value as the validator knows them.
func (v *validation) plain(value any, path []string) any {
	switch x := value.(type) {
	case *ocds.Object:
		out := make(map[string]any, len(x.Fields))
		for _, f := range x.Fields {
			out[f.Key] = v.plain(f.Value, append(slices.Clip(path), f.Key))
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = v.plain(x[i], append(slices.Clip(path), strconv.Itoa(i)))
		}
		return out
	case json.Number:
		_, power, _ := strings.Cut(strings.ToLower(string(x)), "e")
		if n, err := strconv.Atoi(cmp.Or(power, "0")); err != nil || n > 300 || n < -300 {
			v.add("number", path, string(x), "")
			return json.Number("0")
		}
	}
	return value
}

// take goes down to what is wrong. Where one of several would do, it stays above
// them: "a date or a moment" is one problem.
func (v *validation) take(e *jsonschema.ValidationError) {
	path := append(slices.Clip(v.root), e.InstanceLocation...)
	got := told(at(v.value, e.InstanceLocation))
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range k.Missing {
			v.add("required", path, name, name)
		}
	case *kind.Type:
		v.add("type", path, got, strings.Join(k.Want, ", "))
	case *kind.Enum:
		v.add("enum", path, got, list(k.Want))
	case *kind.Const:
		v.add("const", path, got, fmt.Sprint(k.Want))
	case *kind.Format:
		v.add("format", path, got, k.Want)
	case *kind.Pattern:
		v.add("pattern", path, got, k.Want)
	case *kind.MinLength:
		v.add("minlength", path, got, strconv.Itoa(k.Want))
	case *kind.MaxLength:
		v.add("maxlength", path, got, strconv.Itoa(k.Want))
	case *kind.Minimum:
		v.add("minimum", path, got, k.Want.RatString())
	case *kind.Maximum:
		v.add("maximum", path, got, k.Want.RatString())
	case *kind.MinProperties:
		v.add("empty", path, got, "")
	case *kind.AnyOf, *kind.OneOf:
		v.choice(e, path, got)
	default:
		if len(e.Causes) == 0 {
			v.add("other", path, got, "")
		}
		for _, c := range e.Causes {
			v.take(c)
		}
	}
}

// choice says which of several things would do.
func (v *validation) choice(e *jsonschema.ValidationError, path []string, got string) {
	var want []string
	missing := true
	var walk func(e *jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		switch k := e.ErrorKind.(type) {
		case *kind.Format:
			want = append(want, k.Want)
			missing = false
		case *kind.Type:
			want = append(want, strings.Join(k.Want, ", "))
			missing = false
		case *kind.Pattern:
			want = append(want, "YYYY, YYYY-MM")
			missing = false
		case *kind.Required:
			want = append(want, strings.Join(k.Missing, " + "))
		case *kind.Enum:
			want = append(want, list(k.Want))
			missing = false
		}
		for _, c := range e.Causes {
			walk(c)
		}
	}
	walk(e)
	slices.Sort(want)
	k := "choice"
	if missing && len(want) > 0 {
		k = "oneneeded"
	}
	v.add(k, path, got, strings.Join(slices.Compact(want), " / "))
}

// at finds a value.
func at(value any, path []string) any {
	for _, step := range path {
		switch x := value.(type) {
		case map[string]any:
			value = x[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(x) {
				return nil
			}
			value = x[i]
		}
	}
	return value
}

// told is a value in a sentence; of objects and arrays only what they are.
func told(value any) string {
	switch x := value.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "{…}"
	case []any:
		return "[…]"
	default:
		return fmt.Sprint(x)
	}
}

func list(values []any) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = fmt.Sprint(v)
	}
	return strings.Join(out, ", ")
}

// Code is an entry of a codelist.
type Code struct{ Code, Title, Description string }

// Codes returns a codelist, such as "interestType", in its own order; none if
// there is no such list.
func Codes(list string) []Code {
	text, err := files.ReadFile("codelists/" + list + ".csv")
	if err != nil {
		return nil
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		panic(err)
	}
	var out []Code
	for _, r := range rows[1:] {
		out = append(out, Code{r[0], r[1], r[2]})
	}
	return out
}
