package consultation

import (
	"context"
	"slices"
	"strings"

	"ceiba/internal/collaboration/consultation/paragraph"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Stage is how far an annotation is. Comments and questions are Sent and may be
// Retracted; amendments go further.
type Stage string

// The stages of an annotation.
const (
	Unsent     Stage = "draft"
	Sent       Stage = "published"
	Evaluating Stage = "evaluating"
	Accepted   Stage = "accepted"
	Rejected   Stage = "rejected"
	Retracted  Stage = "withdrawn"
	Superseded Stage = "superseded" // another amendment of the same paragraph was accepted
)

// Steps are the stages that may follow each one.
var Steps = map[Stage][]Stage{
	Unsent:     {Sent, Retracted},
	Sent:       {Evaluating, Accepted, Rejected, Retracted, Superseded},
	Evaluating: {Accepted, Rejected, Retracted, Superseded},
}

// step takes an annotation, as it was read, to another stage.
func (a *Annotation) step(ctx context.Context, tx *db.Tx, to Stage) error {
	if a.Sort != Amendment && to != Sent && to != Retracted || !slices.Contains(Steps[a.State], to) {
		return fault.New(fault.Conflict, "consultation.no_step."+string(a.State))
	}
	err := tx.MustChange(ctx, `UPDATE consultation_annotation SET state = $3, version = version + 1 WHERE id = $1 AND version = $2`, a.ID, a.Version, to)
	a.State, a.Version = to, a.Version+1
	return err
}

// Deciding returns an amendment on which actor may decide, and its consultation.
func (d *Desk) Deciding(ctx context.Context, tx *db.Tx, actor who.Actor, key string) (a Annotation, c Consultation, err error) {
	if a, c, err = d.SeeAnnotation(ctx, tx, actor, key); err != nil {
		return a, c, err
	}
	if err := d.May(ctx, tx, actor, c); err != nil {
		return a, c, err
	}
	if a.Sort != Amendment || a.Said != record.Visible {
		return a, c, fault.New(fault.Conflict, "consultation.no_amendment")
	}
	return a, c, nil
}

// Evaluate says that an amendment is being looked at.
func (d *Desk) Evaluate(ctx context.Context, actor who.Actor, key string) error {
	return d.DB.Update(ctx, func(tx *db.Tx) error {
		a, c, err := d.Deciding(ctx, tx, actor, key)
		if err != nil {
			return err
		}
		if err := a.step(ctx, tx, Evaluating); err != nil {
			return err
		}
		return a.tell(ctx, tx, actor, c, "annotation.evaluating", true, "")
	})
}

// Acceptance is how an amendment is taken up.
type Acceptance struct {
	Seen    int    // number of the version that the text was read in
	Words   string // of the paragraph from now on; the amendment's when empty
	Because string // needed where Words are not the amendment's
}

// Accept makes the next version of the text, with the words of an amendment or
// what the office made of them in place of its paragraph, names the amendment as
// their source, and answers it. Other amendments of the paragraph are
// superseded; they still are owed an answer. It returns db.ErrConflict if the
// text changed since it was seen.
func (d *Desk) Accept(ctx context.Context, actor who.Actor, key string, in Acceptance) (v Version, err error) {
	err = d.DB.Update(ctx, func(tx *db.Tx) error {
		a, c, err := d.Deciding(ctx, tx, actor, key)
		if err != nil {
			return err
		}
		if err := a.step(ctx, tx, Accepted); err != nil {
			return err
		}
		if c.Text != in.Seen {
			return db.ErrConflict
		}
		if v, err = d.takeUp(ctx, tx, actor, &c, a, &in); err != nil {
			return err
		}
		if err := a.tell(ctx, tx, actor, c, "annotation.accepted", true, ""); err != nil {
			return err
		}
		if err := supersede(ctx, tx, actor, c, a); err != nil {
			return err
		}
		decision := Adopted
		if paragraph.Sum(in.Words) != paragraph.Sum(a.Replacement) {
			decision = AdoptedInPart
		}
		return d.respond(ctx, tx, actor, c, Answer{Decision: decision, Because: in.Because}, []Annotation{a})
	})
	return v, err
}

// takeUp makes the version that has the words of an amendment. Its reason stays
// with the amendment, where its author and moderators have a hand on it.
func (d *Desk) takeUp(ctx context.Context, tx *db.Tx, actor who.Actor, c *Consultation, a Annotation, in *Acceptance) (Version, error) {
	if in.Words = strings.TrimSpace(in.Words); in.Words == "" {
		in.Words = a.Replacement
	}
	ps, err := c.Present(ctx, tx)
	if err != nil {
		return Version{}, err
	}
	i, ok := paragraph.Find(ps, a.In)
	if !ok {
		return Version{}, fault.New(fault.Conflict, "consultation.paragraph_gone")
	}
	if err := wording(ps[i], in.Words); err != nil {
		return Version{}, err
	}
	return d.write(ctx, tx, actor, c, paragraph.Replace(ps, i, in.Words, c.next), Version{Amendment: a.ID})
}

// supersede ends the other open amendments of a paragraph.
func supersede(ctx context.Context, tx *db.Tx, actor who.Actor, c Consultation, by Annotation) error {
	others, err := db.List(ctx, tx, annotationFields, `SELECT `+annotationColumns+fromAnnotations+`WHERE a.consultation = $1 AND a.kind = 'amendment'
		AND a.state IN ('published', 'evaluating') AND a.now_in = $2 AND a.id <> $3 ORDER BY a.id`, c.ID, by.In, by.ID)
	if err != nil {
		return err
	}
	for _, a := range others {
		if err := a.step(ctx, tx, Superseded); err != nil {
			return err
		}
		if err := a.tell(ctx, tx, actor, c, "annotation.superseded", a.Said == record.Visible, ""); err != nil {
			return err
		}
	}
	return nil
}
