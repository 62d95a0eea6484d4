package joint

import (
	"context"
	"slices"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// Role is what an organisation does in a project.
type Role string

// The roles.
const (
	Lead        Role = "lead"
	CoLead      Role = "co_lead"
	Contributor Role = "contributor"
	Monitor     Role = "monitor"
)

// Roles are all roles in the order in which pages show them.
var Roles = []Role{Lead, CoLead, Contributor, Monitor}

// maxPartners is how many organisations take part in a project at most.
const maxPartners = 50

// newRole is why a partner's row ended when it got another role.
const newRole = "role"

// Partner is an organisation that takes part, or is asked to.
type Partner struct {
	ID        string
	Joint     string
	Org       string
	Role      Role
	Invited   db.Time
	InvitedBy string
	Joined    db.Time // when its own account said so; zero while it is only invited
	JoinedBy  string
	Left      db.Time
	Reason    string // why it left
}

const partnerColumns = `id, joint, org, role, invited, invited_by, joined, joined_by, left_at, reason`

func partnerFields(p *Partner) []any {
	return []any{&p.ID, &p.Joint, &p.Org, &p.Role, &p.Invited, &p.InvitedBy, &p.Joined, &p.JoinedBy, &p.Left, &p.Reason}
}

// In reports whether the organisation takes part now.
func (p *Partner) In() bool { return !p.Joined.IsZero() && p.Left.IsZero() }

// Waits reports whether it was asked and has not said anything yet.
func (p *Partner) Waits() bool { return p.Joined.IsZero() && p.Left.IsZero() }

// Replaced reports whether it goes on in another role.
func (p *Partner) Replaced() bool { return !p.Left.IsZero() && p.Reason == newRole }

// Partners returns who takes part in a project, who was asked, and who left, the
// first one first.
func Partners(ctx context.Context, tx *db.Tx, project string) ([]Partner, error) {
	return db.List(ctx, tx, partnerFields, `SELECT `+partnerColumns+` FROM joint_partner WHERE joint = $1 ORDER BY invited, id`, project)
}

func (p *Partner) insert(ctx context.Context, tx *db.Tx, actor who.Actor) error {
	p.ID, p.Invited, p.InvitedBy = id.New(tx.Now), db.Time{Time: tx.Now}, actor.ID
	_, err := tx.Exec(ctx, `INSERT INTO joint_partner (`+partnerColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		p.ID, p.Joint, p.Org, p.Role, p.Invited, p.InvitedBy, p.Joined, p.JoinedBy, p.Left, p.Reason)
	return err
}

// Invite asks an organisation to take part; it does once somebody who acts for
// it joins. One that takes part already is asked to take another role, and keeps
// the one it has until it agrees.
func (p *Projects) Invite(ctx context.Context, actor who.Actor, in Partner) (out Partner, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = InviteIn(ctx, tx, actor, in); return err })
	return out, err
}

// InviteIn is Invite in a transaction that the caller has.
func InviteIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Partner) (Partner, error) {
	pr, err := leading(ctx, tx, actor, in.Joint)
	if err != nil {
		return Partner{}, err
	}
	if !slices.Contains(Roles, in.Role) {
		return Partner{}, fault.Fields{{Name: "role", Key: "fault.choice"}}
	}
	if err := exists(ctx, tx, "org", in.Org); err != nil {
		return Partner{}, err
	}
	all, err := Partners(ctx, tx, pr.ID)
	if err != nil {
		return Partner{}, err
	}
	if err := askable(ctx, tx, all, in); err != nil {
		return Partner{}, err
	}
	out := Partner{Joint: pr.ID, Org: in.Org, Role: in.Role}
	if err := out.insert(ctx, tx, actor); err != nil {
		return Partner{}, err
	}
	return out, pr.tell(ctx, tx, actor, "joint.partner_invited", "", nil, out.said())
}

// askable refuses to ask an organisation twice, or one that is a partner under
// another name.
func askable(ctx context.Context, tx *db.Tx, all []Partner, in Partner) error {
	if len(all) >= maxPartners {
		return fault.Fields{{Name: "org", Key: "joint.many", Args: []any{"max", maxPartners}}}
	}
	theirs, err := line(ctx, tx, in.Org)
	if err != nil {
		return err
	}
	for _, x := range all {
		if !x.Left.IsZero() {
			continue
		}
		if x.Org == in.Org {
			switch {
			case x.Waits():
				return fault.Fields{{Name: "org", Key: "joint.asked_already"}}
			case x.Role == in.Role:
				return fault.Fields{{Name: "org", Key: "joint.partner_already"}}
			case x.Role == Lead:
				return fault.Fields{{Name: "role", Key: "joint.lead_stays"}}
			}
			continue
		}
		others, err := line(ctx, tx, x.Org)
		if err != nil {
			return err
		}
		if shared(theirs, others) {
			return fault.Fields{{Name: "org", Key: "joint.partner_already"}}
		}
	}
	return nil
}

// said is what the log keeps of a partner.
func (p *Partner) said() map[string]any {
	return map[string]any{"partner": p.Org, "role": p.Role, "id": p.ID}
}

// Join says, for an organisation that was asked, that it takes part. Only
// somebody who acts for it may. Who joins as lead takes the lead over; the former
// one becomes co-lead.
func (p *Projects) Join(ctx context.Context, actor who.Actor, partner string) (out Partner, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = joinIn(ctx, tx, actor, partner); return err })
	return out, err
}

