package ballot

import (
	"context"
	"embed"

	"ceiba/internal/face/module"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Words are this module's sentences, keys "polls.…".
//
//go:embed locale/*.json
var Words embed.FS

// Pages are the pages and the API of polls.
type Pages struct {
	DB     *db.DB
	Office *ballot.Office
	Kinds  func() *record.Registry // known only once all modules are
	Base   func() string           // public address
}

// Module declares the pages.
func (s *Pages) Module() module.Module {
	return module.Module{
		Name: "polls", Words: Words, Routes: s.routes, API: s.api, Demo: s.demo, Export: s.export,
		Nav: []module.Nav{
			{Key: "polls.desk", Path: "/polls/desk", Order: 81, Action: "poll.write"},
		},
	}
}

func (s *Pages) routes(r *web.Routes) {
	r.Get("/polls", web.Public, s.list, web.Shared)
	r.Get("/polls.csv", web.Public, s.pollsCSV, web.Streams)
	r.Get("/polls/desk", web.Needs("poll.write"), s.desk)
	r.Get("/polls/new", web.Needs("poll.write"), s.newForm)
	r.Post("/polls", web.Needs("poll.write"), s.create)
	r.Get("/poll/{key}", web.Public, s.show, web.Shared)
	r.Get("/poll/{key}/receipt", web.Public, s.receipt, web.Limit(web.Doors))
	r.Get("/poll/{key}/ballots.csv", web.Public, s.ballotsCSV, web.Limit(web.Heavy))
	r.Get("/poll/{key}/ballots.json", web.Public, s.ballotsJSON, web.Limit(web.Heavy))
	r.Post("/poll/{key}/vote", web.SignedIn, s.vote)
	r.Post("/poll/{key}/withdraw", web.SignedIn, s.withdraw)
	r.Post("/poll/{key}/object", web.SignedIn, s.object)
	// Whether somebody may run this very poll the office knows: a Host may say so
	// of people without "poll.write".
	r.Get("/poll/{key}/edit", web.SignedIn, s.editForm)
	r.Post("/poll/{key}/edit", web.SignedIn, s.edit)
	r.Get("/poll/{key}/voters", web.SignedIn, s.votersForm)
	r.Post("/poll/{key}/voters", web.SignedIn, s.setVoters)
	r.Get("/poll/{key}/run", web.SignedIn, s.run)
	r.Post("/poll/{key}/run/{step}", web.SignedIn, s.step)
	r.Get("/poll/{key}/bag", web.SignedIn, s.bagForm)
	r.Post("/poll/{key}/bag", web.SignedIn, s.enterBag)
	s.voterList().Routes(r)
	s.ballotList().Routes(r)
}

// find resolves an address to a poll that the reader may see.
func (s *Pages) find(ctx context.Context, tx *db.Tx, key string) (ballot.Poll, error) {
	return s.Office.ByKey(ctx, tx, who.From(ctx), key)
}

// mine resolves an address to a poll that the reader runs. Others are told no
// more than the public page tells them.
func (s *Pages) mine(ctx context.Context, tx *db.Tx, key string) (ballot.Poll, error) {
	p, err := s.find(ctx, tx, key)
	if err == nil && !s.Office.MayRun(ctx, tx, who.From(ctx), p) {
		err = who.From(ctx).Must("poll.write", who.In(p.Org))
		if err == nil {
			err = db.ErrNotFound
		}
	}
	return p, err
}
