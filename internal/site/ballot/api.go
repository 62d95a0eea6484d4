package ballot

import (
	"context"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// PollBody is a poll in the API.
type PollBody struct {
	ID          string         `json:"id"`
	Slug        string         `json:"slug,omitempty"`
	Org         string         `json:"org"`
	Title       string         `json:"title"`
	Text        string         `json:"text" doc:"Markdown"`
	Lang        string         `json:"lang"`
	State       string         `json:"state" doc:"declared, open, closed, provisional, final, aborted or annulled"`
	Reason      string         `json:"reason,omitempty" doc:"Why it was aborted or annulled"`
	Opens       time.Time      `json:"opens"`
	Closes      time.Time      `json:"closes"`
	ObjectUntil *time.Time     `json:"object_until,omitempty"`
	About       *record.Ref    `json:"about,omitempty"`
	Electors    int            `json:"electors"`
	Electorate  string         `json:"electorate_sha256"`
	Terms       ballot.Terms   `json:"terms"`
	Version     int64          `json:"version" doc:"Changes with each edit of a draft"`
	Result      *ballot.Result `json:"result,omitempty"`
	Ballots     string         `json:"ballots,omitempty" doc:"Where the public list of ballots is, once the poll is closed"`
	URL         string         `json:"url"`
}

func (s *Pages) body(p ballot.Poll) PollBody {
	b := PollBody{
		ID: p.ID, Slug: p.Slug, Org: p.Org, Title: p.Title, Text: p.Text, Lang: p.Lang, State: string(p.State), Reason: p.Reason, Opens: p.Opens.Time,
		Closes: p.Closes.Time, Electors: p.Electors, Electorate: p.Digest, Terms: p.Terms, Version: p.Version, Result: shown(p), URL: s.Base() + p.Ref().Path(),
	}
	if p.Of.Kind != "" {
		b.About = &p.Of
	}
	if until := p.ObjectUntil(); !until.IsZero() {
		b.ObjectUntil = &until
	}
	if p.Listed() {
		b.Ballots = s.Base() + p.Ref().Path() + "/ballots.json"
	}
	return b
}

// shown is a result as everybody sees it: without the figures of blocs so small
// that they would say what somebody voted.
func shown(p ballot.Poll) *ballot.Result {
	if p.Result == nil || p.State == ballot.Aborted {
		return nil
	}
	r := *p.Result
	r.PerBloc = r.Blocs(p.Terms)
	return &r
}

type pollListIn struct {
	State  string `query:"state" enum:"open,over" doc:"open: announced or open; over: closed or ended"`
	Cursor string `query:"cursor"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

type pollListOut struct {
	Body struct {
		Polls []PollBody `json:"polls"`
		Next  string     `json:"next,omitempty" doc:"Cursor of the next page"`
	}
}

type pollOut struct{ Body PollBody }

type pollIn struct {
	ID string `path:"id"`
}

type pollReceiptIn struct {
	ID   string `path:"id"`
	Code string `path:"code" maxLength:"20"`
}

// PollReceiptBody is what a receipt proves: that a ballot is included, and not
// which.
type PollReceiptBody struct {
	State  string `json:"state" doc:"unknown, waiting, sealed or counted"`
	Batch  int    `json:"batch,omitempty"`
	Size   int    `json:"size,omitempty" doc:"Ballots in the batch"`
	Digest string `json:"receipt_sha256" doc:"As it stands in the entry of the log"`
	Entry  string `json:"entry,omitempty" doc:"Id of the entry of the log"`
}

type pollReceiptOut struct{ Body PollReceiptBody }

// PollBallotBody is a vote.
type PollBallotBody struct {
	Voter   string   `json:"voter,omitempty" doc:"Id of the organisation for which you vote; without it you vote for yourself"`
	Choices []string `json:"choices,omitempty" doc:"Ids of options; of a ranking the first is liked best"`
	Blank   bool     `json:"blank,omitempty" doc:"No choice, on purpose"`
	Token   string   `json:"token,omitempty" maxLength:"100" doc:"Of a secret poll: a random word of your own, at least 20 characters. Keep it: with it alone you can change the ballot, and the receipt is made of it"`
}

type castIn struct {
	api.Once
	ID   string `path:"id"`
	Body PollBallotBody
}

// PollCastBody is the answer to a vote.
type PollCastBody struct {
	State   string `json:"state" doc:"accepted"`
	Receipt string `json:"receipt,omitempty" doc:"Of a secret poll: look it up below /polls/{id}/receipts/"`
}

type castOut struct{ Body PollCastBody }

func (s *Pages) api(a *api.API) {
	api.Add(a, api.Op{Method: "GET", Path: "/polls", Access: web.Public, Tag: "polls", Summary: "Votes, those that close last first"}, s.apiList)
	api.Add(a, api.Op{Method: "GET", Path: "/polls/{id}", Access: web.Public, Tag: "polls", Summary: "A vote with its rules and its result"}, s.apiGet)
	api.Add(a, api.Op{Method: "GET", Path: "/polls/{id}/receipts/{code}", Access: web.Public, Tag: "polls", Summary: "Whether a secret ballot is among those that count", Options: []web.Option{web.Limit(web.Doors)}}, s.apiReceipt)
	api.Add(a, api.Op{Method: "POST", Path: "/polls/{id}/ballots", Access: web.SignedIn, Tag: "polls", Status: 201, Summary: "Vote"}, s.apiCast)
	s.runAPI(a)
	s.voterList().API(a)
	s.ballotList().API(a)
}

func (s *Pages) apiList(ctx context.Context, in *pollListIn) (*pollListOut, error) {
	out := &pollListOut{}
	out.Body.Polls = []PollBody{}
	return out, s.DB.View(ctx, func(tx *db.Tx) error {
		ps, next, err := s.somePolls(ctx, tx, in.State, in.Cursor, in.Limit)
		out.Body.Polls, out.Body.Next = append(out.Body.Polls, ps...), next
		return err
	})
}

// somePolls are a page of the polls of a group of states.
func (s *Pages) somePolls(ctx context.Context, tx *db.Tx, group, cursor string, limit int) (out []PollBody, next string, err error) {
	ps, next, err := ballot.List(ctx, tx, ballot.Filter{States: groups[group], Cursor: cursor, Limit: limit})
	if err != nil {
		return nil, "", err
	}
	ids := make([]string, len(ps))
	for i, p := range ps {
		ids[i] = p.ID
	}
	slugs, err := record.Slugs(ctx, tx, ballot.RecordKind, ids)
	for _, p := range ps {
		p.Slug = slugs[p.ID]
		out = append(out, s.body(p))
	}
	return out, next, err
}

func (s *Pages) byID(ctx context.Context, poll string) (p ballot.Poll, err error) {
	err = s.DB.View(ctx, func(tx *db.Tx) error { p, err = s.Office.ByKey(ctx, tx, who.From(ctx), poll); return err })
	return p, err
}

func (s *Pages) apiGet(ctx context.Context, in *pollIn) (*pollOut, error) {
	p, err := s.byID(ctx, in.ID)
	return &pollOut{s.body(p)}, err
}

func (s *Pages) apiReceipt(ctx context.Context, in *pollReceiptIn) (*pollReceiptOut, error) {
	out := &pollReceiptOut{}
	return out, s.DB.View(ctx, func(tx *db.Tx) error {
		p, err := s.Office.ByKey(ctx, tx, who.From(ctx), in.ID)
		if err == nil && (p.Terms.Secrecy != ballot.Secret || !p.Public()) {
			err = db.ErrNotFound
		}
		if err != nil {
			return err
		}
		f, err := ballot.Included(ctx, tx, p, in.Code)
		out.Body = PollReceiptBody{State: inclusionWord(f), Batch: f.Batch, Size: f.Size, Digest: f.Digest, Entry: f.Entry}
		return err
	})
}

func inclusionWord(f ballot.Inclusion) string {
	switch {
	case !f.Known:
		return "unknown"
	case f.Waits:
		return "waiting"
	case f.Counted:
		return "counted"
	}
	return "sealed"
}

// apiCast takes a vote. What is kept for a repeated request must not tell what
// was voted: neither the answer, from which the receipt is left out, nor the
// fingerprint, which holds the token: 100 random bits nobody can guess choices
// behind.
func (s *Pages) apiCast(ctx context.Context, in *castIn) (*castOut, error) {
	if !id.Valid(in.ID) {
		return nil, db.ErrNotFound
	}
	p, err := s.byID(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if n := len(in.Body.Token); p.Terms.Secrecy == ballot.Secret && n < 20 {
		return nil, fault.Fields{{Name: "token", Key: "ballot.token"}}
	}
	_, err = api.Do(ctx, s.DB, in.Once, in.Body, func(tx *db.Tx) (string, error) {
		_, err := s.Office.CastIn(ctx, tx, who.From(ctx), ballot.Vote{Poll: in.ID, Voter: in.Body.Voter, Choices: in.Body.Choices, Blank: in.Body.Blank, Token: in.Body.Token})
		return "accepted", err
	})
	if err != nil {
		return nil, err
	}
	out := &castOut{PollCastBody{State: "accepted"}}
	if p.Terms.Secrecy == ballot.Secret {
		out.Body.Receipt = ballot.ReceiptOf(p.ID, in.Body.Token)
	}
	return out, nil
}
