package ogpfile

import (
	"slices"
	"sort"
	"unicode/utf8"
)

// Kind is a sort of trouble.
type Kind string

// The kinds of trouble, by what they touch.
const (
	KindHeading      Kind = "heading"        // a heading that differs in case or white space
	KindColumn       Kind = "column"         // a column that the file lacks
	KindIDForm       Kind = "id_form"        // an identifier that is none
	KindIDTwice      Kind = "id_twice"       // two rows with one identifier
	KindNumberTwice  Kind = "number_twice"   // two commitments of a plan with one number
	KindNumberFloat  Kind = "number_float"   // 4.0999999999999996: a spreadsheet's 4.1
	KindNumberPath   Kind = "number_path"    // 3.3.3.6: a place in a hierarchy, no decimal
	KindDateShifted  Kind = "date_shifted"   // 7/19/1905: the year 2027 taken for a day
	KindDateSerial   Kind = "date_serial"    // 43525: a day as a count
	KindDateDayFirst Kind = "date_day_first" // 31/12/2014
	KindDateEither   Kind = "date_either"    // 1/12/2014 in a plan that has days first elsewhere
	KindDateShort    Kind = "date_short"     // 6/30/20
	KindDatePart     Kind = "date_part"      // August 2014, 2014, Quarter 1 2014
	KindDateWords    Kind = "date_words"     // Underway
	KindDateOrder    Kind = "date_order"     // ends before it starts
	KindCode         Kind = "code"           // a value that its column does not know
	KindLabel        Kind = "label_number"   // label and number disagree
	KindEra          Kind = "era"            // coded in years in which the variable did not exist
	KindParent       Kind = "tag_parent"     // a tag without the area that it sets
	KindRelevant     Kind = "relevant"       // _Relevant disagrees with the OGP values
	KindVerifiable   Kind = "verifiable"     // Verifiable disagrees with Specificity
	KindMissingWord  Kind = "missing_word"   // N/A for NA
	KindList         Kind = "list"           // several institutions in one cell
	KindSpace        Kind = "space"          // white space around a value
	KindURL          Kind = "url"            // an address with a character that is to be escaped
	KindCapitals     Kind = "capitals"       // a title in capitals
	KindLanguage     Kind = "language"       // a title that is not in English
	KindQuadrant     Kind = "quadrant"       // "Ambitious and complete, or DIOG" against its own codes
	KindOtherQuad    Kind = "other_quadrant" // another quadrant against what its heading says (see Candidates)
	KindBinding      Kind = "binding"        // a binding constraint that its own codes contradict
	KindDerived      Kind = "derived"        // another derived column that does
	KindTwoQuadrants Kind = "two_quadrants"  // CHECKSUM above 1
)

// Level is how much an issue matters.
type Level string

// The levels.
const (
	Damage        Level = "damage"        // the cell does not hold what its author wrote
	Contradiction Level = "contradiction" // two cells cannot both be right
	Notice        Level = "notice"        // readable, but not the same everywhere
)

// levels are the levels of the kinds; those not named are notices.
var levels = map[Kind]Level{
	KindNumberFloat: Damage, KindDateShifted: Damage, KindDateSerial: Damage, KindDateDayFirst: Damage, KindCode: Damage, KindIDForm: Damage, KindColumn: Damage,
	KindIDTwice: Contradiction, KindNumberTwice: Contradiction, KindDateOrder: Contradiction, KindLabel: Contradiction, KindEra: Contradiction,
	KindParent: Contradiction, KindOtherQuad: Contradiction, KindRelevant: Contradiction, KindVerifiable: Contradiction, KindQuadrant: Contradiction,
	KindBinding: Contradiction, KindDerived: Contradiction, KindTwoQuadrants: Contradiction,
}

// Issue is one thing in a file that an importer should look at. Nothing is
// changed: Repair is a proposal.
type Issue struct {
	Kind   Kind   `json:"kind"`
	Level  Level  `json:"level"`
	Row    int    `json:"row,omitempty"`  // among the commitments, from 1; 0 for the heading
	Line   int    `json:"line,omitempty"` // in the file, from 1
	ID     string `json:"id,omitempty"`
	Column Column `json:"column"`
	Value  string `json:"value"`
	Repair string `json:"repair,omitempty"` // the value proposed; empty where a person must decide
	Other  string `json:"other,omitempty"`  // what it disagrees with, as "column: value", or the other row's identifier
}

// Key is the key of the sentence that says what is wrong.
func (i Issue) Key() string { return "ogpfile.kind." + string(i.Kind) }

// Report is what Check found.
type Report struct {
	Rows    int      `json:"rows"`
	Columns int      `json:"columns"`
	IDs     int      `json:"ids"`     // different identifiers
	Members int      `json:"members"` // different countries and localities
	Plans   int      `json:"plans"`   // different action plans
	Extra   []string `json:"extra"`   // columns that OGP does not have
	Text    Lengths  `json:"text"`    // of the full texts
	Issues  []Issue  `json:"issues"`  // by row, then by the file's columns
}

