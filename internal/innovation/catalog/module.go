package catalog

import (
	"context"

	"ceiba/internal/face/api"
	"ceiba/internal/face/module"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/record"
	"ceiba/internal/service/shelf"
	"ceiba/internal/service/who"
	"ceiba/internal/service/who/deed"
)

// Orgs is what the catalogue needs to know of organisations.
type Orgs interface {
	// Names returns the names of those that exist, by id.
	Names(ctx context.Context, tx *db.Tx, ids []string) (map[string]string, error)
	// Choices returns those that actor may act for, or all for somebody who may
	// act for any, sorted by name.
	Choices(ctx context.Context, tx *db.Tx, actor who.Actor, action string) ([]Choice, error)
}

// Choice is an organisation in a list to choose from.
type Choice struct{ ID, Name string }

// Catalog joins the catalogue with the services it stands on.
type Catalog struct {
	DB    *db.DB
	Blob  *blob.Store
	Shelf *shelf.Shelf
	Kinds func() *record.Registry // known only once all modules are
	Orgs  Orgs
	// Licence is what the office proposes for new datasets, by its SPDX
	// identifier; "" for none. nil proposes nothing.
	Licence func(context.Context) string
	// SiteVersion changes with everything public on the site; nil keeps nothing.
	SiteVersion func() string
	Base        func() string // public address, for what people copy: "https://open.gov.bz"

	lately lately
}

// Proposed is the licence of a dataset of which nobody has said another.
func (c *Catalog) Proposed(ctx context.Context) string {
	if c.Licence != nil {
		if l, ok := LicenceOf(c.Licence(ctx)); ok {
			return l.ID
		}
	}
	return Licences[0].ID
}

// Module declares the catalogue.
func (c *Catalog) Module() module.Module {
	return module.Module{
		Name: "catalog", Schema: Schema, Words: Words, Actions: Rules, Kinds: Kinds(),
		Routes: c.routes, API: c.api, Export: c.exportAll, Notifies: notifies, Subjects: subjects,
		Personal: []who.Personal{deed.Columns("catalog", "dataset.created_by")},
		Nav: []module.Nav{
			{Key: "catalog.nav", Path: "/datasets", Order: 10},
			{Key: "catalog.desk", Path: "/datasets/desk", Order: 80, Action: "dataset.write"},
		},
	}
}

const maxUpload = 1 << 30 // a gigabyte, streamed to disk

func (c *Catalog) routes(r *web.Routes) {
	r.Get("/datasets", web.Public, c.list, web.Shared)
	r.Get("/datasets/desk", web.Needs("dataset.write"), c.desk)
	r.Get("/datasets/new", web.Needs("dataset.write"), c.newForm)
	r.Post("/datasets", web.Needs("dataset.write"), c.create)
	r.Get("/dataset/{key}", web.Public, c.show, web.Shared)
	r.Get("/dataset/{key}/edit", web.Needs("dataset.write"), c.editForm)
	r.Post("/dataset/{key}/edit", web.Needs("dataset.write"), c.edit)
	r.Post("/dataset/{key}/move", web.Needs("dataset.write"), c.move)
	r.Get("/dataset/{key}/add", web.Needs("dataset.write"), c.addForm)
	r.Post("/dataset/{key}/add", web.Needs("dataset.write"), c.add, web.Body(maxUpload), web.Streams, web.Limit(web.Heavy))
	c.resumeRoutes(r)
	c.resourceRoutes(r)
}

func (c *Catalog) api(a *api.API) {
	c.datasetAPI(a)
	c.resourceAPI(a)
	c.filesAPI(a)
}
