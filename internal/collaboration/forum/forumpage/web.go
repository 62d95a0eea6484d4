package forumpage

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/forum"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// listView is what the list of forums shows.
type listView struct {
	Forums []forum.Forum
	Seen   map[string]forum.State
	Cards  map[record.Ref]record.Card
	May    bool // the reader may propose one
	Base   string
}

// forumsCSV gives all forums.
func (fs *Pages) forumsCSV(w http.ResponseWriter, r *http.Request) error {
	return listing.CSV(w, r, "forums", func(ctx context.Context, cursor string) (out []ForumBody, next string, err error) {
		err = fs.DB.View(ctx, func(tx *db.Tx) error { out, next, err = fs.someForums(ctx, tx, cursor, 50); return err })
		return out, next, err
	})
}

func (fs *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := listView{Seen: map[string]forum.State{}, May: who.From(ctx).May("forum.create", who.Site), Base: fs.Base()}
	if err := fs.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Forums, err = forum.All(ctx, tx); err != nil {
			return err
		}
		var refs []record.Ref
		var ids []string
		for _, f := range v.Forums {
			refs, ids = append(refs, f.Ref()), append(ids, f.ID)
		}
		last, err := forum.LastMinuted(ctx, tx, ids...)
		if err != nil {
			return err
		}
		for _, f := range v.Forums {
			v.Seen[f.ID] = f.Seen(last[f.ID], tx.Now)
		}
		v.Cards, err = fs.Kinds().Describe(ctx, tx, who.From(ctx), refs)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{Title: i18n.T(ctx, "forum.nav"), Description: i18n.T(ctx, "forum.lead"), Feeds: []ui.Feed{{Title: i18n.T(ctx, "forum.nav"), Href: "/activity.atom?kind=forum"}}}, listPage(v))
}

// view is what the pages of a forum show.
type view struct {
	web.Wrong
	F        forum.Forum
	Slug     string
	Org      string
	Seen     forum.State
	Seats    []forum.Seat
	Terms    []forum.Term
	Members  []forum.Member
	Vacant   []forum.Vacancy
	Absent   []forum.Member
	Falling  []forum.Trend // shown to members and those who run it
	Calls    []forum.Call
	Rules    []forum.Rulebook
	Motions  []forum.Motion
	Said     []forum.Interest
	Next     []meeting.Meeting
	Held     []meeting.Meeting
	Meetings map[record.Ref]record.Card
	Names    map[string]string // of organisations
	Events   []activity.Event
	Talk     talk.Talk
	May      bool // the reader may run it
	MayEnd   bool // and dissolve it
	Me       string
	Today    string
	Base     string
	Orgs     []org.Choice // to choose from
	Form     string       // which form failed
	Typed    map[string]string

	Title, About record.Said
}

// of returns what was typed into a form that failed.
func (v view) of(form, field string) string {
	if v.Form != form {
		return ""
	}
	return v.Typed[field]
}

// wrong returns what is wrong with one form of the page.
func (v view) wrong(form string) ui.FieldErrors {
	if v.Form != form {
		return nil
	}
	return v.Errors
}

// find resolves an address to a forum.
func find(ctx context.Context, tx *db.Tx, key string) (forum.Forum, string, error) {
	ref, canonical, err := record.Resolve(ctx, tx, "forum", key)
	if err != nil {
		return forum.Forum{}, "", err
	}
	f, err := forum.Get(ctx, tx, ref.ID)
	return f, canonical, err
}

// load reads a forum and all that its pages show to this reader.
func (fs *Pages) load(ctx context.Context, tx *db.Tx, key string, v *view) (err error) {
	if v.F, v.Slug, err = find(ctx, tx, key); err != nil {
		return err
	}
	actor := who.From(ctx)
	v.Me, v.Base, v.Today = actor.ID, fs.Base(), today(tx)
	v.May = forum.May(ctx, tx, actor, v.F) == nil && v.F.State != forum.Dissolved
	v.MayEnd = v.May && actor.May("forum.create", who.Site)
	last, err := forum.LastMinuted(ctx, tx, v.F.ID)
	if err != nil {
		return err
	}
	v.Seen = v.F.Seen(last[v.F.ID], tx.Now)
	for _, step := range []func(context.Context, *db.Tx, *view) error{loadSeats, loadDone, fs.loadAround} {
		if err := step(ctx, tx, v); err != nil {
			return err
		}
	}
	return nil
}

