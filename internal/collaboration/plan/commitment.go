package plan

import (
	"net/mail"
	"slices"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
)

// Texts are what a commitment says, under the headings of the present OGP
// template and of the former one (2017 to 2021) together. All are Markdown.
type Texts struct {
	Brief          string `json:"brief" required:"false"`          // brief description
	Problem        string `json:"problem" required:"false"`        // what problem does it aim to address?
	Causes         string `json:"causes" required:"false"`         // what are its causes?
	Done           string `json:"done" required:"false"`           // what has been done so far?
	Solution       string `json:"solution" required:"false"`       // what is proposed? Formerly: what is the commitment?
	Results        string `json:"results" required:"false"`        // what results are wanted?
	Transparency   string `json:"transparency" required:"false"`   // how will it promote transparency?
	Accountability string `json:"accountability" required:"false"` // how will it foster accountability?
	Participation  string `json:"participation" required:"false"`  // how will it improve participation?
	Contribution   string `json:"contribution" required:"false"`   // formerly: how will it contribute to solve the problem?
	Relevance      string `json:"relevance" required:"false"`      // formerly: why is it relevant to OGP values?
	Additional     string `json:"additional" required:"false"`     // budget, links to other programmes and plans
}

// Part is one of the texts, with its name in forms, in the log and in the API.
type Part struct {
	Name string
	Text *string
	// Former says that only the former template has it; Present, only the
	// present one.
	Former, Present bool
}

// Parts are the texts in the order of the present template, with what only the
// former one has behind them.
func (t *Texts) Parts() []Part {
	return []Part{
		{Name: "brief", Text: &t.Brief, Present: true},
		{Name: "problem", Text: &t.Problem},
		{Name: "causes", Text: &t.Causes, Present: true},
		{Name: "done", Text: &t.Done, Present: true},
		{Name: "solution", Text: &t.Solution},
		{Name: "results", Text: &t.Results, Present: true},
		{Name: "transparency", Text: &t.Transparency, Present: true},
		{Name: "accountability", Text: &t.Accountability, Present: true},
		{Name: "participation", Text: &t.Participation, Present: true},
		{Name: "contribution", Text: &t.Contribution, Former: true},
		{Name: "relevance", Text: &t.Relevance, Former: true},
		{Name: "additional", Text: &t.Additional},
	}
}

// Contact is whom to ask about a commitment, by office.
type Contact struct {
	Name  string `json:"name"`
	Title string `json:"title"` // position and department
	Email string `json:"email"`
	Phone string `json:"phone"`
}

// Stage is how far a commitment has come.
type Stage string

// The stages of a commitment.
const (
	Idea            Stage = "idea"
	Proposed        Stage = "proposed"
	Shortlisted     Stage = "shortlisted"
	Drafting        Stage = "drafting"
	Agreed          Stage = "agreed"
	Active          Stage = "active"
	Complete        Stage = "complete"
	EndedIncomplete Stage = "ended_incomplete"
	Withdrawn       Stage = "withdrawn"
	Merged          Stage = "merged"
	Split           Stage = "split"
	CarriedForward  Stage = "carried_forward"
)

// stages lists what may follow each stage by hand. A commitment becomes active
// when its plan is delivered.
var stages = map[Stage][]Stage{
	Idea:            {Proposed, Merged, Withdrawn},
	Proposed:        {Shortlisted, Merged, Split, Withdrawn},
	Shortlisted:     {Drafting, Proposed, Merged, Split, Withdrawn},
	Drafting:        {Agreed, Shortlisted, Merged, Split, Withdrawn},
	Agreed:          {Drafting, Withdrawn},
	Active:          {Complete, EndedIncomplete, Withdrawn, CarriedForward},
	EndedIncomplete: {CarriedForward},
}

// Next are the stages that may follow one by hand.
func (s Stage) Next() []Stage { return stages[s] }

// Stages are all of them in their order.
var Stages = []Stage{Idea, Proposed, Shortlisted, Drafting, Agreed, Active, Complete, EndedIncomplete, Withdrawn, Merged, Split, CarriedForward}

