package answer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who"
)

// Filter selects inputs of a call; the zero Filter selects all that others can see.
type Filter struct {
	State     State
	Open      bool // those without an outcome
	Done      bool // those with one
	Contested bool // those whose author contests the answer
	Kind      string
	District  string
	Sector    string
	Lang      string
	Channel   string
	Theme     string
	Words     string
	Sort      string // "supports" or "points", the most first; else the newest first
}

// Sorts are the orders of a list, beside the newest first.
var Sorts = []string{"supports", "points"}

// query is the text of a list and its arguments.
type query struct {
	conds []string
	args  []any
}

// add adds a condition, in which each ? is the next argument.
func (q *query) add(cond string, args ...any) {
	for _, a := range args {
		q.args = append(q.args, a)
		cond = strings.Replace(cond, "?", fmt.Sprintf("$%d", len(q.args)), 1)
	}
	q.conds = append(q.conds, cond)
}

func (f Filter) query(box string) query {
	q := query{}
	q.add("box = ? AND view = 'visible'", box)
	for _, x := range []struct{ column, value string }{
		{"state", string(f.State)}, {"kind", f.Kind}, {"district", f.District}, {"sector", f.Sector}, {"lang", f.Lang}, {"channel", f.Channel}, {"theme", f.Theme},
	} {
		if x.value != "" {
			q.add(x.column+" = ?", x.value)
		}
	}
	if f.Open {
		q.add("state IN ('received', 'acknowledged', 'considered')")
	}
	if f.Done {
		q.add("state NOT IN ('received', 'acknowledged', 'considered')")
	}
	if f.Contested {
		q.add("id IN (SELECT input FROM answer_rating WHERE contest <> '' AND NOT settled)")
	}
	words := telling(f.Words)
	for _, w := range words[:min(len(words), 8)] {
		q.add("id IN (SELECT input FROM answer_word WHERE box = ? AND word >= ? AND word < ?)", box, w, w+"\U0010FFFF")
	}
	if f.Words != "" && len(words) == 0 {
		q.add("FALSE")
	}
	return q
}

func (f Filter) keys() db.Keyset {
	if slices.Contains(Sorts, f.Sort) {
		return db.Keyset{Columns: []string{f.Sort, "id"}, Desc: true}
	}
	return db.Keyset{Columns: []string{"received", "id"}, Desc: true}
}

// Inputs returns a page of the inputs of a call that others can see, and the cursor
// of the next page. The caller has checked that the reader may see the call.
func Inputs(ctx context.Context, tx *db.Tx, box string, f Filter, cursor string, limit int) (list []Input, next string, err error) {
	q, keys := f.query(box), f.keys()
	after, more, err := keys.After(cursor, len(q.args)+1)
	if err != nil {
		return nil, "", err
	}
	args := append(append(q.args, more...), limit+1)
	list, err = db.List(ctx, tx, inputFields, fmt.Sprintf(`SELECT %s FROM answer_input WHERE %s AND %s %s LIMIT $%d`,
		inputColumns, strings.Join(q.conds, " AND "), after, keys.OrderBy(), len(args)), args...)
	if len(list) > limit {
		last := list[limit-1]
		list = list[:limit]
		switch f.Sort {
		case "supports":
			next = db.Cursor(last.Supports, last.ID)
		case "points":
			next = db.Cursor(last.Points, last.ID)
		default:
			next = db.Cursor(last.Received, last.ID)
		}
	}
	return list, next, err
}

// Facets are the columns by which Tally counts.
var Facets = []string{"state", "kind", "district", "sector", "lang", "channel"}

// Tally counts the inputs of a call that others can see, by one of Facets, the most
// frequent first.
func Tally(ctx context.Context, tx *db.Tx, box, facet string) ([]Count, error) {
	if !slices.Contains(Facets, facet) {
		return nil, fmt.Errorf("inputs are not counted by %q", facet)
	}
	return db.List(ctx, tx, countFields, `SELECT `+facet+`, count(*) FROM answer_input WHERE box = $1 AND view = 'visible' GROUP BY `+facet+` ORDER BY 2 DESC, 1`, box)
}

// Matching counts how many inputs a filter selects, at most most.
func Matching(ctx context.Context, tx *db.Tx, box string, f Filter, most int) (int, error) {
	q := f.query(box)
	args := append(q.args, most)
	return db.Get(ctx, tx, db.One[int], fmt.Sprintf(`SELECT count(*) FROM (SELECT id FROM answer_input WHERE %s LIMIT $%d) x`, strings.Join(q.conds, " AND "), len(args)), args...)
}

// Standing is how far the answers of a call are.
type Standing struct {
	States   map[State]int
	All      int
	Answered int // with an outcome
}

// StandingOf counts the inputs of a call by state.
func StandingOf(ctx context.Context, tx *db.Tx, box string) (s Standing, err error) {
	counts, err := Tally(ctx, tx, box, "state")
	s.States = map[State]int{}
	for _, c := range counts {
		s.States[State(c.Value)] = c.N
		s.All += c.N
		if State(c.Value).Done() {
			s.Answered += c.N
		}
	}
	return s, err
}