func joinIn(ctx context.Context, tx *db.Tx, actor who.Actor, partner string) (Partner, error) {
	v, pr, err := ownPartner(ctx, tx, actor, partner)
	if err != nil {
		return v, err
	}
	switch {
	case !v.Joined.IsZero():
		return v, fault.New(fault.Conflict, "joint.joined_already")
	case !pr.State.Open():
		return v, fault.New(fault.Conflict, "joint.closed")
	}
	if _, err := tx.Exec(ctx, `UPDATE joint_partner SET left_at = $4, reason = $5 WHERE joint = $1 AND org = $2 AND id <> $3 AND left_at IS NULL`,
		pr.ID, v.Org, v.ID, tx.Now.UnixMicro(), newRole); err != nil {
		return v, err
	}
	v.Joined, v.JoinedBy = db.Time{Time: tx.Now}, actor.ID
	if err := tx.MustChange(ctx, `UPDATE joint_partner SET joined = $2, joined_by = $3 WHERE id = $1 AND joined IS NULL`, v.ID, v.Joined, actor.ID); err != nil {
		return v, err
	}
	if v.Role == Lead && pr.Lead != v.Org {
		if err := pr.handOver(ctx, tx, v); err != nil {
			return v, err
		}
	}
	return v, pr.tell(ctx, tx, actor, "joint.partner_joined", "", nil, v.said())
}

// handOver makes another partner the lead; the former one becomes co-lead.
func (p *Project) handOver(ctx context.Context, tx *db.Tx, to Partner) error {
	if _, err := tx.Exec(ctx, `UPDATE joint_partner SET role = $3 WHERE joint = $1 AND role = $4 AND id <> $2 AND left_at IS NULL`,
		p.ID, to.ID, CoLead, Lead); err != nil {
		return err
	}
	p.Lead, p.Changed = to.Org, db.Time{Time: tx.Now}
	_, err := tx.Exec(ctx, `UPDATE joint SET lead = $2, changed = $3, version = version + 1 WHERE id = $1`, p.ID, p.Lead, p.Changed)
	return err
}

// ownPartner returns a partner that has not left, for which actor acts.
func ownPartner(ctx context.Context, tx *db.Tx, actor who.Actor, partner string) (Partner, Project, error) {
	v, err := db.Get(ctx, tx, partnerFields, `SELECT `+partnerColumns+` FROM joint_partner WHERE id = $1 AND left_at IS NULL`, partner)
	if err != nil {
		return v, Project{}, err
	}
	pr, err := Get(ctx, tx, v.Joint)
	if err != nil {
		return v, pr, err
	}
	_, err = mustAct(ctx, tx, actor, v.Org)
	return v, pr, err
}

// mustAct returns for which organisation actor speaks for a partner, or why not.
func mustAct(ctx context.Context, tx *db.Tx, actor who.Actor, partner string) (string, error) {
	as, err := Acting(ctx, tx, actor, partner)
	if err != nil || as != "" {
		return as, err
	}
	if err := actor.Must("joint.speak", who.In(partner)); err != nil {
		return "", err
	}
	return "", fault.New(fault.Denied, "joint.not_its_account")
}

// Leave takes an organisation out, at its own word, with a public reason; or
// declines an invitation. What it pledged and has not said to be kept is withdrawn
// with it, unless its day has passed. The lead hands over first.
func (p *Projects) Leave(ctx context.Context, actor who.Actor, partner, reason string) (out Partner, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error {
		v, pr, err := ownPartner(ctx, tx, actor, partner)
		if err != nil {
			return err
		}
		out = v
		if v.Role == Lead && pr.Lead == v.Org {
			return fault.New(fault.Invalid, "joint.lead_stays")
		}
		return out.leave(ctx, tx, actor, pr, reason, "joint.partner_left")
	})
	return out, err
}

// Uninvite takes back an invitation that nobody answered yet; the lead may.
func (p *Projects) Uninvite(ctx context.Context, actor who.Actor, partner, reason string) (out Partner, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error {
		if out, err = db.Get(ctx, tx, partnerFields, `SELECT `+partnerColumns+` FROM joint_partner WHERE id = $1 AND left_at IS NULL`, partner); err != nil {
			return err
		}
		pr, err := leading(ctx, tx, actor, out.Joint)
		switch {
		case err != nil:
			return err
		case !out.Waits():
			return fault.New(fault.Conflict, "joint.joined_already")
		case out.Role == Lead && pr.Lead == out.Org:
			return fault.New(fault.Invalid, "joint.lead_stays")
		}
		return out.leave(ctx, tx, actor, pr, reason, "joint.partner_uninvited")
	})
	return out, err
}

func (p *Partner) leave(ctx context.Context, tx *db.Tx, actor who.Actor, pr Project, reason, verb string) error {
	var f fault.Fields
	f.Require("reason", reason)
	f.MaxLen("reason", reason, maxWord)
	if err := f.Err(); err != nil {
		return err
	}
	stays := false // it goes on in the role that it had
	if p.Waits() {
		all, err := Partners(ctx, tx, pr.ID)
		if err != nil {
			return err
		}
		stays = slices.ContainsFunc(all, func(x Partner) bool { return x.Org == p.Org && x.In() })
	}
	p.Left, p.Reason = db.Time{Time: tx.Now}, reason
	if err := tx.MustChange(ctx, `UPDATE joint_partner SET left_at = $2, reason = $3 WHERE id = $1 AND left_at IS NULL`, p.ID, p.Left, reason); err != nil {
		return err
	}
	if !stays {
		if err := withdrawAll(ctx, tx, actor, pr, p.Org, reason); err != nil {
			return err
		}
	}
	return pr.tell(ctx, tx, actor, verb, reason, nil, p.said())
}
