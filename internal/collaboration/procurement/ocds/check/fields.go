package check

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/schema"
)

// node is the fields that an object may have. Lists are looked through: the node
// of a list is that of its items, as paths without positions have it.
type node struct {
	fields map[string]*field
	langs  map[string]*lang // fields that may be there in several languages: title, title_es
}

// field is what a schema says of one property.
type field struct {
	node       *node
	deprecated *deprecation
	codelist   string // file of its codelist, if it has one
	codes      map[string]bool
	open       bool // other codes than those of the list are allowed
	unique     bool // no two items of the list may be the same
	wantsID    bool // items ought to have an id, though they need not
	is         kinds
	dated      bool // a date with a time
}

// kinds are the types of JSON that a field may have.
type kinds struct{ text, number, list, object bool }

// lang is a field that may be there in several languages.
type lang struct {
	*field
	pattern *regexp.Regexp
}

type deprecation struct{ version, why string }

// nothing is the node of values that have no properties.
var nothing = &node{}

// find returns what is known about a property, or nil, and whether it stands
// under this very name: title_es does not.
func (n *node) find(name string) (f *field, own bool) {
	if f, ok := n.fields[name]; ok {
		return f, true
	}
	base, _, ok := strings.Cut(name, "_")
	if !ok || n.langs == nil {
		return nil, false
	}
	if l, ok := n.langs[base]; ok && l.pattern.MatchString(name) {
		return l.field, false
	}
	return nil, false
}

// reader makes nodes out of schemas.
type reader struct {
	docs  map[string]*ocds.Object // by the last part of their address
	codes map[string]map[string]bool
	done  map[*ocds.Object]*node
	langs map[string]*regexp.Regexp
}

func newReader(docs map[string]*ocds.Object, more map[string][]string) *reader {
	r := &reader{docs: docs, codes: map[string]map[string]bool{}, done: map[*ocds.Object]*node{}, langs: map[string]*regexp.Regexp{}}
	for name, list := range schema.Codelists() {
		r.codes[name] = list
	}
	for name, list := range more {
		all := map[string]bool{}
		for code := range r.codes[name] {
			all[code] = true
		}
		for _, code := range list {
			all[code] = true
		}
		r.codes[name] = all
	}
	return r
}

// follow returns the schema that is meant, and the document it stands in.
func (r *reader) follow(doc, s *ocds.Object) (*ocds.Object, *ocds.Object) {
	ref := s.Text("$ref")
	if ref == "" {
		return doc, s
	}
	file, pointer, _ := strings.Cut(ref, "#")
	if file != "" {
		doc = r.docs[path.Base(file)]
	}
	var v any = doc
	for name := range strings.SplitSeq(strings.Trim(pointer, "/"), "/") {
		if name != "" {
			v, _ = v.(*ocds.Object).Get(name)
		}
	}
	return doc, v.(*ocds.Object)
}

// object returns a property that is an object, or nil.
func object(o *ocds.Object, name string) *ocds.Object {
	v, _ := o.Get(name)
	inner, _ := v.(*ocds.Object)
	return inner
}

// field reads the schema of one property.
func (r *reader) field(doc, s *ocds.Object) *field {
	f := &field{}
	if d := object(s, "deprecated"); d != nil {
		f.deprecated = &deprecation{d.Text("deprecatedVersion"), d.Text("description")}
	}
	doc, s = r.follow(doc, s)
	if d := object(s, "deprecated"); d != nil && f.deprecated == nil {
		f.deprecated = &deprecation{d.Text("deprecatedVersion"), d.Text("description")}
	}
	f.dated = s.Text("format") == "date-time"
	types := types(s)
	f.is = kinds{
		text:   slices.Contains(types, "string"),
		number: slices.Contains(types, "number") || slices.Contains(types, "integer"),
		list:   slices.Contains(types, "array"), object: slices.Contains(types, "object"),
	}
	r.codelist(f, s)
	inner := s
	if items := object(s, "items"); items != nil {
		f.unique = isTrue(s, "uniqueItems")
		doc, inner = r.follow(doc, items)
		if f.codelist == "" {
			r.codelist(f, inner)
		}
		if props := object(inner, "properties"); props != nil {
			_, has := props.Get("id")
			f.wantsID = has && !slices.Contains(names(inner, "required"), "id") && !isTrue(s, "wholeListMerge")
		}
	}
	f.node = r.node(doc, inner)
	return f
}

