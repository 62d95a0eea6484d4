package redflag

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"ceiba/internal/collaboration/procurement/flag/scan"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/job"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// jobName is the kind of the job that asks.
const jobName = "redflag.ask"

// soon is how long after something was written all is asked again: an import is then
// over, or asks once more when it is.
const soon = time.Minute

// Listener makes a job when contracting processes changed.
func Listener() activity.Listener {
	return activity.Listener{Name: "redflag", Handle: func(ctx context.Context, tx *db.Tx, batch []activity.Event) error {
		if !slices.ContainsFunc(batch, func(e activity.Event) bool {
			return e.Kind == "contracting" && e.Verb != "redflag.replied" || e.Verb == "contractingfile.taken"
		}) {
			return nil
		}
		_, err := job.Enqueue(ctx, tx, jobName, job.Options{Unique: jobName, At: tx.Now.Add(soon)})
		return err
	}}
}

// Jobs are what this module does in the background.
func Jobs(d *db.DB) []job.Kind {
	return []job.Kind{{Name: jobName, Run: func(ctx context.Context, r *job.Run) error {
		_, err := Ask(ctx, d, who.Actor{ID: "system:redflag"}, func(done, total int64) { r.Progress(ctx, done, total, "redflag.progress") })
		return err
	}}}
}

// Count is how often a rule had an outcome.
type Counts map[string]map[outcome.Outcome]int

// Run is one time that all was asked.
type Run struct {
	ID        string
	Started   db.Time
	Ended     db.Time
	Processes int64
	Asked     int64 // flags
	Digest    string
	Counts    db.JSON[Counts]
}

// Ref names the run.
func (r *Run) Ref() record.Ref { return record.Ref{Kind: "redflagrun", ID: r.ID} }

// page is how many processes are read at a time.
const page = 256

// Ask asks all questions of all processes and stores those that stand. progress may be
// nil.
func Ask(ctx context.Context, d *db.DB, actor who.Actor, progress func(done, total int64)) (Run, error) {
	a := &asking{pass: scan.New(scan.Options{}), counts: Counts{}, byOCID: map[string]string{}, progress: progress}
	a.run.Started = db.Time{Time: d.Now()}
	if err := a.all(ctx, d); err != nil {
		return Run{}, err
	}
	if err := a.pass.Finish(func(f *outcome.Finding) error { a.take(*f); return nil }); err != nil {
		return Run{}, err
	}
	return a.store(ctx, d, actor)
}

type asking struct {
	pass     *scan.Pass
	counts   Counts
	flags    []outcome.Finding
	byOCID   map[string]string // ids of processes
	run      Run
	progress func(done, total int64)
}

type process struct{ id, ocid, compiled string }

// all looks at each process, a page of them at a time on all processors.
func (a *asking) all(ctx context.Context, d *db.DB) error {
	last, total := "", int64(0)
	for {
		var rows []process
		if err := d.View(ctx, func(tx *db.Tx) (err error) {
			if total == 0 {
				if total, err = db.Get(ctx, tx, db.One[int64], `SELECT count(*) FROM procurement_process`); err != nil {
					return err
				}
			}
			rows, err = db.List(ctx, tx, func(p *process) []any { return []any{&p.id, &p.ocid, &p.compiled} },
				`SELECT id, ocid, compiled FROM procurement_process WHERE id > $1 ORDER BY id LIMIT $2`, last, page)
			return err
		}); err != nil || len(rows) == 0 {
			return err
		}
		if err := a.look(rows); err != nil {
			return err
		}
		last = rows[len(rows)-1].id
		if a.run.Processes += int64(len(rows)); a.progress != nil {
			a.progress(a.run.Processes, total)
		}
	}
}

func (a *asking) look(rows []process) error {
	seen, errs := make([]*scan.Seen, len(rows)), make([]error, len(rows))
	var wg sync.WaitGroup
	const workers = 4
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(rows); i += workers {
				seen[i], errs[i] = a.pass.Look([]byte(rows[i].compiled))
			}
		})
	}
	wg.Wait()
	for i, s := range seen {
		a.byOCID[rows[i].ocid] = rows[i].id
		found, err := []outcome.Finding(nil), errs[i]
		if err == nil {
			found, err = a.pass.Take(s)
		}
		switch {
		case errors.Is(err, scan.ErrObject), errors.Is(err, scan.ErrOCID), errors.Is(err, scan.ErrTwice):
			continue // the page of the process says that it could not be read
		case err != nil:
			return err
		}
		for _, f := range found {
			a.take(f)
		}
	}
	return nil
}

// take counts an outcome and keeps a flag.
func (a *asking) take(f outcome.Finding) {
	if a.counts[f.Rule] == nil {
		a.counts[f.Rule] = map[outcome.Outcome]int{}
	}
	a.counts[f.Rule][f.Outcome]++
	if f.Outcome == outcome.Flag {
		a.flags = append(a.flags, f.Public())
	}
}

