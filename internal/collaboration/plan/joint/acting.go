package joint

import (
	"context"
	"errors"
	"slices"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// speaking are the roles whose holders act for an organisation.
var speaking = []who.Role{who.Official, who.Editor, who.Member}

// SpeaksFor reports whether actor acts for an organisation with an account of
// its own. An administrator of the site does not: nobody gives an organisation's
// word in its place.
func SpeaksFor(actor who.Actor, org string) bool {
	return org != "" && actor.May("joint.speak", who.In(org)) && slices.ContainsFunc(actor.Grants, func(g who.Grant) bool {
		return g.Org == org && slices.Contains(speaking, g.Role)
	})
}

// heirs are the organisations that act today for one that is named in a project:
// itself while it exists, else those that followed it; none where it was
// dissolved.
func heirs(ctx context.Context, tx *db.Tx, of string) ([]string, error) {
	all, err := org.HeirsOf(ctx, tx, []string{of})
	return all[of], err
}

// line is an organisation and all that followed it: to whom its word belongs.
func line(ctx context.Context, tx *db.Tx, of string) ([]string, error) {
	today, err := heirs(ctx, tx, of)
	return append([]string{of}, today...), err
}

// Acting returns for which organisation actor acts when they speak for one that
// is named in a project; "" if for none.
func Acting(ctx context.Context, tx *db.Tx, actor who.Actor, of string) (string, error) {
	all, err := ActingFor(ctx, tx, actor, []string{of})
	return all[of], err
}

// ActingFor is Acting for each of some organisations, without those for which
// actor does not speak, in one query.
func ActingFor(ctx context.Context, tx *db.Tx, actor who.Actor, of []string) (map[string]string, error) {
	today, err := org.HeirsOf(ctx, tx, of)
	out := map[string]string{}
	for named, heirs := range today {
		if i := slices.IndexFunc(heirs, func(o string) bool { return SpeaksFor(actor, o) }); i >= 0 {
			out[named] = heirs[i]
		}
	}
	return out, err
}

// belongs reports whether actor holds any role in one of some organisations.
func belongs(actor who.Actor, orgs []string) bool {
	return slices.ContainsFunc(actor.Grants, func(g who.Grant) bool { return g.Org != "" && slices.Contains(orgs, g.Org) })
}

// shared reports whether two lines have an organisation in common: then they are
// one, whatever their names were.
func shared(a, b []string) bool {
	return slices.ContainsFunc(a, func(o string) bool { return slices.Contains(b, o) })
}

// exists refuses an organisation of a field that there is not, or not any more.
func exists(ctx context.Context, tx *db.Tx, field, key string) error {
	o, err := org.Get(ctx, tx, key)
	if errors.Is(err, db.ErrNotFound) || err == nil && o.Ended(plan.Today(tx)) {
		return fault.Fields{{Name: field, Key: "fault.choice"}}
	}
	return err
}

// Governs reports of some organisations which are government, in one query.
func Governs(ctx context.Context, tx *db.Tx, orgs []string) (map[string]bool, error) {
	kinds, err := org.KindsOf(ctx, tx, orgs)
	out := make(map[string]bool, len(kinds))
	for key, kind := range kinds {
		out[key] = plan.Governs(kind)
	}
	return out, err
}
