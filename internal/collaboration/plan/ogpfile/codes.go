package ogpfile

// Book is the code book of one variable: a column with labels, and the column
// with the number behind each label.
type Book struct {
	Label, Number Column
	Codes         map[string]string // label to number
	From, To      int               // years of submission in which it is coded; 0 for no bound
}

// Books are the IRM's variables that have labels and numbers, with the values
// that its code book allows (ogp.md 3.2, checked against the file). "Worsens"
// is the file's word for Worsened, "Unclear" under completion its word for "No
// evidence available". "Increase" and "Decrease" in completion may be by one
// step or more. What a commitment opened is coded from the plans of 2013 on,
// whose reports came in 2015.
var Books = []Book{
	{ColSpecificity, "_Specificity", map[string]string{"None": "0", "Low": "1", "Medium": "2", "High": "3"}, 0, 2017},
	{ColImpact, ColImpactNo, map[string]string{"None": "0", "Minor": "1", "Moderate": "2", "Transformative": "3"}, 2012, 2019},
	{ColPotential, ColPotentialNo, map[string]string{"Unclear": "0", "Modest": "1", "Substantial": "2"}, 2020, 0},
	{ColProgress, ColProgressNo, completionCodes, 0, 0},
	{ColEndTerm, ColEndTermNo, completionCodes, 0, 0},
	{ColChange, ColChangeNo, map[string]string{"No Change": "0", "Increase": "1", "Decrease": "-1"}, 0, 0},
	{ColEarly, ColEarlyNo, map[string]string{"No notable results": "0", "Moderate": "1", "Significant": "2"}, 2021, 0},
	{ColOpened, ColOpenedNo, map[string]string{"Worsens": "0", "Did Not Change": "1", "No early results to report yet": "1", "Marginal": "2", "Major": "3", "Outstanding": "4"}, 2013, 2020},
	{"Did It Open Government (Access To Information)", "_DIOGATI", openedCodes, 2013, 2020},
	{"Did It Open Government (Civic Participation)", "_DIOGCP", openedCodes, 2013, 2020},
	{"Did It Open Government: Public Accountability", "_DIOGPA", openedCodes, 2013, 2020},
}

var (
	completionCodes = map[string]string{"Withdrawn": "0", "Unclear": "1", "Not Started": "2", "Limited": "3", "Substantial": "4", "Complete": "5"}
	openedCodes     = map[string]string{"Not Applicable": "0", "Worsens": "1", "Did Not Change": "2", "Marginal": "3", "Major": "4", "Outstanding": "5"}
)

// more steps than one are allowed for a change in completion.
var changeSteps = map[string][]string{"Increase": {"1", "2", "3", "4", "5"}, "Decrease": {"-1", "-2", "-3", "-4", "-5"}, "No Change": {"0"}}

// flags are the columns that hold 0 and 1, or a word for what is missing.
var flags = []Column{
	ColDummy, "Compound", ColValueATI, ColValueCP, ColValuePA, ColValueTech, ColRelevant, ColStarred2015, ColStarProgress,
	"Cluster (AP Review)", ColStarEnd, ColCarried, ColMostRecent, ColStarRecent, ColAssessed, ColActive, ColMaxStar,
	ColAmbitionKnown, ColCompKnown, ColOpenedKnown, ColMidterm, ColHighCompletion, ColHighAmbition, ColHighOpened,
	ColQuadBoth, ColQuadAmbitious, ColQuadComplete, ColQuadNeither, ColNotReviewed, ColChecksum, ColSubnational,
}

// labels are the columns with words of their own.
var labels = map[Column][]string{
	ColVerifiable: {"Yes", "No"},
	ColRegion:     {"Africa and the Middle East", "Americas", "Asia and the Pacific", "Europe"},
	ColLevel:      {"National", "Local", "Legacy Local", "Other"},
	ColScore:      {"-1", "1", "2", "3", "4"},
	ColBinding:    {"FALSE", "STAR", "Cmpl", "PotImp", "Rel", "Spec"},
}
