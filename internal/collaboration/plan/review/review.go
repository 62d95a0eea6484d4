package review

import (
	"context"
	"embed"
	"slices"
	"strings"
	"time"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/review/codebook"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "planreview", Files: files}

// Words are this module's sentences.
//
//go:embed locale/*.json
var Words embed.FS

// Rules say who may do what with assessments. Writing one asks besides that the
// actor is among its reviewers.
var Rules = []who.Rule{
	{Action: "assessment.write", Site: []who.Role{who.Evaluator}},
	{Action: "assessment.comment", Site: []who.Role{who.Resident}},
}

// Reviews joins the assessments with what they stand on.
type Reviews struct {
	DB    *db.DB
	Plans *plan.Plans
	// Forum returns the people of a forum, who are told of drafts; nil knows none.
	Forum func(ctx context.Context, tx *db.Tx, forum string) ([]string, error)
}

// CommentDays is for how many days at least a draft is open for public comment.
const CommentDays = 14

// State is how far an assessment has come.
type State string

// The states of an assessment.
const (
	Draft      State = "draft"
	Commenting State = "commenting"
	Final      State = "final"
	Withdrawn  State = "withdrawn"
)

// Tone says how the state looks.
func (s State) Tone() string {
	return map[State]string{Draft: "", Commenting: "going", Final: "done", Withdrawn: "attention"}[s]
}

// Texts are the parts of a report that the reviewers write. All are Markdown.
type Texts struct {
	Overview        string `json:"overview"`        // of the plan, or recent developments
	Process         string `json:"process"`         // how the process went
	Opportunities   string `json:"opportunities"`   // areas of opportunity
	Lessons         string `json:"lessons"`         // lessons learned
	Recommendations string `json:"recommendations"` // for the plan and the process
	Sources         string `json:"sources"`
}

// Part is one of the texts, with its name in forms.
type Part struct {
	Name string
	Text *string
}

// Parts are the texts in the order of the report.
func (t *Texts) Parts() []Part {
	return []Part{
		{"overview", &t.Overview},
		{"process", &t.Process},
		{"opportunities", &t.Opportunities},
		{"lessons", &t.Lessons},
		{"recommendations", &t.Recommendations},
		{"sources", &t.Sources},
	}
}

// Assessment is one report on one plan.
type Assessment struct {
	ID         string
	Plan       string
	Org        string // id of the office that leads the plan
	Product    codebook.Product
	Title      string
	Lang       string
	Since      string // the year since which the member takes part in OGP; may be empty
	Texts      db.JSON[Texts]
	Year       int // of submission: the era of the code-book
	State      State
	Reason     string // of a withdrawal
	Edition    int
	Corrects   string // id of the assessment that this one corrects
	Correction string // why
	Opened     db.Time
	Until      db.Time // the end of the public comment
	Finished   db.Time
	CreatedBy  string
	Created    db.Time
	Changed    db.Time
	Version    int
}

const columns = `id, plan, org, product, title, lang, since, texts, year, state, reason, edition, corrects, correction, opened, until, finished,
	created_by, created, changed, version`

func fields(a *Assessment) []any {
	return []any{
		&a.ID, &a.Plan, &a.Org, &a.Product, &a.Title, &a.Lang, &a.Since, &a.Texts, &a.Year, &a.State, &a.Reason, &a.Edition, &a.Corrects,
		&a.Correction, &a.Opened, &a.Until, &a.Finished, &a.CreatedBy, &a.Created, &a.Changed, &a.Version,
	}
}

// Ref names the assessment.
func (a *Assessment) Ref() record.Ref { return record.Ref{Kind: "assessment", ID: a.ID} }

// Public reports whether everybody may see the assessment. One that was
// withdrawn before its draft was public stays its reviewers' own.
func (a *Assessment) Public() bool { return !a.Opened.IsZero() }

// Writable reports whether reviewers may still change it.
func (a *Assessment) Writable() bool { return a.State == Draft || a.State == Commenting }

// Listening reports whether people may comment at a moment.
func (a *Assessment) Listening(now time.Time) bool {
	return a.State == Commenting && now.Before(a.Until.Time)
}

// Variables are what its reviewers code commitments for.
func (a *Assessment) Variables() []codebook.Variable { return codebook.Of(a.Product, a.Year) }

// How many characters the texts may have.
const MaxTitle, maxText, maxReason = 200, 50_000, 5000

func (a *Assessment) check() error {
	a.Title, a.Since = strings.TrimSpace(a.Title), strings.TrimSpace(a.Since)
	var f fault.Fields
	f.Require("title", a.Title)
	f.MaxLen("title", a.Title, MaxTitle)
	if !slices.Contains(codebook.Products, a.Product) {
		f.Add("product", "fault.choice")
	}
	if !i18n.Known(a.Lang) {
		f.Add("lang", "fault.choice")
	}
	if _, err := time.Parse("2006", a.Since); a.Since != "" && err != nil {
		f.Add("since", "planreview.year")
	}
	for _, p := range a.Texts.V.Parts() {
		f.MaxLen(p.Name, *p.Text, maxText)
	}
	return f.Err()
}

func get(ctx context.Context, tx *db.Tx, assessment string) (Assessment, error) {
	return db.Get(ctx, tx, fields, `SELECT `+columns+` FROM assessment WHERE id = $1`, assessment)
}

// See returns an assessment that actor may read: a draft is the reviewers' own.
func See(ctx context.Context, tx *db.Tx, actor who.Actor, assessment string) (Assessment, error) {
	a, err := get(ctx, tx, assessment)
	if err == nil && !a.Public() && !actor.May("assessment.write", who.Site) {
		return Assessment{}, db.ErrNotFound
	}
	return a, err
}

var order = db.Keyset{Columns: []string{"created", "id"}, Desc: true}

// List returns a page of the assessments that actor may read, the latest first,
// and the cursor of the next page; "" at the end. Those of one plan, if it is
// not empty.
func List(ctx context.Context, tx *db.Tx, actor who.Actor, plan, cursor string, limit int) (out []Assessment, next string, err error) {
	q, args := `SELECT `+columns+` FROM assessment WHERE (opened IS NOT NULL OR $1)`, []any{actor.May("assessment.write", who.Site)}
	if plan != "" {
		q, args = q+` AND plan = $2`, append(args, plan)
	}
	after, more, err := order.After(cursor, len(args)+1)
	if err != nil {
		return nil, "", err
	}
	out, err = db.List(ctx, tx, fields, q+` AND `+after+` `+order.OrderBy()+` LIMIT `+limited(limit+1), append(args, more...)...)
	if err == nil && len(out) > limit {
		last := out[limit-1]
		return out[:limit], db.Cursor(last.Created.UnixMicro(), last.ID), nil
	}
	return out, "", err
}

// Reviewers returns the ids of those who write an assessment, the first one
// first. Whoever is erased is missing.
func Reviewers(ctx context.Context, tx *db.Tx, assessment string) ([]string, error) {
	return db.List(ctx, tx, db.One[string], `SELECT person FROM assessment_reviewer WHERE assessment = $1 AND person <> '' ORDER BY added, person`, assessment)
}

// MayWrite reports whether actor is a reviewer of an assessment who may act as
// one now.
func MayWrite(ctx context.Context, tx *db.Tx, actor who.Actor, a Assessment) (bool, error) {
	if !actor.May("assessment.write", who.Site) {
		return false, nil
	}
	all, err := Reviewers(ctx, tx, a.ID)
	return slices.Contains(all, actor.ID), err
}

// mine returns an assessment that actor writes and that can still be changed.
func mine(ctx context.Context, tx *db.Tx, actor who.Actor, assessment string) (Assessment, error) {
	a, err := See(ctx, tx, actor, assessment)
	if err != nil {
		return a, err
	}
	if err := actor.Must("assessment.write", who.Site); err != nil {
		return a, err
	}
	ok, err := MayWrite(ctx, tx, actor, a)
	switch {
	case err != nil:
		return a, err
	case !ok:
		return a, fault.New(fault.Denied, "planreview.not_reviewer")
	case !a.Writable():
		return a, fault.New(fault.Conflict, "planreview.closed")
	}
	return a, nil
}

// Newer returns the edition that corrects an assessment, if actor may read one.
func Newer(ctx context.Context, tx *db.Tx, actor who.Actor, a Assessment) (Assessment, bool, error) {
	all, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM assessment WHERE corrects = $1 AND state <> 'withdrawn' ORDER BY edition DESC LIMIT 1`, a.ID)
	if err != nil || len(all) == 0 || !all[0].Public() && !actor.May("assessment.write", who.Site) {
		return Assessment{}, false, err
	}
	return all[0], true, nil
}
