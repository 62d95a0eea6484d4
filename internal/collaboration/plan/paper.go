package plan

import (
	"context"
	"slices"

	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// Paper is one version of a document in a plan's repository: a file, or the
// address of one.
type Paper struct {
	ID         string
	Plan       string
	Commitment string // empty for the plan as a whole
	Phase      require.Phase
	Title      string
	URL        string
	SHA        string // of a file in the store
	Name       string // of the file, as it came
	MediaType  string
	Bytes      int64
	Published  db.Time // by the server's clock
	By         string
	Removed    db.Time
	Reason     string // why it was removed

	Root      string // the first version, by which the document is known
	N         int    // which version, from 1
	Step      string // of making the plan, one of PhaseKinds; empty where it is of none
	Milestone string // of the commitment; empty for the whole of it
	Dated     string // the day that stands on it, as its office says; empty if none does
	Note      string // what the version changes
	Replaced  db.Time
}

const paperColumns = `id, plan, commitment, phase, title, url, sha, name, media_type, bytes, published, by, removed, reason,
	root, n, step, milestone, dated, note, replaced`

func paperFields(p *Paper) []any {
	return []any{
		&p.ID, &p.Plan, &p.Commitment, &p.Phase, &p.Title, &p.URL, &p.SHA, &p.Name, &p.MediaType, &p.Bytes, &p.Published, &p.By,
		&p.Removed, &p.Reason, &p.Root, &p.N, &p.Step, &p.Milestone, &p.Dated, &p.Note, &p.Replaced,
	}
}

// Shown reports whether this is the version that the repository shows.
func (p *Paper) Shown() bool { return p.Replaced.IsZero() && p.Removed.IsZero() }

// Path is its permanent address.
func (p *Paper) Path() string { return "/paper/" + p.ID }

// PaperPhases are the parts of a plan's life that a document is evidence of.
var PaperPhases = []require.Phase{require.CoCreation, require.Implementation}

func (p *Paper) check(today string) error {
	var f fault.Fields
	f.Require("title", p.Title)
	f.MaxLen("title", p.Title, MaxTitle)
	f.MaxLen("file", p.Name, 255)
	f.MaxLen("url", p.URL, 2000)
	f.MaxLen("note", p.Note, 2000)
	if !slices.Contains(PaperPhases, p.Phase) {
		f.Add("phase", "fault.choice")
	}
	if p.Step != "" && !slices.Contains(PhaseKinds, p.Step) {
		f.Add("step", "fault.choice")
	}
	CheckDay(&f, "dated", p.Dated)
	if p.Dated > today {
		f.Add("dated", "plan.paper_early")
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

// about checks that what the document is evidence of is of its plan. A document
// about a milestone is about its commitment.
func (p *Paper) about(ctx context.Context, tx *db.Tx) error {
	if p.Phase != require.CoCreation {
		p.Step = ""
	}
	if p.Milestone != "" {
		of, err := db.Get(ctx, tx, db.One[string], `SELECT m.commitment FROM milestone m JOIN commitment c ON c.id = m.commitment
			WHERE m.id = $1 AND c.plan = $2 AND NOT m.removed`, p.Milestone, p.Plan)
		if err != nil || p.Commitment != "" && p.Commitment != of {
			return fault.Fields{{Name: "about", Key: "fault.choice"}}
		}
		p.Commitment = of
		return nil
	}
	if p.Commitment == "" {
		return nil
	}
	if _, err := db.Get(ctx, tx, db.One[string], `SELECT id FROM commitment WHERE id = $1 AND plan = $2`, p.Commitment, p.Plan); err != nil {
		return fault.Fields{{Name: "about", Key: "fault.choice"}}
	}
	return nil
}

// AddPaper puts a document into the repository. A file is in the store already.
func (p *Plans) AddPaper(ctx context.Context, actor who.Actor, in Paper) (out Paper, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = AddPaperIn(ctx, tx, actor, in); return err })
	return out, err
}

// AddPaperIn is AddPaper in a transaction that the caller has.
func AddPaperIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Paper) (Paper, error) {
	pl, err := mayWrite(ctx, tx, actor, in.Plan)
	if err != nil {
		return Paper{}, err
	}
	in.Root, in.N = "", 1
	return pl.publish(ctx, tx, actor, in, "plan.paper", "")
}

