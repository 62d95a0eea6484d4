package instrument

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"ceiba/internal/collaboration/evaluation/agreement"
	"ceiba/internal/ground/fault"
)

// checker collects what is wrong with an instrument, each under its path.
type checker struct {
	*Instrument
	found fault.Fields
	ids   map[string]bool // of nodes so far
}

// check returns what is wrong, as fault.Fields.
func (in *Instrument) check() error {
	c := &checker{Instrument: in, ids: map[string]bool{}}
	c.need("id", in.ID)
	c.need("version", in.Version)
	c.need("licence", in.Licence)
	c.text("title", in.Title)
	c.text("source", in.Source)
	unique(c, "scales", in.Scales, func(s Scale) string { return s.ID })
	for i := range in.Scales {
		c.scale(fmt.Sprintf("scales[%d]", i), &in.Scales[i])
	}
	unique(c, "rules", in.Rules, func(r Rule) string { return r.ID })
	for i, r := range in.Rules {
		c.rule(fmt.Sprintf("rules[%d]", i), r)
	}
	if len(in.Nodes) == 0 {
		c.found.Add("nodes", "evaluation.instrument.no_nodes")
	}
	c.nodes("nodes", in.Nodes, nil)
	return c.found.Err()
}

func (c *checker) need(path, v string) {
	if v == "" {
		c.found.Add(path, "evaluation.instrument.empty")
	}
}

// text wants both languages.
func (c *checker) text(path string, t Text) {
	c.need(path+".en", t.EN)
	c.need(path+".es", t.ES)
}

func (c *checker) unknown(path, what string) {
	c.found.Add(path, "evaluation.instrument.unknown", "what", what)
}

// unique complains of names that are empty or come twice.
func unique[T any](c *checker, path string, list []T, name func(T) string) {
	seen := map[string]bool{}
	for i, one := range list {
		at, n := fmt.Sprintf("%s[%d]", path, i), name(one)
		c.need(at, n)
		if seen[n] {
			c.found.Add(at, "evaluation.instrument.twice", "what", n)
		}
		seen[n] = true
	}
}

func (c *checker) scale(path string, s *Scale) {
	if !slices.Contains([]agreement.Level{agreement.Nominal, agreement.Ordinal, agreement.Interval, agreement.Ratio}, s.Level) {
		c.unknown(path+".level", string(s.Level))
	}
	if len(s.Codes) < 2 {
		c.found.Add(path+".codes", "evaluation.instrument.few_codes")
	}
	var names []string
	for i, code := range s.Codes {
		at := fmt.Sprintf("%s.codes[%d]", path, i)
		names = append(names, code.Code)
		c.text(at+".label", code.Label)
		c.ranked(at, s, i)
		c.value(at+".value", s.Level, code.Value)
	}
	for i, na := range s.NA {
		at := fmt.Sprintf("%s.na_codes[%d]", path, i)
		names = append(names, na.Code)
		c.text(at+".label", na.Label)
		if !slices.Contains([]Meaning{NotApplicable, NotUsed, CannotTell}, na.Meaning) {
			c.unknown(at+".meaning", string(na.Meaning))
		}
	}
	unique(c, path+".codes", names, func(n string) string { return n })
}

// ranked wants the codes of a scale that has ranks in falling order. A code
// that counts as another has its rank and value.
func (c *checker) ranked(path string, s *Scale, i int) {
	code := s.Codes[i]
	if code.CountsAs != "" {
		as := s.Code(code.CountsAs)
		switch {
		case as == nil || as.CountsAs != "":
			c.unknown(path+".counts_as", code.CountsAs)
		case as.Order != code.Order || !same(as.Value, code.Value):
			c.found.Add(path+".counts_as", "evaluation.instrument.counts_as", "what", code.CountsAs)
		}
		return
	}
	if i > 0 && s.Level != agreement.Nominal && s.Codes[i-1].Order <= code.Order {
		c.found.Add(path+".order", "evaluation.instrument.order")
	}
}

