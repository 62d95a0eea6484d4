package joint

import (
	"context"
	"slices"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Says is what somebody says of a pledge.
type Says string

// What can be said of a pledge.
const (
	SaysOffered   Says = "offered"
	SaysConfirmed Says = "confirmed"
	SaysKept      Says = "kept"
	SaysNotKept   Says = "not_kept"
	SaysWithdrawn Says = "withdrawn"
)

// Word is what one partner said of a pledge at one time. Nothing is changed.
type Word struct {
	ID       string
	Pledge   string
	Org      string // the partner, as it is named in the project
	Spoke    string // the organisation that said it: the partner, or what followed it
	Person   string // who said it; empty once erased
	Says     Says
	Text     string
	Evidence db.JSON[[]plan.Evidence]
	At       db.Time
}

const wordColumns = `id, pledge, org, spoke, person, says, text, evidence, at`

func wordFields(w *Word) []any {
	return []any{&w.ID, &w.Pledge, &w.Org, &w.Spoke, &w.Person, &w.Says, &w.Text, &w.Evidence, &w.At}
}

// WordsOf returns what was said of a pledge, the first word first.
func WordsOf(ctx context.Context, tx *db.Tx, pledge string) ([]Word, error) {
	return db.List(ctx, tx, wordFields, `SELECT `+wordColumns+` FROM joint_word WHERE pledge = $1 ORDER BY at, id`, pledge)
}

func (w *Word) insert(ctx context.Context, tx *db.Tx) error {
	w.ID, w.At = id.New(tx.Now), db.Time{Time: tx.Now}
	if w.Evidence.V == nil {
		w.Evidence.V = []plan.Evidence{}
	}
	_, err := tx.Exec(ctx, `INSERT INTO joint_word (`+wordColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		w.ID, w.Pledge, w.Org, w.Spoke, w.Person, w.Says, w.Text, w.Evidence, w.At)
	return err
}

// Settle is how a pledge of an organisation stands by all that was said of it.
// With each word of the one that gives the question is open anew: what others
// said before counts no more. Then one other partner's word makes it kept, and
// one that says otherwise makes it disputed.
func Settle(giver string, words []Word) Standing {
	out, claimed, others := Offered, false, map[string]Says{}
	for _, w := range words {
		switch {
		case w.Says == SaysOffered:
			continue
		case w.Says == SaysWithdrawn:
			return Withdrawn
		case w.Says == SaysConfirmed:
			out = Confirmed
		case w.Org == giver:
			claimed, others = w.Says == SaysKept, map[string]Says{}
			out = map[bool]Standing{true: SaidKept, false: NotKept}[claimed]
		default:
			others[w.Org] = w.Says
			out = judged(claimed, others)
		}
	}
	return out
}

// judged is how a pledge stands by what the others say, and whether the one that
// gives says that it is kept.
func judged(claimed bool, others map[string]Says) Standing {
	for _, says := range others {
		if says == SaysNotKept {
			return map[bool]Standing{true: Disputed, false: NotKept}[claimed]
		}
	}
	return map[bool]Standing{true: Kept, false: NotKept}[claimed]
}

// Allows reports whether something may be said of a pledge that stands somehow:
// by the one that gives (own), or by another partner. overdue says that its day
// has passed and nobody said anything.
func (s Standing) Allows(says Says, own, overdue bool) bool {
	in := func(all ...Standing) bool { return slices.Contains(all, s) }
	switch {
	case own && says == SaysConfirmed:
		return s == Offered
	case own && says == SaysWithdrawn: // once its day is over it was kept or it was not
		return s == Offered || s == Confirmed && !overdue
	case own && says == SaysKept:
		return in(Confirmed, NotKept, Disputed)
	case own && says == SaysNotKept:
		return in(Confirmed, SaidKept, Disputed)
	case !own && says == SaysKept:
		return in(SaidKept, Kept, Disputed)
	case !own && says == SaysNotKept:
		return in(SaidKept, Kept, Disputed) || s == Confirmed && overdue
	}
	return false
}

// Saying is a word about a pledge, as somebody gives it.
type Saying struct {
	Pledge   string
	Version  int  // of the pledge, as they saw it
	Own      bool // for the organisation that gives; otherwise for another partner
	Says     Says
	Text     string
	Evidence []plan.Evidence
}

// Say gives a word about a pledge, and what follows from it. Only somebody who
// acts for the organisation that gives confirms it, says that it is kept and
// shows it, or withdraws it; only somebody who acts for another partner, and has
// no part in the one that gives, makes it kept.
func (p *Projects) Say(ctx context.Context, actor who.Actor, in Saying) (out Pledge, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = SayIn(ctx, tx, actor, in); return err })
	return out, err
}

