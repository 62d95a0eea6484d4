package joint

import (
	"context"
	"embed"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "joint", Files: files}

// Words are this module's sentences.
//
//go:embed locale/*.json
var Words embed.FS

// Rules say who may do what with joint projects. Speaking for an organisation
// asks besides for an account of its own (SpeaksFor).
var Rules = []who.Rule{
	{Action: "joint.write", Org: []who.Role{who.Official, who.Editor, who.Member}},
	{Action: "joint.speak", Org: []who.Role{who.Official, who.Editor, who.Member}},
}

// Projects joins the joint projects with what they stand on.
type Projects struct {
	DB *db.DB
}

// State is how far a project has come.
type State string

// The states of a project.
const (
	Proposed  State = "proposed"
	Agreed    State = "agreed" // government and others have pledged, each by its own account
	UnderWay  State = "under_way"
	Completed State = "completed"
	Ended     State = "ended" // before it was completed; the reason says why
)

// States are all states in their order.
var States = []State{Proposed, Agreed, UnderWay, Completed, Ended}

// moves lists the states that may follow each one.
var moves = map[State][]State{
	Proposed: {Agreed, Ended},
	Agreed:   {UnderWay, Ended},
	UnderWay: {Completed, Ended},
}

// Next are the states that may follow a state.
func (s State) Next() []State { return moves[s] }

// Open reports whether a project may still change.
func (s State) Open() bool { return len(moves[s]) > 0 }

// Tone says how the state looks.
func (s State) Tone() string {
	return map[State]string{Proposed: "", Agreed: "going", UnderWay: "going", Completed: "done", Ended: "attention"}[s]
}

// Project is what several organisations mean to do together.
type Project struct {
	ID         string
	Title      string
	Problem    string // Markdown
	Objective  string // Markdown
	Budget     string // references to budget lines, in words
	Lang       string
	Commitment string // id of the commitment that it helps to keep; empty for none
	Lead       string // id of the organisation that leads
	State      State
	Reason     string // why it ended
	CreatedBy  string
	Created    db.Time
	Changed    db.Time
	Version    int
}

const columns = `id, title, problem, objective, budget, lang, commitment, lead, state, reason, created_by, created, changed, version`

func fields(p *Project) []any {
	return []any{
		&p.ID, &p.Title, &p.Problem, &p.Objective, &p.Budget, &p.Lang, &p.Commitment, &p.Lead, &p.State, &p.Reason, &p.CreatedBy, &p.Created,
		&p.Changed, &p.Version,
	}
}

// Ref names the project.
func (p *Project) Ref() record.Ref { return record.Ref{Kind: "joint", ID: p.ID} }

// How many characters the texts may have.
const MaxTitle, maxText, maxBudget, maxWord = 200, 20_000, 2000, 5000

func (p *Project) check() error {
	p.Title, p.Problem, p.Objective, p.Budget = strings.TrimSpace(p.Title), strings.TrimSpace(p.Problem), strings.TrimSpace(p.Objective), strings.TrimSpace(p.Budget)
	var f fault.Fields
	f.Require("title", p.Title)
	f.MaxLen("title", p.Title, MaxTitle)
	f.Require("problem", p.Problem)
	f.MaxLen("problem", p.Problem, maxText)
	f.Require("objective", p.Objective)
	f.MaxLen("objective", p.Objective, maxText)
	f.MaxLen("budget", p.Budget, maxBudget)
	if !i18n.Known(p.Lang) {
		f.Add("lang", "fault.choice")
	}
	return f.Err()
}

// Get returns a project: all are public from the moment they are proposed.
func Get(ctx context.Context, tx *db.Tx, project string) (Project, error) {
	return db.Get(ctx, tx, fields, `SELECT `+columns+` FROM joint WHERE id = $1`, project)
}

// Filter selects projects; the zero Filter selects all.
type Filter struct {
	State      State
	Commitment string
	Org        string // that is a partner, or invited
}

var order = db.Keyset{Columns: []string{"created", "id"}, Desc: true}

