package app

import (
	"context"
	"time"

	"ceiba/internal/collaboration/plan/demo"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// demoCall asks for problems and ideas for the plan of the demonstration that
// people are making, with some made-up inputs, one of them answered.
func (a *App) demoCall(ctx context.Context, system who.Actor) error {
	return a.DB.Update(ctx, func(tx *db.Tx) error {
		of, lead, err := a.demoNext(ctx, tx, system)
		if err != nil {
			return err
		}
		day := time.Date(tx.Now.In(i18n.Belize).Year(), tx.Now.In(i18n.Belize).Month(), tx.Now.In(i18n.Belize).Day(), 0, 0, 0, 0, i18n.Belize)
		box := answer.Box{
			Of: of, Org: lead.Org, Title: "Demonstration: what should the next plan promise?", Lang: "en",
			Question: "Which problem should government and civil society solve together in the next two years? Tell us in any language, as short as you like.",
			Results:  "Every input gets an answer with a reason here, before the plan is delivered.",
			Opens:    db.Time{Time: day}, Closes: db.Time{Time: day.AddDate(0, 2, 0)},
		}
		box.Kinds.V, box.Channels.V = answer.Kinds, answer.Channels
		if box, err = a.office().CreateBox(ctx, tx, system, box); err != nil {
			return err
		}
		if box, err = a.office().PublishBox(ctx, tx, system, box.ID, box.Version); err != nil {
			return err
		}
		return a.demoInputs(ctx, tx, system, box, lead)
	})
}

// demoNext finds the plan that is being made, and its first commitment.
func (a *App) demoNext(ctx context.Context, tx *db.Tx, system who.Actor) (record.Ref, demoLead, error) {
	all, err := plan.List(ctx, tx, system)
	if err != nil {
		return record.Ref{}, demoLead{}, err
	}
	for _, p := range all {
		if p.Title == demo.Next {
			cs, err := plan.Commitments(ctx, tx, p.ID)
			if err != nil || len(cs) == 0 {
				return record.Ref{}, demoLead{}, err
			}
			return p.Ref(), demoLead{p.Org, cs[0].Ref()}, nil
		}
	}
	return record.Ref{}, demoLead{}, db.ErrNotFound
}

// demoLead is who answers in the demonstration, and what an answer changes.
type demoLead struct {
	Org     string
	Changes record.Ref
}

func (a *App) demoInputs(ctx context.Context, tx *db.Tx, system who.Actor, box answer.Box, lead demoLead) error {
	var first string
	for _, x := range []answer.Input{
		{Kind: "problem", Text: "Demostración: viajamos tres horas al puesto de salud y está cerrado. Nadie sabe cuándo abre.", Lang: "es", District: "BZ-TOL", Sector: "resident", Channel: "voice"},
		{Kind: "idea", Text: "Demonstration: show on one page which road is repaired when, and let the village chairperson tick it off.", Lang: "en", District: "BZ-CY", Sector: "civil_society", Channel: "roundtable"},
		{Kind: "problem", Text: "Demonstration: the list of who gets a scholarship should be public, with the rules.", Lang: "en", District: "BZ-OW", Sector: "youth", Channel: "paper"},
	} {
		x.Naming, x.Name = answer.Pseudonym, "Demonstration"
		made, err := a.office().Give(ctx, tx, system, box.ID, answer.Giving{Input: x, Assisted: true})
		if err != nil {
			return err
		}
		if first == "" {
			first = made.Input.ID
		}
	}
	reply := answer.Reply{
		Outcome: answer.Partly, Lang: "en",
		Reason: "Demonstration of an answer: opening hours of every health post go into the first commitment, because they can be published and checked within a year. Longer hours need more nurses, which this plan cannot promise; the ministry is asked to say what it would take.",
	}
	reply.Changed.V = []record.Ref{lead.Changes}
	_, err := a.office().Answer(ctx, tx, system, box.ID, []string{first}, reply)
	return err
}
