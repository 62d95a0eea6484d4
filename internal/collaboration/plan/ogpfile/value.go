package ogpfile

import (
	"slices"
	"strconv"
)

// State is whether a cell holds a value, and in which way it does not.
type State uint8

// The states of a cell.
const (
	Coded         State = iota // a value; 0 is one
	Empty                      // nothing in the cell
	NotCoded                   // ND: the variable is not coded in that era or report
	NotReviewed                // NR: not reviewed, or not yet
	NotApplicable              // NA
)

// states are OGP's words for what is missing.
var states = map[string]State{"": Empty, "ND": NotCoded, "NR": NotReviewed, "NA": NotApplicable}

// Value is the text of a cell and its state. Text is what stands in the file,
// whatever the state.
type Value struct {
	Text  string
	State State
}

func valueOf(text string) Value { return Value{text, states[text]} }

// Number returns the number of a coded cell; ok is false for one that is
// missing in any way, and for a word.
func (v Value) Number() (n int, ok bool) {
	if v.State != Coded {
		return 0, false
	}
	n, err := strconv.Atoi(v.Text)
	return n, err == nil
}

// Is tells whether the cell holds one of some codes.
func (v Value) Is(codes ...string) bool { return slices.Contains(codes, v.Text) }
