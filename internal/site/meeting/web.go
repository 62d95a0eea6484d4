package meetingsite

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"ceiba/internal/face/listing"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

const pageSize = 20

// listView is what the list of meetings shows.
type listView struct {
	Meetings []meeting.Meeting
	Next     string
	Filter   meeting.Filter
	Query    url.Values
	Bodies   []record.Card // that have meetings
	Cards    map[record.Ref]record.Card
	May      bool // the reader may announce one somewhere
	Base     string
}

// readRef reads "kind:id".
func readRef(s string) record.Ref {
	kind, key, ok := strings.Cut(s, ":")
	if !ok || !id.Valid(key) || kind == "" {
		return record.Ref{}
	}
	return record.Ref{Kind: kind, ID: key}
}

func refText(r record.Ref) string { return r.Kind + ":" + r.ID }

func (p *Pages) filter(q url.Values) meeting.Filter {
	return meeting.Filter{
		Of: readRef(q.Get("of")), District: q.Get("district"), Purpose: q.Get("purpose"), Past: q.Get("when") == "past", Now: db.Time{Time: p.DB.Now()},
	}
}

// meetingsCSV gives all meetings, by the page's own filter.
func (p *Pages) meetingsCSV(w http.ResponseWriter, r *http.Request) error {
	f := p.filter(r.URL.Query())
	return listing.CSV(w, r, "meetings", func(ctx context.Context, cursor string) (out []MeetingBody, next string, err error) {
		err = p.DB.View(ctx, func(tx *db.Tx) error { out, next, err = p.someMeetings(ctx, tx, f, cursor, 100); return err })
		return out, next, err
	})
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	actor := who.From(ctx)
	v := listView{Filter: p.filter(q), Query: q, May: actor.MayAnywhere("meeting.write"), Base: p.Book.Base()}
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Meetings, v.Next, err = meeting.List(ctx, tx, v.Filter, q.Get("cursor"), pageSize); err != nil {
			return err
		}
		refs, err := meeting.Bodies(ctx, tx, 100)
		if err != nil {
			return err
		}
		for i := range v.Meetings {
			refs = append(refs, v.Meetings[i].Of, v.Meetings[i].Ref())
		}
		if v.Cards, err = p.Book.Kinds().Describe(ctx, tx, actor, refs); err != nil {
			return err
		}
		for _, ref := range refs[:len(refs)-2*len(v.Meetings)] {
			if c, ok := v.Cards[ref]; ok {
				v.Bodies = append(v.Bodies, c)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "meetings.nav"), Description: i18n.T(ctx, "meetings.lead"), Wide: true,
		Feeds: []ui.Feed{{Title: i18n.T(ctx, "meetings.nav"), Href: "/activity.atom?kind=meeting"}, {Title: i18n.T(ctx, "meetings.calendar"), Href: calendarHref(v.Filter), Type: "text/calendar"}},
	}, listPage(v))
}

// calendarHref is the address of the calendar of a filter.
func calendarHref(f meeting.Filter) string {
	q := url.Values{}
	if f.Of.Kind != "" {
		q.Set("of", refText(f.Of))
	}
	if f.District != "" {
		q.Set("district", f.District)
	}
	if len(q) == 0 {
		return "/meetings.ics"
	}
	return "/meetings.ics?" + q.Encode()
}

func (p *Pages) calendar(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f := p.filter(r.URL.Query())
	f.All = true
	var ms []meeting.Meeting
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) { ms, _, err = meeting.List(ctx, tx, f, "", 1000); return err }); err != nil {
		return err
	}
	return p.sendCalendar(w, r, i18n.T(ctx, "meetings.nav"), ms)
}

func (p *Pages) sendCalendar(w http.ResponseWriter, r *http.Request, name string, ms []meeting.Meeting) error {
	h := w.Header()
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Content-Disposition", `inline; filename="meetings.ics"`)
	_, err := w.Write([]byte(meeting.Calendar(i18n.From(r.Context()), name, p.Book.Base(), ms)))
	return err
}

// find resolves an address to a meeting.
func find(ctx context.Context, tx *db.Tx, key string) (meeting.Meeting, string, error) {
	ref, canonical, err := record.Resolve(ctx, tx, "meeting", key)
	if err != nil {
		return meeting.Meeting{}, "", err
	}
	m, err := meeting.Get(ctx, tx, ref.ID)
	return m, canonical, err
}

