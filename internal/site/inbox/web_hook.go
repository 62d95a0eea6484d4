package inbox

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/who"
)

// hooksView is the list of webhooks of one organisation, or of the reader.
type hooksView struct {
	web.Wrong
	Orgs   []Choice
	Org    string // whose; "" is the reader's own
	Own    bool   // the reader may have webhooks of their own
	Hooks  []notify.Hook
	Kinds  []string
	In     notify.Hook // as typed
	Made   notify.Hook // just made, with its secret
	Secret string
}

// hooksOf reads whose webhooks a page is about, and which there are.
func (p *Pages) hooksOf(ctx context.Context, org string) (v hooksView, err error) {
	actor := who.From(ctx)
	v.Own = actor.May("hook.write", who.Own(actor.ID))
	if err := p.DB.View(ctx, func(tx *db.Tx) error { v.Orgs, err = p.Orgs(ctx, tx, actor, "hook.write"); return err }); err != nil {
		return v, err
	}
	if v.Org = org; org == "" && !v.Own && len(v.Orgs) > 0 {
		v.Org = v.Orgs[0].ID
	}
	for _, k := range p.Kinds().Kinds() {
		if k.Name != "hook" && k.Name != "person" {
			v.Kinds = append(v.Kinds, k.Name)
		}
	}
	v.Hooks, err = p.Notify().Hooks(ctx, actor, v.Org)
	return v, err
}

func (p *Pages) hooks(w http.ResponseWriter, r *http.Request) error {
	v, err := p.hooksOf(r.Context(), r.URL.Query().Get("org"))
	if err != nil {
		return err
	}
	return page(w, r, http.StatusOK, "inbox.hooks.title", hooksPage(v))
}

// addHook answers with the page itself: the secret is on no other.
func (p *Pages) addHook(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	in := notify.Hook{Org: f.Line("org"), URL: f.Line("url"), Kinds: f.All("kinds")}
	made, secret, refused := p.Notify().AddHook(ctx, who.From(ctx), in)
	wrong, mendable := web.Mend(w, r, refused, "url", label)
	if refused != nil && !mendable {
		return refused
	}
	v, err := p.hooksOf(ctx, in.Org)
	if err != nil {
		return err
	}
	if refused == nil {
		v.Made, v.Secret = made, secret
		return page(w, r, http.StatusOK, "inbox.hooks.title", hooksPage(v))
	}
	v.In, v.Wrong = in, wrong
	return page(w, r, v.Status, "inbox.hooks.title", hooksPage(v))
}

// label names a field of the form for a webhook.
func label(ctx context.Context, field string) string { return i18n.T(ctx, labels[field]) }

var labels = map[string]string{"org": "inbox.hook.of", "url": "inbox.hook.address", "kinds": "inbox.hook.hears"}

// hookView is the page of one webhook.
type hookView struct {
	notify.Hook
	OrgName    string
	Deliveries []notify.Delivery
}

const maxDeliveries = 100

func (p *Pages) hook(w http.ResponseWriter, r *http.Request) (err error) {
	ctx, actor := r.Context(), who.From(r.Context())
	var v hookView
	if v.Hook, err = p.Notify().HookOf(ctx, actor, r.PathValue("id")); err != nil {
		return err
	}
	if v.Deliveries, err = p.Notify().Deliveries(ctx, actor, v.ID, maxDeliveries); err != nil {
		return err
	}
	var orgs []Choice
	if err := p.DB.View(ctx, func(tx *db.Tx) error { orgs, err = p.Orgs(ctx, tx, actor, "hook.write"); return err }); err != nil {
		return err
	}
	if i := slices.IndexFunc(orgs, func(o Choice) bool { return o.ID == v.Org }); i >= 0 {
		v.OrgName = orgs[i].Name
	}
	return page(w, r, http.StatusOK, "inbox.hook.title", hookPage(v))
}

// hookAddress is the permanent address, which every record has. To a stranger
// it is one like any other that leads nowhere.
func (p *Pages) hookAddress(w http.ResponseWriter, r *http.Request) error {
	h, err := p.Notify().HookOf(r.Context(), who.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	web.Redirect(w, r, "/account/webhooks/"+h.ID)
	return nil
}

func (p *Pages) removeHook(w http.ResponseWriter, r *http.Request) error {
	h, err := p.Notify().HookOf(r.Context(), who.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := p.Notify().RemoveHook(r.Context(), who.From(r.Context()), h.ID); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "inbox.hook.removed")
	web.Redirect(w, r, "/account/webhooks?org="+url.QueryEscape(h.Org))
	return nil
}

func (p *Pages) enableHook(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := p.Notify().EnableHook(r.Context(), who.From(r.Context()), id); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "inbox.hook.enabled")
	web.Redirect(w, r, "/account/webhooks/"+url.PathEscape(id))
	return nil
}

func (p *Pages) replay(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if err := p.Notify().Replay(r.Context(), who.From(r.Context()), id, f.Line("delivery")); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "inbox.hook.replayed")
	web.Redirect(w, r, "/account/webhooks/"+url.PathEscape(id))
	return nil
}
