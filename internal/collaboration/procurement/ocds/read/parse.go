package read

import (
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"ceiba/internal/collaboration/procurement/ocds"
)

// step is a property's name or, if at is not negative, a position in an array.
type step struct {
	name string
	at   int
}

// parser reads JSON values. What it cannot take is a Fault; brackets that are
// open then are counted in depth, so that skip can find the way out.
type parser struct {
	*source
	limits Limits
	doc    int
	depth  int
	path   []step
	item   int64 // offset from which Limits.Bytes counts
	values int
	names  map[string]string // names of properties met before, so that each is kept once
	text   []byte            // the string read last
}

func (p *parser) place() Place {
	steps := make([]string, len(p.path))
	for i, s := range p.path {
		steps[i] = s.name
		if s.at >= 0 {
			steps[i] = strconv.Itoa(s.at)
		}
	}
	return Place{p.doc, p.line, int(p.offset()-p.bol) + 1, p.offset(), ocds.Pointer(steps...)}
}

// shown is how many bytes of a piece of the file a fault shows.
const shown = 40

func (p *parser) fault(kind string, piece []byte, limit int) *Fault {
	return &Fault{Place: p.place(), Kind: kind, Value: string(piece[:min(len(piece), shown)]), Max: int64(limit)}
}

// unexpected is the fault of a byte that cannot stand here, or of an end that
// came too early.
func (p *parser) unexpected() *Fault {
	f := p.fault(Syntax, nil, 0)
	f.Fatal = true
	if !p.ended() {
		f.Value = string(p.peek())
		return f
	}
	if f.Kind, f.cause = p.ending(); f.Kind == "" {
		f.Kind = Broken
	}
	return f
}

// within says whether the item still keeps to its limits.
func (p *parser) within() *Fault {
	switch {
	case p.offset()-p.item > int64(p.limits.Bytes):
		return p.fault(Large, nil, p.limits.Bytes)
	case p.values > p.limits.Values:
		return p.fault(Many, nil, p.limits.Values)
	}
	return nil
}

func (p *parser) value() (any, *Fault) {
	p.values++
	if f := p.within(); f != nil {
		return nil, p.passing(f)
	}
	p.space()
	switch c := p.peek(); {
	case c == '{':
		o, f := p.object()
		return o, f
	case c == '[':
		list := []any{}
		f := p.elements(func() *Fault {
			v, f := p.value()
			list = append(list, v)
			return f
		})
		return list, f
	case c == '"':
		f := p.readText()
		return string(p.text), f
	case ofWord(c):
		return p.word()
	}
	return nil, p.unexpected()
}

func (p *parser) object() (*ocds.Object, *Fault) {
	o := &ocds.Object{}
	f := p.members(func(name string) *Fault {
		if _, twice := o.Get(name); twice && !p.limits.Repeats {
			return p.fault(Twice, []byte(name), 0)
		}
		v, f := p.value()
		o.Set(name, v)
		return f
	})
	return o, f
}

// enter takes an opening bracket, leave a closing one.
func (p *parser) enter() *Fault {
	p.take()
	p.depth++
	if p.depth > p.limits.Depth {
		return p.fault(Deep, nil, p.limits.Depth)
	}
	return nil
}

func (p *parser) leave() *Fault {
	p.take()
	p.depth--
	return nil
}

// members takes an object. For each name it calls each, which takes the value.
// After a fault the brackets stay open and the path stays as it is.
func (p *parser) members(each func(name string) *Fault) *Fault {
	if f := p.enter(); f != nil {
		return f
	}
	for first := true; ; first = false {
		p.space()
		if p.peek() == '}' && first {
			return p.leave()
		}
		if !first {
			if p.peek() == '}' {
				return p.leave()
			}
			if f := p.expect(','); f != nil {
				return f
			}
			p.space()
		}
		if p.peek() != '"' {
			return p.unexpected()
		}
		if f := p.readText(); f != nil {
			return f
		}
		name := p.name()
		p.path = append(p.path, step{name, -1})
		p.space()
		if f := p.expect(':'); f != nil {
			return f
		}
		p.space()
		if f := each(name); f != nil {
			return f
		}
		p.path = p.path[:len(p.path)-1]
	}
}

// elements takes an array. For each element it calls each, which takes it.
func (p *parser) elements(each func() *Fault) *Fault {
	if f := p.enter(); f != nil {
		return f
	}
	for i := 0; ; i++ {
		p.space()
		if p.peek() == ']' {
			return p.leave()
		}
		if i > 0 {
			if f := p.expect(','); f != nil {
				return f
			}
			p.space()
		}
		p.path = append(p.path, step{"", i})
		if f := each(); f != nil {
			return f
		}
		p.path = p.path[:len(p.path)-1]
	}
}

func (p *parser) expect(c byte) *Fault {
	if p.peek() != c {
		return p.unexpected()
	}
	p.take()
	return nil
}

// manyNames is how many names of properties are kept once for all items.
const manyNames = 4096

// name gives the text read last as a string, the same one each time.
func (p *parser) name() string {
	if s, ok := p.names[string(p.text)]; ok {
		return s
	}
	s := string(p.text)
	if len(p.names) < manyNames && len(s) < 64 {
		p.names[s] = s
	}
	return s
}

