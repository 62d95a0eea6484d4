package template

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// CellProblem is a cell of a spreadsheet that could not be placed. Nothing else
// of its row is lost by it.
type CellProblem struct {
	Row     int // of the sheet, from 1, the row of headings included
	Column  int // from 1
	Heading string
	Value   string
	Why     Why
}

// Why is what is wrong with a cell.
type Why string

// Key is the key of the sentence that says what is wrong.
func (p CellProblem) Key() string { return "template.cell." + string(p.Why) }

// What can be wrong with a cell.
const (
	NoHeading    Why = "no_heading"    // its column has a heading that is in neither template
	NoCommitment Why = "no_commitment" // a milestone before any commitment
	OtherValue   Why = "other_value"   // a commitment's later row says something else than its first
	NotADate     Why = "not_a_date"    // kept as it is; Day does not understand it
	HeadingTwice Why = "heading_twice" // an earlier column has the same heading; kept in Additional
)

// FromTable reads the commitments of a plan from a spreadsheet. The first row
// with at least two headings of either template, in English or Spanish, in any
// order, is the row of headings. Each row is a milestone; a row whose number
// and title are empty or those of the commitment before belongs to it.
func FromTable(rows [][]string) (list []Commitment, problems []CellProblem) {
	head := headRow(rows)
	if head < 0 {
		for i, row := range rows {
			for j, cell := range row {
				if strings.TrimSpace(cell) != "" {
					problems = append(problems, CellProblem{i + 1, j + 1, "", cell, NoHeading})
				}
			}
		}
		return nil, problems
	}
	t := tableReader{head: rows[head], fields: fieldsOf(rows[head])}
	for i := head + 1; i < len(rows); i++ {
		t.row(i+1, rows[i])
	}
	return t.list, t.problems
}

func headRow(rows [][]string) int {
	return slices.IndexFunc(rows, func(row []string) bool {
		n := 0
		for _, f := range fieldsOf(row) {
			if f != "" {
				n++
			}
		}
		return n >= 2
	})
}

type tableReader struct {
	head     []string
	fields   []Field
	list     []Commitment
	problems []CellProblem
}

func (t *tableReader) row(n int, cells []string) {
	var c Commitment
	var m Milestone
	first := map[Field]bool{}
	for j, cell := range cells {
		cell = strings.TrimSpace(cell)
		if cell == "" {
			continue
		}
		var f Field
		if j < len(t.fields) {
			f = t.fields[j]
		}
		switch {
		case f == "":
			t.problem(n, j, cell, NoHeading)
			continue
		case first[f]:
			t.problem(n, j, cell, HeadingTwice)
			c.Additional = joined(c.Additional, t.heading(j)+": "+cell)
			continue
		}
		first[f] = true
		t.checkDate(n, j, f, cell)
		if !c.Set(f, cell) {
			m.Set(f, cell)
		}
	}
	t.add(n, c, m)
}

// add begins a commitment or continues the last.
func (t *tableReader) add(n int, c Commitment, m Milestone) {
	last := len(t.list) - 1
	named := c.Title != "" || c.Number != ""
	switch {
	case named && (last < 0 || !sameName(t.list[last], c)):
		c.unpackAdditional()
		t.list = append(t.list, c)
		last++
	case last >= 0:
		t.merge(n, &t.list[last], c)
	case m != (Milestone{}) || !isEmpty(c):
		t.problems = append(t.problems, CellProblem{Row: n, Column: 1, Heading: t.heading(0), Value: joined(c.Brief, m.Title), Why: NoCommitment})
		return
	}
	if m != (Milestone{}) {
		t.list[last].Milestones = append(t.list[last].Milestones, m)
	}
}

func sameName(a, b Commitment) bool {
	return (b.Title == "" || a.Title == b.Title) && (b.Number == "" || a.Number == b.Number)
}

func isEmpty(c Commitment) bool {
	return !slices.ContainsFunc(fields, func(f Field) bool { return c.Get(f) != "" })
}

