package joint

import (
	"context"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who"
)

// Ready is what there is of the rule by which a project is agreed: at least one
// pledge of government and one of somebody else, each confirmed by its own
// account, and not both by one person.
type Ready struct {
	Government int // confirmed pledges
	Others     int
	OnePerson  bool // there are both, and one person confirmed them all
}

// Holds reports whether the rule holds.
func (r Ready) Holds() bool { return r.Government > 0 && r.Others > 0 && !r.OnePerson }

// ReadyOf counts what a project has of the rule.
func ReadyOf(ctx context.Context, tx *db.Tx, project string) (r Ready, err error) {
	all, err := Partners(ctx, tx, project)
	if err != nil {
		return r, err
	}
	var in []string
	for _, x := range all {
		if x.In() {
			in = append(in, x.Org)
		}
	}
	governs, err := Governs(ctx, tx, in)
	if err != nil {
		return r, err
	}
	confirmed, err := confirmers(ctx, tx, project)
	var people [2][]string // of the others, of government
	for _, c := range confirmed {
		switch government, known := governs[c.org]; {
		case !known: // it left
		case government:
			r.Government++
			people[1] = append(people[1], c.person)
		default:
			r.Others++
			people[0] = append(people[0], c.person)
		}
	}
	r.OnePerson = r.Government > 0 && r.Others > 0 && !two(people[0], people[1])
	return r, err
}

// confirmer is who confirmed a pledge for an organisation.
type confirmer struct{ org, person string }

// confirmers lists who confirmed the pledges of a project that were not taken
// back.
func confirmers(ctx context.Context, tx *db.Tx, project string) ([]confirmer, error) {
	return db.List(ctx, tx, func(c *confirmer) []any { return []any{&c.org, &c.person} },
		`SELECT p.org, w.person FROM joint_pledge p JOIN joint_word w ON w.pledge = p.id AND w.says = 'confirmed'
		WHERE p.joint = $1 AND p.state NOT IN ('offered', 'withdrawn') ORDER BY p.id`, project)
}

// two reports whether somebody of a and somebody of b are different people. Of
// somebody who was erased nobody can say that they were the same.
func two(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool {
		return slices.ContainsFunc(b, func(y string) bool { return x != y || x == "" })
	})
}

// Moving is one step of a project, as somebody asks for it.
type Moving struct {
	Joint   string
	Version int // at which they saw it
	To      State
	Reason  string // public; needed for Ended
}

// Move takes a project to its next state; whoever leads it may.
func (p *Projects) Move(ctx context.Context, actor who.Actor, m Moving) (out Project, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = MoveIn(ctx, tx, actor, m); return err })
	return out, err
}

// MoveIn is Move in a transaction that the caller has.
func MoveIn(ctx context.Context, tx *db.Tx, actor who.Actor, m Moving) (Project, error) {
	old, err := leading(ctx, tx, actor, m.Joint)
	if err != nil {
		return old, err
	}
	if !slices.Contains(moves[old.State], m.To) {
		return old, fault.New(fault.Conflict, "joint.bad_move")
	}
	m.Reason = strings.TrimSpace(m.Reason)
	if err := mayMove(ctx, tx, old, m); err != nil {
		return old, err
	}
	now := old
	now.State, now.Reason, now.Changed = m.To, m.Reason, db.Time{Time: tx.Now}
	if err := tx.MustChange(ctx, `UPDATE joint SET state = $3, reason = $4, changed = $5, version = version + 1 WHERE id = $1 AND version = $2`,
		now.ID, m.Version, now.State, now.Reason, now.Changed); err != nil {
		return old, err
	}
	now.Version = m.Version + 1
	return now, now.tell(ctx, tx, actor, "joint."+string(now.State), m.Reason, old.said(), now.said())
}

// mayMove checks what a step itself asks for.
func mayMove(ctx context.Context, tx *db.Tx, old Project, m Moving) error {
	var f fault.Fields
	f.MaxLen("reason", m.Reason, maxWord)
	if m.To == Ended {
		f.Require("reason", m.Reason)
	}
	if err := f.Err(); err != nil {
		return err
	}
	switch m.To {
	case Agreed, UnderWay: // what was pledged may have been withdrawn since
		r, err := ReadyOf(ctx, tx, old.ID)
		switch {
		case err != nil:
			return err
		case r.OnePerson:
			return fault.New(fault.Invalid, "joint.one_person")
		case !r.Holds():
			return fault.New(fault.Invalid, "joint.rule", "government", r.Government, "others", r.Others)
		}
	case Completed:
		return mayComplete(ctx, tx, old)
	}
	return nil
}

// mayComplete asks that every pledge has come to something, and every milestone
// to its end.
func mayComplete(ctx context.Context, tx *db.Tx, old Project) error {
	type open struct{ pledges, milestones int }
	n, err := db.Get(ctx, tx, func(o *open) []any { return []any{&o.pledges, &o.milestones} }, `SELECT
		(SELECT count(*) FROM joint_pledge WHERE joint = $1 AND state IN ('offered', 'confirmed', 'said_kept')),
		(SELECT count(*) FROM joint_milestone WHERE joint = $1 AND state IN ('planned', 'under_way'))`, old.ID)
	switch {
	case err != nil:
		return err
	case n.pledges > 0:
		return fault.New(fault.Invalid, "joint.open_pledges", "n", n.pledges)
	case n.milestones > 0:
		return fault.New(fault.Invalid, "joint.open_milestones", "n", n.milestones)
	}
	return nil
}
