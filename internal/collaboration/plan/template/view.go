package template

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// View is a template of OGP's.
type View string

// The templates.
const (
	Current View = "current" // since 2022
	Former  View = "former"  // 2017 to 2021
)

// Form is a commitment under the headings of a template. It holds every heading
// of the template in its order, with an empty text where nothing was given.
type Form struct {
	View     View
	Sections []Section
	Columns  []Field    // of the table of milestones
	Rows     [][]string // one list for each milestone, in the order of Columns
}

// Section is a heading and what stands below it.
type Section struct {
	Field Field
	Text  string
}

// layout is what a template has headings for.
type layout struct {
	fields  []Field
	columns []Field
}

var layouts = map[View]layout{
	Current: {
		[]Field{
			Country, Number, Title, Brief, Lead, Government, CivilSociety, Other, Start, End, Problem, Causes, DoneSoFar, Solution, Results,
			Transparency, Accountability, Participation, Additional,
		},
		[]Field{MilestoneTitle, MilestoneOutput, MilestoneEnd, MilestoneLead, MilestoneSupporting},
	},
	Former: {
		[]Field{
			Number, Title, Start, End, Lead, Problem, Solution, Contribution, Relevance, Additional, ContactName, ContactTitle, ContactReach,
			Government, CivilSociety,
		},
		[]Field{MilestoneTitle, MilestoneBudget, MilestoneStart, MilestoneEnd},
	},
}

// Fields returns the fields that a template has headings for, in its order.
func (v View) Fields() []Field { return slices.Clone(layouts[v].fields) }

// Columns returns the columns of a template's table of milestones.
func (v View) Columns() []Field { return slices.Clone(layouts[v].columns) }

// ToCurrent puts a commitment under the headings of the current template.
func ToCurrent(c Commitment) Form { return Current.form(c) }

// ToFormer puts a commitment under the headings of the former template.
func ToFormer(c Commitment) Form { return Former.form(c) }

// FromCurrent reads a form in the current template back.
func FromCurrent(f Form) Commitment { return f.Commitment() }

// FromFormer reads a form in the former template back.
func FromFormer(f Form) Commitment { return f.Commitment() }

func (v View) form(c Commitment) Form {
	lay := layouts[v]
	f := Form{View: v, Columns: slices.Clone(lay.columns)}
	for _, m := range c.Milestones {
		row := make([]string, len(lay.columns))
		for i, col := range lay.columns {
			row[i] = m.Get(col)
		}
		f.Rows = append(f.Rows, row)
	}
	for _, field := range lay.fields {
		text := c.Get(field)
		if field == Additional {
			text = pack(text, v.homeless(c))
		}
		f.Sections = append(f.Sections, Section{field, text})
	}
	return f
}

// homeless are the parts of a commitment that a template has no heading for.
func (v View) homeless(c Commitment) (out []block) {
	lay := layouts[v]
	for _, field := range fields {
		if text := c.Get(field); text != "" && !slices.Contains(lay.fields, field) {
			out = append(out, block{label(field), text})
		}
	}
	for i, m := range c.Milestones {
		for _, col := range milestoneFields {
			if text := m.Get(col); text != "" && !slices.Contains(lay.columns, col) {
				out = append(out, block{milestoneLabel(i+1, col), text})
			}
		}
	}
	return out
}

// Commitment reads the form back.
func (f Form) Commitment() (c Commitment) {
	for _, row := range f.Rows {
		var m Milestone
		for i, col := range f.Columns {
			if i < len(row) {
				m.Set(col, row[i])
			}
		}
		c.Milestones = append(c.Milestones, m)
	}
	for _, s := range f.Sections {
		c.Set(s.Field, s.Text)
	}
	c.unpackAdditional()
	return c
}

