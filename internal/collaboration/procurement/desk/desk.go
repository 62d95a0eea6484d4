// Package desk is where an officer of a body writes its contracting processes: one by
// one on a form, many as a table, or by the API. What is written becomes releases
// (package procurement), so that it is published like what comes from a system.
//
// It stops at what a small office knows of a contract: one award, one contract, one
// place. What has more of them comes as a file of OCDS.
package desk

import (
	"ceiba/internal/face/module"
	"ceiba/internal/ground/db"
)

// Desk joins the pages with what they stand on.
type Desk struct {
	DB   *db.DB
	Base func() string // public address
}

// Module declares the desk.
func (d *Desk) Module() module.Module {
	return module.Module{Name: "contractdesk", Words: Words, Routes: d.routes, API: d.api}
}
