package answer

import (
	"context"
	"embed"

	"ceiba/internal/face/api"
	"ceiba/internal/face/module"
	"ceiba/internal/face/web"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Words are these pages' sentences, keys "call.…".
//
//go:embed locale/*.json
var Words embed.FS

// Pages are the pages of calls and inputs.
type Pages struct {
	*answer.Office
	Base func() string // the public address, for what people copy
	// Mailer sends a receipt to its signed-in holder; nil offers no such thing.
	Mailer func() who.Mailer
}

// Module declares the pages and the service they stand on.
func (p *Pages) Module() module.Module {
	return module.Module{
		Name: "call", Words: Words, Routes: p.routes, API: p.api, Export: p.export,
		Nav: []module.Nav{
			{Key: "call.receipt.nav", Path: "/receipt", Order: 60, Footer: true},
		},
	}
}

// Service declares what package service/answer keeps and does.
func (p *Pages) Service() module.Module {
	return module.Module{
		Name: "answer", Schema: answer.Schema, Words: answer.Words, Actions: answer.Rules, Kinds: p.RecordKinds(), Jobs: p.Jobs(), Schedules: answer.Schedules,
		Notifies: answer.Notifies, Subjects: answer.Subjects, Personal: []who.Personal{p.Office},
	}
}

func (p *Pages) routes(r *web.Routes) {
	r.Get("/calls", web.Public, p.list) // not shared: calls open by the clock
	r.Get("/calls.csv", web.Public, p.callsCSV, web.Streams)
	r.Get("/calls/new", web.SignedIn, p.newForm)
	r.Post("/calls/new", web.SignedIn, p.create)
	r.Get("/call/{key}", web.Public, p.show)
	r.Post("/call/{key}/give", web.Public, p.give)
	r.Get("/call/{key}/edit", web.SignedIn, p.editForm)
	r.Post("/call/{key}/edit", web.SignedIn, p.edit)
	r.Post("/call/{key}/publish", web.SignedIn, p.publish)
	r.Get("/call/{key}/inputs.csv", web.Public, p.csv, web.Streams, web.Limit(web.Heavy))
	r.Get("/call/{key}/desk", web.SignedIn, p.desk)
	r.Post("/call/{key}/desk", web.SignedIn, p.act)
	r.Get("/call/{key}/answer", web.SignedIn, p.answerForm)
	r.Post("/call/{key}/answer", web.SignedIn, p.answer)
	r.Get("/reply/{id}", web.SignedIn, p.correctForm)
	r.Post("/reply/{id}", web.SignedIn, p.correct)
	r.Get("/input/{id}", web.Public, p.input)
	r.Post("/input/{id}/support", web.SignedIn, p.support)
	r.Post("/input/{id}/points", web.SignedIn, p.rank)
	r.Post("/input/{id}/rate", web.SignedIn, p.rateMine)
	r.Post("/input/{id}/separate", web.SignedIn, p.separate)
	r.Post("/input/{id}/hide", web.Needs("record.moderate"), p.hide)
	r.Get("/inputs/mine", web.SignedIn, p.mine)
	r.Get("/inputs/held", web.Needs("record.moderate"), p.held)
	r.Get("/receipt", web.Public, p.receiptForm)
	r.Post("/receipt", web.Public, p.receipt, web.Limit(web.Doors))
	r.Post("/receipt/rate", web.Public, p.rate, web.Limit(web.Doors))
	r.Post("/receipt/send", web.SignedIn, p.sendReceipt, web.Limit(web.Doors))
	p.sheetRoutes(r)
	p.inputList().Routes(r)
	p.supportList().Routes(r)
	p.ratingList().Routes(r)
}

func (p *Pages) api(a *api.API) {
	p.inputAPI(a)
	p.inputList().API(a)
	p.supportList().API(a)
	p.ratingList().API(a)
}

func fieldLabel(ctx context.Context, name string) string { return i18n.T(ctx, "call.field."+name) }

// stepOf is the place in the chain of a kind of record; empty outside it.
func (p *Pages) stepOf(ref record.Ref) string {
	k, _ := p.Kinds().Kind(ref.Kind)
	return k.Chain
}
