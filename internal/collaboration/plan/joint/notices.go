package joint

import (
	"context"
	"slices"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/who"
)

// Subjects are what people choose a frequency for.
var Subjects = []notify.Subject{{Name: "joint", Default: notify.Now}}

// Notifies say whom the events of joint projects concern: the organisation that
// is asked or that gives, the partners who have to say whether a pledge is kept,
// and the lead. Who follows a project hears of what happens without a rule.
var Notifies = []notify.Rule{
	{Verb: "joint.partner_invited", Subject: "joint", To: named},
	{Verb: "joint.partner_joined", Subject: "joint", To: leads},
	{Verb: "joint.partner_left", Subject: "joint", To: everybody},
	{Verb: "joint.pledge_offered", Subject: "joint", To: giver},
	{Verb: "joint.pledge_changed", Subject: "joint", To: giver},
	{Verb: "joint.pledge_confirmed", Subject: "joint", To: leads},
	{Verb: "joint.pledge_said_kept", Subject: "joint", To: everybody},
	{Verb: "joint.pledge_given_up", Subject: "joint", To: everybody},
	{Verb: "joint.pledge_kept", Subject: "joint", To: giver},
	{Verb: "joint.pledge_not_kept", Subject: "joint", To: everybody},
	{Verb: "joint.pledge_withdrawn", Subject: "joint", To: everybody},
	{Verb: "joint.reminded", Subject: "joint", To: reminded},
	{Verb: "joint.agreed", Subject: "joint", To: everybody},
	{Verb: "joint.under_way", Subject: "joint", To: everybody},
	{Verb: "joint.completed", Subject: "joint", To: everybody},
	{Verb: "joint.ended", Subject: "joint", To: everybody},
}

// told is what an event says of whom it concerns.
type told struct {
	Partner string `json:"partner"`
	Giver   string `json:"giver"`
}

// of reads an event's organisations; none of one that was erased.
func of(e activity.Event) (t told) {
	if e.Change(nil, &t) != nil {
		return told{}
	}
	return t
}

func named(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	return people(ctx, tx, []string{of(e).Partner})
}

func giver(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	return people(ctx, tx, []string{of(e).Giver})
}

func leads(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	pr, err := Get(ctx, tx, e.Record)
	if err != nil {
		return nil, err
	}
	return people(ctx, tx, []string{pr.Lead})
}

// reminded are the people of the organisation that gives, or of the lead where a
// milestone is due.
func reminded(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	if o := of(e).Giver; o != "" {
		return people(ctx, tx, []string{o})
	}
	return leads(ctx, tx, e)
}

// everybody are the people of all partners.
func everybody(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	all, err := Partners(ctx, tx, e.Record)
	if err != nil {
		return nil, err
	}
	var orgs []string
	for _, x := range all {
		if x.In() {
			orgs = append(orgs, x.Org)
		}
	}
	return people(ctx, tx, orgs)
}

// people are those who act today for some organisations.
func people(ctx context.Context, tx *db.Tx, orgs []string) (out []string, err error) {
	for _, named := range orgs {
		if named == "" {
			continue
		}
		today, err := heirs(ctx, tx, named)
		if err != nil {
			return nil, err
		}
		for _, o := range today {
			some, err := who.PeopleWith(ctx, tx, o, speaking...)
			if err != nil {
				return nil, err
			}
			out = append(out, some...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
