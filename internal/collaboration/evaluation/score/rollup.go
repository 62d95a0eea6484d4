package score

import (
	"maps"
	"slices"

	"ceiba/internal/collaboration/evaluation/instrument"
	"ceiba/internal/ground/fault"
)

// Step is how a node came to its value. That of a leaf has no inputs: its code
// was given.
type Step struct {
	Node   string                 `json:"node"`
	Rule   instrument.Aggregation `json:"rule"`
	Inputs []Input                `json:"inputs,omitempty"`
	Bands  *instrument.Bands      `json:"bands,omitempty"` // turned the number into the code
	Result Value                  `json:"result"`
}

// Replay computes the result again from the inputs alone.
func (s Step) Replay() Value {
	if len(s.Inputs) == 0 {
		return s.Result
	}
	return aggregate(s.Rule, s.Inputs, s.Bands)
}

// Report is what an instrument comes to: a step for each node, parents before
// their parts.
type Report struct {
	Steps []Step `json:"steps"`
}

// Of finds the step of a node.
func (r Report) Of(node string) (Step, bool) {
	at := slices.IndexFunc(r.Steps, func(s Step) bool { return s.Node == node })
	if at < 0 {
		return Step{}, false
	}
	return r.Steps[at], true
}

// Missing are the leaves without a code, in their order.
func (r Report) Missing() (out []string) {
	for _, s := range r.Steps {
		if len(s.Inputs) == 0 && s.Result.State == Missing {
			out = append(out, s.Node)
		}
	}
	return out
}

// RollUp computes the values of all nodes from the codes of the leaves; a leaf
// that is not among them is missing. The error is fault.Fields under the nodes'
// ids: a node that is no leaf, a code that its scale doesn't have, or "not
// applicable" where the instrument doesn't allow it.
func RollUp(in *instrument.Instrument, codes map[string]string) (Report, error) {
	if err := known(in, codes); err != nil {
		return Report{}, err
	}
	r := roller{Instrument: in, codes: codes}
	for i := range in.Nodes {
		r.roll(&in.Nodes[i])
	}
	return Report{r.steps}, nil
}

func known(in *instrument.Instrument, codes map[string]string) error {
	var found fault.Fields
	for _, id := range slices.Sorted(maps.Keys(codes)) {
		n := in.Node(id)
		if n == nil || !n.Leaf() {
			found.Add(id, "evaluation.score.no_leaf")
			continue
		}
		s := in.Scale(n.Scale)
		na := s.NACode(codes[id])
		switch {
		case na != nil && na.Meaning == instrument.NotApplicable && !n.NAAllowed:
			found.Add(id, "evaluation.score.na_not_allowed")
		case na == nil && s.Code(codes[id]) == nil:
			found.Add(id, "evaluation.score.no_code", "code", codes[id])
		}
	}
	return found.Err()
}

// roller collects steps.
type roller struct {
	*instrument.Instrument
	codes map[string]string
	steps []Step
}

// roll adds the steps of a node and all below, and returns its value and the
// leaves.
func (r *roller) roll(n *instrument.Node) (self Input, leaves []Input) {
	at := len(r.steps)
	r.steps = append(r.steps, Step{Node: n.ID, Rule: n.Aggregation, Bands: n.Bands})
	self = Input{Node: n.ID, Weight: float64(n.Weight)}
	if n.Leaf() {
		self.Value = CodeValue(r.Scale(n.Scale), r.codes[n.ID])
		r.steps[at].Result = self.Value
		return self, []Input{self}
	}
	var parts []Input
	for i := range n.Parts {
		part, below := r.roll(&n.Parts[i])
		parts, leaves = append(parts, part), append(leaves, below...)
	}
	step := &r.steps[at]
	step.Inputs = parts
	if n.OverLeaves {
		step.Inputs = leaves
	}
	step.Result = step.Replay()
	self.Value = step.Result
	return self, leaves
}

// CodeValue is the value of an answer on a scale; "" and what the scale doesn't
// know are missing.
func CodeValue(s *instrument.Scale, code string) Value {
	if c := s.Code(code); c != nil {
		v := Value{State: Scored, Code: code, CountsAs: c.CountsAs, Order: c.Order, Number: c.Value}
		if c.CountsAs != "" {
			v.State = Insufficient
		}
		return v
	}
	if na := s.NACode(code); na != nil {
		return Value{State: State(na.Meaning), Code: code}
	}
	return Value{State: Missing}
}

// Median is the middle answer of several people, of two middle ones the lower.
// Answers without a value count only if there is no other: then it is the
// first. It is "" for no answers.
func Median(s *instrument.Scale, codes []string) string {
	var with, without []Value
	for _, code := range codes {
		switch v := CodeValue(s, code); {
		case v.Usable():
			with = append(with, v)
		case v.State != Missing:
			without = append(without, v)
		}
	}
	if len(with) > 0 {
		slices.SortStableFunc(with, func(a, b Value) int { return a.Order - b.Order })
		return with[(len(with)-1)/2].Code
	}
	if len(without) > 0 {
		return without[0].Code
	}
	return ""
}