// Mine returns a page of the inputs that a person gave, the newest first, and the
// cursor of the next page. Anonymous ones are nobody's.
func Mine(ctx context.Context, tx *db.Tx, actor who.Actor, cursor string, limit int) (list []Input, next string, err error) {
	keys := db.Keyset{Columns: []string{"received", "id"}, Desc: true}
	after, args, err := keys.After(cursor, 3)
	if err != nil || !actor.SignedIn() {
		return nil, "", err
	}
	list, err = db.List(ctx, tx, inputFields, `SELECT `+inputColumns+` FROM answer_input WHERE author = $1 AND author <> '' AND `+after+` `+keys.OrderBy()+` LIMIT $2`,
		append([]any{actor.ID, limit + 1}, args...)...)
	if len(list) > limit {
		last := list[limit-1]
		list, next = list[:limit], db.Cursor(last.Received, last.ID)
	}
	return list, next, err
}

// Look returns an input that actor may read, and its call: those that others can
// see, one's own, and for moderators all. A hidden one says why it is.
func (o *Office) Look(ctx context.Context, tx *db.Tx, actor who.Actor, input string) (in Input, b Box, err error) {
	if in, err = inputByID(ctx, tx, input); err != nil {
		return in, b, err
	}
	if !in.seenBy(actor) {
		if in.View == Hidden {
			return Input{}, b, fault.New(fault.Gone, "answer.hidden", "reason", in.Why)
		}
		return Input{}, b, db.ErrNotFound
	}
	b, err = boxByID(ctx, tx, in.Box)
	return in, b, err
}

func (in Input) seenBy(actor who.Actor) bool {
	return in.View == Visible || in.Author != "" && in.Author == actor.ID || in.View != Unshown && actor.May("record.moderate", who.Site)
}

// HeldInputs returns what waits for a moderator, the oldest first, at most 100.
func HeldInputs(ctx context.Context, tx *db.Tx, actor who.Actor) ([]Input, error) {
	if err := actor.Must("record.moderate", who.Site); err != nil {
		return nil, err
	}
	return db.List(ctx, tx, inputFields, `SELECT `+inputColumns+` FROM answer_input WHERE view = 'held' ORDER BY received, id LIMIT 100`)
}

// HeldCount is how many inputs wait for a moderator.
func HeldCount(ctx context.Context, tx *db.Tx) (int, error) {
	return db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM answer_input WHERE view = 'held'`)
}

// Hide takes an input out of what others can read, with a reason that stands at
// its address, or lets it appear (again). Its author still follows it by the
// receipt.
func (o *Office) Hide(ctx context.Context, tx *db.Tx, actor who.Actor, input string, hide bool, why string) error {
	if err := actor.Must("record.moderate", who.Site); err != nil {
		return err
	}
	in, err := inputByID(ctx, tx, input)
	if err != nil || in.View == Unshown {
		return db.ErrNotFound
	}
	var p fault.Fields
	to, verb := Visible, "input.shown"
	why = strings.TrimSpace(why)
	if hide {
		to, verb = Hidden, "input.hidden"
		p.Require("why", why)
		p.MaxLen("why", why, 500)
	} else {
		why = ""
	}
	if err := p.Err(); err != nil {
		return err
	}
	if in.View == to {
		return nil
	}
	in.View, in.Why = to, why
	if to == Visible && in.Shown.IsZero() {
		in.Shown = db.Time{Time: tx.Now}
	}
	if _, err := tx.Exec(ctx, `UPDATE answer_input SET view = $2, why = $3, shown = $4 WHERE id = $1`, in.ID, in.View, in.Why, in.Shown); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO answer_seen (input, at, view, why) VALUES ($1, $2, $3, $4)`, in.ID, db.Time{Time: tx.Now}, in.View, in.Why); err != nil {
		return err
	}
	in.View = Visible // that somebody hid it is for everybody
	return in.tell(ctx, tx, actor.ID, verb, why, nil)
}

// FromDistrict is what people of a district said to a call.
type FromDistrict struct {
	Box      string // id of the call
	Title    string
	Lang     string
	All      int
	Answered int // with an outcome
}

// ByDistrict counts the inputs of a district that others can see, by call, the
// last published call first, at most 100 of them.
func ByDistrict(ctx context.Context, tx *db.Tx, district string) ([]FromDistrict, error) {
	return db.List(ctx, tx, func(f *FromDistrict) []any { return []any{&f.Box, &f.Title, &f.Lang, &f.All, &f.Answered} },
		`SELECT b.id, b.title, b.lang, count(*), sum(CASE WHEN i.state IN ('received', 'acknowledged', 'considered') THEN 0 ELSE 1 END)
		FROM answer_box b JOIN answer_input i ON i.box = b.id AND i.view = 'visible' AND i.district = $1
		WHERE b.published IS NOT NULL GROUP BY b.id, b.title, b.lang, b.published ORDER BY b.published DESC, b.id LIMIT 100`, district)
}

// Communities returns the villages and neighbourhoods from which at least FewPeople
// inputs of a call come, as "DISTRICT\x00NAME": others would point at people.
func Communities(ctx context.Context, tx *db.Tx, box string) (map[string]bool, error) {
	list, err := db.List(ctx, tx, db.One[string], `SELECT district || '|' || community FROM answer_input
		WHERE box = $1 AND view = 'visible' AND community <> '' GROUP BY district, community HAVING count(*) >= $2`, box, FewPeople)
	out := map[string]bool{}
	for _, x := range list {
		out[strings.Replace(x, "|", "\x00", 1)] = true
	}
	return out, err
}

// FewPeople is the least number of people that is told apart from others in what
// everybody can take away.
const FewPeople = 10
