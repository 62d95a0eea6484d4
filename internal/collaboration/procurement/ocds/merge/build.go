package merge

import (
	"ceiba/internal/collaboration/procurement/ocds"
)

// step leads from a place to one below it: a property's name (kind 0), or an
// item of an array by its identity.
type step struct {
	kind byte // 0, or s n j for an id's type, f for an item without id, p for a position
	text string
}

// place is where something stands in the merged release.
type place struct {
	step
	above *place
	below map[step]*place
	id    any // of an item, as its publisher wrote it
	leaf  bool
	value any // of a leaf
	waits bool
	fresh any // the value of the release that is being added, if waits
}

func (p *place) property(name string) *place { return p.next(step{text: name}) }

func (p *place) item(key step, id any) *place {
	next := p.next(key)
	if next.id == nil {
		next.id = id
	}
	return next
}

func (p *place) next(s step) *place {
	if next := p.below[s]; next != nil {
		return next
	}
	if p.below == nil {
		p.below = map[step]*place{}
	}
	next := &place{step: s, above: p}
	p.below[s] = next
	return next
}

// path lists the places from the first below the root to p.
func (p *place) path() []*place {
	if p.above == nil {
		return nil
	}
	return append(p.above.path(), p)
}

func (p *place) pointer() string {
	var steps []string
	for _, q := range p.path() {
		steps = append(steps, q.text)
	}
	return ocds.Pointer(steps...)
}

// array is an array that is being made: items are added to it in its place.
type array struct{ items []any }

// Result builds the merged release. More releases may be added afterwards. The
// error is a *Fault.
func (m *Merge) Result() (Result, error) {
	b := builder{root: &ocds.Object{}, made: map[*place]*ocds.Object{}, warnings: m.warnings[:len(m.warnings):len(m.warnings)]}
	for _, leaf := range m.leaves {
		if err := b.put(leaf); err != nil {
			return Result{}, err
		}
	}
	return Result{settled(b.root).(*ocds.Object), b.warnings}, nil
}

// builder puts leaves back into objects and arrays, in the order in which they
// came. Whatever stands in the way of a later one stays, as in the reference.
type builder struct {
	root     *ocds.Object
	made     map[*place]*ocds.Object // items of arrays
	warnings []Warning
}

func (b *builder) put(leaf *place) error {
	path := leaf.path()
	var at any = b.root
	for i, p := range path {
		if p.kind != 0 {
			item, err := b.item(at, p)
			if err != nil {
				return err
			}
			at = item
			continue
		}
		o, ok := at.(*ocds.Object)
		if !ok {
			return inconsistent(p, at)
		}
		last := i == len(path)-1
		there, taken := o.Get(p.text)
		switch {
		case taken && last:
			b.hide(p, there)
		case taken && path[i+1].kind != 0:
			at = b.list(o, p, there)
		case taken:
			at = there
		case !last:
			at = room(path[i+1])
			o.Set(p.text, at)
		case leaf.value != nil: // null takes away what was there
			o.Set(p.text, leaf.value)
		}
	}
	return nil
}

// room is what the next place stands in.
func room(next *place) any {
	if next.kind != 0 {
		return &array{}
	}
	return &ocds.Object{}
}

// list makes an array that was a leaf one to which items can be added. In a
// versioned release that leaf is a history, and the items stand behind it, as in
// the reference.
func (b *builder) list(o *ocds.Object, p *place, there any) any {
	list, ok := there.([]any)
	if !ok {
		return there
	}
	b.warnings = append(b.warnings, Warning{Mixed, p.pointer(), shown(there)})
	a := &array{append([]any{}, list...)}
	o.Set(p.text, a)
	return a
}

// item returns the item of an array, which is added if it is not there.
func (b *builder) item(at any, p *place) (*ocds.Object, error) {
	if o := b.made[p]; o != nil {
		return o, nil
	}
	a, ok := at.(*array)
	if !ok {
		return nil, inconsistent(p, at)
	}
	o := &ocds.Object{}
	if p.id != nil {
		o.Set("id", p.id)
	}
	a.items = append(a.items, o)
	b.made[p] = o
	return o, nil
}

// hide warns of a value that finds its place taken. The id of an item always does.
func (b *builder) hide(p *place, there any) {
	if p.text == "id" && p.above.kind != 0 {
		return
	}
	b.warnings = append(b.warnings, Warning{Hidden, p.pointer(), shown(there)})
}

func inconsistent(p *place, there any) error {
	return &Fault{Kind: Inconsistent, Release: -1, Pointer: p.above.pointer(), Value: shown(there)}
}

// shown writes a value for people, shortened.
func shown(v any) string {
	const most = 60
	s := []rune(string(ocds.Append(nil, settled(v))))
	if len(s) > most {
		return string(s[:most-1]) + "…"
	}
	return string(s)
}

// settled copies what was made, with plain arrays in place of those that grow.
func settled(v any) any {
	switch v := v.(type) {
	case *ocds.Object:
		c := &ocds.Object{}
		for _, f := range v.Fields {
			c.Set(f.Key, settled(f.Value))
		}
		return c
	case *array:
		list := make([]any, len(v.items))
		for i, item := range v.items {
			list[i] = settled(item)
		}
		return list
	}
	return v
}
