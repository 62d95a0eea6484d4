package check

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds"
)

// most is how many faults one release or record may have, and how many other
// findings. More are counted, and not kept: a hostile one could have a million.
const most = 20_000

// walker goes through one release or record and notes what it finds.
type walker struct {
	trail
	found  []Finding
	faults int  // how many of them
	more   int  // findings beyond most
	about  bool // it is a package, of which empty fields are not told
}

func (w *walker) note(f Finding) {
	kept := len(w.found) - w.faults
	if f.Kind.Fault() {
		if kept = w.faults; kept < most {
			w.faults++
		}
	}
	if kept >= most {
		w.more++
		return
	}
	w.found = append(w.found, f)
}

// fits checks an object against a form.
func (w *walker) fits(f form, o *ocds.Object, without ...string) {
	values := w.object(f.node, o, without...)
	if err := f.schema.Validate(values); err != nil {
		w.refused(o, err)
	}
}

// object goes through the properties of an object. It returns those that the
// schema knows, as the library takes them; of an unknown object it returns nil.
// Lists that are named by without are only returned.
func (w *walker) object(n *node, o *ocds.Object, without ...string) map[string]any {
	var values map[string]any
	if n != nil {
		values = make(map[string]any, len(o.Fields))
	}
	for _, p := range o.Fields {
		w.enter(p.Key)
		var f *field
		own := false
		if n != nil {
			f, own = n.find(p.Key)
		}
		switch {
		case f == nil:
			w.unknown(n != nil, p.Value)
		case len(without) > 0 && slices.Contains(without, p.Key) && isList(p.Value):
			values[p.Key] = make([]any, len(p.Value.([]any)))
			w.empty(p.Value, true)
		default:
			values[p.Key] = w.known(f, p.Value)
			if !own {
				w.translated(f, p.Value)
			}
		}
		w.leave()
	}
	return values
}

func isList(v any) bool { _, ok := v.([]any); return ok }

// unknown notes a field that no schema knows, and those within it. first says
// that it is not itself within an unknown one.
func (w *walker) unknown(first bool, v any) {
	f := w.finding(Additional, "additional")
	if !first {
		f.Rule = "below"
	}
	if scalar(v) {
		f.Value = brief(v)
	}
	w.note(f)
	w.empty(v, true)
	switch v := v.(type) {
	case *ocds.Object:
		w.object(nil, v)
	case []any:
		for i, x := range v {
			w.enterAt(i)
			if o, ok := x.(*ocds.Object); ok {
				w.object(nil, o)
			} else {
				w.empty(x, false)
			}
			w.leave()
		}
	}
}

// known looks at the value of a known field. It returns it as the library takes
// it.
func (w *walker) known(f *field, v any) any {
	if f.deprecated != nil {
		note := w.finding(Deprecated, "deprecated")
		note.Other, note.Name = f.deprecated.version, f.deprecated.why
		w.note(note)
	}
	if f.codelist != "" {
		w.coded(f, v)
	}
	w.empty(v, true)
	switch v := v.(type) {
	case *ocds.Object:
		return w.object(f.node, v)
	case []any:
		return w.list(f, v)
	}
	return simple(v)
}

func (w *walker) list(f *field, list []any) []any {
	if f.unique {
		for _, rule := range alike(list, "id") {
			note := w.finding(Invalid, rule.rule)
			note.Value, note.Name = rule.value, "id"
			w.note(note)
		}
	}
	values := make([]any, len(list))
	for i, x := range list {
		w.enterAt(i)
		if o, ok := x.(*ocds.Object); ok {
			if _, has := o.Get("id"); !has && f.wantsID {
				note := w.finding(NoID, "noid")
				note.Name = "id"
				w.note(note)
			}
			values[i] = w.object(f.node, o)
		} else {
			w.empty(x, false)
			values[i] = simple(x)
		}
		w.leave()
	}
	return values
}

// simple gives a value that is looked at no deeper. Of numbers it keeps what the
// schemas ask for: whether it is a whole number, and its sign. That saves the
// library from spreading out 1e999999.
func simple(v any) any {
	switch v := v.(type) {
	case json.Number:
		sign := 1
		if strings.HasPrefix(string(v), "-") && ocds.Canonical(v) != "0" {
			sign = -1
		}
		if strings.ContainsAny(string(v), ".eE") {
			return float64(sign) / 2
		}
		return sign
	case []any:
		return []any{}
	case *ocds.Object:
		return map[string]any{}
	}
	return v
}

