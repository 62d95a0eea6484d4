package repository

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// formView is the form for a document, or for a newer version of one.
type formView struct {
	web.Wrong
	about
	Plan  plan.Plan
	Slug  string
	One   plan.Paper // as it was typed
	Old   plan.Paper // that is replaced; the zero Paper for a new document
	Newer plan.Paper // that somebody else published meanwhile
	// Upload is a file that arrived already, with the form or before it, and Name
	// what it is called: it need not be sent again.
	Upload, Name string
}

// path is where the form goes.
func (v formView) path() string {
	if v.Old.ID != "" {
		return v.Old.Path() + "/replace"
	}
	return "/plan/" + v.Slug + "/papers"
}

func (v formView) kept() []string {
	if v.Upload == "" || v.Name == "" {
		return nil
	}
	return []string{v.Name}
}

func (p *Repository) addForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.adding(r)
	if err != nil {
		return err
	}
	v.One.Phase = require.CoCreation
	if !v.Plan.Open() {
		v.One.Phase = require.Implementation
	}
	v.One.Commitment, v.One.Milestone = readAbout(r.URL.Query().Get("about"))
	return p.formWith(w, r, http.StatusOK, v)
}

// adding reads the plan of the form that adds to its repository.
func (p *Repository) adding(r *http.Request) (v formView, err error) {
	ctx := r.Context()
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		if v.Plan, v.Slug, err = find(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		return p.fill(ctx, tx, &v)
	})
	return v, err
}

// fill reads what the form chooses from, for those who may send it.
func (p *Repository) fill(ctx context.Context, tx *db.Tx, v *formView) (err error) {
	if err := who.From(ctx).Must("plan.write", who.In(v.Plan.Org)); err != nil {
		return err
	}
	v.about, err = aboutOf(ctx, tx, v.Plan.ID)
	return err
}

// replacing reads the document of the form that replaces it.
func (p *Repository) replacing(r *http.Request) (v formView, err error) {
	ctx := r.Context()
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		if v.Old, v.Plan, err = plan.SeePaper(ctx, tx, who.From(ctx), r.PathValue("id")); err != nil {
			return err
		}
		if v.Slug, err = slugOf(ctx, tx, v.Plan); err != nil {
			return err
		}
		if !v.Old.Shown() {
			all, err := plan.PaperVersions(ctx, tx, v.Old.Root)
			if err != nil {
				return err
			}
			v.Newer = all[0]
		}
		return p.fill(ctx, tx, &v)
	})
	return v, err
}

func (p *Repository) replaceForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.replacing(r)
	if err != nil {
		return err
	}
	if v.Newer.ID != "" && v.Newer.Shown() {
		web.Redirect(w, r, v.Newer.Path()+"/replace")
		return nil
	}
	v.One = v.Old
	v.One.Note = ""
	return p.formWith(w, r, http.StatusOK, v)
}

func (p *Repository) formWith(w http.ResponseWriter, r *http.Request, status int, v formView) error {
	ctx := r.Context()
	title := i18n.T(ctx, "repository.add")
	if v.Old.ID != "" {
		title = i18n.T(ctx, "repository.replace")
	}
	return web.Page(w, r, status, ui.Page{
		Title: title, Kind: ui.Form, Private: true,
		Crumbs: crumbs(ctx, v.Plan, v.Slug, ui.Link{Text: i18n.T(ctx, "plan.papers"), Href: "/plan/" + v.Slug + "/documents"}),
	}, formPage(title, v))
}

func (p *Repository) add(w http.ResponseWriter, r *http.Request) error {
	v, err := p.adding(r)
	if err != nil {
		return err
	}
	return p.send(w, r, v, func(ctx context.Context, actor who.Actor, in plan.Paper) (plan.Paper, error) {
		return p.AddPaper(ctx, actor, in)
	})
}

func (p *Repository) replace(w http.ResponseWriter, r *http.Request) error {
	v, err := p.replacing(r)
	if err != nil {
		return err
	}
	return p.send(w, r, v, func(ctx context.Context, actor who.Actor, in plan.Paper) (plan.Paper, error) {
		return p.ReplacePaper(ctx, actor, v.Old.ID, in)
	})
}

// send reads the form, takes its file and publishes the document.
func (p *Repository) send(w http.ResponseWriter, r *http.Request, v formView, publish func(context.Context, who.Actor, plan.Paper) (plan.Paper, error)) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v.One = plan.Paper{
		Plan: v.Plan.ID, Title: f.Line("title"), URL: f.Line("url"), Phase: require.Phase(f.Line("phase")), Step: f.Line("step"),
		Dated: f.Date("dated"), Note: f.Text("note"),
	}
	v.One.Commitment, v.One.Milestone = readAbout(f.Line("about"))
	v.Upload = f.Line("upload")
	ctx := r.Context()
	err = p.receive(ctx, r, &v)
	var out plan.Paper
	if err == nil {
		out, err = publish(ctx, who.From(ctx), v.One)
	}
	if errors.Is(err, db.ErrConflict) && v.Old.ID != "" {
		return p.outrun(w, r, v)
	}
	var wrong bool
	if v.Wrong, wrong = web.Mend(w, r, err, "file", fieldLabel); wrong {
		return p.formWith(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "repository.saved")
	web.Redirect(w, r, out.Path())
	return nil
}

// outrun shows the form again to somebody before whom another has replaced the
// document: the next send replaces what is there then.
func (p *Repository) outrun(w http.ResponseWriter, r *http.Request, v formView) error {
	now, err := p.replacing(r)
	if err != nil {
		return err
	}
	v.Newer, v.Old = now.Newer, now.Newer
	return p.formWith(w, r, http.StatusConflict, v)
}

// receive takes the file that came with the form, or before it in pieces. It is
// kept until the form is right.
func (p *Repository) receive(ctx context.Context, r *http.Request, v *formView) error {
	owner := who.From(ctx).ID
	switch file, head, err := r.FormFile("file"); {
	case errors.Is(err, http.ErrMissingFile), errors.Is(err, http.ErrNotMultipart):
	case err != nil:
		return err
	default:
		defer file.Close()
		v.Upload, v.Name = "", head.Filename
		u, err := p.Blob.Take(ctx, blob.Upload{Owner: owner, Name: head.Filename, Size: head.Size, Kinds: fileKinds}, maxFile, io.Reader(file))
		if err != nil {
			return err
		}
		v.Upload = u.ID
	}
	if v.Upload == "" {
		v.keepFile()
		return nil
	}
	ref, name, again, err := p.Blob.Arrived(ctx, v.Upload, owner, blob.PutOptions{Max: maxFile, Kinds: fileKinds})
	if v.Name = name; !again {
		v.Upload = ""
	}
	v.One.SHA, v.One.Name, v.One.MediaType, v.One.Bytes = ref.SHA256, name, ref.Type, ref.Size
	return err
}

// keepFile leaves the file of a document as it is where its newer version brings
// neither a file nor an address: only what is said of it changes.
func (v *formView) keepFile() {
	if v.One.URL == "" && v.Old.SHA != "" {
		v.One.SHA, v.One.Name, v.One.MediaType, v.One.Bytes = v.Old.SHA, v.Old.Name, v.Old.MediaType, v.Old.Bytes
	}
}

// readAbout reads the choice of what a document is about: "commitment/ID",
// "milestone/ID", or nothing for the plan as a whole.
func readAbout(choice string) (commitment, milestone string) {
	kind, id, _ := strings.Cut(choice, "/")
	switch kind {
	case "commitment":
		return id, ""
	case "milestone":
		return "", id
	}
	return choice, "" // what is no choice is refused with the form
}
