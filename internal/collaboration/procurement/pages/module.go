// Package pages shows contracting processes to people and to programs: the list,
// the story of each, what suppliers won and bodies bought, the files that all of it
// came with, and the same published again in the form of the standard.
//
// # Promises
//
// Every number on a page leads to its rows (ui.Figure): lists that are each a page, a
// CSV and a part of the API. An amount stands with its currency, and amounts of
// several currencies are not added. What several suppliers share is added to nobody's
// sum. Links of the data are shown only with http or https, and not recommended to
// search engines.
//
// What is published (publish.go) is what came: each release as it was, and the
// compiled release that they merge into by the rules of the standard.
//
// # Limits
//
// Organisations are counted at each request, over all parties of their role: half a
// second for a million. Their names are searched letter by letter, accents included.
// A record package of many processes says OCDS 1.1 also where all releases of one are
// of 1.0, whose rules of merging differ in a few places; the package of one process
// says which it is. Of more than 300 releases the story does not tell how amounts
// changed. The largest file's list of faults ends at the number that is kept.
package pages

import (
	"context"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/face/module"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/job"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
	"ceiba/internal/service/who/deed"
)

// Pages joins the contracting processes with what their pages stand on.
type Pages struct {
	DB    *db.DB
	Kinds func() *record.Registry          // known only once all modules are
	Base  func() string                    // public address
	Site  func(ctx context.Context) string // its name, as publisher; nil for "Ceiba"
	// Search makes records findable as they are now (search.Index.Refresh).
	Search func(ctx context.Context, tx *db.Tx, refs []record.Ref) error
}

// Module declares procurement.
func (p *Pages) Module() module.Module {
	return module.Module{
		Name: "procurement", Schema: procurement.Schema, Words: procurement.Words, Actions: procurement.Rules,
		Kinds: []record.Kind{procurement.Kind, procurement.FileKind}, Routes: p.routes, API: p.api,
		Demo: p.Demo, Export: p.export, Personal: []who.Personal{deed.Columns("procurement", "procurement_import.created_by")},
		Listeners: []activity.Listener{p.listener()}, Jobs: []job.Kind{{Name: indexing, Run: p.index}}, Nav: []module.Nav{{Key: "procurement.nav", Path: "/contracting", Order: 15}},
	}
}
