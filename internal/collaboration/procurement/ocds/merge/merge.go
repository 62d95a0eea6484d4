package merge

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"ceiba/internal/collaboration/procurement/ocds"
)

// Result is a merged release and what is doubtful about it.
type Result struct {
	Release  *ocds.Object
	Warnings []Warning
}

// Compiled merges releases into how things stand. They may come in any order;
// those of the same date count in the order given. The error is a *Fault.
func Compiled(rules *Rules, releases []any) (Result, error) {
	if len(releases) == 1 {
		if r, ok := releases[0].(*ocds.Object); ok {
			if out, ok := alone(rules, r); ok {
				return Result{Release: out}, nil
			}
		}
	}
	return all(New(rules, false), releases)
}

// Versioned merges releases into the history of each value.
func Versioned(rules *Rules, releases []any) (Result, error) { return all(New(rules, true), releases) }

func all(m *Merge, releases []any) (Result, error) {
	sorted, warnings, err := order(releases)
	if err != nil {
		return Result{}, err
	}
	m.warnings = warnings
	for _, r := range sorted {
		m.Add(r)
	}
	return m.Result()
}

// order sorts releases by the text of their date, as the standard's tool does.
func order(releases []any) ([]*ocds.Object, []Warning, error) {
	out := make([]*ocds.Object, len(releases))
	for i, r := range releases {
		o, ok := r.(*ocds.Object)
		if !ok {
			return nil, nil, &Fault{Kind: NoObject, Release: i}
		}
		out[i] = o
	}
	if len(out) < 2 {
		return out, nil, nil
	}
	for i, o := range out {
		if kind := undated(o); kind != "" {
			return nil, nil, &Fault{Kind: kind, Release: i, Pointer: "/date"}
		}
	}
	slices.SortStableFunc(out, func(a, b *ocds.Object) int { return cmp.Compare(a.Text("date"), b.Text("date")) })
	return out, outOfTime(out), nil
}

// undated says why releases cannot be ordered by this one's date; "" if they can.
func undated(o *ocds.Object) string {
	v, ok := o.Get("date")
	if !ok {
		return NoDate
	}
	switch v.(type) {
	case string:
		return ""
	case nil:
		return NullDate
	}
	return OtherDate
}

func outOfTime(sorted []*ocds.Object) (out []Warning) {
	var last time.Time
	for _, o := range sorted {
		at, err := time.Parse(time.RFC3339, o.Text("date"))
		if err != nil {
			continue
		}
		if at.Before(last) {
			out = append(out, Warning{DateOrder, "", o.Text("date")})
		}
		last = at
	}
	return out
}

// Merge takes releases of one process, oldest first, one after the other.
type Merge struct {
	rules     *Rules
	versioned bool
	root      *place
	leaves    []*place // in the order in which they first got a value
	fresh     []*place // the leaves of the release that is being added
	unnamed   int      // items without an id, so far
	warnings  []Warning
}

// New returns an empty Merge.
func New(rules *Rules, versioned bool) *Merge {
	m := &Merge{rules: rules, versioned: versioned, root: &place{}}
	if !versioned {
		m.set(m.root.property("tag"), []any{"compiled"})
	}
	return m
}

// stamp is what a versioned value says of the release that it came with.
type stamp struct{ id, date, tag any }

// Add merges a release that is no older than those before.
func (m *Merge) Add(release *ocds.Object) {
	get := func(key string) any { v, _ := release.Get(key); return v }
	ocid, s := get("ocid"), stamp{get("id"), get("date"), get("tag")}
	if !m.versioned {
		m.set(m.root.property("id"), compiledID(ocid, s.date))
		m.set(m.root.property("date"), s.date)
	}
	m.set(m.root.property("ocid"), ocid) // 1.0 says by mistake that it is left out
	for _, f := range release.Fields {
		if f.Key == "tag" || f.Key == "ocid" && m.versioned {
			continue
		}
		m.take(m.root.property(f.Key), f.Value, m.rules.of(f.Key))
	}
	for _, p := range m.fresh {
		v := p.fresh
		p.waits, p.fresh = false, nil
		if m.versioned {
			m.version(p, v, s)
		} else {
			m.set(p, v)
		}
	}
	m.fresh = m.fresh[:0]
}

// compiledID is the id of a compiled release: ocid, hyphen, date.
func compiledID(ocid, date any) any {
	o, _ := ocid.(string)
	d, _ := date.(string)
	switch {
	case o != "" && d != "":
		return o + "-" + d
	case o+d != "":
		return o + d
	}
	return nil
}

// take flattens a value: what is merged by property or item is taken apart, the
// rest is a leaf. Empty objects and arrays leave no trace, save where the rule
// says Whole.
func (m *Merge) take(at *place, v any, rules *Rules) {
	if rules.is(Omit) {
		return
	}
	if !rules.is(Whole) {
		switch v := v.(type) {
		case *ocds.Object:
			for _, f := range v.Fields {
				m.take(at.property(f.Key), f.Value, rules.of(f.Key))
			}
			return
		case []any:
			if objects(v) {
				m.items(at, v, rules)
				return
			}
		}
	}
	if !at.waits {
		at.waits = true
		m.fresh = append(m.fresh, at)
	}
	at.fresh = v // the last of items with the same id counts
}

// objects reports whether an array has nothing but objects.
func objects(list []any) bool {
	return !slices.ContainsFunc(list, func(v any) bool { _, ok := v.(*ocds.Object); return !ok })
}

func (m *Merge) items(at *place, list []any, rules *Rules) {
	seen := map[step]bool{}
	for i, v := range list {
		o := v.(*ocds.Object)
		id, named := o.Get("id")
		own := identity(id)
		if named {
			if seen[own] {
				m.warnings = append(m.warnings, Warning{Duplicate, at.pointer(), string(ocds.Append(nil, id))})
			}
			seen[own] = true
		}
		item := at.item(m.key(own, named, i, rules), id)
		for _, f := range o.Fields {
			m.take(item.property(f.Key), f.Value, rules.of(f.Key))
		}
	}
}

// key is what tells an item of an array from the others, in all releases.
func (m *Merge) key(own step, named bool, i int, rules *Rules) step {
	switch {
	case rules != nil && rules.override == ByPosition:
		return step{'p', strconv.Itoa(i)}
	case named && (rules == nil || rules.override != Append):
		return own
	}
	m.unnamed++
	return step{'f', strconv.Itoa(m.unnamed)}
}

// identity makes an id a step: ids of different types are different.
func identity(id any) step {
	switch id := id.(type) {
	case string:
		return step{'s', id}
	case json.Number:
		return step{'n', ocds.Canonical(id)}
	}
	return step{'j', string(ocds.Append(nil, id))}
}

func (m *Merge) set(at *place, v any) {
	if !at.leaf {
		at.leaf = true
		m.leaves = append(m.leaves, at)
	}
	at.value = v
}

// version adds a value to its history, unless it is what it was.
func (m *Merge) version(at *place, v any, s stamp) {
	history, _ := at.value.([]any)
	if len(history) > 0 {
		if last, _ := history[len(history)-1].(*ocds.Object).Get("value"); ocds.Equal(last, v) {
			return
		}
	}
	m.set(at, append(history, &ocds.Object{Fields: []ocds.Field{
		{Key: "releaseID", Value: s.id}, {Key: "releaseDate", Value: s.date}, {Key: "releaseTag", Value: s.tag}, {Key: "value", Value: v},
	}}))
}
