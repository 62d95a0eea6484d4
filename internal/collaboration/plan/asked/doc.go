// Package asked shows what people asked for over all calls of a plan together:
// themes and inputs in the order of how many support them or of the points they
// were given, with the inputs behind every number.
//
// Support counts people: whoever supports several inputs of a theme counts once.
// Points were given call by call, at most five in each, so that a person who took
// part in two calls had ten.
//
// # Limits
//
// Themes belong to a call: what two calls heard of the same matter stays two
// lines. The rank counts what was said on this site or brought to it, and is no
// survey of what the country wants.
package asked

import (
	"embed"

	"ceiba/internal/face/module"
	"ceiba/internal/ground/db"
)

//go:embed locale/*.json
var words embed.FS

// Pages joins the rank with the database.
type Pages struct {
	DB   *db.DB
	Base func() string // public address
}

// Module declares the pages.
func (p *Pages) Module() module.Module {
	return module.Module{Name: "asked", Words: words, Routes: p.routes, API: p.api}
}
