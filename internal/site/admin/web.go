package admin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/job"
	"ceiba/internal/service/who"
)

// page is the frame of every page here: for one person, below the overview.
func page(ctx context.Context, title string, kind ui.PageKind, crumbs ...ui.Link) ui.Page {
	return ui.Page{
		Title: title, Kind: kind, Private: true, Wide: kind == ui.Reading,
		Crumbs: append([]ui.Link{{Text: i18n.T(ctx, "admin.nav"), Href: "/admin"}}, crumbs...),
	}
}

// overviewView is the first page.
type overviewView struct {
	Runs     bool // the reader runs the site, and sees the figures
	Standing Standing
	Version  string
	Links    []ui.Card
	Mute     bool // no letter leaves this site
}

// places are the pages below, each with the action that it asks for.
var places = []struct{ key, path, action string }{
	{"people", "/admin/people", "person.read"},
	{"invite", "/admin/invite", "person.grant"},
	{"orgs", "/admin/organisations", "org.create"},
	{"pages", "/admin/pages", "page.write"},
	{"settings", "/admin/settings", "site.settings"},
	{"moderation", "/moderation", "record.moderate"},
	{"jobs", "/admin/jobs", "admin.run"},
	{"backup", "/admin/backup", "admin.run"},
	{"metrics", "/metrics", "site.metrics"},
}

func (a *Admin) overview(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	actor := who.From(ctx)
	v := overviewView{Runs: actor.May("admin.run", who.Site), Version: a.Version, Mute: a.Mails != nil && !a.Mails()}
	for _, p := range places {
		if actor.May(p.action, who.Site) {
			v.Links = append(v.Links, ui.Card{Title: i18n.T(ctx, "admin.place."+p.key), Href: p.path, Text: i18n.T(ctx, "admin.place."+p.key+".text")})
		}
	}
	if v.Runs {
		var err error
		if v.Standing, err = a.Look(ctx, actor); err != nil {
			return err
		}
	}
	p := page(ctx, i18n.T(ctx, "admin.nav"), ui.Reading)
	p.Crumbs = nil
	return web.Page(w, r, http.StatusOK, p, overviewPage(v))
}

// jobsView is the page of background work.
type jobsView struct {
	State   job.State
	Jobs    []job.Job
	Counts  []job.Count
	Planned []job.Planned
	Next    string // id of the last one shown; empty at the end
}

const jobsPerPage = 50

func (a *Admin) jobs(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	v := jobsView{State: job.State(q.Get("state"))}
	if err := a.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Jobs, err = job.List(ctx, tx, job.Filter{State: v.State, Kind: q.Get("kind"), Before: q.Get("before")}, jobsPerPage+1); err != nil {
			return err
		}
		if v.Counts, err = job.Counts(ctx, tx); err != nil {
			return err
		}
		v.Planned, err = job.Schedules(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	if len(v.Jobs) > jobsPerPage {
		v.Jobs = v.Jobs[:jobsPerPage]
		v.Next = ui.WithQuery("/admin/jobs", q, "before", v.Jobs[jobsPerPage-1].ID)
	}
	return web.Page(w, r, http.StatusOK, page(ctx, i18n.T(ctx, "admin.place.jobs"), ui.Reading), jobsPage(v))
}

func (a *Admin) retryJob(w http.ResponseWriter, r *http.Request) error {
	if err := a.Retry(r.Context(), who.From(r.Context()), r.PathValue("id")); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "admin.job_retried")
	web.Redirect(w, r, "/admin/jobs")
	return nil
}

func (a *Admin) cancelJob(w http.ResponseWriter, r *http.Request) error {
	if err := a.Cancel(r.Context(), who.From(r.Context()), r.PathValue("id")); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "admin.job_cancelled")
	web.Redirect(w, r, "/admin/jobs")
	return nil
}

// backupView is the page of backups.
type backupView struct {
	web.Wrong        // with the restore
	Last      Backup // made from the page
	Some      bool   // there is a Last
	By        string // name of who made it
	Failed    string // why the last restore failed
}

func (a *Admin) backupPage(w http.ResponseWriter, r *http.Request) error {
	return a.backupWith(w, r, http.StatusOK, backupView{})
}

func (a *Admin) backupWith(w http.ResponseWriter, r *http.Request, status int, v backupView) error {
	ctx := r.Context()
	var names map[string]string
	if err := a.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Last, v.Some, err = LastBackup(ctx, tx); err == nil && v.Some {
			names, err = who.NamesOf(ctx, tx, []string{v.Last.By})
		}
		return err
	}); err != nil {
		return err
	}
	v.By = names[v.Last.By]
	failed, err := a.Backups.Failed(ctx)
	if err != nil {
		return err
	}
	if failed != nil {
		v.Failed = i18n.From(ctx).Fault(failed)
	}
	return web.Page(w, r, status, page(ctx, i18n.T(ctx, "admin.place.backup"), ui.Form), backupPage(v))
}

// restoreBackup takes a backup part by part; it goes to disk as it arrives.
func (a *Admin) restoreBackup(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	err := a.mayRestore(ctx, who.From(ctx)) // before a large file is read in vain
	if err == nil {
		err = a.receiveBackup(r)
	}
	if web.ProveAgain(w, r, err, "/admin/backup") {
		return nil
	}
	if wrong, ok := web.Mend(w, r, err, "file", label); ok {
		return a.backupWith(w, r, wrong.Status, backupView{Wrong: wrong})
	}
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusAccepted, page(ctx, i18n.T(ctx, "admin.restoring"), ui.Form), restoringPage())
}

func (a *Admin) receiveBackup(r *http.Request) error {
	ctx := r.Context()
	parts, err := r.MultipartReader()
	if err != nil {
		return fault.New(fault.Malformed, "web.bad_form").Wrap(err)
	}
	sure := false
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return fault.Fields{{Name: "file", Key: "fault.required"}}
		case err != nil:
			return fault.New(fault.Malformed, "web.bad_form").Wrap(err)
		case part.FormName() == "sure":
			sure = true
		case part.FormName() != "file" || part.FileName() == "":
		case !sure:
			return fault.Fields{{Name: "sure", Key: "admin.not_sure"}}
		default:
			return a.StageRestore(ctx, who.From(ctx), part)
		}
	}
}

// makeBackup makes the whole file before it sends any of it: a file that breaks
// off in the middle would look like a backup and be none.
func (a *Admin) makeBackup(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := os.CreateTemp("", "ceiba-backup-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	n, err := a.MakeBackup(ctx, who.From(ctx), f)
	if web.ProveAgain(w, r, err, "/admin/backup") {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Length", strconv.FormatInt(n, 10))
	h.Set("Content-Disposition", `attachment; filename="ceiba-`+a.DB.Now().In(i18n.Belize).Format(time.DateOnly)+`.backup"`)
	h.Set("Cache-Control", "no-store")
	_, err = io.Copy(w, f)
	return err
}
