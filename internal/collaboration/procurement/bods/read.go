package bods

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/ground/fault"
)

// Usual are limits for one statement that any real one passes by far.
var Usual = read.Limits{Bytes: 1 << 20, Values: 20000, Depth: 64, Digits: 60}

// Item is one statement of a file.
type Item struct {
	Index   int    // from 0
	Pointer string // "/0"
	Object  *ocds.Object
}

// Fault is something that could not be taken.
type Fault struct {
	Kind   string // last part of the sentence's key
	Index  int    // of the statement, from 0
	Offset int64  // in bytes
	Fatal  bool   // nothing is read after it
	cause  error
}

// Kinds of fault.
const (
	NoArray  = "array"    // the file is no array of statements; they are read all the same
	Stranger = "stranger" // something that is no object stands where a statement should
	Large    = "large"    // a statement larger than Limits.Bytes
	Element  = "element"  // a statement that is no proper JSON, or passes another limit
	Syntax   = "syntax"   // the file itself is no proper JSON
	Broken   = "broken"   // the file ends in the middle
	Input    = "input"    // the file could not be read
)

// Error gives the text for the log.
func (f *Fault) Error() string {
	s := fmt.Sprintf("%s in statement %d at byte %d", f.Kind, f.Index, f.Offset)
	if f.cause != nil {
		s += ": " + f.cause.Error()
	}
	return s
}

// Key is the key of the sentence for people.
func (f *Fault) Key() string { return "bods.read." + f.Kind }

// Unwrap gives the fault as a sentence for people, and its cause.
func (f *Fault) Unwrap() []error {
	said := fault.New(fault.Invalid, f.Key(), "number", f.Index+1, "offset", f.Offset)
	if f.cause == nil {
		return []error{said}
	}
	return []error{said.Wrap(f.cause), f.cause}
}

// Items reads the statements of a file: a JSON array, or, with a NoArray before
// them, statements one after the other. Each pair is an item, or a *Fault and no
// item; only after a Fault that is Fatal does nothing follow. Memory is bounded
// by one statement.
func Items(r io.Reader, limits read.Limits) iter.Seq2[*Item, error] {
	return func(yield func(*Item, error) bool) {
		s := &splitter{in: bufio.NewReaderSize(r, 64<<10), limits: limits}
		if f := s.run(yield); f != nil {
			f.Index, f.Offset, f.Fatal = s.index, s.offset, true
			yield(nil, f)
		}
	}
}

// splitter takes a file apart where its statements begin and end. What is within
// them is for read.Value.
type splitter struct {
	in     *bufio.Reader
	limits read.Limits
	offset int64
	index  int
}

// run returns what ends reading before the file's end.
func (s *splitter) run(yield func(*Item, error) bool) *Fault {
	start, err := s.in.Peek(3)
	if err != nil && err != io.EOF {
		return &Fault{Kind: Input, cause: err}
	}
	if string(start) == "\ufeff" {
		_, _ = s.in.Discard(3)
		s.offset += 3
	}
	c, f := s.next()
	if f != nil {
		return f
	}
	if c != '[' {
		s.back()
		if !yield(nil, &Fault{Kind: NoArray}) {
			return nil
		}
		return s.loose(yield)
	}
	return s.array(yield)
}

// loose reads one value after the other.
func (s *splitter) loose(yield func(*Item, error) bool) *Fault {
	for {
		if _, f := s.next(); f != nil {
			if f.Kind == Broken {
				return nil // the end, where it may be
			}
			return f
		}
		s.back()
		if more, f := s.element(yield); !more || f != nil {
			return f
		}
	}
}

func (s *splitter) array(yield func(*Item, error) bool) *Fault {
	for first := true; ; first = false {
		c, f := s.next()
		switch {
		case f != nil:
			return f
		case c == ']' && first:
			return s.end()
		case first:
			s.back()
		case c == ']':
			return s.end()
		case c != ',':
			return &Fault{Kind: Syntax}
		}
		if !first {
			if c, f = s.next(); f != nil {
				return f
			}
			if c == ']' || c == ',' {
				return &Fault{Kind: Syntax}
			}
			s.back()
		}
		if more, f := s.element(yield); !more || f != nil {
			return f
		}
	}
}

// end sees that nothing stands behind the array.
func (s *splitter) end() *Fault {
	_, f := s.next()
	if f != nil && f.Kind == Broken {
		return nil
	}
	if f == nil {
		f = &Fault{Kind: Syntax}
	}
	return f
}

// element hands on one value; more is false if nobody wants another.
func (s *splitter) element(yield func(*Item, error) bool) (more bool, f *Fault) {
	at := s.offset
	text, kind := s.value()
	if kind == Broken || kind == Syntax || kind == Input {
		return false, &Fault{Kind: kind}
	}
	index := s.index
	s.index++
	wrong := func(kind string, cause error) (bool, *Fault) {
		return yield(nil, &Fault{Kind: kind, Index: index, Offset: at, cause: cause}), nil
	}
	if kind == Large {
		return wrong(Large, nil)
	}
	v, err := read.Value(text, s.limits)
	if err != nil {
		return wrong(Element, err)
	}
	o, ok := v.(*ocds.Object)
	if !ok {
		return wrong(Stranger, nil)
	}
	return yield(&Item{Index: index, Pointer: "/" + strconv.Itoa(index), Object: o}, nil), nil
}

// value takes the text of a value, up to the limit. Kind is what went wrong.
func (s *splitter) value() (text []byte, kind string) {
	depth, quoted, large := 0, false, false
	for begun := false; ; begun = true {
		c, err := s.in.ReadByte()
		if err != nil {
			if err == io.EOF && depth == 0 && !quoted && begun {
				return text, ""
			}
			return nil, ending(err)
		}
		s.offset++
		if !quoted && depth == 0 && begun && (c == ',' || c == ']' || c == '}' || blank(c) || c == '{' || c == '[') {
			s.back()
			return keep(text, large)
		}
		if large = large || len(text) >= s.limits.Bytes; !large {
			text = append(text, c)
		}
		switch {
		case quoted && c == '\\':
			c, err := s.in.ReadByte()
			if err != nil {
				return nil, ending(err)
			}
			s.offset++
			if !large {
				text = append(text, c)
			}
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth < 0 {
				return nil, Syntax
			}
			if depth == 0 {
				return keep(text, large)
			}
		}
	}
}

func keep(text []byte, large bool) ([]byte, string) {
	if large {
		return nil, Large
	}
	return text, ""
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// next is the next byte that is no space.
func (s *splitter) next() (byte, *Fault) {
	for {
		c, err := s.in.ReadByte()
		if err != nil {
			return 0, &Fault{Kind: ending(err), cause: cause(err)}
		}
		s.offset++
		if !blank(c) {
			return c, nil
		}
	}
}

// back gives the last byte back.
func (s *splitter) back() {
	_ = s.in.UnreadByte()
	s.offset--
}

func ending(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return Broken
	}
	return Input
}

func cause(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// All reads a whole file that fits into memory: its statements, and what could
// not be taken.
func All(text []byte) (statements []*ocds.Object, faults []*Fault) {
	for item, err := range Items(bytes.NewReader(text), Usual) {
		var f *Fault
		switch {
		case item != nil:
			statements = append(statements, item.Object)
		case errors.As(err, &f):
			faults = append(faults, f)
		}
	}
	return statements, faults
}

// parsed is the object of a text that we wrote.
func parsed(text []byte) *ocds.Object {
	v, err := read.Value(text, read.Usual)
	if err != nil {
		panic(err)
	}
	return v.(*ocds.Object)
}
