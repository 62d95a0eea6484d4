package review

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who"
)

// Passage is what a reviewer writes about a commitment or a cluster that the
// report tells of by itself.
type Passage struct {
	Subject string           `json:"subject"` // id of a commitment or of a cluster
	Texts   db.JSON[Telling] `json:"-"`
	By      string           `json:"-"` // empty once erased
	At      db.Time          `json:"at"`
	Version int              `json:"version"`
}

// Telling are the parts of a passage, as the IRM's reports have them. All are
// Markdown.
type Telling struct {
	Context         string `json:"context"`
	Potential       string `json:"potential"`
	Challenges      string `json:"challenges"`
	Recommendations string `json:"recommendations"`
}

// Parts are the parts in the order of the report.
func (t *Telling) Parts() []Part {
	return []Part{{"context", &t.Context}, {"potential", &t.Potential}, {"challenges", &t.Challenges}, {"recommendations", &t.Recommendations}}
}

// Enough reports whether everything is written that a report needs.
func (t *Telling) Enough() bool {
	return t.Context != "" && t.Potential != "" && t.Recommendations != ""
}

// Passages returns what was written, by subject.
func Passages(ctx context.Context, tx *db.Tx, assessment string) (map[string]Passage, error) {
	all, err := db.List(ctx, tx, func(p *Passage) []any { return []any{&p.Subject, &p.Texts, &p.By, &p.At, &p.Version} },
		`SELECT subject, texts, by, at, version FROM assessment_passage WHERE assessment = $1`, assessment)
	out := map[string]Passage{}
	for _, p := range all {
		out[p.Subject] = p
	}
	return out, err
}

// Tell stores what a reviewer writes about a commitment that stands by itself or
// about a cluster, last seen at in.Version (0 for nothing); db.ErrConflict if
// somebody wrote it since.
func (r *Reviews) Tell(ctx context.Context, actor who.Actor, assessment string, in Passage) error {
	return r.DB.Update(ctx, func(tx *db.Tx) error {
		a, err := mine(ctx, tx, actor, assessment)
		if err != nil {
			return err
		}
		members, _, err := subjects(ctx, tx, actor, a, in.Subject)
		if err != nil {
			return err
		}
		if err := impartial(ctx, tx, actor, a, members); err != nil {
			return err
		}
		var f fault.Fields
		for _, p := range in.Texts.V.Parts() {
			f.MaxLen(p.Name, *p.Text, maxText)
		}
		if err := f.Err(); err != nil {
			return err
		}
		if in.Version > 0 {
			err = tx.MustChange(ctx, `UPDATE assessment_passage SET texts = $4, by = $5, at = $6, version = version + 1
				WHERE assessment = $1 AND subject = $2 AND version = $3`, a.ID, in.Subject, in.Version, in.Texts, actor.ID, tx.Now.UnixMicro())
		} else {
			err = a.writePassage(ctx, tx, actor, in)
		}
		if err != nil {
			return err
		}
		return a.tell(ctx, tx, actor, "assessment.told", "", map[string]any{"commitments": members, "texts": in.Texts.V})
	})
}

// writePassage stores the first version of a passage.
func (a *Assessment) writePassage(ctx context.Context, tx *db.Tx, actor who.Actor, p Passage) error {
	return tx.MustChange(ctx, `INSERT INTO assessment_passage (assessment, subject, texts, by, at, version) VALUES ($1, $2, $3, $4, $5, 1)
		ON CONFLICT DO NOTHING`, a.ID, p.Subject, p.Texts, actor.ID, tx.Now.UnixMicro())
}
