package answer

import (
	"context"
	"fmt"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
)

// Asked is something that people asked for over all calls of a record: a theme
// with its inputs, or an input of no theme with what was merged into it.
type Asked struct {
	Key      string // id of the theme, or of the input
	Theme    bool
	Title    string // the theme's, or the input's; empty where an input has none
	Text     string // of the input; empty for a theme
	Lang     string
	Box      string // id of the call
	Call     string // its title
	Inputs   int
	Answered int // with an outcome
	Supports int // people who support at least one of the inputs, each counted once
	Points   int // that people gave to the inputs
}

func askedFields(a *Asked) []any {
	return []any{&a.Key, &a.Theme, &a.Title, &a.Text, &a.Lang, &a.Box, &a.Call, &a.Inputs, &a.Answered, &a.Supports, &a.Points}
}

// Wish selects among what people asked for, by who said it; the zero Wish
// selects all that others can see.
type Wish struct {
	Box      string // of this call alone
	District string
	Sector   string
	Lang     string
	Sort     string // "points", the most first; else "supports"
	State    string // of an input; "open" for all without an outcome, "answered" for all with one
}

// askedInputs are the inputs of a record's published calls that others can see,
// each with the key of what it belongs to: its theme, or that of the input into
// which it was merged, or that input, or itself.
const askedInputs = `WITH said AS (SELECT i.id, i.box, i.state, i.points,
	CASE WHEN i.theme <> '' THEN i.theme WHEN coalesce(r.theme, '') <> '' THEN r.theme ELSE coalesce(r.id, i.id) END AS key
	FROM answer_input i JOIN answer_box b ON b.id = i.box LEFT JOIN answer_input r ON r.id = i.root AND i.root <> '' AND r.view = 'visible'
	WHERE ($1 = '' OR b.of_kind = $1 AND b.of_id = $2) AND b.published IS NOT NULL AND i.view = 'visible'`

func (w Wish) query(of record.Ref) query {
	q := query{args: []any{of.Kind, of.ID}}
	for _, x := range []struct{ column, value string }{{"box", w.Box}, {"district", w.District}, {"sector", w.Sector}, {"lang", w.Lang}} {
		if x.value != "" {
			q.add("i."+x.column+" = ?", x.value)
		}
	}
	switch w.State {
	case "":
	case "open":
		q.add("i.state IN ('received', 'acknowledged', 'considered')")
	case "answered":
		q.add("i.state NOT IN ('received', 'acknowledged', 'considered')")
	default:
		q.add("i.state = ?", w.State)
	}
	return q
}

func (q query) and() string {
	if len(q.conds) == 0 {
		return ""
	}
	return " AND " + strings.Join(q.conds, " AND ")
}

func (w Wish) keys() db.Keyset {
	if w.Sort == "points" {
		return db.Keyset{Columns: []string{"points", "supports", "key"}, Desc: true}
	}
	return db.Keyset{Columns: []string{"supports", "points", "key"}, Desc: true}
}

// outer is the same order around the rank, where columns need their table.
func (w Wish) outer() db.Keyset {
	k := w.keys()
	for i, c := range k.Columns {
		k.Columns[i] = "ranked." + c
	}
	return k
}

// AskedOf returns a page of what people asked for over all published calls of a
// record, the most supported first or what has the most points, and the cursor of
// the next page. The caller has checked that the reader may see the record.
func AskedOf(ctx context.Context, tx *db.Tx, of record.Ref, w Wish, cursor string, limit int) (list []Asked, next string, err error) {
	q, keys := w.query(of), w.keys()
	after, more, err := keys.After(cursor, len(q.args)+1)
	if err != nil {
		return nil, "", err
	}
	args := append(append(q.args, more...), limit+1)
	list, err = db.List(ctx, tx, askedFields, fmt.Sprintf(askedInputs+`%s),
		backed AS (SELECT said.key, count(DISTINCT s.person) AS n FROM said JOIN answer_support s ON s.input = said.id GROUP BY said.key),
		grouped AS (SELECT key, min(box) AS box, count(*) AS n, sum(CASE WHEN state IN ('received', 'acknowledged', 'considered') THEN 0 ELSE 1 END) AS answered,
			sum(points) AS points FROM said GROUP BY key),
		ranked AS (SELECT g.key, g.box, g.n, g.answered, coalesce(k.n, 0) AS supports, g.points FROM grouped g LEFT JOIN backed k ON k.key = g.key)
		SELECT ranked.key, t.id IS NOT NULL, coalesce(t.title, x.title, ''), CASE WHEN t.id IS NULL THEN coalesce(x.body, '') ELSE '' END,
			coalesce(CASE WHEN t.id IS NULL THEN x.lang END, b.lang), ranked.box, b.title, ranked.n, ranked.answered, ranked.supports, ranked.points
		FROM (SELECT * FROM ranked WHERE %s %s LIMIT $%d) ranked JOIN answer_box b ON b.id = ranked.box
		LEFT JOIN answer_theme t ON t.id = ranked.key LEFT JOIN answer_input x ON x.id = ranked.key %s`,
		q.and(), after, keys.OrderBy(), len(args), w.outer().OrderBy()), args...)
	if len(list) > limit {
		last := list[limit-1]
		list = list[:limit]
		if next = db.Cursor(last.Supports, last.Points, last.Key); w.Sort == "points" {
			next = db.Cursor(last.Points, last.Supports, last.Key)
		}
	}
	return list, next, err
}

// AskedSum is how much was asked for in all.
type AskedSum struct {
	Things   int // themes, and inputs of none
	Inputs   int
	Answered int
	Calls    int
}

// AskedIn sums up what a Wish selects.
func AskedIn(ctx context.Context, tx *db.Tx, of record.Ref, w Wish) (AskedSum, error) {
	q := w.query(of)
	return db.Get(ctx, tx, func(s *AskedSum) []any { return []any{&s.Things, &s.Inputs, &s.Answered, &s.Calls} }, askedInputs+q.and()+`)
		SELECT count(DISTINCT key), count(*), coalesce(sum(CASE WHEN state IN ('received', 'acknowledged', 'considered') THEN 0 ELSE 1 END), 0), count(DISTINCT box) FROM said`, q.args...)
}

// InputsAsking returns a page of the inputs behind something that people asked
// for, or behind all of it where key is empty, the newest first, and the cursor of
// the next page. The zero of is every record.
func InputsAsking(ctx context.Context, tx *db.Tx, of record.Ref, w Wish, key, cursor string, limit int) (list []Input, next string, err error) {
	q := w.query(of)
	args, only := q.args, ""
	if key != "" {
		args = append(args, key)
		only = fmt.Sprintf(" WHERE key = $%d", len(args))
	}
	keys := db.Keyset{Columns: []string{"received", "id"}, Desc: true}
	after, more, err := keys.After(cursor, len(args)+1)
	if err != nil {
		return nil, "", err
	}
	args = append(append(args, more...), limit+1)
	list, err = db.List(ctx, tx, inputFields, fmt.Sprintf(askedInputs+`%s) SELECT %s FROM answer_input WHERE id IN (SELECT id FROM said%s) AND %s %s LIMIT $%d`,
		q.and(), inputColumns, only, after, keys.OrderBy(), len(args)), args...)
	if len(list) > limit {
		last := list[limit-1]
		list, next = list[:limit], db.Cursor(last.Received, last.ID)
	}
	return list, next, err
}
