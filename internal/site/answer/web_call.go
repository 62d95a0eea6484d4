package answer

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// boxView is the form of a call.
type boxView struct {
	web.Wrong
	Box    answer.Box
	Slug   string
	Of     string // address of the record it belongs to
	Opens  string // civil dates, as typed
	Closes string
	Orgs   []org.Choice
	Lost   *answer.Box // what somebody else saved meanwhile
}

func (p *Pages) newForm(w http.ResponseWriter, r *http.Request) error {
	v := boxView{Of: r.URL.Query().Get("of"), Box: answer.Box{Lang: i18n.LangOf(r.Context()), Org: r.URL.Query().Get("org")}}
	return p.boxForm(w, r, http.StatusOK, v)
}

func (p *Pages) boxForm(w http.ResponseWriter, r *http.Request, status int, v boxView) error {
	ctx := r.Context()
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Orgs, err = org.Choices(ctx, tx, who.From(ctx), "answer.box"); err != nil || v.Box.Org == "" || slices.ContainsFunc(v.Orgs, func(o org.Choice) bool { return o.ID == v.Box.Org }) {
			return err
		}
		names, err := org.Names(ctx, tx, i18n.LangOf(ctx), []string{v.Box.Org}) // a host may let others ask in its name
		if name, ok := names[v.Box.Org]; ok {
			v.Orgs = append(v.Orgs, org.Choice{ID: v.Box.Org, Name: name})
		}
		return err
	}); err != nil {
		return err
	}
	title := i18n.T(ctx, "call.new")
	if v.Slug != "" {
		title = i18n.T(ctx, "call.edit_of", "title", v.Box.Title)
	}
	return web.Page(w, r, status, ui.Page{
		Title: title, Kind: ui.Form, Private: true, Crumbs: []ui.Link{{Text: i18n.T(ctx, "call.nav"), Href: "/calls"}},
	}, boxPage(title, v))
}

// readBox takes a call from a form.
func readBox(f web.Form) (v boxView) {
	v.Of, v.Opens, v.Closes = f.Line("of"), f.Date("opens"), f.Date("closes")
	v.Box = answer.Box{Org: f.Line("org"), Title: f.Line("title"), Question: f.Text("question"), Lang: f.Line("lang"), Results: f.Text("results")}
	v.Box.Kinds.V, v.Box.Channels.V = f.All("kinds"), f.All("channels")
	v.Box.Version, _ = strconv.Atoi(f.Line("version"))
	return v
}

// times reads the days of a form: a call opens as its first day begins in Belize
// and closes as its last one ends.
func (v *boxView) times() error {
	var p fault.Fields
	for _, d := range []struct {
		name, typed string
		to          *db.Time
		add         int
	}{{"opens", v.Opens, &v.Box.Opens, 0}, {"closes", v.Closes, &v.Box.Closes, 1}} {
		day, err := time.ParseInLocation(time.DateOnly, d.typed, i18n.Belize)
		if d.typed == "" {
			continue
		}
		if err != nil {
			p.Add(d.name, "fault.date")
			continue
		}
		*d.to = db.Time{Time: day.AddDate(0, 0, d.add).UTC()}
	}
	return p.Err()
}

// days puts the days of a call into its form.
func (v *boxView) days() {
	if !v.Box.Opens.IsZero() {
		v.Opens = v.Box.Opens.In(i18n.Belize).Format(time.DateOnly)
	}
	if !v.Box.Closes.IsZero() {
		v.Closes = v.Box.Closes.Add(-time.Microsecond).In(i18n.Belize).Format(time.DateOnly)
	}
}

func (p *Pages) create(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := readBox(f)
	var made answer.Box
	if err = v.times(); err == nil {
		err = p.DB.Update(ctx, func(tx *db.Tx) error {
			in := v.Box
			if v.Of != "" {
				refs, err := p.refs(ctx, tx, v.Of)
				if err != nil || len(refs) != 1 {
					return fault.Fields{{Name: "of", Key: "fault.choice"}}
				}
				in.Of = refs[0]
			}
			made, err = p.CreateBox(ctx, tx, who.From(ctx), in)
			return err
		})
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "title", fieldLabel); ok {
		return p.boxForm(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "call.created")
	web.Redirect(w, r, made.Ref().Path())
	return nil
}

func (p *Pages) editForm(w http.ResponseWriter, r *http.Request) error {
	var v boxView
	if err := p.DB.View(r.Context(), func(tx *db.Tx) (err error) { v.Box, v.Slug, err = p.editable(r.Context(), tx, r); return err }); err != nil {
		return err
	}
	v.days()
	return p.boxForm(w, r, http.StatusOK, v)
}

// editable reads the call of an address for somebody who may change it.
func (p *Pages) editable(ctx context.Context, tx *db.Tx, r *http.Request) (answer.Box, string, error) {
	b, slug, err := p.BoxByKey(ctx, tx, who.From(ctx), r.PathValue("key"))
	if err == nil && !p.May(ctx, tx, who.From(ctx), "answer.box", b) {
		err = fault.New(fault.Denied, "call.not_yours")
	}
	return b, slug, err
}

func (p *Pages) edit(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := readBox(f)
	var old answer.Box
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) { old, v.Slug, err = p.editable(ctx, tx, r); return err }); err != nil {
		return err
	}
	v.Box.ID, v.Box.Org, v.Box.Of, v.Box.Published = old.ID, old.Org, old.Of, old.Published
	if err = v.times(); err == nil {
		err = p.DB.Update(ctx, func(tx *db.Tx) error { _, err := p.EditBox(ctx, tx, who.From(ctx), v.Box); return err })
	}
	if errors.Is(err, db.ErrConflict) {
		v.Lost, v.Box.Version = &old, old.Version
		return p.boxForm(w, r, http.StatusConflict, v)
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "title", fieldLabel); ok {
		return p.boxForm(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "call.saved")
	web.Redirect(w, r, old.Ref().Path())
	return nil
}

func (p *Pages) publish(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(f.Line("version"))
	err = p.DB.Update(ctx, func(tx *db.Tx) error {
		b, _, err := p.editable(ctx, tx, r)
		if err != nil {
			return err
		}
		_, err = p.PublishBox(ctx, tx, who.From(ctx), b.ID, version)
		return err
	})
	if fields, ok := web.FieldErrors(err); ok {
		var names []string
		for _, x := range fields {
			names = append(names, strings.ToLower(fieldLabel(ctx, x.Name)))
		}
		web.Flash(w, ui.Attention, "call.lacks", "what", strings.Join(names, ", "))
	} else if err != nil {
		return err
	} else {
		web.Flash(w, ui.Done, "call.published")
	}
	web.Redirect(w, r, "/call/"+r.PathValue("key"))
	return nil
}

// recordPath is the address of the record that a call belongs to.
func recordPath(ref record.Ref) string {
	if ref == (record.Ref{}) {
		return ""
	}
	return ref.Path()
}
