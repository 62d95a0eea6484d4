package merge

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/schema"
)

// Rule is what happens to a property when releases are merged. Without one,
// objects are merged property by property, arrays of objects item by item.
type Rule string

// The rules, as the schema calls them.
const (
	Omit  Rule = "omitWhenMerged" // it is left out
	Whole Rule = "wholeListMerge" // the newest array replaces the one before
)

// Override merges an array in another way than the standard says, for publishers
// whose ids are none.
type Override string

// The overrides.
const (
	Append     Override = "append"     // all items stay, whatever their ids
	ByPosition Override = "byPosition" // the first with the first, and so on
)

// Rules are the rules of a schema, by path.
type Rules struct {
	rule     Rule
	override Override
	below    map[string]*Rules
}

// Standard are the rules of OCDS itself, without extensions.
func Standard(v schema.Version) *Rules {
	if v == schema.V10 {
		return rules10()
	}
	return rules11()
}

var (
	rules10 = sync.OnceValue(func() *Rules { return mustDerive(schema.V10) })
	rules11 = sync.OnceValue(func() *Rules { return mustDerive(schema.V11) })
)

func mustDerive(v schema.Version) *Rules {
	r, err := Derive(schema.Open(v, schema.Release))
	if err != nil {
		panic(err)
	}
	return r
}

// deepest is how deep a schema may go before we say that it goes in circles.
const deepest = 40

// Derive finds the rules in a release schema. References must stay within it.
func Derive(release *ocds.Object) (*Rules, error) {
	d := deriver{release}
	root := &Rules{}
	if err := d.properties(root, d.at(release, "properties"), 0); err != nil {
		return nil, err
	}
	return root, nil
}

// deriver reads a schema whose references it follows.
type deriver struct{ schema *ocds.Object }

// at returns a part of a schema that is an object, or an empty one.
func (d deriver) at(o *ocds.Object, key string) *ocds.Object {
	v, _ := o.Get(key)
	part, ok := v.(*ocds.Object)
	if !ok {
		return &ocds.Object{}
	}
	for range deepest {
		ref := part.Text("$ref")
		if ref == "" {
			break
		}
		part = d.follow(ref)
	}
	return part
}

func (d deriver) follow(ref string) *ocds.Object {
	var v any = d.schema
	for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		o, ok := v.(*ocds.Object)
		if !ok {
			return &ocds.Object{}
		}
		v, _ = o.Get(step)
	}
	if o, ok := v.(*ocds.Object); ok {
		return o
	}
	return &ocds.Object{}
}

func (d deriver) properties(into *Rules, properties *ocds.Object, depth int) error {
	if depth > deepest {
		return errors.New("the schema goes in circles")
	}
	for _, f := range properties.Fields {
		next := &Rules{}
		if err := d.property(next, d.at(properties, f.Key), depth); err != nil {
			return err
		}
		if next.rule != "" || next.below != nil {
			into.add(f.Key, next)
		}
	}
	return nil
}

// property follows the order of the reference: leaving out comes before all
// else, a whole list before what is in it.
func (d deriver) property(into *Rules, p *ocds.Object, depth int) error {
	types := typesOf(p)
	list := slices.Contains(types, "array")
	inner, items := d.at(p, "properties"), d.at(p, "items")
	switch {
	case yes(p, "omitWhenMerged") || p.Text("mergeStrategy") == "ocdsOmit":
		into.rule = Omit
	case list && (yes(p, "wholeListMerge") || p.Text("mergeStrategy") == "ocdsVersion"):
		into.rule = Whole
	case slices.Contains(types, "object") && len(inner.Fields) > 0:
		return d.properties(into, inner, depth+1)
	case list && slices.ContainsFunc(typesOf(items), func(t string) bool { return t != "object" }):
		into.rule = Whole
	case list && slices.Contains(typesOf(items), "object"):
		inner = d.at(items, "properties")
		if _, known := inner.Get("id"); known {
			return d.properties(into, inner, depth+1)
		}
		if len(inner.Fields) > 0 {
			into.rule = Whole
		}
	}
	return nil
}

func yes(o *ocds.Object, key string) bool {
	v, _ := o.Get(key)
	return v == true
}

func typesOf(o *ocds.Object) (out []string) {
	switch v, _ := o.Get("type"); v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, t := range v {
			if s, ok := t.(string); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

func (r *Rules) add(key string, next *Rules) {
	if r.below == nil {
		r.below = map[string]*Rules{}
	}
	r.below[key] = next
}

// of returns the rules of a property; a nil Rules has none.
func (r *Rules) of(key string) *Rules {
	if r == nil {
		return nil
	}
	return r.below[key]
}

func (r *Rules) is(rule Rule) bool { return r != nil && r.rule == rule }

// Paths lists the rules by path, such as tender/items/additionalClassifications.
func (r *Rules) Paths() map[string]Rule {
	out := map[string]Rule{}
	var walk func(r *Rules, path string)
	walk = func(r *Rules, path string) {
		if r.rule != "" {
			out[path] = r.rule
		}
		for key, next := range r.below {
			walk(next, strings.TrimPrefix(path+"/"+key, "/"))
		}
	}
	walk(r, "")
	return out
}

// With returns the rules with another way for the array at a path, such as
// contracts/implementation/transactions.
func (r *Rules) With(path string, o Override) *Rules {
	c := &Rules{}
	if r != nil {
		*c = *r
		c.below = maps.Clone(r.below)
	}
	if path == "" {
		c.override = o
		return c
	}
	key, rest, _ := strings.Cut(path, "/")
	c.add(key, c.of(key).With(rest, o))
	return c
}
