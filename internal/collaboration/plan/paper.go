package plan

import (
	"context"

	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// Paper is a document in a plan's repository: a file, or the address of one.
type Paper struct {
	ID         string
	Plan       string
	Commitment string // empty for the plan as a whole
	Phase      require.Phase
	Title      string
	URL        string
	SHA        string // of a file in the store
	Name       string
	MediaType  string
	Bytes      int64
	Published  db.Time
	By         string
	Removed    db.Time
	Reason     string // why it was removed
}

const paperColumns = `id, plan, commitment, phase, title, url, sha, name, media_type, bytes, published, by, removed, reason`

func paperFields(p *Paper) []any {
	return []any{
		&p.ID, &p.Plan, &p.Commitment, &p.Phase, &p.Title, &p.URL, &p.SHA, &p.Name, &p.MediaType, &p.Bytes, &p.Published, &p.By,
		&p.Removed, &p.Reason,
	}
}

func (p *Paper) check() error {
	var f fault.Fields
	f.Require("title", p.Title)
	f.MaxLen("title", p.Title, MaxTitle)
	if p.Phase != require.CoCreation && p.Phase != require.Implementation {
		f.Add("phase", "fault.choice")
	}
	switch {
	case p.URL == "" && p.SHA == "":
		f.Add("file", "plan.paper_none")
	case p.URL != "" && p.SHA != "":
		f.Add("url", "plan.paper_both")
	case p.URL != "" && !webAddress(p.URL):
		f.Add("url", "fault.url")
	}
	return f.Err()
}

// AddPaper puts a document into the repository.
func (p *Plans) AddPaper(ctx context.Context, actor who.Actor, in Paper) (out Paper, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = addPaper(ctx, tx, actor, in); return err })
	return out, err
}

func addPaper(ctx context.Context, tx *db.Tx, actor who.Actor, in Paper) (Paper, error) {
	pl, err := mayWrite(ctx, tx, actor, in.Plan)
	if err != nil {
		return Paper{}, err
	}
	if err := in.check(); err != nil {
		return Paper{}, err
	}
	if in.Commitment != "" {
		if _, err := db.Get(ctx, tx, db.One[string], `SELECT id FROM commitment WHERE id = $1 AND plan = $2`, in.Commitment, in.Plan); err != nil {
			return Paper{}, fault.Fields{{Name: "commitment", Key: "fault.choice"}}
		}
	}
	in.ID, in.Published, in.By, in.Removed, in.Reason = id.New(tx.Now), db.Time{Time: tx.Now}, actor.ID, db.Time{}, ""
	if _, err := tx.Exec(ctx, `INSERT INTO plan_paper (`+paperColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		in.ID, in.Plan, in.Commitment, in.Phase, in.Title, in.URL, in.SHA, in.Name, in.MediaType, in.Bytes, in.Published, in.By,
		in.Removed, in.Reason); err != nil {
		return Paper{}, err
	}
	return in, pl.of(ctx, tx, actor, "plan.paper", in.Title, "", map[string]any{
		"id": in.ID, "commitment": in.Commitment, "phase": in.Phase, "url": in.URL, "sha256": in.SHA,
	})
}

// RemovePaper takes a document out of the repository, with a public reason;
// that it was there stays on record.
func (p *Plans) RemovePaper(ctx context.Context, actor who.Actor, paper, reason string) (out Paper, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error {
		if out, err = db.Get(ctx, tx, paperFields, `SELECT `+paperColumns+` FROM plan_paper WHERE id = $1 AND removed IS NULL`, paper); err != nil {
			return err
		}
		pl, err := mayWrite(ctx, tx, actor, out.Plan)
		if err != nil {
			return err
		}
		var f fault.Fields
		f.Require("reason", reason)
		f.MaxLen("reason", reason, 2000)
		if err := f.Err(); err != nil {
			return err
		}
		out.Removed, out.Reason = db.Time{Time: tx.Now}, reason
		if err := tx.MustChange(ctx, `UPDATE plan_paper SET removed = $2, reason = $3 WHERE id = $1 AND removed IS NULL`, out.ID, out.Removed, reason); err != nil {
			return err
		}
		return pl.of(ctx, tx, actor, "plan.paper_removed", out.Title, reason, map[string]any{"id": out.ID})
	})
	return out, err
}

// Papers returns what is in a plan's repository, the newest first.
func Papers(ctx context.Context, tx *db.Tx, plan string) ([]Paper, error) {
	return db.List(ctx, tx, paperFields, `SELECT `+paperColumns+` FROM plan_paper WHERE plan = $1 AND removed IS NULL ORDER BY published DESC, id DESC`, plan)
}
