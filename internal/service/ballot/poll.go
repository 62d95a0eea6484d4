package ballot

import (
	"context"
	"embed"
	"encoding/json"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database; it comes after record's.
var Schema = db.Schema{Module: "ballot", Files: files}

// Words are this module's sentences, keys "ballot.…".
//
//go:embed locale/*.json
var Words embed.FS

// RecordKind is the name of polls among the kinds of records.
const RecordKind = "poll"

// Rules say who may run polls and cast ballots. For an organisation only those
// who hold a role in that very organisation cast; see Office.Cast.
var Rules = []who.Rule{
	{Action: "poll.write", Site: []who.Role{who.Secretariat}, Org: []who.Role{who.Official, who.Editor, who.Facilitator}},
	{Action: "ballot.cast", Own: true, Org: castRoles, Level: who.L1},
}

// castRoles are the roles that may cast for their organisation.
var castRoles = []who.Role{who.Official, who.Editor, who.Member}

// State is how far a poll is.
type State string

// The states of a poll, in their order; Aborted and Annulled are ends of their
// own. See doc.go for who moves what.
const (
	Draft       State = "draft"
	Declared    State = "declared"    // rules, options and electorate are fixed and in the log
	Open        State = "open"        // votes are taken
	Closed      State = "closed"      // no more votes; paper and lots may be waited for
	Provisional State = "provisional" // counted; objections are heard
	Final       State = "final"
	Aborted     State = "aborted"  // ended without a result
	Annulled    State = "annulled" // its result does not hold
)

// moves are the steps there are.
var moves = map[State][]State{
	Draft:       {Declared},
	Declared:    {Open, Aborted},
	Open:        {Closed, Aborted},
	Closed:      {Provisional, Aborted},
	Provisional: {Final, Annulled, Aborted},
}

// Poll is one question that an electorate decides.
type Poll struct {
	ID       string
	Slug     string     // filled in by ByKey alone
	Of       record.Ref // what it decides about; may be empty
	Org      string     // id of the organisation that answers for it
	Title    string
	Text     string // Markdown
	Lang     string
	Terms    Terms
	State    State
	Opens    db.Time
	Closes   db.Time
	Electors int
	Digest   string // of the electorate: see Office.Declare
	Closing  string // the entry of the log that closed it
	Seed     string // of the lot, in hexadecimal; empty until it is known
	Reason   string // why it was aborted or annulled
	Result   *Result
	Counted  db.Time // when the result became provisional
	MadeBy   string
	Created  db.Time
	Changed  db.Time
	Version  int64

	waits    db.Time
	reminded bool
}

// Ref names the poll among all records.
func (p Poll) Ref() record.Ref { return record.Ref{Kind: RecordKind, ID: p.ID} }

// TakesVotes reports whether a vote that comes at a time counts. The clock's
// moves may be late: what counts is the time itself.
func (p Poll) TakesVotes(at time.Time) bool {
	return (p.State == Declared || p.State == Open) && !at.Before(p.Opens.Time) && at.Before(p.Closes.Time)
}

// Over reports whether no vote will be taken any more at a time.
func (p Poll) Over(at time.Time) bool {
	return p.State != Draft && (p.State != Declared && p.State != Open || !at.Before(p.Closes.Time))
}

// Public reports whether everybody may see the poll.
func (p Poll) Public() bool { return p.State != Draft }

// Listed reports whether the ballots are public: votes are shown once nobody
// can be moved by them.
func (p Poll) Listed() bool {
	return p.State == Closed || p.State == Provisional || p.State == Final || p.State == Annulled
}

// ObjectUntil is when the window for objections ends; zero before the count.
func (p Poll) ObjectUntil() time.Time {
	if p.Counted.IsZero() {
		return time.Time{}
	}
	return p.Counted.Add(time.Duration(p.Terms.WindowHours) * time.Hour)
}

const columns = `id, of_kind, of_id, org, title, body, lang, rules, state, opens, closes, electors, digest, waits, reminded, closing, seed, reason,
	result, counted, made_by, created, changed, version`

type row struct {
	Poll
	terms  db.JSON[Terms]
	result string
}

func fields(r *row) []any {
	return []any{
		&r.ID, &r.Of.Kind, &r.Of.ID, &r.Org, &r.Title, &r.Text, &r.Lang, &r.terms, &r.State, &r.Opens, &r.Closes, &r.Electors, &r.Digest,
		&r.waits, &r.reminded, &r.Closing, &r.Seed, &r.Reason, &r.result, &r.Counted, &r.MadeBy, &r.Created, &r.Changed, &r.Version,
	}
}

func (r row) poll() (Poll, error) {
	p := r.Poll
	p.Terms = r.terms.V
	if r.result == "" {
		return p, nil
	}
	p.Result = &Result{}
	return p, json.Unmarshal([]byte(r.result), p.Result)
}

// list reads polls by the end of a query.
func list(ctx context.Context, tx *db.Tx, rest string, args ...any) ([]Poll, error) {
	rows, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM poll `+rest, args...)
	out := make([]Poll, len(rows))
	for i, r := range rows {
		if out[i], err = r.poll(); err != nil {
			return nil, err
		}
	}
	return out, err
}

// Get returns a poll by its id, or db.ErrNotFound. The caller has checked that
// the reader may see it.
func Get(ctx context.Context, tx *db.Tx, poll string) (Poll, error) {
	r, err := db.Get(ctx, tx, fields, `SELECT `+columns+` FROM poll WHERE id = $1`, poll)
	if err != nil {
		return Poll{}, err
	}
	return r.poll()
}

// ByKey returns the poll that an address means, by its id or any slug it ever
// had; Poll.Slug is the present one. A poll that actor may not see is
// db.ErrNotFound.
func (o *Office) ByKey(ctx context.Context, tx *db.Tx, actor who.Actor, key string) (Poll, error) {
	ref, slug, err := record.Resolve(ctx, tx, RecordKind, key)
	if err != nil {
		return Poll{}, err
	}
	p, err := Get(ctx, tx, ref.ID)
	if err == nil && !p.Public() && o.mayRun(ctx, tx, actor, p) != nil {
		return Poll{}, db.ErrNotFound
	}
	p.Slug = slug
	return p, err
}

// Of returns the polls about a record, the newest first, drafts among them.
func Of(ctx context.Context, tx *db.Tx, ref record.Ref) ([]Poll, error) {
	return list(ctx, tx, `WHERE of_kind = $1 AND of_id = $2 ORDER BY id DESC`, ref.Kind, ref.ID)
}

// Host is what a domain says about the polls that it sets up, by the kind of
// record that they are about (Office.Hosts). Both functions are asked inside the
// transaction that acts.
type Host struct {
	// May returns nil if actor may run the poll: edit, declare, extend, recuse,
	// finish it. nil asks for "poll.write" in the poll's organisation.
	May func(ctx context.Context, tx *db.Tx, actor who.Actor, p Poll) error
	// Eligible returns the key of a sentence that says why a voter of the
	// electorate may not vote at a moment (a term that has ended), or "". It is
	// asked at every vote, online or of paper.
	Eligible func(ctx context.Context, tx *db.Tx, p Poll, v Voter, at db.Time) (reason string, err error)
}

// Office runs polls. Its verbs that take a transaction are parts of their
// caller's; they ask the actor first.
type Office struct {
	DB    *db.DB
	Hosts map[string]Host // by Poll.Of.Kind; filled before the first request
}

// mayRun asks whether actor may run a poll.
func (o *Office) mayRun(ctx context.Context, tx *db.Tx, actor who.Actor, p Poll) error {
	if h, ok := o.Hosts[p.Of.Kind]; ok && h.May != nil {
		return h.May(ctx, tx, actor, p)
	}
	return actor.Must("poll.write", who.In(p.Org))
}

// MayRun reports whether actor may run a poll.
func (o *Office) MayRun(ctx context.Context, tx *db.Tx, actor who.Actor, p Poll) bool {
	return o.mayRun(ctx, tx, actor, p) == nil
}

// run returns the poll that actor may run, and refuses another.
func (o *Office) run(ctx context.Context, tx *db.Tx, actor who.Actor, poll string) (Poll, error) {
	p, err := Get(ctx, tx, poll)
	if err != nil {
		return p, err
	}
	if err := o.mayRun(ctx, tx, actor, p); err != nil {
		if !p.Public() {
			return Poll{}, db.ErrNotFound
		}
		return Poll{}, err
	}
	return p, nil
}

// move takes a poll to another state, refuses a step that there is not, and
// appends what happened. after is what the log says besides.
func move(ctx context.Context, tx *db.Tx, actor string, p *Poll, to State, note string, after any) (entry string, err error) {
	if !p.may(to) {
		return "", fault.New(fault.Conflict, "ballot.no_step", "state", string(p.State), "to", string(to))
	}
	if err := tx.MustChange(ctx, `UPDATE poll SET state = $2, changed = $3, version = version + 1 WHERE id = $1 AND state = $4`,
		p.ID, to, db.Time{Time: tx.Now}, p.State); err != nil {
		return "", err
	}
	p.State, p.Changed, p.Version = to, db.Time{Time: tx.Now}, p.Version+1
	return tell(ctx, tx, actor, "poll."+verbs[to], *p, note, after)
}

// verbs are what the log says when a state is reached.
var verbs = map[State]string{
	Declared: "declared", Open: "opened", Closed: "closed", Provisional: "counted", Final: "finalised", Aborted: "aborted", Annulled: "annulled",
}

func (p Poll) may(to State) bool {
	for _, s := range moves[p.State] {
		if s == to {
			return true
		}
	}
	return false
}

// tell appends what happened to a poll.
func tell(ctx context.Context, tx *db.Tx, actor, verb string, p Poll, note string, after any) (string, error) {
	return activity.Append(ctx, tx, activity.Entry{
		Actor: actor, Verb: verb, Kind: RecordKind, Record: p.ID, Org: p.Org, Public: p.Public(), Title: p.Title, Note: note, After: after,
	})
}

// clock is the actor of what happens by itself.
const clock = "system:ballot"

// Create makes a draft and returns it with its slug.
func (o *Office) Create(ctx context.Context, tx *db.Tx, actor who.Actor, in Draftee) (Poll, error) {
	p := Poll{ID: id.New(tx.Now), Of: in.Of, Org: in.Org, State: Draft, MadeBy: actor.ID, Created: db.Time{Time: tx.Now}, Changed: db.Time{Time: tx.Now}, Version: 1}
	if err := o.mayRun(ctx, tx, actor, p); err != nil {
		return p, err
	}
	if err := in.apply(&p, tx.Now); err != nil {
		return p, err
	}
	var err error
	if p.Slug, err = record.NewSlug(ctx, tx, p.Ref(), p.Title); err != nil {
		return p, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO poll (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'draft', $9, $10, 0, '', NULL, FALSE, '', '', '', '', NULL, $11, $12, $12, 1)`,
		p.ID, p.Of.Kind, p.Of.ID, p.Org, p.Title, p.Text, p.Lang, db.JSON[Terms]{V: p.Terms}, p.Opens, p.Closes, p.MadeBy, p.Created); err != nil {
		return p, err
	}
	_, err = tell(ctx, tx, actor.ID, "poll.created", p, "", nil)
	return p, err
}

