package check

import (
	"cmp"
	"context"
	"hash/maphash"
	"io"
	"iter"
	"path"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/semaphore"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/extension"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/collaboration/procurement/ocds/schema"
)

// Options say how to check.
type Options struct {
	Standard schema.Version // whose rules; empty for the version that each package names
	Limits   read.Limits    // read.Usual if zero
	Workers  int            // how many items are checked at once; as many as there are processors if 0
}

// Found is a finding in a file.
type Found struct {
	Finding
	File string
	Line int    // where the release or record begins
	OCID string // of the release or record
	ID   string // of the release
}

// Checker checks files. It is for one goroutine at a time, and uses several of
// its own.
type Checker struct {
	options Options
	seed    maphash.Seed
	rules   map[string]*rules
}

// New makes a Checker.
func New(o Options) *Checker {
	if o.Limits == (read.Limits{}) {
		o.Limits = read.Usual
	}
	o.Limits.Packages = true
	o.Workers = cmp.Or(o.Workers, runtime.GOMAXPROCS(0))
	return &Checker{options: o, seed: maphash.MakeSeed(), rules: map[string]*rules{}}
}

// File checks what r holds and adds it to the report. For each finding it calls
// each, if that is not nil, in the order of the file; an error of each ends it,
// and is the only one that it returns: what is wrong with the file is a finding.
//
// again opens the same file once more. It is called if a package says its
// version or extensions only behind its items; without it (nil) these are
// checked by what was said before them.
func (c *Checker) File(name string, r io.Reader, again func() (io.ReadCloser, error), rep *Report, each func(*Found) error) error {
	f := &file{Checker: c, name: name, again: again, rep: rep, each: each, seen: map[uint64]bool{}}
	rep.Files = append(rep.Files, name)
	return f.run(r)
}

// file is the check of one file.
type file struct {
	*Checker
	name  string
	again func() (io.ReadCloser, error)
	rep   *Report
	each  func(*Found) error

	packages *ahead        // what packages say further on; nil if nobody asked
	current  *read.Package // of the last item that was read
	by       *rules        // its rules
	inside   bool          // current is no package but a record

	pack *read.Package   // of the last item that was added
	seen map[uint64]bool // its items, and whether it was told that they are there twice
}

// job is an item or a fault, and what was found.
type job struct {
	item   *read.Item
	fault  *read.Fault
	rules  *rules
	linked bool
	walker
	same uint64 // a number that equal items share
}

// batch is some items that one goroutine checks.
type batch struct {
	jobs []*job
	size int64
	done chan struct{}
}

// An item's text may be in memory within inFlight bytes, apart from the item that
// is being read; one that is larger, alone. A batch is full with either of the
// others.
const (
	inFlight = 8 << 20
	fullSize = 256 << 10
	fullLen  = 64
)

func (f *file) run(r io.Reader) error {
	ctx, stop := context.WithCancel(context.Background())
	room := semaphore.NewWeighted(inFlight)
	todo, inOrder := make(chan *batch), make(chan *batch, 4*f.options.Workers)
	var workers sync.WaitGroup
	for range f.options.Workers {
		workers.Go(func() {
			for b := range todo {
				for _, j := range b.jobs {
					f.check(j)
				}
				close(b.done)
			}
		})
	}
	workers.Go(func() {
		defer close(inOrder)
		defer close(todo)
		f.read(r, func(b *batch) bool {
			if room.Acquire(ctx, min(b.size, inFlight)) != nil {
				return false
			}
			for _, to := range []chan *batch{inOrder, todo} {
				select {
				case to <- b:
				case <-ctx.Done():
					close(b.done)
					return false
				}
			}
			return true
		})
	})
	var err error
	for b := range inOrder {
		<-b.done
		for i, j := range b.jobs {
			if err == nil {
				err = f.add(j)
			}
			b.jobs[i] = nil
		}
		if err != nil {
			stop()
		}
		room.Release(min(b.size, inFlight))
	}
	stop()
	workers.Wait()
	return err
}

// read reads the file and hands out its items in batches.
func (f *file) read(r io.Reader, hand func(*batch) bool) {
	defer func() {
		if f.packages != nil {
			f.packages.close()
		}
	}()
	b := &batch{done: make(chan struct{})}
	for item, err := range read.Items(r, f.options.Limits) {
		j := &job{item: item}
		if err != nil {
			j.fault = err.(*read.Fault)
		} else {
			j.rules, j.linked = f.choose(item)
			b.size += item.Size
		}
		b.jobs = append(b.jobs, j)
		if b.size >= fullSize || len(b.jobs) >= fullLen {
			if !hand(b) {
				return
			}
			b = &batch{done: make(chan struct{})}
		}
	}
	if len(b.jobs) > 0 {
		hand(b)
	}
}

// choose says by which rules an item is checked, and whether it is only a link.
func (f *file) choose(item *read.Item) (by *rules, linked bool) {
	p := item.Package
	switch {
	case p == nil:
		return f.rulesOf(cmp.Or(f.options.Standard, schema.V11), extension.All), item.Kind == read.Link
	case item.Kind == read.Pack || p != f.current:
		about := &p.About
		if item.Kind != read.Pack {
			about = f.told(p)
		}
		f.current, f.inside = p, about.Text("ocid") != ""
		if f.inside {
			f.by = f.rulesOf(cmp.Or(f.options.Standard, schema.V11), extension.All)
			break
		}
		version := schema.Of((&read.Package{About: *about}).Version())
		known, _ := declared(about)
		f.by = f.rulesOf(cmp.Or(f.options.Standard, version), known)
	}
	return f.by, f.inside && item.Kind == read.Link
}

