package plan

import (
	"context"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// Planned is what a plan says of a milestone.
type Planned struct {
	ID         string `json:"id"`
	Title      string `json:"title"`
	Output     string `json:"output"` // what can be seen when it is done: what makes it verifiable
	Start      string `json:"start_date"`
	End        string `json:"end_date"`
	Lead       string `json:"lead"` // organisation; empty for the commitment's
	Supporting string `json:"supporting"`
	Indicator  string `json:"indicator"`
	Baseline   string `json:"baseline"`
	Target     string `json:"target"`
	Budget     string `json:"budget"`
}

// Milestone is a step of a commitment.
type Milestone struct {
	Planned
	Commitment string
	Position   int
	Removed    bool
	Created    db.Time
	Version    int
}

const milestoneColumns = `id, commitment, position, title, output, start_date, end_date, lead, supporting, indicator, baseline, target, budget,
	removed, created, version`

func milestoneFields(m *Milestone) []any {
	return []any{
		&m.ID, &m.Commitment, &m.Position, &m.Title, &m.Output, &m.Start, &m.End, &m.Lead, &m.Supporting, &m.Indicator, &m.Baseline,
		&m.Target, &m.Budget, &m.Removed, &m.Created, &m.Version,
	}
}

func (m *Milestone) check() error {
	m.Title, m.Output = strings.TrimSpace(m.Title), strings.TrimSpace(m.Output)
	var f fault.Fields
	f.Require("title", m.Title)
	f.MaxLen("title", m.Title, 500)
	for name, text := range map[string]string{
		"output": m.Output, "supporting": m.Supporting, "indicator": m.Indicator, "baseline": m.Baseline,
		"target": m.Target, "budget": m.Budget,
	} {
		f.MaxLen(name, text, 2000)
	}
	CheckDay(&f, "start_date", m.Start)
	CheckDay(&f, "end_date", m.End)
	if m.Start != "" && m.End != "" && m.End < m.Start {
		f.Add("end_date", "plan.ends_before")
	}
	return f.Err()
}

// Milestones returns those of a commitment that were not taken out, in order.
func Milestones(ctx context.Context, tx *db.Tx, commitment string) ([]Milestone, error) {
	return db.List(ctx, tx, milestoneFields, `SELECT `+milestoneColumns+` FROM milestone WHERE commitment = $1 AND NOT removed ORDER BY position, id`, commitment)
}

// MilestoneByID returns a milestone that was not taken out.
func MilestoneByID(ctx context.Context, tx *db.Tx, milestone string) (Milestone, error) {
	return db.Get(ctx, tx, milestoneFields, `SELECT `+milestoneColumns+` FROM milestone WHERE id = $1 AND NOT removed`, milestone)
}

// MilestonesOf returns the milestones of a plan by commitment, in order.
func MilestonesOf(ctx context.Context, tx *db.Tx, plan string) (map[string][]Milestone, error) {
	all, err := db.List(ctx, tx, milestoneFields, `SELECT `+prefixed("m", milestoneColumns)+` FROM milestone m JOIN commitment c ON c.id = m.commitment
		WHERE c.plan = $1 AND NOT m.removed ORDER BY m.position, m.id`, plan)
	out := map[string][]Milestone{}
	for _, m := range all {
		out[m.Commitment] = append(out[m.Commitment], m)
	}
	return out, err
}

// prefixed puts a table's short name before each of its columns.
func prefixed(table, columns string) string {
	names := strings.Split(columns, ",")
	for i, n := range names {
		names[i] = table + "." + strings.TrimSpace(n)
	}
	return strings.Join(names, ", ")
}

// Mile is a change to the milestones of a commitment.
type Mile struct {
	Milestone        // with an empty ID for a new one; Removed takes it out
	Seen      int    // version of the commitment that was seen
	Reason    string // for an amendment
	Decision  string
}

// SaveMilestone adds, changes or takes out a milestone. It is a new version of
// the commitment, and in a plan that was delivered an amendment.
func (p *Plans) SaveMilestone(ctx context.Context, actor who.Actor, m Mile) (out Milestone, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = p.saveMilestone(ctx, tx, actor, m); return err })
	return out, err
}

func (p *Plans) saveMilestone(ctx context.Context, tx *db.Tx, actor who.Actor, in Mile) (Milestone, error) {
	c, pl, err := mayDraft(ctx, tx, actor, in.Commitment)
	if err != nil {
		return Milestone{}, err
	}
	ch := change{verb: "commitment.milestone", before: &c, reason: in.Reason, decision: in.Decision}
	if !pl.Open() {
		ch.verb = "commitment.amended"
		if err := p.mayAmend(ctx, tx, actor, c, pl, Save{Reason: in.Reason, Decision: in.Decision}); err != nil {
			return Milestone{}, err
		}
	}
	m := in.Milestone
	if err := m.check(); err != nil {
		return Milestone{}, err
	}
	if err := notFar(tx.Now, "start_date", m.Start, "end_date", m.End); err != nil {
		return Milestone{}, err
	}
	if err := exists(ctx, tx, "lead", m.Lead); err != nil {
		return Milestone{}, err
	}
	if m.ID == "" {
		err = m.insert(ctx, tx)
	} else {
		err = m.update(ctx, tx)
	}
	if err != nil {
		return Milestone{}, err
	}
	if c.State == Agreed || c.State == Active {
		ms, err := Milestones(ctx, tx, c.ID)
		if err == nil {
			err = c.Ready(ms)
		}
		if err != nil {
			return Milestone{}, err
		}
	}
	now := c
	now.Changed = db.Time{Time: tx.Now}
	if err := now.restage(ctx, tx, in.Seen); err != nil {
		return Milestone{}, err
	}
	now.Version++
	return m, now.settle(ctx, tx, actor, pl, ch)
}

func (m *Milestone) insert(ctx context.Context, tx *db.Tx) error {
	n, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM milestone WHERE commitment = $1`, m.Commitment)
	if err != nil {
		return err
	}
	if n >= 200 {
		return fault.Fields{{Name: "title", Key: "plan.many_milestones", Args: []any{"max", 200}}}
	}
	m.ID, m.Position, m.Removed, m.Created, m.Version = id.New(tx.Now), n+1, false, db.Time{Time: tx.Now}, 1
	_, err = tx.Exec(ctx, `INSERT INTO milestone (`+milestoneColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		m.ID, m.Commitment, m.Position, m.Title, m.Output, m.Start, m.End, m.Lead, m.Supporting, m.Indicator, m.Baseline, m.Target, m.Budget,
		m.Removed, m.Created, m.Version)
	return err
}

func (m *Milestone) update(ctx context.Context, tx *db.Tx) error {
	return tx.MustChange(ctx, `UPDATE milestone SET title = $3, output = $4, start_date = $5, end_date = $6, lead = $7, supporting = $8, indicator = $9,
		baseline = $10, target = $11, budget = $12, removed = $13, version = version + 1 WHERE id = $1 AND commitment = $2`,
		m.ID, m.Commitment, m.Title, m.Output, m.Start, m.End, m.Lead, m.Supporting, m.Indicator, m.Baseline, m.Target, m.Budget, m.Removed)
}
