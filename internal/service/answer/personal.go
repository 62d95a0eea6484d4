package answer

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/who/deed"
)

// Name names this module's part of what is kept about a person.
func (o *Office) Name() string { return "answer" }

// keptInput is an input as its author takes it along.
type keptInput struct {
	ID       string  `json:"id"`
	Call     string  `json:"call"`
	Kind     string  `json:"kind"`
	Title    string  `json:"title"`
	Text     string  `json:"text"`
	Name     string  `json:"pseudonym,omitempty"`
	District string  `json:"district,omitempty"`
	Sector   string  `json:"sector,omitempty"`
	State    State   `json:"state"`
	Received db.Time `json:"received"`
}

// keptReply is a version of an answer as whoever wrote it takes it along.
type keptReply struct {
	Call      string  `json:"call"`
	Outcome   string  `json:"outcome"`
	Reason    string  `json:"reason"`
	Published db.Time `json:"published"`
}

// kept is what this module keeps about a person.
type kept struct {
	Inputs   []keptInput    `json:"inputs"`
	Supports []string       `json:"supports"`
	Points   map[string]int `json:"points"`
	Answers  []keptReply    `json:"answers,omitempty"` // that they wrote for an organisation
}

// Export returns a person's inputs, those they support, their points, and the
// answers they wrote.
func (o *Office) Export(ctx context.Context, tx *db.Tx, person string) (any, error) {
	out := kept{Inputs: []keptInput{}, Points: map[string]int{}}
	list, err := db.List(ctx, tx, inputFields, `SELECT `+inputColumns+` FROM answer_input WHERE author = $1 AND author <> '' ORDER BY received, id`, person)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		out.Inputs = append(out.Inputs, keptInput{x.ID, x.Box, x.Kind, x.Title, x.Text, x.Name, x.District, x.Sector, x.State, x.Received})
	}
	if out.Supports, err = db.List(ctx, tx, db.One[string], `SELECT input FROM answer_support WHERE person = $1 AND via = '' ORDER BY input`, person); err != nil {
		return nil, err
	}
	type point struct {
		input  string
		points int
	}
	points, err := db.List(ctx, tx, func(p *point) []any { return []any{&p.input, &p.points} }, `SELECT input, points FROM answer_point WHERE person = $1`, person)
	for _, p := range points {
		out.Points[p.input] = p.points
	}
	if err != nil {
		return nil, err
	}
	out.Answers, err = db.List(ctx, tx, func(r *keptReply) []any { return []any{&r.Call, &r.Outcome, &r.Reason, &r.Published} },
		`SELECT box, outcome, reason, published FROM answer_reply WHERE responder = $1 ORDER BY published, id, n`, person)
	if len(out.Inputs)+len(out.Supports)+len(points)+len(out.Answers) == 0 {
		return nil, err
	}
	return out, err
}

// Erase makes a person's inputs anonymous: the texts and their answers stay, and
// so do the numbers of supporters and points. What they wrote as somebody of an
// organisation stays as the organisation's.
func (o *Office) Erase(ctx context.Context, tx *db.Tx, person string) error {
	list, err := db.List(ctx, tx, inputFields, `SELECT `+inputColumns+` FROM answer_input WHERE author = $1 AND author <> ''`, person)
	if err != nil {
		return err
	}
	var filters []activity.Filter
	for _, x := range list {
		day := db.Time{Time: dayOf(x.Received.Time)}
		if _, err := tx.Exec(ctx, `UPDATE answer_input SET author = '', name = '', naming = 'anonymous', received = $2 WHERE id = $1`, x.ID, day); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE answer_step SET at = $2 WHERE input = $1 AND n = 1`, x.ID, day); err != nil {
			return err
		}
		for _, verb := range []string{"input.received", "input.rated", "input.contested"} {
			filters = append(filters, activity.Filter{Kind: InputKind, Record: x.ID, Verb: verb, Private: true})
		}
	}
	if len(filters) > 0 {
		if _, err := activity.Erase(ctx, tx, activity.ThePerson, filters...); err != nil {
			return err
		}
	}
	nobodys := id.Random()
	for _, q := range []string{`UPDATE answer_support SET person = $2 WHERE person = $1`, `UPDATE answer_point SET person = $2 WHERE person = $1`} {
		if _, err := tx.Exec(ctx, q, person, nobodys); err != nil {
			return err
		}
	}
	return deed.LetGo(ctx, tx, person, "answer_input.recorded_by", "answer_box.created_by", "answer_announced.by_person",
		"answer_theme.created_by", "answer_reply.responder", "answer_merge.by_person", "answer_sheet.by_person")
}
