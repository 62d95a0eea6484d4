package catalog

import (
	"context"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/job"
	"ceiba/internal/service/shelf"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/who"
)

// Import is a table that is published in one go, without anybody looking at it
// in between: by the command line and by harvesters.
type Import struct {
	Dataset    Dataset // of a new dataset; unused when Resource is set
	Resource   string  // id of the resource of which this is the next version
	File       blob.Ref
	Name       string            // of the file
	Types      map[string]string // by column, against what is found
	Key        string
	Note       string
	PersonalOK bool
}

// Imported is what came of an Import.
type Imported struct {
	Dataset  Dataset
	Resource Resource
	Version  shelf.Version
}

// ImportTable publishes a file as a table. run does the work that is queued
// (job.Runner.Drain); ImportTable returns when the version can be read.
func (c *Catalog) ImportTable(ctx context.Context, actor who.Actor, in Import, run func(context.Context) error) (out Imported, err error) {
	o := profile.Options{Key: in.Key, Declared: map[string]profile.Declared{}}
	for name, t := range in.Types {
		if !table.Type(t).Known() {
			return out, fault.New(fault.Invalid, "catalog.unknown_type", "type", t)
		}
		o.Declared[name] = profile.Declared{Type: table.Type(t)}
	}
	if err := c.DB.Update(ctx, func(tx *db.Tx) error { return c.handIn(ctx, tx, actor, in, o, &out) }); err != nil {
		return out, err
	}
	if err := c.step(ctx, run, &out, shelf.Profiled); err != nil {
		return out, err
	}
	if err := c.DB.Update(ctx, func(tx *db.Tx) error {
		return publishTable(ctx, tx, actor, out.Dataset.ID, out.Version.ID, in.Note, in.PersonalOK)
	}); err != nil {
		return out, err
	}
	if err := c.step(ctx, run, &out, shelf.Published); err != nil {
		return out, err
	}
	if out.Dataset.State == Draft {
		out.Dataset, err = Move(ctx, c.DB, actor, out.Dataset.ID, out.Dataset.Version, Published, "")
	}
	return out, err
}

func (c *Catalog) handIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Import, o profile.Options, out *Imported) (err error) {
	if in.Resource != "" {
		if out.Resource, out.Dataset, err = seeResource(ctx, tx, actor, in.Resource); err != nil {
			return err
		}
		out.Version, err = Replace(ctx, tx, actor, in.Resource, in.File, in.Name)
		return err
	}
	if out.Dataset, err = create(ctx, tx, actor, in.Dataset); err != nil {
		return err
	}
	out.Resource, out.Version, err = addFile(ctx, tx, actor, Resource{Dataset: out.Dataset.ID, Kind: Table, Title: in.Dataset.Title, Name: in.Name}, in.File, o)
	return err
}

// step runs the queue until the version has come as far as it is wanted; if it
// failed, the error is the sentence that its page shows. Inside a server
// the queue runs by itself, and on PostgreSQL a server beside the command may
// take the job first: step waits for this version only, not for an empty queue.
func (c *Catalog) step(ctx context.Context, run func(context.Context) error, out *Imported, want shelf.State) error {
	for {
		failed := run(ctx)
		over := false
		if err := c.DB.View(ctx, func(tx *db.Tx) (err error) {
			if out.Version, err = shelf.Get(ctx, tx, out.Version.ID); err != nil {
				return err
			}
			j, err := job.Get(ctx, tx, out.Version.Job)
			over = j.State.Over()
			return err
		}); err != nil {
			return err
		}
		f := out.Version.Fault.V
		switch {
		case out.Version.State == shelf.Failed && f != nil:
			return fault.New(fault.Invalid, f.Key, f.Args...)
		case out.Version.State == want:
			return nil
		case failed != nil:
			return failed
		case over:
			return fault.New(fault.Unavailable, "catalog.not_done")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
