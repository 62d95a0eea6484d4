package score

import (
	"slices"

	"ceiba/internal/collaboration/evaluation/instrument"
)

// State says whether something has a value, and if not why.
type State string

// The states.
const (
	Scored        State = "scored"
	Insufficient  State = "insufficient"   // scored as the lowest, for information is lacking: D*
	NotApplicable State = "not_applicable" // it doesn't exist here
	NotUsed       State = "not_used"       // left out of this evaluation
	CannotTell    State = "cannot_tell"    // who was asked doesn't know
	Missing       State = "missing"        // not answered yet, or a part of it
	NoValue       State = "no_value"       // the instrument gives it none
)

// Value is what a node comes to.
type Value struct {
	State    State    `json:"state"`
	Code     string   `json:"code,omitempty"`
	CountsAs string   `json:"counts_as,omitempty"` // what it is aggregated as, if that is another code
	Order    int      `json:"order,omitempty"`     // the rank of a leaf's code; higher is better
	Number   *float64 `json:"number,omitempty"`
}

// Usable reports whether it can be aggregated.
func (v Value) Usable() bool { return v.State == Scored || v.State == Insufficient }

// grade is the code that counts.
func (v Value) grade() string {
	if v.CountsAs != "" {
		return v.CountsAs
	}
	return v.Code
}

// Input is a part of what was aggregated.
type Input struct {
	Node   string  `json:"node"`
	Weight float64 `json:"weight"`
	Value
}

// aggregate applies a rule to inputs.
func aggregate(how instrument.Aggregation, inputs []Input, bands *instrument.Bands) Value {
	if how == instrument.NoValue {
		return Value{State: NoValue}
	}
	usable := slices.DeleteFunc(slices.Clone(inputs), func(in Input) bool { return !in.Usable() })
	if lack := lacking(how, inputs, usable); lack != "" {
		return Value{State: lack}
	}
	switch how {
	case instrument.M1:
		return weakestLink(usable)
	case instrument.M2Table:
		return byTable(usable)
	case instrument.Min:
		low := lowest(usable)
		return Value{State: Scored, Code: low.grade(), Order: low.Order, Number: low.Number}
	}
	number := total(usable, how != instrument.Sum)
	out := Value{State: Scored, Number: &number}
	if bands != nil {
		out.Code = bands.Code(number)
	}
	return out
}

// lacking says why inputs come to no value, or "".
func lacking(how instrument.Aggregation, inputs, usable []Input) State {
	has := func(s State) bool { return slices.ContainsFunc(inputs, func(in Input) bool { return in.State == s }) }
	graded := slices.Contains([]instrument.Aggregation{instrument.M1, instrument.M2Table, instrument.Min}, how)
	switch {
	case has(Missing) || has(NoValue) || len(inputs) == 0:
		return Missing
	case graded && has(NotUsed):
		return NotUsed
	case graded && has(CannotTell):
		return CannotTell
	case len(usable) > 0:
		return ""
	case has(CannotTell):
		return CannotTell
	case has(NotUsed):
		return NotUsed
	}
	return NotApplicable
}

// lowest is the first of those with the lowest rank.
func lowest(inputs []Input) Input {
	return slices.MinFunc(inputs, func(a, b Input) int { return a.Order - b.Order })
}

// weakestLink is M1.
func weakestLink(inputs []Input) Value {
	low := lowest(inputs)
	code := low.grade()
	if slices.ContainsFunc(inputs, func(in Input) bool { return in.Order > low.Order }) {
		code += "+"
	}
	return Value{State: Scored, Code: code}
}

// byTable is M2. One dimension alone keeps its score.
func byTable(inputs []Input) Value {
	var letters string
	sorted := slices.SortedStableFunc(slices.Values(inputs), func(a, b Input) int { return b.Order - a.Order })
	for _, in := range sorted {
		letters += in.grade()
	}
	if len(inputs) == 1 {
		return Value{State: Scored, Code: letters}
	}
	if code, ok := pefa().M2[letters]; ok {
		return Value{State: Scored, Code: code}
	}
	return Value{State: Missing} // more dimensions, or other letters, than an instrument may have
}

// total is the weighted sum, or mean, of numbers.
func total(inputs []Input, mean bool) float64 {
	var sum, weights float64
	for _, in := range inputs {
		if in.Number != nil {
			sum += float64(in.Weight * *in.Number)
			weights += in.Weight
		}
	}
	if mean && weights > 0 {
		return sum / weights
	}
	return sum
}
