package admin

import (
	"context"
	"embed"
	"errors"
	"io"

	"ceiba/internal/face/module"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/job"
	"ceiba/internal/service/who"
	"ceiba/internal/service/who/deed"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "admin", Files: files}

// Words are this module's sentences, keys "admin.…".
//
//go:embed locale/*.json
var Words embed.FS

// Rules say who may look at the administration's first page, and who may run
// the site. What is done with people and organisations has its own rules.
var Rules = []who.Rule{
	{Action: "admin.see", Site: []who.Role{who.Moderator, who.Secretariat}},
	{Action: "admin.run"},
}

// Backups makes backups of the whole site.
type Backups interface {
	// Make writes a backup, as `ceiba backup` does.
	Make(ctx context.Context, w io.Writer) error
	// Stage takes a backup that replaces the site when the server starts anew.
	Stage(ctx context.Context, r io.Reader) error
	// Anew has the server start anew once the requests that run have ended.
	Anew()
	// Failed returns why the last restore failed; nil if it did not.
	Failed(ctx context.Context) (*fault.Error, error)
}

// Admin joins the pages with what they look after.
type Admin struct {
	DB      *db.DB
	Blob    *blob.Store
	Who     func() *who.Store // opened after the modules are put together
	Backups Backups
	Version string      // of the program
	Mails   func() bool // whether letters leave this site; nil for yes
}

// Module declares the pages.
func (a *Admin) Module() module.Module {
	return module.Module{
		Name: "admin", Schema: Schema, Words: Words, Actions: Rules, Routes: a.routes, Personal: []who.Personal{deed.Columns("admin", "admin_backup.by_person")},
		Nav: []module.Nav{{Key: "admin.nav", Path: "/admin", Order: 90, Action: "admin.see"}},
	}
}

func (a *Admin) routes(r *web.Routes) {
	r.Get("/admin", web.Needs("admin.see"), a.overview)
	r.Get("/admin/jobs", web.Needs("admin.run"), a.jobs)
	r.Post("/admin/jobs/{id}/retry", web.Needs("admin.run"), a.retryJob)
	r.Post("/admin/jobs/{id}/cancel", web.Needs("admin.run"), a.cancelJob)
	r.Get("/admin/backup", web.Needs("admin.run"), a.backupPage)
	r.Post("/admin/restore", web.Needs("admin.run"), a.restoreBackup, web.Body(maxBackup), web.Streams, web.Limit(web.Heavy))
	r.Post("/admin/backup", web.Needs("admin.run"), a.makeBackup, web.Streams, web.Limit(web.Heavy))
	a.peopleRoutes(r)
	a.orgRoutes(r)
}

// Retry starts a job again that gave up or was cancelled.
func (a *Admin) Retry(ctx context.Context, actor who.Actor, key string) error {
	return a.move(ctx, actor, key, "job.retried", job.Retry)
}

// Cancel stops a job that waits or runs.
func (a *Admin) Cancel(ctx context.Context, actor who.Actor, key string) error {
	return a.move(ctx, actor, key, "job.stopped", job.Cancel)
}

func (a *Admin) move(ctx context.Context, actor who.Actor, key, verb string, do func(context.Context, *db.Tx, string) error) error {
	if err := actor.Must("admin.run", who.Site); err != nil {
		return err
	}
	return a.DB.Update(ctx, func(tx *db.Tx) error {
		j, err := job.Get(ctx, tx, key)
		if err != nil {
			return err
		}
		if err := do(ctx, tx, key); err != nil {
			return err
		}
		_, err = activity.Append(ctx, tx, activity.Entry{Actor: actor.ID, Verb: verb, Kind: "job", Record: key, Title: j.Kind})
		return err
	})
}

// Backup is one that was made from the page.
type Backup struct {
	At    db.Time
	By    string // id of a person
	Bytes int64
}

