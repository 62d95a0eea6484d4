package joint

import (
	"context"
	"slices"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// MilestoneState is how far a milestone is, as the lead says.
type MilestoneState string

// The states of a milestone.
const (
	Planned MilestoneState = "planned"
	Begun   MilestoneState = "under_way"
	Done    MilestoneState = "done"
	Dropped MilestoneState = "dropped" // the note says why
)

// MilestoneStates are all states in their order.
var MilestoneStates = []MilestoneState{Planned, Begun, Done, Dropped}

// maxMilestones is how many milestones a project has at most.
const maxMilestones = 100

// Milestone is a step of a project that can be seen.
type Milestone struct {
	ID      string
	Joint   string
	Title   string
	Due     string // civil day
	State   MilestoneState
	Note    string // what shows it, or why it was dropped
	Changed db.Time
	Version int
}

const milestoneColumns = `id, joint, title, due, state, note, changed, version`

func milestoneFields(m *Milestone) []any {
	return []any{&m.ID, &m.Joint, &m.Title, &m.Due, &m.State, &m.Note, &m.Changed, &m.Version}
}

// Late reports whether a day is after the milestone's and it is not done.
func (m *Milestone) Late(today string) bool {
	return today > m.Due && (m.State == Planned || m.State == Begun)
}

// Tone says how it looks on a day.
func (m *Milestone) Tone(today string) string {
	if m.Late(today) {
		return "late"
	}
	return map[MilestoneState]string{Planned: "", Begun: "going", Done: "done", Dropped: ""}[m.State]
}

// Milestones returns the milestones of a project by their dates.
func Milestones(ctx context.Context, tx *db.Tx, project string) ([]Milestone, error) {
	return db.List(ctx, tx, milestoneFields, `SELECT `+milestoneColumns+` FROM joint_milestone WHERE joint = $1 ORDER BY due, id`, project)
}

func (m *Milestone) check() error {
	m.Title, m.Note = strings.TrimSpace(m.Title), strings.TrimSpace(m.Note)
	var f fault.Fields
	f.Require("title", m.Title)
	f.MaxLen("title", m.Title, 300)
	f.Require("due", m.Due)
	plan.CheckDay(&f, "due", m.Due)
	f.MaxLen("note", m.Note, 2000)
	if !slices.Contains(MilestoneStates, m.State) {
		f.Add("state", "fault.choice")
	}
	if m.State == Done || m.State == Dropped {
		f.Require("note", m.Note)
	}
	return f.Err()
}

// SaveMilestone adds a milestone, or changes the one of in.ID; whoever leads may.
// db.ErrConflict says that somebody else was faster.
func (p *Projects) SaveMilestone(ctx context.Context, actor who.Actor, in Milestone) (out Milestone, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = SaveMilestoneIn(ctx, tx, actor, in); return err })
	return out, err
}

// SaveMilestoneIn is SaveMilestone in a transaction that the caller has.
func SaveMilestoneIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Milestone) (Milestone, error) {
	pr, err := leading(ctx, tx, actor, in.Joint)
	if err != nil {
		return in, err
	}
	if err := in.check(); err != nil {
		return in, err
	}
	if in.ID == "" {
		return in.insert(ctx, tx, actor, pr)
	}
	old, err := db.Get(ctx, tx, milestoneFields, `SELECT `+milestoneColumns+` FROM joint_milestone WHERE id = $1 AND joint = $2`, in.ID, pr.ID)
	if err != nil {
		return in, err
	}
	if err := tx.MustChange(ctx, `UPDATE joint_milestone SET title = $3, due = $4, state = $5, note = $6, changed = $7,
		version = version + 1 WHERE id = $1 AND version = $2`, in.ID, in.Version, in.Title, in.Due, in.State, in.Note, tx.Now.UnixMicro()); err != nil {
		return in, err
	}
	in.Changed, in.Version = db.Time{Time: tx.Now}, in.Version+1
	return in, pr.tell(ctx, tx, actor, "joint.milestone_changed", in.Note, old.said(), in.said())
}

func (m Milestone) insert(ctx context.Context, tx *db.Tx, actor who.Actor, pr Project) (Milestone, error) {
	n, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM joint_milestone WHERE joint = $1`, pr.ID)
	if err != nil {
		return m, err
	}
	if n >= maxMilestones {
		return m, fault.Fields{{Name: "title", Key: "joint.many", Args: []any{"max", maxMilestones}}}
	}
	m.ID, m.Changed, m.Version = id.New(tx.Now), db.Time{Time: tx.Now}, 1
	if _, err := tx.Exec(ctx, `INSERT INTO joint_milestone (`+milestoneColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		m.ID, m.Joint, m.Title, m.Due, m.State, m.Note, m.Changed, m.Version); err != nil {
		return m, err
	}
	return m, pr.tell(ctx, tx, actor, "joint.milestone_added", m.Note, nil, m.said())
}

// said is what the log keeps of a milestone.
func (m *Milestone) said() map[string]any {
	return map[string]any{"milestone": m.ID, "title": m.Title, "due": m.Due, "state": m.State, "note": m.Note}
}