// store puts the flags in the place of those of the run before.
func (a *asking) store(ctx context.Context, d *db.DB, actor who.Actor) (Run, error) {
	outcome.Sort(a.flags)
	digest := outcome.NewDigest("redflags")
	texts, ids := make([]string, len(a.flags)), map[string]int{}
	for i := range a.flags {
		b, err := json.Marshal(&a.flags[i])
		if err != nil {
			return Run{}, err
		}
		texts[i] = string(b)
		digest.Add(texts[i])
		ids[a.flags[i].ID()] = i
	}
	a.run.Asked, a.run.Digest, a.run.Counts.V = int64(len(a.flags)), digest.Sum(), a.counts
	gone, fresh, err := a.difference(ctx, d, ids, texts)
	if err != nil {
		return Run{}, err
	}
	for part := range slices.Chunk(gone, rowsAtOnce) {
		if err := d.Update(ctx, func(tx *db.Tx) error {
			in, args := db.In(1, part)
			_, err := tx.Exec(ctx, `DELETE FROM redflag WHERE id IN `+in, args...)
			return err
		}); err != nil {
			return Run{}, err
		}
	}
	for part := range slices.Chunk(fresh, rowsAtOnce) {
		if err := d.Update(ctx, func(tx *db.Tx) error { return a.write(ctx, tx, part, texts) }); err != nil {
			return Run{}, err
		}
	}
	return a.end(ctx, d, actor)
}

// rowsAtOnce is how many rows one transaction writes.
const rowsAtOnce = 256

// difference tells which of the stored flags are gone, and which of the found are new
// or another.
func (a *asking) difference(ctx context.Context, d *db.DB, ids map[string]int, texts []string) (gone []string, fresh []int, err error) {
	same := map[int]bool{}
	err = d.View(ctx, func(tx *db.Tx) error {
		type stored struct{ id, finding string }
		all, err := db.List(ctx, tx, func(s *stored) []any { return []any{&s.id, &s.finding} }, `SELECT id, finding FROM redflag`)
		for _, s := range all {
			i, is := ids[s.id]
			switch {
			case !is:
				gone = append(gone, s.id)
			case texts[i] == s.finding:
				same[i] = true
			}
		}
		return err
	})
	for _, i := range ids {
		if !same[i] {
			fresh = append(fresh, i)
		}
	}
	slices.Sort(fresh)
	return gone, fresh, err
}

func (a *asking) write(ctx context.Context, tx *db.Tx, part []int, texts []string) error {
	now := db.Time{Time: tx.Now}
	var rows [][]any
	for _, i := range part {
		f := &a.flags[i]
		rows = append(rows, []any{f.ID(), f.Rule, f.Subject.Kind, f.Subject.ID, a.byOCID[ocidOf(f)], texts[i], now, now})
	}
	_, err := db.InsertAll(ctx, tx, `INSERT INTO redflag (id, rule, kind, about, process, finding, since, changed)`, rows,
		`ON CONFLICT (id) DO UPDATE SET finding = excluded.finding, changed = excluded.changed, process = excluded.process`)
	return err
}

// ocidOf is the process that a finding is about; empty where it is about more.
func ocidOf(f *outcome.Finding) string {
	if f.Subject.Kind == "process" {
		return f.Subject.ID
	}
	return ""
}

func (a *asking) end(ctx context.Context, d *db.DB, actor who.Actor) (Run, error) {
	err := d.Update(ctx, func(tx *db.Tx) error {
		a.run.ID, a.run.Ended = id.New(tx.Now), db.Time{Time: tx.Now}
		if _, err := tx.Exec(ctx, `INSERT INTO redflag_run (id, started, ended, processes, asked, digest, counts) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			a.run.ID, a.run.Started, a.run.Ended, a.run.Processes, a.run.Asked, a.run.Digest, a.run.Counts); err != nil {
			return err
		}
		_, err := activity.Append(ctx, tx, activity.Entry{
			Actor: actor.ID, Verb: "redflagrun.ended", Kind: "redflagrun", Record: a.run.ID, Public: true, Title: strings.ToUpper(a.run.Digest[:8]),
			After: map[string]any{"asked": a.run.Asked, "digest": a.run.Digest, "processes": a.run.Processes},
		})
		return err
	})
	return a.run, err
}

// LastRun is the last time that all was asked, or db.ErrNotFound.
func LastRun(ctx context.Context, tx *db.Tx) (Run, error) {
	return db.Get(ctx, tx, func(r *Run) []any {
		return []any{&r.ID, &r.Started, &r.Ended, &r.Processes, &r.Asked, &r.Digest, &r.Counts}
	}, `SELECT id, started, ended, processes, asked, digest, counts FROM redflag_run ORDER BY id DESC LIMIT 1`)
}

// Kind is a run, so that the log can name it.
var Kind = record.Kind{Name: "redflagrun", Describe: func(ctx context.Context, tx *db.Tx, _ who.Actor, ids []string) (out []record.Card, err error) {
	in, args := db.In(1, ids)
	type run struct {
		id, digest string
		ended      db.Time
	}
	all, err := db.List(ctx, tx, func(r *run) []any { return []any{&r.id, &r.digest, &r.ended} }, `SELECT id, digest, ended FROM redflag_run WHERE id IN `+in, args...)
	for _, r := range all {
		out = append(out, record.Card{Ref: record.Ref{Kind: "redflagrun", ID: r.id}, Title: strings.ToUpper(r.digest[:8]), Changed: r.ended, Public: true})
	}
	return out, err
}}