func same(a, b *float64) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// value wants a finite number where differences count.
func (c *checker) value(path string, level agreement.Level, v *float64) {
	counts := level == agreement.Interval || level == agreement.Ratio
	switch {
	case v == nil && counts:
		c.need(path, "")
	case v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0) || level == agreement.Ratio && *v < 0):
		c.found.Add(path, "evaluation.instrument.number")
	}
}

func (c *checker) rule(path string, r Rule) {
	c.text(path+".text", r.Text)
	if len(r.Needs) == 0 {
		c.need(path+".needs", "")
	}
}

// nodes checks the parts of a parent, which is nil for the highest.
func (c *checker) nodes(path string, nodes []Node, parent *Node) {
	for i := range nodes {
		n, at := &nodes[i], fmt.Sprintf("%s[%d]", path, i)
		c.need(at+".id", n.ID)
		if c.ids[n.ID] {
			c.found.Add(at+".id", "evaluation.instrument.twice", "what", n.ID)
		}
		c.ids[n.ID] = true
		c.text(at+".text", n.Text)
		if n.Guidance != (Text{}) {
			c.text(at+".guidance", n.Guidance)
		}
		c.kind(at+".kind", n, parent)
		c.weight(at+".weight", n, parent)
		c.aggregation(at, n)
		c.bands(at+".bands", n)
		c.compute(at+".compute", n)
		c.nodes(at+".parts", n.Parts, n)
	}
}

func (c *checker) kind(path string, n, parent *Node) {
	rank := slices.Index(kinds, n.Kind)
	switch {
	case rank < 0:
		c.unknown(path, string(n.Kind))
	case parent != nil && rank <= slices.Index(kinds, parent.Kind):
		c.found.Add(path, "evaluation.instrument.kind", "parent", string(parent.Kind))
	}
}

func (c *checker) weight(path string, n, parent *Node) {
	switch {
	case !(n.Weight > 0) || math.IsInf(float64(n.Weight), 0):
		c.found.Add(path, "evaluation.instrument.weight")
	case n.Weight != 1 && parent != nil && slices.Contains([]Aggregation{M1, M2Table, Min, NoValue}, parent.Aggregation):
		c.found.Add(path, "evaluation.instrument.weight_unused", "how", string(parent.Aggregation))
	}
}

// aggregation checks that a node has what its way of coming to a value needs.
func (c *checker) aggregation(path string, n *Node) {
	if !slices.Contains(aggregations, n.Aggregation) {
		c.unknown(path+".aggregation", string(n.Aggregation))
		return
	}
	if n.OverLeaves && n.Aggregation != MeanNonNA {
		c.found.Add(path+".over_leaves", "evaluation.instrument.over_leaves")
	}
	if n.Leaf() {
		c.leaf(path, n)
		return
	}
	if n.Scale != "" {
		c.found.Add(path+".scale", "evaluation.instrument.scale_of_parent")
	}
	switch n.Aggregation {
	case M1, M2Table, Min:
		c.graded(path, n)
	case MeanNonNA, Sum, InBands:
		c.valued(path, n)
	}
}

func (c *checker) leaf(path string, n *Node) {
	if n.Aggregation != NoValue && (n.Aggregation != InBands || n.Compute == nil) {
		c.found.Add(path+".aggregation", "evaluation.instrument.leaf_aggregation")
	}
	s := c.Scale(n.Scale)
	if s == nil {
		c.unknown(path+".scale", n.Scale)
		return
	}
	applies := func(na NACode) bool { return na.Meaning == NotApplicable }
	if n.NAAllowed && !slices.ContainsFunc(s.NA, applies) {
		c.found.Add(path+".na_allowed", "evaluation.instrument.no_na_code", "scale", n.Scale)
	}
}