// loadSeats reads who sits there, what is empty and who stays away.
func loadSeats(ctx context.Context, tx *db.Tx, v *view) (err error) {
	if v.Seats, err = forum.SeatsOf(ctx, tx, v.F.ID); err != nil {
		return err
	}
	if v.Terms, err = forum.TermsOf(ctx, tx, v.F.ID); err != nil {
		return err
	}
	if v.Members, err = forum.MembersOn(ctx, tx, v.F.ID, v.Today); err != nil {
		return err
	}
	v.Vacant = forum.Vacancies(v.Seats, v.Terms, v.Today)
	if v.Absent, err = forum.Absent(ctx, tx, v.F.ID, v.Members); err != nil {
		return err
	}
	if v.May || v.mine() != "" {
		v.Falling, err = forum.Falling(ctx, tx, v.F.ID)
	}
	return err
}

// mine is the reader's own term, if they sit there.
func (v view) mine() string {
	for _, m := range v.Members {
		if v.Me != "" && m.Term.Person == v.Me {
			return m.Term.ID
		}
	}
	return ""
}

// loadDone reads meetings, calls, rules, decisions and interests.
func loadDone(ctx context.Context, tx *db.Tx, v *view) (err error) {
	ref := v.F.Ref()
	if v.Next, err = meeting.Next(ctx, tx, ref, 3); err != nil {
		return err
	}
	if v.Held, err = meeting.HeldBy(ctx, tx, ref, 5); err != nil {
		return err
	}
	if v.Calls, err = forum.CallsOf(ctx, tx, v.F.ID); err != nil {
		return err
	}
	if v.Rules, err = forum.RulesOf(ctx, tx, v.F.ID); err != nil {
		return err
	}
	if v.Motions, err = forum.DecisionsOf(ctx, tx, v.F.ID, 200); err != nil {
		return err
	}
	v.Said, err = forum.InterestsOf(ctx, tx, v.F.ID)
	return err
}

// loadAround reads names, cards, the discussion and the history.
func (fs *Pages) loadAround(ctx context.Context, tx *db.Tx, v *view) (err error) {
	actor := who.From(ctx)
	orgs := []string{v.F.Org}
	for _, t := range v.Terms {
		orgs = append(orgs, t.Org)
	}
	if v.Names, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs); err != nil {
		return err
	}
	v.Org = v.Names[v.F.Org]
	var refs []record.Ref
	for _, m := range append(v.Next, v.Held...) {
		refs = append(refs, m.Ref())
	}
	for _, m := range v.Motions {
		refs = append(refs, record.Ref{Kind: "meeting", ID: m.Meeting}, m.Ref())
	}
	if v.Meetings, err = fs.Kinds().Describe(ctx, tx, actor, refs); err != nil {
		return err
	}
	if v.May {
		list, _, err := org.List(ctx, tx, org.Filter{Limit: 500})
		if err != nil {
			return err
		}
		for _, o := range list {
			v.Orgs = append(v.Orgs, org.Choice{ID: o.ID, Name: o.Name})
		}
	}
	words, err := record.Translations(ctx, tx, "forum", i18n.LangOf(ctx), []string{v.F.ID})
	if err != nil {
		return err
	}
	v.Title, v.About = words[v.F.ID].Say("title", v.F.Name, v.F.Lang), words[v.F.ID].Say("about", v.F.About, v.F.Lang)
	if v.Talk, err = talk.Load(ctx, tx, fs.Kinds(), actor, record.Card{Ref: v.F.Ref(), Org: v.F.Org}, v.F.Ref().Path()); err != nil {
		return err
	}
	v.Events, err = activity.List(ctx, tx, activity.Filter{Kind: "forum", Record: v.F.ID, Private: v.May}, 20)
	return err
}

