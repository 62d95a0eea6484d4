package meetingsite

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/who"
)

// deskView is a form of the desk: the meeting as its page shows it, and what was
// typed.
type deskView struct {
	web.Wrong
	view
	Form  string            // which of several forms failed
	Typed map[string]string // its fields
	Text  string            // of the minutes
	Seen  int               // the version of the minutes that was there
	Code  string
}

// of returns what was typed into a field of a form that failed.
func (v deskView) of(form, field string) string {
	if v.Form != form {
		return ""
	}
	return v.Typed[field]
}

// wrong returns what is wrong with a form of the page.
func (v deskView) wrong(form string) ui.FieldErrors {
	if v.Form != form {
		return nil
	}
	return v.Errors
}

// keep remembers what was typed.
func keep(f web.Form) map[string]string {
	out := map[string]string{}
	for _, name := range f.Names() {
		out[name] = f.Text(name)
		if all := f.All(name); len(all) > 1 {
			out[name] = strings.Join(all, " ")
		}
	}
	return out
}

// desk shows a form of the desk to those who may write.
func (p *Pages) desk(w http.ResponseWriter, r *http.Request, status int, v deskView, title string, body func(deskView) templ.Component) error {
	ctx := r.Context()
	if err := p.DB.View(ctx, func(tx *db.Tx) error {
		if err := p.load(ctx, tx, r.PathValue("key"), &v.view); err != nil {
			return err
		}
		return p.Book.May(ctx, tx, who.From(ctx), "meeting.write", v.M.Of, v.M.Org)
	}); err != nil {
		return err
	}
	return web.Page(w, r, status, ui.Page{
		Title: i18n.T(ctx, title), Kind: ui.Form, Private: true, Crumbs: []ui.Link{{Text: v.M.Title, Href: "/meeting/" + v.Slug}},
	}, body(v))
}

func (p *Pages) peopleForm(w http.ResponseWriter, r *http.Request) error {
	return p.desk(w, r, http.StatusOK, deskView{}, "meetings.people", peoplePage)
}

