// Package prepare cleans compiled releases up before indicators are computed
// from them, as the command prepare of Cardinal does (cardinal-rs 0.0.8,
// src/lib.rs, Prepare::run, and docs/cli/prepare.md): it fills in what the
// settings say, maps a publisher's codes to those of OCDS, and reports what it
// could mend and was not told to.
//
// It promises that nothing else changes: members keep their order, numbers their
// digits. Where Cardinal moves the last member into the place of one that it
// takes out, here the others stay where they are; and an element that is no
// object, on which Cardinal stops, is left as it is.
//
// It knows the fields that indicators use, and no others.
package prepare

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"

	"ceiba/internal/collaboration/procurement/indicator/lines"
	"ceiba/internal/collaboration/procurement/indicator/settings"
	"ceiba/internal/collaboration/procurement/ocds"
)

// Issue is something that could be mended by a setting.
type Issue struct {
	Path  string // without the numbers of elements
	Index string // those numbers, with points between
	Value string // the wrong one, if there is one
	What  Fault
}

// Fault is what is wrong.
type Fault string

// The faults, in Cardinal's words.
const (
	NotSet  Fault = "not set"
	Invalid Fault = "invalid"
	IsZero  Fault = "is zero"
)

// Report says what could not be done.
type Report struct {
	Skips    lines.Skips // lines that are no JSON object
	NotMoved int         // releases whose auctions stay, since they have bids too
	Issues   int
}

// done is what became of a line.
type done struct {
	text     []byte
	ocid     string
	issues   []Issue
	notMoved bool
}

var errNoObject = errors.New("not a JSON object")

// Run reads releases, one a line, writes them to out, and what is wrong with
// them to issues: CSV without a heading, of line, ocid, path, index, value and
// fault. Both are in the order of the file, on however many workers; 0 is one
// for each core.
func Run(r io.Reader, s settings.Prepare, out, issues io.Writer, workers int) (Report, error) {
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	var rep Report
	table := csv.NewWriter(issues)
	var err error
	rep.Skips, err = lines.Each(r, workers, func(line []byte) (done, error) {
		v, err := lines.Value(line)
		if err != nil {
			return done{}, err
		}
		release, ok := v.(*ocds.Object)
		if !ok {
			return done{}, errNoObject
		}
		return clean(release, s), nil
	}, func(n int, d done) error {
		rep.Issues += len(d.issues)
		if d.notMoved {
			rep.NotMoved++
		}
		for _, i := range d.issues {
			if err := table.Write([]string{strconv.Itoa(n), d.ocid, i.Path, i.Index, i.Value, string(i.What)}); err != nil {
				return fmt.Errorf("write issues: %w", err)
			}
		}
		if _, err := out.Write(append(d.text, '\n')); err != nil {
			return fmt.Errorf("write releases: %w", err)
		}
		return nil
	})
	if table.Flush(); err == nil {
		err = table.Error()
	}
	return rep, err
}

// cleaner cleans one release.
type cleaner struct {
	settings.Prepare
	release   *ocds.Object
	roles     map[string][]string // by party
	cancelled map[string]bool     // awards by id: whether all their contracts are cancelled
	done
}

func clean(release *ocds.Object, s settings.Prepare) done {
	c := &cleaner{Prepare: s, release: release, roles: map[string][]string{}, cancelled: map[string]bool{}}
	switch ocid, _ := release.Get("ocid"); ocid := ocid.(type) {
	case nil:
	case string:
		c.ocid = ocid
	default:
		c.ocid = string(ocds.Append(nil, ocid))
	}
	c.parties()
	c.organisation(release, "buyer", c.PrefixBuyer, "buyer")
	c.tender()
	c.auctions()
	c.bids()
	c.contracts()
	c.awards()
	c.partyRoles()
	c.text = ocds.Append(nil, release)
	return c.done
}

func (c *cleaner) issue(what Fault, value, path string, index ...int) {
	at := ""
	for i, n := range index {
		if i > 0 {
			at += "."
		}
		at += strconv.Itoa(n)
	}
	c.issues = append(c.issues, Issue{path, at, value, what})
}

// parties makes ids texts, and notes the roles that parties have.
func (c *cleaner) parties() {
	c.organisations(c.release, "parties", "", "")
	if !c.PartyRoles {
		return
	}
	for _, party := range objects(c.release, "parties") {
		id, ok := text(party, "id")
		if !ok {
			continue
		}
		roles := []string{}
		list, _ := party.Get("roles")
		if a, ok := list.([]any); ok {
			for _, role := range a {
				if s, ok := role.(string); ok {
					roles = append(roles, s)
				}
			}
		}
		c.roles[id] = roles
	}
}

// partyRoles writes the roles that parties have and those in which the release
// refers to them.
func (c *cleaner) partyRoles() {
	if !c.PartyRoles {
		return
	}
	for _, party := range objects(c.release, "parties") {
		id, _ := text(party, "id")
		roles := slices.Compact(slices.Sorted(slices.Values(c.roles[id])))
		if len(roles) == 0 {
			continue
		}
		a := []any{}
		for _, role := range roles {
			a = append(a, role)
		}
		party.Set("roles", a)
	}
}

// organisation mends the reference to an organisation.
func (c *cleaner) organisation(of *ocds.Object, name, prefix, role string) {
	v, _ := of.Get(name)
	c.reference(v, prefix, role)
}

// organisations mends a list of references; an object that stands where the list
// should be becomes a list of one.
func (c *cleaner) organisations(of *ocds.Object, name, prefix, role string) {
	v, _ := of.Get(name)
	if o, ok := v.(*ocds.Object); ok {
		v = []any{o}
		of.Set(name, v)
	}
	if a, ok := v.([]any); ok {
		for _, one := range a {
			c.reference(one, prefix, role)
		}
	}
}

func (c *cleaner) reference(v any, prefix, role string) {
	o, ok := v.(*ocds.Object)
	if !ok {
		return
	}
	stringify(o, "id")
	id, ok := text(o, "id")
	switch {
	case !ok:
		return
	case slices.Contains(c.RedactIDs, id):
		o.Remove("id")
		return
	case len(id) < len(prefix) || id[:len(prefix)] != prefix:
		id = prefix + id
		o.Set("id", id)
	}
	if roles, ok := c.roles[id]; ok && role != "" {
		c.roles[id] = append(roles, role)
	}
}
