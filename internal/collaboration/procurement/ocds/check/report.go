package check

import (
	"cmp"
	"encoding/json"
	"hash/maphash"
	"slices"

	"ceiba/internal/collaboration/procurement/ocds/extension"
	"ceiba/internal/collaboration/procurement/ocds/read"
)

// Report is what was found in one or several files, grouped and counted. The
// zero Report is empty and ready for use.
//
// Its memory is bounded, but for eight bytes or so for each ocid: there are at
// most mostGroups groups of faults, and as many others, with some examples each.
type Report struct {
	Files    []string
	Releases int // releases that stood by themselves or in packages
	Records  int
	Packages int
	Unread   int            // pieces that could not be read
	Faulty   int            // releases and records with a fault
	Noted    int            // releases and records that keep to the standard, and with which something is odd
	OCIDs    int            // how many different ones
	Versions map[string]int // releases and records by the version by which they were checked
	Left     int            // findings that are in no group, for there were too many

	Extensions map[string]int // packages by the addresses of the extensions that they declare
	groups     map[about]*Group
	kept       map[bool]int // groups of faults, and others
	ocids      map[uint64]struct{}
	seed       maphash.Seed
	number     int // of the item that was added last
}

// about is what the findings of a group have in common.
type about struct {
	kind              Kind
	rule, field, name string
}

// Group is findings of one rule about one field.
type Group struct {
	Finding          // the first of them
	Count    int     // how many there are
	Items    int     // in how many releases and records
	Examples []Found // the first ones
	Codes    []Code  // of codes that a codelist does not have: which, in the order in which they came
	last     int     // number of the item counted last
	place    int     // among the groups
	codes    map[string]int
}

// Code is a code that a codelist does not have.
type Code struct {
	Value string // as JSON
	Count int
}

// Text is the code as people write it.
func (c Code) Text() string {
	var text *string
	if json.Unmarshal([]byte(c.Value), &text) != nil || text == nil {
		return c.Value
	}
	return *text
}

// What a report keeps at most.
const (
	mostGroups     = 10_000
	mostExamples   = 3
	mostCodes      = 1_000
	mostExtensions = 1_000
)

// Valid reports whether everything could be read and keeps to the standard, and
// there was something.
func (r *Report) Valid() bool {
	return r.Faulty == 0 && r.Unread == 0 && r.Faults() == 0 && r.Releases+r.Records+r.Packages > 0
}

// Faults is how many faults there are.
func (r *Report) Faults() (n int) {
	for _, g := range r.groups {
		if g.Kind.Fault() {
			n += g.Count
		}
	}
	return n
}

// Groups returns the groups of some kinds, the largest first; of those that are
// as large, what came first.
func (r *Report) Groups(kinds ...Kind) []*Group {
	var out []*Group
	for _, g := range r.groups {
		if slices.Contains(kinds, g.Kind) {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b *Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.place, b.place))
	})
	return out
}

// item counts an item.
func (r *Report) item(j *job) {
	if r.ocids == nil {
		r.ocids, r.seed, r.Versions, r.Extensions = map[uint64]struct{}{}, maphash.MakeSeed(), map[string]int{}, map[string]int{}
	}
	r.number++
	r.Left += j.more
	switch j.item.Kind {
	case read.Pack:
		r.Packages++
		for _, address := range names(&j.item.Package.About, "extensions") {
			if _, there := r.Extensions[address]; there || len(r.Extensions) < mostExtensions && len(address) < 1000 {
				r.Extensions[address]++
			}
		}
		return
	case read.Record:
		r.Records++
	default:
		r.Releases++
	}
	r.Versions[string(j.rules.version)]++
	if ocid := j.item.Object.Text("ocid"); ocid != "" {
		r.ocids[maphash.String(r.seed, ocid)] = struct{}{}
		r.OCIDs = len(r.ocids)
	}
	switch {
	case slices.ContainsFunc(j.found, func(f Finding) bool { return f.Kind.Fault() }):
		r.Faulty++
	case slices.ContainsFunc(j.found, func(f Finding) bool { return f.Kind == Odd }):
		r.Noted++
	}
}

// add puts a finding into its group.
func (r *Report) add(f *Found) {
	key := about{f.Kind, f.Rule, f.Field, f.Name}
	g := r.groups[key]
	if g == nil {
		if r.groups == nil {
			r.groups, r.kept = map[about]*Group{}, map[bool]int{}
		}
		if r.kept[f.Kind.Fault()] >= mostGroups {
			r.Left++
			return
		}
		r.kept[f.Kind.Fault()]++
		g = &Group{Finding: f.Finding, place: len(r.groups)}
		r.groups[key] = g
	}
	g.Count++
	if g.last != r.number || r.number == 0 {
		g.last = r.number
		g.Items++
	}
	g.Also = g.Also && f.Also
	if len(g.Examples) < mostExamples {
		g.Examples = append(g.Examples, *f)
	}
	if f.Kind == ClosedCode || f.Kind == OpenCode {
		g.code(f.Value)
	}
}

func (g *Group) code(value string) {
	if g.codes == nil {
		g.codes = map[string]int{}
	}
	i, there := g.codes[value]
	if !there {
		if i = len(g.Codes); i >= mostCodes {
			return
		}
		g.codes[value] = i
		g.Codes = append(g.Codes, Code{Value: value})
	}
	g.Codes[i].Count++
}

// Unknown are the addresses of declared extensions that are not known here,
// sorted.
func (r *Report) Unknown() (out []string) {
	for address := range r.Extensions {
		if _, ok := extension.Of(address); !ok {
			out = append(out, address)
		}
	}
	slices.Sort(out)
	return out
}
