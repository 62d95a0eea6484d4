package ogpfile

// Query chooses commitments to compare with.
type Query struct {
	Tags     []Column // all of them are set; none for any commitment
	From, To int      // years of submission; 0 for no bound
}

// The eras of the IRM's codes: a plan submitted until 2019 has its Potential
// Impact coded, one from 2020 on its Potential for Results. The scales are not
// the same and are never mapped to each other.
var (
	EraImpact  = Query{To: 2019}
	EraResults = Query{From: 2020}
)

// Share is a part of those whose code is known.
type Share struct {
	Yes int `json:"yes"`
	Of  int `json:"of"` // how many are coded; 0 for nothing to say
}

// Count is how many commitments have a code.
type Count struct {
	Code string `json:"code"` // the label of the code book
	N    int    `json:"n"`
}

// Distribution is how the codes of one variable fall. Of is how many are
// coded: ND, NR and NA are in no share.
type Distribution struct {
	Of    int     `json:"of"`
	Codes []Count `json:"codes"` // from the lowest code to the highest, those with 0 included
}

// Benchmark is what became of the commitments of a query, each figure with the
// number it rests on. Few is for the reader to judge: nothing is left out.
type Benchmark struct {
	N          int          `json:"n"`
	Plans      int          `json:"plans"`
	Members    int          `json:"members"`
	Verifiable Share        `json:"verifiable"`
	Relevant   Share        `json:"relevant"`   // has the open government lens
	Completed  Share        `json:"completed"`  // substantially or fully, of those whose completion is known
	Potential  Distribution `json:"potential"`  // for results, plans from 2020 on
	Impact     Distribution `json:"impact"`     // potential impact, plans until 2019
	Completion Distribution `json:"completion"` // at the end of term, else in the progress report
	Early      Distribution `json:"early"`      // early results, reports from 2021 on
	Opened     Distribution `json:"opened"`     // did it open government, earlier reports
}

// The orders in which the codes of a variable are shown.
var (
	potentialOrder  = []string{"Unclear", "Modest", "Substantial"}
	impactOrder     = []string{"None", "Minor", "Moderate", "Transformative"}
	completionOrder = []string{"Withdrawn", "Unclear", "Not Started", "Limited", "Substantial", "Complete"}
	earlyOrder      = []string{"No notable results", "Moderate", "Significant"}
	openedOrder     = []string{"Worsens", "Did Not Change", "No early results to report yet", "Marginal", "Major", "Outstanding"}
)

// Benchmark counts the codes of the commitments that a query chooses.
func (f *File) Benchmark(q Query) Benchmark {
	var b Benchmark
	plans, members := map[string]bool{}, map[string]bool{}
	b.Potential, b.Impact, b.Completion = newDistribution(potentialOrder), newDistribution(impactOrder), newDistribution(completionOrder)
	b.Early, b.Opened = newDistribution(earlyOrder), newDistribution(openedOrder)
	for _, r := range f.Rows() {
		if !q.takes(r) {
			continue
		}
		b.N++
		plans[r.Text(ColPlan)], members[r.Text(ColMember)] = true, true
		b.Verifiable.add(r.Value(ColVerifiable).Is("Yes", "1"), r.Value(ColVerifiable).Is("Yes", "No", "1"))
		b.Relevant.add(r.Text(ColRelevant) == "1", coded(r, ColRelevant))
		b.Completed.add(highCompletion(r) == "1", completionKnown(r) == "1")
		b.Potential.add(r.Text(ColPotential))
		b.Impact.add(r.Text(ColImpact))
		b.Completion.add(Outcome(r))
		b.Early.add(r.Text(ColEarly))
		b.Opened.add(r.Text(ColOpened))
	}
	b.Plans, b.Members = len(plans), len(members)
	return b
}

func (q Query) takes(r Row) bool {
	year, _ := r.Value(ColSubmitted).Number()
	if q.From > 0 && year < q.From || q.To > 0 && year > q.To {
		return false
	}
	for _, t := range q.Tags {
		if r.Text(t) != "1" {
			return false
		}
	}
	return true
}

// Outcome is the label of a commitment's completion at the end of its term if
// coded, else in the progress report; empty where neither is.
func Outcome(r Row) string {
	for _, c := range []Column{ColEndTerm, ColProgress} {
		if v := r.Value(c); v.State == Coded {
			return v.Text
		}
	}
	return ""
}

// ByTag gives the benchmark of every tag that some commitment has, in the order
// of the file; q narrows it.
func (f *File) ByTag(q Query) map[Column]Benchmark {
	out := map[Column]Benchmark{}
	for _, t := range tags {
		if b := f.Benchmark(Query{append([]Column{t.Column}, q.Tags...), q.From, q.To}); b.N > 0 {
			out[t.Column] = b
		}
	}
	return out
}

func (s *Share) add(yes, known bool) {
	if known {
		s.Of++
	}
	if known && yes {
		s.Yes++
	}
}

func newDistribution(order []string) (d Distribution) {
	for _, code := range order {
		d.Codes = append(d.Codes, Count{Code: code})
	}
	return d
}

func (d *Distribution) add(code string) {
	for i := range d.Codes {
		if d.Codes[i].Code == code {
			d.Codes[i].N++
			d.Of++
		}
	}
}
