package outcome

import (
	"cmp"
	"slices"
	"strings"
)

// Outcome is what came of applying a rule.
type Outcome string

// The outcomes.
const (
	Flag          Outcome = "flag"              // what the rule asks about is there
	Clear         Outcome = "clear"             // looked at, and it is not there
	Insufficient  Outcome = "insufficient_data" // too little is known to say; Finding.Why tells what
	NotApplicable Outcome = "not_applicable"    // the rule does not speak of such a thing
	Error         Outcome = "error"             // the data contradict themselves; Finding.Why tells how
)

// Outcomes are all of them, the one that needs attention first.
var Outcomes = []Outcome{Flag, Error, Insufficient, Clear, NotApplicable}

// Subject is what a rule looked at: a process, a payee, a payee at one unit.
type Subject struct {
	Kind string `json:"kind"`         // such as "process", "payee"
	ID   string `json:"id"`           // as the data have it
	By   string `json:"by,omitempty"` // id of the other side, where the subject is a pair; such as the unit that paid
}

// Finding is the outcome of one rule for one subject.
type Finding struct {
	Rule    string  `json:"rule"`    // its id
	Version int     `json:"version"` // of the rule's formula and code
	Outcome Outcome `json:"outcome"`
	Case    string  `json:"case,omitempty"` // which part of a rule that has several
	Subject Subject `json:"subject"`
	Part    string  `json:"part,omitempty"` // which of several things of the subject, such as an invoice number
	From    string  `json:"from,omitempty"` // first and last civil date of what was looked at, YYYY-MM-DD
	To      string  `json:"to,omitempty"`

	Why   string `json:"why,omitempty"`   // of an outcome other than flag: last part of the sentence's key
	About string `json:"about,omitempty"` // what Why speaks of, such as the name of a parameter

	Value   string   `json:"value,omitempty"` // the figure that was judged: a decimal number
	Unit    string   `json:"unit,omitempty"`  // of Value: a currency's code, "share", "count", "edges"
	N       int      `json:"n"`               // how many things were counted
	P       *float64 `json:"p,omitempty"`     // of a statistical test; nil without one
	Figures []Figure `json:"figures,omitempty"`

	Evidence []Evidence `json:"evidence,omitempty"`
	More     int        `json:"more,omitempty"` // further pieces of evidence that are not listed

	ParamsHash  string `json:"params_hash"`            // of the parameters it was judged by
	InputDigest string `json:"input_digest,omitempty"` // of the data it was judged by
}

// Figure is a number beside the one that was judged.
type Figure struct {
	Name  string `json:"name"`
	Value string `json:"value"` // a decimal number
	Unit  string `json:"unit,omitempty"`
}

// Evidence is one value of the data, and where it stands.
type Evidence struct {
	At       string `json:"at"`              // a JSON pointer into a release, or the id of a row
	Field    string `json:"field,omitempty"` // of the row
	Value    string `json:"value,omitempty"`
	Personal bool   `json:"personal,omitempty"` // tells of a person: not for the public
}

// ID is the same for the same rule, case, subject, part and dates: 64
// hexadecimal digits.
func (f *Finding) ID() string {
	return NewDigest("finding").Add(f.Rule, f.Case, f.Subject.Kind, f.Subject.ID, f.Subject.By, f.Part, f.From, f.To).Sum()
}

// Public is a copy without what tells of a person.
func (f *Finding) Public() Finding {
	out := *f
	out.Figures = slices.Clone(f.Figures)
	out.Evidence = slices.DeleteFunc(slices.Clone(f.Evidence), func(e Evidence) bool { return e.Personal })
	return out
}

// Fault says what is wrong with a finding itself, or "": for the tests of those
// who make rules, and for whoever keeps findings of others.
func (f *Finding) Fault() string {
	switch {
	case f.Rule == "" || f.Version < 1:
		return "no rule or version"
	case !slices.Contains(Outcomes, f.Outcome):
		return "no such outcome"
	case f.Subject.Kind == "":
		return "no subject"
	case (f.Outcome == Insufficient || f.Outcome == Error) && f.Why == "":
		return "does not say why"
	case f.Outcome == Flag && f.Why != "":
		return "a flag with an excuse"
	case f.P != nil && !(*f.P >= 0 && *f.P <= 1):
		return "no probability"
	case f.To < f.From:
		return "ends before it begins"
	case f.N < 0 || f.More < 0:
		return "a negative number"
	case len(f.ParamsHash) != HexDigits || f.InputDigest != "" && len(f.InputDigest) != HexDigits:
		return "no digest"
	}
	return ""
}

// Sort puts findings in the one order in which they are written, whoever
// computed them: by rule, subject, part, dates and case.
func Sort(all []Finding) {
	slices.SortFunc(all, func(a, b Finding) int { return Compare(&a, &b) })
}

// Compare orders findings as Sort does.
func Compare(a, b *Finding) int {
	return cmp.Or(
		strings.Compare(a.Rule, b.Rule), strings.Compare(a.Subject.Kind, b.Subject.Kind),
		strings.Compare(a.Subject.ID, b.Subject.ID), strings.Compare(a.Subject.By, b.Subject.By),
		strings.Compare(a.Part, b.Part), strings.Compare(a.From, b.From), strings.Compare(a.To, b.To),
		strings.Compare(a.Case, b.Case), strings.Compare(a.InputDigest, b.InputDigest),
	)
}
