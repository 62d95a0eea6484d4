package joint

import (
	"context"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/money"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// demo is the demonstration: who acts in it, and for whom.
type demo struct {
	*Projects
	office, network, college    who.Actor
	ministry, villages, academy string // ids of organisations
	today                       require.Day
}

// Demo makes one project around a commitment of the demonstration, with pledges
// that are kept, only said to be kept, disputed, silent and still to come.
func (p *Projects) Demo(ctx context.Context, actor who.Actor) error {
	d := demo{Projects: p, today: require.Day(plan.DayOf(p.DB.Now()))}
	for _, x := range []struct {
		id    *string
		as    *who.Actor
		name  string
		kind  org.Kind
		label string
	}{
		{&d.ministry, &d.office, "Demonstration Ministry of Works", org.National, "ministry"},
		{&d.villages, &d.network, "Demonstration Network of Villages", org.CivilSociety, "network"},
		{&d.academy, &d.college, "Demonstration College of Surveyors", org.Academia, "college"},
	} {
		o, _, err := org.EnsureByName(ctx, p.DB, actor, x.name, x.kind)
		if err != nil {
			return err
		}
		*x.id, *x.as = o.ID, actor // three voices: nobody confirms what is their own
		x.as.ID, x.as.Name, x.as.Grants = "system:demo-"+x.label, x.name, []who.Grant{{Role: who.Official, Org: o.ID}}
	}
	pr, err := d.propose(ctx, actor)
	if err != nil {
		return err
	}
	if err := d.pledge(ctx, pr); err != nil {
		return err
	}
	for i, to := range []State{Agreed, UnderWay} {
		if _, err := p.Move(ctx, d.office, Moving{Joint: pr.ID, Version: i + 1, To: to}); err != nil {
			return err
		}
	}
	return nil
}

// commitment finds the demonstration's promise about drains; empty if it is not
// there.
func (d *demo) commitment(ctx context.Context, actor who.Actor) (out string, err error) {
	err = d.DB.View(ctx, func(tx *db.Tx) error {
		all, err := plan.List(ctx, tx, actor)
		if err != nil {
			return err
		}
		for _, p := range all {
			if p.State != plan.Implementing || !strings.HasPrefix(p.Title, "Demonstration") {
				continue
			}
			cs, err := plan.Commitments(ctx, tx, p.ID)
			if err != nil || len(cs) == 0 {
				return err
			}
			out = cs[0].ID
		}
		return nil
	})
	return out, err
}

func (d *demo) propose(ctx context.Context, actor who.Actor) (Project, error) {
	of, err := d.commitment(ctx, actor)
	if err != nil {
		return Project{}, err
	}
	pr, err := d.Propose(ctx, d.office, Project{
		Title: "Demonstration: repair twenty drains together", Lang: "en", Lead: d.ministry, Commitment: of,
		Problem:   "Made up to show a joint project. After heavy rain, yards and roads stand under water; the ministry has machines, the villages know where, and nobody measures.",
		Objective: "Twenty drains repaired before the rains, in the order that the villages agree on, with a survey before and after.",
		Budget:    "Demonstration: Estimates, head 29, line 41 (drainage)",
	})
	if err != nil {
		return pr, err
	}
	for _, x := range []struct {
		org  string
		role Role
		as   who.Actor
	}{{d.villages, CoLead, d.network}, {d.academy, Contributor, d.college}} {
		asked, err := d.Invite(ctx, d.office, Partner{Joint: pr.ID, Org: x.org, Role: x.role})
		if err != nil {
			return pr, err
		}
		if _, err := d.Join(ctx, x.as, asked.ID); err != nil {
			return pr, err
		}
	}
	for _, m := range []Milestone{
		{Title: "The list of drains is agreed with the villages", Due: string(d.today.AddMonths(-1)), State: Done, Note: "Demonstration: the list is in the catalogue"},
		{Title: "Ten drains are repaired", Due: string(d.today.AddMonths(2)), State: Begun},
		{Title: "Twenty drains are repaired and surveyed", Due: string(d.today.AddMonths(6)), State: Planned},
	} {
		m.Joint = pr.ID
		if _, err := d.SaveMilestone(ctx, d.office, m); err != nil {
			return pr, err
		}
	}
	return pr, nil
}

// demoPledge is a pledge of the demonstration, due so many days from today, with
// what is said of it.
type demoPledge struct {
	org     string
	as      who.Actor
	what    string
	amount  int64 // hundredths of BZ$; 0 is in kind
	due     int
	claimed bool
	other   who.Actor
	says    Says // of the other; empty for nothing
}

func (d *demo) pledge(ctx context.Context, pr Project) error {
	for _, x := range []demoPledge{
		{d.ministry, d.office, "Demonstration: an excavator with its driver for ten weeks", 0, 60, true, d.network, SaysKept},
		{d.ministry, d.office, "Demonstration: fuel and pipes", 12_500_00, 20, true, who.Actor{}, ""},
		{d.villages, d.network, "Demonstration: two volunteers in each village who say where and when", 0, 10, true, d.college, SaysKept},
		{d.villages, d.network, "Demonstration: money from raffles for pipes", 1_500_00, 5, true, d.office, SaysNotKept},
		{d.academy, d.college, "Demonstration: a survey of water levels before and after", 0, 0, false, who.Actor{}, ""},
		{d.academy, d.college, "Demonstration: a map of all drains for everybody", 0, 120, false, who.Actor{}, ""},
	} {
		if err := d.give(ctx, pr, x); err != nil {
			return err
		}
	}
	_, err := d.Offer(ctx, d.office, Pledge{Joint: pr.ID, Org: d.academy, What: "Demonstration: a student for the measurements, if the college agrees", InKind: true, Due: string(d.today.AddDays(90))})
	return err
}

func (d *demo) give(ctx context.Context, pr Project, x demoPledge) error {
	in := Pledge{Joint: pr.ID, Org: x.org, What: x.what, InKind: x.amount == 0, Amount: money.Amount{Minor: x.amount, Currency: "BZD"}, Due: string(d.today.AddDays(x.due))}
	v, err := d.Offer(ctx, x.as, in)
	if err != nil {
		return err
	}
	if v, err = d.Say(ctx, x.as, Saying{Pledge: v.ID, Version: v.Version, Own: true, Says: SaysConfirmed}); err != nil || !x.claimed {
		return err
	}
	shows := []plan.Evidence{{Title: "Demonstration", URL: "/datasets"}}
	if v, err = d.Say(ctx, x.as, Saying{Pledge: v.ID, Version: v.Version, Own: true, Says: SaysKept, Text: "Demonstration: what the one that gives might say.", Evidence: shows}); err != nil || x.says == "" {
		return err
	}
	said := map[Says]string{SaysKept: "Demonstration: we saw it and used it.", SaysNotKept: "Demonstration: only half of it has arrived."}
	_, err = d.Say(ctx, x.other, Saying{Pledge: v.ID, Version: v.Version, Says: x.says, Text: said[x.says]})
	return err
}