func (fs *Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx, key := r.Context(), r.PathValue("key")
	if plain, ok := strings.CutSuffix(key, ".json"); ok {
		web.Redirect(w, r, "/api/v1/forums/"+url.PathEscape(plain))
		return nil
	}
	var v view
	if err := fs.DB.View(ctx, func(tx *db.Tx) error { return fs.load(ctx, tx, key, &v) }); err != nil {
		return err
	}
	if v.Slug != key {
		http.Redirect(w, r, "/forum/"+v.Slug, http.StatusMovedPermanently)
		return nil
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: v.Title.Text, Description: forum.Beginning(record.Unmarked(v.About.Text)), Canonical: v.Base + v.F.Ref().Path(), Crumbs: []ui.Link{{Text: i18n.T(ctx, "forum.nav"), Href: "/forums"}},
		Feeds: []ui.Feed{{Title: v.Title.Text, Href: "/activity.atom?kind=forum&record=" + v.F.ID}},
	}, forumPage(v))
}

// part shows one of the pages below a forum.
func (fs *Pages) part(w http.ResponseWriter, r *http.Request, status int, v view, name string) error {
	ctx := r.Context()
	if err := fs.DB.View(ctx, func(tx *db.Tx) error { return fs.load(ctx, tx, r.PathValue("key"), &v) }); err != nil {
		return err
	}
	body := map[string]func(view) component{"seats": seatsPage, "calls": callsPage, "rules": rulesPage, "interests": interestsPage, "decisions": decisionsPage}[name]
	return web.Page(w, r, status, ui.Page{
		Title: i18n.T(ctx, "forum.part."+name) + " – " + v.Title.Text, Kind: ui.Form, Crumbs: []ui.Link{{Text: i18n.T(ctx, "forum.nav"), Href: "/forums"}, {Text: v.Title.Text, Href: "/forum/" + v.Slug}},
	}, body(v))
}

func (fs *Pages) seats(w http.ResponseWriter, r *http.Request) error {
	return fs.part(w, r, http.StatusOK, view{}, "seats")
}

func (fs *Pages) calls(w http.ResponseWriter, r *http.Request) error {
	return fs.part(w, r, http.StatusOK, view{}, "calls")
}

func (fs *Pages) rules(w http.ResponseWriter, r *http.Request) error {
	return fs.part(w, r, http.StatusOK, view{}, "rules")
}

func (fs *Pages) interests(w http.ResponseWriter, r *http.Request) error {
	v := view{}
	if d := r.URL.Query().Get("decision"); d != "" { // asked for from its page
		v.Form, v.Typed = "interest", map[string]string{"decision": d}
	}
	return fs.part(w, r, http.StatusOK, v, "interests")
}

func (fs *Pages) decisions(w http.ResponseWriter, r *http.Request) error {
	return fs.part(w, r, http.StatusOK, view{}, "decisions")
}

// callView is what the page of a call shows.
type callView struct {
	view
	Call  forum.Call
	Seat  forum.Seat
	Named []forum.Nomination
	Poll  ballot.Poll
	Mine  []org.Choice // organisations for which the reader may nominate
	Open  bool
}

func (fs *Pages) call(w http.ResponseWriter, r *http.Request) error {
	return fs.callWith(w, r, http.StatusOK, callView{})
}

func (fs *Pages) callWith(w http.ResponseWriter, r *http.Request, status int, v callView) error {
	ctx := r.Context()
	actor := who.From(ctx)
	if err := fs.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Call, err = forum.CallByID(ctx, tx, r.PathValue("id")); err != nil {
			return err
		}
		if err = fs.load(ctx, tx, v.Call.Forum, &v.view); err != nil {
			return err
		}
		v.Open = tx.Now.Before(v.Call.Closes.Time) && v.Call.Poll == ""
		for _, s := range v.Seats {
			if s.ID == v.Call.Seat {
				v.Seat = s
			}
		}
		if v.Named, err = forum.NominationsOf(ctx, tx, v.Call.ID); err != nil {
			return err
		}
		var orgs []string
		for _, n := range v.Named {
			orgs = append(orgs, n.Org)
		}
		if v.Names, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs); err != nil {
			return err
		}
		if v.Call.Poll != "" {
			if v.Poll, err = ballot.Get(ctx, tx, v.Call.Poll); err != nil {
				return err
			}
		}
		v.Mine, err = org.Choices(ctx, tx, actor, "forum.nominate")
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, status, ui.Page{
		Title: i18n.T(ctx, "forum.call_for", "seat", v.Seat.Name), Kind: ui.Form,
		Crumbs: []ui.Link{{Text: v.Title.Text, Href: "/forum/" + v.Slug}, {Text: i18n.T(ctx, "forum.part.calls"), Href: "/forum/" + v.Slug + "/calls"}},
	}, callPage(v))
}

