package catalog

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/shelf"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/who"
)

// addView is the form that adds a file or a link.
type addView struct {
	web.Wrong
	Dataset                 Dataset
	Slug                    string
	Title, Description, URL string
	Upload, Name            string // id of an upload that arrived before the form, and its file's name
}

// kept names the file that need not be sent again.
func (v addView) kept() []string {
	if v.Upload == "" || v.Name == "" {
		return nil
	}
	return []string{v.Name}
}

// fileKinds are what a resource may be.
var fileKinds = []blob.Kind{blob.Table, blob.Document, blob.Map, blob.Image, blob.Media, blob.Archive}

func (c *Catalog) addForm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v addView
	if err := c.DB.View(ctx, func(tx *db.Tx) error { return c.mayAdd(ctx, tx, r, &v) }); err != nil {
		return err
	}
	return c.addAgain(w, r, http.StatusOK, v)
}

func (c *Catalog) mayAdd(ctx context.Context, tx *db.Tx, r *http.Request, v *addView) (err error) {
	if v.Dataset, v.Slug, err = c.find(ctx, tx, r); err != nil {
		return err
	}
	_, err = mayChange(ctx, tx, who.From(ctx), v.Dataset.ID)
	return err
}

func (c *Catalog) addAgain(w http.ResponseWriter, r *http.Request, status int, v addView) error {
	ctx := r.Context()
	return web.Page(w, r, status, ui.Page{
		Title: i18n.T(ctx, "catalog.add"), Kind: ui.Form, Private: true,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "catalog.nav"), Href: "/datasets"}, {Text: v.Dataset.Title, Href: "/dataset/" + v.Slug}},
	}, addPage(v))
}

// add takes a file or a link. The file goes to the blob store as it arrives:
// memory stays small whatever its size, and a transfer that breaks off leaves
// nothing behind.
func (c *Catalog) add(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v addView
	if err := c.brief(r, func(ctx context.Context) error {
		return c.DB.View(ctx, func(tx *db.Tx) error { return c.mayAdd(ctx, tx, r, &v) })
	}); err != nil {
		return err
	}
	res, file, err := c.receive(ctx, r, &v)
	if err == nil {
		res.Dataset = v.Dataset.ID
		err = c.brief(r, func(ctx context.Context) error { return c.store(ctx, who.From(ctx), &res, file) })
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "file", fieldLabel); ok {
		return c.brief(r, func(ctx context.Context) error { return c.addAgain(w, r.WithContext(ctx), v.Status, v) })
	}
	if err != nil {
		return err
	}
	if res.Kind == Table {
		web.Redirect(w, r, "/resource/"+res.ID+"/work")
		return nil
	}
	web.Flash(w, ui.Done, "catalog.added")
	web.Redirect(w, r, "/dataset/"+v.Slug+"#data")
	return nil
}

// brief bounds what is asked of the database before and after a file arrives:
// only the file may take its time.
func (c *Catalog) brief(r *http.Request, ask func(context.Context) error) error {
	ctx, cancel := web.LookUp(r.Context())
	defer cancel()
	return ask(ctx)
}

// receive reads the form part by part and stores the file.
func (c *Catalog) receive(ctx context.Context, r *http.Request, v *addView) (Resource, blob.Ref, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return Resource{}, blob.Ref{}, fault.New(fault.Malformed, "web.bad_form").Wrap(err)
	}
	var res Resource
	var file blob.Ref
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return res, file, broken(err)
		}
		if p.FormName() == "file" && p.FileName() != "" {
			res.Name = p.FileName()
			if file, err = c.Blob.Put(ctx, p, blob.PutOptions{Max: maxUpload, Name: res.Name, Kinds: fileKinds}); err != nil {
				return res, file, broken(err)
			}
			continue
		}
		if err := v.field(p); err != nil {
			return res, file, err
		}
	}
	if file.SHA256 == "" && v.Upload != "" {
		if file, err = c.arrived(ctx, v); err != nil {
			return res, file, err
		}
		res.Name = v.Name
	}
	res.Title, res.Description, res.URL = v.Title, v.Description, v.URL
	if file.SHA256 == "" && res.URL == "" {
		return res, file, fault.Fields{{Name: "file", Key: "catalog.file_or_link"}}
	}
	return res, file, nil
}

// broken tells a transfer that broke off from a fault of ours.
func broken(err error) error {
	var f *fault.Error
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return fault.New(fault.TooLarge, "web.too_large", "max", big.Limit)
	case errors.As(err, &f):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, multipart.ErrMessageTooLarge):
		return fault.New(fault.Malformed, "catalog.cut_off").Wrap(err)
	}
	return err
}

func (v *addView) field(p *multipart.Part) error {
	text, err := io.ReadAll(io.LimitReader(p, 64<<10))
	if err != nil {
		return broken(err)
	}
	value := strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(string(text), "\x00", ""), ""))
	switch p.FormName() {
	case "title":
		v.Title = value
	case "description":
		v.Description = value
	case "url":
		v.URL = value
	case "upload":
		v.Upload = value
	}
	return nil
}

// store adds a resource with its file, or a link.
func (c *Catalog) store(ctx context.Context, actor who.Actor, res *Resource, file blob.Ref) error {
	in := *res
	return c.DB.Update(ctx, func(tx *db.Tx) (err error) {
		*res, err = storeIn(ctx, tx, actor, in, file)
		return err
	})
}

func storeIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Resource, file blob.Ref) (Resource, error) {
	if file.SHA256 != "" {
		r, _, err := addFile(ctx, tx, actor, in, file, profile.Options{})
		return r, err
	}
	in.Kind = Link
	if in.Title == "" {
		in.Title = in.URL
	}
	return addResource(ctx, tx, actor, in)
}

// Replace hands in a new file for a table: it becomes the next version once
// the publisher has looked at it.
func Replace(ctx context.Context, tx *db.Tx, actor who.Actor, resourceID string, file blob.Ref, name string) (shelf.Version, error) {
	r, d, err := seeResource(ctx, tx, actor, resourceID)
	if err != nil {
		return shelf.Version{}, err
	}
	if _, err := mayChange(ctx, tx, actor, d.ID); err != nil {
		return shelf.Version{}, err
	}
	if r.Kind != Table || !Tabular(file, name) {
		return shelf.Version{}, fault.New(fault.Invalid, "catalog.not_a_table")
	}
	var o profile.Options
	if r.Current != nil { // what was declared about the last version holds for the next
		last, err := shelf.Get(ctx, tx, r.Current.ID)
		if err != nil {
			return shelf.Version{}, err
		}
		o = last.Options.V
	}
	return shelf.Receive(ctx, tx, actor, r.Ref(), file, name, o)
}
