package moderation

import (
	"context"
	"embed"
	"errors"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database; it comes after record's.
var Schema = db.Schema{Module: "moderation", Files: files}

// Words are this module's sentences, keys "moderation.…".
//
//go:embed locale/*.json
var Words embed.FS

// Rules say who may report and appeal. Deciding is package record's
// "record.moderate".
var Rules = []who.Rule{
	{Action: "moderation.report", Site: []who.Role{who.Resident}},
	{Action: "moderation.appeal", Own: true},
}

// RuleCount is how many rules there are for contributions; they are numbered
// from 1 and their words are "moderation.rule.N".
const RuleCount = 6

// AppealFor is for how long an author may appeal, and Target how soon the first
// decision should be there.
const (
	AppealFor = 14 * 24 * time.Hour
	Target    = 24 * time.Hour
)

// State is how far a case is.
type State string

// The states of a case.
const (
	Open     State = "open"
	Taken    State = "taken"
	Decided  State = "decided"
	Appealed State = "appealed"
	Closed   State = "closed"
)

// Outcome is what was decided.
type Outcome string

// The outcomes of a case, and those of an appeal.
const (
	Hidden   Outcome = "hidden"
	Kept     Outcome = "kept"
	Upheld   Outcome = "upheld"
	Reversed Outcome = "reversed"
)

// Case is one contribution that somebody has to decide about.
type Case struct {
	ID        string
	Comment   string
	Of        record.Ref
	Org       string
	Author    string
	Source    string // "report", "held" or, of a moderator's own accord, "moderator"
	Reporter  string
	Message   string
	Reports   int
	State     State
	TakenBy   string
	Rule      int
	Outcome   Outcome
	Reason    string
	DecidedBy string
	Appeal    string
	Result    Outcome // of the appeal
	Opened    db.Time
	Decided   db.Time
	Ended     db.Time
}

const columns = `id, comment, kind, record, org, author, source, reporter, message, reports, state, taken_by, rule, outcome, reason, decided_by,
	appeal, appeal_outcome, opened, decided, ended`

func fields(c *Case) []any {
	return []any{
		&c.ID, &c.Comment, &c.Of.Kind, &c.Of.ID, &c.Org, &c.Author, &c.Source, &c.Reporter, &c.Message, &c.Reports, &c.State, &c.TakenBy,
		&c.Rule, &c.Outcome, &c.Reason, &c.DecidedBy, &c.Appeal, &c.Result, &c.Opened, &c.Decided, &c.Ended,
	}
}

func get(ctx context.Context, tx *db.Tx, key string) (Case, error) {
	return db.Get(ctx, tx, fields, `SELECT `+columns+` FROM moderation_case WHERE id = $1`, key)
}

// Late reports whether the first decision has been due.
func (c Case) Late(now time.Time) bool {
	return c.Decided.IsZero() && now.Sub(c.Opened.Time) > Target
}

// MayAppeal reports whether a person may appeal at a time.
func (c Case) MayAppeal(person string, now time.Time) bool {
	return c.State == Decided && c.Outcome == Hidden && c.Author == person && person != "" && now.Sub(c.Decided.Time) < AppealFor
}

// impartial refuses a moderator who has a part in the matter.
func (c Case) impartial(actor who.Actor) error {
	if actor.ID == c.Author || actor.ID == c.Reporter {
		return fault.New(fault.Denied, "moderation.own_matter")
	}
	for _, g := range actor.Grants {
		if g.Org != "" && g.Org == c.Org {
			return fault.New(fault.Denied, "moderation.own_org")
		}
	}
	return nil
}

// Desk is where cases are opened and decided.
type Desk struct {
	DB    *db.DB
	Kinds func() *record.Registry // known only once all modules are
	// Queues are what waits for moderators on pages of other services.
	Queues []Waiting
}

// Waiting is a queue of another service that moderators look after on its page.
type Waiting struct {
	Title string // key of its name
	Path  string
	Count func(ctx context.Context, tx *db.Tx) (int, error)
}

// open opens a case about a comment, or counts one more report of it.
func open(ctx context.Context, tx *db.Tx, c record.Comment, org, source, reporter, message string) error {
	_, err := tx.Exec(ctx, `INSERT INTO moderation_case (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, 'open', '', 0, '', '', '', '', '', $10, NULL, NULL)
		ON CONFLICT (comment) WHERE state IN ('open', 'taken') DO UPDATE SET reports = moderation_case.reports + 1`,
		id.New(tx.Now), c.ID, c.Of.Kind, c.Of.ID, org, c.Author, source, reporter, message, db.Time{Time: tx.Now})
	return err
}

// Report opens a case about a contribution that actor can see.
func (d *Desk) Report(ctx context.Context, actor who.Actor, comment, message string) error {
	if err := actor.Must("moderation.report", who.Site); err != nil {
		return err
	}
	var p fault.Fields
	p.Require("message", message)
	p.MaxLen("message", message, 1000)
	if err := p.Err(); err != nil {
		return err
	}
	return d.DB.Update(ctx, func(tx *db.Tx) error {
		c, card, err := d.about(ctx, tx, actor, comment)
		if err != nil {
			return err
		}
		if c.State == record.Hidden {
			return fault.New(fault.Conflict, "moderation.hidden_already")
		}
		if err := open(ctx, tx, c, card.Org, "report", actor.ID, message); err != nil {
			return err
		}
		_, err = activity.Append(ctx, tx, activity.Entry{
			Actor: actor.ID, Verb: "comment.reported", Kind: c.Of.Kind, Record: c.Of.ID, Org: card.Org,
			Title: card.Written, After: map[string]string{"comment": c.ID},
		})
		return err
	})
}

// about reads a comment with the card of its record, both as actor sees them.
func (d *Desk) about(ctx context.Context, tx *db.Tx, actor who.Actor, comment string) (record.Comment, record.Card, error) {
	c, err := record.CommentByID(ctx, tx, actor, comment)
	if err != nil {
		return c, record.Card{}, err
	}
	card, err := d.Kinds().One(ctx, tx, actor, c.Of)
	return c, card, err
}

// Take says that a moderator looks after a case.
func (d *Desk) Take(ctx context.Context, actor who.Actor, key string) error {
	if err := actor.Must("record.moderate", who.Site); err != nil {
		return err
	}
	return d.DB.Update(ctx, func(tx *db.Tx) error {
		c, err := get(ctx, tx, key)
		if err != nil {
			return err
		}
		if err := c.impartial(actor); err != nil {
			return err
		}
		if c.State != Open {
			return fault.New(fault.Conflict, "moderation.not_open")
		}
		return tx.MustChange(ctx, `UPDATE moderation_case SET state = 'taken', taken_by = $2 WHERE id = $1`, key, actor.ID)
	})
}

// Decision is what a moderator decides.
type Decision struct {
	Outcome Outcome // Hidden or Kept; of an appeal Upheld or Reversed
	Rule    int     // which rule was broken; not asked for with Kept
	Reason  string
}

func (in Decision) check(appeal bool) error {
	var p fault.Fields
	good := in.Outcome == Hidden || in.Outcome == Kept
	if appeal {
		good = in.Outcome == Upheld || in.Outcome == Reversed
	}
	if !good {
		p.Add("outcome", "fault.choice")
	}
	if in.Outcome == Hidden && (in.Rule < 1 || in.Rule > RuleCount) {
		p.Add("rule", "fault.choice")
	}
	p.Require("reason", in.Reason)
	p.MaxLen("reason", in.Reason, 500)
	return p.Err()
}

// Decide ends a case: the contribution is hidden or kept, with a rule and a
// reason. Of an appeal it is the second decision.
func (d *Desk) Decide(ctx context.Context, actor who.Actor, key string, in Decision) error {
	if err := actor.Must("record.moderate", who.Site); err != nil {
		return err
	}
	return d.DB.Update(ctx, func(tx *db.Tx) error {
		c, err := get(ctx, tx, key)
		if err != nil {
			return err
		}
		return d.judge(ctx, tx, actor, c, in)
	})
}

// DecideAbout decides about a contribution that a moderator came across: in the
// case that waits, or in one that is opened and decided at once.
func (d *Desk) DecideAbout(ctx context.Context, actor who.Actor, comment string, in Decision) error {
	if err := actor.Must("record.moderate", who.Site); err != nil {
		return err
	}
	return d.DB.Update(ctx, func(tx *db.Tx) error {
		said, card, err := d.about(ctx, tx, actor, comment)
		if err != nil {
			return err
		}
		c, err := waiting(ctx, tx, comment)
		if errors.Is(err, db.ErrNotFound) {
			if said.State == record.Hidden {
				return fault.New(fault.Conflict, "moderation.hidden_already")
			}
			if err = open(ctx, tx, said, card.Org, "moderator", "", ""); err == nil {
				c, err = waiting(ctx, tx, comment)
			}
		}
		if err != nil {
			return err
		}
		return d.judge(ctx, tx, actor, c, in)
	})
}

// waiting returns the case about a comment that waits for its first decision.
func waiting(ctx context.Context, tx *db.Tx, comment string) (Case, error) {
	return db.Get(ctx, tx, fields, `SELECT `+columns+` FROM moderation_case WHERE comment = $1 AND state IN ('open', 'taken')`, comment)
}

// judge writes a decision into the case, the contribution and the log.
func (d *Desk) judge(ctx context.Context, tx *db.Tx, actor who.Actor, c Case, in Decision) error {
	if err := c.impartial(actor); err != nil {
		return err
	}
	switch {
	case c.State == Decided || c.State == Closed:
		return fault.New(fault.Conflict, "moderation.decided_already")
	case c.State == Appealed && c.DecidedBy == actor.ID:
		return fault.New(fault.Denied, "moderation.other_moderator")
	case c.State == Taken && c.TakenBy != actor.ID:
		return fault.New(fault.Conflict, "moderation.taken")
	}
	if err := in.check(c.State == Appealed); err != nil {
		return err
	}
	if err := settle(ctx, tx, actor, c, in); err != nil {
		return err
	}
	if in.Outcome != Upheld { // what is upheld is hidden already
		to := record.Visible
		if in.Outcome == Hidden {
			to = record.Hidden
		}
		if _, err := d.Kinds().Moderate(ctx, tx, actor, c.Comment, to, in.Reason); err != nil {
			return err
		}
	}
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: "moderation.decided", Kind: c.Of.Kind, Record: c.Of.ID, Org: c.Org,
		After: said{Case: c.ID, Outcome: in.Outcome, Rule: in.Rule},
	})
	return err
}

