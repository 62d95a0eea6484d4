package template

import (
	"strconv"
	"strings"
)

// Commitment is one commitment in canonical form: what either template asks.
// Texts are plain, with line breaks; empty means not given. Dates are as they
// were written (see Day).
type Commitment struct {
	Number  string
	Title   string
	Country string
	Brief   string

	Problem        string // what problem is addressed
	Causes         string // what causes it
	DoneSoFar      string
	Solution       string // what is proposed: "What is the commitment?" in the former template
	Results        string // what is to be achieved
	Transparency   string // how it promotes transparency
	Accountability string
	Participation  string
	Contribution   string // how it contributes to solving the problem
	Relevance      string // why it is relevant to OGP's values

	Additional string // what nothing else holds
	Budget     string
	Links      string // to other programmes, the development plan, sector plans
	SDGs       string // Sustainable Development Goals

	Lead         string
	ContactName  string
	ContactTitle string // title and department
	ContactReach string // e-mail address and telephone
	Government   string // supporting stakeholders of each sector
	CivilSociety string
	Other        string // parliament, private sector, academia, multilaterals

	Start, End string
	Milestones []Milestone
	Text       string // what could not be structured, whole
}

// Milestone is a step of a commitment that can be verified.
type Milestone struct {
	Title      string // the activity
	Output     string // the verifiable deliverable
	Budget     string
	Start, End string
	Indicator  string
	Baseline   string
	Target     string
	Lead       string
	Supporting string
}

// Plan is an action plan with its commitments, by the sections that OGP asks
// for (ogp.md 2.1).
type Plan struct {
	Title        string
	Country      string
	Start, End   string
	Introduction string // why open government matters here
	Efforts      string // open government efforts to date, and what they achieved
	Process      string // how the plan was made, and with whom
	Challenges   string
	Vision       string // in the long term
	Commitments  []Commitment
}

// Field names a part of a commitment. A column of its table of milestones has
// MilestonePrefix before its name.
type Field string

// The fields of a commitment.
const (
	Number         Field = "number"
	Title          Field = "title"
	Country        Field = "country"
	Brief          Field = "brief"
	Problem        Field = "problem"
	Causes         Field = "causes"
	DoneSoFar      Field = "done_so_far"
	Solution       Field = "solution"
	Results        Field = "results"
	Transparency   Field = "transparency"
	Accountability Field = "accountability"
	Participation  Field = "participation"
	Contribution   Field = "contribution"
	Relevance      Field = "relevance"
	Additional     Field = "additional"
	Budget         Field = "budget"
	Links          Field = "links"
	SDGs           Field = "sdgs"
	Lead           Field = "lead"
	ContactName    Field = "contact_name"
	ContactTitle   Field = "contact_title"
	ContactReach   Field = "contact_reach"
	Government     Field = "supporting_government"
	CivilSociety   Field = "supporting_civil_society"
	Other          Field = "supporting_other"
	Start          Field = "start"
	End            Field = "end"
	Text           Field = "text"
)

// The columns of the table of milestones.
const (
	MilestonePrefix           = "milestone_"
	MilestoneTitle      Field = "milestone_title"
	MilestoneOutput     Field = "milestone_output"
	MilestoneBudget     Field = "milestone_budget"
	MilestoneStart      Field = "milestone_start"
	MilestoneEnd        Field = "milestone_end"
	MilestoneIndicator  Field = "milestone_indicator"
	MilestoneBaseline   Field = "milestone_baseline"
	MilestoneTarget     Field = "milestone_target"
	MilestoneLead       Field = "milestone_lead"
	MilestoneSupporting Field = "milestone_supporting"
)

// fields are all fields in the order in which what has no heading is written.
var fields = []Field{
	Number, Title, Country, Brief, Problem, Causes, DoneSoFar, Solution, Results, Transparency, Accountability, Participation,
	Contribution, Relevance, Additional, Budget, Links, SDGs, Lead, ContactName, ContactTitle, ContactReach,
	Government, CivilSociety, Other, Start, End, Text,
}

var milestoneFields = []Field{
	MilestoneTitle, MilestoneOutput, MilestoneBudget, MilestoneStart, MilestoneEnd, MilestoneIndicator,
	MilestoneBaseline, MilestoneTarget, MilestoneLead, MilestoneSupporting,
}

// at is where a field is kept; nil for a column of milestones.
func (c *Commitment) at(f Field) *string {
	return map[Field]*string{
		Number: &c.Number, Title: &c.Title, Country: &c.Country, Brief: &c.Brief, Problem: &c.Problem, Causes: &c.Causes,
		DoneSoFar: &c.DoneSoFar, Solution: &c.Solution, Results: &c.Results, Transparency: &c.Transparency,
		Accountability: &c.Accountability, Participation: &c.Participation, Contribution: &c.Contribution, Relevance: &c.Relevance,
		Additional: &c.Additional, Budget: &c.Budget, Links: &c.Links, SDGs: &c.SDGs, Lead: &c.Lead,
		ContactName: &c.ContactName, ContactTitle: &c.ContactTitle, ContactReach: &c.ContactReach,
		Government: &c.Government, CivilSociety: &c.CivilSociety, Other: &c.Other, Start: &c.Start, End: &c.End, Text: &c.Text,
	}[f]
}

// at is where a column is kept; nil for a field of the commitment.
func (m *Milestone) at(f Field) *string {
	return map[Field]*string{
		MilestoneTitle: &m.Title, MilestoneOutput: &m.Output, MilestoneBudget: &m.Budget, MilestoneStart: &m.Start, MilestoneEnd: &m.End,
		MilestoneIndicator: &m.Indicator, MilestoneBaseline: &m.Baseline, MilestoneTarget: &m.Target,
		MilestoneLead: &m.Lead, MilestoneSupporting: &m.Supporting,
	}[f]
}

// Get returns a field of the commitment; empty for one that it does not have.
func (c Commitment) Get(f Field) string {
	if p := c.at(f); p != nil {
		return *p
	}
	return ""
}

// Set sets a field of the commitment, and tells whether it has it.
func (c *Commitment) Set(f Field, text string) bool {
	p := c.at(f)
	if p != nil {
		*p = text
	}
	return p != nil
}

// Get returns a column of the milestone; empty for one that it does not have.
func (m Milestone) Get(f Field) string {
	if p := m.at(f); p != nil {
		return *p
	}
	return ""
}

// Set sets a column of the milestone, and tells whether it has it.
func (m *Milestone) Set(f Field, text string) bool {
	p := m.at(f)
	if p != nil {
		*p = text
	}
	return p != nil
}

// Name is the commitment's number and title in one line.
func (c Commitment) Name() string {
	if c.Number == "" {
		return c.Title
	}
	return strings.TrimRight(c.Number, ".") + ". " + c.Title
}

// number is a field's place among milestones in a label, from 1.
func milestoneLabel(n int, f Field) string {
	return "Milestone " + strconv.Itoa(n) + ": " + label(f)
}
