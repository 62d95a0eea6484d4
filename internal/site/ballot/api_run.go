package ballot

import (
	"context"
	"errors"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// PollWrite is what a client sends to set up a vote. The rules are those of the
// page: nothing of it can be changed once it is declared.
type PollWrite struct {
	Org     string       `json:"org,omitempty" doc:"Id of the organisation that runs it; needed for a new one"`
	About   *record.Ref  `json:"about,omitempty" doc:"What it is about; not changed later"`
	Title   string       `json:"title"`
	Text    string       `json:"text,omitempty" doc:"Markdown"`
	Lang    string       `json:"lang,omitempty"`
	Terms   ballot.Terms `json:"terms" doc:"Method, choices, secrecy, quorum, majority, ties; options need a label alone"`
	Opens   time.Time    `json:"opens" doc:"Voting opens by the clock, if it is declared by then"`
	Closes  time.Time    `json:"closes" doc:"Voting closes by the clock"`
	Version int64        `json:"version,omitempty" doc:"Of what is changed: that was read"`
}

func (b PollWrite) draft() ballot.Draftee {
	in := ballot.Draftee{Org: b.Org, Title: b.Title, Text: b.Text, Lang: b.Lang, Terms: b.Terms, Opens: db.Time{Time: b.Opens}, Closes: db.Time{Time: b.Closes}}
	if b.About != nil {
		in.Of = *b.About
	}
	return in
}

type pollCreateIn struct {
	api.Once
	Body PollWrite
}

type pollEditIn struct {
	api.Once
	ID   string `path:"id"`
	Body PollWrite
}

// PollVotersWrite says who may vote.
type PollVotersWrite struct {
	Kinds []string `json:"kinds,omitempty" doc:"All organisations of these kinds that exist today"`
	List  string   `json:"list,omitempty" doc:"One a line, as on the page: an e-mail address of an account or the address of an organisation, then bloc and district after commas"`
}

type pollVotersIn struct {
	api.Once
	ID   string `path:"id"`
	Body PollVotersWrite
}

// PollStepWrite is a step that people take with a vote. Opening and closing are the
// clock's: who declares it lets it open, who extends or aborts it moves or takes
// away its end.
type PollStepWrite struct {
	Step   string     `json:"step" enum:"declare,extend,recuse,paper,finalise,abort,annul"`
	Reason string     `json:"reason,omitempty" doc:"Public; needed for all but declare and paper"`
	Closes *time.Time `json:"closes,omitempty" doc:"Of extend: the new end, never an earlier one"`
	Voter  string     `json:"voter,omitempty" doc:"Of recuse and paper"`
	Bag    string     `json:"bag,omitempty" doc:"Of paper: which holds the ballot"`
}

type pollStepIn struct {
	api.Once
	ID   string `path:"id"`
	Body PollStepWrite
}

func (s *Pages) runAPI(a *api.API) {
	api.Add(a, api.Op{Method: "POST", Path: "/polls", Access: web.Needs("poll.write"), Tag: "polls", Status: 201, Summary: "Set up a vote, as a draft"}, s.apiCreate)
	api.Add(a, api.Op{Method: "PUT", Path: "/polls/{id}", Access: web.SignedIn, Tag: "polls", Summary: "Change the draft of a vote"}, s.apiEdit)
	api.Add(a, api.Op{Method: "PUT", Path: "/polls/{id}/voters", Access: web.SignedIn, Tag: "polls", Summary: "Say who may vote, in place of what was said before"}, s.apiVoters)
	api.Add(a, api.Op{Method: "POST", Path: "/polls/{id}/steps", Access: web.SignedIn, Tag: "polls", Summary: "Declare a vote so that it opens by the clock, extend, abort, annul or finalise it, recuse a voter or note a paper ballot"}, s.apiStep)
}

func (s *Pages) apiCreate(ctx context.Context, in *pollCreateIn) (*pollOut, error) {
	body, err := api.Do(ctx, s.DB, in.Once, in.Body, func(tx *db.Tx) (PollBody, error) {
		// Who may run polls about a forum does not for that speak for any organisation.
		if err := who.From(ctx).Must("poll.write", who.In(in.Body.Org)); err != nil {
			return PollBody{}, err
		}
		if _, err := org.Get(ctx, tx, in.Body.Org); errors.Is(err, db.ErrNotFound) {
			return PollBody{}, fault.Fields{{Name: "org", Key: "fault.choice"}}
		} else if err != nil {
			return PollBody{}, err
		}
		p, err := s.Office.Create(ctx, tx, who.From(ctx), in.Body.draft())
		return s.body(p), err
	})
	return &pollOut{body}, err
}

func (s *Pages) apiEdit(ctx context.Context, in *pollEditIn) (*pollOut, error) {
	body, err := api.Do(ctx, s.DB, in.Once, in.Body, func(tx *db.Tx) (PollBody, error) {
		now, err := s.mine(ctx, tx, in.ID)
		if err != nil {
			return PollBody{}, err
		}
		draft := in.Body.draft()
		draft.Org = now.Org
		if now.Terms.Method == draft.Terms.Method {
			keepRefs(now.Terms.Options, draft.Terms.Options)
		}
		p, err := s.Office.Edit(ctx, tx, who.From(ctx), now.ID, in.Body.Version, draft)
		return s.body(p), err
	})
	return &pollOut{body}, err
}

func (s *Pages) apiVoters(ctx context.Context, in *pollVotersIn) (*pollOut, error) {
	body, err := api.Do(ctx, s.DB, in.Once, in.Body, func(tx *db.Tx) (PollBody, error) {
		p, err := s.mine(ctx, tx, in.ID)
		if err != nil {
			return PollBody{}, err
		}
		voters, err := votersView{Kinds: in.Body.Kinds, List: in.Body.List}.read(ctx, tx)
		if err != nil {
			return PollBody{}, err
		}
		if err := s.Office.SetElectorate(ctx, tx, who.From(ctx), p.ID, voters); err != nil {
			return PollBody{}, err
		}
		p, err = s.find(ctx, tx, p.ID)
		return s.body(p), err
	})
	return &pollOut{body}, err
}

func (s *Pages) apiStep(ctx context.Context, in *pollStepIn) (*pollOut, error) {
	poll := ""
	b := in.Body
	if _, err := api.Do(ctx, s.DB, in.Once, in.Body, func(tx *db.Tx) (string, error) {
		p, err := s.mine(ctx, tx, in.ID)
		if err != nil {
			return "", err
		}
		asked := stepAsked{reason: b.Reason, voter: b.Voter, bag: b.Bag}
		if b.Closes != nil {
			asked.closes = db.Time{Time: *b.Closes}
		}
		poll = p.ID
		return p.ID, s.take(ctx, tx, p, b.Step, asked)
	}); err != nil {
		return nil, err
	}
	if poll != "" { // empty for a request that was answered before
		if err := s.Office.Advance(ctx, poll); err != nil {
			return nil, err
		}
	}
	p, err := s.byID(ctx, in.ID)
	return &pollOut{s.body(p)}, err
}
