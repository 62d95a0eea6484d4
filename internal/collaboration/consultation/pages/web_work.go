package pages

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"ceiba/internal/collaboration/consultation"

	"ceiba/internal/collaboration/consultation/paragraph"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

type deskView struct {
	listView
	List  []consultation.Consultation
	MayDo bool // make new ones
}

func (d *Pages) deskPage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	actor := who.From(ctx)
	v := deskView{MayDo: actor.MayAnywhere("consultation.write")}
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Now = db.Time{Time: tx.Now}
		if v.List, err = d.Working(ctx, tx, actor); err != nil {
			return err
		}
		return v.fill(ctx, tx, v.List)
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{Title: i18n.T(ctx, "consultation.desk"), Private: true}, deskPage(v))
}

// formView is the form for a consultation, new or not.
type formView struct {
	web.Wrong
	C        consultation.Consultation
	Slug     string
	OpensOn  string // YYYY-MM-DD, or as typed
	ClosesOn string // the last day
	Orgs     []org.Choice
	Of       record.Card
}

// dayOf is the civil date of a moment in Belize, empty for none.
func dayOf(t db.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(i18n.Belize).Format(time.DateOnly)
}

// lastDay is the last civil date on which people may write.
func lastDay(c consultation.Consultation) string {
	if c.Closes.IsZero() {
		return ""
	}
	return dayOf(db.Time{Time: c.Closes.Add(-time.Microsecond)})
}

// moment is the beginning of a civil date in Belize, or of the day after it.
func moment(date string, after int) (db.Time, bool) {
	if date == "" {
		return db.Time{}, true
	}
	t, err := time.ParseInLocation(time.DateOnly, date, i18n.Belize)
	return db.Time{Time: t.AddDate(0, 0, after)}, err == nil
}

// readForm takes a consultation from a form; what is no date is a fault of its
// field.
func readForm(r *http.Request) (v formView, err error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return v, err
	}
	v.C = consultation.Consultation{
		Org: f.Line("org"), Title: f.Line("title"), Introduction: f.Text("introduction"), Lang: f.Line("lang"),
		Of: record.Ref{Kind: f.Line("of_kind"), ID: f.Line("of_id")},
	}
	v.C.Version, _ = strconv.Atoi(f.Line("version"))
	v.OpensOn, v.ClosesOn = f.Date("opens"), f.Date("closes")
	var p fault.Fields
	var ok bool
	if v.C.Opens, ok = moment(v.OpensOn, 0); !ok {
		p.Add("opens", "fault.date")
	}
	if v.C.Closes, ok = moment(v.ClosesOn, 1); !ok {
		p.Add("closes", "fault.date")
	}
	return v, p.Err()
}

func (d *Pages) newForm(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v := formView{C: consultation.Consultation{Lang: i18n.LangOf(r.Context()), Org: q.Get("org"), Of: record.Ref{Kind: q.Get("of_kind"), ID: q.Get("of_id")}}}
	return d.form(w, r, http.StatusOK, v)
}

func (d *Pages) form(w http.ResponseWriter, r *http.Request, status int, v formView) error {
	ctx := r.Context()
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
		actor := who.From(ctx)
		if v.Orgs, err = org.Choices(ctx, tx, actor, "consultation.write"); err != nil {
			return err
		}
		if v.C.Of.Kind != "" {
			cards, err := d.Kinds().Describe(ctx, tx, actor, []record.Ref{v.C.Of})
			if err != nil {
				return err
			}
			v.Of = cards[v.C.Of]
		}
		return v.hosted(ctx, tx, d.Desk, actor)
	}); err != nil {
		return err
	}
	if len(v.Orgs) == 1 && v.C.Org == "" {
		v.C.Org = v.Orgs[0].ID
	}
	title := i18n.T(ctx, "consultation.new")
	if v.C.ID != "" {
		title = i18n.T(ctx, "consultation.edit")
	}
	return web.Page(w, r, status, ui.Page{
		Title: title, Kind: ui.Form, Private: true,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "consultation.nav"), Href: "/consultations"}},
	}, formPage(title, v))
}

// hosted adds the organisation that a link names to the choices of somebody whom
// the host of the record lets work for it.
func (v *formView) hosted(ctx context.Context, tx *db.Tx, d *consultation.Desk, actor who.Actor) error {
	if v.C.Org == "" || len(v.Orgs) > 0 || d.May(ctx, tx, actor, v.C) != nil {
		return nil
	}
	names, err := org.Names(ctx, tx, i18n.LangOf(ctx), []string{v.C.Org})
	if name := names[v.C.Org]; name != "" {
		v.Orgs = []org.Choice{{ID: v.C.Org, Name: name}}
	}
	return err
}

