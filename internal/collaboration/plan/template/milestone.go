package template

import (
	"regexp"
	"slices"
	"strings"
)

// tableStart finds the heading of a table of milestones, with as much of its
// row of columns as there is: the columns may stand in the same line, in lines
// of their own, or be run into the first milestone.
var tableStart = regexp.MustCompile(`(?m)^[ \t]*(?:(?i:commitment planning|planning (?:of )?the commitment|planificación del compromiso|hitos del compromiso)[ \t]*[:(]?[ \t]*)?` +
	`(?:(?i:goals and/or major milestones[ \t]*\(?)?(?i:key activities with deliverable and measurable results|milestones? activit(?:y|ies)(?: descriptions?)?(?: with a? ?verifiable deliverables?)?|activity with a verifiable\s+deliverable|activity and deliverable product|milestones? \(?with (?:a )?(?:verifiable )?(?:deliverables?|date)\)?|hitos con entregables verificables(?: \d+)?|milestones?\*?|hitos|actividades|activities)\b[*:]?|(?:commitment planning)$)`)

// columnWords are the words of which a row of columns consists, with the column
// that they name.
var columnWords = []struct {
	form *regexp.Regexp
	col  Field
}{
	{regexp.MustCompile(`^(?i:start(?:ing)? date\s*[-–/]\s*end(?:ing)? date)`), MilestoneStart + "+"},
	{regexp.MustCompile(`^(?i:(?:implementation )?start(?:ing)?(?: date)?|fecha de inicio)\b`), MilestoneStart},
	{regexp.MustCompile(`^(?i:(?:implementation )?end(?:ing)?(?: date)?|expected completion dates?|completion dates?|fecha de (?:término|cierre|finalización(?: prevista)?)|deadline|date of completion)`), MilestoneEnd},
	{regexp.MustCompile(`^(?i:expected (?:outputs?|results?)|resultados esperados|outputs?)\b`), MilestoneOutput},
	{regexp.MustCompile(`^(?i:budget(?: considerations)?|presupuesto)\b`), MilestoneBudget},
	{regexp.MustCompile(`^(?i:indicators?)\b`), MilestoneIndicator},
	{regexp.MustCompile(`^(?i:stakeholders?|activity (?:holder|bearer)|responsible (?:institutions?|agency)|lead)\b`), MilestoneLead},
	{regexp.MustCompile(`^(?i:supporting(?: stakeholders)?)\b`), MilestoneSupporting},
	{regexp.MustCompile(`^(?i:milestones?|hitos)\b`), MilestoneTitle},
	{regexp.MustCompile(`^(?i:new/old commitment|new or (?:continued idea|ongoing(?: commitment)?)|ongoing or new commitment|new or ongoing|result)\b`), ""},
}

var columnGap = regexp.MustCompile(`^[ \t]*(?:\n[ \t]*)?[|:/()\-–,*]*[ \t]*(?:\n[ \t]*)?`)

// findTables finds tables of milestones. "Milestones" in a sentence is none: a
// heading ends its line, has a colon, or is followed by columns.
func findTables(text string) (out []mark) {
	for _, m := range tableStart.FindAllStringIndex(text, -1) {
		to, cols := readColumns(text, m[1])
		rest := text[m[1]:]
		ends := rest == "" || strings.HasPrefix(rest, "\n") || strings.HasSuffix(text[m[0]:m[1]], ":")
		if len(cols) > 0 || ends {
			out = append(out, mark{from: m[0], to: to, field: MilestoneTitle, columns: append([]Field{MilestoneTitle}, cols...)})
		}
	}
	return append(out, runInTables(text)...)
}

// dateColumns are two neighbouring names of columns that only a table has.
var dateColumns = regexp.MustCompile(`(?i:(?:implementation )?start(?:ing)? date|fecha de inicio):?\s*[|\-–]?\s*(?i:(?:implementation )?end(?:ing)? date|fecha de (?:término|cierre|finalización)):?`)

// tableWords are the words that stand before them in the row of columns.
var tableWords = regexp.MustCompile(`^(?i:no\.|milestones?|activit(?:y|ies)|achievements|tasks?|goals?|and/or|major|main|with|a|an|and|or|of|the|commitment|verifiable|dates?|deliverables?|descriptions?|indicators?|holder|bearer|responsible|institutions?|budget|results?|new|old|new/old|ongoing|continued|idea|hitos?|actividad(?:es)?|metas?|y/o|y|o|principales|con|fechas|verificables?|entregables?|productos?|del|compromiso|presupuesto|responsables?)[:.|]?$`)