// Edit changes a draft. A version that is no longer the present one gives
// db.ErrConflict, and a poll that was declared a fault.Conflict.
func (o *Office) Edit(ctx context.Context, tx *db.Tx, actor who.Actor, poll string, version int64, in Draftee) (Poll, error) {
	p, err := o.run(ctx, tx, actor, poll)
	if err != nil {
		return p, err
	}
	if p.State != Draft {
		return p, fault.New(fault.Conflict, "ballot.fixed")
	}
	title := p.Title
	if err := in.apply(&p, tx.Now); err != nil {
		return p, err
	}
	if p.Title != title {
		if p.Slug, err = record.SetSlug(ctx, tx, p.Ref(), p.Title); err != nil {
			return p, err
		}
	}
	p.Version, p.Changed = version+1, db.Time{Time: tx.Now}
	if err := tx.MustChange(ctx, `UPDATE poll SET title = $2, body = $3, lang = $4, rules = $5, opens = $6, closes = $7, changed = $8, version = $9
		WHERE id = $1 AND state = 'draft' AND version = $10`, p.ID, p.Title, p.Text, p.Lang, db.JSON[Terms]{V: p.Terms}, p.Opens, p.Closes, p.Changed, p.Version, version); err != nil {
		return p, err
	}
	_, err = tell(ctx, tx, actor.ID, "poll.edited", p, "", nil)
	return p, err
}
