package read

import (
	"fmt"

	"ceiba/internal/ground/fault"
)

// Place is where something stands in a file.
type Place struct {
	Document int    `json:"document"` // 1 for the first of the JSON documents one after the other
	Line     int    `json:"line"`     // from 1
	Column   int    `json:"column"`   // in bytes, from 1
	Offset   int64  `json:"offset"`   // in bytes of what was unpacked, from 0
	Pointer  string `json:"pointer"`  // within the document (RFC 6901)
}

// Fault is something that could not be taken.
type Fault struct {
	Place
	Kind  string // last part of the sentence's key
	Value string // the piece of the file it is about, shortened; may be empty
	Max   int64  // the limit that was passed; 0 if it is none
	Fatal bool   // nothing is read after it
	cause error
}

// Kinds of fault. The first group leaves out one item, the second ends reading.
const (
	Twice     = "twice"     // a property occurs twice in one object
	Encoding  = "encoding"  // bytes that are not UTF-8, or half of a surrogate pair
	Control   = "control"   // a control character within a text
	Escape    = "escape"    // a backslash followed by what JSON does not know
	Word      = "word"      // NaN, Infinity, None: a word that JSON does not have
	Number    = "number"    // a number that JSON does not have, such as 007
	Digits    = "digits"    // a number longer than Limits.Digits
	Deep      = "deep"      // nesting deeper than Limits.Depth
	Large     = "large"     // an item larger than Limits.Bytes
	Many      = "many"      // an item of more values than Limits.Values
	Stranger  = "stranger"  // neither release nor record
	Syntax    = "syntax"    // something else was expected here
	Broken    = "broken"    // the file ends in the middle
	GzipShort = "gzipshort" // the gzip file ends in the middle
	Gzip      = "gzip"      // the gzip file is damaged
	Bomb      = "bomb"      // the gzip file unpacks to far more than data does
	Input     = "input"     // the file could not be read
)

// Error gives the text for the log.
func (f *Fault) Error() string {
	s := fmt.Sprintf("%s at line %d, column %d", f.Kind, f.Line, f.Column)
	if f.Pointer != "" {
		s += " (" + f.Pointer + ")"
	}
	if f.Value != "" {
		s += fmt.Sprintf(": %q", f.Value)
	}
	if f.cause != nil {
		s += ": " + f.cause.Error()
	}
	return s
}

// Unwrap gives the fault as a sentence for people, and its cause.
func (f *Fault) Unwrap() []error {
	kind := fault.Invalid
	if f.Kind == Large || f.Kind == Many || f.Kind == Bomb {
		kind = fault.TooLarge
	}
	said := fault.New(kind, f.Key(), f.Args()...)
	if f.cause == nil {
		return []error{said}
	}
	return []error{said.Wrap(f.cause), f.cause}
}

// Key is the key of the sentence for people.
func (f *Fault) Key() string { return "ocds.read." + f.Kind }

// Args are what the sentence is filled with, pairs of name and value.
func (f *Fault) Args() []any {
	pointer := ""
	if f.Pointer != "" {
		pointer = " (" + f.Pointer + ")"
	}
	return []any{"line", f.Line, "column", f.Column, "pointer", pointer, "value", f.Value, "max", f.Max}
}
