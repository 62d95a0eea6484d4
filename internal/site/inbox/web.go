package inbox

import (
	"net/http"

	"github.com/a-h/templ"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// page sends a page of somebody's own: never cached, never found by a search.
func page(w http.ResponseWriter, r *http.Request, status int, title string, body templ.Component) error {
	return web.Page(w, r, status, ui.Page{Title: i18n.T(r.Context(), title), Kind: ui.Form, Private: true}, body)
}

// pageSize is how many items a page of the inbox shows.
const pageSize = 30

// inboxView is a page of the inbox.
type inboxView struct {
	Items  []notify.Item
	Next   string // cursor of the next page
	First  bool   // the newest are here
	Unread int    // of all, at most 100
}

// upTo is the newest item shown: what came since is not marked as read unseen.
func (v inboxView) upTo() string { return v.Items[0].ID }

func (p *Pages) inbox(w http.ResponseWriter, r *http.Request) (err error) {
	ctx := r.Context()
	cursor := r.URL.Query().Get("after")
	v := inboxView{First: cursor == ""}
	if v.Items, v.Next, err = p.Notify().Inbox(ctx, who.From(ctx), cursor, pageSize); err != nil {
		return err
	}
	if err := p.DB.View(ctx, func(tx *db.Tx) error { v.Unread, err = notify.Unread(ctx, tx, who.From(ctx).ID); return err }); err != nil {
		return err
	}
	return page(w, r, http.StatusOK, "inbox.title", inboxPage(v))
}

// read marks as read what stands on one record, or all up to an item.
func (p *Pages) read(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ref := record.Ref{Kind: f.Line("kind"), ID: f.Line("record")}
	if ref == (record.Ref{}) && f.Line("upto") == "" {
		return fault.New(fault.Malformed, "web.bad_form")
	}
	if err := p.Notify().MarkRead(r.Context(), who.From(r.Context()), ref, f.Line("upto")); err != nil {
		return err
	}
	web.Redirect(w, r, "/inbox")
	return nil
}

// choicesView is the page on which people choose.
type choicesView struct {
	Choices  notify.Choices
	Subjects []notify.Subject
	Devices  []notify.Device
	CanMail  bool
	PushKey  string // by which browsers know this site; "" sends no push
	Hooks    bool   // the reader may have webhooks
}

func (p *Pages) choices(w http.ResponseWriter, r *http.Request) (err error) {
	ctx := r.Context()
	n, actor := p.Notify(), who.From(r.Context())
	v := choicesView{Subjects: n.AllSubjects(), CanMail: n.Mail != nil, Hooks: actor.MayAnywhere("hook.write")}
	if n.Vapid != nil {
		v.PushKey = n.Vapid.Public
	}
	if v.Devices, err = n.Devices(ctx, actor); err != nil {
		return err
	}
	if err := p.DB.View(ctx, func(tx *db.Tx) error { v.Choices, err = n.ChoicesOf(ctx, tx, actor.ID); return err }); err != nil {
		return err
	}
	return page(w, r, http.StatusOK, "inbox.choices.title", choicesPage(v))
}

// choose saves what the form says. A subject that the form does not name, as
// one that came since the page was made, stays as it is.
func (p *Pages) choose(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	c := notify.Choices{By: map[string]notify.Frequency{}, Mail: f.Has("mail"), Quiet: f.Has("quiet")}
	for _, x := range p.Notify().AllSubjects() {
		if f.Has(field(x)) {
			c.By[x.Name] = notify.Frequency(f.Line(field(x)))
		}
	}
	if err := p.Notify().Choose(r.Context(), who.From(r.Context()), c); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "inbox.choices.saved")
	web.Redirect(w, r, "/account/notifications")
	return nil
}

// stopView is the page behind the link at the foot of letters.
type stopView struct {
	Token   string
	Subject string // key of the subject's name; "" for everything
	Done    bool
}

func (p *Pages) stopOf(token string) (v stopView, err error) {
	_, subject, err := p.Notify().ReadStop(token)
	v.Token = token
	for _, x := range p.Notify().AllSubjects() {
		if x.Name == subject {
			v.Subject = x.Words()
		}
	}
	return v, err
}

func (p *Pages) askStop(w http.ResponseWriter, r *http.Request) error {
	v, err := p.stopOf(r.PathValue("token"))
	if err != nil {
		return err
	}
	return page(w, r, http.StatusOK, "inbox.stop.title", stopPage(v))
}

// stop is also what mail programs send to, from anywhere and without a session.
func (p *Pages) stop(w http.ResponseWriter, r *http.Request) error {
	v, err := p.stopOf(r.PathValue("token"))
	if err != nil {
		return err
	}
	if err := p.Notify().Stop(r.Context(), v.Token); err != nil {
		return err
	}
	v.Done = true
	return page(w, r, http.StatusOK, "inbox.stop.done", stopPage(v))
}
