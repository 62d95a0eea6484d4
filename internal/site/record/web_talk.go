package recordsite

import (
	"context"
	"net/http"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// writeView is the form in which somebody writes a contribution.
type writeView struct {
	web.Wrong
	Title  string
	Card   record.Card
	Before *record.Comment // the one that is answered
	Action string
	Text   string
}

func (p *Pages) write(w http.ResponseWriter, r *http.Request, status int, v writeView) error {
	return show(w, r, status, v.Title, ui.Link{Text: v.Card.Title, Href: v.Card.Path()}, writePage(v))
}

// sent answers a form: back to the record, or the form again with what was
// typed.
func (p *Pages) sent(w http.ResponseWriter, r *http.Request, v writeView, c record.Comment, err error) error {
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "text", label); ok {
		return p.write(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	key, tone := "recordsite.published", ui.Done
	if c.State == record.Held {
		key, tone = "recordsite.held", ui.Attention
	}
	web.Flash(w, tone, key)
	web.Redirect(w, r, anchor(v.Card, c.ID))
	return nil
}

func (p *Pages) say(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	card, err := p.card(ctx, ref(r))
	if err != nil {
		return err
	}
	v := writeView{Title: i18n.T(ctx, "recordsite.take_part"), Card: card, Action: "/record/" + card.Kind + "/" + card.ID + "/comment", Text: f.Text("text")}
	c, err := p.Kinds().Say(ctx, p.DB, who.From(ctx), card.Ref, "", v.Text)
	return p.sent(w, r, v, c, err)
}

// found returns the comment that an address names, with its record.
func (p *Pages) found(ctx context.Context, r *http.Request) (c record.Comment, card record.Card, err error) {
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		if c, err = record.CommentByID(ctx, tx, who.From(ctx), r.PathValue("id")); err != nil {
			return err
		}
		card, err = p.Kinds().One(ctx, tx, who.From(ctx), c.Of)
		return err
	})
	return c, card, err
}

func (p *Pages) comment(w http.ResponseWriter, r *http.Request) error {
	c, card, err := p.found(r.Context(), r)
	if err != nil {
		return err
	}
	web.Redirect(w, r, anchor(card, c.ID))
	return nil
}

func (p *Pages) replyView(r *http.Request) (writeView, error) {
	ctx := r.Context()
	c, card, err := p.found(ctx, r)
	if err == nil && c.State != record.Visible {
		err = db.ErrNotFound
	}
	return writeView{Title: i18n.T(ctx, "recordsite.reply"), Card: card, Before: &c, Action: "/comment/" + c.ID + "/reply"}, err
}

func (p *Pages) replyForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.replyView(r)
	if err != nil {
		return err
	}
	return p.write(w, r, http.StatusOK, v)
}

func (p *Pages) reply(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.replyView(r)
	if err != nil {
		return err
	}
	v.Text = f.Text("text")
	c, err := p.Kinds().Say(ctx, p.DB, who.From(ctx), v.Card.Ref, v.Before.ID, v.Text)
	return p.sent(w, r, v, c, err)
}

func (p *Pages) editView(r *http.Request) (writeView, error) {
	ctx := r.Context()
	c, card, err := p.found(ctx, r)
	if err == nil && c.Author != who.From(ctx).ID {
		err = fault.New(fault.Denied, "record.not_yours")
	}
	return writeView{Title: i18n.T(ctx, "recordsite.edit"), Card: card, Action: "/comment/" + c.ID + "/edit", Text: c.Body}, err
}

func (p *Pages) editForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.editView(r)
	if err != nil {
		return err
	}
	return p.write(w, r, http.StatusOK, v)
}

func (p *Pages) edit(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.editView(r)
	if err != nil {
		return err
	}
	v.Text = f.Text("text")
	c, err := p.Kinds().EditComment(ctx, p.DB, who.From(ctx), r.PathValue("id"), v.Text)
	return p.sent(w, r, v, c, err)
}
