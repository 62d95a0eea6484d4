package forumpage

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"ceiba/internal/collaboration/forum"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

type component = templ.Component

// formView is the form for a forum, new or not.
type formView struct {
	web.Wrong
	F      forum.Forum
	Slug   string
	Orgs   []org.Choice
	Theirs *forum.Forum // what somebody else saved meanwhile
}

func (fs *Pages) newForm(w http.ResponseWriter, r *http.Request) error {
	return fs.form(w, r, http.StatusOK, formView{F: forum.Forum{Lang: "en", Scope: "national", Mandate: forum.Mandates[0], NoticeDays: 7}})
}

func (fs *Pages) form(w http.ResponseWriter, r *http.Request, status int, v formView) error {
	ctx := r.Context()
	if err := fs.DB.View(ctx, func(tx *db.Tx) error {
		list, _, err := org.List(ctx, tx, org.Filter{Limit: 500})
		for _, o := range list {
			v.Orgs = append(v.Orgs, org.Choice{ID: o.ID, Name: o.Name})
		}
		return err
	}); err != nil {
		return err
	}
	title := i18n.T(ctx, "forum.new")
	if v.F.ID != "" {
		title = i18n.T(ctx, "forum.edit_of", "name", v.F.Name)
	}
	return web.Page(w, r, status, ui.Page{Title: title, Kind: ui.Form, Private: true, Crumbs: []ui.Link{{Text: i18n.T(ctx, "forum.nav"), Href: "/forums"}}}, formPage(title, v))
}

func readForum(f web.Form) forum.Forum {
	return forum.Forum{
		Org: f.Line("org"), Name: f.Line("name"), Lang: f.Line("lang"), About: f.Text("about"), Scope: f.Line("scope"), Mandate: f.Line("mandate"), Instrument: f.Line("instrument"),
		Document: f.Line("document"), Date: f.Date("date"), National: f.Has("national"), NoticeDays: number(f.Line("notice_days")), Version: number(f.Line("version")),
	}
}

func (fs *Pages) create(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := formView{F: readForum(f)}
	made, err := forum.Create(r.Context(), fs.DB, who.From(r.Context()), v.F)
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "name", label); ok {
		return fs.form(w, r, v.Status, v)
	}
	return done(w, r, err, "forum.proposed", made.Ref().Path()+"/seats")
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

