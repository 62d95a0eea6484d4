package ogpfile

import (
	"io"
	"strings"
)

// Rule computes a derived column from others.
type Rule struct {
	Column Column
	Says   string   // the rule in a line, in OGP's own words for columns and codes
	Needs  []Column // without these it cannot be computed
	of     func(r Row) string
}

// Of computes the column for one commitment.
func (u Rule) Of(r Row) string { return u.of(r) }

// Rules are the derived columns whose rule is established: recomputed over the
// 558 rows of July 2024 they agree everywhere, but for nine rows of "Ambitious
// and complete, or DIOG" and four of "Binding constraint" in which the file
// contradicts itself.
//
// Five of the columns 144 to 171 have no rule that could be established: "Most
// Recently Assessed", "Star - Most Recently Assessed", "IRM Assessed",
// "Updated? (Website)" and "Latest IRM Report" keep the state of OGP's website
// about 2018 to 2020, and no two columns of the file determine any of them. "id"
// is the number in OGP's own database. For the other three quadrants see
// Candidates.
func Rules() []Rule {
	return append(ruled(), Rule{
		ColPlan, "AP_, Code, and Action Plan Number in two digits", []Column{ColCode, ColPlanNumber}, planID,
	})
}

func ruled() []Rule {
	completion := []Column{ColEndTermNo, ColProgressNo}
	ambition := []Column{ColImpactNo, ColRelevant}
	opened := []Column{ColOpenedNo, ColEarlyNo}
	stars := []Column{ColStarEnd, ColStarProgress}
	return []Rule{
		{ColActive, "Action Plan End Year is not before the newest year of submission or report in the file", []Column{ColEndYear}, active},
		{ColMaxStar, "star at the end of term if coded, else in the progress report, NA included; else ND", stars, maxStar},
		{ColAmbitionKnown, "Potential Impact or Potential for Results is coded", []Column{ColImpactNo, ColPotentialNo}, ambitionKnown},
		{ColCompKnown, "Raw Completion is 2, 3, 4 or 5", completion, completionKnown},
		{ColOpenedKnown, "Did It Open Government (Overall) or Early Results is coded", opened, openedKnown},
		{ColMidterm, "0 if end-of-term completion is coded; else, if the progress report is NR, what the end of term says; else 1", completion, midtermOnly},
		{ColMaxCompletion, "Raw 2, 3, 4, 5 become 0, 1, 2, 3; 0 and 1 become ND", completion, maxCompletion},
		{ColRaw, "end-of-term completion if coded, else the progress report's; NR if both are NR, else ND", completion, rawCompletion},
		{ColHighCompletion, "Raw Completion is 4 or 5", completion, highCompletion},
		{ColHighAmbition, "Potential Impact is Moderate or Transformative, and _Relevant is 1; ND and NR as in Potential Impact", ambition, highAmbition},
		{ColHighOpened, "Did It Open Government is Major or Outstanding, or Early Results is Significant", opened, highOpened},
		{ColQuadBoth, "High Ambition and High Completion, or High DIOG", concat(completion, ambition, opened), quadBoth},
		{ColNotReviewed, "_Relevant is NR, unless the year of the progress report is ND (one row)", []Column{ColRelevant, ColReportYear}, notReviewed},
		{ColChecksum, "how many of the four quadrants and Not reviewed are 1 in the file", concat(completion, ambition, opened), checksum},
		{ColScore, "4, 3, 2 for the first three quadrants as they are in the file, -1 if Not reviewed, else 1", concat(completion, ambition, opened), score},
		{ColBinding, "the first that applies: _Relevant NR: NR; Verifiable No: Spec; _Relevant 0: Rel; Potential Impact below Transformative: PotImp; Raw Completion 2 or 3: Cmpl; Max star 1: STAR; else FALSE", concat(completion, ambition, stars, []Column{ColVerifiable}), binding},
		{ColURL, "address on opengovpartnership.org from member and identifier", []Column{ColMember, ColID}, address},
		{ColSubnational, "the tag Subnational in a national plan", []Column{"Subnational", ColLevel}, subnational},
	}
}

