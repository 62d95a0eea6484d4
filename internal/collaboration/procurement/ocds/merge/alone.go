package merge

import "ceiba/internal/collaboration/procurement/ocds"

// alone compiles the only release of a process, which most published files have:
// what Merge does with it, without taking it apart (a fifth of the time). ok is false
// where that is not so simple: items of one array with the same id, ids that are no
// plain values, rules of one's own. TestAlone holds it to Merge.
func alone(rules *Rules, release *ocds.Object) (out *ocds.Object, ok bool) {
	for _, key := range []string{"id", "date"} {
		if _, has := release.Get(key); has && !rules.of(key).is(Omit) {
			return nil, false
		}
	}
	get := func(key string) any { v, _ := release.Get(key); return v }
	out = &ocds.Object{Fields: make([]ocds.Field, 0, len(release.Fields)+1)}
	for _, f := range []ocds.Field{{Key: "tag", Value: []any{"compiled"}}, {Key: "id", Value: compiledID(get("ocid"), get("date"))}, {Key: "date", Value: get("date")}, {Key: "ocid", Value: get("ocid")}} {
		if f.Value != nil {
			out.Set(f.Key, f.Value)
		}
	}
	c := copier{}
	for _, f := range release.Fields {
		if f.Key == "tag" || f.Key == "ocid" {
			continue
		}
		if v, is := c.copy(f.Value, rules.of(f.Key)); is && v != nil {
			out.Set(f.Key, v)
		}
	}
	return out, !c.hard
}

// copier copies what Merge would keep.
type copier struct{ hard bool }

// copy returns what stays of a value, nil for null; is reports whether it leaves a
// trace at all: empty objects and arrays do not, nor what the rules leave out.
func (c *copier) copy(v any, rules *Rules) (out any, is bool) {
	if rules.is(Omit) {
		return nil, false
	}
	if !rules.is(Whole) {
		switch v := v.(type) {
		case *ocds.Object:
			o := &ocds.Object{Fields: make([]ocds.Field, 0, len(v.Fields))}
			return o, c.fields(o, v, rules, "")
		case []any:
			if objects(v) {
				return c.items(v, rules)
			}
		}
	}
	return v, true
}

// fields copies properties, save one that is there already.
func (c *copier) fields(to, from *ocds.Object, rules *Rules, save string) (any bool) {
	for _, f := range from.Fields {
		v, is := c.copy(f.Value, rules.of(f.Key))
		any = any || is
		if is && v != nil && (save == "" || f.Key != save) {
			to.Set(f.Key, v)
		}
	}
	return any
}

func (c *copier) items(list []any, rules *Rules) (out any, is bool) {
	if rules != nil && rules.override != "" {
		c.hard = true
		return nil, false
	}
	items, seen := make([]any, 0, len(list)), make([]step, 0, len(list))
	for _, v := range list {
		from := v.(*ocds.Object)
		o := &ocds.Object{Fields: make([]ocds.Field, 0, len(from.Fields))}
		save := ""
		if id, named := from.Get("id"); named {
			own := identity(id)
			for _, s := range seen {
				c.hard = c.hard || s == own
			}
			seen = append(seen, own)
			if c.hard = c.hard || own.kind == 'j'; id != nil {
				o.Set("id", id)
				save = "id"
			}
		}
		if c.fields(o, from, rules, save) {
			items = append(items, o)
		}
	}
	return items, len(items) > 0
}