// view is what the page of a meeting shows.
type view struct {
	M        meeting.Meeting
	Slug     string
	Body     record.Card
	Org      string
	Invited  []meeting.Invited
	Came     []meeting.Attendance
	Fixed    []meeting.Attendance // corrections of it
	Shown    []meeting.Shown
	About    map[record.Ref]record.Card // records that the agenda and the presentations name
	Comments []meeting.Voice
	Minutes  []meeting.Minutes
	Remarks  []meeting.Voice
	Errata   []meeting.Voice
	Actions  []meeting.Action
	Guests   []meeting.Guest
	Mine     meeting.Guest // the reader's own registration, if any
	Names    map[string]string
	Events   []activity.Event
	Edges    []record.Edge
	Talk     talk.Talk
	MayWrite bool
	MayJoin  bool
	MayDraft bool // the reader sees the draft minutes
	Signed   bool
	Base     string
	Now      db.Time
	Today    string

	Title, Notice record.Said
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx, key := r.Context(), r.PathValue("key")
	if plain, ok := strings.CutSuffix(key, ".ics"); ok {
		return p.one(w, r, plain)
	}
	if plain, ok := strings.CutSuffix(key, ".json"); ok {
		web.Redirect(w, r, "/api/v1/meetings/"+url.PathEscape(plain))
		return nil
	}
	var v view
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) { return p.load(ctx, tx, key, &v) }); err != nil {
		return err
	}
	if v.Slug != key {
		http.Redirect(w, r, "/meeting/"+v.Slug, http.StatusMovedPermanently)
		return nil
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: v.Title.Text, Description: when(ctx, v.M), Canonical: v.Base + v.M.Ref().Path(), Crumbs: crumbs(ctx, v),
		Feeds: []ui.Feed{{Title: v.Title.Text, Href: "/activity.atom?kind=meeting&record=" + v.M.ID}, {Title: i18n.T(ctx, "meetings.calendar"), Href: v.M.Ref().Path() + ".ics", Type: "text/calendar"}},
	}, meetingPage(v))
}

// one sends the calendar of one meeting.
func (p *Pages) one(w http.ResponseWriter, r *http.Request, key string) error {
	ctx := r.Context()
	var m meeting.Meeting
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) { m, _, err = find(ctx, tx, key); return err }); err != nil {
		return err
	}
	return p.sendCalendar(w, r, m.Title, []meeting.Meeting{m})
}

// load reads a meeting and all that its page shows to this reader.
func (p *Pages) load(ctx context.Context, tx *db.Tx, key string, v *view) (err error) {
	if v.M, v.Slug, err = find(ctx, tx, key); err != nil {
		return err
	}
	actor := who.From(ctx)
	v.Base, v.Now, v.Signed = p.Book.Base(), db.Time{Time: p.DB.Now()}, actor.SignedIn()
	v.Today = v.Now.In(i18n.Belize).Format("2006-01-02")
	v.MayWrite = p.Book.May(ctx, tx, actor, "meeting.write", v.M.Of, v.M.Org) == nil
	if v.MayJoin, err = p.Book.MayJoin(ctx, tx, actor, v.M); err != nil {
		return err
	}
	if v.MayDraft, err = p.Book.MayReadDraft(ctx, tx, actor, v.M); err != nil {
		return err
	}
	for _, step := range []func(context.Context, *db.Tx, *view) error{loadPeople, loadSaid, p.loadAround} {
		if err := step(ctx, tx, v); err != nil {
			return err
		}
	}
	return nil
}

// loadPeople reads who is invited, registered and present.
func loadPeople(ctx context.Context, tx *db.Tx, v *view) (err error) {
	if v.Invited, err = meeting.InvitedTo(ctx, tx, v.M.ID); err != nil {
		return err
	}
	if v.Came, err = meeting.AttendanceAt(ctx, tx, v.M.ID, v.Now); err != nil {
		return err
	}
	if v.Fixed, err = meeting.Corrections(ctx, tx, v.M.ID); err != nil {
		return err
	}
	gs, err := meeting.GuestsOf(ctx, tx, v.M.ID)
	if err != nil {
		return err
	}
	me := who.From(ctx).ID
	var people []string
	for _, g := range gs {
		people = append(people, g.Person)
		if me != "" && g.Person == me {
			v.Mine = g
		}
	}
	if v.MayWrite {
		v.Guests = gs
		v.Names, err = who.NamesOf(ctx, tx, people)
	}
	return err
}

// loadSaid reads what was presented, said, minuted and agreed.
func loadSaid(ctx context.Context, tx *db.Tx, v *view) (err error) {
	if v.Shown, err = meeting.ShownAt(ctx, tx, v.M.ID); err != nil {
		return err
	}
	if v.Comments, err = meeting.VoicesOf(ctx, tx, v.M.ID, "comment"); err != nil {
		return err
	}
	if v.Errata, err = meeting.VoicesOf(ctx, tx, v.M.ID, "correction"); err != nil {
		return err
	}
	if v.Actions, err = meeting.ActionsAgreed(ctx, tx, v.M.ID); err != nil || !v.MayDraft {
		return err
	}
	if v.Remarks, err = meeting.VoicesOf(ctx, tx, v.M.ID, "remark"); err != nil {
		return err
	}
	v.Minutes, err = meeting.MinutesOf(ctx, tx, v.M.ID)
	return err
}