// told gives what a package says of itself, even if it says so further on.
func (f *file) told(p *read.Package) *ocds.Object {
	_, version := p.About.Get("version")
	_, extensions := p.About.Get("extensions")
	if version && extensions || f.again == nil {
		return &p.About
	}
	if f.packages == nil {
		f.packages = lookAhead(f.again, f.options.Limits)
	}
	if said := f.packages.at(p.Offset); said != nil {
		return &said.About
	}
	return &p.About
}

// ahead reads the same file a second time for what packages say, one package
// ahead of their items.
type ahead struct {
	next  func() (*read.Package, bool)
	close func()
	last  *read.Package
}

func lookAhead(open func() (io.ReadCloser, error), limits read.Limits) *ahead {
	r, err := open()
	if err != nil {
		return &ahead{next: func() (*read.Package, bool) { return nil, false }, close: func() {}}
	}
	next, stop := iter.Pull(read.Packages(r, limits))
	return &ahead{next: next, close: func() { stop(); r.Close() }}
}

// at gives the package that begins somewhere, or nil. It goes forward only.
func (a *ahead) at(offset int64) *read.Package {
	for a.last == nil || a.last.Offset < offset {
		p, ok := a.next()
		if !ok {
			return nil
		}
		a.last = p
	}
	if a.last.Offset == offset {
		return a.last
	}
	return nil
}

// declared gives the extensions that a package declares: those known here, and
// the addresses of the others.
func declared(about *ocds.Object) (known []extension.Name, unknown []string) {
	for _, address := range names(about, "extensions") {
		if n, ok := extension.Of(address); !ok {
			unknown = append(unknown, address)
		} else if !slices.Contains(known, n) {
			known = append(known, n)
		}
	}
	slices.Sort(known)
	return known, unknown
}

func (c *Checker) rulesOf(v schema.Version, names []extension.Name) *rules {
	key := string(v)
	for _, n := range names {
		key += " " + string(n)
	}
	r := c.rules[key]
	if r == nil {
		r = newRules(v, names)
		c.rules[key] = r
	}
	return r
}

// check looks at one item.
func (f *file) check(j *job) {
	if j.item == nil {
		return
	}
	j.pointer, j.field = j.item.Pointer, fieldOf(j.item.Pointer)
	j.walker.item(j.rules, j.item, j.linked)
	if j.item.Kind != read.Pack {
		j.same = f.identity(j.item)
	}
}

// fieldOf takes the positions out of the place of an item, which may hold no
// other numbers.
func fieldOf(pointer string) string {
	if name := path.Base(path.Dir(pointer)); name == "releases" || name == "records" {
		return name
	}
	return ""
}

// identity gives a number that items share which may not be in one package: of
// releases with the same ocid and id, records with the same ocid, or what has
// none of these and is equal.
func (f *file) identity(item *read.Item) uint64 {
	var h maphash.Hash
	h.SetSeed(f.seed)
	ids := []string{"ocid", "id"}
	if item.Kind == read.Record {
		ids = ids[:1]
	}
	for _, name := range ids {
		id := value(item.Object, name)
		if !isID(id) {
			h.Reset()
			h.WriteString("whole")
			h.Write(canonical(nil, item.Object))
			break
		}
		h.Write(append(canonical(nil, id), 0))
	}
	return h.Sum64()
}

// value returns a property, or nil.
func value(o *ocds.Object, name string) any {
	v, _ := o.Get(name)
	return v
}

// add puts what was found in an item into the report.
func (f *file) add(j *job) error {
	if j.fault != nil {
		return f.unread(j.fault)
	}
	if j.item.Kind != read.Pack {
		f.repeated(j)
	}
	f.rep.item(j)
	for i := range j.found {
		found := Found{j.found[i], f.name, j.item.Line, shorten(j.item.Object.Text("ocid")), ""}
		if j.item.Kind == read.Release {
			if id := value(j.item.Object, "id"); isID(id) {
				found.ID = shorten(string(appendText(nil, id)))
			}
		}
		f.rep.add(&found)
		if f.each != nil && found.Rule != "below" {
			if err := f.each(&found); err != nil {
				return err
			}
		}
	}
	return nil
}

// repeated notes that an item was there before, in its package or, if it stands
// alone, in the file.
func (f *file) repeated(j *job) {
	if j.item.Package != f.pack {
		f.pack = j.item.Package
		clear(f.seen)
	}
	told, there := f.seen[j.same]
	f.seen[j.same] = there
	if told || !there {
		return
	}
	note := Finding{Kind: Invalid, Rule: "unique.release", Pointer: path.Dir(j.item.Pointer), Field: j.field}
	o := j.item.Object
	switch {
	case !isID(value(o, "ocid")) || j.item.Kind != read.Record && !isID(value(o, "id")):
		note.Rule = "unique.whole"
	case j.item.Kind == read.Record:
		note.Rule, note.Value = "unique.record", o.Text("ocid")
	default:
		note.Value = string(appendText(appendText(appendText(nil, value(o, "ocid")), ", "), value(o, "id")))
	}
	if note.Value = shorten(note.Value); f.pack == nil {
		note.Kind, note.Rule, note.Pointer = Odd, "odd."+note.Rule, j.item.Pointer
	}
	j.found = append(j.found, note)
}

// unread notes what could not be read.
func (f *file) unread(fault *read.Fault) error {
	found := &Found{File: f.name, Line: fault.Line}
	found.Finding = Finding{Kind: Unread, Rule: fault.Kind, Pointer: fault.Pointer, Value: fault.Value, Fault: fault}
	f.rep.Unread++
	f.rep.add(found)
	if f.each == nil {
		return nil
	}
	return f.each(found)
}
