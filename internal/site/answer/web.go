package answer

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ceiba/internal/face/listing"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

const pageSize = 20

// listView is the page of all calls.
type listView struct {
	Boxes  []answer.Box
	Drafts []answer.Box
	Slugs  map[string]string
	Orgs   map[string]string
	Words  map[string]record.Translated
	Next   string
	First  bool
	MayNew bool
	Now    db.Time
	Base   string
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, cursor := r.Context(), r.URL.Query().Get("cursor")
	v := listView{First: cursor == "", MayNew: who.From(ctx).MayAnywhere("answer.box"), Now: db.Time{Time: p.DB.Now()}, Base: p.Base()}
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Boxes, v.Next, err = answer.Boxes(ctx, tx, cursor, pageSize); err != nil {
			return err
		}
		if v.MayNew && v.First {
			if v.Drafts, err = answer.Drafts(ctx, tx, who.From(ctx)); err != nil {
				return err
			}
		}
		return v.fill(ctx, tx)
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "call.nav"), Description: i18n.T(ctx, "call.lead"),
		Feeds: []ui.Feed{{Title: i18n.T(ctx, "call.nav"), Href: "/activity.atom?kind=call"}},
	}, listPage(v))
}

func (v *listView) fill(ctx context.Context, tx *db.Tx) (err error) {
	var ids, orgs []string
	for _, b := range append(v.Drafts[:len(v.Drafts):len(v.Drafts)], v.Boxes...) {
		ids, orgs = append(ids, b.ID), append(orgs, b.Org)
	}
	if v.Slugs, err = record.Slugs(ctx, tx, answer.CallKind, ids); err != nil {
		return err
	}
	if v.Words, err = record.Translations(ctx, tx, answer.CallKind, i18n.LangOf(ctx), ids); err != nil {
		return err
	}
	v.Orgs, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs)
	return err
}

// callsCSV gives all published calls.
func (p *Pages) callsCSV(w http.ResponseWriter, r *http.Request) error {
	return listing.CSV(w, r, "calls", func(ctx context.Context, cursor string) (out []CallBody, next string, err error) {
		err = p.DB.View(ctx, func(tx *db.Tx) error { out, next, err = p.someCalls(ctx, tx, cursor, 100); return err })
		return out, next, err
	})
}

// callView is the page of one call.
type callView struct {
	web.Wrong
	Box      answer.Box
	Slug     string
	Org      string
	Title    record.Said
	Question record.Said
	Of       *record.Card // what it belongs to
	Now      db.Time
	Standing answer.Standing
	Inputs   []answer.Input
	Words    map[string]record.Translated // of the inputs
	Filter   answer.Filter
	Query    url.Values
	Next     string
	Versions []answer.Announcement
	Rated    []answer.Count
	Talk     talk.Talk
	MayEdit  bool
	MayWork  bool
	SignedIn bool
	Base     string

	// The form, as it was typed.
	In       answer.Input
	Once     string         // names this form, so that sending it twice is once
	Alike    []answer.Alike // what others said already; shown before the input is taken
	Confirm  bool           // the author has seen them
	Assisted bool           // it is written down for somebody else
	Day      string         // on which they said it, as typed
}

// Phase is how far the call is.
func (v callView) Phase() answer.Phase { return v.Box.Phase(v.Now.Time) }

// Path is the call's address.
func (v callView) Path() string { return "/call/" + v.Slug }

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	v := callView{Once: id.Random(), In: answer.Input{Lang: i18n.LangOf(r.Context()), Naming: answer.Anonymous}}
	if key, ok := strings.CutSuffix(r.PathValue("key"), ".json"); ok {
		web.Redirect(w, r, "/api/v1/calls/"+url.PathEscape(key))
		return nil
	}
	return p.callWith(w, r, http.StatusOK, v)
}

// filterOf reads a filter out of an address.
func filterOf(q url.Values) answer.Filter {
	f := answer.Filter{
		State: answer.State(q.Get("state")), Kind: q.Get("kind"), District: q.Get("district"), Sector: q.Get("sector"), Lang: q.Get("language"),
		Channel: q.Get("channel"), Theme: q.Get("theme"), Words: q.Get("q"), Sort: q.Get("sort"),
	}
	switch q.Get("state") {
	case "open":
		f.State, f.Open = "", true
	case "answered":
		f.State, f.Done = "", true
	case "contested":
		f.State, f.Contested = "", true
	}
	return f
}

func (p *Pages) callWith(w http.ResponseWriter, r *http.Request, status int, v callView) error {
	ctx := r.Context()
	v.Query, v.Filter, v.Base, v.Now, v.SignedIn = r.URL.Query(), filterOf(r.URL.Query()), p.Base(), db.Time{Time: p.DB.Now()}, who.From(ctx).SignedIn()
	var moved bool
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Box, v.Slug, err = p.BoxByKey(ctx, tx, who.From(ctx), r.PathValue("key")); err != nil {
			return err
		}
		if moved = r.Method == http.MethodGet && v.Slug != r.PathValue("key"); moved {
			return nil
		}
		return p.fillCall(ctx, tx, &v)
	}); err != nil {
		return err
	}
	if moved {
		to := v.Path()
		if r.URL.RawQuery != "" {
			to += "?" + r.URL.RawQuery
		}
		web.Redirect(w, r, to)
		return nil
	}
	return web.Page(w, r, status, ui.Page{
		Title: v.Title.Text, Kind: ui.Form, Crumbs: []ui.Link{{Text: i18n.T(ctx, "call.nav"), Href: "/calls"}},
		Feeds: []ui.Feed{{Title: v.Title.Text, Href: "/activity.atom?kind=call&record=" + v.Box.ID}},
	}, callPage(v))
}

