package meeting

import (
	"context"
	"fmt"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
)

// zone is the time in which meetings are shown.
var zone = i18n.Belize

// Filter selects meetings; the zero Filter selects all.
type Filter struct {
	Of       record.Ref
	District string
	Purpose  string
	Past     bool // those that began before Now, the newest first; else those to come, the next first
	Now      db.Time
	All      bool // past and to come, for the calendar: those of the last year and after
}

// List returns a page of meetings and the cursor of the next.
func List(ctx context.Context, tx *db.Tx, f Filter, cursor string, limit int) ([]Meeting, string, error) {
	conds, args := []string{}, []any{}
	add := func(cond string, v any) {
		args = append(args, v)
		conds = append(conds, fmt.Sprintf(cond, len(args)))
	}
	switch {
	case f.All:
		add("starts >= $%d", db.Time{Time: f.Now.AddDate(-1, 0, 0)})
	case f.Past:
		add("ends < $%d", f.Now)
	default:
		add("ends >= $%d", f.Now)
	}
	if f.Of.Kind != "" {
		add("of_kind = $%d", f.Of.Kind)
		add("of_id = $%d", f.Of.ID)
	}
	if f.District != "" {
		add("district = $%d", f.District)
	}
	if f.Purpose != "" {
		add("purpose = $%d", f.Purpose)
	}
	keys := db.Keyset{Columns: []string{"starts", "id"}, Desc: f.Past}
	after, more, err := keys.After(cursor, len(args)+1)
	if err != nil {
		return nil, "", err
	}
	args = append(append(args, more...), limit+1)
	ms, err := db.List(ctx, tx, fields, fmt.Sprintf(`SELECT %s FROM meeting WHERE %s AND %s %s LIMIT $%d`,
		columns, strings.Join(conds, " AND "), after, keys.OrderBy(), len(args)), args...)
	if err != nil || len(ms) <= limit {
		return ms, "", err
	}
	last := ms[limit-1]
	return ms[:limit], db.Cursor(last.Starts, last.ID), nil
}

// HeldBy returns the newest meetings of a body that were held, at most limit.
func HeldBy(ctx context.Context, tx *db.Tx, of record.Ref, limit int) ([]Meeting, error) {
	return db.List(ctx, tx, fields, `SELECT `+columns+` FROM meeting WHERE of_kind = $1 AND of_id = $2 AND held IS NOT NULL ORDER BY starts DESC, id DESC LIMIT $3`,
		of.Kind, of.ID, limit)
}

// Next returns the meetings of a body to come, the next first.
func Next(ctx context.Context, tx *db.Tx, of record.Ref, limit int) ([]Meeting, error) {
	return db.List(ctx, tx, fields, `SELECT `+columns+` FROM meeting WHERE of_kind = $1 AND of_id = $2 AND state = 'announced' AND ends >= $3 ORDER BY starts, id LIMIT $4`,
		of.Kind, of.ID, db.Time{Time: tx.Now}, limit)
}

// Bodies returns the bodies that have meetings, those of the newest first.
func Bodies(ctx context.Context, tx *db.Tx, limit int) ([]record.Ref, error) {
	return db.List(ctx, tx, func(r *record.Ref) []any { return []any{&r.Kind, &r.ID} },
		`SELECT of_kind, of_id FROM meeting GROUP BY of_kind, of_id ORDER BY max(starts) DESC, of_id LIMIT $1`, limit)
}
