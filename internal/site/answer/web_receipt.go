package answer

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"

	"rsc.io/qr"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// trapped is told to programs that fill in what people do not see.
var trapped = fault.Fields{{Name: "text", Key: "call.trap"}}

// receiptView is the page after giving.
type receiptView struct {
	Given answer.Given
	Slug  string // of the call
	Code  string // as people read it
	Link  string // that the picture leads to
	QR    string // PNG, base64
	Mine  bool   // the author is signed in and finds it among their own
	Mail  bool   // it can be sent to them
}

// receiptPage shows a receipt, the only time that it can be read.
func (p *Pages) receiptPage(w http.ResponseWriter, r *http.Request, g answer.Given, slug string) error {
	ctx := r.Context()
	v := receiptView{Given: g, Slug: slug, Code: answer.Grouped(g.Code), Mine: g.Input.Author != "", Mail: p.mails() && who.From(ctx).SignedIn() && g.Code != ""}
	v.Link = p.Base() + "/receipt?code=" + url.QueryEscape(v.Code)
	code, err := qr.Encode(v.Link, qr.M)
	if err != nil {
		return err
	}
	code.Scale = 5
	v.QR = "data:image/png;base64," + base64.StdEncoding.EncodeToString(code.PNG())
	w.Header().Set("Cache-Control", "no-store")
	return web.Page(w, r, http.StatusOK, ui.Page{Title: i18n.T(ctx, "call.receipt"), Private: true, Kind: ui.Form}, givenPage(v))
}

// storyView is what happened to an input, as whoever holds its receipt or wrote it
// reads it.
type storyView struct {
	web.Wrong
	answer.Story
	Code   string // as typed; empty for a signed-in author
	Names  map[string]string
	Orgs   map[string]string
	Titles map[string]record.Translated
	Now    db.Time
	Value  string // of the rating, as typed
	Text   string // of the contest, as typed
}

// lookView is the form that asks for a receipt.
type lookView struct {
	web.Wrong
	Code string
}

func (p *Pages) receiptForm(w http.ResponseWriter, r *http.Request) error {
	code := r.URL.Query().Get("code")
	return p.askCode(w, r, http.StatusOK, lookView{Code: code[:min(len(code), 30)]})
}

func (p *Pages) askCode(w http.ResponseWriter, r *http.Request, status int, v lookView) error {
	w.Header().Set("Cache-Control", "no-store")
	return web.Page(w, r, status, ui.Page{Title: i18n.T(r.Context(), "call.receipt.nav"), Kind: ui.Form, Private: true}, lookPage(v))
}

func (p *Pages) receipt(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return p.storyOf(w, r, http.StatusOK, storyView{Code: f.Line("code")})
}

// storyOf tells the story of a receipt. A code that nobody has is answered as one
// that was typed wrongly.
func (p *Pages) storyOf(w http.ResponseWriter, r *http.Request, status int, v storyView) error {
	ctx, typed := r.Context(), v.Code
	err := p.DB.View(ctx, func(tx *db.Tx) error {
		in, err := p.ByReceipt(ctx, tx, typed)
		if err != nil {
			return err
		}
		return p.tellStory(ctx, tx, in, &v)
	})
	if errors.Is(err, db.ErrNotFound) {
		err = fault.Fields{{Name: "code", Key: "call.no_receipt"}}
	}
	if wrong, ok := web.Mend(w, r, err, "code", fieldLabel); ok {
		return p.askCode(w, r, wrong.Status, lookView{Code: typed, Wrong: wrong})
	}
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.Page(w, r, status, ui.Page{Title: i18n.T(ctx, "call.story"), Kind: ui.Form, Private: true}, storyPage(v))
}

// rate keeps what the holder of a receipt says of the answer.
func (p *Pages) rate(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := storyView{Code: f.Line("code"), Value: f.Line("value"), Text: f.Text("contest")}
	if v.Code == "" {
		v.Code = "?"
	}
	err = p.DB.Update(ctx, func(tx *db.Tx) error {
		_, err := p.Rate(ctx, tx, who.From(ctx), "", v.Code, v.Value, v.Text)
		return err
	})
	if errors.Is(err, db.ErrNotFound) {
		return p.storyOf(w, r, http.StatusOK, v)
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "value", fieldLabel); ok {
		return p.storyOf(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	v.Text = ""
	return p.storyOf(w, r, http.StatusOK, v)
}

// rateMine is rate for the signed-in author.
func (p *Pages) rateMine(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := inputView{storyView: storyView{Value: f.Line("value"), Text: f.Text("contest")}}
	err = p.DB.Update(ctx, func(tx *db.Tx) error {
		_, err := p.Rate(ctx, tx, who.From(ctx), r.PathValue("id"), "", v.Value, v.Text)
		return err
	})
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "value", fieldLabel); ok {
		return p.inputWith(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "call.rated")
	web.Redirect(w, r, "/input/"+r.PathValue("id"))
	return nil
}

// mails reports whether the site can send a receipt.
func (p *Pages) mails() bool { return p.Mailer != nil && p.Mailer() != nil }

// sendReceipt mails a receipt to its signed-in holder, who asked for it: nothing
// here keeps who that is.
func (p *Pages) sendReceipt(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	code := answer.ReadCode(f.Line("code"))
	if err := p.DB.Update(ctx, func(tx *db.Tx) error {
		if _, err := p.ByReceipt(ctx, tx, code); err != nil {
			return err
		}
		me, err := who.PersonByID(ctx, tx, who.From(ctx).ID)
		if err != nil {
			return err
		}
		if !p.mails() || me.Email == "" {
			return fault.New(fault.Conflict, "call.no_mail")
		}
		return p.Mailer().Send(ctx, tx, who.Mail{
			To: me.Email, Lang: i18n.LangOf(ctx), Subject: "call.mail.subject", Text: "call.mail.text",
			Args: []any{"code", answer.Grouped(code), "link", p.Base() + "/receipt"},
		})
	}); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "call.mailed")
	web.Redirect(w, r, "/receipt")
	return nil
}
