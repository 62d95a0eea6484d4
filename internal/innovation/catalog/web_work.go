package catalog

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/job"
	"ceiba/internal/service/record"
	"ceiba/internal/service/shelf"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/who"
)

func (c *Catalog) resourceRoutes(r *web.Routes) {
	write := web.Needs("dataset.write")
	r.Get("/resource/{id}", web.Public, c.explore, web.Shared)
	r.Get("/resource/{id}/work", write, c.work)
	r.Get("/resource/{id}/progress", write, c.progress)
	r.Get("/resource/{id}/progress/stream", write, c.stream, web.Streams)
	r.Post("/resource/{id}/declare", write, c.declare)
	r.Post("/resource/{id}/publish", write, c.publish)
	r.Post("/resource/{id}/replace", write, c.replace, web.Body(maxUpload), web.Streams, web.Limit(web.Heavy))
	r.Post("/resource/{id}/edit", write, c.editResource)
	r.Post("/resource/{id}/remove", write, c.remove)
	r.Get("/resource/{id}/download", web.Public, c.download, web.Streams, web.Limit(web.Heavy))
	r.Get("/resource/{id}/tiles.json", web.Public, c.tileSet, web.Shared)
	r.Get("/resource/{id}/tiles/{z}/{x}/{y}", web.Public, c.tile, web.Shared)
	r.Get("/resource/{id}/rejects.csv", web.Public, c.rejectsFile, web.Streams, web.Limit(web.Heavy))
}

// workView is the page on which a publisher follows and corrects a version.
type workView struct {
	Dataset  Dataset
	Resource Resource
	Version  shelf.Version
	Job      job.Job
	MayPub   bool
	Personal []string // columns that seem to hold personal data
}

// loadWork reads a resource's version in the making. ok is false if there is
// none, so that the reader goes to the resource itself.
func (c *Catalog) loadWork(ctx context.Context, id string) (v workView, ok bool, err error) {
	err = c.DB.View(ctx, func(tx *db.Tx) error {
		actor := who.From(ctx)
		if v.Resource, v.Dataset, err = seeResource(ctx, tx, actor, id); err != nil {
			return err
		}
		if _, err = mayChange(ctx, tx, actor, v.Dataset.ID); err != nil {
			return err
		}
		v.MayPub = actor.May("dataset.publish", who.In(v.Dataset.Org)) || v.Dataset.State == Draft
		v.Version, v.Job, ok, err = making(ctx, tx, v.Resource.Ref())
		return err
	})
	return v, ok, err
}

// making reads a resource's version in the making and the job that makes it.
func making(ctx context.Context, tx *db.Tx, of record.Ref) (v shelf.Version, j job.Job, ok bool, err error) {
	if v, ok, err = shelf.Waiting(ctx, tx, of); err != nil || !ok {
		return v, j, ok, err
	}
	j, err = job.Get(ctx, tx, v.Job)
	return v, j, ok, err
}

// waiting is loadWork for a form that needs a version in the making.
func (c *Catalog) waiting(ctx context.Context, id string) (workView, error) {
	v, ok, err := c.loadWork(ctx, id)
	if err == nil && !ok {
		err = fault.New(fault.Conflict, "shelf.not_waiting")
	}
	return v, err
}

