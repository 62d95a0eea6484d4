package catalog

import (
	"context"
	"fmt"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// Filter selects datasets; the zero Filter selects all that everybody may see.
type Filter struct {
	Query    string   // words that the title begins to match; the full search is service search's
	IDs      []string // only these, when not nil: what a full-text search found
	Org      string
	Theme    string
	District string
	Keyword  string
	State    State // empty: published
}

// Page is one page of a list.
type Page struct {
	Datasets []Dataset
	Next     string // cursor of the page that follows; empty at the end
}

// List returns the datasets of a filter, the last changed first. States other
// than published are only those of organisations in which actor may write.
func List(ctx context.Context, d *db.DB, actor who.Actor, f Filter, cursor string, limit int) (p Page, err error) {
	err = d.View(ctx, func(tx *db.Tx) error { p, err = list(ctx, tx, actor, f, cursor, limit); return err })
	return p, err
}

func list(ctx context.Context, tx *db.Tx, actor who.Actor, f Filter, cursor string, limit int) (Page, error) {
	where, args, ok := f.where(actor)
	if !ok {
		return Page{}, nil
	}
	keys := db.Keyset{Columns: []string{"changed", "id"}, Desc: true}
	after, more, err := keys.After(cursor, len(args)+1)
	if err != nil {
		return Page{}, err
	}
	args = append(args, more...)
	args = append(args, limit+1)
	ds, err := db.List(ctx, tx, fields, fmt.Sprintf(`SELECT %s FROM dataset WHERE %s AND %s %s LIMIT $%d`,
		columns, where, after, keys.OrderBy(), len(args)), args...)
	if err != nil {
		return Page{}, err
	}
	p := Page{Datasets: ds}
	if len(ds) > limit {
		last := ds[limit-1]
		p.Datasets, p.Next = ds[:limit], db.Cursor(last.Changed, last.ID)
	}
	return p, nil
}

// where builds the condition; ok is false if nothing can match.
func (f Filter) where(actor who.Actor) (where string, args []any, ok bool) {
	var conds []string
	add := func(cond string, v ...any) {
		n := len(args)
		for i := range v {
			cond = strings.Replace(cond, "?", fmt.Sprintf("$%d", n+i+1), 1)
		}
		conds, args = append(conds, cond), append(args, v...)
	}
	state := f.State
	if state == "" {
		state = Published
	}
	add("state = ?", state)
	if state != Published {
		orgs, everywhere := actor.Orgs("dataset.write")
		if !everywhere {
			if len(orgs) == 0 {
				return "", nil, false
			}
			in, values := db.In(len(args)+1, orgs)
			conds, args = append(conds, "org IN "+in), append(args, values...)
		}
	}
	if f.Org != "" {
		add("org = ?", f.Org)
	}
	if f.IDs != nil {
		in, values := db.In(len(args)+1, f.IDs)
		conds, args = append(conds, "id IN "+in), append(args, values...)
	}
	for _, t := range []struct{ facet, value string }{{"theme", f.Theme}, {"district", f.District}, {"keyword", f.Keyword}} {
		if t.value != "" {
			add("id IN (SELECT dataset FROM dataset_tag WHERE facet = ? AND value = ?)", t.facet, t.value)
		}
	}
	for _, word := range strings.Fields(id.Fold(f.Query)) {
		add("folded LIKE ? ESCAPE '!'", "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(word)+"%")
	}
	return strings.Join(conds, " AND "), args, true
}

// Count is how many published datasets have a value of a facet.
type Count struct {
	Value string
	N     int
}

// Counts returns the values of a facet (theme, district, keyword or org) among
// published datasets, the most frequent first.
func Counts(ctx context.Context, tx *db.Tx, facet string, limit int) ([]Count, error) {
	scan := func(c *Count) []any { return []any{&c.Value, &c.N} }
	if facet == "org" {
		return db.List(ctx, tx, scan, `SELECT org, count(*) FROM dataset WHERE state = 'published' GROUP BY org ORDER BY 2 DESC, 1 LIMIT $1`, limit)
	}
	return db.List(ctx, tx, scan, `SELECT value, count(*) FROM dataset_tag JOIN dataset ON dataset.id = dataset_tag.dataset
		WHERE facet = $1 AND state = 'published' GROUP BY value ORDER BY 2 DESC, 1 LIMIT $2`, facet, limit)
}
