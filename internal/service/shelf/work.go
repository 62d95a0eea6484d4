package shelf

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/job"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/build"
	"ceiba/internal/service/table/derive"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/table/query"
)

const (
	profileJob = "table.profile"
	buildJob   = "table.build"
	deriveJob  = "table.derive"
)

type task struct{ Version string }

// Shelf does the work on versions and opens them for reading.
type Shelf struct {
	db   *db.DB
	blob *blob.Store
	dir  string // where versions are built; on the same disk as the blob store's cache

	library *query.Library
}

// New returns a shelf that builds in dir, which it empties of what an earlier
// process left half done.
func New(d *db.DB, b *blob.Store, dir string) (*Shelf, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("empty the workshop: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the workshop: %w", err)
	}
	return &Shelf{db: d, blob: b, dir: dir, library: query.NewLibrary(query.Limits{Temp: dir})}, nil
}

// Jobs are the kinds of work that a shelf does. One table is built at a time:
// it uses every core and a bounded amount of memory.
func (s *Shelf) Jobs() []job.Kind {
	return []job.Kind{
		{Name: profileJob, Run: s.step(s.profile), MaxTries: 3, Concurrency: 1},
		{Name: buildJob, Run: s.step(s.build), MaxTries: 3, Concurrency: 1},
		{Name: deriveJob, Run: s.step(s.derive), MaxTries: 5, Concurrency: 1},
	}
}

// Making are the kinds of work after which a version can be read, without what
// only makes it faster.
func (s *Shelf) Making() []job.Kind { return s.Jobs()[:2] }

// step wraps a piece of work: it reads the version and, if the work cannot
// succeed, writes down why.
func (s *Shelf) step(work func(context.Context, *job.Run, Version) error) func(context.Context, *job.Run) error {
	return func(ctx context.Context, r *job.Run) error {
		var t task
		if err := r.Args(&t); err != nil {
			return err
		}
		var v Version
		if err := s.db.View(ctx, func(tx *db.Tx) (err error) { v, err = Get(ctx, tx, t.Version); return err }); err != nil {
			return err
		}
		err := work(ctx, r, v)
		var f *fault.Error
		if errors.As(err, &f) && final(f.Kind) {
			return errors.Join(job.ErrGiveUp, err, s.fail(ctx, r, v, f))
		}
		return err
	}
}

// final reports whether trying again cannot help.
func final(k fault.Kind) bool {
	return k == fault.Invalid || k == fault.TooLarge || k == fault.Malformed || k == fault.NotFound
}

func (s *Shelf) fail(ctx context.Context, r *job.Run, v Version, f *fault.Error) error {
	if v.State == Published {
		return nil // only deriving failed: the version stays, and is slower
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := r.Hold(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE shelf_version SET state = 'failed', fault = $2 WHERE id = $1 AND state <> 'published'`,
			v.ID, db.JSON[*Fault]{V: &Fault{f.Key, f.Args}})
		return err
	})
}

// progress passes a table's progress on to the job.
func progress(ctx context.Context, r *job.Run) table.Progress {
	return func(s table.Step) { r.Progress(ctx, s.Done, s.Total, s.Stage) }
}

func (s *Shelf) profile(ctx context.Context, r *job.Run, v Version) error {
	path, release, err := s.blob.Local(ctx, v.Original)
	if err != nil {
		return err
	}
	defer release()
	p, err := profile.File(ctx, path, v.Options.V, progress(ctx, r))
	if err != nil {
		return err
	}
	if err := notePersonal(ctx, path, v.Options.V.Source, p); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := r.Finish(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE shelf_version SET state = 'profiled', profile = $2, row_count = $3, fault = NULL
			WHERE id = $1 AND state = 'received'`, v.ID, db.JSON[*profile.Profile]{V: p}, p.Rows)
		return err
	})
}

// build makes the version's folder beside the others, stores it, and only then
// says that it is published.
func (s *Shelf) build(ctx context.Context, r *job.Run, v Version) error {
	if v.State != Building || v.Profile.V == nil {
		return nil // an attempt that lost its lease finished after all
	}
	path, release, err := s.blob.Local(ctx, v.Original)
	if err != nil {
		return err
	}
	defer release()
	work := filepath.Join(s.dir, v.ID)
	defer os.RemoveAll(work)
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	m, err := build.Version(ctx, path, v.Profile.V, work, progress(ctx, r))
	if err != nil {
		return err
	}
	folder, err := s.blob.PutDir(ctx, work)
	if err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := r.Finish(ctx, tx); err != nil {
			return err
		}
		return s.published(ctx, tx, r.Actor(), v, m, folder.SHA256)
	})
}