var tableTells = regexp.MustCompile(`(?i:milestone|activit|achievement|task|goal|hito|actividad|meta)`)

// runInTables finds rows of columns that are run into the text before them:
// from the date columns backwards over words that name columns.
func runInTables(text string) (out []mark) {
	for _, m := range dateColumns.FindAllStringIndex(text, -1) {
		from := m[0]
		for {
			before := strings.TrimRight(text[:from], " \t\n|")
			word := before[strings.LastIndexAny(before, " \t\n|")+1:]
			if !tableWords.MatchString(word) {
				break
			}
			from = len(before) - len(word)
		}
		if lead := text[from:m[0]]; tableTells.MatchString(lead) {
			out = append(out, mark{from: from, to: afterBracket(text, m[1]), field: MilestoneTitle, columns: append(leadColumns(lead), MilestoneStart, MilestoneEnd)})
		}
	}
	return out
}

// leadColumns are the columns named before the dates.
func leadColumns(lead string) []Field {
	cols := []Field{MilestoneTitle}
	for lead != "" {
		col, n := columnAt(lead)
		if n > 0 && col != MilestoneTitle && col != "" {
			cols = append(cols, col)
		}
		if n == 0 {
			n = max(strings.IndexAny(lead, " \t\n|")+1, 0)
		}
		if n == 0 {
			break
		}
		lead = strings.TrimLeft(lead[n:], " \t\n|")
	}
	return cols
}

// readColumns reads the names of columns from a place on.
func readColumns(text string, at int) (to int, cols []Field) {
	to = at
	for {
		gap := columnGap.FindString(text[at:])
		col, n := columnAt(text[at+len(gap):])
		if n == 0 {
			return afterBracket(text, to), cols
		}
		at += len(gap) + n
		to = at
		switch {
		case col == MilestoneStart+"+":
			cols = append(cols, MilestoneStart, MilestoneEnd)
		case col != "" && col != MilestoneTitle:
			cols = append(cols, col)
		}
	}
}

func columnAt(text string) (Field, int) {
	for _, w := range columnWords {
		if m := w.form.FindString(text); m != "" {
			return w.col, len(m)
		}
	}
	return "", 0
}

// afterBracket steps over what ends a row of columns.
func afterBracket(text string, at int) int {
	for at < len(text) && strings.ContainsRune(":)| \t", rune(text[at])) {
		at++
	}
	return at
}

// readMilestones cuts what stands below a table's heading into rows; rest is
// what could not be placed.
func readMilestones(columns []Field, body string) (rows []Milestone, rest string) {
	switch {
	case body == "":
		return nil, ""
	case strings.Contains(body, "|"):
		return barRows(columns, body)
	case strings.Contains(body, "\t"):
		return barRows(columns, strings.ReplaceAll(body, "\t", " | "))
	}
	if rows, rest = datedRows(body); len(rows) > 0 {
		return rows, rest
	}
	return listRows(body)
}

// barRows reads a table whose cells are apart by bars. A line without a bar
// belongs to the cell before it; an empty line ends a row.
func barRows(columns []Field, body string) (rows []Milestone, rest string) {
	if len(columns) < 2 {
		columns = []Field{MilestoneTitle, MilestoneOutput, MilestoneEnd}
	}
	var loose []string
	for _, row := range barLines(body) {
		cells := strings.Split(row, "|")
		if len(cells) == 1 {
			loose = append(loose, strings.TrimSpace(row))
			continue
		}
		rows = append(rows, milestoneOf(columns, cells))
	}
	return rows, strings.Join(loose, "\n\n")
}

// barLines joins the lines of a row.
func barLines(body string) (out []string) {
	open := false
	for line := range strings.SplitSeq(body, "\n") {
		switch {
		case strings.TrimSpace(line) == "":
			open = false
		case open && !(strings.Contains(line, "|") && strings.Contains(out[len(out)-1], "|")):
			out[len(out)-1] += "\n" + strings.TrimSpace(line)
		default:
			out = append(out, strings.TrimSpace(line))
			open = true
		}
	}
	return out
}

