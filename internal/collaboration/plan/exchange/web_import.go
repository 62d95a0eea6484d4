package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/job"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// importView is the form that hands a file in.
type importView struct {
	web.Wrong
	Options Options
	Orgs    []org.Choice
	Plans   []plan.Plan // that take commitments
	Before  []Import
	Kept    Import // a file that arrived and need not be sent again
}

// kept names the file that need not be sent again.
func (v importView) kept() []string {
	if v.Kept.ID == "" {
		return nil
	}
	return []string{v.Kept.Name}
}

func (x *Exchange) importForm(w http.ResponseWriter, r *http.Request) error {
	return x.importAgain(w, r, http.StatusOK, importView{Options: Options{Lang: i18n.LangOf(r.Context())}})
}

func (x *Exchange) importAgain(w http.ResponseWriter, r *http.Request, status int, v importView) error {
	ctx, end := web.LookUp(r.Context())
	defer end()
	actor := who.From(ctx)
	if err := actor.Must("plan.import", who.Site); err != nil {
		return err
	}
	if err := x.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Orgs, err = org.Choices(ctx, tx, actor, "plan.write"); err != nil {
			return err
		}
		all, err := plan.List(ctx, tx, actor)
		for _, p := range all {
			if p.Open() {
				v.Plans = append(v.Plans, p)
			}
		}
		if err != nil {
			return err
		}
		v.Before, err = imports(ctx, tx, 20)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r.WithContext(ctx), status, ui.Page{
		Title: i18n.T(ctx, "planexchange.import"), Kind: ui.Form, Private: true, Crumbs: []ui.Link{{Text: i18n.T(ctx, "plan.nav"), Href: "/plans"}},
	}, importPage(v))
}

// imports are the files that were handed in, the latest first.
func imports(ctx context.Context, tx *db.Tx, n int) ([]Import, error) {
	return db.List(ctx, tx, importFields, `SELECT `+importColumns+` FROM plan_import WHERE state <> 'received' ORDER BY at DESC, id DESC LIMIT $1`, n)
}

// fileKinds are what a file of plans may be: a table, or text.
var fileKinds = []blob.Kind{blob.Table, blob.Document}

// importPost stores a file as it arrives, reads it, and leads on to what an
// import of it would do.
func (x *Exchange) importPost(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := who.From(ctx).Must("plan.import", who.Site); err != nil {
		return err
	}
	var v importView
	err := x.receive(ctx, r, &v)
	var in Import
	if err == nil {
		in, err = x.Seen(ctx, who.From(ctx), v.Kept, v.Options)
	}
	var fields fault.Fields
	if err != nil && !errors.As(err, &fields) { // the file itself is wrong
		v.Kept = Import{}
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "file", fieldLabel); ok {
		return x.importAgain(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Redirect(w, r, "/plans/import/"+in.ID)
	return nil
}

// receive reads the form part by part. A file is written down as received, so
// that it need not be sent again when another field is wrong.
func (x *Exchange) receive(ctx context.Context, r *http.Request, v *importView) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return fault.New(fault.Malformed, "web.bad_form").Wrap(err)
	}
	kept := ""
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return broken(err)
		}
		switch {
		case p.FormName() == "file" && p.FileName() != "":
			v.Kept = Import{}
			name := clean(p.FileName())
			file, err := x.Blob.Put(ctx, p, blob.PutOptions{Max: maxFile, Name: name, Kinds: fileKinds})
			if err != nil {
				return broken(err)
			}
			if v.Kept, err = x.record(ctx, who.From(ctx), Import{Name: name, SHA: file.SHA256, State: "received"}); err != nil {
				return err
			}
		case p.FormName() == "kept":
			kept, err = value(p)
		default:
			err = v.Options.field(p)
		}
		if err != nil {
			return err
		}
	}
	if !i18n.Known(v.Options.Lang) {
		v.Options.Lang = "en"
	}
	if v.Kept.ID == "" && kept != "" {
		return x.DB.View(ctx, func(tx *db.Tx) (err error) { v.Kept, err = See(ctx, tx, who.From(ctx), kept); return err })
	}
	if v.Kept.ID == "" {
		return fault.Fields{{Name: "file", Key: "planexchange.no_file"}}
	}
	return nil
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
		return fault.New(fault.Malformed, "planexchange.cut_off").Wrap(err)
	}
	return err
}

// value is what stands in a field of the form.
func value(p *multipart.Part) (string, error) {
	text, err := io.ReadAll(io.LimitReader(p, 4<<10))
	return strings.TrimSpace(clean(string(text))), broken(err)
}

func (o *Options) field(p *multipart.Part) error {
	value, err := value(p)
	if err != nil {
		return err
	}
	switch p.FormName() {
	case "plan":
		o.Plan = either(o.Plan, value)
	case "code":
		o.Plan = either(o.Plan, strings.ToUpper(value))
	case "title":
		o.Title = value
	case "office":
		o.Org = value
	case "lang":
		o.Lang = value
	case "create_orgs":
		o.CreateOrgs = value != ""
	}
	return nil
}

// seenView is an import at any stage.
type seenView struct {
	Import Import
	Job    job.Job
}

func (x *Exchange) seen(r *http.Request) (v seenView, err error) {
	ctx := r.Context()
	err = x.DB.View(ctx, func(tx *db.Tx) error {
		if v.Import, err = See(ctx, tx, who.From(ctx), r.PathValue("id")); err != nil || v.Import.Job == "" {
			return err
		}
		v.Job, err = job.Get(ctx, tx, v.Import.Job)
		if notFound(err) { // cleared away long after
			err = nil
		}
		return err
	})
	if v.Import.State == "running" && v.Job.State.Over() && v.Job.State != job.Done {
		v.Import.State = "failed"
	}
	return v, err
}

func (x *Exchange) importShow(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := x.seen(r)
	if err != nil {
		return err
	}
	p := ui.Page{
		Title: i18n.T(ctx, "planexchange.import_of", "name", v.Import.Name), Private: true, Wide: true,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "plan.nav"), Href: "/plans"}, {Text: i18n.T(ctx, "planexchange.import"), Href: "/plans/import"}},
	}
	if v.Import.State == "running" {
		p.Refresh = 3
	}
	return web.Page(w, r, http.StatusOK, p, seenPage(v))
}

func (x *Exchange) importBegin(w http.ResponseWriter, r *http.Request) error {
	in, err := x.Begin(r.Context(), who.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	web.Redirect(w, r, "/plans/import/"+in.ID)
	return nil
}

// importProgress answers once, for the script of the page.
func (x *Exchange) importProgress(w http.ResponseWriter, r *http.Request) error {
	v, err := x.seen(r)
	if err != nil {
		return err
	}
	out := map[string]any{"state": "done", "href": "/plans/import/" + v.Import.ID}
	if v.Import.State == "running" {
		out = map[string]any{"state": "going", "done": v.Job.Done, "total": v.Job.Total, "words": i18n.T(r.Context(), "planexchange.taking")}
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(out)
}

func (x *Exchange) importProblems(w http.ResponseWriter, r *http.Request) error {
	v, err := x.seen(r)
	if err != nil {
		return err
	}
	name := v.Import.Name + ".problems.csv"
	return send(w, name, "text/csv; charset=utf-8", func(b io.Writer) error {
		return WriteProblems(b, i18n.From(r.Context()), v.Import.Result.V.Problems)
	})
}

func fieldLabel(ctx context.Context, name string) string {
	return i18n.T(ctx, "planexchange.field."+name)
}