// merge takes in what a later row says of the commitment.
func (t *tableReader) merge(n int, into *Commitment, c Commitment) {
	for _, f := range fields {
		text := c.Get(f)
		switch have := into.Get(f); {
		case text == "" || text == have:
		case have == "":
			into.Set(f, text)
		default:
			j := slices.Index(t.fields, f)
			t.problem(n, j, text, OtherValue)
		}
	}
}

func (t *tableReader) checkDate(n, j int, f Field, cell string) {
	if f == Start || f == End || f == MilestoneStart || f == MilestoneEnd {
		if _, ok := Day(cell, false); !ok {
			t.problem(n, j, cell, NotADate)
		}
	}
}

func (t *tableReader) problem(row, j int, cell string, why Why) {
	t.problems = append(t.problems, CellProblem{row, j + 1, t.heading(j), cell, why})
}

func (t *tableReader) heading(j int) string {
	if j >= 0 && j < len(t.head) {
		return t.head[j]
	}
	return ""
}

func joined(a, b string) string { return strings.TrimPrefix(a+"\n\n"+b, "\n\n") }

// fieldsOf finds the field of each heading; empty for one that is in neither
// template.
func fieldsOf(head []string) []Field {
	out := make([]Field, len(head))
	for i, h := range head {
		out[i] = fieldOf(h)
	}
	return out
}

func fieldOf(heading string) Field {
	key := plainHeading(heading)
	if f, ok := fieldOfHeading[key]; ok {
		return f
	}
	if strings.HasSuffix(strings.TrimSpace(heading), "?") {
		if f, ok := asks(heading); ok {
			return f
		}
	}
	return ""
}

// shortHeadings are what people write over columns instead of OGP's headings.
var shortHeadings = map[string]Field{
	"no": Number, "commitment number": Number, "numero de compromiso": Number, "commitment": Title, "commitment name": Title, "compromiso": Title,
	"titulo": Title, "brief description": Brief, "description": Brief, "descripcion": Brief, "breve descripcion": Brief, "problema": Problem, "solucion": Solution,
	"resultados": Results, "transparencia": Transparency, "rendicion de cuentas": Accountability, "participacion ciudadana": Participation,
	"lead agency": Lead, "lead institution": Lead, "institucion responsable": Lead, "ods": SDGs, "civil society": CivilSociety, "sociedad civil": CivilSociety,
	"government": Government, "gobierno": Government, "other actors": Other, "otros actores": Other, "milestone activity": MilestoneTitle, "milestones": MilestoneTitle, "hitos": MilestoneTitle, "actividad": MilestoneTitle,
	"output": MilestoneOutput, "expected output": MilestoneOutput, "outputs": MilestoneOutput, "producto": MilestoneOutput, "completion date": MilestoneEnd, "deadline": MilestoneEnd,
	"milestone start": MilestoneStart, "milestone end": MilestoneEnd, "milestone lead": MilestoneLead, "milestone supporting": MilestoneSupporting,
	"expected results": MilestoneOutput, "commitment start date": Start, "commitment end date": End, "responsable": MilestoneLead, "indicators": MilestoneIndicator,
}

var fieldOfHeading = func() map[string]Field {
	out := map[string]Field{}
	for _, f := range append(slices.Clone(milestoneFields), fields...) {
		h := headings[f]
		for _, text := range []string{string(f), h.label, h.current, h.former, h.currentES, h.formerES} {
			if text != "" {
				out[plainHeading(text)] = f
			}
		}
	}
	for text, f := range shortHeadings {
		out[text] = f
	}
	return out
}()

// plainHeading is a heading without case, accents, marks and numbers before it.
func plainHeading(s string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), strings.ToLower(s))
	if err != nil {
		plain = strings.ToLower(s)
	}
	words := strings.FieldsFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for len(words) > 1 && strings.Trim(words[0], "0123456789") == "" {
		words = words[1:]
	}
	return strings.Join(words, " ")
}