// Pack writes what another model has no place for as one text: the commitment's
// Additional, and below it every other field that is set, and those of its
// milestones, each under its label. Unpack reads it back.
func Pack(rest Commitment) string {
	var blocks []block
	for _, field := range fields {
		if text := rest.Get(field); text != "" && field != Additional {
			blocks = append(blocks, block{label(field), text})
		}
	}
	for i, m := range rest.Milestones {
		for _, col := range milestoneFields {
			if text := m.Get(col); text != "" {
				blocks = append(blocks, block{milestoneLabel(i+1, col), text})
			}
		}
	}
	return pack(rest.Additional, blocks)
}

// Unpack sets Additional, and the fields that Pack put below it. Those of a
// milestone need the milestone to be there.
func (c *Commitment) Unpack(additional string) {
	c.Additional = additional
	c.unpackAdditional()
}

// unpackAdditional puts labelled blocks where they belong.
func (c *Commitment) unpackAdditional() {
	own, blocks := unpack(c.Additional)
	for _, b := range blocks {
		if !c.place(b) {
			own = strings.TrimPrefix(own+"\n\n"+pack("", []block{b}), "\n\n")
		}
	}
	c.Additional = own
}

// place puts a block where its label says; false if there is no such place.
func (c *Commitment) place(b block) bool {
	if m := milestoneForm.FindStringSubmatch(b.label); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n >= 1 && n <= len(c.Milestones) && c.Milestones[n-1].Set(fieldOfLabel[m[2]], b.text)
	}
	return c.Set(fieldOfLabel[b.label], b.text)
}

// block is a text with a label, below "Additional information".
type block struct{ label, text string }

var milestoneForm = regexp.MustCompile(`^Milestone (\d{1,4}): (.+)$`)

// known tells whether a label is one of ours.
func known(label string) bool {
	if m := milestoneForm.FindStringSubmatch(label); m != nil {
		return strings.HasPrefix(string(fieldOfLabel[m[2]]), MilestonePrefix)
	}
	f, ok := fieldOfLabel[label]
	return ok && f != Additional && !strings.HasPrefix(string(f), MilestonePrefix)
}

// pack writes a text and labelled blocks as one text: a label stands in square
// brackets in a line of its own, blocks are apart by an empty line. A line of
// somebody's text that looks like a label gets a backslash before it.
func pack(own string, blocks []block) string {
	var parts []string
	if own != "" {
		parts = append(parts, mapLines(own, escape))
	}
	for _, b := range blocks {
		parts = append(parts, "["+b.label+"]\n"+mapLines(b.text, escape))
	}
	return strings.Join(parts, "\n\n")
}

// unpack reads what pack wrote.
func unpack(text string) (own string, blocks []block) {
	var lines []string
	current := -1
	flush := func(more bool) {
		if more && len(lines) > 0 && lines[len(lines)-1] == "" {
			lines = lines[:len(lines)-1] // the empty line between blocks
		}
		if joined := strings.Join(lines, "\n"); current < 0 {
			own = joined
		} else {
			blocks[current].text = joined
		}
		lines = nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		if l, ok := labelOf(line); ok {
			flush(true)
			blocks = append(blocks, block{label: l})
			current++
			continue
		}
		lines = append(lines, unescape(line))
	}
	flush(false)
	return own, blocks
}

// labelOf reads a line such as "[Causes of the problem]".
func labelOf(line string) (string, bool) {
	if len(line) < 3 || line[0] != '[' || line[len(line)-1] != ']' {
		return "", false
	}
	l := line[1 : len(line)-1]
	return l, known(l)
}

func mapLines(text string, f func(string) string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = f(l)
	}
	return strings.Join(lines, "\n")
}

func escape(line string) string {
	if _, ok := labelOf(strings.TrimLeft(line, `\`)); ok {
		return `\` + line
	}
	return line
}

func unescape(line string) string {
	if _, ok := labelOf(strings.TrimLeft(line, `\`)); ok {
		return strings.TrimPrefix(line, `\`)
	}
	return line
}
