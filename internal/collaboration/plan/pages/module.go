// Package pages shows action plans and commitments to people and to programs:
// their pages, forms, and part of the API. What may be done, and what follows
// from it, package plan says.
package pages

import (
	"context"

	"ceiba/internal/collaboration/plan/demo"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/face/module"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"

	"github.com/a-h/templ"

	"ceiba/internal/service/record"
)

// Pages joins the plans with what their pages stand on.
type Pages struct {
	*plan.Plans
	Blob  *blob.Store
	Kinds func() *record.Registry // known only once all modules are
	Base  func() string           // public address
	// Proof is the ledger's pack of a record; db.ErrNotFound where nothing public
	// was said of it.
	Proof func(ctx context.Context, tx *db.Tx, of record.Ref) ([]byte, error)
	// Forums lists the forums that may own a plan; nil knows none.
	Forums func(ctx context.Context, tx *db.Tx) ([]org.Choice, error)
	// Coach is what a draft's form shows below it of its words; nil for nothing.
	Coach func(ctx context.Context, tx *db.Tx, c plan.Commitment) (templ.Component, error)
	// Gives is the part of a commitment's page that says who gives what to it; nil
	// for none, as its answer may be.
	Gives func(ctx context.Context, tx *db.Tx, actor who.Actor, c plan.Commitment) (templ.Component, error)
}

// Module declares the plans.
func (p *Pages) Module() module.Module {
	return module.Module{
		Name: "plan", Schema: plan.Schema, Words: plan.Words, Actions: plan.Rules, Kinds: plan.Kinds(), Routes: p.routes, API: p.api,
		Demo: func(ctx context.Context, actor who.Actor) error { return demo.Fill(ctx, p.Plans, actor) },
		Jobs: p.Jobs(), Schedules: plan.Schedules, Notifies: plan.Notifies, Subjects: plan.Subjects, Personal: []who.Personal{plan.Personal},
		Nav: []module.Nav{{Key: "plan.nav", Path: "/plans", Order: 5}},
	}
}
