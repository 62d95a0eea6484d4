package forumpage

import (
	"context"

	"ceiba/internal/collaboration/forum"
	"ceiba/internal/face/module"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// Pages shows forums.
type Pages struct{ *forum.Forums }

// Module declares forums: rules, pages and API.
func (fs *Pages) Module() module.Module {
	return module.Module{
		Name: "forum", Schema: forum.Schema, Words: forum.Words, Actions: forum.Rules, Kinds: forum.Kinds(), Routes: fs.routes, API: fs.api, Notifies: forum.Notifies, Subjects: forum.Subjects,
		Listeners: []activity.Listener{fs.Listener()}, Personal: []who.Personal{forum.Personal}, Demo: fs.demo,
	}
}

func (fs *Pages) routes(r *web.Routes) {
	r.Get("/forums", web.Public, fs.list)
	r.Get("/forums.csv", web.Public, fs.forumsCSV, web.Streams)
	r.Get("/forums/new", web.Needs("forum.create"), fs.newForm)
	r.Post("/forums", web.Needs("forum.create"), fs.create)
	r.Get("/forum/{key}", web.Public, fs.show)
	r.Get("/forum/{key}/edit", web.SignedIn, fs.editForm)
	r.Post("/forum/{key}/edit", web.SignedIn, fs.edit)
	r.Post("/forum/{key}/state", web.SignedIn, fs.state)
	r.Get("/forum/{key}/rules", web.Public, fs.rules)
	r.Post("/forum/{key}/rules", web.SignedIn, fs.publishRules)
	r.Get("/forum/{key}/seats", web.Public, fs.seats)
	r.Post("/forum/{key}/seats", web.SignedIn, fs.addSeat)
	r.Post("/forum/{key}/appoint", web.SignedIn, fs.appoint)
	r.Post("/forum/{key}/end", web.SignedIn, fs.endTerm)
	r.Post("/forum/{key}/abolish", web.SignedIn, fs.abolish)
	r.Get("/forum/{key}/calls", web.Public, fs.calls)
	r.Post("/forum/{key}/calls", web.SignedIn, fs.openCall)
	r.Get("/forum/{key}/interests", web.Public, fs.interests)
	r.Post("/forum/{key}/interests", web.SignedIn, fs.declareInterest)
	r.Get("/forum/{key}/decisions", web.Public, fs.decisions)
	r.Post("/forum/{key}/decisions", web.SignedIn, fs.propose)
	r.Get("/forum-call/{id}", web.Public, fs.call)
	r.Post("/forum-call/{id}/nominate", web.SignedIn, fs.nominate)
	r.Post("/forum-call/{id}/withdraw", web.SignedIn, fs.withdraw)
	r.Post("/forum-call/{id}/judge", web.SignedIn, fs.judge)
	r.Post("/forum-call/{id}/elect", web.SignedIn, fs.elect)
	r.Get("/decision/{key}", web.Public, fs.decision)
	r.Post("/decision/{key}/position", web.SignedIn, fs.position)
	r.Post("/decision/{key}/agree", web.SignedIn, fs.agree)
	r.Post("/decision/{key}/vote", web.SignedIn, fs.vote)
	fs.listRoutes(r)
}

// demo makes one forum of a district, plainly made up, with seats and no people.
func (fs *Pages) demo(ctx context.Context, actor who.Actor) error {
	var orgs []org.Org
	if err := fs.DB.View(ctx, func(tx *db.Tx) (err error) {
		orgs, _, err = org.List(ctx, tx, org.Filter{Kind: org.National, Limit: 1})
		return err
	}); err != nil || len(orgs) == 0 {
		return err
	}
	f, err := forum.Create(ctx, fs.DB, actor, forum.Forum{
		Org: orgs[0].ID, Name: "Demonstration: open government forum of Cayo", Scope: "BZ-CY", Mandate: "consultation", Instrument: "Demonstration instrument",
		Document: "https://example.org/instrument", Date: "2026-01-15", About: "This forum is **made up**, to show what a forum looks like before anybody sits in it.",
	})
	if err != nil {
		return err
	}
	for _, s := range []forum.Seat{
		{Name: "Government 1", Sector: "government", Chair: true},
		{Name: "Government 2", Sector: "government"},
		{Name: "Civil society 1", Sector: "civil_society", Chair: true},
		{Name: "Academia", Sector: "academia"},
	} {
		if _, err := forum.AddSeat(ctx, fs.DB, actor, f.ID, s); err != nil {
			return err
		}
	}
	if err := forum.PublishRules(ctx, fs.DB, actor, f.ID, "# Demonstration rules\n\nThe forum meets four times a year. Its meetings are announced seven days before.", ""); err != nil {
		return err
	}
	return forum.Establish(ctx, fs.DB, actor, f.ID)
}
