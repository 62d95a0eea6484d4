package plan

import (
	"embed"
	"net/mail"
	"net/url"
	"regexp"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "plan", Files: files}

// Words are this module's sentences.
//
//go:embed locale/*.json
var Words embed.FS

// Rules say who may do what with plans.
var Rules = []who.Rule{
	{Action: "plan.read", Public: true},
	{Action: "plan.write", Site: []who.Role{who.Secretariat}, Org: []who.Role{who.Official, who.Editor}},
	{Action: "plan.deliver", Site: []who.Role{who.Secretariat}},
	{Action: "commitment.write", Site: []who.Role{who.Secretariat}, Org: []who.Role{who.Official, who.Editor}},
	{Action: "commitment.confirm", Org: []who.Role{who.Official, who.Editor, who.Member}},
	{Action: "progress.report", Org: []who.Role{who.Official, who.Editor, who.Member}},
	{Action: "progress.assess", Site: []who.Role{who.Evaluator}},
}

// Level is for whom a plan is made.
type Level string

// The levels.
const (
	National Level = "national"
	Local    Level = "local"
)

// Sections are the parts of a plan beside its commitments, as the OGP template
// has them. All are Markdown.
type Sections struct {
	Introduction string `json:"introduction"` // why open government matters here; challenges
	Efforts      string `json:"efforts"`      // what was done so far
	Process      string `json:"process"`      // how the plan was made together
	Vision       string `json:"vision"`       // where it should lead
}

// Plan is an action plan.
type Plan struct {
	ID           string
	Org          string // id of the office that leads the process
	Forum        string // id of the forum that owns it; may be empty
	Code         string // "AP_BLZ01": AP_, the ISO 3166 code of three letters, two digits
	Number       int
	Title        string
	Summary      string
	Texts        db.JSON[Sections]
	Lang         string
	Level        Level
	District     string // of a local plan, ISO 3166-2
	Start        string // of implementation, YYYY-MM-DD
	End          string
	Years        int    // 1 to 4; today OGP takes 2 or 4
	PreviousEnd  string // last day of the plan before; empty if there was none
	RefreshOf    string // id of the plan of four years that this one refreshes
	ContactName  string
	ContactEmail string
	Website      string
	State        State
	CreatedBy    string
	Created      db.Time
	Changed      db.Time
	Delivered    db.Time
	Version      int
}

const planColumns = `id, org, forum, code, number, title, summary, texts, lang, level, district, start_date, end_date, years, previous_end,
	refresh_of, contact_name, contact_email, website, state, created_by, created, changed, delivered, version`

func planFields(p *Plan) []any {
	return []any{
		&p.ID, &p.Org, &p.Forum, &p.Code, &p.Number, &p.Title, &p.Summary, &p.Texts, &p.Lang, &p.Level, &p.District, &p.Start, &p.End,
		&p.Years, &p.PreviousEnd, &p.RefreshOf, &p.ContactName, &p.ContactEmail, &p.Website, &p.State, &p.CreatedBy, &p.Created,
		&p.Changed, &p.Delivered, &p.Version,
	}
}

// Ref names the plan.
func (p *Plan) Ref() record.Ref { return record.Ref{Kind: "plan", ID: p.ID} }

// Open reports whether the text of the plan and of its commitments may still
// change without an amendment.
func (p *Plan) Open() bool { return p.Delivered.IsZero() }

// Public reports whether everybody may see the plan.
func (p *Plan) Public() bool { return p.State != Preparing }

// How many characters the texts may have.
const MaxTitle, MaxSummary, maxText = 200, 600, 50_000

var codeShape = regexp.MustCompile(`^AP_[A-Z]{3,4}[0-9]{2}$`)

// Check reports what is wrong with the fields that a person fills in.
func (p *Plan) Check() error {
	var f fault.Fields
	f.Require("title", p.Title)
	f.Require("org", p.Org)
	f.MaxLen("title", p.Title, MaxTitle)
	f.MaxLen("summary", p.Summary, MaxSummary)
	for name, text := range map[string]string{
		"introduction": p.Texts.V.Introduction, "efforts": p.Texts.V.Efforts,
		"process": p.Texts.V.Process, "vision": p.Texts.V.Vision,
	} {
		f.MaxLen(name, text, maxText)
	}
	if p.Code != "" && !codeShape.MatchString(p.Code) {
		f.Add("code", "plan.code_shape")
	}
	if !i18n.Known(p.Lang) {
		f.Add("lang", "fault.choice")
	}
	if _, ok := geo.DistrictByCode(p.District); p.Level == Local && !ok {
		f.Add("district", "plan.district_needed")
	}
	if p.Level != National && p.Level != Local {
		f.Add("level", "fault.choice")
	}
	p.checkDays(&f)
	if a, err := mail.ParseAddress(p.ContactEmail); p.ContactEmail != "" && (err != nil || a.Address != p.ContactEmail) {
		f.Add("contact_email", "fault.email")
	}
	if p.Website != "" && !webAddress(p.Website) {
		f.Add("website", "fault.url")
	}
	return f.Err()
}

func (p *Plan) checkDays(f *fault.Fields) {
	CheckDay(f, "start_date", p.Start)
	CheckDay(f, "end_date", p.End)
	CheckDay(f, "previous_end", p.PreviousEnd)
	if p.Start != "" && p.End != "" && p.End < p.Start {
		f.Add("end_date", "plan.ends_before")
	}
	if p.Years < 0 || p.Years > 4 {
		f.Add("years", "fault.choice")
	}
}

// CheckDay notes a date that is no date; an empty one is none.
func CheckDay(f *fault.Fields, name, day string) {
	if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
		f.Add(name, "fault.date")
	}
}

// notFar refuses days that nobody can mean, given as names and days in turn.
func notFar(now time.Time, days ...string) error {
	var f fault.Fields
	for i := 0; i+1 < len(days); i += 2 {
		f.NotFarDay(days[i], days[i+1], now)
	}
	return f.Err()
}

// webAddress reports whether s is an absolute http or https address.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && len(s) <= 2000
}