func milestoneOf(columns []Field, cells []string) (m Milestone) {
	columns = rightEnd(columns, cells)
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		col := MilestoneOutput
		if i < len(columns) {
			col = columns[i]
		}
		if col == MilestoneOutput && i == len(cells)-1 && wholeDate.MatchString(cell) {
			col = MilestoneEnd // the output was left out
		}
		start, end, isSpan := spanOf(cell)
		if col == MilestoneStart && isSpan && i == len(cells)-1 {
			m.Start, m.End = start, end
			continue
		}
		if at := m.at(col); *at == "" {
			*at = cell
		} else if cell != "" {
			*at += "\n" + cell
		}
	}
	return m
}

var wholeDate = regexp.MustCompile(`^(?:` + date + `)$`)

// rightEnd gives a row with fewer cells than columns its dates, which stand
// last, and leaves out columns before them.
func rightEnd(columns []Field, cells []string) []Field {
	n, last := len(columns), len(cells)
	if last >= n || last < 3 || columns[n-1] != MilestoneEnd || columns[n-2] != MilestoneStart ||
		!wholeDate.MatchString(strings.TrimSpace(cells[last-1])) || !wholeDate.MatchString(strings.TrimSpace(cells[last-2])) {
		return columns
	}
	return slices.Concat(columns[:last-2], columns[n-2:])
}

// date is a day, a month, a quarter, a half-year or a year as plans write them.
const date = `(?:(?:\d{1,2}(?:st|nd|rd|th)? )?(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?,?(?: \d{1,2}(?:st|nd|rd|th)?,)? ?\d{4}` +
	`|(?i:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre)(?: de| del)? \d{4}` +
	`|\d{1,2}[./]\d{1,2}[./]\d{2,4}\.?|\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{4}` +
	`|(?:Q[1-4]|[1-4]Q|(?:I|II|III|IV|1st|2nd|3rd|4th|First|Second|Third|Fourth) (?:quarter|half|semester)(?: of)?|S I{1,2}|Quarter [1-4]),? ?\d{4}` +
	`|20[0-3]\d|Ongoing|Continuous|Underway|Permanent)`

var (
	datePair = regexp.MustCompile(`(?:^|[\s(:])(` + date + `)\s*(?:[-–—]|to|until|a)?\s*(` + date + `)(?:$|[\s).,;])`)
	dateSpan = regexp.MustCompile(`^(?:From )?(` + date + `)\s*(?:[-–—]|to|until|a)\s*(` + date + `)$`)
)

// spanOf reads "July 2022 - June 2023".
func spanOf(cell string) (start, end string, ok bool) {
	m := dateSpan.FindStringSubmatch(strings.Join(strings.Fields(cell), " "))
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// datedRows reads a table flattened to activity, start, end, activity, start,
// end …. What follows the last pair of dates is the rest.
func datedRows(body string) (rows []Milestone, rest string) {
	at := 0
	for at < len(body) {
		m := datePair.FindStringSubmatchIndex(body[at:])
		if m == nil {
			break
		}
		rows = append(rows, Milestone{
			Title: oneLine(body[at : at+m[2]]), Start: body[at+m[2] : at+m[3]], End: body[at+m[4] : at+m[5]],
		})
		at += m[5]
	}
	if slices.ContainsFunc(rows, func(m Milestone) bool { return m.Title == "" }) {
		return nil, body // dates stand together: which belong to which activity is not said
	}
	return rows, strings.TrimSpace(strings.TrimLeft(body[at:], ").,; \n"))
}

var bullet = regexp.MustCompile(`(?m)^[ \t]*(?:[-•*–▪Ø]|\(?\d{1,2}(?:\.\d{1,2})*[.)]?|[a-z][.)]|(?:Milestone|Hito) \d{1,2}[.:]?)[ \t]+`)

// listRows reads a list of activities, one to a bullet or number.
func listRows(body string) (rows []Milestone, rest string) {
	starts := bullet.FindAllStringIndex(body, -1)
	if len(starts) < 2 || strings.TrimSpace(body[:starts[0][0]]) != "" {
		return nil, body
	}
	for i, s := range starts {
		end := len(body)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		rows = append(rows, Milestone{Title: oneLine(body[s[1]:end])})
	}
	return rows, ""
}

func oneLine(s string) string {
	return strings.Trim(strings.Join(strings.Fields(s), " "), " :;|-–(")
}
