// Package codebook holds the variables by which the Independent Reporting
// Mechanism of the Open Government Partnership codes commitments, as data: which
// values each has, in which years of submission it is coded, for which report,
// and where it stands in OGP's table. It also holds the rules between them: what
// has to be known before what (Sheet.Conflict), what still has to be coded
// (Needed), and what follows from other codes (Starred).
//
// A value is a word that never changes ("modest"); its label and number are
// those of OGP's table. Three words say that there is none, and never stand for
// one another, for 0 or for an empty cell: ND, not coded in that era or report;
// NR, not reviewed yet; NA, not applicable.
//
// # Sources and limits
//
// Years and values were checked against OGP's table of July 2024 (package
// ogpfile, whose Books this one agrees with). The procedure for promising
// commitments follows the IRM's guidance as summaries tell it; the guidance
// itself was not read again.
package codebook

import (
	"slices"

	"ceiba/internal/collaboration/plan/ogpfile"
)

// Product is a kind of report.
type Product string

// The IRM's products.
const (
	Brief   Product = "co_creation_brief"
	Review  Product = "action_plan_review"
	Midterm Product = "midterm_review"
	Results Product = "results_report"
)

// Products are all products in the order of a plan's life.
var Products = []Product{Brief, Review, Midterm, Results}

// The words for what is missing.
const (
	ND = "ND"
	NR = "NR"
	NA = "NA"
)

// Missing reports whether a value is a word for what is missing.
func Missing(value string) bool { return value == ND || value == NR || value == NA }

// Value is a value that a variable may have.
type Value struct {
	ID     string // its word: "modest"
	Name   string // its label in OGP's table
	Number string // its number there
}

// Variable is something that a commitment is coded for.
type Variable struct {
	ID     string
	Label  ogpfile.Column // of its label; empty if the table has none
	Number ogpfile.Column // of its number; empty if the table has none
	Values []Value
	// Lacks are the words for what is missing that a reviewer may choose.
	Lacks    []string
	From, To int       // years of submission in which it is coded, both within; 0 is no bound
	Products []Product // the reports that code it
	// Derived says that it follows from other codes or from the clusters, and
	// that nobody sets it.
	Derived bool
}

var (
	yesNo      = []Value{{"yes", "Yes", "1"}, {"no", "No", "0"}}
	flag       = []Value{{"yes", "1", "1"}, {"no", "0", "0"}}
	completion = []Value{
		{"withdrawn", "Withdrawn", "0"},
		{"no_evidence", "Unclear", "1"},
		{"not_started", "Not Started", "2"},
		{"limited", "Limited", "3"},
		{"substantial", "Substantial", "4"},
		{"complete", "Complete", "5"},
	}
	openedOne = []Value{
		{"not_applicable", "Not Applicable", "0"},
		{"worsened", "Worsens", "1"},
		{"no_change", "Did Not Change", "2"},
		{"marginal", "Marginal", "3"},
		{"major", "Major", "4"},
		{"outstanding", "Outstanding", "5"},
	}
	openedAll = []Value{
		{"worsened", "Worsens", "0"},
		{"no_change", "Did Not Change", "1"},
		{"no_results_yet", "No early results to report yet", "1"},
		{"marginal", "Marginal", "2"},
		{"major", "Major", "3"},
		{"outstanding", "Outstanding", "4"},
	}
	noLens = []string{NR, ND}
	any3   = []string{NR, ND, NA}
	// A results report repeats how the commitments were designed.
	design  = []Product{Review, Midterm, Results}
	results = []Product{Results}
)

