package consultation

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
)

// Fact is what was public about one text at some moment.
type Fact struct {
	ID        string
	Title     string
	Announced db.Time        // when it was published
	Opens     db.Time        // as announced by then
	Closes    db.Time        // as announced by then
	Versions  int            // of the text
	Written   int            // annotations
	BySector  map[string]int // of those, by the sector for which their authors spoke; "" where they spoke for themselves
	Answered  int            // of those
	First     db.Time        // answer; zero for none
	Last      db.Time        // answer; zero for none
	Complete  db.Time        // when the office said that everything was answered; zero before
}

// Facts returns what was public at asOf about the texts that are drafts of a
// record, the first announced first: the evidence that people could take part,
// and that they were answered (OGP 3.1, 3.3 and 4.1). Texts that were withdrawn
// by then are left out.
func Facts(ctx context.Context, tx *db.Tx, of record.Ref, asOf db.Time) ([]Fact, error) {
	cs, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM consultation WHERE of_kind = $1 AND of_id = $2 AND published <= $3
		AND NOT (state = 'withdrawn' AND ended <= $3) ORDER BY published, id`, of.Kind, of.ID, asOf)
	if err != nil {
		return nil, err
	}
	var out []Fact
	for _, c := range cs {
		f := Fact{ID: c.ID, Title: c.Title, Announced: c.Published, BySector: map[string]int{}}
		if c.State == Answered && !c.Ended.After(asOf.Time) {
			f.Complete = c.Ended
		}
		if err := f.fill(ctx, tx, asOf); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func (f *Fact) fill(ctx context.Context, tx *db.Tx, asOf db.Time) error {
	type term struct{ opens, closes db.Time }
	t, err := db.Get(ctx, tx, func(t *term) []any { return []any{&t.opens, &t.closes} },
		`SELECT opens, closes FROM consultation_term WHERE consultation = $1 AND at <= $2 ORDER BY at DESC LIMIT 1`, f.ID, asOf)
	if err != nil {
		return err
	}
	f.Opens, f.Closes = t.opens, t.closes
	if f.Versions, err = db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM consultation_version WHERE consultation = $1 AND at <= $2`, f.ID, asOf); err != nil {
		return err
	}
	type sector struct {
		name        string
		n, answered int
	}
	rows, err := db.List(ctx, tx, func(s *sector) []any { return []any{&s.name, &s.n, &s.answered} },
		`SELECT a.sector, count(*), sum(CASE WHEN a.answered <= $2 THEN 1 ELSE 0 END)`+fromAnnotations+`WHERE a.consultation = $1 AND a.published <= $2
		AND a.state NOT IN ('draft', 'withdrawn') AND m.state IN ('visible', 'hidden') AND NOT (m.state = 'hidden' AND m.reason <> '') GROUP BY a.sector`, f.ID, asOf)
	if err != nil {
		return err
	}
	for _, s := range rows {
		f.BySector[s.name] = s.n
		f.Written, f.Answered = f.Written+s.n, f.Answered+s.answered
	}
	type ends struct{ first, last db.Time }
	e, err := db.Get(ctx, tx, func(e *ends) []any { return []any{&e.first, &e.last} },
		`SELECT min(at), max(at) FROM consultation_response WHERE consultation = $1 AND at <= $2`, f.ID, asOf)
	f.First, f.Last = e.first, e.last
	return err
}