// graded wants parts that are scored themselves, all on one scale with ranks;
// for PEFA's table, with its letters and at most four of them.
func (c *checker) graded(path string, n *Node) {
	for i := range n.Parts {
		p, at := &n.Parts[i], fmt.Sprintf("%s.parts[%d]", path, i)
		s := c.Scale(p.Scale)
		switch {
		case !p.Leaf():
			c.found.Add(at, "evaluation.instrument.graded_leaf", "how", string(n.Aggregation))
		case p.Scale != n.Parts[0].Scale || s != nil && s.Level == agreement.Nominal:
			c.found.Add(at+".scale", "evaluation.instrument.graded_scale", "how", string(n.Aggregation))
		}
	}
	if n.Aggregation != M2Table {
		return
	}
	if len(n.Parts) > 4 {
		c.found.Add(path+".parts", "evaluation.instrument.m2_parts")
	}
	if s := c.Scale(n.Parts[0].Scale); s != nil {
		for _, code := range s.Codes {
			if code.CountsAs == "" && !slices.Contains([]string{"A", "B", "C", "D"}, code.Code) {
				c.found.Add(path+".aggregation", "evaluation.instrument.m2_letters", "what", code.Code)
			}
		}
	}
}

// valued wants numbers of the parts, or of the leaves.
func (c *checker) valued(path string, n *Node) {
	for i := range n.Parts {
		p, at := &n.Parts[i], fmt.Sprintf("%s.parts[%d]", path, i)
		switch {
		case n.OverLeaves && !p.Leaf():
			below := &Node{Parts: p.Parts, OverLeaves: true}
			c.valued(at, below)
		case p.Leaf():
			if s := c.Scale(p.Scale); s != nil && slices.ContainsFunc(s.Codes, func(code Code) bool { return code.Value == nil }) {
				c.found.Add(at+".scale", "evaluation.instrument.no_values", "scale", p.Scale)
			}
		case !slices.Contains([]Aggregation{MeanNonNA, Sum, InBands}, p.Aggregation):
			c.found.Add(at+".aggregation", "evaluation.instrument.no_number")
		}
	}
}

// bands checks the codes of bands and that no number is left without one.
func (c *checker) bands(path string, n *Node) {
	if n.Bands == nil {
		if n.Aggregation == InBands {
			c.need(path, "")
		}
		return
	}
	if !slices.Contains([]Aggregation{MeanNonNA, Sum, InBands}, n.Aggregation) {
		c.found.Add(path, "evaluation.instrument.bands_unused")
	}
	s := c.Scale(n.Bands.Scale)
	switch {
	case s == nil:
		c.unknown(path+".scale", n.Bands.Scale)
		return
	case n.Leaf() && n.Bands.Scale != n.Scale:
		c.found.Add(path+".scale", "evaluation.instrument.bands_scale", "scale", n.Scale)
	}
	for i, b := range n.Bands.Steps {
		at := fmt.Sprintf("%s.steps[%d]", path, i)
		if s.Code(b.Code) == nil {
			c.unknown(at+".code", b.Code)
		}
		if last := i == len(n.Bands.Steps)-1; b.open() != last {
			c.found.Add(at, "evaluation.instrument.open_band")
		}
	}
	if len(n.Bands.Steps) == 0 {
		c.need(path+".steps", "")
	}
}

func (c *checker) compute(path string, n *Node) {
	if n.Compute == nil {
		return
	}
	if !n.Leaf() {
		c.found.Add(path, "evaluation.instrument.compute_leaf")
		return
	}
	r := c.Rule(n.Compute.Rule)
	if r == nil {
		c.unknown(path+".rule", n.Compute.Rule)
		return
	}
	if s := c.Scale(n.Scale); s != nil {
		for _, outcome := range slices.Sorted(maps.Keys(r.Outcomes)) {
			if code := r.Outcomes[outcome]; s.Code(code) == nil && s.NACode(code) == nil {
				c.unknown(path+".rule."+outcome, code)
			}
		}
	}
	if n.Bands == nil && len(r.Outcomes) == 0 {
		c.found.Add(path, "evaluation.instrument.compute_code")
	}
}
