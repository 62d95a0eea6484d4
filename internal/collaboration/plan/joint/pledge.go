package joint

import (
	"context"
	"slices"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/ground/money"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Standing is how a pledge stands, by all that was said of it.
type Standing string

// The standings of a pledge.
const (
	Offered   Standing = "offered"
	Confirmed Standing = "confirmed" // by somebody who acts for the organisation that gives
	SaidKept  Standing = "said_kept" // by the organisation that gives, and by nobody else
	Kept      Standing = "kept"      // another partner says so too
	Disputed  Standing = "disputed"  // the one that gives says kept, another says not
	NotKept   Standing = "not_kept"
	Withdrawn Standing = "withdrawn"
)

// Standings are all standings in their order.
var Standings = []Standing{Offered, Confirmed, SaidKept, Kept, Disputed, NotKept, Withdrawn}

// Given reports whether an organisation has given its word and not taken it back.
func (s Standing) Given() bool { return s != Offered && s != Withdrawn }

// Settled reports whether nothing more is expected.
func (s Standing) Settled() bool { return s != Offered && s != Confirmed && s != SaidKept }

// maxPledges is how many pledges a project has at most.
const maxPledges = 300

// Pledge is what one organisation gives to a project.
type Pledge struct {
	ID      string
	Joint   string
	Org     string // that gives, as it is named in the project
	What    string
	InKind  bool
	Amount  money.Amount // 0 where it was not said, and for what is given in kind
	Due     string       // civil day
	State   Standing
	Since   db.Time // when it came to stand as it does
	Changed db.Time
	Version int
}

const pledgeColumns = `id, joint, org, what, in_kind, amount, currency, due, state, since, changed, version`

func pledgeFields(p *Pledge) []any {
	return []any{
		&p.ID, &p.Joint, &p.Org, &p.What, &p.InKind, &p.Amount.Minor, &p.Amount.Currency, &p.Due, &p.State, &p.Since, &p.Changed, &p.Version,
	}
}

// Ref names the pledge.
func (p *Pledge) Ref() record.Ref { return record.Ref{Kind: "pledge", ID: p.ID} }

// Overdue reports whether a day is after the one until which it was promised,
// and nobody says that it is kept.
func (p *Pledge) Overdue(today string) bool {
	return (p.State == Offered || p.State == Confirmed) && today > p.Due
}

// Word is the last part of the key of the word for how it stands on a day: a
// pledge of which nobody said anything in time is "silent".
func (p *Pledge) Word(today string) string {
	switch {
	case p.State == Confirmed && p.Overdue(today):
		return "silent"
	case p.Overdue(today):
		return "overdue"
	}
	return string(p.State)
}

// Tone says how it looks on a day. Nothing is done on the word of the one that
// gives alone.
func (p *Pledge) Tone(today string) string {
	if p.Overdue(today) {
		return "late"
	}
	return map[Standing]string{Offered: "attention", Confirmed: "going", SaidKept: "attention", Kept: "done", Disputed: "late", NotKept: "late", Withdrawn: ""}[p.State]
}

// Pledges returns the pledges of a project by their due dates.
func Pledges(ctx context.Context, tx *db.Tx, project string) ([]Pledge, error) {
	return db.List(ctx, tx, pledgeFields, `SELECT `+pledgeColumns+` FROM joint_pledge WHERE joint = $1 ORDER BY due, id`, project)
}

// PledgesOf returns the pledges of several projects, by project, in one query.
func PledgesOf(ctx context.Context, tx *db.Tx, projects []string) (map[string][]Pledge, error) {
	in, args := db.In(1, projects)
	all, err := db.List(ctx, tx, pledgeFields, `SELECT `+pledgeColumns+` FROM joint_pledge WHERE joint IN `+in+` ORDER BY due, id`, args...)
	out := map[string][]Pledge{}
	for _, p := range all {
		out[p.Joint] = append(out[p.Joint], p)
	}
	return out, err
}

// GetPledge returns a pledge.
func GetPledge(ctx context.Context, tx *db.Tx, pledge string) (Pledge, error) {
	return db.Get(ctx, tx, pledgeFields, `SELECT `+pledgeColumns+` FROM joint_pledge WHERE id = $1`, pledge)
}

func (p *Pledge) check(today string, f *fault.Fields) {
	p.What = strings.TrimSpace(p.What)
	f.Require("what", p.What)
	f.MaxLen("what", p.What, 1000)
	f.Require("due", p.Due)
	plan.CheckDay(f, "due", p.Due)
	if p.Due != "" && p.Due < today {
		f.Add("due", "joint.due_past")
	}
	if p.Amount.Currency == "" {
		p.Amount.Currency = "BZD"
	}
	switch {
	case p.InKind && p.Amount.Minor != 0:
		f.Add("amount", "joint.in_kind_amount")
	case p.Amount.Minor < 0 || p.Amount.Minor > 1e15:
		f.Add("amount", "joint.bad_amount")
	case !slices.Contains([]string{"BZD", "USD"}, p.Amount.Currency):
		f.Add("amount", "joint.bad_amount")
	}
}

// Offer writes a pledge down: for one's own organisation, or as the lead for a
// partner. It binds nobody until somebody who acts for the one that gives
// confirms it.
func (p *Projects) Offer(ctx context.Context, actor who.Actor, in Pledge) (out Pledge, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = OfferIn(ctx, tx, actor, in); return err })
	return out, err
}

