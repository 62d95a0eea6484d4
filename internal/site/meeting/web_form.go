package meetingsite

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

const minute = time.Minute

func label(ctx context.Context, field string) string { return i18n.T(ctx, "meeting.field."+field) }

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// hourOf is an hour of the day of t in Belize.
func hourOf(t time.Time, hour int) time.Time {
	y, m, d := t.In(i18n.Belize).Date()
	return time.Date(y, m, d, hour, 0, 0, 0, i18n.Belize)
}

// formView is the form for a meeting, new or not. Day and hours are kept as they
// were typed.
type formView struct {
	web.Wrong
	M        meeting.Meeting
	Slug     string
	Of       string // "kind:id"
	Body     record.Card
	Orgs     []org.Choice // to choose from, where no body is given
	Day      string
	From, To string
	Last     string // the last day, for a meeting of several
}

func (p *Pages) newForm(w http.ResponseWriter, r *http.Request) error {
	v := formView{Of: r.URL.Query().Get("of")}
	if v.Of == "" && !who.From(r.Context()).MayAnywhere("meeting.write") { // whoever may for a body alone comes from its page
		web.Flash(w, ui.Attention, "meetings.for_none")
		web.Redirect(w, r, "/meetings")
		return nil
	}
	v.M.Langs.V, v.M.Lang = []string{"en"}, "en"
	return p.form(w, r, http.StatusOK, v)
}

func (p *Pages) form(w http.ResponseWriter, r *http.Request, status int, v formView) error {
	ctx := r.Context()
	actor := who.From(ctx)
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.M.ID != "" {
			return nil
		}
		of := readRef(v.Of)
		if _, ok := p.Book.Kinds().Kind(of.Kind); ok {
			if v.Body, err = p.Book.Kinds().One(ctx, tx, actor, of); err != nil {
				return err
			}
			return p.Book.May(ctx, tx, actor, "meeting.write", of, v.Body.Org)
		}
		if !actor.MayAnywhere("meeting.write") {
			return actor.Must("meeting.write", who.Site)
		}
		v.Orgs, err = org.Choices(ctx, tx, actor, "meeting.write")
		return err
	}); err != nil {
		return err
	}
	title := i18n.T(ctx, "meetings.new")
	if v.M.ID != "" {
		title = i18n.T(ctx, "meetings.edit_of", "title", v.M.Title)
	}
	return web.Page(w, r, status, ui.Page{
		Title: title, Kind: ui.Form, Private: true, Crumbs: []ui.Link{{Text: i18n.T(ctx, "meetings.nav"), Href: "/meetings"}},
	}, formPage(title, v))
}

// readMeeting takes a meeting from a form, with what is wrong with its hours.
func readMeeting(r *http.Request) (v formView, problems fault.Fields, err error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return v, nil, err
	}
	v = formView{Of: f.Line("of"), Day: f.Date("day"), From: f.Line("from"), To: f.Line("to"), Last: f.Date("last")}
	v.M = meeting.Meeting{
		Title: f.Line("title"), Lang: f.Line("lang"), Purpose: f.Line("purpose"), Venue: f.Line("venue"), District: f.Line("district"), Link: f.Line("link"),
		LinkOpen: f.Has("link_open"), Notice: f.Text("notice"), Guests: f.Has("guests"), Capacity: f.Int(&problems, "capacity"), Version: number(f.Line("version")),
	}
	v.M.Langs.V = f.All("langs")
	v.M.Starts = v.hour(&problems, "starts", v.Day, v.From)
	last := v.Last
	if last == "" {
		last = v.Day
	}
	v.M.Ends = v.hour(&problems, "ends", last, v.To)
	if at := f.Line("point"); at != "" {
		var lat, lon float64
		if n, _ := fmt.Sscanf(strings.ReplaceAll(at, ",", " "), "%g %g", &lat, &lon); n != 2 {
			problems.Add("point", "meeting.bad_point")
		}
		v.M.Lat, v.M.Lon = &lat, &lon
	}
	return v, problems, nil
}

// hour joins a day and an hour of Belize.
func (v formView) hour(p *fault.Fields, name, day, hour string) db.Time {
	if len(hour) == 4 {
		hour = "0" + hour
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+hour, i18n.Belize)
	if err != nil {
		p.Add(map[string]string{"starts": "from", "ends": "to"}[name], "meetings.bad_hour")
		return db.Time{}
	}
	return db.Time{Time: t}
}

func (p *Pages) create(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, problems, err := readMeeting(r)
	if err != nil {
		return err
	}
	v.M.Of = readRef(v.Of)
	if v.M.Of.Kind == "" {
		problems.Add("of", "fault.choice")
	} else if _, ok := p.Book.Kinds().Kind(v.M.Of.Kind); !ok {
		return db.ErrNotFound
	}
	err = problems.Err()
	var made meeting.Meeting
	if err == nil {
		made, err = p.Book.Announce(ctx, who.From(ctx), v.M)
	}
	if wrong, ok := web.Mend(w, r, err, "title", label); ok {
		v.Wrong = wrong
		return p.form(w, r, wrong.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "meetings.announced")
	web.Redirect(w, r, made.Ref().Path()+"/agenda")
	return nil
}

// own returns the meeting of an address that the reader may change.
func (p *Pages) own(r *http.Request) (m meeting.Meeting, slug string, err error) {
	ctx := r.Context()
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		if m, slug, err = find(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		return p.Book.May(ctx, tx, who.From(ctx), "meeting.write", m.Of, m.Org)
	})
	return m, slug, err
}