// said is what the log keeps of a decision or an appeal: no text.
type said struct {
	Case    string  `json:"case"`
	Outcome Outcome `json:"outcome,omitempty"`
	Rule    int     `json:"rule,omitempty"`
}

// settle writes the decision into the case.
func settle(ctx context.Context, tx *db.Tx, actor who.Actor, c Case, in Decision) error {
	now := db.Time{Time: tx.Now}
	if c.State == Appealed {
		return tx.MustChange(ctx, `UPDATE moderation_case SET state = 'closed', appeal_outcome = $2, reason = $3, ended = $4 WHERE id = $1 AND state = 'appealed'`,
			c.ID, in.Outcome, in.Reason, now)
	}
	return tx.MustChange(ctx, `UPDATE moderation_case SET state = 'decided', outcome = $2, rule = $3, reason = $4, decided_by = $5, decided = $6
		WHERE id = $1 AND state IN ('open', 'taken')`, c.ID, in.Outcome, in.Rule, in.Reason, actor.ID, now)
}

// AppealTo asks for a second decision about one's own contribution.
func (d *Desk) AppealTo(ctx context.Context, actor who.Actor, key, why string) error {
	var p fault.Fields
	p.Require("appeal", why)
	p.MaxLen("appeal", why, 2000)
	return d.DB.Update(ctx, func(tx *db.Tx) error {
		c, err := get(ctx, tx, key)
		if err != nil {
			return err
		}
		if err := actor.Must("moderation.appeal", who.Own(c.Author)); err != nil {
			return db.ErrNotFound // whose it is must not be told
		}
		if c.Author != actor.ID {
			return db.ErrNotFound
		}
		if !c.MayAppeal(actor.ID, tx.Now) {
			return fault.New(fault.Conflict, "moderation.no_appeal")
		}
		if err := p.Err(); err != nil {
			return err
		}
		if err := tx.MustChange(ctx, `UPDATE moderation_case SET state = 'appealed', appeal = $2 WHERE id = $1 AND state = 'decided'`, key, why); err != nil {
			return err
		}
		_, err = activity.Append(ctx, tx, activity.Entry{
			Actor: actor.ID, Verb: "moderation.appealed", Kind: c.Of.Kind, Record: c.Of.ID, Org: c.Org,
			After: said{Case: c.ID},
		})
		return err
	})
}

