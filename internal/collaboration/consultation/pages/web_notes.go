package pages

import (
	"context"
	"net/http"
	"slices"

	"ceiba/internal/collaboration/consultation"

	"ceiba/internal/collaboration/consultation/paragraph"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// noteView is an annotation as pages show it.
type noteView struct {
	consultation.Annotation
	Name    string // of its author; empty for nobody any more
	For     string // name of the organisation for which they speak
	Answer  *consultation.Answer
	Agrees  bool // the reader does
	Mine    bool
	Open    bool // people may write
	MayWork bool
	Back    string // address of the page that shows it
	OrgName string // that answers
}

// notesOf prepares annotations for a page whose address is back.
func notesOf(ctx context.Context, tx *db.Tx, b base, as []consultation.Annotation, back string) (out []noteView, err error) {
	actor := who.From(ctx)
	var people, orgs []string
	for _, a := range as {
		people, orgs = append(people, a.Author), append(orgs, a.Org)
	}
	names, err := who.NamesOf(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	speak, err := org.Names(ctx, tx, i18n.LangOf(ctx), orgs)
	if err != nil {
		return nil, err
	}
	answers, err := consultation.AnswersTo(ctx, tx, as)
	if err != nil {
		return nil, err
	}
	agreed, err := consultation.AgreedWith(ctx, tx, actor, as)
	for _, a := range as {
		n := noteView{
			Annotation: a, Name: names[a.Author], For: speak[a.Org], Agrees: agreed[a.ID], Mine: actor.SignedIn() && a.Author == actor.ID,
			Open: b.C.Open(b.Now.Time), MayWork: b.MayWork, Back: back, OrgName: b.Org,
		}
		if x, ok := answers[a.Response]; ok {
			n.Answer = &x
		}
		out = append(out, n)
	}
	return out, err
}

// paragraphView is the page of one paragraph: what people wrote about it, and
// the form.
type paragraphView struct {
	base
	web.Wrong
	P          paragraph.Paragraph
	Prev, Next string // numbers of the neighbours
	Notes      []noteView
	More       string // cursor of the next page of notes
	In         consultation.Note
	SignedIn   bool
	MayWrite   bool
	Orgs       []org.Choice // for which the reader may speak
}

func (d *Pages) paragraph(w http.ResponseWriter, r *http.Request) error {
	in := consultation.Note{Sort: consultation.Sort(r.URL.Query().Get("kind")), Lang: i18n.LangOf(r.Context())}
	if !slices.Contains(consultation.Sorts, in.Sort) {
		in.Sort = consultation.Comment
	}
	return d.showParagraph(w, r, http.StatusOK, paragraphView{In: in})
}

func (d *Pages) showParagraph(w http.ResponseWriter, r *http.Request, status int, v paragraphView) error {
	ctx := r.Context()
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.base, err = d.load(ctx, tx, r); err != nil {
			return err
		}
		return d.fillParagraph(ctx, tx, r, &v)
	}); err != nil {
		return err
	}
	title := i18n.T(ctx, "consultation.paragraph", "n", v.P.ID)
	p := v.page(r, ui.Page{Kind: ui.Form}, title)
	p.Refresh = 0
	return web.Page(w, r, status, p, paragraphPage(v))
}

func (d *Pages) fillParagraph(ctx context.Context, tx *db.Tx, r *http.Request, v *paragraphView) error {
	actor := who.From(ctx)
	ps, err := v.C.Present(ctx, tx)
	if err != nil {
		return err
	}
	i, ok := paragraph.Find(ps, r.PathValue("paragraph"))
	if !ok {
		return db.ErrNotFound
	}
	v.P = ps[i]
	if i > 0 {
		v.Prev = ps[i-1].ID
	}
	if i+1 < len(ps) {
		v.Next = ps[i+1].ID
	}
	if v.In.Sort == consultation.Amendment && v.In.Replacement == "" && v.Errors == nil {
		v.In.Replacement = v.P.Text
	}
	v.SignedIn, v.MayWrite = actor.SignedIn(), actor.May("annotation.write", who.Site)
	if v.Orgs, err = speakers(ctx, tx, actor); err != nil {
		return err
	}
	n, err := consultation.Annotations(ctx, tx, actor, v.C, consultation.Which{Paragraph: v.P.ID}, r.URL.Query().Get("cursor"), notesOnPage)
	if err != nil {
		return err
	}
	v.More = n.Next
	v.Notes, err = notesOf(ctx, tx, v.base, n.Annotations, v.path("/p/"+v.P.ID))
	return err
}

// speakers lists the organisations that actor belongs to.
func speakers(ctx context.Context, tx *db.Tx, actor who.Actor) (out []org.Choice, err error) {
	var ids []string
	for _, g := range actor.Grants {
		if g.Org != "" && !slices.Contains(ids, g.Org) {
			ids = append(ids, g.Org)
		}
	}
	names, err := org.Names(ctx, tx, i18n.LangOf(ctx), ids)
	for _, id := range ids {
		if names[id] != "" {
			out = append(out, org.Choice{ID: id, Name: names[id]})
		}
	}
	return out, err
}