// Lengths are lengths of texts in characters.
type Lengths struct {
	Shortest  int `json:"shortest"`
	Median    int `json:"median"`
	Longest   int `json:"longest"`
	WithLines int `json:"with_lines"` // how many have line breaks
}

// Count says how many issues of a kind there are.
func (r Report) Count(k Kind) (n int) {
	for _, i := range r.Issues {
		if i.Kind == k {
			n++
		}
	}
	return n
}

// checker collects issues.
type checker struct {
	file   *File
	issues []Issue
	dayLed map[string]bool // plans in which a date begins with the day
}

// Check looks for every trap that is known (ogp.md 4.4) and for contradictions
// within the file. It changes nothing.
func Check(f *File) Report {
	c := &checker{file: f, dayLed: dayLed(f)}
	c.headings()
	c.repeats()
	for _, r := range f.Rows() {
		for _, look := range []func(Row){c.identity, c.dates, c.institutions, c.title, c.codes, c.books, c.parents, c.values, c.address, c.spaces} {
			look(r)
		}
	}
	c.derived()
	place := map[Column]int{}
	for i, col := range columns {
		place[col] = i
	}
	sort.SliceStable(c.issues, func(i, j int) bool {
		a, b := c.issues[i], c.issues[j]
		return a.Row < b.Row || a.Row == b.Row && place[a.Column] < place[b.Column]
	})
	rep := Report{Rows: f.Len(), Columns: f.Width(), Extra: f.Extra(), Issues: c.issues, Text: lengths(f)}
	rep.IDs, rep.Members, rep.Plans = f.Distinct(ColID), f.Distinct(ColMember), f.Distinct(ColPlan)
	return rep
}

// add notes an issue about one cell.
func (c *checker) add(r Row, k Kind, col Column, repair, other string) {
	c.issues = append(c.issues, Issue{
		Kind: k, Level: level(k), Row: r.N(), Line: r.Line(), ID: r.ID(), Column: col, Value: r.Text(col), Repair: repair, Other: other,
	})
}

func level(k Kind) Level {
	if l, ok := levels[k]; ok {
		return l
	}
	return Notice
}

func (c *checker) headings() {
	for _, col := range columns {
		if bent, ok := c.file.bent[col]; ok {
			c.issues = append(c.issues, Issue{Kind: KindHeading, Level: level(KindHeading), Line: 1, Column: col, Value: bent, Repair: string(col)})
		}
	}
	for _, col := range c.file.Missing() {
		c.issues = append(c.issues, Issue{Kind: KindColumn, Level: level(KindColumn), Line: 1, Column: col})
	}
}

// repeats finds rows that claim the same place.
func (c *checker) repeats() {
	ids, numbers := map[string]Row{}, map[string]Row{}
	for _, r := range c.file.Rows() {
		if first, ok := ids[r.ID()]; ok {
			c.add(r, KindIDTwice, ColID, "", "row "+itoa(first.N()))
		} else {
			ids[r.ID()] = r
		}
		key := planID(r) + "\x00" + plainNumber(r.Text(ColNumber))
		if first, ok := numbers[key]; ok {
			c.add(r, KindNumberTwice, ColNumber, "", first.ID())
		} else {
			numbers[key] = r
		}
	}
}

// derived compares the derived columns with their rules.
func (c *checker) derived() {
	for _, u := range append(Rules(), Candidates()...) {
		if c.file.Need(append(slices.Clone(u.Needs), u.Column)...) != nil {
			continue
		}
		for _, r := range c.file.Rows() {
			if want := u.of(r); r.Text(u.Column) != want {
				c.add(r, derivedKind(u.Column), u.Column, want, "")
			}
		}
	}
	for _, r := range c.file.Rows() {
		if n, ok := r.Value(ColChecksum).Number(); ok && n > 1 {
			c.add(r, KindTwoQuadrants, ColChecksum, "", "")
		}
	}
}

func derivedKind(col Column) Kind {
	switch col {
	case ColQuadBoth:
		return KindQuadrant
	case ColQuadAmbitious, ColQuadComplete, ColQuadNeither:
		return KindOtherQuad
	case ColBinding:
		return KindBinding
	}
	return KindDerived
}

func lengths(f *File) (l Lengths) {
	all := make([]int, 0, f.Len())
	for _, r := range f.Rows() {
		text := r.Text(ColText)
		all = append(all, utf8.RuneCountInString(text))
		if hasLines(text) {
			l.WithLines++
		}
	}
	slices.Sort(all)
	l.Shortest, l.Median, l.Longest = all[0], (all[(len(all)-1)/2]+all[len(all)/2])/2, all[len(all)-1]
	return l
}
