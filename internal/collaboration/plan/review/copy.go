package review

import (
	"context"
	"slices"

	"ceiba/internal/collaboration/plan/review/codebook"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// inherit gives a later report on a plan how the commitments were designed, as
// the last final review coded it: clusters, and the codes that both share.
func (a *Assessment) inherit(ctx context.Context, tx *db.Tx, actor who.Actor) error {
	if a.Product != codebook.Midterm && a.Product != codebook.Results {
		return nil
	}
	before, err := db.List(ctx, tx, db.One[string], `SELECT id FROM assessment WHERE plan = $1 AND product = $2 AND state = 'final'
		ORDER BY finished DESC, id DESC LIMIT 1`, a.Plan, codebook.Review)
	if err != nil || len(before) == 0 {
		return err
	}
	vars := a.Variables()
	return a.copyCodes(ctx, tx, actor, before[0], func(c Code) bool {
		return slices.ContainsFunc(vars, func(v codebook.Variable) bool { return v.ID == c.Variable })
	})
}

// copyAll gives a correction everything that the edition before it had.
func (a *Assessment) copyAll(ctx context.Context, tx *db.Tx, actor who.Actor, from string) error {
	people, err := Reviewers(ctx, tx, from)
	if err != nil {
		return err
	}
	for _, p := range people {
		if err := a.enlist(ctx, tx, actor, p); err != nil {
			return err
		}
	}
	return a.copyCodes(ctx, tx, actor, from, func(Code) bool { return true })
}

// copyCodes takes clusters, codes and what was written about commitments over
// from another assessment.
func (a *Assessment) copyCodes(ctx context.Context, tx *db.Tx, actor who.Actor, from string, which func(Code) bool) error {
	clusters, err := Clusters(ctx, tx, from)
	if err != nil {
		return err
	}
	now := map[string]string{}
	for _, c := range clusters {
		old := c.ID
		c.ID, c.Assessment, c.Made, c.By = id.New(tx.Now), a.ID, db.Time{Time: tx.Now}, actor.ID
		now[old] = c.ID
		if err := c.insert(ctx, tx); err != nil {
			return err
		}
	}
	codes, err := CodesOf(ctx, tx, from)
	if err != nil {
		return err
	}
	for _, of := range codes {
		for _, c := range of {
			if c.Value == "" || !which(c) {
				continue
			}
			c.Cluster, c.Version = now[c.Cluster], 1
			if err := a.write(ctx, tx, actor, c); err != nil {
				return err
			}
		}
	}
	passages, err := Passages(ctx, tx, from)
	if err != nil {
		return err
	}
	for _, p := range passages {
		if to, ok := now[p.Subject]; ok {
			p.Subject = to
		}
		if err := a.writePassage(ctx, tx, actor, p); err != nil {
			return err
		}
	}
	return nil
}
