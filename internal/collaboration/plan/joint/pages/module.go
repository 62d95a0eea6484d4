// Package pages shows joint projects and pledges to people and to programs: their
// pages, forms, lists, and part of the API. What may be done, and what follows
// from it, package joint says.
//
// Promise: every number of pledges leads to its rows (ui.Figure), in one of two
// lists that are each a page, a CSV and a part of the API: /joint-projects and
// /pledges.
package pages

import (
	"ceiba/internal/collaboration/plan/joint"
	"ceiba/internal/face/module"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Pages joins the joint projects with what their pages stand on.
type Pages struct {
	*joint.Projects
	Kinds func() *record.Registry // known only once all modules are
	Base  func() string           // public address
}

// Module declares the joint projects.
func (p *Pages) Module() module.Module {
	return module.Module{
		Name: "joint", Schema: joint.Schema, Words: joint.Words, Actions: joint.Rules, Kinds: joint.Kinds(), Routes: p.routes, API: p.api,
		Demo: p.Demo, Jobs: p.Jobs(), Schedules: joint.Schedules, Notifies: joint.Notifies, Subjects: joint.Subjects,
		Personal: []who.Personal{p.Projects}, Nav: []module.Nav{{Key: "joint.nav", Path: "/joint", Order: 56, Footer: true}},
	}
}
