package pages

import (
	"context"
	"strconv"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/job"
	"ceiba/internal/service/record"
)

// The log has one entry for a part of a file, not one for each process. So search,
// which follows the log, is told of the processes by a job for each part.

// indexing is the job that makes the processes of a part of a file findable.
const indexing = "procurement.index"

// part names what one transaction took of a file.
type part struct {
	File string  `json:"file"`
	At   db.Time `json:"at"`
}

// listener orders the job for each part.
func (p *Pages) listener() activity.Listener {
	return activity.Listener{Name: indexing, Handle: func(ctx context.Context, tx *db.Tx, batch []activity.Event) error {
		for _, e := range batch {
			if e.Verb != "contractingfile.taken" {
				continue
			}
			if _, err := job.Enqueue(ctx, tx, indexing, job.Options{
				Args: part{e.Record, e.At}, Unique: e.Record + " " + strconv.FormatInt(e.At.UnixMicro(), 10), RecordKind: e.Kind, Record: e.Record,
			}); err != nil {
				return err
			}
		}
		return nil
	}}
}

func (p *Pages) index(ctx context.Context, r *job.Run) error {
	var what part
	if err := r.Args(&what); err != nil {
		return err
	}
	return p.indexPart(ctx, what)
}

// indexPart indexes a few processes at a time: the writer is not held for long.
func (p *Pages) indexPart(ctx context.Context, what part) error {
	var refs []record.Ref
	if err := p.DB.View(ctx, func(tx *db.Tx) error {
		ids, err := procurement.TakenAt(ctx, tx, what.File, what.At)
		for _, id := range ids {
			refs = append(refs, record.Ref{Kind: procurement.Kind.Name, ID: id})
		}
		return err
	}); err != nil {
		return err
	}
	const few = 16
	for len(refs) > 0 {
		n := min(few, len(refs))
		if err := p.DB.Update(ctx, func(tx *db.Tx) error { return p.Search(ctx, tx, refs[:n]) }); err != nil {
			return err
		}
		refs = refs[n:]
	}
	return nil
}
