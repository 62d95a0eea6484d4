package plan

import (
	"context"
	"errors"
	"slices"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// PartyRoles are what an organisation does for a commitment.
var PartyRoles = []string{"lead", "co_lead", "contributor", "monitor"}

// Party is an organisation that takes part in a commitment.
type Party struct {
	ID          string
	Commitment  string
	Org         string
	Role        string // one of PartyRoles
	Added       db.Time
	AddedBy     string
	Confirmed   db.Time // when its own account said so; zero while it is only named
	ConfirmedBy string
	Left        db.Time
	Reason      string // why it left
}

const partyColumns = `id, commitment, org, role, added, added_by, confirmed, confirmed_by, left_at, reason`

func partyFields(p *Party) []any {
	return []any{&p.ID, &p.Commitment, &p.Org, &p.Role, &p.Added, &p.AddedBy, &p.Confirmed, &p.ConfirmedBy, &p.Left, &p.Reason}
}

// Parties returns who takes part in a commitment, those who left too.
func Parties(ctx context.Context, tx *db.Tx, commitment string) ([]Party, error) {
	return db.List(ctx, tx, partyFields, `SELECT `+partyColumns+` FROM commitment_party WHERE commitment = $1 ORDER BY added, id`, commitment)
}

// PartiesOf returns the parties of a plan's commitments by commitment, those who
// left too.
func PartiesOf(ctx context.Context, tx *db.Tx, plan string) (map[string][]Party, error) {
	all, err := db.List(ctx, tx, partyFields, `SELECT `+prefixed("p", partyColumns)+` FROM commitment_party p JOIN commitment c ON c.id = p.commitment
		WHERE c.plan = $1 ORDER BY p.added, p.id`, plan)
	out := map[string][]Party{}
	for _, p := range all {
		out[p.Commitment] = append(out[p.Commitment], p)
	}
	return out, err
}

// AddParty names an organisation as a party; it becomes one when somebody who
// acts for it confirms. One that is there already gets the new role, and has to
// confirm again.
func (p *Plans) AddParty(ctx context.Context, actor who.Actor, in Party) (out Party, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = AddPartyIn(ctx, tx, actor, in); return err })
	return out, err
}

// AddPartyIn is AddParty in a transaction that the caller has.
func AddPartyIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Party) (Party, error) {
	c, pl, err := mayDraft(ctx, tx, actor, in.Commitment)
	if err != nil {
		return Party{}, err
	}
	var f fault.Fields
	f.Require("org", in.Org)
	if !slices.Contains(PartyRoles, in.Role) {
		f.Add("role", "fault.choice")
	}
	if err := f.Err(); err != nil {
		return Party{}, err
	}
	if err := exists(ctx, tx, "org", in.Org); err != nil {
		return Party{}, err
	}
	if _, err := tx.Exec(ctx, `UPDATE commitment_party SET left_at = $3, reason = 'role' WHERE commitment = $1 AND org = $2 AND left_at IS NULL`,
		in.Commitment, in.Org, tx.Now.UnixMicro()); err != nil {
		return Party{}, err
	}
	in.ID, in.Added, in.AddedBy = id.New(tx.Now), db.Time{Time: tx.Now}, actor.ID
	if _, err := tx.Exec(ctx, `INSERT INTO commitment_party (`+partyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		in.ID, in.Commitment, in.Org, in.Role, in.Added, in.AddedBy, db.Time{}, "", db.Time{}, ""); err != nil {
		return Party{}, err
	}
	return in, c.tell(ctx, tx, actor, pl, "commitment.party_named", "", map[string]any{"party": in.Org, "role": in.Role})
}

// Confirm says, for an organisation, that it is a party. Only somebody who acts
// for it may; not even the office of the plan may do it in its place.
func (p *Plans) Confirm(ctx context.Context, actor who.Actor, party string) (Party, error) {
	return p.onParty(ctx, actor, party, "commitment.party_confirmed", func(tx *db.Tx, v *Party) error {
		if !v.Confirmed.IsZero() {
			return fault.New(fault.Conflict, "plan.confirmed_already")
		}
		v.Confirmed, v.ConfirmedBy = db.Time{Time: tx.Now}, actor.ID
		return tx.MustChange(ctx, `UPDATE commitment_party SET confirmed = $2, confirmed_by = $3 WHERE id = $1 AND confirmed IS NULL`, v.ID, v.Confirmed, actor.ID)
	})
}

// Leave takes an organisation out, at its own word, with a public reason.
func (p *Plans) Leave(ctx context.Context, actor who.Actor, party, reason string) (Party, error) {
	return p.onParty(ctx, actor, party, "commitment.party_left", func(tx *db.Tx, v *Party) error {
		var f fault.Fields
		f.Require("reason", reason)
		f.MaxLen("reason", reason, 2000)
		if err := f.Err(); err != nil {
			return err
		}
		v.Left, v.Reason = db.Time{Time: tx.Now}, reason
		return tx.MustChange(ctx, `UPDATE commitment_party SET left_at = $2, reason = $3 WHERE id = $1 AND left_at IS NULL`, v.ID, v.Left, reason)
	})
}

func (p *Plans) onParty(ctx context.Context, actor who.Actor, party, verb string, do func(*db.Tx, *Party) error) (out Party, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error {
		if out, err = db.Get(ctx, tx, partyFields, `SELECT `+partyColumns+` FROM commitment_party WHERE id = $1 AND left_at IS NULL`, party); err != nil {
			return err
		}
		c, pl, err := SeeCommitment(ctx, tx, actor, out.Commitment)
		if err != nil {
			return err
		}
		if err := actor.Must("commitment.confirm", who.In(out.Org)); err != nil {
			return err
		}
		if !actor.Has(who.Official, out.Org) && !actor.Has(who.Editor, out.Org) && !actor.Has(who.Member, out.Org) {
			return fault.New(fault.Denied, "plan.not_its_account") // an administrator may do everything but this
		}
		if err := do(tx, &out); err != nil {
			return err
		}
		return c.tell(ctx, tx, actor, pl, verb, out.Reason, map[string]any{"party": out.Org, "role": out.Role})
	})
	return out, err
}

// tell appends what became of a commitment, other than a new text, to the log.
func (c *Commitment) tell(ctx context.Context, tx *db.Tx, actor who.Actor, p Plan, verb, note string, after any) error {
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: verb, Kind: "commitment", Record: c.ID, Org: c.Answers(p), Title: c.Title, Note: note, Public: p.Public(), After: after,
	})
	return err
}

// exists refuses an organisation of a field that there is not; an empty one is
// none.
func exists(ctx context.Context, tx *db.Tx, field, key string) error {
	if key == "" {
		return nil
	}
	_, err := org.Get(ctx, tx, key)
	if errors.Is(err, db.ErrNotFound) {
		return fault.Fields{{Name: field, Key: "fault.choice"}}
	}
	return err
}