func (p *Pages) invite(w http.ResponseWriter, r *http.Request) error {
	m, _, err := p.own(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = p.Book.Invite(r.Context(), who.From(r.Context()), m.ID, meeting.Invited{Name: f.Line("name"), Sector: f.Line("sector"), District: f.Line("district")})
	if wrong, ok := web.Mend(w, r, err, "name", label); ok {
		return p.desk(w, r, wrong.Status, deskView{Wrong: wrong, Form: "invite", Typed: keep(f)}, "meetings.people", peoplePage)
	}
	return done(w, r, err, "meetings.saved", m.Ref().Path()+"/people")
}

func (p *Pages) uninvite(w http.ResponseWriter, r *http.Request) error {
	m, _, err := p.own(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = p.Book.Uninvite(r.Context(), who.From(r.Context()), m.ID, f.Line("invited"))
	return done(w, r, err, "meetings.saved", m.Ref().Path()+"/people")
}

func (p *Pages) attendanceForm(w http.ResponseWriter, r *http.Request) error {
	return p.desk(w, r, http.StatusOK, deskView{}, "meetings.attendance", attendancePage)
}

// attendance takes the list with its boxes, and one more who is on no list.
func (p *Pages) attendance(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	m, _, err := p.own(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var list []meeting.Attendance
	for _, subject := range f.All("on_list") {
		state := f.All("state." + subject) // whoever is ticked as online is there
		a := meeting.Attendance{Subject: subject, Present: len(state) > 0, Mode: "person", Arrived: f.Line("arrived." + subject), Departed: f.Line("departed." + subject), Reason: f.Text("reason")}
		if slices.Contains(state, "online") {
			a.Mode = "online"
		}
		list = append(list, a)
	}
	if f.Line("name") != "" {
		list = append(list, meeting.Attendance{
			Name: f.Line("name"), Sector: f.Line("sector"), District: f.Line("district"), Part: f.Line("part"), Mode: f.Line("mode"), Present: true, Reason: f.Text("reason"),
		})
	}
	err = p.Book.Record(ctx, who.From(ctx), m.ID, list)
	if wrong, ok := web.Mend(w, r, err, "name", label); ok {
		return p.desk(w, r, wrong.Status, deskView{Wrong: wrong, Form: "attendance", Typed: keep(f)}, "meetings.attendance", attendancePage)
	}
	return done(w, r, err, "meetings.saved", m.Ref().Path()+"/attendance")
}

func (p *Pages) held(w http.ResponseWriter, r *http.Request) error {
	m, _, err := p.own(r)
	if err != nil {
		return err
	}
	m, err = p.Book.Hold(r.Context(), who.From(r.Context()), m.ID)
	if wrong, ok := web.Mend(w, r, err, "name", label); ok {
		return p.desk(w, r, wrong.Status, deskView{Wrong: wrong, Form: "held"}, "meetings.attendance", attendancePage)
	}
	return done(w, r, err, "meetings.held."+m.Quorate, m.Ref().Path())
}

func (p *Pages) minutesForm(w http.ResponseWriter, r *http.Request) error {
	return p.minutesWith(w, r, http.StatusOK, deskView{})
}

func (p *Pages) minutesWith(w http.ResponseWriter, r *http.Request, status int, v deskView) error {
	return p.desk(w, r, status, v, "meetings.minutes", func(v deskView) templ.Component {
		if v.Form == "" && len(v.Minutes) > 0 {
			v.Text, v.Seen = v.Minutes[0].Text, v.Minutes[0].N
		}
		return minutesPage(v)
	})
}

func (p *Pages) draft(w http.ResponseWriter, r *http.Request) error {
	m, _, err := p.own(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := deskView{Form: "minutes", Text: f.Text("minutes"), Seen: number(f.Line("seen"))}
	err = p.Book.Draft(r.Context(), who.From(r.Context()), m.ID, v.Text, v.Seen)
	if errors.Is(err, db.ErrConflict) { // both texts on one page
		return p.minutesWith(w, r, http.StatusConflict, v)
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "minutes", label); ok {
		return p.minutesWith(w, r, v.Status, v)
	}
	return done(w, r, err, "meetings.drafted", m.Ref().Path()+"#minutes")
}

func (p *Pages) publish(w http.ResponseWriter, r *http.Request) error {
	m, _, err := p.own(r)
	if err != nil {
		return err
	}
	err = p.Book.Publish(r.Context(), who.From(r.Context()), m.ID)
	if wrong, ok := web.Mend(w, r, err, "minutes", label); ok {
		return p.minutesWith(w, r, wrong.Status, deskView{Wrong: wrong})
	}
	return done(w, r, err, "meetings.published", m.Ref().Path()+"#minutes")
}

// said takes a short text about the minutes from the meeting's own page.
func (p *Pages) said(w http.ResponseWriter, r *http.Request, field string, do func(ctx context.Context, actor who.Actor, key, text string) error) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var m meeting.Meeting
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) { m, _, err = find(ctx, tx, r.PathValue("key")); return err }); err != nil {
		return err
	}
	err = do(ctx, who.From(ctx), m.ID, f.Text(field))
	if wrong, ok := web.Mend(w, r, err, field, label); ok {
		v := deskView{Wrong: wrong, Form: field, Typed: keep(f)}
		if err := p.DB.View(ctx, func(tx *db.Tx) error { return p.load(ctx, tx, m.ID, &v.view) }); err != nil {
			return err
		}
		return web.Page(w, r, wrong.Status, ui.Page{
			Title: i18n.T(ctx, "meetings.minutes"), Kind: ui.Form, Private: true, Crumbs: []ui.Link{{Text: v.M.Title, Href: "/meeting/" + v.Slug}},
		}, sayPage(v, field))
	}
	return done(w, r, err, "meetings.said", m.Ref().Path()+"#minutes")
}

func (p *Pages) remark(w http.ResponseWriter, r *http.Request) error {
	return p.said(w, r, "remark", p.Book.Remark)
}

func (p *Pages) correct(w http.ResponseWriter, r *http.Request) error {
	return p.said(w, r, "correction", p.Book.Correct)
}

func (p *Pages) recordForm(w http.ResponseWriter, r *http.Request) error {
	return p.desk(w, r, http.StatusOK, deskView{}, "meetings.record", recordPage)
}

// recorded ends one of the three forms of what was said at the meeting.
func (p *Pages) recorded(w http.ResponseWriter, r *http.Request, form, main string, do func(f web.Form, key string) error) error {
	m, _, err := p.own(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = do(f, m.ID)
	if wrong, ok := web.Mend(w, r, err, main, label); ok {
		return p.desk(w, r, wrong.Status, deskView{Wrong: wrong, Form: form, Typed: keep(f)}, "meetings.record", recordPage)
	}
	return done(w, r, err, "meetings.saved", m.Ref().Path()+"/record")
}

func (p *Pages) present(w http.ResponseWriter, r *http.Request) error {
	return p.recorded(w, r, "present", "text", func(f web.Form, key string) error {
		s := meeting.Shown{Text: f.Text("text")}
		if at := f.Line("about"); at != "" {
			var err error
			if s.About, err = p.resolve(r.Context(), at); err != nil {
				return wrongRecord()
			}
		}
		return p.Book.Present(r.Context(), who.From(r.Context()), key, s)
	})
}

func (p *Pages) collect(w http.ResponseWriter, r *http.Request) error {
	return p.recorded(w, r, "collect", "text", func(f web.Form, key string) error {
		return p.Book.Collect(r.Context(), who.From(r.Context()), key, meeting.Voice{Name: f.Line("name"), Sector: f.Line("sector"), Text: f.Text("text")})
	})
}

func (p *Pages) agree(w http.ResponseWriter, r *http.Request) error {
	return p.recorded(w, r, "agree", "action", func(f web.Form, key string) error {
		ctx := r.Context()
		a := meeting.Action{Text: f.Text("action"), Due: f.Date("due"), Name: f.Line("owner")}
		// The owner is chosen from those invited, or typed.
		if chosen := f.Line("invited"); chosen != "" {
			if err := p.DB.View(ctx, func(tx *db.Tx) error {
				list, err := meeting.InvitedTo(ctx, tx, key)
				for _, i := range list {
					if i.ID == chosen {
						a.Person, a.Org, a.Name = i.Person, i.Org, i.Name
					}
				}
				return err
			}); err != nil {
				return err
			}
		}
		_, err := p.Book.Agree(ctx, who.From(ctx), key, a)
		return err
	})
}

func (p *Pages) register(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var m meeting.Meeting
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) { m, _, err = find(ctx, tx, r.PathValue("key")); return err }); err != nil {
		return err
	}
	g, err := p.Book.Register(ctx, who.From(ctx), m.ID, f.Line("sector"), f.Line("district"))
	if wrong, ok := web.Mend(w, r, err, "sector", label); ok {
		v := deskView{Wrong: wrong, Form: "register", Typed: keep(f)}
		if err := p.DB.View(ctx, func(tx *db.Tx) error { return p.load(ctx, tx, m.ID, &v.view) }); err != nil {
			return err
		}
		return web.Page(w, r, wrong.Status, ui.Page{Title: i18n.T(ctx, "meetings.register"), Kind: ui.Form, Private: true, Crumbs: crumbs(ctx, v.view)}, registerPage(v))
	}
	return done(w, r, err, "meetings.registered."+g.State, m.Ref().Path())
}