func (c *Catalog) work(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, ok, err := c.loadWork(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	if !ok {
		web.Redirect(w, r, "/resource/"+v.Resource.ID)
		return nil
	}
	p := ui.Page{Title: v.Resource.Title, Private: true, Wide: true, Crumbs: []ui.Link{{Text: v.Dataset.Title, Href: v.Dataset.Ref().Path()}}}
	switch v.Version.State {
	case shelf.Received, shelf.Building:
		return web.Page(w, r, http.StatusOK, p, progressPage(v))
	}
	p.Kind = ui.Form
	return web.Page(w, r, http.StatusOK, p, previewPage(v))
}

// Words says what is being done.
func (v workView) Words(ctx context.Context) string {
	if v.Job.Words.Key != "" {
		return i18n.T(ctx, v.Job.Words.Key, v.Job.Words.Args...)
	}
	return i18n.T(ctx, "catalog.work."+string(v.Version.State))
}

func (v workView) tone() ui.Tone {
	if v.Job.State == job.Dead {
		return ui.Late
	}
	return ui.Going
}

// progress is how far the work on a version is, for the script on its page.
type progress struct {
	State string `json:"state"` // going or done
	Done  int64  `json:"done"`
	Total int64  `json:"total"`
	Words string `json:"words"`
	Href  string `json:"href,omitempty"` // where to go when it is done
}

func progressOf(ctx context.Context, v workView, ok bool) progress {
	switch {
	case !ok:
		return progress{State: "done", Href: "/resource/" + v.Resource.ID}
	case made(v.Version):
		return progress{State: "done", Href: "/resource/" + v.Resource.ID + "/work"}
	}
	return progress{State: "going", Done: v.Job.Done, Total: v.Job.Total, Words: v.Words(ctx)}
}

// made reports whether the machine has done its part: it waits for the
// publisher, or has failed.
func made(v shelf.Version) bool { return v.State == shelf.Profiled || v.State == shelf.Failed }

// progress answers once, for a page to which events do not arrive.
func (c *Catalog) progress(w http.ResponseWriter, r *http.Request) error {
	v, ok, err := c.loadWork(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(progressOf(r.Context(), v, ok))
}

// underway is how the work on a resource stands, the same for everybody.
type underway struct {
	view workView
	ok   bool // there is work
}

// stream tells of progress as it is made.
func (c *Catalog) stream(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	return web.Events(w, r, web.Stream[underway]{
		Thing: "resource " + id,
		May:   func(ctx context.Context) error { _, _, err := c.loadWork(ctx, id); return err },
		Look: func(ctx context.Context) (u underway, over bool, err error) {
			u.view.Resource.ID = id
			err = c.DB.View(ctx, func(tx *db.Tx) error {
				u.view.Version, u.view.Job, u.ok, err = making(ctx, tx, u.view.Resource.Ref())
				return err
			})
			return u, !u.ok || made(u.view.Version), err
		},
		Say: func(ctx context.Context, u underway) any { return progressOf(ctx, u.view, u.ok) },
	})
}

// declare takes the publisher's corrections and has the file read again.
func (c *Catalog) declare(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := c.waiting(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	o, err := corrections(f, v.Version)
	if err != nil {
		return err
	}
	if err := c.DB.Update(ctx, func(tx *db.Tx) error {
		if _, err := mayChange(ctx, tx, who.From(ctx), v.Dataset.ID); err != nil {
			return err
		}
		return shelf.Correct(ctx, tx, who.From(ctx), v.Version.ID, o)
	}); err != nil {
		return err
	}
	web.Redirect(w, r, "/resource/"+v.Resource.ID+"/work")
	return nil
}

// corrections reads what differs from what was found.
func corrections(f web.Form, v shelf.Version) (profile.Options, error) {
	o := v.Options.V
	if v.Profile.V == nil {
		return o, nil
	}
	if o.Declared == nil {
		o.Declared = map[string]profile.Declared{}
	}
	for _, col := range v.Profile.V.Columns {
		d := o.Declared[col.Name]
		if t := table.Type(f.Line("type." + col.Name)); t != "" && t != col.Type {
			if !t.Known() {
				return o, fault.Fields{{Name: "type." + col.Name, Key: "fault.choice"}}
			}
			d.Type = t
		}
		if l := f.Line("label." + col.Name); l != "" && l != col.Label {
			d.Label = l
		}
		if f.Has("null." + col.Name) {
			d.NullWords = split(f.Line("null." + col.Name))
		}
		switch f.Line("dates." + col.Name) {
		case "day":
			d.DayFirst = ptr(true)
		case "month":
			d.DayFirst = ptr(false)
		}
		o.Declared[col.Name] = d
	}
	if f.Has("key") {
		o.Key = f.Line("key")
	}
	return o, nil
}

func ptr[T any](v T) *T { return &v }

func split(s string) []string {
	return slices.DeleteFunc(strings.Split(s, ","), func(v string) bool { return strings.TrimSpace(v) == "" })
}

func (c *Catalog) publish(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := c.waiting(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := c.DB.Update(ctx, func(tx *db.Tx) error {
		return publishTable(ctx, tx, who.From(ctx), v.Dataset.ID, v.Version.ID, f.Text("note"), f.Has("personal_ok"))
	}); err != nil {
		return err
	}
	web.Redirect(w, r, "/resource/"+v.Resource.ID+"/work")
	return nil
}

// publishTable has a looked-at version built. Columns that seem to hold
// personal data stop it until somebody says that they may be public.
func publishTable(ctx context.Context, tx *db.Tx, actor who.Actor, datasetID, versionID, note string, personalOK bool) error {
	if _, err := mayChange(ctx, tx, actor, datasetID); err != nil {
		return err
	}
	v, err := shelf.Get(ctx, tx, versionID)
	if err != nil {
		return err
	}
	if names := personalColumns(v.Profile.V); len(names) > 0 && !personalOK {
		return fault.New(fault.Invalid, "catalog.personal", "columns", strings.Join(names, ", "))
	}
	return shelf.Publish(ctx, tx, actor, versionID, note)
}

// replace takes a new file for a table.
func (c *Catalog) replace(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := c.replaceable(r)
	if err != nil {
		return err
	}
	res, file, err := c.receive(ctx, r, &v.addView)
	if err == nil && file.SHA256 == "" {
		err = fault.Fields{{Name: "file", Key: "catalog.upload_none"}}
	}
	if err == nil {
		err = c.brief(r, func(ctx context.Context) error {
			return c.DB.Update(ctx, func(tx *db.Tx) error {
				_, err := Replace(ctx, tx, who.From(ctx), v.Resource.ID, file, res.Name)
				return err
			})
		})
	}
	if fault.KindOf(err) == fault.Invalid {
		v.Upload = "" // it is the file that will not do
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "file", fieldLabel); ok {
		p := ui.Page{Title: v.Resource.Title, Kind: ui.Form, Private: true, Crumbs: []ui.Link{{Text: v.Dataset.Title, Href: v.Dataset.Ref().Path()}, {Text: v.Resource.Title, Href: v.Resource.Ref().Path()}}}
		return c.brief(r, func(ctx context.Context) error {
			return web.Page(w, r.WithContext(ctx), v.Status, p, replacePage(v))
		})
	}
	if err != nil {
		return err
	}
	web.Redirect(w, r, "/resource/"+v.Resource.ID+"/work")
	return nil
}

// replaceView is the form for a new file of a table.
type replaceView struct {
	addView
	Resource Resource
}

// replaceable reads the resource, before its file is taken in.
func (c *Catalog) replaceable(r *http.Request) (v replaceView, err error) {
	err = c.brief(r, func(ctx context.Context) error {
		return c.DB.View(ctx, func(tx *db.Tx) (err error) {
			if v.Resource, v.Dataset, err = seeResource(ctx, tx, who.From(ctx), r.PathValue("id")); err != nil {
				return err
			}
			_, err = mayChange(ctx, tx, who.From(ctx), v.Dataset.ID)
			return err
		})
	})
	return v, err
}

func (c *Catalog) editResource(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var p fault.Fields
	in := Resource{ID: r.PathValue("id"), Title: f.Line("title"), Description: f.Text("description"), URL: f.Line("url"), Version: f.Int(&p, "version")}
	if err := c.DB.Update(ctx, func(tx *db.Tx) error { _, err := editResource(ctx, tx, who.From(ctx), in); return err }); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "catalog.saved")
	web.Redirect(w, r, "/resource/"+in.ID)
	return nil
}

func (c *Catalog) remove(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var d Dataset
	if err := c.DB.Update(ctx, func(tx *db.Tx) (err error) {
		d, err = removeResource(ctx, tx, who.From(ctx), r.PathValue("id"))
		return err
	}); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "catalog.removed")
	web.Redirect(w, r, d.Ref().Path())
	return nil
}

// original serves the file as it was handed in.
func (c *Catalog) original(w http.ResponseWriter, r *http.Request, ref blob.Ref, name string, public bool) error {
	return c.Blob.Serve(w, r, ref, blob.Serving{Name: name, Public: public})
}