func (s *Shelf) published(ctx context.Context, tx *db.Tx, actor string, v Version, m *table.Manifest, folder string) error {
	n, err := db.Get(ctx, tx, db.One[int], `SELECT coalesce(max(n), 0) + 1 FROM shelf_version WHERE owner_kind = $1 AND owner = $2`,
		v.Owner.Kind, v.Owner.ID)
	if err != nil {
		return err
	}
	// Its next job derives what makes it fast.
	next, err := job.Enqueue(ctx, tx, deriveJob, job.Options{Args: task{v.ID}, Unique: v.ID, Actor: actor, RecordKind: v.Owner.Kind, Record: v.Owner.ID})
	if err != nil {
		return err
	}
	if err := tx.MustChange(ctx, `UPDATE shelf_version SET state = 'published', n = $2, files = $3, row_count = $4, rejects = $5,
		published = $6, job = $7, fault = NULL WHERE id = $1 AND state = 'building'`,
		v.ID, n, folder, m.Rows, m.Rejects.Total, db.Time{Time: tx.Now}, next); err != nil {
		return err
	}
	_, err = activity.Append(ctx, tx, activity.Entry{
		Actor: actor, Verb: v.Owner.Kind + ".version_published", Kind: v.Owner.Kind,
		Record: v.Owner.ID, Public: true, Title: v.Name, Note: v.Note,
		After: map[string]any{"version": n, "rows": m.Rows, "rejects": m.Rejects.Total, "sha256": v.Original, "digest": m.Digest},
	})
	return err
}

// derive makes indexes, full text and Parquet in a copy of the version's
// folder, and swaps the copy in.
func (s *Shelf) derive(ctx context.Context, r *job.Run, v Version) error {
	if v.State != Published || v.Derived {
		return nil
	}
	from, release, err := s.blob.GetDir(ctx, v.Files)
	if err != nil {
		return err
	}
	defer release()
	work := filepath.Join(s.dir, v.ID+".derive")
	defer os.RemoveAll(work)
	if err := linkDir(from, work); err != nil {
		return err
	}
	if err := derive.Files(ctx, work, progress(ctx, r)); err != nil {
		return err
	}
	folder, err := s.blob.PutDir(ctx, work)
	if err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := r.Finish(ctx, tx); err != nil {
			return err
		}
		if err := tx.MustChange(ctx, `UPDATE shelf_version SET files = $2, derived = TRUE WHERE id = $1`, v.ID, folder.SHA256); err != nil {
			return err
		}
		_, err := activity.Append(ctx, tx, activity.Entry{
			Actor: "system:table", Verb: v.Owner.Kind + ".version_indexed", Kind: v.Owner.Kind,
			Record: v.Owner.ID, After: map[string]any{"version": v.N},
		})
		return err
	})
}

// linkDir makes a folder with the files of another: hard links where the disk
// allows, copies otherwise. Derive replaces files and never writes into one.
func linkDir(from, to string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		src, dst := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		if os.Link(src, dst) == nil {
			continue
		}
		if err := copyFile(src, dst); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(src, dst string) error {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(dst)
	if err != nil {
		return err
	}
	_, err = out.ReadFrom(in)
	return errors.Join(err, out.Close())
}

// Open gives a published version for reading. The caller calls done when it
// has finished.
func (s *Shelf) Open(ctx context.Context, v Version) (t *query.Version, done func(), err error) {
	if v.Files == "" {
		return nil, nil, db.ErrNotFound
	}
	dir, release, err := s.blob.GetDir(ctx, v.Files)
	if err != nil {
		return nil, nil, err
	}
	if t, err = s.library.Open(dir); err != nil {
		release()
		return nil, nil, err
	}
	return t, release, nil
}

// Sweep closes versions that nobody has read for a while. It frees what this
// process holds, so every node does it for itself.
func (s *Shelf) Sweep() { s.library.Sweep() }

// Close closes the versions that are open.
func (s *Shelf) Close() { s.library.Close() }
