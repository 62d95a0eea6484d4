package desk

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

func (d *Desk) routes(r *web.Routes) {
	write := web.Needs("procurement.write")
	r.Get("/contracting/new", write, d.newForm)
	r.Post("/contracting/new", write, d.create)
	r.Get("/contracting/{id}/edit", write, d.editForm)
	r.Post("/contracting/{id}/edit", write, d.edit)
	r.Get("/contracting/table", write, d.tableForm)
	r.Post("/contracting/table", write, d.tablePost, web.Body(maxTable+1<<20), web.Streams, web.Limit(web.Heavy))
	r.Get("/contracting/table/empty.csv", web.Public, d.empty)
}

// maxTable is how many bytes a table may have.
const maxTable = 32 << 20

// formView is the form for a process, new or not.
type formView struct {
	web.Wrong
	Process procurement.Process // empty for a new one
	Body    string              // id of the organisation that buys
	Entry   procurement.Entry
	Version int
	Orgs    []org.Choice
}

func (d *Desk) newForm(w http.ResponseWriter, r *http.Request) error {
	return d.form(w, r, http.StatusOK, formView{})
}

func (d *Desk) form(w http.ResponseWriter, r *http.Request, status int, v formView) error {
	ctx := r.Context()
	if err := d.choices(ctx, &v.Orgs, &v.Body); err != nil {
		return err
	}
	title, crumbs := i18n.T(ctx, "contractdesk.new"), []ui.Link{{Text: i18n.T(ctx, "contractdesk.list"), Href: "/contracting"}}
	if v.Process.ID != "" {
		title = i18n.T(ctx, "contractdesk.edit")
		crumbs = append(crumbs, ui.Link{Text: v.Process.Name(), Href: v.Process.Ref().Path()})
	}
	return web.Page(w, r, status, ui.Page{Title: title, Kind: ui.Form, Private: true, Crumbs: crumbs}, formPage(title, v))
}

// choices are the bodies for which the reader may write; the only one is chosen.
func (d *Desk) choices(ctx context.Context, all *[]org.Choice, chosen *string) error {
	err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
		*all, err = org.Choices(ctx, tx, who.From(ctx), "procurement.write")
		return err
	})
	if len(*all) == 1 && *chosen == "" {
		*chosen = (*all)[0].ID
	}
	return err
}

func readEntry(f web.Form) (e procurement.Entry) {
	for _, in := range procurement.Inputs {
		switch {
		case in.Day():
			in.Set(&e, f.Date(in.Name))
		case in.Long():
			in.Set(&e, f.Text(in.Name))
		default:
			in.Set(&e, f.Line(in.Name))
		}
	}
	return e
}

func (d *Desk) create(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return d.save(w, r, formView{Body: f.Line("org"), Entry: readEntry(f)})
}