func (p *Pages) unregister(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var m meeting.Meeting
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) { m, _, err = find(ctx, tx, r.PathValue("key")); return err }); err != nil {
		return err
	}
	return done(w, r, p.Book.Unregister(ctx, who.From(ctx), m.ID), "meetings.unregistered", m.Ref().Path())
}

func (p *Pages) checkInForm(w http.ResponseWriter, r *http.Request) error {
	return p.checkInWith(w, r, http.StatusOK, deskView{})
}

func (p *Pages) checkInWith(w http.ResponseWriter, r *http.Request, status int, v deskView) error {
	ctx := r.Context()
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) { v.M, v.Slug, err = find(ctx, tx, r.PathValue("key")); return err }); err != nil {
		return err
	}
	return web.Page(w, r, status, ui.Page{
		Title: i18n.T(ctx, "meetings.check_in"), Kind: ui.Form, Private: true, Crumbs: []ui.Link{{Text: v.M.Title, Href: "/meeting/" + v.Slug}},
	}, checkInPage(v))
}

func (p *Pages) checkIn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var m meeting.Meeting
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) { m, _, err = find(ctx, tx, r.PathValue("key")); return err }); err != nil {
		return err
	}
	v := deskView{Code: f.Line("code")}
	err = p.Book.CheckIn(ctx, who.From(ctx), m.ID, v.Code)
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "code", label); ok {
		return p.checkInWith(w, r, v.Status, v)
	}
	return done(w, r, err, "meetings.checked_in", m.Ref().Path())
}

// wrongRecord says that no record of this site has the typed address.
func wrongRecord() error {
	var p fault.Fields
	p.Add("about", "meetings.no_record")
	return p.Err()
}
