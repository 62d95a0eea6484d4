package app

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"ceiba/internal/face/module"
	"ceiba/internal/ground/db"
	"ceiba/internal/innovation/catalog"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// orgs gives domains what they need to know of organisations.
type orgs struct{}

// Names returns the names of those that exist, by id.
func (orgs) Names(ctx context.Context, tx *db.Tx, ids []string) (map[string]string, error) {
	return org.Names(ctx, tx, i18n.LangOf(ctx), ids)
}

// Choices returns those that actor may act for, sorted by name.
func (orgs) Choices(ctx context.Context, tx *db.Tx, actor who.Actor, action string) ([]catalog.Choice, error) {
	choices, err := org.Choices(ctx, tx, actor, action)
	out := make([]catalog.Choice, len(choices))
	for i, c := range choices {
		out[i] = catalog.Choice(c)
	}
	return out, err
}

// ensureOrg finds the organisation that a command names, or makes it and says
// so.
func (a *App) ensureOrg(c *console, name string) (string, error) {
	o, made, err := org.EnsureByName(c.ctx, a.DB, a.System(), name, org.National)
	if made {
		fmt.Fprintf(c.err, "There was no organisation %q, so it was made.\n", o.Name)
	}
	return o.ID, err
}

// sortedNav is the navigation of all modules in its order.
func (a *App) sortedNav() []module.Nav {
	var out []module.Nav
	for _, m := range a.Modules {
		out = append(out, m.Nav...)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Order < out[j].Order })
	return out
}

// below reports whether a path is another or stands below it.
func below(path, top string) bool {
	return path == top || top != "/" && strings.HasPrefix(path, strings.TrimSuffix(top, "/")+"/")
}