// save writes what is on a form, and shows it again if something is wrong.
func (d *Desk) save(w http.ResponseWriter, r *http.Request, v formView) error {
	ctx := r.Context()
	made, err := v.Process, error(nil)
	if v.Body == "" {
		err = fault.Fields{{Name: "org", Key: "fault.required"}}
	} else {
		err = d.DB.Update(ctx, func(tx *db.Tx) (err error) {
			made, err = procurement.Enter(ctx, tx, who.From(ctx), v.Body, v.Process.ID, v.Version, v.Entry)
			return err
		})
	}
	if told, ok := web.Mend(w, r, err, "title", label); ok {
		v.Wrong = told
		return d.form(w, r, told.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "contractdesk.saved")
	web.Redirect(w, r, made.Ref().Path())
	return nil
}

func label(ctx context.Context, name string) string { return i18n.T(ctx, "contractdesk.field."+name) }

// mine finds the process of an address, which the reader's body published.
func (d *Desk) mine(ctx context.Context, key string) (p procurement.Process, e procurement.Entry, err error) {
	err = d.DB.View(ctx, func(tx *db.Tx) (err error) {
		if p, err = procurement.Find(ctx, tx, key); err != nil {
			return err
		}
		if err := who.From(ctx).Must("procurement.write", who.In(p.Org)); err != nil {
			return err
		}
		e, err = procurement.Stands(ctx, tx, p.ID)
		return err
	})
	return p, e, err
}

func (d *Desk) editForm(w http.ResponseWriter, r *http.Request) error {
	p, e, err := d.mine(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return d.form(w, r, http.StatusOK, formView{Process: p, Body: p.Org, Entry: e, Version: p.Version})
}

func (d *Desk) edit(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p, now, err := d.mine(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	v := formView{Process: p, Body: p.Org, Entry: readEntry(f)}
	v.Version, _ = strconv.Atoi(f.Line("version"))
	if v.Version != p.Version {
		return conflict(w, r, v, now)
	}
	return d.save(w, r, v)
}

// conflict shows what the reader typed beside what somebody else saved meanwhile.
func conflict(w http.ResponseWriter, r *http.Request, v formView, now procurement.Entry) error {
	ctx := r.Context()
	c := ui.Conflict{
		Title: v.Process.Name(), At: v.Process.Changed.Time, Action: v.Process.Ref().Path() + "/edit", Version: int64(v.Process.Version),
		Cancel: ui.Link{Text: i18n.T(ctx, "contractdesk.cancel"), Href: v.Process.Ref().Path()},
	}
	for _, in := range procurement.Inputs {
		mine, theirs := in.Of(&v.Entry), in.Of(&now)
		if mine == theirs {
			c.Same = append(c.Same, hidden(in, mine)...)
			continue
		}
		c.Fields = append(c.Fields, ui.ConflictField{Name: in.Name, Label: label(ctx, in.Name), Mine: mine, Theirs: theirs, Long: in.Long()})
	}
	return web.Page(w, r, http.StatusConflict, ui.Page{Title: i18n.T(ctx, "web.title.409"), Kind: ui.Form, Private: true}, conflictPage(c))
}

// hidden carries an input through a page as the form has it.
func hidden(in procurement.Input, value string) []ui.Hidden {
	if !in.Day() {
		return []ui.Hidden{{Name: in.Name, Value: value}}
	}
	return []ui.Hidden{
		{Name: in.Name + ".day", Value: ui.DatePart(value, 2)}, {Name: in.Name + ".month", Value: ui.DatePart(value, 1)}, {Name: in.Name + ".year", Value: ui.DatePart(value, 0)},
	}
}

// tableView is the page for a table, and what came of one.
type tableView struct {
	web.Wrong
	Body string
	Orgs []org.Choice
	Done *procurement.Tabled
}

func (d *Desk) tableForm(w http.ResponseWriter, r *http.Request) error {
	return d.tablePage(w, r, http.StatusOK, tableView{})
}

func (d *Desk) tablePage(w http.ResponseWriter, r *http.Request, status int, v tableView) error {
	ctx := r.Context()
	if err := d.choices(ctx, &v.Orgs, &v.Body); err != nil {
		return err
	}
	title := i18n.T(ctx, "contractdesk.table")
	return web.Page(w, r, status, ui.Page{Title: title, Kind: ui.Form, Private: true, Crumbs: []ui.Link{{Text: i18n.T(ctx, "contractdesk.list"), Href: "/contracting"}}}, tablePage(title, v))
}

func (d *Desk) tablePost(w http.ResponseWriter, r *http.Request) error {
	v := tableView{}
	done, err := d.take(r, &v.Body)
	if told, ok := web.Mend(w, r, err, "file", label); ok {
		v.Wrong = told
		return d.tablePage(w, r, told.Status, v)
	}
	if err != nil {
		return err
	}
	v.Done = &done
	return d.tablePage(w, r, http.StatusOK, v)
}

// take reads the table that came with a form.
func (d *Desk) take(r *http.Request, body *string) (procurement.Tabled, error) {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return procurement.Tabled{}, err
	}
	*body = f.Line("org")
	file, head, err := r.FormFile("file")
	if err != nil {
		return procurement.Tabled{}, fault.Fields{{Name: "file", Key: "fault.required"}}
	}
	defer file.Close()
	if *body == "" {
		return procurement.Tabled{}, fault.Fields{{Name: "org", Key: "fault.required"}}
	}
	kept, err := os.CreateTemp("", "contracting-*")
	if err != nil {
		return procurement.Tabled{}, err
	}
	defer os.Remove(kept.Name())
	_, err = io.Copy(kept, file)
	if err := errors.Join(err, kept.Close()); err != nil {
		return procurement.Tabled{}, err
	}
	return procurement.EnterTable(ctx, d.DB, who.From(ctx), *body, kept.Name(), head.Filename, headings(ctx))
}

// headings are the words of the form in the reader's language: people name columns as
// they see them.
func headings(ctx context.Context) map[string]string {
	out := map[string]string{}
	for _, in := range procurement.Inputs {
		out[label(ctx, in.Name)] = in.Name
	}
	return out
}

// empty is a table with headings and a row that shows how it is filled in.
func (d *Desk) empty(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="contracts.csv"`)
	out := csv.NewWriter(w)
	var names []string
	for _, in := range procurement.Inputs {
		names = append(names, in.Name)
	}
	out.Write(names)
	out.Flush()
	return out.Error()
}
