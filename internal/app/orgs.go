package app

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"

	"ceiba/internal/face/module"
	"ceiba/internal/ground/db"
	"ceiba/internal/innovation/catalog"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
	remember "ceiba/internal/service/who/brief"
)

// orgs gives domains what they need to know of organisations.
type orgs struct{ names *remember.Cache[string] }

// newOrgs remembers names for as long as none changes, and for less than a second.
func newOrgs(d *db.DB) orgs {
	hints, _ := d.Waiting(org.Topic) // for the life of the process
	return orgs{remember.New[string](time.Now, hints)}
}

// Names returns the names of those that exist, by id. Most ask for one, again
// and again.
func (o orgs) Names(ctx context.Context, tx *db.Tx, ids []string) (map[string]string, error) {
	lang := i18n.LangOf(ctx)
	if len(ids) != 1 {
		return org.Names(ctx, tx, lang, ids)
	}
	key := lang + " " + ids[0]
	name, known, mark := o.names.Get(key)
	if known {
		return map[string]string{ids[0]: name}, nil
	}
	found, err := org.Names(ctx, tx, lang, ids)
	if name, ok := found[ids[0]]; err == nil && ok {
		o.names.Put(key, name, mark)
	}
	return found, err
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
		fmt.Fprintf(c.Err, "There was no organisation %q, so it was made.\n", o.Name)
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