func (d *Pages) create(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := readForm(r)
	if err == nil {
		v.C, err = d.created(ctx, v.C)
	} else if !who.From(ctx).MayAnywhere("consultation.write") && v.C.Of.Kind == "" {
		return who.From(ctx).Must("consultation.write", who.In(v.C.Org))
	}
	if wrong, ok := web.Mend(w, r, err, "title", label); ok {
		v.Wrong = wrong
		return d.form(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "consultation.created")
	web.Redirect(w, r, v.C.Path()+"/write")
	return nil
}

// created keeps what was typed where it cannot be stored.
func (d *Pages) created(ctx context.Context, in consultation.Consultation) (consultation.Consultation, error) {
	c, err := d.Create(ctx, who.From(ctx), in)
	if err != nil {
		return in, err
	}
	return c, nil
}

// working loads what the pages of somebody who works on a text share.
func (d *Pages) working(r *http.Request) (b base, err error) {
	ctx := r.Context()
	err = d.DB.View(ctx, func(tx *db.Tx) (err error) {
		if b, err = d.load(ctx, tx, r); err != nil {
			return err
		}
		return d.May(ctx, tx, who.From(ctx), b.C)
	})
	return b, err
}

func (d *Pages) editForm(w http.ResponseWriter, r *http.Request) error {
	b, err := d.working(r)
	if err != nil {
		return err
	}
	return d.form(w, r, http.StatusOK, formView{C: b.C, Slug: b.Slug, OpensOn: dayOf(b.C.Opens), ClosesOn: lastDay(b.C)})
}

func (d *Pages) edit(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, err := d.working(r)
	if err != nil {
		return err
	}
	v, err := readForm(r)
	v.C.ID, v.C.Org, v.C.State, v.C.Of, v.Slug = b.C.ID, b.C.Org, b.C.State, b.C.Of, b.Slug
	if err == nil {
		_, err = d.Edit(ctx, who.From(ctx), v.C)
	}
	if errors.Is(err, db.ErrConflict) {
		return web.Page(w, r, http.StatusConflict, ui.Page{Title: i18n.T(ctx, "web.title.409"), Kind: ui.Form, Private: true}, editConflict(ctx, v, b))
	}
	if wrong, ok := web.Mend(w, r, err, "title", label); ok {
		v.Wrong = wrong
		return d.form(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "consultation.saved")
	web.Redirect(w, r, v.C.Path())
	return nil
}

// editConflict shows both texts of a consultation that somebody changed
// meanwhile.
func editConflict(ctx context.Context, mine formView, now base) ui.Conflict {
	c := ui.Conflict{
		Title: now.C.Title, At: now.C.Changed.Time, Action: now.path("/edit"), Version: int64(now.C.Version),
		Cancel: ui.Link{Text: i18n.T(ctx, "consultation.back"), Href: now.path("")},
	}
	for _, f := range []struct {
		name, mine, now string
		long            bool
	}{{"title", mine.C.Title, now.C.Title, false}, {"introduction", mine.C.Introduction, now.C.Introduction, true}, {"lang", mine.C.Lang, now.C.Lang, false}} {
		if f.mine == f.now {
			c.Same = append(c.Same, ui.Hidden{Name: f.name, Value: f.mine})
		} else {
			c.Fields = append(c.Fields, ui.ConflictField{Name: f.name, Label: label(ctx, f.name), Mine: f.mine, Theirs: f.now, Long: f.long})
		}
	}
	for name, day := range map[string]string{"opens": mine.OpensOn, "closes": mine.ClosesOn} {
		for i, part := range []string{".year", ".month", ".day"} {
			c.Same = append(c.Same, ui.Hidden{Name: name + part, Value: ui.DatePart(day, i)})
		}
	}
	return c
}

// writeView is the form for the next version of a text.
type writeView struct {
	base
	web.Wrong
	In      consultation.Text
	Preview *paragraph.Matched
	Pairs   []paragraph.Pair // what the version would change
}

func (d *Pages) writeForm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := writeView{}
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.base, err = d.load(ctx, tx, r); err != nil {
			return err
		}
		if err := d.May(ctx, tx, who.From(ctx), v.C); err != nil {
			return err
		}
		ps, err := v.C.Present(ctx, tx)
		v.In = consultation.Text{From: v.C.Text, Source: paragraph.Join(ps)}
		return err
	}); err != nil {
		return err
	}
	return d.writePage(w, r, http.StatusOK, v)
}

