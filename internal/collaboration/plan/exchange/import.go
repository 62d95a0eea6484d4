package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/job"
	"ceiba/internal/service/who"
)

// Import is a file that was handed in.
type Import struct {
	ID      string
	Name    string
	SHA     string
	Source  Source
	Options db.JSON[Options]
	Header  db.JSON[[]string] // of OGP's table
	State   string            // received, seen, running, done, failed
	Result  db.JSON[Outcome]
	Job     string
	At      db.Time
	By      string
}

// Outcome is what is kept of a Result: the counts, and the first problems.
type Outcome struct {
	Result
	Count    int       `json:"problem_count"`
	Problems []Problem `json:"problem_list"`
	Failed   string    `json:"failed"` // key of the sentence that says why it could not be taken in
}

// maxProblems is how many problems are kept with an import: all of OGP's file
// of 2024 has 2,000.
const maxProblems = 5000

func outcomeOf(r Result) Outcome {
	return Outcome{Result: r, Count: len(r.Problems), Problems: r.Problems[:min(len(r.Problems), maxProblems)]}
}

const importColumns = `id, name, sha, source, options, header, state, result, job, at, by`

func importFields(i *Import) []any {
	return []any{&i.ID, &i.Name, &i.SHA, &i.Source, &i.Options, &i.Header, &i.State, &i.Result, &i.Job, &i.At, &i.By}
}

// File takes in a file of this machine: for the command line. name is what
// people call it.
func (x *Exchange) File(ctx context.Context, actor who.Actor, path, name string, o Options) (Result, error) {
	if err := actor.Must("plan.import", who.Site); err != nil {
		return Result{}, err
	}
	c, err := x.read(ctx, path, name, o.Lang)
	if err != nil {
		return Result{}, err
	}
	sha, err := hashOf(path)
	if err != nil {
		return Result{}, err
	}
	in := Import{Name: name, SHA: sha, Source: c.source, Options: jsonOf(o), Header: jsonOf(c.header), State: "running"}
	if !o.DryRun {
		if in, err = x.record(ctx, actor, in); err != nil {
			return Result{}, err
		}
	}
	res, err := x.bring(ctx, actor, c, in.ID, o, nil)
	if o.DryRun {
		return res, err
	}
	return res, x.close(ctx, actor, in, res, err, nil)
}

func hashOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// record writes down that a file was handed in. Those that nobody came back to
// within a day are forgotten.
func (x *Exchange) record(ctx context.Context, actor who.Actor, in Import) (Import, error) {
	err := x.DB.Update(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM plan_import WHERE state = 'received' AND at < $1`, tx.Now.Add(-24*time.Hour).UnixMicro()); err != nil {
			return err
		}
		in.ID, in.At, in.By = id.New(tx.Now), db.Time{Time: tx.Now}, actor.ID
		_, err := tx.Exec(ctx, `INSERT INTO plan_import (`+importColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			in.ID, in.Name, in.SHA, in.Source, in.Options, in.Header, in.State, in.Result, in.Job, in.At, in.By)
		return err
	})
	return in, err
}

// close writes down what became of an import, and tells the log. why is why it
// failed; run, if there is one, is the job that did it.
func (x *Exchange) close(ctx context.Context, actor who.Actor, in Import, res Result, why error, run *job.Run) error {
	out := outcomeOf(res)
	in.State = "done"
	if why != nil {
		in.State, out.Failed = "failed", "planexchange.failed"
		if told := faults(why, 0, ""); len(told) > 0 {
			out.Failed = told[0].Key
		}
	}
	in.Result = jsonOf(out)
	err := x.DB.Update(ctx, func(tx *db.Tx) error {
		if err := tx.MustChange(ctx, `UPDATE plan_import SET state = $2, result = $3 WHERE id = $1`, in.ID, in.State, in.Result); err != nil {
			return err
		}
		if run != nil {
			if err := run.Finish(ctx, tx); err != nil {
				return err
			}
		}
		if why != nil {
			return nil
		}
		_, err := activity.Append(ctx, tx, activity.Entry{
			Actor: actor.ID, Verb: "site.plans_imported", Kind: "site", Record: "plans", Title: in.Name, Public: true, After: map[string]any{
				"sha256": in.SHA, "source": in.Source, "plans": res.Plans, "commitments": res.Commitments, "milestones": res.Milestones,
				"reference": res.Reference, "skipped": res.Skipped, "refused": res.Refused, "problems": len(res.Problems),
			},
		})
		return err
	})
	if why != nil {
		return why
	}
	return err
}

// See returns an import, for those who may import.
func See(ctx context.Context, tx *db.Tx, actor who.Actor, id string) (Import, error) {
	if err := actor.Must("plan.import", who.Site); err != nil {
		return Import{}, err
	}
	return db.Get(ctx, tx, importFields, `SELECT `+importColumns+` FROM plan_import WHERE id = $1`, id)
}

// again reads the stored file of an import.
func (x *Exchange) again(ctx context.Context, in Import) (content, error) {
	path, release, err := x.Blob.Local(ctx, in.SHA)
	if err != nil {
		return content{}, err
	}
	defer release()
	return x.read(ctx, path, in.Name, in.Options.V.Lang)
}

// Seen reads a file that was received and tells what an import of it would do.
// The import is written down as seen; nothing else is.
func (x *Exchange) Seen(ctx context.Context, actor who.Actor, in Import, o Options) (Import, error) {
	if err := actor.Must("plan.import", who.Site); err != nil {
		return Import{}, err
	}
	in.Options = jsonOf(o)
	c, err := x.again(ctx, in)
	if err != nil {
		return Import{}, err
	}
	dry := o
	dry.DryRun = true
	res, err := x.bring(ctx, actor, c, "", dry, nil)
	if err != nil {
		return Import{}, err
	}
	in.Source, in.Header, in.Result, in.State = c.source, jsonOf(c.header), jsonOf(outcomeOf(res)), "seen"
	return in, x.DB.Update(ctx, func(tx *db.Tx) error {
		return tx.MustChange(ctx, `UPDATE plan_import SET source = $2, options = $3, header = $4, result = $5, state = $6
			WHERE id = $1 AND state IN ('received', 'seen')`, in.ID, in.Source, in.Options, in.Header, in.Result, in.State)
	})
}

// Begin has a job take in what was seen.
func (x *Exchange) Begin(ctx context.Context, actor who.Actor, importID string) (in Import, err error) {
	err = x.DB.Update(ctx, func(tx *db.Tx) error {
		if in, err = See(ctx, tx, actor, importID); err != nil {
			return err
		}
		if in.State != "seen" && in.State != "failed" {
			return fault.New(fault.Conflict, "planexchange.begun")
		}
		if in.Job, err = job.Enqueue(ctx, tx, "plan.import", job.Options{Args: in.ID, Unique: in.ID, Actor: actor.ID}); err != nil {
			return err
		}
		in.State = "running"
		return tx.MustChange(ctx, `UPDATE plan_import SET state = 'running', job = $2 WHERE id = $1`, in.ID, in.Job)
	})
	return in, err
}

// importJob takes in a file. Whoever asked was allowed to when they asked; what
// is written says so with their name.
func (x *Exchange) importJob(ctx context.Context, r *job.Run) error {
	var importID string
	if err := r.Args(&importID); err != nil {
		return err
	}
	actor := who.System(x.Policy(), "plan-import")
	actor.ID = r.Actor()
	var in Import
	if err := x.DB.View(ctx, func(tx *db.Tx) (err error) { in, err = See(ctx, tx, actor, importID); return err }); err != nil {
		return err
	}
	c, err := x.again(ctx, in)
	var res Result
	if err == nil {
		res, err = x.bring(ctx, actor, c, in.ID, in.Options.V, func(done, total int) {
			r.Progress(ctx, int64(done), int64(total), "planexchange.taking")
		})
	}
	return x.close(ctx, actor, in, res, err, r)
}
