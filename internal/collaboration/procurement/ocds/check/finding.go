package check

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/read"
)

// Kind says in which part of the report a finding stands. The names are the keys
// of lib-cove-ocds' output, where it has them.
type Kind string

// The kinds of finding. The first four are faults: data with one of them does
// not keep to the standard.
const (
	Unread      Kind = "reading_errors"                    // a piece of the file that could not be read
	Invalid     Kind = "validation_errors"                 // what the schema refuses
	ClosedCode  Kind = "additional_closed_codelist_values" // a code that a closed list does not have
	Conformance Kind = "conformance_errors"                // what the standard demands beside its schema

	OpenCode   Kind = "additional_open_codelist_values" // a code that an open list does not have
	Additional Kind = "additional_fields"               // a field that neither the schema nor a known extension has
	Deprecated Kind = "deprecated_fields"               // a field that the standard advises against
	Empty      Kind = "empty_field"                     // a field that is there, and empty
	NoID       Kind = "missing_ids"                     // an object in a list without the id by which releases are merged
	Odd        Kind = "anomalies"                       // what the schema lets pass, or says less well
)

// Kinds are all kinds of finding, faults first.
var Kinds = []Kind{Unread, Invalid, ClosedCode, Conformance, Odd, OpenCode, Additional, Deprecated, Empty, NoID}

// Fault reports whether data with such a finding does not keep to the standard.
func (k Kind) Fault() bool {
	return k == Unread || k == Invalid || k == ClosedCode || k == Conformance
}

// Finding is one thing at one place.
type Finding struct {
	Kind    Kind
	Rule    string // what it is: the last part of the key of its sentence
	Pointer string // where, as a JSON pointer (RFC 6901) from the release, or in a file from the document
	Field   string // the same without positions in lists: tender/items/quantity
	Name    string // the property that is missing, or the codelist
	Value   string // what stands there, as JSON, shortened; may be empty
	Other   string // what it was compared with, if it was
	Also    bool   // of an anomaly: a fault at the same place says it too

	Fault *read.Fault // of what could not be read; otherwise nil
}

// Key is the key of the sentence for people.
func (f *Finding) Key() string {
	if f.Fault != nil {
		return f.Fault.Key()
	}
	if strings.HasSuffix(f.Rule, ".null") {
		return "ocds.check.null"
	}
	return "ocds.check." + f.Rule
}

// Args are what the sentence is filled with, pairs of name and value.
func (f *Finding) Args() []any {
	if f.Fault != nil {
		return f.Fault.Args()
	}
	field := f.Field
	if f.Rule == "required" || f.Rule == "noid" {
		field += "/" + f.Name
	}
	return []any{"field", Label(field), "name", f.Name, "value", f.Value, "other", f.Other}
}

// Label is a field as people read it: tender.value.amount.
func Label(field string) string {
	for _, list := range []string{"releases/", "records/"} {
		if inner, ok := strings.CutPrefix(field, list); ok {
			field = inner
			break
		}
	}
	return strings.ReplaceAll(strings.TrimPrefix(field, "/"), "/", ".")
}

// Type is what lib-cove-ocds calls the type of a validation error: the type of
// value that was wanted, or the keyword of JSON Schema.
func (f *Finding) Type() string {
	first, _, _ := strings.Cut(f.Rule, ".")
	if t, ok := covesTypes[first]; ok {
		return t
	}
	return first
}

var covesTypes = map[string]string{"id": "string", "date": "date-time", "unique": "uniqueItems", "releases": "oneOf"}

// shown is how many characters of a value are shown.
const shown = 60

// brief gives a value as JSON, shortened. Of an object or list that is not small
// only the brackets are left.
func brief(v any) string {
	switch v := v.(type) {
	case []any:
		if len(v) > 0 {
			return "[…]"
		}
	case *ocds.Object:
		if len(v.Fields) > 2 {
			return "{…}"
		}
		for _, f := range v.Fields {
			if !scalar(f.Value) {
				return "{…}"
			}
		}
	}
	return shorten(string(ocds.Append(nil, v)))
}

func shorten(s string) string {
	if utf8.RuneCountInString(s) <= shown {
		return s
	}
	return string([]rune(s)[:shown]) + "…"
}

func scalar(v any) bool {
	switch v.(type) {
	case nil, bool, string, json.Number:
		return true
	}
	return false
}

// step is a property's name or, if at is not negative, a position in a list.
type step struct {
	name string
	at   int
}

// short keeps a name that is no name from filling the memory.
func (s step) short() string {
	if len(s.name) > 200 {
		return shorten(s.name)
	}
	return s.name
}

// trail is the way from a release to the value that is looked at.
type trail struct {
	pointer string // before the steps: where the release stands in its document
	field   string // the same without positions
	steps   []step
}

func (t *trail) enter(name string) { t.steps = append(t.steps, step{name, -1}) }
func (t *trail) enterAt(i int)     { t.steps = append(t.steps, step{at: i}) }
func (t *trail) leave()            { t.steps = t.steps[:len(t.steps)-1] }

// finding makes a finding at the end of the trail.
func (t *trail) finding(kind Kind, rule string) Finding {
	return Finding{Kind: kind, Rule: rule, Pointer: t.here(), Field: t.generic()}
}

func (t *trail) here() string {
	var b strings.Builder
	b.WriteString(t.pointer)
	for _, s := range t.steps {
		b.WriteByte('/')
		if s.at >= 0 {
			b.WriteString(strconv.Itoa(s.at))
			continue
		}
		escapes.WriteString(&b, s.short())
	}
	return b.String()
}

func (t *trail) generic() string {
	var b strings.Builder
	b.WriteString(t.field)
	for _, s := range t.steps {
		if s.at >= 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('/')
		}
		b.WriteString(s.short())
	}
	return b.String()
}

var escapes = strings.NewReplacer("~", "~0", "/", "~1")