// SayIn is Say in a transaction that the caller has.
func SayIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Saying) (Pledge, error) {
	v, err := GetPledge(ctx, tx, in.Pledge)
	if err != nil {
		return v, err
	}
	pr, err := Get(ctx, tx, v.Joint)
	if err != nil {
		return v, err
	}
	before, err := WordsOf(ctx, tx, v.ID)
	if err != nil {
		return v, err
	}
	by, err := whoSays(ctx, tx, actor, pr, v, before, in)
	if err != nil {
		return v, err
	}
	if !v.State.Allows(in.Says, in.Own, v.Overdue(plan.Today(tx))) {
		return v, fault.New(fault.Conflict, "joint.not_now")
	}
	if err := maySay(ctx, tx, pr, v, &in); err != nil {
		return v, err
	}
	w := Word{Pledge: v.ID, Org: by.org, Spoke: by.as, Person: actor.ID, Says: in.Says, Text: in.Text}
	w.Evidence.V = in.Evidence
	return v, v.hear(ctx, tx, actor, pr, before, w, in.Version)
}

// hear keeps a word, and how the pledge stands by it.
func (p *Pledge) hear(ctx context.Context, tx *db.Tx, actor who.Actor, pr Project, before []Word, w Word, seen int) error {
	if err := w.insert(ctx, tx); err != nil {
		return err
	}
	old := p.State
	if p.State = Settle(p.Org, append(before, w)); p.State != old {
		p.Since = w.At
	}
	if err := tx.MustChange(ctx, `UPDATE joint_pledge SET state = $3, since = $4, changed = $5, version = version + 1
		WHERE id = $1 AND version = $2`, p.ID, seen, p.State, p.Since, w.At); err != nil {
		return err
	}
	p.Version, p.Changed = seen+1, w.At
	return pr.tell(ctx, tx, actor, p.verb(w), w.Text, map[string]any{"pledge": p.ID, "state": old}, p.said(w))
}

// verb names a word in the log: what the one that gives says of itself is told
// apart from what others say.
func (p *Pledge) verb(w Word) string {
	switch {
	case w.Says == SaysKept && w.Org == p.Org:
		return "joint.pledge_said_kept"
	case w.Says == SaysKept:
		return "joint.pledge_kept"
	case w.Says == SaysNotKept && w.Org == p.Org:
		return "joint.pledge_given_up"
	case w.Says == SaysNotKept:
		return "joint.pledge_not_kept"
	case w.Says == SaysConfirmed:
		return "joint.pledge_confirmed"
	}
	return "joint.pledge_withdrawn"
}

// whoSays finds for whom actor speaks, or says why they may not.
func whoSays(ctx context.Context, tx *db.Tx, actor who.Actor, pr Project, v Pledge, before []Word, in Saying) (voice, error) {
	if !in.Own {
		return Witness(ctx, tx, actor, v, before)
	}
	if in.Says == SaysWithdrawn && v.State == Offered { // the lead takes back what it wrote down
		_, by, err := mayWord(ctx, tx, actor, pr.ID, v.Org)
		return by, err
	}
	as, err := mustAct(ctx, tx, actor, v.Org)
	return voice{v.Org, as}, err
}

