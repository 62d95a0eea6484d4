package review

import (
	"context"
	"slices"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// Interest is what ties a reviewer to an organisation, as they declared it.
type Interest struct {
	ID       string
	Person   string // empty once erased
	Org      string
	Text     string // what the interest is
	Declared db.Time
	Ended    db.Time
}

const interestColumns = `id, person, org, text, declared, ended`

func interestFields(i *Interest) []any {
	return []any{&i.ID, &i.Person, &i.Org, &i.Text, &i.Declared, &i.Ended}
}

// Interests returns all declarations, the newest first, those that ended too.
func Interests(ctx context.Context, tx *db.Tx) ([]Interest, error) {
	return db.List(ctx, tx, interestFields, `SELECT `+interestColumns+` FROM assessment_interest ORDER BY declared DESC, id DESC LIMIT 500`)
}

// Declare says in public that actor, an evaluator, has an interest in an
// organisation.
func (r *Reviews) Declare(ctx context.Context, actor who.Actor, in Interest) (out Interest, err error) {
	err = r.DB.Update(ctx, func(tx *db.Tx) error {
		if err := actor.Must("assessment.write", who.Site); err != nil {
			return err
		}
		var f fault.Fields
		f.Require("text", in.Text)
		f.MaxLen("text", in.Text, 2000)
		o, err := org.Get(ctx, tx, in.Org)
		if err != nil {
			f.Add("org", "fault.choice")
		}
		if err := f.Err(); err != nil {
			return err
		}
		in.ID, in.Person, in.Declared, in.Ended = id.New(tx.Now), actor.ID, db.Time{Time: tx.Now}, db.Time{}
		if _, err := tx.Exec(ctx, `INSERT INTO assessment_interest (`+interestColumns+`) VALUES ($1, $2, $3, $4, $5, $6)`,
			in.ID, in.Person, in.Org, in.Text, in.Declared, in.Ended); err != nil {
			return err
		}
		out = in
		return in.tell(ctx, tx, actor, "interest.declared", o.NameIn("en"))
	})
	return out, err
}

// EndInterest says that one's own interest is over. It goes on to stand in the
// way of assessments that had begun before.
func (r *Reviews) EndInterest(ctx context.Context, actor who.Actor, interest string) error {
	return r.DB.Update(ctx, func(tx *db.Tx) error {
		if err := actor.Must("assessment.write", who.Site); err != nil {
			return err
		}
		i, err := db.Get(ctx, tx, interestFields, `SELECT `+interestColumns+` FROM assessment_interest WHERE id = $1 AND person = $2 AND ended IS NULL`, interest, actor.ID)
		if err != nil {
			return err
		}
		if err := tx.MustChange(ctx, `UPDATE assessment_interest SET ended = $2 WHERE id = $1 AND ended IS NULL`, i.ID, tx.Now.UnixMicro()); err != nil {
			return err
		}
		o, err := org.Get(ctx, tx, i.Org)
		if err != nil {
			return err
		}
		return i.tell(ctx, tx, actor, "interest.ended", o.NameIn("en"))
	})
}

func (i *Interest) tell(ctx context.Context, tx *db.Tx, actor who.Actor, verb, title string) error {
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: verb, Kind: "interest", Record: i.ID, Org: i.Org, Title: title, Public: true, After: map[string]string{"org": i.Org, "text": i.Text},
	})
	return err
}

// ties returns the organisations that a reviewer may not judge in an
// assessment: those to which they belong now, and those in which they declared
// an interest that was in force since the assessment began; with whatever
// followed them.
func ties(ctx context.Context, tx *db.Tx, actor who.Actor, a Assessment) ([]string, error) {
	own, err := db.List(ctx, tx, db.One[string], `SELECT org FROM assessment_interest WHERE person = $1 AND (ended IS NULL OR ended > $2)`, actor.ID, a.Created)
	if err != nil {
		return nil, err
	}
	for _, g := range actor.Grants {
		if g.Org != "" {
			own = append(own, g.Org)
		}
	}
	return withHeirs(ctx, tx, own)
}

// withHeirs adds the organisations that followed others: an interest in a
// ministry does not end when it gets another name.
func withHeirs(ctx context.Context, tx *db.Tx, orgs []string) ([]string, error) {
	out := slices.Clone(orgs)
	for _, o := range orgs {
		if o == "" {
			continue
		}
		heirs, err := org.Heirs(ctx, tx, o)
		if err != nil {
			return nil, err
		}
		for _, h := range heirs {
			out = append(out, h.ID)
		}
	}
	return out, nil
}

// answerers returns who answers for a commitment: its lead, the leads of its
// milestones, and the parties that have not left.
func answerers(ctx context.Context, tx *db.Tx, commitment plan.Commitment) ([]string, error) {
	out := []string{commitment.Lead}
	ms, err := plan.Milestones(ctx, tx, commitment.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range ms {
		out = append(out, m.Lead)
	}
	parties, err := plan.Parties(ctx, tx, commitment.ID)
	for _, p := range parties {
		if p.Left.IsZero() {
			out = append(out, p.Org)
		}
	}
	return slices.DeleteFunc(out, func(o string) bool { return o == "" }), err
}

// Conflicts returns, of some commitments, those that a reviewer may not code,
// each with the organisation that stands in the way.
func Conflicts(ctx context.Context, tx *db.Tx, actor who.Actor, a Assessment, commitments []string) (map[string]string, error) {
	own, err := ties(ctx, tx, actor, a)
	if err != nil || len(own) == 0 {
		return nil, err
	}
	out := map[string]string{}
	for _, key := range commitments {
		c, _, err := plan.SeeCommitment(ctx, tx, actor, key)
		if err != nil {
			return nil, err
		}
		theirs, err := answerers(ctx, tx, c)
		if err != nil {
			return nil, err
		}
		if theirs, err = withHeirs(ctx, tx, theirs); err != nil {
			return nil, err
		}
		for _, o := range theirs {
			if slices.Contains(own, o) {
				out[key] = o
				break
			}
		}
	}
	return out, nil
}

// impartial refuses a reviewer who has a part in what they would judge.
func impartial(ctx context.Context, tx *db.Tx, actor who.Actor, a Assessment, commitments []string) error {
	found, err := Conflicts(ctx, tx, actor, a, commitments)
	if err != nil {
		return err
	}
	for _, o := range found {
		return tiedTo(ctx, tx, o)
	}
	return nil
}

// untied refuses a reviewer who is tied to an office, or to what followed it.
func untied(ctx context.Context, tx *db.Tx, actor who.Actor, a Assessment, office string) error {
	own, err := ties(ctx, tx, actor, a)
	if err != nil {
		return err
	}
	theirs, err := withHeirs(ctx, tx, []string{office})
	if err != nil {
		return err
	}
	for _, o := range theirs {
		if slices.Contains(own, o) {
			return tiedTo(ctx, tx, o)
		}
	}
	return nil
}

// tiedTo says which organisation stands in the way.
func tiedTo(ctx context.Context, tx *db.Tx, o string) error {
	name, err := org.Names(ctx, tx, "en", []string{o})
	if err != nil {
		return err
	}
	return fault.New(fault.Denied, "planreview.interest", "org", name[o])
}