// ReplacePaper publishes a newer version of the document whose version actor
// last saw is paper. What it said before stays readable at its own address;
// db.ErrConflict if that is not the shown version any more.
func (p *Plans) ReplacePaper(ctx context.Context, actor who.Actor, paper string, in Paper) (out Paper, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error {
		old, pl, err := paperOf(ctx, tx, actor, paper)
		if err != nil {
			return err
		}
		if err := actor.Must("plan.write", who.In(pl.Org)); err != nil {
			return err
		}
		if !old.Shown() {
			return db.ErrConflict
		}
		if err := tx.MustChange(ctx, `UPDATE plan_paper SET replaced = $2 WHERE id = $1 AND replaced IS NULL AND removed IS NULL`, old.ID, db.Time{Time: tx.Now}); err != nil {
			return err
		}
		in.Plan, in.Root, in.N = old.Plan, old.Root, old.N+1
		out, err = pl.publish(ctx, tx, actor, in, "plan.paper_replaced", old.ID)
		return err
	})
	return out, err
}

// publish stores a version and says so in the log, with the digest of a file.
func (p *Plan) publish(ctx context.Context, tx *db.Tx, actor who.Actor, in Paper, verb, before string) (Paper, error) {
	if err := in.check(Today(tx)); err != nil {
		return Paper{}, err
	}
	if err := in.about(ctx, tx); err != nil {
		return Paper{}, err
	}
	in.ID, in.Published, in.By = id.New(tx.Now), db.Time{Time: tx.Now}, actor.ID
	in.Removed, in.Reason, in.Replaced = db.Time{}, "", db.Time{}
	if in.Root == "" {
		in.Root = in.ID
	}
	if in.SHA == "" {
		in.Name, in.MediaType, in.Bytes = "", "", 0
	}
	if _, err := tx.Exec(ctx, `INSERT INTO plan_paper (`+paperColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
		$15, $16, $17, $18, $19, $20, $21)`, in.ID, in.Plan, in.Commitment, in.Phase, in.Title, in.URL, in.SHA, in.Name, in.MediaType, in.Bytes,
		in.Published, in.By, in.Removed, in.Reason, in.Root, in.N, in.Step, in.Milestone, in.Dated, in.Note, in.Replaced); err != nil {
		return Paper{}, err
	}
	return in, p.sayPaper(ctx, tx, actor, in, verb, before)
}

// sayPaper appends a version to the log, with the digest of its file.
func (p *Plan) sayPaper(ctx context.Context, tx *db.Tx, actor who.Actor, in Paper, verb, before string) error {
	return p.of(ctx, tx, actor, verb, in.Title, in.Note, map[string]any{
		"id": in.ID, "document": in.Root, "n": in.N, "replaces": before, "commitment": in.Commitment, "milestone": in.Milestone, "phase": in.Phase,
		"step": in.Step, "dated": in.Dated, "url": in.URL, "sha256": in.SHA, "name": in.Name, "bytes": in.Bytes,
	})
}

// sayPapers says of a plan that has become public what its repository holds: what
// was said before that is for its office alone, and proves nothing to others.
func (p *Plan) sayPapers(ctx context.Context, tx *db.Tx, actor who.Actor) error {
	all, err := Papers(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	for _, x := range slices.Backward(all) {
		if err := p.sayPaper(ctx, tx, actor, x, "plan.paper_opened", ""); err != nil {
			return err
		}
	}
	return nil
}

// RemovePaper takes a document out of the repository, with a public reason:
// all its versions, or a former one alone. That it was there stays on record.
func (p *Plans) RemovePaper(ctx context.Context, actor who.Actor, paper, reason string) (out Paper, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error {
		var pl Plan
		if out, pl, err = paperOf(ctx, tx, actor, paper); err != nil {
			return err
		}
		if err := actor.Must("plan.write", who.In(pl.Org)); err != nil {
			return err
		}
		if !out.Removed.IsZero() {
			return db.ErrNotFound
		}
		var f fault.Fields
		f.Require("reason", reason)
		f.MaxLen("reason", reason, 2000)
		if err := f.Err(); err != nil {
			return err
		}
		gone := []string{out.ID}
		if out.Shown() {
			if gone, err = db.List(ctx, tx, db.One[string], `SELECT id FROM plan_paper WHERE root = $1 AND removed IS NULL ORDER BY n`, out.Root); err != nil {
				return err
			}
		}
		out.Removed, out.Reason = db.Time{Time: tx.Now}, reason
		in, args := db.In(3, gone)
		if _, err := tx.Exec(ctx, `UPDATE plan_paper SET removed = $1, reason = $2 WHERE removed IS NULL AND id IN `+in,
			append([]any{out.Removed, reason}, args...)...); err != nil {
			return err
		}
		return pl.of(ctx, tx, actor, "plan.paper_removed", out.Title, reason, map[string]any{"id": out.ID, "document": out.Root, "versions": gone})
	})
	return out, err
}
