package merge

import (
	"fmt"

	"ceiba/internal/ground/fault"
)

// Fault is why releases could not be merged.
type Fault struct {
	Kind    string // last part of the sentence's key
	Release int    // position of the release among those given; -1 if it is not one alone
	Pointer string // in the merged release, items by their ids
	Value   string // what an earlier release had there
}

// Kinds of Fault.
const (
	NoObject     = "noobject"     // a release is no object
	NoDate       = "nodate"       // one of several releases has no date
	NullDate     = "nulldate"     // its date is null
	OtherDate    = "otherdate"    // its date is no text
	Inconsistent = "inconsistent" // object in one release, array or other value in another
)

// Error gives the text for the log.
func (f *Fault) Error() string {
	return fmt.Sprintf("%s: release %d, %s, %s", f.Kind, f.Release, f.Pointer, f.Value)
}

// Unwrap gives the sentence for people.
func (f *Fault) Unwrap() error {
	return fault.New(fault.Invalid, "ocds.merge."+f.Kind, "release", f.Release+1, "pointer", f.Pointer, "value", f.Value)
}

// Warning is something in the releases that makes the result doubtful.
type Warning struct {
	Kind    string `json:"kind"`    // Duplicate, Hidden, Mixed or DateOrder; last part of the sentence's key
	Pointer string `json:"pointer"` // of the property; of DateOrder, empty
	Value   string `json:"value"`   // the id, the value, the date
}

// Kinds of Warning.
const (
	Duplicate = "duplicate" // two items of one array have the same id; the last one counts
	Hidden    = "hidden"    // a value for what was an object or array before; the earlier stays
	Mixed     = "mixed"     // items for what was null or a list of other values before; they stand behind it
	DateOrder = "dateorder" // the next release's date is later as a text and earlier in time
)

// Key is the key of the sentence for people.
func (w Warning) Key() string { return "ocds.merge." + w.Kind }