// empty notes a value that is there, and empty. As in lib-cove-ocds, an empty
// object within a list is passed over.
func (w *walker) empty(v any, property bool) {
	rule := ""
	switch v := v.(type) {
	case string:
		if strings.TrimSpace(v) == "" {
			rule = "empty.text"
		}
	case []any:
		if len(v) == 0 {
			rule = "empty.list"
		}
	case *ocds.Object:
		if len(v.Fields) == 0 && property {
			rule = "empty.object"
		}
	}
	if rule != "" && !w.about {
		w.note(w.finding(Empty, rule))
	}
}

// coded notes codes that the field's codelist does not have. lib-cove-ocds
// passes over an empty text; here a closed list refuses it, as the schema does.
func (w *walker) coded(f *field, v any) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	} else if len(list) > 0 {
		if _, objects := list[0].(*ocds.Object); objects {
			return
		}
	}
	for _, x := range list {
		text, isText := x.(string)
		switch {
		case isText && f.codes[text], !isText && !ok && (x == nil || x == false):
			continue
		case text == "" && isText && f.open:
			continue
		}
		if _, object := x.(*ocds.Object); object {
			continue
		}
		kind, rule := ClosedCode, "closed"
		if f.open {
			kind, rule = OpenCode, "open"
		}
		note := w.finding(kind, rule)
		note.Name, note.Value = f.codelist, brief(x)
		w.note(note)
	}
}

// translated notes that a text in another language is no text.
func (w *walker) translated(f *field, v any) {
	if _, ok := v.(string); ok || v == nil || len(f.node.fields) > 0 {
		return
	}
	note := w.finding(Invalid, "string.other")
	note.Value = brief(v)
	w.note(note)
}

// same is a rule about items of a list that are not unique.
type same struct{ rule, value string }

// alike tells which items of a list are the same, as lib-cove-ocds does: those
// with ids by their ids, and if one has none, all by all they hold.
func alike(list []any, ids ...string) (out []same) {
	seen, told, whole := map[string]bool{}, map[string]bool{}, false
	var key, text []byte
	for _, x := range list {
		key, text = key[:0], text[:0]
		o, ok := x.(*ocds.Object)
		for i, name := range ids {
			var id any
			if ok {
				id, _ = o.Get(name)
			}
			if id == nil || !scalar(id) {
				ok = false
				break
			}
			if i > 0 {
				key, text = append(key, ','), append(text, ", "...)
			}
			key, text = canonical(key, id), appendText(text, id)
		}
		switch {
		case !ok && !whole:
			if whole = true; repeats(list) {
				return []same{{"unique.whole", ""}}
			}
		case ok && seen[string(key)] && !told[string(key)]:
			told[string(key)] = true
			out = append(out, same{"unique.id", shorten(string(text))})
		case ok:
			seen[string(key)] = true
		}
	}
	return out
}

func appendText(b []byte, v any) []byte {
	if s, ok := v.(string); ok {
		return append(b, s...)
	}
	return ocds.Append(b, v)
}

// repeats reports whether two items of a list are equal.
func repeats(list []any) bool {
	seen := make(map[string]bool, len(list))
	var key []byte
	for _, x := range list {
		key = canonical(key[:0], x)
		if seen[string(key)] {
			return true
		}
		seen[string(key)] = true
	}
	return false
}

// canonical writes a value so that equal ones have one text.
func canonical(b []byte, v any) []byte {
	switch v := v.(type) {
	case json.Number:
		return append(b, ocds.Canonical(v)...)
	case []any:
		b = append(b, '[')
		for _, x := range v {
			b = append(canonical(b, x), ',')
		}
		return append(b, ']')
	case *ocds.Object:
		fields := slices.Clone(v.Fields)
		slices.SortFunc(fields, func(a, b ocds.Field) int { return strings.Compare(a.Key, b.Key) })
		b = append(b, '{')
		for _, f := range fields {
			b = append(strconv.AppendQuote(b, f.Key), ':')
			b = append(canonical(b, f.Value), ',')
		}
		return append(b, '}')
	}
	return ocds.Append(b, v)
}
