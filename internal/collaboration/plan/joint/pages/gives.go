package pages

import (
	"context"

	"github.com/a-h/templ"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/joint"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// maxGiven is how many projects the page of a commitment shows.
const maxGiven = 20

// givesView is the part of a commitment's page that says who gives what to it.
type givesView struct {
	Commitment string
	Projects   []given
	Names      map[string]string
	Governs    map[string]bool
	Today      string
	May        bool
	More       bool // there are others than those shown
}

// given is a project with what was pledged to it.
type given struct {
	joint.Project
	Slug    string
	Title   string // in the reader's language
	Pledges []joint.Pledge
	Sum     joint.Sum
}

// Gives shows on the page of a commitment who gives what to it; nil where nobody
// does and the reader could not propose it.
func (p *Pages) Gives(ctx context.Context, tx *db.Tx, actor who.Actor, c plan.Commitment) (templ.Component, error) {
	v := givesView{Commitment: c.ID, Today: plan.Today(tx), May: actor.MayAnywhere("joint.write") && !c.State.Led() && c.State != plan.Withdrawn}
	all, more, err := joint.List(ctx, tx, joint.Filter{Commitment: c.ID}, "", maxGiven)
	if err != nil || len(all) == 0 && !v.May {
		return nil, err
	}
	v.More = more != ""
	var ids, orgs []string
	for _, x := range all {
		ids = append(ids, x.ID)
	}
	slugs, err := record.Slugs(ctx, tx, "joint", ids)
	if err != nil {
		return nil, err
	}
	words, err := record.Translations(ctx, tx, "joint", i18n.LangOf(ctx), ids)
	if err != nil {
		return nil, err
	}
	pledges, err := joint.PledgesOf(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		g := given{Project: x, Slug: slugs[x.ID], Title: words[x.ID].Say("title", x.Title, x.Lang).Text, Pledges: pledges[x.ID]}
		g.Sum = joint.SumOf(g.Pledges, v.Today)
		for _, y := range g.Pledges {
			orgs = append(orgs, y.Org)
		}
		v.Projects = append(v.Projects, g)
	}
	if v.Names, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs); err != nil {
		return nil, err
	}
	v.Governs, err = joint.Governs(ctx, tx, orgs)
	return givesSection(v), err
}

func (g given) rows(ctx context.Context, v givesView) [][]ui.Cell {
	return pledgeRows(ctx, projectView{Pledges: g.Pledges, Names: v.Names, Governs: v.Governs, Today: v.Today})
}
