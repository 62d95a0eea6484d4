// Package pages shows assessments of action plans to people and to programs:
// the reports, the reviewers' desk, comments, and part of the API. What may be
// done, and what follows from it, package review says.
package pages

import (
	"ceiba/internal/collaboration/plan/review"
	"ceiba/internal/face/module"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Pages joins the assessments with what their pages stand on.
type Pages struct {
	*review.Reviews
	Kinds func() *record.Registry // known only once all modules are
	Base  func() string           // public address
}

// Module declares the assessments.
func (p *Pages) Module() module.Module {
	return module.Module{
		Name: "planreview", Schema: review.Schema, Words: review.Words, Actions: review.Rules, Kinds: []record.Kind{review.Kind()},
		Routes: p.routes, API: p.api, Demo: p.Demo, Notifies: p.Notifies(), Subjects: review.Subjects, Personal: []who.Personal{p.Reviews},
		Nav: []module.Nav{{Key: "planreview.nav", Path: "/assessments", Order: 55, Footer: true}},
	}
}
