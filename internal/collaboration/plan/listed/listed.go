package listed

import (
	"context"
	"slices"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/face/api"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/module"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Lists joins the lists with what they stand on.
type Lists struct {
	*plan.Plans
	Kinds func() *record.Registry
	Base  func() string // public address
}

// Module declares the lists. Their words are the plans'.
func (l *Lists) Module() module.Module {
	return module.Module{Name: "planlisted", Routes: l.routes, API: l.api}
}

// list is what routes and API have in common.
type list interface {
	Routes(*web.Routes)
	API(*api.API)
}

func (l *Lists) all() []list {
	return []list{l.commitments(), l.milestones(), l.reports(), l.outreach(), l.documents(), l.requirements()}
}

func (l *Lists) routes(r *web.Routes) {
	for _, x := range l.all() {
		x.Routes(r)
	}
}

func (l *Lists) api(a *api.API) {
	for _, x := range l.all() {
		x.API(a)
	}
}

// among are the plans that a list goes through: the one that it is filtered by, or
// all public ones, the newest first.
func among(ctx context.Context, tx *db.Tx, key, commitment string) ([]plan.Plan, error) {
	actor := who.From(ctx)
	if commitment != "" {
		ref, _, err := record.Resolve(ctx, tx, "commitment", commitment)
		if err != nil {
			return nil, err
		}
		_, pl, err := plan.SeeCommitment(ctx, tx, actor, ref.ID)
		return []plan.Plan{pl}, err
	}
	if key != "" {
		ref, _, err := record.Resolve(ctx, tx, "plan", key)
		if err != nil {
			return nil, err
		}
		pl, err := plan.See(ctx, tx, actor, ref.ID)
		return []plan.Plan{pl}, err
	}
	all, err := plan.List(ctx, tx, actor)
	all = slices.DeleteFunc(all, func(p plan.Plan) bool { return !p.Public() })
	slices.SortFunc(all, func(a, b plan.Plan) int { return strings.Compare(b.ID, a.ID) })
	return all, err
}

// through goes from plan to plan until a page is full. The cursor is the plan and
// the row after which to go on.
func through[R any](plans []plan.Plan, cursor string, limit int, id func(R) string, of func(plan.Plan) ([]R, error)) (out []R, next string, err error) {
	from, last, _ := strings.Cut(cursor, ".")
	for i, pl := range plans {
		if from != "" && pl.ID > from { // they go from the newest to the oldest
			continue
		}
		rows, err := of(pl)
		if err != nil {
			return nil, "", err
		}
		if pl.ID == from {
			k := slices.IndexFunc(rows, func(r R) bool { return id(r) == last })
			if k < 0 { // the list changed: beginning again would count rows twice
				return nil, "", db.ErrCursor
			}
			rows = rows[k+1:]
		}
		if room := limit - len(out); len(rows) > room || len(rows) == room && i < len(plans)-1 {
			return append(out, rows[:room]...), pl.ID + "." + id(rows[room-1]), nil
		}
		out = append(out, rows...)
	}
	return out, "", nil
}

// name says in words what a list of the plans is filtered by.
func (l *Lists) name(ctx context.Context, tx *db.Tx, filter, value string) (ui.Link, error) {
	switch filter {
	case "plan", "commitment":
		ref, _, err := record.Resolve(ctx, tx, filter, value)
		if err != nil {
			return ui.Link{}, err
		}
		c, err := l.Kinds().One(ctx, tx, who.From(ctx), ref)
		return ui.Link{Text: c.Title, Href: c.Path()}, err
	case "district":
		return ui.Link{Text: i18n.T(ctx, "geo.district."+value)}, nil
	case "on":
		return ui.Link{Text: i18n.CivilDate(ctx, value)}, nil
	case "step":
		if key := "plan.phase_kind." + value; i18n.Has(ctx, key) {
			return ui.Link{Text: i18n.T(ctx, key)}, nil
		}
	case "phase":
		if key := "plan.phase_of." + value; i18n.Has(ctx, key) {
			return ui.Link{Text: i18n.T(ctx, key)}, nil
		}
	case "rule":
		return ui.Link{Text: value + " " + i18n.T(ctx, "plan.rule."+value)}, nil
	}
	return ui.Link{}, nil
}

// orgNames are the names of organisations in the reader's language.
func orgNames(ctx context.Context, tx *db.Tx, ids []string) (map[string]string, error) {
	return org.Names(ctx, tx, i18n.LangOf(ctx), ids)
}

func day(ctx context.Context, civil string) ui.Cell { return ui.Text(i18n.CivilDate(ctx, civil)) }

// col is a column of text.
func col[R any](name string, cell func(ctx context.Context, r R) ui.Cell) listing.Column[R] {
	return listing.Column[R]{Name: name, Cell: cell}
}

// dayCol is a column of civil dates, which do not break.
func dayCol[R any](name string, of func(r R) string) listing.Column[R] {
	return listing.Column[R]{Name: name, Kind: ui.Day, Cell: func(ctx context.Context, r R) ui.Cell { return day(ctx, of(r)) }}
}

// head is the column that names the row.
func head[R any](name string, cell func(ctx context.Context, r R) ui.Cell) listing.Column[R] {
	return listing.Column[R]{Name: name, Cell: cell, Head: true}
}

// numeric is a column of numbers.
func numeric[R any](name string, n func(r R) int) listing.Column[R] {
	return listing.Column[R]{Name: name, Kind: ui.Numeric, Cell: func(ctx context.Context, r R) ui.Cell { return ui.Text(i18n.Number(ctx, n(r))) }}
}