// readText takes a string into p.text. It is taken to its end even if there is a
// fault in it.
func (p *parser) readText() (bad *Fault) {
	p.text = p.text[:0]
	note := func(kind string) {
		if bad == nil {
			bad = p.fault(kind, p.text, 0)
		}
	}
	p.take()
	high := rune(0) // the first half of a surrogate pair
	for !p.ended() {
		if bad == nil {
			bad = p.within()
		}
		if bad != nil { // the text will not be needed
			p.text = p.text[:0]
		}
		n := plain(p.buf[p.pos:])
		if p.text = append(p.text, p.buf[p.pos:p.pos+n]...); n > 0 && high != 0 {
			note(Encoding)
			high = 0
		}
		if p.pos += n; p.pos == len(p.buf) {
			continue
		}
		switch p.peek() {
		case '"':
			if high != 0 || !utf8.Valid(p.text) {
				note(Encoding)
			}
			p.take()
			return bad
		case '\\':
			high = p.escape(high, note)
		case '\n', '\r':
			return p.unexpected()
		default:
			note(Control)
			p.take()
		}
	}
	return p.unexpected()
}

// plain counts the bytes of a string that stand for themselves.
func plain(b []byte) int {
	for i, c := range b {
		if c == '"' || c == '\\' || c < ' ' {
			return i
		}
	}
	return len(b)
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape takes a backslash and what follows it. high is the first half of a
// surrogate pair that came just before, and what it returns is the next one.
func (p *parser) escape(high rune, note func(kind string)) rune {
	p.take()
	c := p.peek()
	if c == 'u' {
		p.take()
		r := p.unit(note)
		switch {
		case high != 0:
			if r = utf16.DecodeRune(high, r); r == utf8.RuneError {
				note(Encoding)
			}
		case r >= 0xD800 && r < 0xDC00:
			return r
		case utf16.IsSurrogate(r):
			note(Encoding)
		}
		p.text = utf8.AppendRune(p.text, r)
		return 0
	}
	if high != 0 {
		note(Encoding)
	}
	short, ok := escapes[c]
	if !ok {
		note(Escape)
		return 0 // the byte is looked at again: it may be a line's end
	}
	p.take()
	p.text = append(p.text, short)
	return 0
}

// unit takes the four digits of \u0000.
func (p *parser) unit(note func(kind string)) (r rune) {
	for range 4 {
		d, err := strconv.ParseUint(string(rune(p.peek())), 16, 8)
		if err != nil {
			note(Escape)
			return 0
		}
		p.take()
		r = r<<4 | rune(d)
	}
	return r
}

func ofWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '+' || c == '.' || c == '_'
}

// word takes a number, true, false or null, or what stands in their place.
func (p *parser) word() (any, *Fault) {
	p.text = p.text[:0]
	n := 0
	for ; !p.ended() && ofWord(p.peek()); n++ {
		if n <= p.limits.Digits {
			p.text = append(p.text, p.peek())
		}
		p.take()
	}
	switch string(p.text) {
	case "null":
		return nil, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	switch c := p.text[0]; {
	case n > p.limits.Digits:
		return nil, p.fault(Digits, p.text, p.limits.Digits)
	case isNumber(p.text):
		return json.Number(p.text), nil
	case c >= '0' && c <= '9' || c == '-' && n > 1 && p.text[1] >= '0' && p.text[1] <= '9':
		return nil, p.fault(Number, p.text, 0)
	}
	return nil, p.fault(Word, p.text, 0)
}

// isNumber follows the grammar of RFC 8259, section 6.
func isNumber(b []byte) bool {
	digits := func() (n int) {
		for n < len(b) && b[n] >= '0' && b[n] <= '9' {
			n++
		}
		b = b[n:]
		return n
	}
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	zero := len(b) > 0 && b[0] == '0'
	if n := digits(); n == 0 || zero && n > 1 {
		return false
	}
	if len(b) > 0 && b[0] == '.' {
		if b = b[1:]; digits() == 0 {
			return false
		}
	}
	if len(b) > 0 && (b[0] == 'e' || b[0] == 'E') {
		if b = b[1:]; len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		if digits() == 0 {
			return false
		}
	}
	return len(b) == 0
}

// passing steps over the value that a fault is about, so that the fault costs
// no more than that value.
func (p *parser) passing(f *Fault) *Fault {
	p.space()
	p.item, p.values = p.offset(), 0
	var worse *Fault
	switch c := p.peek(); {
	case c == '{' || c == '[':
		depth := p.depth
		p.take()
		p.depth++
		worse = p.skip(depth)
	case c == '"':
		worse = p.readText()
	case ofWord(c):
		_, worse = p.word()
	default:
		worse = p.unexpected()
	}
	if worse != nil && worse.Fatal {
		return worse
	}
	return f
}

// skip steps over everything until no more than depth brackets are open. It
// looks at nothing but brackets and strings.
func (p *parser) skip(depth int) *Fault {
	for p.depth > depth {
		if p.ended() {
			return p.unexpected()
		}
		switch p.peek() {
		case '"':
			p.item = p.offset() // strings of their own are no fault here
			if f := p.readText(); f != nil && f.Fatal {
				return f
			}
			continue
		case '{', '[':
			p.depth++
		case '}', ']':
			p.depth--
		}
		p.take()
	}
	return nil
}
