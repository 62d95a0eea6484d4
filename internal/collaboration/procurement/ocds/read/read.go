package read

import (
	"cmp"
	"io"
	"iter"

	"ceiba/internal/collaboration/procurement/ocds"
)

// Limits bound what one item may be.
type Limits struct {
	Bytes  int // of an item's text
	Values int // values within an item
	Depth  int // brackets open at once, those around the item included
	Digits int // characters of a number

	Repeats bool // of a property that occurs twice the last value is taken, instead of a fault
}

// Usual are limits that the largest real release seen (1.4 MB) passes by far,
// and with which an item stays under about 300 MB of memory.
var Usual = Limits{Bytes: 32 << 20, Values: 1 << 20, Depth: 128, Digits: 400}

// Kind is what an item is.
type Kind string

// The kinds of item.
const (
	Release Kind = "release"
	Record  Kind = "record"
	Link    Kind = "link" // where a release is to be found: url, date, tag
)

// Package is what is said about the items of a release or record package.
type Package struct {
	About ocds.Object // all properties but the items, as far as they were read
}

// Version is the version of OCDS that the package names; without one the
// standard says 1.0. It is settled when the package has been read to its end.
func (p *Package) Version() string {
	if v := p.About.Text("version"); v != "" {
		return v
	}
	return "1.0"
}

// Item is one release or record.
type Item struct {
	Place
	Kind    Kind
	Object  *ocds.Object
	Package *Package // nil for an item that stands alone
	Rest    bool     // a record whose releases came before it, one by one
}

// Items reads a file. Each pair is an item, or a *Fault and no item; only after a
// Fault that is Fatal does nothing follow.
func Items(r io.Reader, limits Limits) iter.Seq2[*Item, error] {
	return func(yield func(*Item, error) bool) {
		s := &stream{parser: parser{source: open(r), limits: limits, names: map[string]string{}}, yield: yield, lines: true}
		if f := s.run(); f != nil && f != stopped {
			yield(nil, f)
		}
	}
}

// stopped unwinds when whoever ranges over the items has had enough.
var stopped = &Fault{Kind: "stopped", Fatal: true}

// stream takes documents apart into items.
type stream struct {
	parser
	yield func(*Item, error) bool
	lines bool // each document so far was one line
}

// run reads documents until the file ends. It returns the fault that ends it
// early.
func (s *stream) run() *Fault {
	for s.space(); !s.ended(); s.space() {
		s.doc++
		s.depth, s.path = 0, s.path[:0]
		begin, first := s.place(), s.peek()
		f := s.entry()
		if f == nil {
			s.lines = s.lines && s.line == begin.Line
			continue
		}
		if f = s.resume(f, begin, first); f != nil {
			return f
		}
	}
	if kind, cause := s.ending(); kind != "" {
		f := s.fault(kind, nil, 0)
		f.cause, f.Fatal = cause, true
		return f
	}
	return nil
}

// resume goes on at the next line after a broken one, if the file has an item a
// line. Otherwise it returns the fault.
func (s *stream) resume(f *Fault, begin Place, first byte) *Fault {
	near := f.Line == begin.Line || f.Column == 1 && (f.Line == begin.Line+1 || s.lines && s.doc > 1)
	if f.Kind != Syntax || first != '{' || begin.Column != 1 || !near {
		return f
	}
	atLine := func() bool { return s.peek() == '{' && s.offset() == s.bol }
	if !atLine() {
		s.restOfLine()
	}
	if !s.ended() && !atLine() {
		return f
	}
	f.Fatal = false
	if !s.yield(nil, f) {
		return stopped
	}
	return nil
}

// entry takes one item, package or array, and gets over faults in it.
func (s *stream) entry() *Fault {
	depth, path := s.depth, len(s.path)
	s.item, s.values = s.offset(), 0
	return s.settle(s.thing(), depth, path)
}

// settle reports a fault that costs no more than an item, and steps over what is
// left of it.
func (s *stream) settle(f *Fault, depth, path int) *Fault {
	if f == nil || f.Fatal {
		return f
	}
	s.path = s.path[:path]
	if !s.yield(nil, f) {
		return stopped
	}
	return s.skip(depth)
}

