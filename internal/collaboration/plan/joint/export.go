package joint

import (
	"context"
	"io"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/org"
	"ceiba/internal/service/table/csv"
)

// Row is a pledge as a file has it.
type Row struct {
	Pledge
	Project  string // title of the project
	State    State  // of the project
	Giver    string // name of the organisation
	Governs  bool
	Answered string // name of the partner that said last whether it is kept; empty for none
}

// Rows returns the pledges of a project, or of all for an empty id, at most limit
// after the pledge of an id.
func Rows(ctx context.Context, tx *db.Tx, project, lang, after string, limit int) ([]Row, error) {
	rows, err := db.List(ctx, tx, func(r *Row) []any { return append(pledgeFields(&r.Pledge), &r.Project, &r.State, &r.Answered) },
		`SELECT g.id, g.joint, g.org, g.what, g.in_kind, g.amount, g.currency, g.due, g.state, g.since, g.changed, g.version, p.title, p.state,
		coalesce((SELECT w.org FROM joint_word w WHERE w.pledge = g.id AND w.org <> g.org AND w.says IN ('kept', 'not_kept') ORDER BY w.at DESC, w.id DESC LIMIT 1), '')
		FROM joint_pledge g JOIN joint p ON p.id = g.joint WHERE (g.joint = $1 OR $1 = '') AND g.id > $2 ORDER BY g.id LIMIT $3`, project, after, limit)
	if err != nil {
		return nil, err
	}
	var orgs, givers []string
	for _, r := range rows {
		orgs, givers = append(orgs, r.Org, r.Answered), append(givers, r.Org)
	}
	names, err := org.Names(ctx, tx, lang, orgs)
	if err != nil {
		return nil, err
	}
	governs, err := Governs(ctx, tx, givers)
	for i := range rows {
		r := &rows[i]
		r.Giver, r.Answered, r.Governs = names[r.Org], names[r.Answered], governs[r.Org]
	}
	return rows, err
}

// header names the columns of WriteRows.
var header = []string{
	"pledge", "project", "project_title", "project_state", "organisation", "organisation_name", "sector", "what", "kind", "amount", "currency",
	"due", "standing", "overdue", "since", "answered_by",
}

// WriteRows writes the pledges of a project as a table for people with a
// spreadsheet, or all of them for an empty id. It reads in pages, so that a long
// file holds nobody up.
func (p *Projects) WriteRows(ctx context.Context, w io.Writer, project, lang string) error {
	out := csv.NewWriter(w, header, true)
	const page = 500
	for after := ""; ; {
		var rows []Row
		today := ""
		if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
			today = plan.Today(tx)
			rows, err = Rows(ctx, tx, project, lang, after, page)
			return err
		}); err != nil {
			return err
		}
		for _, r := range rows {
			if err := out.Row(r.cells(today)); err != nil {
				return err
			}
			after = r.ID
		}
		if len(rows) < page {
			return out.Close()
		}
	}
}

func (r *Row) cells(today string) []any {
	sector, kind := "non_government", "money"
	if r.Governs {
		sector = "government"
	}
	if r.InKind {
		kind = "in_kind"
	}
	var amount, currency any
	if r.Amount.Minor != 0 {
		amount, currency = r.Amount.Decimal(), r.Amount.Currency
	}
	return []any{
		r.ID, r.Joint, r.Project, string(r.State), r.Org, r.Giver, sector, r.What, kind, amount, currency, r.Due, string(r.Pledge.State),
		r.Overdue(today), plan.DayOf(r.Since.Time), r.Answered,
	}
}
