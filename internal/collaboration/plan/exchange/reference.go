package exchange

import (
	"bytes"
	"context"
	"encoding/csv"
	"slices"
	"strings"

	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/collaboration/plan/template"
	"ceiba/internal/ground/db"
)

// Reference is a commitment of another country, or of this one as OGP's
// reviewers coded it: something to compare with, and no promise of this site.
type Reference struct {
	Source  Source
	Key     string // the file's own identifier
	Import  string // that brought it, or last changed it
	Plan    string // AP_BGR01
	Code    string // of the country or locality
	Country string
	Year    int // of submission; 0 if not known
	Number  string
	Title   string
	Body    string
	URL     string
	Cells   db.JSON[[]string]            // of OGP's table as they stood, in the order of the import's header
	Form    db.JSON[template.Commitment] // canonical form, where the file has one
	Record  string                       // commitment of this site that it is; empty for others
	Changed db.Time
}

const referenceColumns = `source, key, import, plan, code, country, year, number, title, body, url, cells, form, record, changed`

func referenceFields(r *Reference) []any {
	return []any{
		&r.Source, &r.Key, &r.Import, &r.Plan, &r.Code, &r.Country, &r.Year, &r.Number, &r.Title, &r.Body, &r.URL, &r.Cells, &r.Form,
		&r.Record, &r.Changed,
	}
}

// headerOf are the headings of a table of OGP's: those that OGP has in OGP's
// order, then others.
func headerOf(f *ogpfile.File) (out []string) {
	for _, c := range ogpfile.Columns() {
		if f.Has(c) {
			out = append(out, string(c))
		}
	}
	return append(out, f.Extra()...)
}

// referenceOf is a row of OGP's table with every cell as it stands.
func referenceOf(row ogpfile.Row, plan, key string, header []string) Reference {
	r := Reference{
		Source: OGP, Key: key, Plan: plan, Code: row.Text(ogpfile.ColCode), Country: row.Text(ogpfile.ColMember), Number: row.Text(ogpfile.ColNumber),
		Title: clean(row.Text(ogpfile.ColTitle)), Body: clean(row.Text(ogpfile.ColText)), URL: given(row, ogpfile.ColURL),
	}
	r.Year, _ = row.Value(ogpfile.ColSubmitted).Number()
	for _, h := range header {
		cell := row.Text(ogpfile.Column(h))
		if cell == "" {
			cell = row.Extra(h)
		}
		r.Cells.V = append(r.Cells.V, clean(cell))
	}
	return r
}

// keep stores a reference, and tells whether it is new or has changed.
func (r *Reference) keep(ctx context.Context, tx *db.Tx) (fresh, changed bool, err error) {
	old, err := db.List(ctx, tx, referenceFields, `SELECT `+referenceColumns+` FROM plan_reference WHERE source = $1 AND key = $2`, r.Source, r.Key)
	if err != nil {
		return false, false, err
	}
	r.Changed = db.Time{Time: tx.Now}
	if len(old) == 0 {
		_, err = tx.Exec(ctx, `INSERT INTO plan_reference (`+referenceColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
			r.Source, r.Key, r.Import, r.Plan, r.Code, r.Country, r.Year, r.Number, r.Title, r.Body, r.URL, r.Cells, r.Form, r.Record, r.Changed)
		return true, false, err
	}
	o := old[0]
	if slices.Equal(o.Cells.V, r.Cells.V) && o.Body == r.Body && o.Title == r.Title && o.Record == either(r.Record, o.Record) {
		return false, false, nil
	}
	return false, true, tx.MustChange(ctx, `UPDATE plan_reference SET import = $3, plan = $4, code = $5, country = $6, year = $7, number = $8, title = $9,
		body = $10, url = $11, cells = $12, form = $13, record = $14, changed = $15 WHERE source = $1 AND key = $2`,
		r.Source, r.Key, r.Import, r.Plan, r.Code, r.Country, r.Year, r.Number, r.Title, r.Body, r.URL, r.Cells, r.Form, either(r.Record, o.Record), r.Changed)
}

// table puts the rows of OGP's that are kept into one table again, with OGP's
// headings: what benchmarks are counted over.
func table(ctx context.Context, tx *db.Tx) (*ogpfile.File, []Reference, error) {
	all, err := db.List(ctx, tx, referenceFields, `SELECT `+referenceColumns+` FROM plan_reference ORDER BY source, key`)
	if err != nil {
		return nil, nil, err
	}
	headers, err := headersOf(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	var head []string
	for _, c := range ogpfile.Columns() {
		head = append(head, string(c))
	}
	if err := w.Write(head); err != nil {
		return nil, nil, err
	}
	for _, r := range all {
		if r.Source != OGP {
			continue
		}
		if err := w.Write(reordered(r.Cells.V, headers[r.Import], head)); err != nil {
			return nil, nil, err
		}
	}
	w.Flush()
	f, err := ogpfile.Read(&b)
	return f, all, err
}

// reordered are cells under one header as they stand under another; what that
// lacks is empty.
func reordered(cells, header, wanted []string) []string {
	at := map[string]string{}
	for i, h := range header {
		if i < len(cells) {
			at[h] = cells[i]
		}
	}
	out := make([]string, len(wanted))
	for i, h := range wanted {
		out[i] = at[h]
	}
	return out
}

func headersOf(ctx context.Context, tx *db.Tx) (map[string][]string, error) {
	type header struct {
		id    string
		names db.JSON[[]string]
	}
	all, err := db.List(ctx, tx, func(h *header) []any { return []any{&h.id, &h.names} }, `SELECT id, header FROM plan_import WHERE source = 'ogp'`)
	out := map[string][]string{}
	for _, h := range all {
		out[h.id] = h.names.V
	}
	return out, err
}

// compare orders by pairs of texts.
func compare(pairs ...string) int {
	for i := 0; i+1 < len(pairs); i += 2 {
		if c := strings.Compare(pairs[i], pairs[i+1]); c != 0 {
			return c
		}
	}
	return 0
}
