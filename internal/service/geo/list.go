package geo

import (
	"context"
	"fmt"
	"slices"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
)

// findMost is how many places that answer some words are put in order; more of
// them tell nobody anything.
const findMost = 1000

// Question asks for places. What is empty leaves nothing out.
type Question struct {
	Words    string // as Search reads them
	District string // in which they lie
	Kind     Kind
	Limit    int    // of one page
	Cursor   string // Next of the page before
}

// Page is a part of the places that answer a Question.
type Page struct {
	Places []Match
	Total  int    // of all pages
	More   bool   // there are more than Total
	Next   string // "" at the end
}

// List answers a Question: with words the best come first, as in Search, and
// names that only a typing error explains are left out where others fit;
// without words they come by name. At least one place is read, whatever the
// limit. A cursor of another list is a fault of kind Malformed.
func List(ctx context.Context, tx *db.Tx, q Question) (Page, error) {
	q.Limit = max(q.Limit, 1)
	if foldName(q.Words) != "" {
		return q.ranked(ctx, tx)
	}
	return q.byName(ctx, tx)
}

// ranked puts all that fits in order and cuts the page out of it.
func (q Question) ranked(ctx context.Context, tx *db.Tx) (Page, error) {
	s := seeker{tx: tx, limit: findMost, pool: findMost, kind: q.Kind, district: q.District}
	all, err := s.search(ctx, q.Words)
	if err != nil {
		return Page{}, err
	}
	if q.District != "" {
		all = slices.DeleteFunc(all, func(m Match) bool { return m.District != q.District })
	}
	if len(all) > 0 && all[0].Fit < FitTypo {
		all = slices.DeleteFunc(all, func(m Match) bool { return m.Fit == FitTypo })
	}
	page := Page{Total: len(all), More: len(all) == findMost}
	if q.Cursor != "" {
		at := slices.IndexFunc(all, func(m Match) bool { return m.ID == q.Cursor })
		if at < 0 {
			return Page{}, fault.New(fault.Malformed, "geo.cursor")
		}
		all = all[at+1:]
	}
	if len(all) > q.Limit {
		all = all[:q.Limit]
		page.Next = all[q.Limit-1].ID
	}
	page.Places = all
	return page, nil
}

// byNameOrder is the order of a list without words.
var byNameOrder = db.Keyset{Columns: []string{"folded", "id"}}

func (q Question) byName(ctx context.Context, tx *db.Tx) (page Page, err error) {
	const where = `($1 = '' OR district = $1) AND ($2 = '' OR kind = $2)`
	args := []any{q.District, string(q.Kind)}
	if page.Total, err = db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM place WHERE `+where, args...); err != nil {
		return page, err
	}
	after, more, err := byNameOrder.After(q.Cursor, len(args)+1)
	if err != nil {
		return page, fault.New(fault.Malformed, "geo.cursor").Wrap(err)
	}
	args = append(append(args, more...), q.Limit+1)
	places, err := listPlaces(ctx, tx, fmt.Sprintf(`WHERE %s AND %s %s LIMIT $%d`, where, after, byNameOrder.OrderBy(), len(args)), args...)
	if len(places) > q.Limit {
		places = places[:q.Limit]
		last := places[q.Limit-1]
		page.Next = db.Cursor(foldName(last.Name), last.ID)
	}
	for _, p := range places {
		page.Places = append(page.Places, Match{Place: p})
	}
	return page, err
}
