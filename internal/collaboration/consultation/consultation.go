package consultation

import (
	"context"
	"embed"
	"slices"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database; it comes after record's.
var Schema = db.Schema{Module: "consultation", Files: files}

// The kinds of records.
const (
	Kind           = "consultation"
	AnnotationKind = "annotation"
)

// Rules say who may put texts before the public, and who may write about them.
var Rules = []who.Rule{
	{Action: "consultation.write", Site: []who.Role{who.Secretariat}, Org: []who.Role{who.Official, who.Editor, who.Facilitator}},
	{Action: "annotation.write", Site: []who.Role{who.Resident}, Level: who.L1},
}

// State is how far a consultation is.
type State string

// The states of a consultation.
const (
	Draft     State = "draft"
	Published State = "published"
	Closed    State = "closed"
	Answered  State = "answered"
	Withdrawn State = "withdrawn"
)

// Consultation is a text that is put before the public.
type Consultation struct {
	ID           string
	Of           record.Ref // what the text is a draft of; may be empty
	Org          string     // id of the organisation that answers
	Title        string
	Introduction string // Markdown
	Lang         string
	Opens        db.Time // from this moment people may write
	Closes       db.Time // up to this moment, and not at it
	State        State
	Reason       string // why it was withdrawn
	Text         int    // number of the present version; 0 before the first
	CreatedBy    string
	Created      db.Time
	Changed      db.Time
	Published    db.Time // zero for a draft
	Ended        db.Time // when it was answered or withdrawn
	Version      int     // raised by every change; guards against lost edits

	next int // number of the next new paragraph
}

const columns = `id, of_kind, of_id, org, title, introduction, lang, opens, closes, state, reason, text, next_paragraph, created_by,
	created, changed, published, ended, version`

func fields(c *Consultation) []any {
	return []any{
		&c.ID, &c.Of.Kind, &c.Of.ID, &c.Org, &c.Title, &c.Introduction, &c.Lang, &c.Opens, &c.Closes, &c.State, &c.Reason, &c.Text,
		&c.next, &c.CreatedBy, &c.Created, &c.Changed, &c.Published, &c.Ended, &c.Version,
	}
}

func get(ctx context.Context, tx *db.Tx, id string) (Consultation, error) {
	return db.Get(ctx, tx, fields, `SELECT `+columns+` FROM consultation WHERE id = $1`, id)
}

// Ref names the consultation.
func (c Consultation) Ref() record.Ref { return record.Ref{Kind: Kind, ID: c.ID} }

// Path is its permanent address.
func (c Consultation) Path() string { return c.Ref().Path() }

// Open reports whether people may write at a time.
func (c Consultation) Open(now time.Time) bool {
	return c.State == Published && !now.Before(c.Opens.Time) && now.Before(c.Closes.Time)
}

// Over reports whether the time to write has ended at a time.
func (c Consultation) Over(now time.Time) bool {
	return c.State == Closed || c.State == Answered || c.State == Published && !now.Before(c.Closes.Time)
}

// Public reports whether anybody may read it.
func (c Consultation) Public() bool {
	return c.State == Published || c.State == Closed || c.State == Answered
}

// How many characters the texts may have.
const MaxTitle, MaxIntroduction, MaxReason = 200, 10_000, 1000

// Check reports what is wrong with the fields that a person fills in.
func (c Consultation) Check() error {
	var p fault.Fields
	p.Require("title", c.Title)
	p.MaxLen("title", c.Title, MaxTitle)
	p.Require("org", c.Org)
	p.MaxLen("introduction", c.Introduction, MaxIntroduction)
	if !i18n.Known(c.Lang) {
		p.Add("lang", "fault.choice")
	}
	if !c.Closes.IsZero() && !c.Closes.After(c.Opens.Time) {
		p.Add("closes", "consultation.closes_first")
	}
	return p.Err()
}

// Host lets those who answer for another kind of record work on the texts that
// are about it.
type Host struct {
	// May returns nil if actor may do action ("consultation.write") for texts
	// about the record with this id, beside those whom the rules name.
	May func(ctx context.Context, tx *db.Tx, actor who.Actor, action, id string) error
}

// Desk is where texts are put before the public and answered.
type Desk struct {
	DB    *db.DB
	Kinds func() *record.Registry // known only once all modules are
	Base  func() string           // public address: "https://open.gov.bz"
	Hosts map[string]Host         // by the kind of record that texts are about
}

// May returns nil if actor may work on a consultation.
func (d *Desk) May(ctx context.Context, tx *db.Tx, actor who.Actor, c Consultation) error {
	const action = "consultation.write"
	err := actor.Must(action, who.In(c.Org))
	if err == nil || actor.Only != nil && !slices.Contains(actor.Only, action) {
		return err
	}
	if h, ok := d.Hosts[c.Of.Kind]; ok && h.May != nil && actor.SignedIn() && h.May(ctx, tx, actor, action, c.Of.ID) == nil {
		return nil
	}
	return err
}

// See returns a consultation that actor may read: db.ErrNotFound for a draft
// that is not theirs, a fault with the reason for one that was withdrawn.
func (d *Desk) See(ctx context.Context, tx *db.Tx, actor who.Actor, id string) (Consultation, error) {
	c, err := get(ctx, tx, id)
	if err != nil || c.Public() || d.May(ctx, tx, actor, c) == nil {
		return c, err
	}
	if !c.Published.IsZero() {
		return Consultation{}, fault.New(fault.Gone, "consultation.withdrawn", "reason", c.Reason)
	}
	return Consultation{}, db.ErrNotFound
}

// work returns a consultation that actor may work on.
func (d *Desk) work(ctx context.Context, tx *db.Tx, actor who.Actor, id string) (Consultation, error) {
	c, err := d.See(ctx, tx, actor, id)
	if err == nil {
		err = d.May(ctx, tx, actor, c)
	}
	return c, err
}