func (d *Pages) annotate(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	in := consultation.Note{
		Paragraph: r.PathValue("paragraph"), Quote: f.Text("quote"), Sort: consultation.Sort(f.Line("kind")), Text: f.Text("text"),
		Replacement: f.Text("replacement"), Lang: f.Line("lang"), Org: f.Line("org"), Draft: f.Line("do") == "keep",
	}
	var made consultation.Annotation
	err = d.DB.Update(ctx, func(tx *db.Tx) error {
		c, _, err := d.find(ctx, tx, r)
		if err != nil {
			return err
		}
		made, err = d.AnnotateIn(ctx, tx, who.From(ctx), c.ID, in)
		return err
	})
	if wrong, ok := web.Mend(w, r, err, "text", label); ok {
		return d.showParagraph(w, r, wrong.Status, paragraphView{In: in, Wrong: wrong})
	}
	if err != nil {
		return err
	}
	switch {
	case made.State == consultation.Unsent:
		web.Flash(w, ui.Done, "consultation.kept")
	case made.Said == record.Held:
		web.Flash(w, ui.Attention, "consultation.held")
	default:
		web.Flash(w, ui.Done, "consultation.sent")
	}
	web.Redirect(w, r, made.Path())
	return nil
}

// notesView is the page with everything that people wrote about a text.
type notesView struct {
	base
	Filter string
	Notes  []noteView
	More   string
	First  bool
}

func (d *Pages) notes(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	v := notesView{Filter: q.Get("show"), First: q.Get("cursor") == ""}
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.base, err = d.load(ctx, tx, r); err != nil {
			return err
		}
		n, err := consultation.Annotations(ctx, tx, who.From(ctx), v.C, which(v.Filter), q.Get("cursor"), notesOnPage)
		if err != nil {
			return err
		}
		v.More = n.Next
		v.Notes, err = notesOf(ctx, tx, v.base, n.Annotations, v.path("/notes"))
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, v.page(r, ui.Page{}, i18n.T(ctx, "consultation.notes")), notesPage(v))
}

// oneView is the page of one annotation.
type oneView struct {
	base
	Note noteView
	Talk talk.Talk
	Text string // the paragraph as it is now; empty for an orphan
}

func (d *Pages) annotationPage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v oneView
	if err := d.DB.View(ctx, func(tx *db.Tx) error {
		a, c, err := d.SeeAnnotation(ctx, tx, who.From(ctx), r.PathValue("id"))
		if err != nil {
			return err
		}
		return d.fillOne(ctx, tx, &v, a, c)
	}); err != nil {
		return err
	}
	p := v.page(r, ui.Page{Kind: ui.Form, Canonical: d.Base() + v.Note.Path()}, i18n.T(ctx, "consultation.paragraph", "n", v.Note.Anchor.Paragraph))
	p.Private = p.Private || v.Note.State == consultation.Unsent || v.Note.Said != record.Visible
	return web.Page(w, r, http.StatusOK, p, onePage(v))
}

func (d *Pages) fillOne(ctx context.Context, tx *db.Tx, v *oneView, a consultation.Annotation, c consultation.Consultation) error {
	actor := who.From(ctx)
	slugs, err := record.Slugs(ctx, tx, consultation.Kind, []string{c.ID})
	if err != nil {
		return err
	}
	names, err := org.Names(ctx, tx, i18n.LangOf(ctx), []string{c.Org})
	if err != nil {
		return err
	}
	v.base = base{C: c, Slug: slugs[c.ID], Org: names[c.Org], MayWork: d.May(ctx, tx, actor, c) == nil, Now: db.Time{Time: tx.Now}}
	if v.Cover, err = consultation.CoverOf(ctx, tx, c.ID); err != nil {
		return err
	}
	notes, err := notesOf(ctx, tx, v.base, []consultation.Annotation{a}, a.Path())
	if err != nil {
		return err
	}
	v.Note = notes[0]
	ps, err := c.Present(ctx, tx)
	if err != nil {
		return err
	}
	if i, ok := paragraph.Find(ps, a.In); ok {
		v.Text = ps[i].Text
	}
	card := record.Card{Ref: a.Ref(), Org: c.Org, Gone: c.State == consultation.Withdrawn || a.State == consultation.Unsent}
	v.Talk, err = talk.Load(ctx, tx, d.Kinds(), actor, card, a.Path())
	return err
}

// after ends a small form about an annotation: a sentence, and back to it.
func after(w http.ResponseWriter, r *http.Request, err error, key string) error {
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, key)
	web.Redirect(w, r, "/"+consultation.AnnotationKind+"/"+r.PathValue("id"))
	return nil
}

func (d *Pages) agree(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := d.Agree(ctx, who.From(ctx), r.PathValue("id"), f.Line("agree") != "no"); err != nil {
		return err
	}
	web.Redirect(w, r, web.LocalPath(f.Line("back"))+"#n-"+r.PathValue("id"))
	return nil
}

func (d *Pages) sendDraft(w http.ResponseWriter, r *http.Request) error {
	_, err := d.Send(r.Context(), who.From(r.Context()), r.PathValue("id"))
	return after(w, r, err, "consultation.sent")
}

func (d *Pages) retract(w http.ResponseWriter, r *http.Request) error {
	return after(w, r, d.Retract(r.Context(), who.From(r.Context()), r.PathValue("id")), "consultation.retracted")
}
