package instrument

import (
	"iter"
	"math"

	"go.yaml.in/yaml/v3"

	"ceiba/internal/collaboration/evaluation/agreement"
)

// Text is a text in the two languages that are always complete.
type Text struct {
	EN string `yaml:"en" json:"en"`
	ES string `yaml:"es" json:"es"`
}

// Instrument is a version of a questionnaire.
type Instrument struct {
	ID      string  `yaml:"id" json:"id"`           // such as "pefa-pi24"
	Version string  `yaml:"version" json:"version"` // such as "2016.1"
	Title   Text    `yaml:"title" json:"title"`
	Source  Text    `yaml:"source" json:"source"`   // whose it is, what was read and what is from memory
	Licence string  `yaml:"licence" json:"licence"` // of the texts
	Scales  []Scale `yaml:"scales" json:"scales"`
	Rules   []Rule  `yaml:"rules" json:"rules"`
	Nodes   []Node  `yaml:"nodes" json:"nodes"` // those without a parent

	Digest string `yaml:"-" json:"digest"` // SHA-256 of the file, in hexadecimal
}

// Kind is how deep a node stands.
type Kind string

// The kinds, from the highest; a part is of a lower kind than its parent.
const (
	Pillar       Kind = "pillar"
	Indicator    Kind = "indicator"
	Subindicator Kind = "subindicator"
	Dimension    Kind = "dimension"
	Criterion    Kind = "criterion"
	Question     Kind = "question"
)

var kinds = []Kind{Pillar, Indicator, Subindicator, Dimension, Criterion, Question}

// Aggregation is how the value of a node follows from its parts.
type Aggregation string

// The aggregations.
const (
	M1        Aggregation = "m1"          // PEFA's weakest link
	M2Table   Aggregation = "m2table"     // PEFA's averaging, by its table
	MeanNonNA Aggregation = "mean_non_na" // weighted mean of what applies
	Min       Aggregation = "min"         // the lowest
	Sum       Aggregation = "sum"         // weighted
	InBands   Aggregation = "bands"       // a number, of the parts' mean or computed, becomes a code
	NoValue   Aggregation = "none"        // a leaf is scored itself; a parent gets no value
)

var aggregations = []Aggregation{M1, M2Table, MeanNonNA, Min, Sum, InBands, NoValue}

// Node is something that is scored, or that follows from its parts.
type Node struct {
	ID          string      `yaml:"id" json:"id"`
	Kind        Kind        `yaml:"kind" json:"kind"`
	Text        Text        `yaml:"text" json:"text"`
	Guidance    Text        `yaml:"guidance" json:"guidance"` // may be empty
	Evidence    bool        `yaml:"evidence_required" json:"evidence_required"`
	Weight      Weight      `yaml:"weight" json:"weight"` // 1 unless said otherwise
	Aggregation Aggregation `yaml:"aggregation" json:"aggregation"`
	OverLeaves  bool        `yaml:"over_leaves" json:"over_leaves"` // the mean is of all leaves below, not of the parts
	Scale       string      `yaml:"scale" json:"scale"`             // of a leaf
	NAAllowed   bool        `yaml:"na_allowed" json:"na_allowed"`
	Bands       *Bands      `yaml:"bands" json:"bands,omitempty"` // turn its number into a code
	Compute     *Compute    `yaml:"compute" json:"compute,omitempty"`
	Parts       []Node      `yaml:"parts" json:"parts,omitempty"`
}

// Weight is how much a part counts beside the others.
type Weight float64

// UnmarshalYAML keeps a weight of zero, which is refused, apart from one that
// is left out.
func (w *Weight) UnmarshalYAML(n *yaml.Node) error {
	var f float64
	err := n.Decode(&f)
	*w = Weight(f)
	if f == 0 {
		*w = Weight(math.NaN())
	}
	return err
}

// Leaf reports whether a node is scored itself.
func (n *Node) Leaf() bool { return len(n.Parts) == 0 }

// Compute says which rule computes a leaf beside the people who score it.
type Compute struct {
	Rule   string            `yaml:"rule" json:"rule"`
	Params map[string]string `yaml:"params" json:"params,omitempty"`
	Blind  bool              `yaml:"blind_to_computed" json:"blind_to_computed"` // shown to a scorer only after the first score
}

// Rule is a rule that computes answers, with the data that it needs.
type Rule struct {
	ID       string            `yaml:"id" json:"id"`
	Text     Text              `yaml:"text" json:"text"`
	Needs    []string          `yaml:"needs" json:"needs"`       // such as "contract.value"
	Outcomes map[string]string `yaml:"outcomes" json:"outcomes"` // codes of outcomes that are no numbers
}