// motionView is what the page of a decision shows.
type motionView struct {
	view
	M       forum.Motion
	Own     string // its own slug
	Table   forum.Table
	Meeting record.Card
	About   record.Card
	Poll    ballot.Poll
	Actions []meeting.Action
	Edges   []record.Edge
	History []activity.Event
	Around  talk.Talk

	Heading, Body record.Said
}

// stands is where the reader stands so far, or what they chose in a form that
// failed; "" for somebody who only runs the forum.
func (v motionView) stands() string {
	if v.Form == "position" {
		return v.Typed["position"]
	}
	return v.Table.Positions[v.mine()].Stand
}

func (fs *Pages) decision(w http.ResponseWriter, r *http.Request) error {
	return fs.motionWith(w, r, http.StatusOK, motionView{})
}

func (fs *Pages) motionWith(w http.ResponseWriter, r *http.Request, status int, v motionView) error {
	ctx, key := r.Context(), r.PathValue("key")
	if plain, ok := strings.CutSuffix(key, ".json"); ok {
		web.Redirect(w, r, "/api/v1/decisions/"+url.PathEscape(plain))
		return nil
	}
	if err := fs.DB.View(ctx, func(tx *db.Tx) error { return fs.loadMotion(ctx, tx, key, &v) }); err != nil {
		return err
	}
	if r.Method == http.MethodGet && v.Own != key {
		http.Redirect(w, r, "/decision/"+v.Own, http.StatusMovedPermanently)
		return nil
	}
	return web.Page(w, r, status, ui.Page{
		Title: v.Heading.Text, Kind: ui.Form, Canonical: v.Base + v.M.Ref().Path(), Crumbs: []ui.Link{{Text: v.Title.Text, Href: "/forum/" + v.Slug}, {Text: i18n.T(ctx, "forum.part.decisions"), Href: "/forum/" + v.Slug + "/decisions"}},
	}, motionPage(v))
}

func (fs *Pages) loadMotion(ctx context.Context, tx *db.Tx, key string, v *motionView) error {
	actor := who.From(ctx)
	ref, slug, err := record.Resolve(ctx, tx, "decision", key)
	if err != nil {
		return err
	}
	if v.M, err = forum.Decision(ctx, tx, ref.ID); err != nil {
		return err
	}
	v.Own = slug
	if err := fs.load(ctx, tx, v.M.Forum, &v.view); err != nil {
		return err
	}
	if v.Table, err = forum.TableOf(ctx, tx, v.M); err != nil {
		return err
	}
	refs := []record.Ref{{Kind: "meeting", ID: v.M.Meeting}}
	if _, ok := fs.Kinds().Kind(v.M.About.Kind); ok {
		refs = append(refs, v.M.About)
	}
	cards, err := fs.Kinds().Describe(ctx, tx, actor, refs)
	if err != nil {
		return err
	}
	v.Meeting, v.About = cards[refs[0]], cards[v.M.About]
	if v.M.Poll != "" {
		if v.Poll, err = ballot.Get(ctx, tx, v.M.Poll); err != nil {
			return err
		}
	}
	if v.Actions, err = meeting.ActionsAgreed(ctx, tx, v.M.Meeting); err != nil {
		return err
	}
	words, err := record.Translations(ctx, tx, "decision", i18n.LangOf(ctx), []string{v.M.ID})
	if err != nil {
		return err
	}
	v.Heading, v.Body = words[v.M.ID].Say("title", v.M.Title, v.M.Lang), words[v.M.ID].Say("text", v.M.Text, v.M.Lang)
	if v.Around, err = talk.Load(ctx, tx, fs.Kinds(), actor, record.Card{Ref: v.M.Ref(), Org: v.M.Org}, v.M.Ref().Path()); err != nil {
		return err
	}
	if v.Edges, err = fs.Kinds().Edges(ctx, tx, actor, v.M.Ref()); err != nil {
		return err
	}
	v.History, err = activity.List(ctx, tx, activity.Filter{Kind: "decision", Record: v.M.ID}, 30)
	return err
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func label(ctx context.Context, field string) string { return i18n.T(ctx, "forum.field."+field) }

// conflicted reports whether somebody changed the forum first.
func conflicted(err error) bool { return errors.Is(err, db.ErrConflict) }
