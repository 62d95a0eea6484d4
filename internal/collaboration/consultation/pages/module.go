package pages

import (
	"context"
	"embed"

	"ceiba/internal/collaboration/consultation"
	"ceiba/internal/face/api"
	"ceiba/internal/face/module"
	"ceiba/internal/face/web"
	"ceiba/internal/service/job"
	"ceiba/internal/service/who"
)

// Words are this module's sentences, keys "consultation.…".
//
//go:embed locale/*.json
var Words embed.FS

// Pages join the rules of consultations with the site.
type Pages struct {
	*consultation.Desk
	Base func() string // public address: "https://open.gov.bz"
}

// Module declares consultations.
func (d *Pages) Module() module.Module {
	return module.Module{
		Name: consultation.Kind, Schema: consultation.Schema, Words: Words, Actions: consultation.Rules, Kinds: d.Records(), Routes: d.routes, API: d.api,
		Jobs: []job.Kind{{Name: "consultation.close", Run: func(ctx context.Context, _ *job.Run) error {
			_, err := d.CloseDue(ctx)
			return err
		}}},
		Schedules: []job.Schedule{{Name: "consultation.close", Kind: "consultation.close", Every: "5m"}},
		Notifies:  consultation.Notifies, Subjects: consultation.Subjects, Personal: []who.Personal{d.Desk}, Demo: d.Demo, Export: d.exportAll,
		Nav: []module.Nav{
			{Key: "consultation.desk", Path: "/consultations/desk", Order: 82, Action: "consultation.write"},
		},
	}
}

// Texts are long: a form may carry two megabytes.
const maxForm = 2 << 20

func (d *Pages) routes(r *web.Routes) {
	r.Get("/consultations", web.Public, d.list)
	r.Get("/consultations/desk", web.SignedIn, d.deskPage)
	r.Get("/consultations/new", web.SignedIn, d.newForm)
	r.Post("/consultations", web.SignedIn, d.create)
	r.Get("/consultation/{key}", web.Public, d.show)
	r.Get("/consultation/{key}/p/{paragraph}", web.Public, d.paragraph)
	r.Post("/consultation/{key}/p/{paragraph}", web.Needs("annotation.write"), d.annotate)
	r.Get("/consultation/{key}/notes", web.Public, d.notes)
	d.listRoutes(r)
	r.Get("/consultations.csv", web.Public, d.allCSV, web.Streams)
	r.Get("/consultation/{key}/notes.csv", web.Public, d.notesCSV, web.Limit(web.Heavy))
	r.Get("/consultation/{key}/notes.json", web.Public, d.notesJSON, web.Limit(web.Heavy))
	r.Get("/consultation/{key}/versions", web.Public, d.versions, web.Shared)
	r.Get("/consultation/{key}/compare", web.Public, d.compare, web.Shared)
	r.Get("/annotation/{id}", web.Public, d.annotationPage)
	r.Post("/annotation/{id}/agree", web.Needs("annotation.write"), d.agree)
	r.Post("/annotation/{id}/send", web.Needs("annotation.write"), d.sendDraft)
	r.Post("/annotation/{id}/retract", web.Needs("annotation.write"), d.retract)
	d.workRoutes(r)
}

// workRoutes are for those who work on texts. Who that is, a host may have a say
// in, so that only the verbs know.
func (d *Pages) workRoutes(r *web.Routes) {
	r.Get("/consultation/{key}/edit", web.SignedIn, d.editForm)
	r.Post("/consultation/{key}/edit", web.SignedIn, d.edit)
	r.Get("/consultation/{key}/write", web.SignedIn, d.writeForm)
	r.Post("/consultation/{key}/write", web.SignedIn, d.writeText, web.Body(maxForm))
	r.Post("/consultation/{key}/move", web.SignedIn, d.move)
	r.Get("/consultation/{key}/queue", web.SignedIn, d.queue)
	r.Post("/consultation/{key}/queue", web.SignedIn, d.respondMany)
	r.Get("/annotation/{id}/decide", web.SignedIn, d.decideForm)
	r.Post("/annotation/{id}/decide", web.SignedIn, d.decideOn)
}

func (d *Pages) api(a *api.API) { d.consultationAPI(a) }