// Witness finds the partner for which actor may say whether another's pledge is
// kept. It is never the one that gives, whatever its name is today; and never a
// person who belongs to that one, or spoke for it, whomever else they act for.
func Witness(ctx context.Context, tx *db.Tx, actor who.Actor, v Pledge, words []Word) (voice, error) {
	own, err := line(ctx, tx, v.Org)
	if err != nil {
		return voice{}, err
	}
	if belongs(actor, own) {
		return voice{}, fault.New(fault.Denied, "joint.own_pledge")
	}
	if slices.ContainsFunc(words, func(w Word) bool { return w.Org == v.Org && w.Person == actor.ID && actor.ID != "" }) {
		return voice{}, fault.New(fault.Denied, "joint.same_person")
	}
	all, err := Partners(ctx, tx, v.Joint)
	if err != nil {
		return voice{}, err
	}
	var orgs []string
	for _, x := range all {
		orgs = append(orgs, x.Org)
	}
	today, err := org.HeirsOf(ctx, tx, orgs)
	if err != nil {
		return voice{}, err
	}
	for _, x := range all {
		if !x.In() || shared(append([]string{x.Org}, today[x.Org]...), own) {
			continue
		}
		if i := slices.IndexFunc(today[x.Org], func(o string) bool { return SpeaksFor(actor, o) }); i >= 0 {
			return voice{x.Org, today[x.Org][i]}, nil
		}
	}
	if !actor.SignedIn() {
		return voice{}, actor.Must("joint.speak", who.In(v.Org))
	}
	return voice{}, fault.New(fault.Denied, "joint.no_witness")
}

// maySay checks what a word itself asks for.
func maySay(ctx context.Context, tx *db.Tx, pr Project, v Pledge, in *Saying) error {
	in.Text = strings.TrimSpace(in.Text)
	var f fault.Fields
	f.MaxLen("text", in.Text, maxWord)
	if in.Says != SaysConfirmed {
		f.Require("text", in.Text)
	}
	plan.CheckEvidence(&f, in.Evidence)
	switch {
	case in.Says == SaysConfirmed:
		if !pr.State.Open() {
			return fault.New(fault.Conflict, "joint.closed")
		}
		joined, err := takesPart(ctx, tx, v)
		if err != nil {
			return err
		}
		if !joined {
			return fault.New(fault.Conflict, "joint.join_first")
		}
	case in.Says == SaysKept && in.Own && len(in.Evidence) == 0:
		files, err := record.Attachments(ctx, tx, v.Ref())
		if err != nil {
			return err
		}
		if len(files) == 0 {
			f.Add("evidence", "joint.evidence_needed")
		}
	}
	return f.Err()
}

// takesPart reports whether the organisation that gives has joined the project.
func takesPart(ctx context.Context, tx *db.Tx, v Pledge) (bool, error) {
	all, err := Partners(ctx, tx, v.Joint)
	return slices.ContainsFunc(all, func(x Partner) bool { return x.Org == v.Org && x.In() }), err
}

// withdrawAll withdraws what an organisation that leaves has pledged and not said
// to be kept. What it owes since a day that has passed stays: leaving is no way
// out of that.
func withdrawAll(ctx context.Context, tx *db.Tx, actor who.Actor, pr Project, giver, reason string) error {
	all, err := Pledges(ctx, tx, pr.ID)
	if err != nil {
		return err
	}
	by := voice{giver, giver}
	if as, err := Acting(ctx, tx, actor, giver); err != nil {
		return err
	} else if as != "" {
		by.as = as
	} else {
		by = voice{pr.Lead, pr.Lead}
	}
	for _, v := range all {
		if v.Org != giver || !v.State.Allows(SaysWithdrawn, true, v.Overdue(plan.Today(tx))) {
			continue
		}
		before, err := WordsOf(ctx, tx, v.ID)
		if err != nil {
			return err
		}
		w := Word{Pledge: v.ID, Org: by.org, Spoke: by.as, Person: actor.ID, Says: SaysWithdrawn, Text: reason}
		if err := v.hear(ctx, tx, actor, pr, before, w, v.Version); err != nil {
			return err
		}
	}
	return nil
}