// Scale is what a leaf can be answered with.
type Scale struct {
	ID    string          `yaml:"id" json:"id"`
	Level agreement.Level `yaml:"level" json:"level"`
	Codes []Code          `yaml:"codes" json:"codes"` // the best first
	NA    []NACode        `yaml:"na_codes" json:"na_codes"`
}

// Code is an answer.
type Code struct {
	Code     string   `yaml:"code" json:"code"`
	Label    Text     `yaml:"label" json:"label"`
	Value    *float64 `yaml:"value" json:"value,omitempty"`         // for means and sums
	Order    int      `yaml:"order" json:"order"`                   // higher is better
	CountsAs string   `yaml:"counts_as" json:"counts_as,omitempty"` // D* counts as D: information is lacking
}

// NACode is an answer that gives no value.
type NACode struct {
	Code    string  `yaml:"code" json:"code"`
	Label   Text    `yaml:"label" json:"label"`
	Meaning Meaning `yaml:"meaning" json:"meaning"`
}

// Meaning is why an answer gives no value.
type Meaning string

// The meanings.
const (
	NotApplicable Meaning = "not_applicable" // it doesn't exist here
	NotUsed       Meaning = "not_used"       // it was left out of this evaluation
	CannotTell    Meaning = "cannot_tell"    // who was asked doesn't know
)

// Bands turn a number into a code: the first band that takes it gives it.
type Bands struct {
	Scale string `yaml:"scale" json:"scale"` // whose codes they give
	Whole bool   `yaml:"whole" json:"whole"` // the number is rounded to a whole one before, halves away from zero
	Steps []Band `yaml:"steps" json:"steps"`
}

// Band takes the numbers within its bounds. The last of several has none.
type Band struct {
	Code  string   `yaml:"code" json:"code"`
	From  *float64 `yaml:"from" json:"from,omitempty"`   // number >= From
	Above *float64 `yaml:"above" json:"above,omitempty"` // number > Above
	UpTo  *float64 `yaml:"up_to" json:"up_to,omitempty"` // number <= UpTo
	Below *float64 `yaml:"below" json:"below,omitempty"` // number < Below
}

// Takes reports whether a number is within the bounds.
func (b Band) Takes(x float64) bool {
	return (b.From == nil || x >= *b.From) && (b.Above == nil || x > *b.Above) &&
		(b.UpTo == nil || x <= *b.UpTo) && (b.Below == nil || x < *b.Below)
}

// Code is that of the band which takes a number, "" for what is no number.
func (b *Bands) Code(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	if b.Whole {
		x = math.Round(x)
	}
	for _, step := range b.Steps {
		if step.Takes(x) {
			return step.Code
		}
	}
	return ""
}

// open reports whether it takes every number.
func (b Band) open() bool { return b.From == nil && b.Above == nil && b.UpTo == nil && b.Below == nil }

// All walks the nodes, parents before their parts. The second value is the
// parent, nil for the highest.
func (in *Instrument) All() iter.Seq2[*Node, *Node] {
	return func(yield func(node, parent *Node) bool) {
		var walk func(nodes []Node, parent *Node) bool
		walk = func(nodes []Node, parent *Node) bool {
			for i := range nodes {
				n := &nodes[i]
				if !yield(n, parent) || !walk(n.Parts, n) {
					return false
				}
			}
			return true
		}
		walk(in.Nodes, nil)
	}
}

// Node finds a node, or returns nil.
func (in *Instrument) Node(id string) *Node {
	for n := range in.All() {
		if n.ID == id {
			return n
		}
	}
	return nil
}

// Leaves are the nodes that are scored, in their order.
func (in *Instrument) Leaves() (out []*Node) {
	for n := range in.All() {
		if n.Leaf() {
			out = append(out, n)
		}
	}
	return out
}

// Scale finds a scale, or returns nil.
func (in *Instrument) Scale(id string) *Scale {
	for i := range in.Scales {
		if in.Scales[i].ID == id {
			return &in.Scales[i]
		}
	}
	return nil
}

// Rule finds a rule, or returns nil.
func (in *Instrument) Rule(id string) *Rule {
	for i := range in.Rules {
		if in.Rules[i].ID == id {
			return &in.Rules[i]
		}
	}
	return nil
}

// Code finds an answer that has a value or a rank, or returns nil.
func (s *Scale) Code(code string) *Code {
	for i := range s.Codes {
		if s.Codes[i].Code == code {
			return &s.Codes[i]
		}
	}
	return nil
}

// NACode finds an answer without a value, or returns nil.
func (s *Scale) NACode(code string) *NACode {
	for i := range s.NA {
		if s.NA[i].Code == code {
			return &s.NA[i]
		}
	}
	return nil
}
