package answer

import (
	"context"
	"errors"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// Ratings are what an author may say of an answer: whether it answers their point.
var Ratings = []string{"yes", "partly", "no"}

// Rating is what an author says of the answer.
type Rating struct {
	Value   string // of Ratings; empty while they have not said
	Contest string // what they say against it
	Settled bool   // a second answer came
}

// RatingOf returns what the author of an input says of its answer, or the zero
// Rating.
func RatingOf(ctx context.Context, tx *db.Tx, input string) (Rating, error) {
	r, err := db.Get(ctx, tx, func(r *Rating) []any { return []any{&r.Value, &r.Contest, &r.Settled} },
		`SELECT value, contest, settled FROM answer_rating WHERE input = $1`, input)
	if errors.Is(err, db.ErrNotFound) {
		return Rating{}, nil
	}
	return r, err
}

// ByReceipt finds the input of a receipt, as somebody typed it, whoever may read
// it. db.ErrNotFound says no more than that.
func (o *Office) ByReceipt(ctx context.Context, tx *db.Tx, typed string) (Input, error) {
	return db.Get(ctx, tx, inputFields, `SELECT `+inputColumns+` FROM answer_input WHERE receipt = $1`, o.digest(ReadCode(typed)))
}

// Rate keeps what the holder of a receipt, or the signed-in author, says of the
// answer: it can be changed, and a "no" may come with a text once, which asks for
// a second answer. code is the receipt as typed; empty for the author of input.
func (o *Office) Rate(ctx context.Context, tx *db.Tx, actor who.Actor, input, code, value, contest string) (Input, error) {
	in, err := o.authored(ctx, tx, actor, input, code)
	if err != nil {
		return in, err
	}
	old, err := RatingOf(ctx, tx, in.ID)
	if err != nil {
		return in, err
	}
	var p fault.Fields
	contest = strings.TrimSpace(contest)
	choice(&p, "value", value, Ratings)
	p.MaxLen("contest", contest, 2000)
	switch {
	case contest != "" && value != "no":
		p.Add("contest", "answer.contest_no")
	case contest != "" && old.Contest != "" && contest != old.Contest:
		p.Add("contest", "answer.contest_once")
	}
	if err := p.Err(); err != nil {
		return in, err
	}
	answered := in.State.Done()
	if in.Root != "" {
		root, err := inputByID(ctx, tx, in.Root)
		if err != nil {
			return in, err
		}
		answered = root.State.Done()
	}
	if !answered {
		return in, fault.New(fault.Conflict, "answer.no_answer_yet")
	}
	verb := "input.rated"
	if contest != "" && old.Contest == "" {
		verb, old.Contest, old.Settled = "input.contested", contest, false
	}
	at := db.Time{Time: tx.Now}
	if in.ByDay() {
		at.Time = dayOf(tx.Now)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO answer_rating (input, value, contest, settled, changed) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (input) DO UPDATE SET value = EXCLUDED.value, contest = EXCLUDED.contest, settled = EXCLUDED.settled, changed = EXCLUDED.changed`,
		in.ID, value, old.Contest, old.Settled, at); err != nil {
		return in, err
	}
	private := in
	private.View = Held // it is between the author and the office
	return in, private.happened(ctx, tx, actor.ID, verb, nil)
}

// authored finds the input that somebody may speak about as its author.
func (o *Office) authored(ctx context.Context, tx *db.Tx, actor who.Actor, input, code string) (Input, error) {
	if code != "" {
		return o.ByReceipt(ctx, tx, code)
	}
	in, err := inputByID(ctx, tx, input)
	if err == nil && (!actor.SignedIn() || in.Author != actor.ID) {
		return Input{}, db.ErrNotFound
	}
	return in, err
}

// Contested is an answer that its author contests.
type Contested struct {
	Input   string
	Contest string
}

// ContestsOf returns what authors say against the answers to some inputs, where no
// second answer has come.
func ContestsOf(ctx context.Context, tx *db.Tx, inputs []string) (map[string]string, error) {
	in, args := db.In(1, inputs)
	list, err := db.List(ctx, tx, func(c *Contested) []any { return []any{&c.Input, &c.Contest} },
		`SELECT input, contest FROM answer_rating WHERE contest <> '' AND NOT settled AND input IN `+in, args...)
	out := map[string]string{}
	for _, c := range list {
		out[c.Input] = c.Contest
	}
	return out, err
}

// Satisfaction counts what authors say of the answers of a call, by rating.
func Satisfaction(ctx context.Context, tx *db.Tx, box string) ([]Count, error) {
	return db.List(ctx, tx, countFields, `SELECT r.value, count(*) FROM answer_rating r JOIN answer_input i ON i.id = r.input WHERE i.box = $1 GROUP BY r.value ORDER BY 1`, box)
}

// Rated is what the author of an input says of the answer; which input it is stays
// with them.
type Rated struct {
	Value string
	Day   string // on which it was said, YYYY-MM-DD
}

// RatingsOf returns what authors say of the answers of a call, by day.
func RatingsOf(ctx context.Context, tx *db.Tx, box string) ([]Rated, error) {
	type row struct {
		value   string
		changed db.Time
	}
	rows, err := db.List(ctx, tx, func(r *row) []any { return []any{&r.value, &r.changed} },
		`SELECT r.value, r.changed FROM answer_rating r JOIN answer_input i ON i.id = r.input WHERE i.box = $1 ORDER BY r.changed, r.value`, box)
	var out []Rated
	for _, r := range rows {
		out = append(out, Rated{r.value, r.changed.In(i18n.Belize).Format(time.DateOnly)})
	}
	return out, err
}
