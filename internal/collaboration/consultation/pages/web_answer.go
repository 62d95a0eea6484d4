package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"ceiba/internal/collaboration/consultation"

	"ceiba/internal/collaboration/consultation/paragraph"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// queueView is the desk of one text: what waits for an answer, and the form that
// answers several at once.
type queueView struct {
	base
	web.Wrong
	Filter string
	Notes  []noteView
	More   string
	Chosen []string
	In     consultation.Answer
}

func (d *Pages) queue(w http.ResponseWriter, r *http.Request) error {
	return d.showQueue(w, r, http.StatusOK, queueView{})
}

func (d *Pages) showQueue(w http.ResponseWriter, r *http.Request, status int, v queueView) error {
	ctx, q := r.Context(), r.URL.Query()
	if v.Filter = q.Get("show"); v.Filter == "" {
		v.Filter = "unanswered"
	}
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.base, err = d.load(ctx, tx, r); err != nil {
			return err
		}
		if err := d.May(ctx, tx, who.From(ctx), v.C); err != nil {
			return err
		}
		n, err := consultation.Annotations(ctx, tx, who.From(ctx), v.C, which(v.Filter), q.Get("cursor"), notesOnPage)
		if err != nil {
			return err
		}
		v.More = n.Next
		v.Notes, err = notesOf(ctx, tx, v.base, n.Annotations, v.path("/queue"))
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, status, v.page(r, ui.Page{Kind: ui.Form, Private: true}, i18n.T(ctx, "consultation.queue")), queuePage(v))
}

// chosen reports whether a note is ticked.
func (v queueView) chosen(id string) bool { return slices.Contains(v.Chosen, id) }

// readAnswer takes an answer from a form.
func readAnswer(f web.Form) consultation.Answer {
	return consultation.Answer{Decision: consultation.Decision(f.Line("decision")), Because: f.Text("because"), Later: f.Date("later"), Forwarded: f.Line("forwarded")}
}

func (d *Pages) respondMany(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, err := d.working(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := queueView{Chosen: f.All("annotations"), In: readAnswer(f)}
	err = d.Respond(ctx, who.From(ctx), b.C.ID, v.In, slices.Clone(v.Chosen))
	if wrong, ok := web.Mend(w, r, err, "annotations", label); ok {
		v.Wrong = wrong
		return d.showQueue(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "consultation.answers_sent")
	web.Redirect(w, r, b.path("/queue"))
	return nil
}

// decideView is the page on which an amendment is decided.
type decideView struct {
	oneView
	web.Wrong
	Accept consultation.Acceptance
	In     consultation.Answer
	Others []noteView // other open amendments of the paragraph
	Stale  bool       // the text changed since the form was made
}

func (d *Pages) decideForm(w http.ResponseWriter, r *http.Request) error {
	return d.showDecide(w, r, http.StatusOK, decideView{})
}

func (d *Pages) showDecide(w http.ResponseWriter, r *http.Request, status int, v decideView) error {
	ctx := r.Context()
	if err := d.DB.View(ctx, func(tx *db.Tx) error {
		a, c, err := d.Deciding(ctx, tx, who.From(ctx), r.PathValue("id"))
		if err != nil {
			return err
		}
		if err := d.fillOne(ctx, tx, &v.oneView, a, c); err != nil {
			return err
		}
		others, err := consultation.Annotations(ctx, tx, who.From(ctx), c, consultation.Which{Sort: consultation.Amendment, Paragraph: a.In}, "", notesOnPage)
		if err != nil {
			return err
		}
		rest := slices.DeleteFunc(others.Annotations, func(o consultation.Annotation) bool {
			return o.ID == a.ID || o.State != consultation.Sent && o.State != consultation.Evaluating
		})
		v.Others, err = notesOf(ctx, tx, v.base, rest, a.Path()+"/decide")
		return err
	}); err != nil {
		return err
	}
	if v.Accept.Words == "" {
		v.Accept.Words = v.Note.Replacement
	}
	return web.Page(w, r, status, v.page(r, ui.Page{Kind: ui.Form, Private: true}, i18n.T(ctx, "consultation.decide")), decidePage(v))
}

func (d *Pages) decideOn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := decideView{Accept: consultation.Acceptance{Words: f.Text("words"), Because: f.Text("because")}, In: readAnswer(f)}
	v.Accept.Seen, _ = strconv.Atoi(f.Line("version"))
	key := "consultation.amendment_rejected"
	switch f.Line("do") {
	case "accept":
		key = "consultation.amendment_accepted"
		_, err = d.Accept(ctx, who.From(ctx), r.PathValue("id"), v.Accept)
	case "evaluate":
		key = "consultation.amendment_evaluating"
		err = d.Evaluate(ctx, who.From(ctx), r.PathValue("id"))
	default:
		err = d.reject(ctx, r.PathValue("id"), v.In)
	}
	if errors.Is(err, db.ErrConflict) {
		v.Stale = true
		return d.showDecide(w, r, http.StatusConflict, v)
	}
	if wrong, ok := web.Mend(w, r, err, "because", label); ok {
		v.Wrong = wrong
		return d.showDecide(w, r, v.Status, v)
	}
	return after(w, r, err, key)
}

func (d *Pages) reject(ctx context.Context, key string, in consultation.Answer) error {
	return d.DB.Update(ctx, func(tx *db.Tx) error {
		a, c, err := d.Deciding(ctx, tx, who.From(ctx), key)
		if err != nil {
			return err
		}
		return d.RespondIn(ctx, tx, who.From(ctx), c.ID, in, []string{a.ID})
	})
}

// fateKey is the key of the word for what became of a paragraph.
func fateKey(f paragraph.Fate) string { return "consultation.fate." + string(f) }