// Variables are all variables, in the order in which a reviewer asks for them.
var Variables = []Variable{
	{"verifiable", ogpfile.ColVerifiable, "", yesNo, noLens, 0, 0, design, false},
	{"specificity", ogpfile.ColSpecificity, "_Specificity", []Value{{"none", "None", "0"}, {"low", "Low", "1"}, {"medium", "Medium", "2"}, {"high", "High", "3"}}, any3, 0, 2017, design, false},
	{"value_information", ogpfile.ColValueATI, "", flag, any3, 0, 2019, design, false},
	{"value_participation", ogpfile.ColValueCP, "", flag, any3, 0, 2019, design, false},
	{"value_accountability", ogpfile.ColValuePA, "", flag, any3, 0, 2019, design, false},
	{"value_technology", ogpfile.ColValueTech, "", flag, any3, 0, 2019, design, false},
	{"lens", "", ogpfile.ColRelevant, yesNo, noLens, 2020, 0, design, false},
	{"impact", ogpfile.ColImpact, ogpfile.ColImpactNo, []Value{{"none", "None", "0"}, {"minor", "Minor", "1"}, {"moderate", "Moderate", "2"}, {"transformative", "Transformative", "3"}}, any3, 2012, 2019, design, false},
	{"potential", ogpfile.ColPotential, ogpfile.ColPotentialNo, []Value{{"unclear", "Unclear", "0"}, {"modest", "Modest", "1"}, {"substantial", "Substantial", "2"}}, noLens, 2020, 0, design, false},
	{"promising", "", "", yesNo, nil, 2020, 0, design, false},
	{"completion_progress", ogpfile.ColProgress, ogpfile.ColProgressNo, completion, any3, 0, 0, []Product{Midterm}, false},
	{"completion", ogpfile.ColEndTerm, ogpfile.ColEndTermNo, completion, any3, 0, 0, results, false},
	{"opened", ogpfile.ColOpened, ogpfile.ColOpenedNo, openedAll, any3, 2013, 2020, results, false},
	{"opened_information", "Did It Open Government (Access To Information)", "_DIOGATI", openedOne, noLens, 2013, 2020, results, false},
	{"opened_participation", "Did It Open Government (Civic Participation)", "_DIOGCP", openedOne, noLens, 2013, 2020, results, false},
	{"opened_accountability", "Did It Open Government: Public Accountability", "_DIOGPA", openedOne, noLens, 2013, 2020, results, false},
	{"early", ogpfile.ColEarly, ogpfile.ColEarlyNo, []Value{{"no_results", "No notable results", "0"}, {"moderate", "Moderate", "1"}, {"significant", "Significant", "2"}}, any3, 2021, 0, results, false},
	{"carried", ogpfile.ColCarried, "", flag, any3, 0, 2019, results, false},
	{"starred_2015", ogpfile.ColStarred2015, "", flag, nil, 2015, 2015, design, true},
	{"starred_progress", ogpfile.ColStarProgress, "", flag, nil, 2012, 2019, []Product{Midterm}, true},
	{"starred", ogpfile.ColStarEnd, "", flag, nil, 2012, 2019, results, true},
	{"cluster", "Cluster (AP Review)", "", flag, nil, 2020, 0, design, true},
	{"cluster_ids", "Cluster Commitment ID(s)", "", nil, nil, 2020, 0, design, true},
}

// ByID finds a variable.
func ByID(id string) (Variable, bool) {
	i := slices.IndexFunc(Variables, func(v Variable) bool { return v.ID == id })
	if i < 0 {
		return Variable{}, false
	}
	return Variables[i], true
}

// Codes reports whether a report on a plan that was submitted in a year codes
// the variable.
func (v Variable) Codes(p Product, year int) bool {
	return slices.Contains(v.Products, p) && (v.From == 0 || year >= v.From) && (v.To == 0 || year <= v.To)
}

// Allows reports whether a value is one of the variable's, or a word for what
// is missing that it takes.
func (v Variable) Allows(value string) bool {
	_, ok := v.Value(value)
	return ok || slices.Contains(v.Lacks, value)
}

// Value finds a value of the variable.
func (v Variable) Value(id string) (Value, bool) {
	i := slices.IndexFunc(v.Values, func(x Value) bool { return x.ID == id })
	if i < 0 {
		return Value{}, false
	}
	return v.Values[i], true
}

// Of returns what a reviewer codes for a report on a plan that was submitted in
// a year, in order.
func Of(p Product, year int) (out []Variable) {
	for _, v := range Variables {
		if !v.Derived && v.Codes(p, year) {
			out = append(out, v)
		}
	}
	return out
}