func (p *Pages) fillCall(ctx context.Context, tx *db.Tx, v *callView) (err error) {
	actor := who.From(ctx)
	v.MayEdit, v.MayWork = p.May(ctx, tx, actor, "answer.box", v.Box), p.May(ctx, tx, actor, "answer.reply", v.Box)
	words, err := record.Translations(ctx, tx, answer.CallKind, i18n.LangOf(ctx), []string{v.Box.ID})
	if err != nil {
		return err
	}
	t := words[v.Box.ID]
	v.Title, v.Question = t.Say("title", v.Box.Title, v.Box.Lang), t.Say("question", v.Box.Question, v.Box.Lang)
	names, err := org.Names(ctx, tx, i18n.LangOf(ctx), []string{v.Box.Org})
	if err != nil {
		return err
	}
	v.Org = names[v.Box.Org]
	if v.Box.Of != (record.Ref{}) {
		cards, err := p.Kinds().Describe(ctx, tx, actor, []record.Ref{v.Box.Of})
		if err != nil {
			return err
		}
		if c, ok := cards[v.Box.Of]; ok {
			v.Of = &c
		}
	}
	if v.Versions, err = answer.Announcements(ctx, tx, v.Box.ID); err != nil {
		return err
	}
	return p.fillInputs(ctx, tx, v)
}

func (p *Pages) fillInputs(ctx context.Context, tx *db.Tx, v *callView) (err error) {
	if v.Standing, err = answer.StandingOf(ctx, tx, v.Box.ID); err != nil {
		return err
	}
	if v.Inputs, v.Next, err = answer.Inputs(ctx, tx, v.Box.ID, v.Filter, v.Query.Get("cursor"), pageSize); err != nil {
		return err
	}
	if v.Rated, err = answer.Satisfaction(ctx, tx, v.Box.ID); err != nil {
		return err
	}
	var ids []string
	for _, x := range v.Inputs {
		ids = append(ids, x.ID)
	}
	if v.Words, err = record.Translations(ctx, tx, answer.InputKind, i18n.LangOf(ctx), ids); err != nil {
		return err
	}
	card, err := p.Kinds().One(ctx, tx, who.From(ctx), v.Box.Ref())
	if err != nil {
		return err
	}
	v.Talk, err = talk.Load(ctx, tx, p.Kinds(), who.From(ctx), card, v.Path())
	return err
}

// readInput takes what an author says from a form.
func readInput(f web.Form) answer.Input {
	return answer.Input{
		Kind: f.Line("kind"), Title: f.Line("title"), Text: f.Text("text"), Lang: f.Line("lang"), District: f.Line("district"), Community: f.Line("community"),
		Sector: f.Line("sector"), ForOrg: f.Line("for_org"), Naming: answer.Naming(f.Line("naming")), Name: f.Line("name"), Channel: f.Line("channel"),
	}
}

// give takes an input. What others said already is shown first, once.
func (p *Pages) give(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := callView{In: readInput(f), Once: f.Line("once"), Confirm: f.Has("confirm"), Assisted: f.Has("assisted"), Day: f.Date("date")}
	if !id.Valid(v.Once) {
		v.Once = id.Random()
	}
	given, err := p.taken(r, f, &v)
	wrong, ok := web.Mend(w, r, err, "text", fieldLabel)
	if ok {
		v.Wrong = wrong
		return p.callWith(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	if len(v.Alike) > 0 && !v.Confirm {
		v.Confirm = true
		return p.callWith(w, r, http.StatusOK, v)
	}
	return p.receiptPage(w, r, given, v.Slug)
}

// taken checks and stores an input, unless similar ones are to be shown first.
func (p *Pages) taken(r *http.Request, f web.Form, v *callView) (given answer.Given, err error) {
	ctx, actor := r.Context(), who.From(r.Context())
	err = p.DB.Update(ctx, func(tx *db.Tx) error {
		if v.Box, v.Slug, err = p.BoxByKey(ctx, tx, actor, r.PathValue("key")); err != nil {
			return err
		}
		if f.Line("website") != "" { // only programs see this field
			return trapped
		}
		if !v.Confirm {
			if v.Alike, err = answer.Similar(ctx, tx, v.Box.ID, v.In.Title+" "+v.In.Text, "", 3); err != nil || len(v.Alike) > 0 {
				return err
			}
		}
		at, err := v.said()
		if err != nil {
			return err
		}
		in := v.In
		seed := strings.Join([]string{"web", actor.ID, v.Once, in.Kind, in.Title, in.Text, in.District, string(in.Naming), in.Name}, "\x00")
		given, err = p.Give(ctx, tx, actor, v.Box.ID, answer.Giving{Input: in, Assisted: v.Assisted, At: at, Seed: seed})
		return err
	})
	return given, err
}

// said is when an assisted input was said; the zero time is now.
func (v callView) said() (time.Time, error) {
	if v.Day == "" || !v.Assisted {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, v.Day, i18n.Belize)
	if err != nil {
		return at, fault.Fields{{Name: "date", Key: "fault.date"}}
	}
	return at, nil
}
