package answer

import (
	"context"
	"errors"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who"
)

// MostPoints is how many points a person may give over the inputs of a call.
const MostPoints = 5

// count brings the number of an input's supporters up to date, and returns it.
func count(ctx context.Context, tx *db.Tx, input string) (int, error) {
	return db.Get(ctx, tx, db.One[int], `UPDATE answer_input SET supports = (SELECT count(*) FROM answer_support WHERE input = $1) WHERE id = $1 RETURNING supports`, input)
}

// supported reads an input that others can see and that is not answered through
// another.
func supported(ctx context.Context, tx *db.Tx, actor who.Actor, input string) (Input, error) {
	if err := actor.Must("input.support", who.Site); err != nil {
		return Input{}, err
	}
	in, err := inputByID(ctx, tx, input)
	if err == nil && in.View != Visible {
		err = db.ErrNotFound
	}
	if err == nil && in.Root != "" {
		err = fault.New(fault.Conflict, "answer.merged_already", "title", in.Title)
	}
	return in, err
}

// Support has actor support an input, or stop doing so. Once is as good as often.
func (o *Office) Support(ctx context.Context, tx *db.Tx, actor who.Actor, input string, on bool) (Input, error) {
	in, err := supported(ctx, tx, actor, input)
	if err != nil {
		return in, err
	}
	n, verb := int64(0), "input.supported"
	if on {
		p, err := who.PersonByID(ctx, tx, actor.ID)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return in, err
		}
		if n, err = tx.Exec(ctx, `INSERT INTO answer_support (input, person, level, district, via, at) VALUES ($1, $2, $3, $4, '', $5)
			ON CONFLICT (input, person) DO UPDATE SET via = '' WHERE answer_support.via <> ''`,
			in.ID, actor.ID, int(actor.Level), p.District, db.Time{Time: tx.Now}); err != nil {
			return in, err
		}
	} else {
		verb = "input.unsupported"
		if n, err = tx.Exec(ctx, `DELETE FROM answer_support WHERE input = $1 AND person = $2`, in.ID, actor.ID); err != nil {
			return in, err
		}
	}
	if n == 0 {
		return in, nil
	}
	if in.Supports, err = count(ctx, tx, in.ID); err != nil {
		return in, err
	}
	private := in
	private.View = Held // whom somebody supports is nobody's business
	return in, private.tell(ctx, tx, actor.ID, verb, "", nil)
}

// Rank gives an input some of actor's points, in place of those it had from them;
// 0 takes them back. Over all inputs of a call one may give MostPoints.
func (o *Office) Rank(ctx context.Context, tx *db.Tx, actor who.Actor, input string, points int) (Input, error) {
	in, err := supported(ctx, tx, actor, input)
	if err != nil {
		return in, err
	}
	elsewhere, err := db.Get(ctx, tx, db.One[int], `SELECT coalesce(sum(points), 0) FROM answer_point WHERE box = $1 AND person = $2 AND input <> $3`, in.Box, actor.ID, in.ID)
	if err != nil {
		return in, err
	}
	if points < 0 || points+elsewhere > MostPoints {
		return in, fault.Fields{{Name: "points", Key: "answer.points", Args: []any{"max", MostPoints, "left", MostPoints - elsewhere}}}
	}
	if points == 0 {
		_, err = tx.Exec(ctx, `DELETE FROM answer_point WHERE box = $1 AND person = $2 AND input = $3`, in.Box, actor.ID, in.ID)
	} else {
		_, err = tx.Exec(ctx, `INSERT INTO answer_point (box, person, input, points) VALUES ($1, $2, $3, $4)
			ON CONFLICT (box, person, input) DO UPDATE SET points = EXCLUDED.points`, in.Box, actor.ID, in.ID, points)
	}
	if err != nil {
		return in, err
	}
	if _, err = tx.Exec(ctx, `UPDATE answer_input SET points = (SELECT coalesce(sum(p.points), 0) FROM answer_point p WHERE p.input = $1) WHERE id = $1`, in.ID); err != nil {
		return in, err
	}
	private := in
	private.View = Held
	if err := private.tell(ctx, tx, actor.ID, "input.ranked", "", nil); err != nil {
		return in, err
	}
	in, err = inputByID(ctx, tx, in.ID)
	return in, err
}

// Stake is what a person has given to an input.
type Stake struct {
	Supports bool
	Points   int
	Left     int // points that they may still give in the call
}

// StakeOf returns what actor has given to an input.
func StakeOf(ctx context.Context, tx *db.Tx, actor who.Actor, in Input) (s Stake, err error) {
	if !actor.SignedIn() {
		return s, nil
	}
	n, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM answer_support WHERE input = $1 AND person = $2`, in.ID, actor.ID)
	if err != nil {
		return s, err
	}
	type row struct{ here, all int }
	r, err := db.Get(ctx, tx, func(r *row) []any { return []any{&r.here, &r.all} }, `SELECT coalesce(sum(CASE WHEN input = $3 THEN points ELSE 0 END), 0),
		coalesce(sum(points), 0) FROM answer_point WHERE box = $1 AND person = $2`, in.Box, actor.ID, in.ID)
	return Stake{n > 0, r.here, MostPoints - r.all}, err
}

// Count is how many have a value: a state, a district, a level.
type Count struct {
	Value string `json:"value"`
	N     int    `json:"n"`
}

func countFields(c *Count) []any { return []any{&c.Value, &c.N} }

// Backing is who supports an input: how many of each level, and how many of each
// district. The two are kept apart, so that no number is about a few people of one
// village who were seen by an officer.
type Backing struct {
	Levels    []Count `json:"levels"` // "0" to "3"
	Districts []Count `json:"districts"`
}

// BackingOf counts the supporters of an input.
func BackingOf(ctx context.Context, tx *db.Tx, input string) (b Backing, err error) {
	if b.Levels, err = db.List(ctx, tx, countFields, `SELECT CAST(level AS TEXT), count(*) FROM answer_support WHERE input = $1 GROUP BY level ORDER BY level DESC`, input); err != nil {
		return b, err
	}
	b.Districts, err = db.List(ctx, tx, countFields, `SELECT district, count(*) FROM answer_support WHERE input = $1 GROUP BY district ORDER BY 2 DESC, 1`, input)
	return b, err
}

// PointsOf counts who gave an input how many points, by the points each gave.
func PointsOf(ctx context.Context, tx *db.Tx, input string) ([]Count, error) {
	return db.List(ctx, tx, countFields, `SELECT CAST(points AS TEXT), count(*) FROM answer_point WHERE input = $1 GROUP BY points ORDER BY points DESC`, input)
}