// LastBackup returns the newest backup made from the page; ok is false where
// there was none.
func LastBackup(ctx context.Context, tx *db.Tx) (b Backup, ok bool, err error) {
	b, err = db.Get(ctx, tx, func(b *Backup) []any { return []any{&b.At, &b.By, &b.Bytes} },
		`SELECT at, by_person, bytes FROM admin_backup ORDER BY id DESC LIMIT 1`)
	if errors.Is(err, db.ErrNotFound) {
		return b, false, nil
	}
	return b, err == nil, err
}

// MakeBackup writes a backup for an actor who has just shown who they are, and
// notes that it was made.
func (a *Admin) MakeBackup(ctx context.Context, actor who.Actor, w io.Writer) (bytes int64, err error) {
	if err := actor.Must("admin.run", who.Site); err != nil {
		return 0, err
	}
	if err := a.Who().Fresh(ctx, actor); err != nil {
		return 0, err
	}
	c := &counter{w: w}
	if err := a.Backups.Make(ctx, c); err != nil {
		return c.n, err
	}
	return c.n, a.DB.Update(ctx, func(tx *db.Tx) error {
		key := id.New(tx.Now)
		if _, err := tx.Exec(ctx, `INSERT INTO admin_backup (id, at, by_person, bytes) VALUES ($1, $2, $3, $4)`,
			key, db.Time{Time: tx.Now}, actor.ID, c.n); err != nil {
			return err
		}
		_, err := activity.Append(ctx, tx, activity.Entry{Actor: actor.ID, Verb: "site.backed_up", Kind: "site", Record: "backup", After: map[string]int64{"bytes": c.n}})
		return err
	})
}

// maxBackup is the largest backup that the page takes.
const maxBackup = 1 << 40

// StageRestore takes a backup from an actor who has just shown who they are.
// When it returns nil the server is about to start anew with it.
func (a *Admin) StageRestore(ctx context.Context, actor who.Actor, r io.Reader) error {
	if err := a.mayRestore(ctx, actor); err != nil {
		return err
	}
	if err := a.Backups.Stage(ctx, r); err != nil {
		return err
	}
	if err := a.DB.Update(ctx, func(tx *db.Tx) error { // should the backup be refused, the log says who tried
		_, err := activity.Append(ctx, tx, activity.Entry{Actor: actor.ID, Verb: "site.restore_asked", Kind: "site", Record: "backup"})
		return err
	}); err != nil {
		return err
	}
	a.Backups.Anew()
	return nil
}

func (a *Admin) mayRestore(ctx context.Context, actor who.Actor) error {
	if err := actor.Must("admin.run", who.Site); err != nil {
		return err
	}
	return a.Who().Fresh(ctx, actor)
}

// counter counts what goes through it.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// Standing is how the site stands.
type Standing struct {
	Engine   string // of the database
	Database int64  // its bytes
	Files    int    // stored files that were counted
	Bytes    int64  // theirs
	More     bool   // there are more than were counted
	Jobs     []job.Count
	Lags     []activity.Lag
	Backup   Backup
	Backed   bool // there is a Backup
}

// mostFiles is how many stored files are counted for one look.
const mostFiles = 20_000

// Look returns how the site stands, for those who run it.
func (a *Admin) Look(ctx context.Context, actor who.Actor) (s Standing, err error) {
	if err := actor.Must("admin.run", who.Site); err != nil {
		return s, err
	}
	s.Engine = a.DB.Engine()
	if err := a.DB.View(ctx, func(tx *db.Tx) (err error) {
		if s.Jobs, err = job.Counts(ctx, tx); err != nil {
			return err
		}
		if s.Lags, err = activity.Lags(ctx, tx); err != nil {
			return err
		}
		if s.Backup, s.Backed, err = LastBackup(ctx, tx); err != nil {
			return err
		}
		s.Database, err = db.Get(ctx, tx, db.One[int64], tx.Pick(`SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`,
			`SELECT pg_database_size(current_database())`))
		return err
	}); err != nil {
		return s, err
	}
	for f, err := range a.Blob.Walk(ctx) {
		if err != nil {
			return s, err
		}
		if s.Files == mostFiles {
			s.More = true
			break
		}
		s.Files++
		s.Bytes += f.Size
	}
	return s, nil
}
