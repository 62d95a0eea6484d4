// Package demo fills the demonstration with plans.
package demo

import (
	"context"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// Fill makes three plans: one from the public facts about Belize's first plan
// (2020 to 2021), of which only titles are known, one that is made up to show how
// promises are kept, late, silent and disputed, and one that people are making.
func Fill(ctx context.Context, p *plan.Plans, actor who.Actor) error {
	office, _, err := org.EnsureByName(ctx, p.DB, actor, "Demonstration Ministry of Works", org.National)
	if err != nil {
		return err
	}
	network, _, err := org.EnsureByName(ctx, p.DB, actor, "Demonstration Network of Villages", org.CivilSociety)
	if err != nil {
		return err
	}
	if err := first(ctx, p, actor, office.ID); err != nil {
		return err
	}
	if err := kept(ctx, p, actor, office.ID, network.ID); err != nil {
		return err
	}
	return next(ctx, p, actor, office.ID)
}

// Next is the title of the plan that people are making together: whoever
// adds to the demonstration finds it by that.
const Next = "Demonstration: the next plan, which people are making together"

func next(ctx context.Context, p *plan.Plans, actor who.Actor, office string) error {
	today := require.Day(plan.DayOf(p.DB.Now()))
	begin := today.AddMonths(7)
	pl, err := p.Create(ctx, actor, plan.Plan{
		Org: office, Title: Next, Lang: "en", Level: plan.National, Years: 2, Number: 3,
		Summary: "Made up to show how a plan is made: problems and ideas are collected, drafts discussed paragraph by paragraph, and every input answered.",
		Start:   string(begin), End: string(begin.AddMonths(24).AddDays(-1)), ContactEmail: "demonstration@example.org", PreviousEnd: string(today.AddMonths(-2)),
	})
	if err != nil {
		return err
	}
	if _, err := p.PublishTimeline(ctx, actor, pl.ID, []plan.Phase{
		{Kind: "problems", Title: "Problems and ideas", Starts: string(today), Ends: string(today.AddMonths(2)), How: "On this site, by text message, or at the meeting in your district"},
		{Kind: "comments", Title: "Comments on the draft", Starts: string(today.AddMonths(3)), Ends: string(today.AddMonths(4)), How: "Beside each paragraph of the draft"},
		{Kind: "answers", Title: "Answers and adoption", Starts: string(today.AddMonths(4).AddDays(1)), Ends: string(today.AddMonths(6))},
	}, ""); err != nil {
		return err
	}
	c := plan.Commitment{Plan: pl.ID, Number: "1", Title: "Demonstration: a clinic says when it is open", Lang: "en", State: plan.Proposed}
	c.Texts.V.Problem = "People travel for hours and find the health post closed."
	if _, err := p.Draft(ctx, actor, c); err != nil {
		return err
	}
	_, err = p.Move(ctx, actor, plan.Moving{Plan: pl.ID, Version: 2, To: plan.CoCreating})
	return err
}

// firstDrafts are the commitments that were put out for feedback in 2020, by
// the public announcements of The Trust for the Americas; final says that the
// announcement of the final list names it too.
var firstDrafts = []struct {
	title string
	final bool
}{
	{"Effectiveness and efficiency of government in climate change and food security", false},
	{"Integrated forest-management database", false},
	{"Open government education", true},
	{"Open data strategy for decision-making", true},
	{"Open government in health services", true},
	{"Digitalisation of citizen procedures to prevent corruption and improve accountability", false},
	{"Improving transparency: strengthening civil-society participation in compliance", true},
}

func first(ctx context.Context, p *plan.Plans, actor who.Actor, office string) error {
	pl, err := p.Create(ctx, actor, plan.Plan{
		Org: office, Title: "Demonstration: Belize's first open government action plan (2020–2021)", Lang: "en", Level: plan.National, Years: 2, Number: 1,
		Summary: "What public announcements of 2020 say of it: seven drafts put out for feedback, at least four in the final list, and no published reason for what was dropped. Titles only; the texts are not public.",
		Start:   "2020-07-01", End: "2021-12-31", ContactEmail: "demonstration@example.org",
	})
	if err != nil {
		return err
	}
	if _, err := p.PublishTimeline(ctx, actor, pl.ID, []plan.Phase{
		{Kind: "drafting", Title: "Launch and drafting", Starts: "2020-03-01", Ends: "2020-06-14"},
		{Kind: "comments", Title: "Public consultation", Starts: "2020-06-15", Ends: "2020-08-31", How: "By web form (demonstration: dates are made up)"},
		{Kind: "answers", Title: "Editing", Starts: "2020-09-01", Ends: "2020-12-31"},
	}, ""); err != nil {
		return err
	}
	for i, x := range firstDrafts {
		c, err := p.Draft(ctx, actor, plan.Commitment{Plan: pl.ID, Number: string(rune('1' + i)), Title: x.title, Lang: "en", State: plan.Drafting})
		if err != nil {
			return err
		}
		if !x.final {
			if _, err := p.Stage(ctx, actor, plan.Staging{Commitment: c.ID, Version: 1, To: plan.Shortlisted, Reason: "Not among the titles that the announcement of the final list names. No public reason was found."}); err != nil {
				return err
			}
		}
	}
	return nil
}

// promise is a commitment of the demonstration with its milestones.
type promise struct {
	title, problem, solution string
	milestones               []milestone
}

// milestone is a milestone, from and until months after the plan began,
// with what the voices say of it.
type milestone struct {
	title, output string
	from, until   int
	says          plan.Status // of the government; empty for silence
	shows         string
	blocked       string
	others        plan.Status // of civil society
}

var promises = []promise{
	{
		"Demonstration: every village sees its drains repaired", "After heavy rain, roads and yards in many villages stand under water, and nobody can see whose turn it is.",
		"A public list of requests, priorities and works, with a photo before and after.",
		[]milestone{
			{"The list of requests is public", "The table of requests is online and updated every week", 0, 3, plan.Completed, "/datasets", "", plan.Completed},
			{"Priorities are agreed with village councils", "Minutes of six district meetings with the agreed order", 1, 4, plan.Limited, "", "Two district meetings had to be moved because of floods.", plan.NotStarted},
			{"The first twenty drains are repaired", "Photos before and after of twenty drains, with their places", 4, 14, "", "", "", ""},
		},
	},
	{
		"Demonstration: open data strategy", "Offices keep data in files that others cannot find or use.",
		"A strategy written together, and twenty datasets that people asked for.",
		[]milestone{
			{"Strategy is adopted", "The text of the strategy, with the answers to comments", 0, 6, plan.Substantial, "/plans", "", ""},
			{"Twenty datasets are published", "Twenty datasets in the catalogue with a licence and a schedule", 3, 18, plan.NotStarted, "", "Begins when the strategy is adopted.", ""},
		},
	},
	{
		"Demonstration: health posts say what they have", "People travel for hours to a health post and find it closed or without the medicine.",
		"Opening hours and stock of basic medicines of every health post, on the phone and by radio.",
		[]milestone{
			{"Six posts report every week", "A table with the weekly reports of one post in each district", 0, 2, plan.Completed, "/datasets", "", plan.Limited},
			{"All posts report every week", "The same table with all posts", 3, 20, "", "", "", ""},
		},
	},
}

// districts are the districts that each of promises is for; none for the
// whole country.
var districts = [][]string{{"BZ-SC", "BZ-TOL"}, nil, {"BZ-CY"}}

func kept(ctx context.Context, p *plan.Plans, actor who.Actor, office, network string) error {
	now := p.DB.Now()
	begin := require.Day(plan.DayOf(now.AddDate(0, -5, 0)))
	pl, err := p.Create(ctx, actor, plan.Plan{
		Org: office, Title: "Demonstration: a plan that is being kept", Lang: "en", Level: plan.National, Years: 2, Number: 2,
		Summary: "Made up to show a plan at work: promises kept, late and silent, in the words of government and civil society side by side.",
		Start:   string(begin), End: string(begin.AddMonths(24).AddDays(-1)), ContactEmail: "demonstration@example.org",
	})
	if err != nil {
		return err
	}
	if _, err := p.PublishTimeline(ctx, actor, pl.ID, []plan.Phase{
		{Kind: "ideas", Title: "Problems and ideas", Starts: string(begin.AddMonths(-4)), Ends: string(begin.AddMonths(-3)), How: "On this site, by text message, or at the meeting in your district"},
		{Kind: "drafting", Title: "Drafting and answers", Starts: string(begin.AddMonths(-3).AddDays(1)), Ends: string(begin.AddMonths(-1))},
	}, ""); err != nil {
		return err
	}
	for _, d := range []string{"BZ-TOL", "BZ-CY"} {
		if _, err := p.AddOutreach(ctx, actor, plan.Outreach{Plan: pl.ID, Day: plan.DayOf(now), District: d, Lang: "en", Channel: "radio", Reach: 900, Text: "Demonstration: a talk on the radio with questions from listeners"}); err != nil {
			return err
		}
	}
	made, err := draft(ctx, p, actor, pl, office, network)
	if err != nil {
		return err
	}
	version := 2
	for _, s := range []plan.State{plan.CoCreating, plan.DraftPublished, plan.Responding, plan.Approved, plan.Delivered, plan.Implementing} {
		if _, err := p.Move(ctx, actor, plan.Moving{Plan: pl.ID, Version: version, To: s}); err != nil {
			return err
		}
		version++
	}
	for _, m := range made {
		if err := say(ctx, p, actor, m, office, network); err != nil {
			return err
		}
	}
	return nil
}

// placed is a milestone of the demonstration that is in the database.
type placed struct {
	milestone
	id string
}

func draft(ctx context.Context, p *plan.Plans, actor who.Actor, pl plan.Plan, office, network string) (made []placed, err error) {
	for i, x := range promises {
		c := plan.Commitment{Plan: pl.ID, Number: string(rune('1' + i)), Title: x.title, Lang: "en", Lead: office, Start: pl.Start, End: pl.End, State: plan.Drafting}
		c.Districts.V = districts[i]
		c.Texts.V = plan.Texts{Brief: x.solution, Problem: x.problem, Solution: x.solution}
		if c, err = p.Draft(ctx, actor, c); err != nil {
			return nil, err
		}
		for n, m := range x.milestones {
			start := require.Day(pl.Start)
			kept, err := p.SaveMilestone(ctx, actor, plan.Mile{Seen: n + 1, Milestone: plan.Milestone{Commitment: c.ID, Planned: plan.Planned{
				Title: m.title, Output: m.output, Start: string(start.AddMonths(m.from)), End: string(start.AddMonths(m.until)),
			}}})
			if err != nil {
				return nil, err
			}
			made = append(made, placed{m, kept.ID})
		}
		if _, err := p.AddParty(ctx, actor, plan.Party{Commitment: c.ID, Org: network, Role: "monitor"}); err != nil {
			return nil, err
		}
		if _, err := p.Stage(ctx, actor, plan.Staging{Commitment: c.ID, Version: len(x.milestones) + 1, To: plan.Agreed}); err != nil {
			return nil, err
		}
	}
	return made, nil
}

func say(ctx context.Context, p *plan.Plans, actor who.Actor, m placed, office, network string) error {
	if m.says != "" {
		in := plan.Progress{Milestone: m.id, Org: office, Status: m.says, Text: "Demonstration: what an office might report.", Challenges: m.blocked}
		if m.shows != "" {
			in.Evidence = db.JSON[[]plan.Evidence]{V: []plan.Evidence{{Title: "Demonstration", URL: m.shows}}}
		}
		if in.Challenges == "" && in.Status == plan.Substantial {
			in.Challenges = "Comments are still being answered."
		}
		if _, err := p.Report(ctx, actor, in); err != nil {
			return err
		}
	}
	if m.others == "" {
		return nil
	}
	in := plan.Progress{Milestone: m.id, Org: network, Status: m.others, Text: "Demonstration: what people in the villages see.", Challenges: "Not everybody was told."}
	if m.others == plan.Completed {
		in.Evidence = db.JSON[[]plan.Evidence]{V: []plan.Evidence{{Title: "Demonstration", URL: "/datasets"}}}
	}
	_, err := p.Report(ctx, actor, in)
	return err
}
