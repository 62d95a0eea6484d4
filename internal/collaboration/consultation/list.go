package consultation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// Page is one page of a list.
type Page struct {
	Consultations []Consultation
	Next          string // cursor of the page that follows; empty at the end
}

// Current lists what is open or about to open, what closes first at the top: at
// most 100.
func Current(ctx context.Context, tx *db.Tx) ([]Consultation, error) {
	return db.List(ctx, tx, fields, `SELECT `+columns+` FROM consultation WHERE state = 'published' AND closes > $1 ORDER BY closes, id LIMIT 100`,
		db.Time{Time: tx.Now})
}

// Past lists what is closed or answered, the last changed first.
func Past(ctx context.Context, tx *db.Tx, cursor string, limit int) (Page, error) {
	return page(ctx, tx, `(state IN ('closed', 'answered') OR state = 'published' AND closes <= $1)`, []any{db.Time{Time: tx.Now}}, cursor, limit)
}

// All lists everything that anybody may read, the last changed first.
func All(ctx context.Context, tx *db.Tx, cursor string, limit int) (Page, error) {
	return page(ctx, tx, `state IN ('published', 'closed', 'answered')`, nil, cursor, limit)
}

func page(ctx context.Context, tx *db.Tx, where string, args []any, cursor string, limit int) (Page, error) {
	keys := db.Keyset{Columns: []string{"changed", "id"}, Desc: true}
	after, more, err := keys.After(cursor, len(args)+1)
	if err != nil {
		return Page{}, err
	}
	args = append(append(args, more...), limit+1)
	list, err := db.List(ctx, tx, fields, fmt.Sprintf(`SELECT %s FROM consultation WHERE %s AND %s %s LIMIT $%d`, columns, where, after, keys.OrderBy(), len(args)), args...)
	p := Page{Consultations: list}
	if len(list) > limit {
		last := list[limit-1]
		p.Consultations, p.Next = list[:limit], db.Cursor(last.Changed, last.ID)
	}
	return p, err
}

// Working lists what actor may work on and is not over with, the last changed
// first: of the organisations for which they may, and of hosts that let them.
func (d *Desk) Working(ctx context.Context, tx *db.Tx, actor who.Actor) (out []Consultation, err error) {
	list, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM consultation WHERE state NOT IN ('answered', 'withdrawn') ORDER BY changed DESC, id DESC LIMIT 500`)
	for _, c := range list {
		if d.May(ctx, tx, actor, c) == nil {
			out = append(out, c)
		}
	}
	return out, err
}

// Which selects annotations of one consultation.
type Which struct {
	Sort       Sort   // empty: all
	Paragraph  string // of the present version; empty: all
	Unanswered bool
	Owed       bool // only those that are owed an answer, whether they have it or not
	Answered   bool // only those of them that have it
	Orphans    bool // only those whose words are gone from the text
}

// Notes are one page of annotations.
type Notes struct {
	Annotations []Annotation
	Next        string
}

// Annotations lists what actor may see of the annotations of a consultation, the
// oldest first.
func Annotations(ctx context.Context, tx *db.Tx, actor who.Actor, c Consultation, w Which, cursor string, limit int) (n Notes, err error) {
	where, args := w.where(c.ID)
	if !actor.May("record.moderate", who.Site) {
		args = append(args, actor.ID)
		where += fmt.Sprintf(` AND (m.state <> 'held' OR a.author <> '' AND a.author = $%d)`, len(args))
	}
	keys := db.Keyset{Columns: []string{"a.published", "a.id"}}
	after, more, err := keys.After(cursor, len(args)+1)
	if err != nil {
		return n, err
	}
	args = append(append(args, more...), limit+1)
	list, err := db.List(ctx, tx, annotationFields, fmt.Sprintf(`SELECT %s%sWHERE %s AND %s %s LIMIT $%d`,
		annotationColumns, fromAnnotations, where, after, keys.OrderBy(), len(args)), args...)
	if err != nil {
		return n, err
	}
	if len(list) > limit {
		last := list[limit-1]
		list, n.Next = list[:limit], db.Cursor(last.Published, last.ID)
	}
	for _, a := range list {
		n.Annotations = append(n.Annotations, a.veiled(actor))
	}
	return n, nil
}

func (w Which) where(consultation string) (string, []any) {
	conds, args := []string{`a.consultation = $1 AND a.state <> 'draft'`}, []any{consultation}
	if w.Sort != "" {
		args = append(args, w.Sort)
		conds = append(conds, fmt.Sprintf(`a.kind = $%d`, len(args)))
	}
	if w.Paragraph != "" {
		args = append(args, clean(w.Paragraph))
		conds = append(conds, fmt.Sprintf(`a.now_in = $%d`, len(args)))
	}
	if w.Unanswered {
		conds = append(conds, `a.response = '' AND `+owed)
	}
	if w.Owed {
		conds = append(conds, owed)
	}
	if w.Answered {
		conds = append(conds, `a.response <> '' AND `+owed)
	}
	if w.Orphans {
		conds = append(conds, `a.hold = 'orphaned'`)
	}
	return strings.Join(conds, " AND "), args
}

// Drafts lists actor's own amendments that they have not sent.
func Drafts(ctx context.Context, tx *db.Tx, actor who.Actor, consultation string) ([]Annotation, error) {
	if !actor.SignedIn() {
		return nil, nil
	}
	return db.List(ctx, tx, annotationFields, `SELECT `+annotationColumns+fromAnnotations+`WHERE a.consultation = $1 AND a.author = $2 AND a.state = 'draft' ORDER BY a.id`,
		consultation, actor.ID)
}

// Counts returns how many annotations anybody sees in each paragraph of the
// Present version, and "" for those that are in none.
func Counts(ctx context.Context, tx *db.Tx, consultation string, w Which) (map[string]int, error) {
	type row struct {
		in string
		n  int
	}
	where, args := w.where(consultation)
	rows, err := db.List(ctx, tx, func(r *row) []any { return []any{&r.in, &r.n} },
		`SELECT a.now_in, count(*)`+fromAnnotations+`WHERE `+where+` AND `+shown+` GROUP BY a.now_in`, args...)
	out := map[string]int{}
	for _, r := range rows {
		out[r.in] = r.n
	}
	return out, err
}

// AgreedWith returns which annotations actor agrees with.
func AgreedWith(ctx context.Context, tx *db.Tx, actor who.Actor, as []Annotation) (map[string]bool, error) {
	ids := make([]string, len(as))
	for i, a := range as {
		ids[i] = a.ID
	}
	in, args := db.In(2, ids)
	list, err := db.List(ctx, tx, db.One[string], `SELECT annotation FROM consultation_agreement WHERE person = $1 AND annotation IN `+in, append([]any{actor.ID}, args...)...)
	out := map[string]bool{}
	for _, id := range list {
		out[id] = true
	}
	return out, err
}

// Agreement is how many people agreed on a day.
type Agreement struct {
	Day    string // civil date in Belize
	People int
}

// AgreementOf counts who agrees with an annotation, by the day on which they said
// so.
func AgreementOf(ctx context.Context, tx *db.Tx, annotation string) (out []Agreement, err error) {
	at, err := db.List(ctx, tx, db.One[db.Time], `SELECT at FROM consultation_agreement WHERE annotation = $1 ORDER BY at`, annotation)
	for _, t := range at {
		day := t.In(i18n.Belize).Format(time.DateOnly)
		if n := len(out); n > 0 && out[n-1].Day == day {
			out[n-1].People++
			continue
		}
		out = append(out, Agreement{day, 1})
	}
	return out, err
}