// owned returns the forum of an address that the reader may run.
func (fs *Pages) owned(r *http.Request) (f forum.Forum, slug string, err error) {
	ctx := r.Context()
	err = fs.DB.View(ctx, func(tx *db.Tx) error {
		if f, slug, err = find(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		return forum.May(ctx, tx, who.From(ctx), f)
	})
	return f, slug, err
}

func (fs *Pages) editForm(w http.ResponseWriter, r *http.Request) error {
	f, slug, err := fs.owned(r)
	if err != nil {
		return err
	}
	return fs.form(w, r, http.StatusOK, formView{F: f, Slug: slug})
}

func (fs *Pages) edit(w http.ResponseWriter, r *http.Request) error {
	now, slug, err := fs.owned(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := formView{F: readForum(f), Slug: slug}
	v.F.ID, v.F.Org, v.F.State = now.ID, now.Org, now.State
	_, err = forum.Edit(r.Context(), fs.DB, who.From(r.Context()), v.F)
	if conflicted(err) { // both texts on one page, and the present version to save over
		v.Theirs, v.F.Version = &now, now.Version
		return fs.form(w, r, http.StatusConflict, v)
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "name", label); ok {
		return fs.form(w, r, v.Status, v)
	}
	return done(w, r, err, "forum.saved", now.Ref().Path())
}

// state establishes or dissolves a forum.
func (fs *Pages) state(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	now, slug, err := fs.owned(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if f.Line("to") == string(forum.Dissolved) {
		err = forum.Dissolve(ctx, fs.DB, who.From(ctx), now.ID, f.Text("reason"))
	} else {
		err = forum.Establish(ctx, fs.DB, who.From(ctx), now.ID)
	}
	if wrong, ok := web.Mend(w, r, err, "instrument", label); ok {
		return fs.form(w, r, wrong.Status, formView{F: now, Slug: slug, Wrong: wrong})
	}
	return done(w, r, err, "forum.saved", now.Ref().Path())
}

// keep remembers what was typed.
func keep(f web.Form) map[string]string {
	out := map[string]string{}
	for _, name := range f.Names() {
		out[name] = f.Text(name)
	}
	return out
}

// below takes a form of one of the pages below a forum.
func (fs *Pages) below(w http.ResponseWriter, r *http.Request, page, form, main string, do func(ctx context.Context, actor who.Actor, f web.Form, forum forum.Forum) error) error {
	ctx := r.Context()
	var now forum.Forum
	if err := fs.DB.View(ctx, func(tx *db.Tx) (err error) { now, _, err = find(ctx, tx, r.PathValue("key")); return err }); err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = do(ctx, who.From(ctx), f, now)
	if wrong, ok := web.Mend(w, r, err, main, label); ok {
		return fs.part(w, r, wrong.Status, view{Wrong: wrong, Form: form, Typed: keep(f)}, page)
	}
	return done(w, r, err, "forum.saved", now.Ref().Path()+"/"+page)
}

func (fs *Pages) publishRules(w http.ResponseWriter, r *http.Request) error {
	return fs.below(w, r, "rules", "rules", "rules", func(ctx context.Context, actor who.Actor, f web.Form, now forum.Forum) error {
		return forum.PublishRules(ctx, fs.DB, actor, now.ID, f.Text("rules"), f.Line("decision"))
	})
}

func (fs *Pages) addSeat(w http.ResponseWriter, r *http.Request) error {
	return fs.below(w, r, "seats", "seat", "seat_name", func(ctx context.Context, actor who.Actor, f web.Form, now forum.Forum) error {
		_, err := forum.AddSeat(ctx, fs.DB, actor, now.ID, forum.Seat{Name: f.Line("seat_name"), Sector: f.Line("sector"), District: f.Line("district"), Chair: f.Has("chair")})
		return err
	})
}

func (fs *Pages) appoint(w http.ResponseWriter, r *http.Request) error {
	return fs.below(w, r, "seats", "term", "seat", func(ctx context.Context, actor who.Actor, f web.Form, now forum.Forum) error {
		t := forum.Term{
			Seat: f.Line("seat"), Org: f.Line("org"), Name: f.Line("member_name"), Alternate: f.Line("alternate"), Starts: f.Date("starts"), Ends: f.Date("ends"),
			Filled: f.Line("filled"), Instrument: f.Line("instrument"),
		}
		if t.Seat == "" {
			return fault.Fields{{Name: "seat", Key: "fault.choice"}}
		}
		if mail := strings.ToLower(f.Line("account")); mail != "" {
			var err error
			if t.Person, err = fs.holder(ctx, t.Org, mail); err != nil {
				return err
			}
		}
		_, err := forum.Appoint(ctx, fs.DB, actor, now.ID, t)
		return err
	})
}

// holder finds who speaks for an organisation by the name that their account
// shows: addresses are not looked up, so that none is given away.
func (fs *Pages) holder(ctx context.Context, of, name string) (person string, err error) {
	err = fs.DB.View(ctx, func(tx *db.Tx) error {
		holders, err := who.HoldersOf(ctx, tx, of)
		for _, h := range holders {
			if of != "" && strings.EqualFold(h.Name, name) {
				person = h.Person
			}
		}
		if err == nil && person == "" {
			err = fault.Fields{{Name: "account", Key: "forum.no_account"}}
		}
		return err
	})
	return person, err
}

func (fs *Pages) endTerm(w http.ResponseWriter, r *http.Request) error {
	return fs.below(w, r, "seats", "end", "reason", func(ctx context.Context, actor who.Actor, f web.Form, now forum.Forum) error {
		return forum.End(ctx, fs.DB, actor, now.ID, f.Line("term"), f.Text("reason"))
	})
}

func (fs *Pages) abolish(w http.ResponseWriter, r *http.Request) error {
	return fs.below(w, r, "seats", "abolish", "seat", func(ctx context.Context, actor who.Actor, f web.Form, now forum.Forum) error {
		return forum.Abolish(ctx, fs.DB, actor, now.ID, f.Line("seat"))
	})
}

func (fs *Pages) openCall(w http.ResponseWriter, r *http.Request) error {
	return fs.below(w, r, "calls", "call", "seat", func(ctx context.Context, actor who.Actor, f web.Form, now forum.Forum) error {
		c := forum.Call{Seat: f.Line("seat"), Criteria: f.Text("criteria")}
		if day, err := time.ParseInLocation(time.DateOnly, f.Date("closes"), i18n.Belize); err == nil {
			c.Closes = db.Time{Time: day.AddDate(0, 0, 1)} // the whole day
		}
		_, err := forum.Open(ctx, fs.DB, actor, now.ID, c)
		return err
	})
}

func (fs *Pages) declareInterest(w http.ResponseWriter, r *http.Request) error {
	return fs.below(w, r, "interests", "interest", "interest", func(ctx context.Context, actor who.Actor, f web.Form, now forum.Forum) error {
		return fs.Declare(ctx, actor, now.ID, forum.Interest{Term: f.Line("term"), Decision: f.Line("decision"), Text: f.Text("interest")})
	})
}

func (fs *Pages) propose(w http.ResponseWriter, r *http.Request) error {
	return fs.below(w, r, "decisions", "motion", "title", func(ctx context.Context, actor who.Actor, f web.Form, now forum.Forum) error {
		m := forum.Motion{Title: f.Line("title"), Text: f.Text("text"), Meeting: f.Line("meeting")}
		if at := f.Line("about"); at != "" {
			ref, err := fs.resolve(ctx, at)
			if err != nil {
				return fault.Fields{{Name: "about", Key: "forum.no_record"}}
			}
			m.About = ref
		}
		_, err := fs.Propose(ctx, actor, now.ID, m)
		return err
	})
}

// resolve finds the record that a typed address of this site means.
func (fs *Pages) resolve(ctx context.Context, typed string) (ref record.Ref, err error) {
	parts := strings.Split(strings.Trim(strings.TrimPrefix(typed, fs.Base()), "/"), "/")
	if len(parts) != 2 {
		return ref, db.ErrNotFound
	}
	if _, ok := fs.Kinds().Kind(parts[0]); !ok {
		return ref, db.ErrNotFound
	}
	err = fs.DB.View(ctx, func(tx *db.Tx) (err error) {
		if ref, _, err = record.Resolve(ctx, tx, parts[0], parts[1]); err != nil {
			return err
		}
		_, err = fs.Kinds().One(ctx, tx, who.From(ctx), ref)
		return err
	})
	return ref, err
}

// onCall takes a form of the page of a call.
func (fs *Pages) onCall(w http.ResponseWriter, r *http.Request, form, main string, do func(ctx context.Context, actor who.Actor, f web.Form) error) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := fs.DB.View(ctx, func(tx *db.Tx) error { _, err := forum.CallByID(ctx, tx, r.PathValue("id")); return err }); err != nil {
		return err
	}
	err = do(ctx, who.From(ctx), f)
	if wrong, ok := web.Mend(w, r, err, main, label); ok {
		v := callView{}
		v.Wrong, v.Form, v.Typed = wrong, form, keep(f)
		return fs.callWith(w, r, wrong.Status, v)
	}
	return done(w, r, err, "forum.saved", "/forum-call/"+r.PathValue("id"))
}

func (fs *Pages) nominate(w http.ResponseWriter, r *http.Request) error {
	return fs.onCall(w, r, "nominate", "org", func(ctx context.Context, actor who.Actor, f web.Form) error {
		if f.Line("org") == "" && actor.MayAnywhere("forum.nominate") {
			return fault.Fields{{Name: "org", Key: "fault.choice"}}
		}
		_, err := forum.Nominate(ctx, fs.DB, actor, r.PathValue("id"), forum.Nomination{Org: f.Line("org"), Name: f.Line("member_name"), Statement: f.Text("statement")}, f.Has("self"))
		return err
	})
}

func (fs *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	return fs.onCall(w, r, "withdraw", "org", func(ctx context.Context, actor who.Actor, f web.Form) error {
		return forum.Withdraw(ctx, fs.DB, actor, f.Line("nomination"))
	})
}

func (fs *Pages) judge(w http.ResponseWriter, r *http.Request) error {
	return fs.onCall(w, r, "judge", "reason", func(ctx context.Context, actor who.Actor, f web.Form) error {
		return forum.Judge(ctx, fs.DB, actor, f.Line("nomination"), f.Line("eligible") == "yes", f.Text("reason"))
	})
}

func (fs *Pages) elect(w http.ResponseWriter, r *http.Request) error {
	return fs.onCall(w, r, "elect", "days", func(ctx context.Context, actor who.Actor, f web.Form) error {
		_, err := fs.Elect(ctx, actor, r.PathValue("id"), number(f.Line("days")))
		return err
	})
}

// onMotion takes a form of the page of a decision.
func (fs *Pages) onMotion(w http.ResponseWriter, r *http.Request, form, main string, do func(ctx context.Context, actor who.Actor, f web.Form, key string) error) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var ref record.Ref
	if err := fs.DB.View(ctx, func(tx *db.Tx) error {
		if ref, _, err = record.Resolve(ctx, tx, "decision", r.PathValue("key")); err != nil {
			return err
		}
		_, err = forum.Decision(ctx, tx, ref.ID)
		return err
	}); err != nil {
		return err
	}
	err = do(ctx, who.From(ctx), f, ref.ID)
	if wrong, ok := web.Mend(w, r, err, main, label); ok {
		v := motionView{}
		v.Wrong, v.Form, v.Typed = wrong, form, keep(f)
		return fs.motionWith(w, r, wrong.Status, v)
	}
	return done(w, r, err, "forum.saved", ref.Path())
}

func (fs *Pages) position(w http.ResponseWriter, r *http.Request) error {
	return fs.onMotion(w, r, "position", "position", func(ctx context.Context, actor who.Actor, f web.Form, key string) error {
		return fs.Stand(ctx, actor, key, forum.Position{Term: f.Line("term"), Stand: f.Line("position"), Reason: f.Text("reason")})
	})
}

func (fs *Pages) agree(w http.ResponseWriter, r *http.Request) error {
	return fs.onMotion(w, r, "agree", "position", func(ctx context.Context, actor who.Actor, _ web.Form, key string) error {
		return fs.Agree(ctx, actor, key)
	})
}

func (fs *Pages) vote(w http.ResponseWriter, r *http.Request) error {
	return fs.onMotion(w, r, "vote", "hours", func(ctx context.Context, actor who.Actor, f web.Form, key string) error {
		_, err := fs.PutToVote(ctx, actor, key, number(f.Line("hours")))
		return err
	})
}