// Candidates are the three other quadrants. Their rule is what their headings
// say, but the file disagrees in 24 rows taken together, often by two
// neighbouring rows having each other's flags; so they are not established.
func Candidates() []Rule {
	needs := []Column{ColEndTermNo, ColProgressNo, ColImpactNo, ColRelevant, ColOpenedNo, ColEarlyNo}
	return []Rule{
		{ColQuadAmbitious, "High Ambition 1, High Completion 0, not in the first quadrant", needs, quadrant("1", "0")},
		{ColQuadComplete, "High Ambition 0, High Completion 1, not in the first quadrant", needs, quadrant("0", "1")},
		{ColQuadNeither, "High Ambition 0, High Completion 0, not in the first quadrant", needs, quadrant("0", "0")},
	}
}

func concat(lists ...[]Column) (out []Column) {
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// Mismatch is a derived column in which the file says something else.
type Mismatch struct {
	Column Column
	IDs    []string // of the commitments, in the file's order
}

// Derived is what Derive computed.
type Derived struct {
	Columns    []Column   // of the rules, in their order
	IDs        []string   // of the commitments, in the file's order
	Values     [][]string // one list for each commitment, in the order of Columns
	Mismatches []Mismatch // one for each column that the file has, also with none
}

// Derive recomputes columns for every commitment and compares them with the
// file where it has them. It fails when the file lacks what a rule needs.
func Derive(f *File, rules []Rule) (d Derived, err error) {
	for _, u := range rules {
		if err := f.Need(u.Needs...); err != nil {
			return d, err
		}
		d.Columns = append(d.Columns, u.Column)
	}
	for _, r := range f.Rows() {
		values := make([]string, len(rules))
		for i, u := range rules {
			values[i] = u.of(r)
		}
		d.IDs, d.Values = append(d.IDs, r.ID()), append(d.Values, values)
	}
	for i, c := range d.Columns {
		if f.Has(c) {
			d.Mismatches = append(d.Mismatches, d.compare(f, i))
		}
	}
	return d, nil
}

func (d Derived) compare(f *File, i int) Mismatch {
	m := Mismatch{Column: d.Columns[i]}
	for n, r := range f.Rows() {
		if r.Text(m.Column) != d.Values[n][i] {
			m.IDs = append(m.IDs, d.IDs[n])
		}
	}
	return m
}

// Write writes the key column and the derived ones as CSV, with the line ends of
// a terminal.
func (d Derived) Write(w io.Writer) error {
	head := line{cells: []string{string(ColID)}, end: "\n"}
	for _, c := range d.Columns {
		head.cells = append(head.cells, string(c))
	}
	if err := head.write(w); err != nil {
		return err
	}
	for i, values := range d.Values {
		if err := (line{cells: append([]string{d.IDs[i]}, values...), end: "\n"}).write(w); err != nil {
			return err
		}
	}
	return nil
}

// yes is how the file writes a flag.
func yes(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func coded(r Row, c Column) bool { _, ok := r.Value(c).Number(); return ok }

func rawCompletion(r Row) string {
	end, progress := r.Value(ColEndTermNo), r.Value(ColProgressNo)
	switch {
	case end.State == Coded:
		return end.Text
	case progress.State == Coded:
		return progress.Text
	case end.State == NotReviewed && progress.State == NotReviewed:
		return "NR"
	}
	return "ND"
}

func maxCompletion(r Row) string {
	switch raw := rawCompletion(r); raw {
	case "2", "3", "4", "5":
		return string(raw[0] - 2)
	case "NR":
		return raw
	}
	return "ND"
}

func completionKnown(r Row) string { return yes(valueOf(rawCompletion(r)).Is("2", "3", "4", "5")) }
func highCompletion(r Row) string  { return yes(valueOf(rawCompletion(r)).Is("4", "5")) }

func midtermOnly(r Row) string {
	switch {
	case coded(r, ColEndTermNo):
		return "0"
	case r.Value(ColProgressNo).State == NotReviewed:
		return r.Text(ColEndTermNo)
	}
	return "1"
}

func highAmbition(r Row) string {
	impact := r.Value(ColImpactNo)
	if impact.State != Coded {
		return impact.Text
	}
	return yes(impact.Is("2", "3") && r.Text(ColRelevant) == "1")
}

func ambitionKnown(r Row) string { return yes(coded(r, ColImpactNo) || coded(r, ColPotentialNo)) }
func openedKnown(r Row) string   { return yes(coded(r, ColOpenedNo) || coded(r, ColEarlyNo)) }

func highOpened(r Row) string {
	return yes(r.Value(ColOpenedNo).Is("3", "4") || r.Text(ColEarlyNo) == "2")
}

func maxStar(r Row) string {
	if coded(r, ColStarEnd) {
		return r.Text(ColStarEnd)
	}
	if p := r.Value(ColStarProgress); p.State == Coded || p.State == NotApplicable {
		return p.Text
	}
	return "ND"
}

func quadBoth(r Row) string {
	return yes(highAmbition(r) == "1" && highCompletion(r) == "1" || highOpened(r) == "1")
}

func quadrant(ambition, completion string) func(Row) string {
	return func(r Row) string {
		return yes(quadBoth(r) == "0" && highAmbition(r) == ambition && highCompletion(r) == completion)
	}
}

func notReviewed(r Row) string {
	return yes(r.Value(ColRelevant).State == NotReviewed && r.Value(ColReportYear).State != NotCoded)
}

// flag is a quadrant as the file has it, or computed where the file lacks it.
func flag(r Row, c Column, of func(Row) string) bool {
	if v := r.Value(c); v.State == Coded {
		return v.Text == "1"
	}
	return of(r) == "1"
}

// quadrants are the four quadrants and Not reviewed of one row.
func quadrants(r Row) [5]bool {
	return [5]bool{
		flag(r, ColQuadBoth, quadBoth), flag(r, ColQuadAmbitious, quadrant("1", "0")),
		flag(r, ColQuadComplete, quadrant("0", "1")), flag(r, ColQuadNeither, quadrant("0", "0")), flag(r, ColNotReviewed, notReviewed),
	}
}

func checksum(r Row) string {
	n := byte('0')
	for _, set := range quadrants(r) {
		if set {
			n++
		}
	}
	return string(n)
}

func score(r Row) string {
	q := quadrants(r)
	for i, s := range []string{"4", "3", "2"} {
		if q[i] {
			return s
		}
	}
	if q[4] {
		return "-1"
	}
	return "1"
}

func binding(r Row) string {
	relevant, raw := r.Value(ColRelevant), rawCompletion(r)
	switch {
	case relevant.State == NotReviewed:
		return "NR"
	case r.Text(ColVerifiable) == "No":
		return "Spec"
	case relevant.Text == "0":
		return "Rel"
	case r.Value(ColImpactNo).Is("0", "1", "2"):
		return "PotImp"
	case raw == "2", raw == "3":
		return "Cmpl"
	case maxStar(r) == "1":
		return "STAR"
	}
	return "FALSE"
}

func active(r Row) string {
	end, ok := r.Value(ColEndYear).Number()
	return yes(ok && end >= r.file.year)
}

func subnational(r Row) string {
	return yes(r.Text("Subnational") == "1" && r.Text(ColLevel) == "National")
}

func planID(r Row) string {
	n := r.Text(ColPlanNumber)
	if len(n) == 1 {
		n = "0" + n
	}
	return "AP_" + r.Text(ColCode) + n
}

func address(r Row) string {
	member := strings.NewReplacer(", ", "-", " ", "-").Replace(strings.ToLower(r.Text(ColMember)))
	return "https://opengovpartnership.org/members/" + member + "/commitments/" + strings.ToLower(r.ID())
}