// Queue returns the cases that wait for a decision, appeals among them, the
// oldest first.
func Queue(ctx context.Context, tx *db.Tx, actor who.Actor) ([]Case, error) {
	if err := actor.Must("record.moderate", who.Site); err != nil {
		return nil, err
	}
	return db.List(ctx, tx, fields, `SELECT `+columns+` FROM moderation_case WHERE state IN ('open', 'taken', 'appealed') ORDER BY opened, id LIMIT 200`)
}

// Mine returns the decisions about what actor wrote, the newest first.
func Mine(ctx context.Context, tx *db.Tx, actor who.Actor) ([]Case, error) {
	if !actor.SignedIn() {
		return nil, fault.New(fault.SignIn, "who.sign_in")
	}
	return db.List(ctx, tx, fields, `SELECT `+columns+` FROM moderation_case WHERE author = $1 AND decided IS NOT NULL ORDER BY decided DESC, id DESC LIMIT 100`, actor.ID)
}

// Line is a decision as the public log shows it.
type Line struct {
	Rule    int     `json:"rule" doc:"Number of the rule; 0 for none"`
	Source  string  `json:"source" doc:"How the case opened: report or held"`
	Day     string  `json:"day" doc:"Of the decision"`
	Outcome Outcome `json:"outcome" doc:"hidden or kept"`
	Appeal  Outcome `json:"appeal,omitempty" doc:"upheld or reversed"`
}

