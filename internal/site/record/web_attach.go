package recordsite

import (
	"errors"
	"io"
	"net/http"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// attachView is the form that adds a file to a record.
type attachView struct {
	web.Wrong
	Card record.Card
	Alt  string
}

// fileKinds are what may be attached.
var fileKinds = []blob.Kind{blob.Document, blob.Table, blob.Map, blob.Image}

func (p *Pages) attachForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.attachView(r)
	if err != nil {
		return err
	}
	return p.attachAgain(w, r, http.StatusOK, v)
}

func (p *Pages) attachView(r *http.Request) (v attachView, err error) {
	ctx := r.Context()
	if v.Card, err = p.card(ctx, ref(r)); err != nil {
		return v, err
	}
	return v, p.DB.View(ctx, func(tx *db.Tx) error { return p.Kinds().MayAttach(ctx, tx, who.From(ctx), v.Card.Ref) })
}

func (p *Pages) attachAgain(w http.ResponseWriter, r *http.Request, status int, v attachView) error {
	return show(w, r, status, i18n.T(r.Context(), "recordsite.attach"), ui.Link{Text: v.Card.Title, Href: v.Card.Path()}, attachPage(v))
}

// attach takes a file as it arrives and adds it to the record.
func (p *Pages) attach(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := p.attachView(r)
	if err != nil {
		return err
	}
	a, err := p.receive(r)
	a.Of, v.Alt = v.Card.Ref, a.Alt
	if err == nil {
		_, err = p.Kinds().Attach(ctx, p.DB, who.From(ctx), a)
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "file", label); ok {
		return p.attachAgain(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "recordsite.attached")
	web.Redirect(w, r, v.Card.Path())
	return nil
}

// receive reads the form part by part; the file goes to the store at once.
func (p *Pages) receive(r *http.Request) (a record.Attachment, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return a, fault.New(fault.Malformed, "web.bad_form").Wrap(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return a, nil
		}
		if err != nil {
			return a, fault.New(fault.Malformed, "web.bad_form").Wrap(err)
		}
		switch part.FormName() {
		case "alt":
			text, err := io.ReadAll(io.LimitReader(part, 4000))
			if err != nil {
				return a, err
			}
			a.Alt = string(text)
		case "file":
			if part.FileName() == "" {
				continue
			}
			stored, err := p.Blob.Put(r.Context(), part, blob.PutOptions{Max: maxFile, Name: part.FileName(), Kinds: fileKinds})
			if err != nil {
				return a, err
			}
			a.SHA, a.Name, a.Type, a.Bytes = stored.SHA256, part.FileName(), stored.Type, stored.Size
		}
	}
}

func (p *Pages) attachment(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := web.LookUp(r.Context())
	defer cancel()
	var a record.Attachment
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		a, err = p.Kinds().Attachment(ctx, tx, who.From(ctx), r.PathValue("id"))
		return err
	}); err != nil {
		return err
	}
	return p.Blob.Serve(w, r, blob.Ref{SHA256: a.SHA, Size: a.Bytes, Type: a.Type}, blob.Serving{Name: a.Name, Inline: true})
}

func (p *Pages) detach(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a, err := p.Kinds().Detach(ctx, p.DB, who.From(ctx), r.PathValue("id"))
	if err != nil {
		return err
	}
	card, err := p.card(ctx, a.Of)
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "recordsite.detached")
	web.Redirect(w, r, card.Path())
	return nil
}
