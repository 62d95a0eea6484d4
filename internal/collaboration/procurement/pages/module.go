// Package pages shows contracting processes to people and to programs.
package pages

import (
	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/face/module"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
)

// Pages joins the contracting processes with what their pages stand on.
type Pages struct {
	DB    *db.DB
	Kinds func() *record.Registry // known only once all modules are
	Base  func() string           // public address
}

// Module declares procurement.
func (p *Pages) Module() module.Module {
	return module.Module{
		Name: "procurement", Schema: procurement.Schema, Words: procurement.Words, Actions: procurement.Rules,
		Kinds: []record.Kind{procurement.Kind, procurement.FileKind},
	}
}