// List returns a page of projects, the latest first, and the cursor of the next
// page; "" at the end.
func List(ctx context.Context, tx *db.Tx, f Filter, cursor string, limit int) ([]Project, string, error) {
	q := asking{text: `SELECT ` + columns + ` FROM joint WHERE TRUE`}
	q.also(` AND state = ?`, string(f.State))
	q.also(` AND commitment = ?`, f.Commitment)
	q.also(` AND id IN (SELECT joint FROM joint_partner WHERE org = ? AND left_at IS NULL)`, f.Org)
	after, more, err := order.After(cursor, len(q.args)+1)
	if err != nil {
		return nil, "", err
	}
	out, err := db.List(ctx, tx, fields, q.text+` AND `+after+` `+order.OrderBy()+` LIMIT `+strconv.Itoa(limit+1), append(q.args, more...)...)
	if err != nil || len(out) <= limit {
		return out, "", err
	}
	last := out[limit-1]
	return out[:limit], db.Cursor(last.Created.UnixMicro(), last.ID), nil
}

// Propose stores a new project, led by in.Lead, for which actor acts.
func (p *Projects) Propose(ctx context.Context, actor who.Actor, in Project) (out Project, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = ProposeIn(ctx, tx, actor, in); return err })
	return out, err
}

// ProposeIn is Propose in a transaction that the caller has.
func ProposeIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Project) (Project, error) {
	if in.Lead == "" && actor.MayAnywhere("joint.write") {
		return Project{}, fault.Fields{{Name: "lead", Key: "fault.required"}}
	}
	if err := actor.Must("joint.write", who.In(in.Lead)); err != nil {
		return Project{}, err
	}
	if err := exists(ctx, tx, "lead", in.Lead); err != nil {
		return Project{}, err
	}
	if err := in.check(); err != nil {
		return Project{}, err
	}
	if err := linkable(ctx, tx, actor, in.Commitment); err != nil {
		return Project{}, err
	}
	in.ID, in.State, in.Reason, in.Version, in.CreatedBy = id.New(tx.Now), Proposed, "", 1, actor.ID
	in.Created, in.Changed = db.Time{Time: tx.Now}, db.Time{Time: tx.Now}
	if _, err := tx.Exec(ctx, `INSERT INTO joint (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		in.ID, in.Title, in.Problem, in.Objective, in.Budget, in.Lang, in.Commitment, in.Lead, in.State, in.Reason, in.CreatedBy, in.Created,
		in.Changed, in.Version); err != nil {
		return Project{}, err
	}
	if _, err := record.NewSlug(ctx, tx, in.Ref(), in.Title); err != nil {
		return Project{}, err
	}
	first := Partner{Joint: in.ID, Org: in.Lead, Role: Lead}
	if SpeaksFor(actor, in.Lead) {
		first.Joined, first.JoinedBy = in.Created, actor.ID
	}
	if err := first.insert(ctx, tx, actor); err != nil {
		return Project{}, err
	}
	if err := in.relink(ctx, tx, actor, ""); err != nil {
		return Project{}, err
	}
	return in, in.tell(ctx, tx, actor, "joint.proposed", "", nil, in.said())
}

// linkable refuses a commitment that there is not, or of a plan that is not
// public yet: the link would give it away.
func linkable(ctx context.Context, tx *db.Tx, actor who.Actor, commitment string) error {
	if commitment == "" {
		return nil
	}
	_, pl, err := plan.SeeCommitment(ctx, tx, actor, commitment)
	if err != nil || !pl.Public() {
		return fault.Fields{{Name: "commitment", Key: "joint.no_such_commitment"}}
	}
	return nil
}

// relink joins the project with its commitment in the chain, and takes it off
// the former one.
func (p *Project) relink(ctx context.Context, tx *db.Tx, actor who.Actor, former string) error {
	if former == p.Commitment {
		return nil
	}
	if former != "" {
		if err := record.Unlink(ctx, tx, actor, p.Ref(), "implements", record.Ref{Kind: "commitment", ID: former}); err != nil {
			return err
		}
	}
	if p.Commitment == "" {
		return nil
	}
	return record.Link(ctx, tx, actor, p.Ref(), "implements", record.Ref{Kind: "commitment", ID: p.Commitment})
}

// Edit changes the texts of an open project; whoever leads it may. db.ErrConflict
// says that somebody else was faster.
func (p *Projects) Edit(ctx context.Context, actor who.Actor, in Project) (out Project, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = EditIn(ctx, tx, actor, in); return err })
	return out, err
}

// EditIn is Edit in a transaction that the caller has.
func EditIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Project) (Project, error) {
	old, err := leading(ctx, tx, actor, in.ID)
	if err != nil {
		return Project{}, err
	}
	if err := in.check(); err != nil {
		return Project{}, err
	}
	if in.Commitment != old.Commitment {
		if err := linkable(ctx, tx, actor, in.Commitment); err != nil {
			return Project{}, err
		}
	}
	now := old
	now.Title, now.Problem, now.Objective, now.Budget, now.Lang, now.Commitment = in.Title, in.Problem, in.Objective, in.Budget, in.Lang, in.Commitment
	now.Changed = db.Time{Time: tx.Now}
	if err := tx.MustChange(ctx, `UPDATE joint SET title = $3, problem = $4, objective = $5, budget = $6, lang = $7, commitment = $8, changed = $9,
		version = version + 1 WHERE id = $1 AND version = $2`,
		now.ID, in.Version, now.Title, now.Problem, now.Objective, now.Budget, now.Lang, now.Commitment, now.Changed); err != nil {
		return Project{}, err
	}
	now.Version = in.Version + 1
	if old.Title != now.Title {
		if _, err := record.SetSlug(ctx, tx, now.Ref(), now.Title); err != nil {
			return Project{}, err
		}
	}
	if err := now.relink(ctx, tx, actor, old.Commitment); err != nil {
		return Project{}, err
	}
	return now, now.tell(ctx, tx, actor, "joint.changed", "", old.said(), now.said())
}

// leading returns an open project that actor leads.
func leading(ctx context.Context, tx *db.Tx, actor who.Actor, project string) (Project, error) {
	p, err := Get(ctx, tx, project)
	if err != nil {
		return p, err
	}
	if err := MustLead(ctx, tx, actor, p); err != nil {
		return p, err
	}
	if !p.State.Open() {
		return p, fault.New(fault.Conflict, "joint.closed")
	}
	return p, nil
}

// MustLead asks actor whether they may do what the lead does: those who act for
// it, or for whatever followed it.
func MustLead(ctx context.Context, tx *db.Tx, actor who.Actor, p Project) error {
	today, err := heirs(ctx, tx, p.Lead)
	if err != nil {
		return err
	}
	for _, o := range today {
		if actor.May("joint.write", who.In(o)) {
			return nil
		}
	}
	if len(today) > 0 && SpeaksFor(actor, p.Lead) && today[0] != p.Lead {
		return fault.New(fault.Denied, "joint.succeeded") // who follows it leads now
	}
	return actor.Must("joint.write", who.In(p.Lead))
}

// saying is what the log keeps of a project.
type saying struct {
	Budget     string `json:"budget"`
	Commitment string `json:"commitment"`
	Lead       string `json:"lead"`
	Objective  string `json:"objective"`
	Problem    string `json:"problem"`
	State      State  `json:"state"`
	Title      string `json:"title"`
}

func (p *Project) said() *saying {
	return &saying{Budget: p.Budget, Commitment: p.Commitment, Lead: p.Lead, Objective: p.Objective, Problem: p.Problem, State: p.State, Title: p.Title}
}

// tell appends what became of the project, or of something in it, to the log.
func (p *Project) tell(ctx context.Context, tx *db.Tx, actor who.Actor, verb, note string, before, after any) error {
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: verb, Kind: "joint", Record: p.ID, Org: p.Lead, Title: p.Title, Note: note, Public: true, Before: before, After: after,
	})
	return err
}
