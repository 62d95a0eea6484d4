package ballot

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"ceiba/internal/face/listing"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// listView is the page of all polls.
type listView struct {
	Polls  []ballot.Poll
	Cards  map[record.Ref]record.Card
	Orgs   map[string]string
	ToVote []ballot.Poll
	Next   string
	Cursor string
	State  string
	Base   string
}

// groups are the filters of the list, by the value in the address.
var groups = map[string][]ballot.State{
	"open": {ballot.Declared, ballot.Open},
	"over": {ballot.Closed, ballot.Provisional, ballot.Final, ballot.Aborted, ballot.Annulled},
}

// pollsCSV gives all polls, by the page's own filter.
func (s *Pages) pollsCSV(w http.ResponseWriter, r *http.Request) error {
	group := r.URL.Query().Get("state")
	return listing.CSV(w, r, "polls", func(ctx context.Context, cursor string) (out []PollBody, next string, err error) {
		err = s.DB.View(ctx, func(tx *db.Tx) error { out, next, err = s.somePolls(ctx, tx, group, cursor, 100); return err })
		return out, next, err
	})
}

func (s *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	v := listView{State: q.Get("state"), Cursor: q.Get("cursor"), Base: s.Base()}
	if groups[v.State] == nil {
		v.State = ""
	}
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Polls, v.Next, err = ballot.List(ctx, tx, ballot.Filter{States: groups[v.State], Cursor: v.Cursor}); err != nil {
			return err
		}
		if v.ToVote, err = ballot.ToVote(ctx, tx, who.From(ctx)); err != nil {
			return err
		}
		v.Cards, v.Orgs, err = s.describe(ctx, tx, append(v.Polls, v.ToVote...))
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "polls.nav"), Description: i18n.T(ctx, "polls.lead"),
		Feeds: []ui.Feed{{Title: i18n.T(ctx, "polls.nav"), Href: "/activity.atom?kind=poll"}},
	}, listPage(v))
}

// describe returns the cards of polls and the names of who answers for them.
func (s *Pages) describe(ctx context.Context, tx *db.Tx, ps []ballot.Poll) (map[record.Ref]record.Card, map[string]string, error) {
	var refs []record.Ref
	var orgs []string
	for _, p := range ps {
		refs, orgs = append(refs, p.Ref()), append(orgs, p.Org)
	}
	cards, err := s.Kinds().Describe(ctx, tx, who.From(ctx), refs)
	if err != nil {
		return nil, nil, err
	}
	names, err := org.Names(ctx, tx, i18n.LangOf(ctx), orgs)
	return cards, names, err
}

// seat is one vote that the reader may cast: their own, or an organisation's.
type seat struct {
	Voter   ballot.Voter
	Name    string // of the organisation
	Why     string // why not now; empty if they may
	Choices []string
}

// pollView is what the page of a poll shows.
type pollView struct {
	web.Wrong
	Poll       ballot.Poll
	OrgName    string
	Title      record.Said
	Text       record.Said
	Seats      []seat
	SignedIn   bool
	Stands     map[ballot.Standing]int
	Blocs      map[string]int
	Votes      []ballot.NamedVote
	Names      map[string]string // of people and organisations who voted openly
	Objections []ballot.Objection
	MayObject  bool
	MayRun     bool
	WaitBags   []string
	WaitLot    bool
	Events     []activity.Event
	Edges      []record.Edge
	Talk       talk.Talk
	Base       string
	Token      string
	Typed      typed
	About      record.Card
}

// typed is what stood in a form that is shown again.
type typed struct {
	Voter   string
	Choices []string
	Ranks   map[string]string
	Blank   bool
	Code    string
	Object  string
}

func (s *Pages) show(w http.ResponseWriter, r *http.Request) error {
	if key, ok := strings.CutSuffix(r.PathValue("key"), ".json"); ok {
		web.Redirect(w, r, "/api/v1/polls/"+url.PathEscape(key))
		return nil
	}
	return s.showWith(w, r, http.StatusOK, pollView{})
}

func (s *Pages) showWith(w http.ResponseWriter, r *http.Request, status int, v pollView) error {
	ctx := r.Context()
	v.Base = s.Base()
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Poll, err = s.find(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		return s.fill(ctx, tx, &v)
	}); err != nil {
		return err
	}
	if r.Method == http.MethodGet && v.Poll.Slug != r.PathValue("key") {
		http.Redirect(w, r, "/poll/"+v.Poll.Slug, http.StatusMovedPermanently)
		return nil
	}
	return web.Page(w, r, status, ui.Page{
		Title: v.Title.Text, Description: sentencePlain(ctx, v), Canonical: v.Base + v.Poll.Ref().Path(), Kind: ui.Form, Private: !v.Poll.Public(),
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "polls.nav"), Href: "/polls"}},
		Feeds:  []ui.Feed{{Title: v.Title.Text, Href: "/activity.atom?kind=poll&record=" + v.Poll.ID}},
	}, pollPage(v))
}