// formOf fills the form with a meeting as it is.
func formOf(m meeting.Meeting, slug string) formView {
	starts, ends := m.Starts.In(i18n.Belize), m.Ends.In(i18n.Belize)
	v := formView{M: m, Slug: slug, Day: starts.Format(time.DateOnly), From: starts.Format("15:04"), To: ends.Format("15:04")}
	if last := ends.Format(time.DateOnly); last != v.Day {
		v.Last = last
	}
	return v
}

func (p *Pages) editForm(w http.ResponseWriter, r *http.Request) error {
	m, slug, err := p.own(r)
	if err != nil {
		return err
	}
	return p.form(w, r, http.StatusOK, formOf(m, slug))
}

func (p *Pages) edit(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	now, slug, err := p.own(r)
	if err != nil {
		return err
	}
	v, problems, err := readMeeting(r)
	if err != nil {
		return err
	}
	v.M.ID, v.Slug, v.M.Of = now.ID, slug, now.Of
	if err = problems.Err(); err == nil {
		_, err = p.Book.Edit(ctx, who.From(ctx), v.M)
	}
	if errors.Is(err, db.ErrConflict) {
		return web.Page(w, r, http.StatusConflict, ui.Page{Title: i18n.T(ctx, "web.title.409"), Kind: ui.Form, Private: true}, conflictPage(v, formOf(now, slug)))
	}
	if wrong, ok := web.Mend(w, r, err, "title", label); ok {
		v.Wrong = wrong
		return p.form(w, r, wrong.Status, v)
	}
	return done(w, r, err, "meetings.saved", now.Ref().Path())
}

// done ends a form: onward with a word, unless it failed.
func done(w http.ResponseWriter, r *http.Request, err error, key, to string) error {
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, key)
	web.Redirect(w, r, to)
	return nil
}

func (p *Pages) cancel(w http.ResponseWriter, r *http.Request) error {
	m, slug, err := p.own(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = p.Book.Cancel(r.Context(), who.From(r.Context()), m.ID, f.Text("reason"))
	if wrong, ok := web.Mend(w, r, err, "reason", label); ok {
		v := formOf(m, slug)
		v.Wrong = wrong
		return p.form(w, r, wrong.Status, v)
	}
	return done(w, r, err, "meetings.cancelled", m.Ref().Path())
}

// agendaView is the form of the agenda.
type agendaView struct {
	web.Wrong
	M       meeting.Meeting
	Slug    string
	Items   []meeting.Item
	Abouts  []string // as typed, beside the items
	Version int
}

const blankItems = 3

func (p *Pages) agendaForm(w http.ResponseWriter, r *http.Request) error {
	m, slug, err := p.own(r)
	if err != nil {
		return err
	}
	v := agendaView{M: m, Slug: slug, Items: m.Agenda.V, Version: m.Version}
	for _, it := range v.Items {
		about := ""
		if it.About.Kind != "" {
			about = it.About.Path()
		}
		v.Abouts = append(v.Abouts, about)
	}
	return p.agendaWith(w, r, http.StatusOK, v)
}

func (p *Pages) agendaWith(w http.ResponseWriter, r *http.Request, status int, v agendaView) error {
	for range blankItems {
		v.Items, v.Abouts = append(v.Items, meeting.Item{}), append(v.Abouts, "")
	}
	ctx := r.Context()
	return web.Page(w, r, status, ui.Page{
		Title: i18n.T(ctx, "meetings.agenda"), Kind: ui.Form, Private: true, Crumbs: []ui.Link{{Text: v.M.Title, Href: "/meeting/" + v.Slug}},
	}, agendaPage(v))
}

func (p *Pages) agenda(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	m, slug, err := p.own(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var problems fault.Fields
	v := agendaView{M: m, Slug: slug, Version: number(f.Line("version"))}
	for n := range 60 + blankItems {
		at := "." + strconv.Itoa(n)
		it := meeting.Item{Title: f.Line("title" + at), Text: f.Text("text" + at), Kind: f.Line("kind" + at)}
		if it.Title == "" && it.Text == "" {
			continue
		}
		it.Minutes = f.Int(&problems, "minutes"+at)
		about := f.Line("about" + at)
		if about != "" {
			if it.About, err = p.resolve(ctx, about); err != nil {
				problems.Add("about"+at, "meetings.no_record")
			}
		}
		v.Items, v.Abouts = append(v.Items, it), append(v.Abouts, about)
	}
	if err = problems.Err(); err == nil {
		_, err = p.Book.SetAgenda(ctx, who.From(ctx), m.ID, v.Version, v.Items)
	}
	if wrong, ok := web.Mend(w, r, err, "agenda", func(ctx context.Context, name string) string {
		plain, _, _ := strings.Cut(name, ".")
		return label(ctx, plain)
	}); ok {
		v.Wrong = wrong
		return p.agendaWith(w, r, wrong.Status, v)
	}
	if f.Has("more") {
		return done(w, r, err, "meetings.saved", m.Ref().Path()+"/agenda")
	}
	return done(w, r, err, "meetings.saved", m.Ref().Path())
}

// resolve finds the record that a typed address of this site means.
func (p *Pages) resolve(ctx context.Context, typed string) (ref record.Ref, err error) {
	u, err := url.Parse(strings.TrimPrefix(typed, p.Book.Base()))
	if err != nil {
		return ref, err
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) != 2 {
		return ref, db.ErrNotFound
	}
	kind := parts[0]
	if _, ok := p.Book.Kinds().Kind(kind); !ok {
		return ref, db.ErrNotFound
	}
	err = p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if ref, _, err = record.Resolve(ctx, tx, kind, parts[1]); err != nil {
			return err
		}
		_, err = p.Book.Kinds().One(ctx, tx, who.From(ctx), ref)
		return err
	})
	return ref, err
}