func (s *stream) thing() *Fault {
	switch c := s.peek(); {
	case c == '[' && s.depth == 0:
		return s.elements(s.entry)
	case c == '{':
		return s.envelope()
	}
	return s.whole(nil, "")
}

// budget counts a package's own properties together, apart from its items.
type budget struct {
	bytes  int64
	values int
}

func (s *stream) charge(b budget) { s.item, s.values = s.offset()-b.bytes, b.values }
func (s *stream) spent() budget   { return budget{s.offset() - s.item, s.values} }

// envelope takes an object that may be a package: its releases or records are
// handed on one by one as they come.
func (s *stream) envelope() *Fault {
	item := &Item{Place: s.place(), Object: &ocds.Object{}}
	pack := &Package{}
	about, streamed, spent := &pack.About, map[string]bool{}, budget{}
	var bad *Fault
	f := s.members(func(name string) *Fault {
		depth, path := s.depth, len(s.path)
		_, twice := about.Get(name)
		if kind, ok := packs[name]; ok && !twice && !streamed[name] && s.peek() == '[' && about.Text("ocid") == "" {
			streamed[name] = true
			f := s.elements(func() *Fault { return s.packed(pack, kind) })
			s.item, s.values = s.offset(), 0
			return f
		}
		s.charge(spent)
		f := s.member(about, name, twice && !s.limits.Repeats || streamed[name])
		spent = s.spent()
		if f != nil && !f.Fatal {
			bad = cmp.Or(bad, f)
			s.path = s.path[:path]
			f = s.skip(depth)
		}
		s.item, s.values = s.offset(), 0
		return f
	})
	switch {
	case f != nil:
		return f
	case bad != nil:
		return bad
	case len(streamed) == 0:
		item.Object = about
	case about.Text("ocid") == "":
		return nil
	default:
		item.Object, item.Rest = about, true
	}
	return s.hand(item, "")
}

// packed takes one item of a package.
func (s *stream) packed(pack *Package, kind Kind) *Fault {
	depth, path := s.depth, len(s.path)
	s.item, s.values = s.offset(), 0
	return s.settle(s.whole(pack, kind), depth, path)
}

// packs are the properties of packages that hold their items.
var packs = map[string]Kind{"releases": Release, "records": Record}

func (s *stream) member(o *ocds.Object, name string, twice bool) *Fault {
	if twice {
		return s.passing(s.fault(Twice, []byte(name), 0))
	}
	v, f := s.value()
	if f == nil {
		o.Set(name, v)
	}
	return f
}

// whole takes an item in one piece. kind is what its place says it is, if it does.
func (s *stream) whole(pack *Package, kind Kind) *Fault {
	item := &Item{Place: s.place(), Package: pack}
	v, f := s.value()
	if f != nil {
		return f
	}
	o, ok := v.(*ocds.Object)
	if !ok {
		return &Fault{Place: item.Place, Kind: Stranger}
	}
	item.Object = o
	return s.hand(item, kind)
}

// hand hands an item on.
func (s *stream) hand(item *Item, kind Kind) *Fault {
	if item.Kind = kindOf(item.Object, kind); item.Kind == "" && !item.Rest {
		return &Fault{Place: item.Place, Kind: Stranger}
	}
	if item.Rest {
		item.Kind = Record
	}
	if !s.yield(item, nil) {
		return stopped
	}
	return nil
}

// kindOf says what an object is, given what its place says; "" if it is neither
// release nor record.
func kindOf(o *ocds.Object, placed Kind) Kind {
	has := func(names ...string) bool {
		for _, n := range names {
			if _, ok := o.Get(n); ok {
				return true
			}
		}
		return false
	}
	switch {
	case placed == Record || placed == "" && has("compiledRelease", "versionedRelease", "releases"):
		return Record
	case has("url") && !has("ocid", "id"):
		return Link
	case placed == Release || has("ocid", "id", "tag", "date", "initiationType", "planning", "tender", "awards", "contracts", "parties", "buyer"):
		return Release
	}
	return ""
}

// Value reads a text that is one JSON value.
func Value(text []byte, limits Limits) (any, error) {
	p := &parser{source: whole(text), limits: limits, doc: 1, names: map[string]string{}}
	v, f := p.value()
	if f == nil {
		if p.space(); !p.ended() {
			f = p.unexpected()
		}
	}
	if f != nil {
		return nil, f
	}
	return v, nil
}
