package recordsite

import (
	"embed"

	"ceiba/internal/face/module"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/record"
)

// Words are this package's sentences.
//
//go:embed locale/*.json
var Words embed.FS

// Pages serves the pages around records.
type Pages struct {
	DB    *db.DB
	Blob  *blob.Store
	Kinds func() *record.Registry // known only once all modules are
	Base  func() string           // public address
}

const maxFile = 50 << 20 // bytes of an attachment

// Module declares the pages.
func (p *Pages) Module() module.Module {
	return module.Module{
		Name: "recordsite", Words: Words, Routes: p.routes, API: p.api,
	}
}

func (p *Pages) routes(r *web.Routes) {
	r.Get("/report-error", web.Public, p.reportForm)
	r.Post("/report-error", web.Public, p.report, web.Limit(web.Doors))
	r.Post("/record/{kind}/{id}/comment", web.Needs("record.comment"), p.say)
	r.Post("/record/{kind}/{id}/follow", web.Needs("record.follow"), p.follow)
	r.Get("/record/{kind}/{id}/attach", web.Needs("record.attach"), p.attachForm)
	r.Post("/record/{kind}/{id}/attach", web.Needs("record.attach"), p.attach, web.Body(maxFile+1<<20), web.Streams, web.Limit(web.Heavy))
	r.Get("/record/{kind}/{id}/translate", web.Needs("record.translate"), p.translateForm)
	r.Post("/record/{kind}/{id}/translate", web.Needs("record.translate"), p.translate)
	r.Get("/attachment/{id}", web.Public, p.attachment, web.Streams)
	r.Post("/attachment/{id}/remove", web.Needs("record.attach"), p.detach)
	r.Get("/comment/{id}", web.Public, p.comment)
	p.commentList().Routes(r)
	r.Get("/comment/{id}/reply", web.Needs("record.comment"), p.replyForm)
	r.Post("/comment/{id}/reply", web.Needs("record.comment"), p.reply)
	r.Get("/comment/{id}/edit", web.Needs("record.comment"), p.editForm)
	r.Post("/comment/{id}/edit", web.Needs("record.comment"), p.edit)
	r.Get("/following", web.SignedIn, p.following)
}