func (s *Pages) fill(ctx context.Context, tx *db.Tx, v *pollView) (err error) {
	actor, p := who.From(ctx), v.Poll
	v.SignedIn, v.MayRun, v.Token = actor.SignedIn(), s.Office.MayRun(ctx, tx, actor, p), ballot.NewToken()
	names, err := org.Names(ctx, tx, i18n.LangOf(ctx), []string{p.Org})
	if err != nil {
		return err
	}
	v.OrgName = names[p.Org]
	words, err := record.Translations(ctx, tx, ballot.RecordKind, i18n.LangOf(ctx), []string{p.ID})
	if err != nil {
		return err
	}
	v.Title, v.Text = words[p.ID].Say("title", p.Title, p.Lang), words[p.ID].Say("text", p.Text, p.Lang)
	if v.Talk, err = talk.Load(ctx, tx, s.Kinds(), actor, record.Card{Ref: p.Ref(), Org: p.Org, Public: p.Public()}, p.Ref().Path()); err != nil {
		return err
	}
	if v.Stands, err = ballot.Standings(ctx, tx, p.ID); err != nil {
		return err
	}
	if v.Blocs, err = ballot.Blocs(ctx, tx, p.ID); err != nil {
		return err
	}
	if v.Edges, err = s.Kinds().Edges(ctx, tx, actor, p.Ref()); err != nil {
		return err
	}
	if p.Of.Kind != "" {
		if v.About, err = s.Kinds().One(ctx, tx, actor, p.Of); err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	if v.Events, err = activity.List(ctx, tx, activity.Filter{Kind: ballot.RecordKind, Record: p.ID, Private: v.MayRun}, 30); err != nil {
		return err
	}
	if err := s.fillSeats(ctx, tx, v); err != nil {
		return err
	}
	return s.fillResult(ctx, tx, v)
}

// fillSeats finds the votes that the reader may cast, and why not now.
func (s *Pages) fillSeats(ctx context.Context, tx *db.Tx, v *pollView) error {
	actor := who.From(ctx)
	voters, err := ballot.VotersOf(ctx, tx, actor, v.Poll.ID)
	if err != nil || !v.Poll.Public() {
		return err
	}
	var orgs []string
	for _, x := range voters {
		orgs = append(orgs, x.ID)
	}
	names, err := org.Names(ctx, tx, i18n.LangOf(ctx), orgs)
	if err != nil {
		return err
	}
	for _, x := range voters {
		one := seat{Voter: x, Name: names[x.ID]}
		var f *fault.Error
		if err := s.Office.MayVote(ctx, tx, actor, v.Poll, x); errors.As(err, &f) {
			one.Why = i18n.From(ctx).Fault(f)
		} else if err != nil {
			return err
		}
		if v.Poll.Terms.Secrecy == ballot.Named {
			if one.Choices, _, err = ballot.VoteOf(ctx, tx, v.Poll.ID, x.ID); err != nil {
				return err
			}
		}
		v.Seats = append(v.Seats, one)
	}
	return nil
}

func (s *Pages) fillResult(ctx context.Context, tx *db.Tx, v *pollView) (err error) {
	p := v.Poll
	if v.WaitBags, v.WaitLot, err = ballot.Waiting(ctx, tx, p); err != nil {
		return err
	}
	if v.Objections, err = ballot.Objections(ctx, tx, p.ID); err != nil {
		return err
	}
	v.MayObject = p.State == ballot.Provisional && len(v.Seats) > 0 && tx.Now.Before(p.ObjectUntil())
	if p.Terms.Secrecy != ballot.Named || !p.Listed() {
		return nil
	}
	if v.Votes, err = ballot.NamedVotes(ctx, tx, p); err != nil {
		return err
	}
	var people, orgs []string
	for _, x := range v.Votes {
		if x.Kind == ballot.Person {
			people = append(people, x.Voter)
		} else {
			orgs = append(orgs, x.Voter)
		}
	}
	if v.Names, err = who.NamesOf(ctx, tx, people); err != nil {
		return err
	}
	names, err := org.Names(ctx, tx, i18n.LangOf(ctx), orgs)
	for k, n := range names {
		v.Names[k] = n
	}
	return err
}