// Log returns the newest decisions, without text and names.
func Log(ctx context.Context, tx *db.Tx, zone *time.Location, limit int) ([]Line, error) {
	cs, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM moderation_case WHERE decided IS NOT NULL ORDER BY decided DESC, id DESC LIMIT $1`, limit)
	out := make([]Line, len(cs))
	for i, c := range cs {
		out[i] = Line{c.Rule, c.Source, c.Decided.In(zone).Format(time.DateOnly), c.Outcome, c.Result}
	}
	return out, err
}

// Listener opens cases for what package record holds back.
func (d *Desk) Listener() activity.Listener {
	return activity.Listener{Name: "moderation", Handle: d.follow}
}

func (d *Desk) follow(ctx context.Context, tx *db.Tx, batch []activity.Event) error {
	for i := range batch {
		e := &batch[i]
		if e.Verb != "record.commented" && e.Verb != "record.comment_edited" {
			continue
		}
		var about struct{ Comment string }
		if err := e.Change(nil, &about); err != nil || about.Comment == "" {
			continue // erased
		}
		cs, err := db.List(ctx, tx, func(c *record.Comment) []any { return []any{&c.ID, &c.Of.Kind, &c.Of.ID, &c.Author} },
			`SELECT id, kind, record, author FROM record_comment WHERE id = $1 AND state = 'held'`, about.Comment)
		if err != nil {
			return err
		}
		for _, c := range cs {
			if err := open(ctx, tx, c, e.Org, "held", "", ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// subjects are what people choose a frequency for.
var subjects = []notify.Subject{{Name: "decision", Default: notify.Now, Direct: true}}

// notifies say whom the desk's events concern. Nobody else hears of them.
var notifies = []notify.Rule{{Verb: "moderation.decided", Subject: "decision", To: author, Silent: true}}

// author returns who wrote what a decision is about.
func author(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	var about said
	if err := e.Change(nil, &about); err != nil || about.Case == "" {
		return nil, nil // erased
	}
	return db.List(ctx, tx, db.One[string], `SELECT author FROM moderation_case WHERE id = $1`, about.Case)
}
