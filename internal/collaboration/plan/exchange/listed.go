package exchange

import (
	"context"
	"fmt"

	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
)

// PlanReferenceQuery is what reference commitments are filtered by.
type PlanReferenceQuery struct {
	Country string `query:"country" doc:"As OGP's table calls it"`
	listing.Paged
}

// PlanReferenceRow is a commitment of another country, kept for comparison.
type PlanReferenceRow struct {
	Source  string `json:"source"`
	Key     string `json:"key"`
	Plan    string `json:"plan" doc:"Such as AP_BGR01"`
	Country string `json:"country"`
	Year    int    `json:"year"`
	Number  string `json:"number"`
	Title   string `json:"title"`
	Text    string `json:"text"`
	Address string `json:"url"`
	ref     Reference
}

func (x *Exchange) referenceList() listing.List[PlanReferenceQuery, PlanReferenceRow] {
	return listing.List[PlanReferenceQuery, PlanReferenceRow]{
		Path: "/plan-references", Tag: "Plans", Summary: "Commitments of other countries, for comparison", Words: "planexchange.list.", DB: x.DB, Base: x.Base, Shared: true,
		Rows: func(ctx context.Context, tx *db.Tx, q PlanReferenceQuery, cursor string, limit int) (out []PlanReferenceRow, next string, err error) {
			all, next, err := references(ctx, tx, q.Country, cursor, limit)
			for _, r := range all {
				out = append(out, PlanReferenceRow{string(r.Source), r.Key, r.Plan, r.Country, r.Year, r.Number, r.Title, r.Body, r.URL, r})
			}
			return out, next, err
		},
		Columns: []listing.Column[PlanReferenceRow]{
			{Name: "title", Head: true, Cell: func(_ context.Context, r PlanReferenceRow) ui.Cell { return ui.LinkCell(r.Title, referenceHref(r.ref)) }},
			{Name: "country", Cell: func(_ context.Context, r PlanReferenceRow) ui.Cell { return ui.Text(r.Country) }},
			{Name: "plan", Cell: func(_ context.Context, r PlanReferenceRow) ui.Cell { return ui.Text(r.Plan) }},
		},
	}
}

// references are a page of the reference commitments of a country, or of all.
func references(ctx context.Context, tx *db.Tx, country, cursor string, limit int) (rows []Reference, next string, err error) {
	after, args, err := byCountry.After(cursor, 2)
	if err != nil {
		return nil, "", err
	}
	args = append(append([]any{clean(country)}, args...), limit+1)
	rows, err = db.List(ctx, tx, referenceFields, `SELECT `+referenceColumns+` FROM plan_reference WHERE ($1 = '' OR country = $1) AND `+after+` `+
		byCountry.OrderBy()+fmt.Sprintf(` LIMIT $%d`, len(args)), args...)
	if len(rows) > limit {
		rows = rows[:limit]
		l := rows[limit-1]
		next = db.Cursor(l.Country, l.Plan, string(l.Source), l.Key)
	}
	return rows, next, err
}