func (d *Pages) writePage(w http.ResponseWriter, r *http.Request, status int, v writeView) error {
	return web.Page(w, r, status, v.page(r, ui.Page{Kind: ui.Form, Private: true, Wide: v.Preview != nil}, i18n.T(r.Context(), "consultation.write")), writePage(v))
}

func (d *Pages) writeText(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, err := d.working(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := writeView{base: b, In: consultation.Text{Source: f.Text("text"), Reason: f.Text("reason")}}
	v.In.From, _ = strconv.Atoi(f.Line("version"))
	if f.Line("do") == "preview" {
		err = v.preview(ctx, d.Desk)
	} else {
		_, err = d.Write(ctx, who.From(ctx), b.C.ID, v.In)
	}
	if errors.Is(err, db.ErrConflict) {
		return d.writeConflict(w, r, v)
	}
	if wrong, ok := web.Mend(w, r, err, "text", label); ok {
		v.Wrong = wrong
		return d.writePage(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	if v.Preview != nil {
		return d.writePage(w, r, http.StatusOK, v)
	}
	web.Flash(w, ui.Done, "consultation.written")
	web.Redirect(w, r, b.C.Path())
	return nil
}

// preview finds out what a version would change.
func (v *writeView) preview(ctx context.Context, d *consultation.Desk) error {
	in := v.In
	if in.From > 0 && in.Reason == "" {
		in.Reason = "…" // it may be said when the version is made
	}
	m, before, err := d.Preview(ctx, who.From(ctx), v.C.ID, in)
	if err != nil {
		return err
	}
	v.Preview = &m
	for _, p := range paragraph.Pairs(before, m.Paragraphs) {
		if p.Fate != paragraph.Same && len(v.Pairs) < rowsOnPage {
			v.Pairs = append(v.Pairs, p)
		}
	}
	return nil
}

// writeConflict shows the text that was handed in and the one that somebody made
// meanwhile.
func (d *Pages) writeConflict(w http.ResponseWriter, r *http.Request, v writeView) error {
	ctx := r.Context()
	var now consultation.Version
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
		now, err = consultation.VersionOf(ctx, tx, v.C.ID, v.C.Text)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusConflict, ui.Page{Title: i18n.T(ctx, "web.title.409"), Kind: ui.Form, Private: true}, ui.Conflict{
		Title: v.C.Title, At: now.At.Time, Action: v.path("/write"), Version: int64(now.N), Cancel: ui.Link{Text: i18n.T(ctx, "consultation.back"), Href: v.path("")},
		Fields: []ui.ConflictField{{Name: "text", Label: label(ctx, "text"), Mine: v.In.Source, Theirs: paragraph.Join(now.Paragraphs), Long: true}},
		Same:   []ui.Hidden{{Name: "reason", Value: v.In.Reason}},
	})
}

func (d *Pages) move(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	b, err := d.working(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	actor, version, to := who.From(ctx), 0, f.Line("to")
	version, _ = strconv.Atoi(f.Line("version"))
	switch to {
	case "published":
		_, err = d.Publish(ctx, actor, b.C.ID, version)
	case "extended":
		closes, ok := moment(f.Date("closes"), 1)
		if !ok {
			closes = db.Time{}
		}
		_, err = d.Extend(ctx, actor, b.C.ID, version, closes.Time, f.Text("reason"))
	case "withdrawn":
		_, err = d.Withdraw(ctx, actor, b.C.ID, version, f.Text("reason"))
	case "answered":
		_, err = d.Finish(ctx, actor, b.C.ID, version)
	default:
		return fault.New(fault.Malformed, "consultation.no_such_step")
	}
	if wrong, ok := web.Mend(w, r, err, "reason", label); ok {
		return web.Page(w, r, wrong.Status, b.page(r, ui.Page{Kind: ui.Form, Private: true}, i18n.T(ctx, "consultation.move."+to)),
			movePage(moveView{base: b, Wrong: wrong, To: to, Reason: f.Text("reason"), ClosesOn: f.Date("closes")}))
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "consultation.moved."+to)
	web.Redirect(w, r, b.C.Path())
	return nil
}

// moveView is the form of one step, shown again with what is wrong with it.
type moveView struct {
	base
	web.Wrong
	To       string
	Reason   string
	ClosesOn string
}