// Tone says how the stage looks.
func (s Stage) Tone() string {
	switch s {
	case Active, Drafting, Agreed, Shortlisted, Proposed:
		return "going"
	case Complete:
		return "done"
	case EndedIncomplete:
		return "late"
	case Withdrawn:
		return "attention"
	}
	return ""
}

// Led reports whether a commitment leads on to another one.
func (s Stage) Led() bool { return s == Merged || s == Split || s == CarriedForward }

// Promised reports whether the plan, as delivered, holds the commitment.
func (s Stage) Promised() bool { return slices.Index(Stages, s) >= slices.Index(Stages, Agreed) }

// Commitment is a promise.
type Commitment struct {
	ID        string
	Plan      string
	Number    string
	Title     string
	Texts     db.JSON[Texts]
	Lang      string
	Lead      string // id of the organisation that answers for it
	Start     string
	End       string
	Tags      db.JSON[[]string] // policy areas, by the headings of the OGP's file
	Districts db.JSON[[]string] // ISO 3166-2; none means the whole country
	Contact   db.JSON[Contact]
	State     Stage
	Reason    string // why it left the plan, or why it stands where it stands
	Successor string // id of the commitment it leads on to
	CreatedBy string
	Created   db.Time
	Changed   db.Time
	Version   int
}

const commitmentColumns = `id, plan, number, title, texts, lang, lead, start_date, end_date, tags, districts, contact, state, reason, successor,
	created_by, created, changed, version`

func commitmentFields(c *Commitment) []any {
	return []any{
		&c.ID, &c.Plan, &c.Number, &c.Title, &c.Texts, &c.Lang, &c.Lead, &c.Start, &c.End, &c.Tags, &c.Districts, &c.Contact, &c.State,
		&c.Reason, &c.Successor, &c.CreatedBy, &c.Created, &c.Changed, &c.Version,
	}
}

// Ref names the commitment.
func (c *Commitment) Ref() record.Ref { return record.Ref{Kind: "commitment", ID: c.ID} }

// Check reports what is wrong with the fields that a person fills in. An idea
// needs a title; what agreeing needs besides, Ready says.
func (c *Commitment) Check() error {
	var f fault.Fields
	f.Require("title", c.Title)
	f.MaxLen("title", c.Title, MaxTitle)
	f.MaxLen("number", c.Number, 20)
	for _, p := range c.Texts.V.Parts() {
		f.MaxLen(p.Name, *p.Text, maxText)
	}
	if !i18n.Known(c.Lang) {
		f.Add("lang", "fault.choice")
	}
	CheckDay(&f, "start_date", c.Start)
	CheckDay(&f, "end_date", c.End)
	if c.Start != "" && c.End != "" && c.End < c.Start {
		f.Add("end_date", "plan.ends_before")
	}
	if slices.ContainsFunc(c.Districts.V, func(d string) bool { _, ok := geo.DistrictByCode(d); return !ok }) {
		f.Add("districts", "fault.choice")
	}
	if e := c.Contact.V.Email; e != "" {
		if a, err := mail.ParseAddress(e); err != nil || a.Address != e {
			f.Add("contact_email", "fault.email")
		}
	}
	return f.Err()
}

// Ready reports what is missing before a commitment can be agreed: what it is
// about, who leads, when, and milestones that each have an output which can be
// verified, and a date (OGP template; the IRM asks for "verifiable").
func (c *Commitment) Ready(ms []Milestone) error {
	var f fault.Fields
	f.Require("problem", c.Texts.V.Problem)
	f.Require("solution", c.Texts.V.Solution)
	f.Require("lead", c.Lead)
	f.Require("start_date", c.Start)
	f.Require("end_date", c.End)
	if len(ms) == 0 {
		f.Add("milestones", "plan.no_milestone")
	}
	for _, m := range ms {
		if m.Output == "" || m.End == "" {
			f.Add("milestones", "plan.milestone_lacks", "title", m.Title)
		}
	}
	return f.Err()
}