// loadAround reads the body, the links, the discussion and the history.
func (p *Pages) loadAround(ctx context.Context, tx *db.Tx, v *view) (err error) {
	actor, kinds := who.From(ctx), p.Book.Kinds()
	refs := []record.Ref{v.M.Of, {Kind: "organisation", ID: v.M.Org}}
	for _, it := range v.M.Agenda.V {
		refs = append(refs, it.About)
	}
	for _, s := range v.Shown {
		refs = append(refs, s.About)
	}
	known := refs[:0]
	for _, ref := range refs {
		if _, ok := kinds.Kind(ref.Kind); ok && ref.ID != "" {
			known = append(known, ref)
		}
	}
	if v.About, err = kinds.Describe(ctx, tx, actor, known); err != nil {
		return err
	}
	v.Body = v.About[v.M.Of]
	words, err := record.Translations(ctx, tx, "meeting", i18n.LangOf(ctx), []string{v.M.ID})
	if err != nil {
		return err
	}
	v.Title, v.Notice = words[v.M.ID].Say("title", v.M.Title, v.M.Lang), words[v.M.ID].Say("notice", v.M.Notice, v.M.Lang)
	card := record.Card{Ref: v.M.Ref(), Org: v.M.Org}
	if v.Talk, err = talk.Load(ctx, tx, kinds, actor, card, v.M.Ref().Path()); err != nil {
		return err
	}
	if v.Edges, err = kinds.Edges(ctx, tx, actor, v.M.Ref()); err != nil {
		return err
	}
	v.Events, err = activity.List(ctx, tx, activity.Filter{Kind: "meeting", Record: v.M.ID, Private: v.MayWrite}, 20)
	return err
}

// actionsView is the list of what a body is to do.
type actionsView struct {
	web.Wrong
	Of       record.Ref
	Body     record.Card
	Bodies   []record.Card // to choose from, where none is asked for
	Actions  []meeting.Action
	MayWrite bool
	Me       string
	Today    string
	Failed   string // the action whose form failed
	Reason   string
}

func (p *Pages) actions(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Get("of") == "" {
		return p.actionBodies(w, r)
	}
	return p.actionsWith(w, r, http.StatusOK, actionsView{Of: readRef(r.URL.Query().Get("of"))})
}

// actionBodies lists the bodies that meet, each with the way to its actions.
func (p *Pages) actionBodies(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v actionsView
	if err := p.DB.View(ctx, func(tx *db.Tx) error {
		refs, err := meeting.Bodies(ctx, tx, 100)
		if err != nil {
			return err
		}
		cards, err := p.Book.Kinds().Describe(ctx, tx, who.From(ctx), refs)
		for _, ref := range refs {
			if c, ok := cards[ref]; ok {
				v.Bodies = append(v.Bodies, c)
			}
		}
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "meetings.actions"), Crumbs: []ui.Link{{Text: i18n.T(ctx, "meetings.nav"), Href: "/meetings"}},
	}, bodiesPage(v))
}

func (p *Pages) actionsWith(w http.ResponseWriter, r *http.Request, status int, v actionsView) error {
	ctx := r.Context()
	actor := who.From(ctx)
	v.Me, v.Today = actor.ID, p.DB.Now().In(i18n.Belize).Format("2006-01-02")
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if _, ok := p.Book.Kinds().Kind(v.Of.Kind); !ok {
			return db.ErrNotFound
		}
		if v.Body, err = p.Book.Kinds().One(ctx, tx, actor, v.Of); err != nil {
			return err
		}
		v.MayWrite = p.Book.May(ctx, tx, actor, "meeting.write", v.Of, v.Body.Org) == nil
		v.Actions, err = meeting.ActionsOf(ctx, tx, v.Of, 500)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, status, ui.Page{
		Title: i18n.T(ctx, "meetings.actions_of", "title", v.Body.Title), Kind: ui.Form,
		Crumbs: []ui.Link{{Text: v.Body.Title, Href: v.Body.Path()}},
	}, actionsPage(v))
}

func (p *Pages) settle(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := actionsView{Of: readRef(f.Line("of")), Failed: r.PathValue("id"), Reason: f.Text("reason")}
	err = p.Book.Settle(r.Context(), who.From(r.Context()), r.PathValue("id"), f.Line("state"), v.Reason, number(f.Line("version")))
	if wrong, ok := web.Mend(w, r, err, "reason", label); ok {
		v.Wrong = wrong
		return p.actionsWith(w, r, wrong.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "meetings.saved")
	web.Redirect(w, r, "/meetings/actions?of="+url.QueryEscape(refText(v.Of)))
	return nil
}
