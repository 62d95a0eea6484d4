package check

import (
	"regexp"
	"slices"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/read"
)

// item goes through an item by some rules. linked says that it only tells where
// a release is to be found.
func (w *walker) item(r *rules, item *read.Item, linked bool) {
	switch {
	case item.Kind == read.Pack:
		w.about = true
		w.pack(r, item.Package)
	case item.Kind == read.Record:
		w.record(r, item.Object, item.Rest)
	case linked:
		w.fits(r.linked, item.Object)
	default:
		w.release(r.release, item.Object)
	}
	w.compare()
}

// pack looks at what a package says about its items.
func (w *walker) pack(r *rules, p *read.Package) {
	list, form := "releases", r.releasePackage
	if _, ok := p.Lists["records"]; ok {
		list, form = "records", r.packRecords
	}
	about := &ocds.Object{Fields: slices.Clone(p.About.Fields)}
	about.Set(list, make([]any, min(p.Lists[list], 1)))
	w.fits(form, about, list)
	version, said := p.About.Get("version")
	text, _ := version.(string)
	w.enter("version")
	switch {
	case !said:
		f := w.finding(Odd, "odd.version")
		f.Other = string(r.version)
		w.note(f)
	case text != "1.0" && text != "1.1":
		f := w.finding(Conformance, "version")
		f.Value, f.Other = brief(version), string(r.version)
		w.note(f)
	}
	w.leave()
}

func (w *walker) release(f form, o *ocds.Object) {
	w.fits(f, o)
	w.prefix(o)
	w.anomalies(o)
}

// prefixed is how an ocid begins: ocds, a hyphen, and the publisher's prefix.
var prefixed = regexp.MustCompile(`^ocds-[a-z0-9]{6}`)

func (w *walker) prefix(o *ocds.Object) {
	ocid := o.Text("ocid")
	if ocid == "" || prefixed.MatchString(ocid) {
		return
	}
	w.enter("ocid")
	f := w.finding(Conformance, "prefix")
	f.Value = brief(ocid)
	w.note(f)
	w.leave()
}

// record looks at a record. rest says that its releases came before it.
func (w *walker) record(r *rules, o *ocds.Object, rest bool) {
	whole := o
	if rest {
		whole = &ocds.Object{Fields: slices.Clone(o.Fields)}
		whole.Set("releases", make([]any, 1))
	}
	w.fits(r.record, whole, "releases")
	w.prefix(o)
	if list := listed(o, "releases"); len(list) > 0 && !rest {
		w.enter("releases")
		w.releases(r, list)
		w.leave()
	}
	if compiled := object(o, "compiledRelease"); compiled != nil {
		w.enter("compiledRelease")
		w.prefix(compiled)
		w.anomalies(compiled)
		w.leave()
	}
}

// releases looks at the releases of a record, which are all given, or all only
// linked to. What is neither is judged as lib-cove-ocds does.
func (w *walker) releases(r *rules, list []any) {
	known := r.record.node.fields["releases"].node
	links, withID := true, 0
	for _, x := range list {
		o, ok := x.(*ocds.Object)
		if !ok {
			links = false
			continue
		}
		if _, has := o.Get("id"); has {
			withID++
		}
		links = links && r.linked.schema.Validate((&walker{}).object(r.linked.node, o)) == nil
	}
	as := form{known, r.release.schema}
	switch {
	case links || withID == 0:
		as.schema = r.linked.schema
	case withID < len(list):
		w.note(w.finding(Invalid, "releases.mixed"))
		return
	}
	for i, x := range list {
		w.enterAt(i)
		o, ok := x.(*ocds.Object)
		if !ok {
			f := w.finding(Invalid, typeRule([]string{"object"}, x))
			f.Value = brief(x)
			w.note(f)
		} else {
			w.release(as, o)
			if i > 0 {
				w.sorted(list[i-1], o)
			}
		}
		w.leave()
	}
}

// sorted notes that a release of a record is older than the one before it.
func (w *walker) sorted(last any, o *ocds.Object) {
	previous, ok := last.(*ocds.Object)
	if !ok || !before(o.Text("date"), previous.Text("date")) {
		return
	}
	w.enter("date")
	f := w.finding(Odd, "odd.releases.order")
	f.Value, f.Other = brief(o.Text("date")), brief(previous.Text("date"))
	w.note(f)
	w.leave()
}

// compare marks the anomalies that faults at the same places tell too.
func (w *walker) compare() {
	var faults map[string]bool
	for i := range w.found {
		f := &w.found[i]
		switch {
		case f.Kind == Invalid && (faults == nil || !faults[f.Pointer]):
			if faults == nil {
				faults = map[string]bool{}
			}
			faults[f.Pointer] = true
		case f.Kind == Odd:
			f.Also = faults[f.Pointer] || strings.HasPrefix(f.Rule, "odd.ids.tw") && faults[listOf(f.Pointer)]
		}
	}
}

// listOf gives the list that the id of an item is in: /awards of /awards/1/id.
func listOf(pointer string) string {
	for range 2 {
		pointer = pointer[:max(0, strings.LastIndexByte(pointer, '/'))]
	}
	return pointer
}