// OfferIn is Offer in a transaction that the caller has.
func OfferIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Pledge) (Pledge, error) {
	pr, by, err := mayWord(ctx, tx, actor, in.Joint, in.Org)
	if err != nil {
		return Pledge{}, err
	}
	all, err := Partners(ctx, tx, pr.ID)
	if err != nil {
		return Pledge{}, err
	}
	var f fault.Fields
	if !slices.ContainsFunc(all, func(x Partner) bool { return x.Org == in.Org && (x.In() || x.Waits() && by.org != in.Org) }) {
		f.Add("org", "joint.no_partner")
	}
	in.check(plan.Today(tx), &f)
	if err := f.Err(); err != nil {
		return Pledge{}, err
	}
	n, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM joint_pledge WHERE joint = $1`, pr.ID)
	if err != nil {
		return Pledge{}, err
	}
	if n >= maxPledges {
		return Pledge{}, fault.Fields{{Name: "what", Key: "joint.many", Args: []any{"max", maxPledges}}}
	}
	in.ID, in.Joint, in.State, in.Version = id.New(tx.Now), pr.ID, Offered, 1
	in.Changed, in.Since = db.Time{Time: tx.Now}, db.Time{Time: tx.Now}
	if _, err := tx.Exec(ctx, `INSERT INTO joint_pledge (`+pledgeColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		in.ID, in.Joint, in.Org, in.What, in.InKind, in.Amount.Minor, in.Amount.Currency, in.Due, in.State, in.Since, in.Changed, in.Version); err != nil {
		return Pledge{}, err
	}
	w := Word{Pledge: in.ID, Org: by.org, Spoke: by.as, Person: actor.ID, Says: SaysOffered}
	if err := w.insert(ctx, tx); err != nil {
		return Pledge{}, err
	}
	return in, pr.tell(ctx, tx, actor, "joint.pledge_offered", "", nil, in.said(w))
}

// voice is for whom somebody speaks: the partner as it is named in the project,
// and the organisation that acts for it today.
type voice struct{ org, as string }

// mayWord returns the open project in which actor may word a pledge of an
// organisation: for their own, or as the lead for another.
func mayWord(ctx context.Context, tx *db.Tx, actor who.Actor, project, giver string) (Project, voice, error) {
	pr, err := Get(ctx, tx, project)
	if err != nil {
		return pr, voice{}, err
	}
	as, err := Acting(ctx, tx, actor, giver)
	if err != nil {
		return pr, voice{}, err
	}
	by := voice{giver, as}
	if as == "" {
		if err := MustLead(ctx, tx, actor, pr); err != nil {
			return pr, by, err
		}
		if by.as, err = Acting(ctx, tx, actor, pr.Lead); err != nil {
			return pr, by, err
		}
		by.org = pr.Lead
		if by.as == "" {
			by.as = pr.Lead // an administrator, in the lead's place
		}
	}
	if !pr.State.Open() {
		return pr, by, fault.New(fault.Conflict, "joint.closed")
	}
	return pr, by, nil
}

// Change changes an offer that nobody confirmed yet; whoever may offer it may.
// db.ErrConflict says that somebody else was faster.
func (p *Projects) Change(ctx context.Context, actor who.Actor, in Pledge) (out Pledge, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = ChangeIn(ctx, tx, actor, in); return err })
	return out, err
}

// ChangeIn is Change in a transaction that the caller has.
func ChangeIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Pledge) (Pledge, error) {
	old, err := GetPledge(ctx, tx, in.ID)
	if err != nil {
		return old, err
	}
	pr, by, err := mayWord(ctx, tx, actor, old.Joint, old.Org)
	if err != nil {
		return old, err
	}
	if old.State != Offered {
		return old, fault.New(fault.Conflict, "joint.confirmed_stays")
	}
	now := old
	now.What, now.InKind, now.Amount, now.Due, now.Changed = in.What, in.InKind, in.Amount, in.Due, db.Time{Time: tx.Now}
	var f fault.Fields
	now.check(plan.Today(tx), &f)
	if err := f.Err(); err != nil {
		return old, err
	}
	if err := tx.MustChange(ctx, `UPDATE joint_pledge SET what = $3, in_kind = $4, amount = $5, currency = $6, due = $7, changed = $8, version = version + 1
		WHERE id = $1 AND version = $2`, now.ID, in.Version, now.What, now.InKind, now.Amount.Minor, now.Amount.Currency, now.Due, now.Changed); err != nil {
		return old, err
	}
	now.Version = in.Version + 1
	w := Word{Org: by.org, Spoke: by.as, Says: SaysOffered}
	return now, pr.tell(ctx, tx, actor, "joint.pledge_changed", "", old.said(w), now.said(w))
}

// said is what the log keeps of a pledge and of who spoke.
func (p *Pledge) said(w Word) map[string]any {
	out := map[string]any{"pledge": p.ID, "giver": p.Org, "what": p.What, "in_kind": p.InKind, "due": p.Due, "state": p.State, "org": w.Org, "spoke": w.Spoke}
	if p.Amount.Minor != 0 {
		out["amount"], out["currency"] = p.Amount.Decimal(), p.Amount.Currency
	}
	if len(w.Evidence.V) > 0 {
		out["evidence"] = w.Evidence.V
	}
	return out
}

// Sum is what some pledges come to.
type Sum struct {
	Pledges  int // confirmed and not withdrawn
	Offered  int
	Kept     int
	SaidKept int
	Disputed int
	NotKept  int
	Silent   int // confirmed, past their day, without a word

	Promised, KeptMoney []money.Amount // one for each currency
}

// SumOf counts pledges as of a day.
func SumOf(all []Pledge, today string) (s Sum) {
	for _, p := range all {
		switch {
		case p.State == Offered:
			s.Offered++
			continue
		case p.State == Withdrawn:
			continue
		case p.State == Kept:
			s.Kept++
			s.KeptMoney = add(s.KeptMoney, p.Amount)
		case p.State == SaidKept:
			s.SaidKept++
		case p.State == Disputed:
			s.Disputed++
		case p.State == NotKept:
			s.NotKept++
		case p.Overdue(today):
			s.Silent++
		}
		s.Pledges++
		s.Promised = add(s.Promised, p.Amount)
	}
	return s
}

func add(to []money.Amount, a money.Amount) []money.Amount {
	if a.Minor == 0 {
		return to
	}
	for i := range to {
		if to[i].Currency == a.Currency {
			to[i].Minor += a.Minor
			return to
		}
	}
	return append(to, a)
}