func (r *reader) codelist(f *field, s *ocds.Object) {
	if name := s.Text("codelist"); name != "" {
		f.codelist, f.codes, f.open = name, r.codes[name], isTrue(s, "openCodelist")
	}
}

// node reads the properties that a schema has, in any of its alternatives.
func (r *reader) node(doc, s *ocds.Object) *node {
	if n, ok := r.done[s]; ok {
		return n
	}
	n := &node{fields: map[string]*field{}}
	r.done[s] = n
	for _, one := range append(alternatives(s), s) {
		from, one := r.follow(doc, one)
		if items := object(one, "items"); items != nil {
			from, one = r.follow(from, items)
		}
		if props := object(one, "properties"); props != nil {
			for _, p := range props.Fields {
				n.fields[p.Key] = r.field(from, p.Value.(*ocds.Object))
			}
		}
		r.languages(n, from, one)
	}
	if len(n.fields) == 0 {
		r.done[s] = nothing
		return nothing
	}
	return n
}

// languages reads the patterns of fields in several languages, each of which
// begins with ^( and the name of a field.
func (r *reader) languages(n *node, doc, s *ocds.Object) {
	patterns := object(s, "patternProperties")
	if patterns == nil {
		return
	}
	n.langs = map[string]*lang{}
	for _, p := range patterns.Fields {
		base, _, _ := strings.Cut(strings.TrimPrefix(p.Key, "^("), "_(")
		if r.langs[p.Key] == nil {
			r.langs[p.Key] = regexp.MustCompile(p.Key)
		}
		n.langs[base] = &lang{r.field(doc, p.Value.(*ocds.Object)), r.langs[p.Key]}
	}
}

func alternatives(s *ocds.Object) (out []*ocds.Object) {
	v, _ := s.Get("oneOf")
	list, _ := v.([]any)
	for _, one := range list {
		out = append(out, one.(*ocds.Object))
	}
	return out
}

func types(s *ocds.Object) []string {
	if t := s.Text("type"); t != "" {
		return []string{t}
	}
	return names(s, "type")
}

// names returns a property that is a list of texts.
func names(s *ocds.Object, name string) (out []string) {
	v, _ := s.Get(name)
	list, _ := v.([]any)
	for _, one := range list {
		if text, ok := one.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

func isTrue(s *ocds.Object, name string) bool {
	v, _ := s.Get(name)
	return v == true
}

// histories adds to the fields of versioned releases what extensions brought to
// those of releases: each value becomes the list of its versions.
func histories(versioned, core, release *node, seen map[*node]bool) {
	if seen[versioned] || versioned == nothing {
		return
	}
	seen[versioned] = true
	for name, f := range release.fields {
		before, inCore := core.fields[name]
		old, inVersioned := versioned.fields[name]
		switch {
		case inCore && inVersioned:
			histories(old.node, before.node, f.node, seen)
		case !inCore && f.node != nothing:
			inner := &node{fields: map[string]*field{"id": {node: nothing}}}
			versioned.fields[name] = &field{node: inner}
			histories(inner, &node{fields: inner.fields}, f.node, seen)
		case !inCore:
			versioned.fields[name] = &field{node: &node{fields: map[string]*field{
				"releaseDate": {node: nothing}, "releaseID": {node: nothing}, "releaseTag": {node: nothing}, "value": f,
			}}}
		}
	}
}
