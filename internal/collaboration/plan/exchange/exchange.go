package exchange

import (
	"embed"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/face/module"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/job"
	"ceiba/internal/service/who"
	"ceiba/internal/service/who/deed"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "planexchange", Files: files}

// Words are this module's sentences.
//
//go:embed locale/*.json
var Words embed.FS

// Rules say who may bring plans in.
var Rules = []who.Rule{
	{Action: "plan.import", Site: []who.Role{who.Secretariat}},
}

// Country is the one whose plans this site keeps: all others are reference.
type Country struct {
	Code   string // ISO 3166-1 alpha-3, as in OGP's table
	Name   string // as in OGP's table
	Region string // of OGP
}

// Exchange joins plans with the files in which they travel.
type Exchange struct {
	*plan.Plans
	Blob    *blob.Store
	Base    func() string      // public address
	Policy  func() *who.Policy // known only once all modules are
	Library *Library
	Country Country
}

// Module declares the exchange of plans.
func (x *Exchange) Module() module.Module {
	return module.Module{
		Name: "planexchange", Schema: Schema, Words: Words, Actions: Rules, Routes: x.routes, API: x.referenceList().API, Personal: []who.Personal{deed.Columns("planexchange", "plan_import.by")},
		Jobs: []job.Kind{{Name: "plan.import", Run: x.importJob, MaxTries: 1}},
	}
}
