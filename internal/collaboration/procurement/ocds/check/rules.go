package check

import (
	"errors"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/extension"
	"ceiba/internal/collaboration/procurement/ocds/schema"
)

// form is what one sort of object has to look like.
type form struct {
	node   *node
	schema *jsonschema.Schema
}

// rules are the forms of one version of the standard with some extensions.
type rules struct {
	version                     schema.Version
	release, linked, versioned  form
	record                      form
	releasePackage, packRecords form
}

// newRules compiles the schemas. It takes some 20 ms.
func newRules(v schema.Version, names []extension.Name) *rules {
	if v == schema.V10 {
		names = nil // extensions came with 1.1
	}
	docs := map[string]*ocds.Object{}
	for _, n := range []schema.Name{schema.Release, schema.ReleasePackage, schema.RecordPackage, schema.Versioned} {
		docs[string(n)+".json"] = schema.Open(v, n)
	}
	core := docs["release-schema.json"]
	release := extension.Patch(core, names...)
	docs["release-schema.json"] = release
	versioned, packed, records := docs["versioned-release-validation-schema.json"], docs["release-package-schema.json"], docs["record-package-schema.json"]
	record := object(object(records, "definitions"), "record")
	linked := object(alternatives(object(object(record, "properties"), "releases"))[0], "items")

	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	c.AssertFormat()
	c.RegisterFormat(&jsonschema.Format{Name: "date-time", Validate: text(isDateTime)})
	c.RegisterFormat(&jsonschema.Format{Name: "uri", Validate: text(isURI)})
	for _, doc := range docs {
		add(c, doc.Text("id"), doc)
	}
	const linkedAt, recordAt = "https://example.org/linked.json", "https://example.org/record.json"
	add(c, linkedAt, linked)
	add(c, recordAt, record)
	r := newReader(docs, extension.Codes(names...))
	compile := func(doc, s *ocds.Object, address string) form {
		compiled, err := c.Compile(address)
		if err != nil {
			panic(err)
		}
		return form{r.node(doc, s), compiled}
	}
	out := &rules{
		version: v,
		release: compile(release, release, release.Text("id")), versioned: compile(versioned, versioned, versioned.Text("id")),
		linked: compile(records, linked, linkedAt), record: compile(records, record, recordAt),
		releasePackage: compile(packed, packed, packed.Text("id")), packRecords: compile(records, records, records.Text("id")),
	}
	if len(names) > 0 {
		histories(out.versioned.node, newReader(nil, nil).node(core, core), out.release.node, map[*node]bool{})
	}
	return out
}

func add(c *jsonschema.Compiler, address string, s *ocds.Object) {
	doc := plain(s)
	for _, list := range []string{"releases", "records"} { // whose items come one by one
		props, _ := doc["properties"].(map[string]any)
		if field, ok := props[list].(map[string]any); ok {
			delete(field, "items")
		}
	}
	if err := c.AddResource(address, doc); err != nil {
		panic(err)
	}
}

// text makes a check of texts into one of any value: others have no format.
func text(ok func(string) bool) func(any) error {
	return func(v any) error {
		if s, is := v.(string); is && !ok(s) {
			return errFormat
		}
		return nil
	}
}

var errFormat = errors.New("not of this format")

// kept are the keywords that the library checks. Those below are checked by the
// walk over the fields, for lib-cove-ocds takes them otherwise than JSON Schema;
// the rest say nothing about what is valid.
var kept = map[string]bool{
	"id": true, "$schema": true, "$ref": true, "type": true, "required": true, "format": true, "minLength": true, "minItems": true, "minimum": true,
	"pattern": true, "enum": true,
}

var walked = map[string]bool{"uniqueItems": true, "patternProperties": true, "oneOf": true, "codelist": true, "openCodelist": true, "deprecated": true}

// plain gives a schema as the library takes it, with the keywords that are kept.
func plain(s *ocds.Object) map[string]any {
	out := map[string]any{}
	for _, f := range s.Fields {
		inner, _ := f.Value.(*ocds.Object)
		switch {
		case f.Key == "properties" || f.Key == "definitions":
			all := map[string]any{}
			for _, p := range inner.Fields {
				all[p.Key] = plain(p.Value.(*ocds.Object))
			}
			out[f.Key] = all
		case f.Key == "items":
			out[f.Key] = plain(inner)
		case kept[f.Key]:
			out[f.Key] = decoded(f.Value)
		case f.Key == "oneOf": // of a record's releases, which are looked at one by one
			out["type"], out["minItems"] = "array", value(alternatives(s)[0], "minItems")
		}
	}
	if _, listed := s.Get("codelist"); listed && !isTrue(s, "openCodelist") {
		delete(out, "enum")
		if items, ok := out["items"].(map[string]any); ok {
			delete(items, "enum")
		}
	}
	return out
}

// decoded gives a value as the library takes it.
func decoded(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = decoded(x)
		}
		return out
	case *ocds.Object:
		panic(fmt.Sprintf("check: a keyword with %d properties", len(v.Fields)))
	}
	return v
}
