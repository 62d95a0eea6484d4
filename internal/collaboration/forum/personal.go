package forum

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/who"
)

// Personal is what this module keeps about people: terms, nominations,
// declarations and positions.
var Personal who.Personal = personal{}

type personal struct{}

// Name names this module's part.
func (personal) Name() string { return "forum" }

type kept struct {
	What  string  `json:"what"`
	Forum string  `json:"of"`
	State string  `json:"state,omitempty"`
	Text  string  `json:"text,omitempty"`
	At    db.Time `json:"at"`
}

// Export returns what forums know of a person.
func (personal) Export(ctx context.Context, tx *db.Tx, person string) (any, error) {
	out, err := db.List(ctx, tx, func(k *kept) []any { return []any{&k.What, &k.Forum, &k.State, &k.Text, &k.At} },
		`SELECT 'term', forum, starts || ' – ' || ends, name, recorded FROM forum_term WHERE person = $1
		UNION ALL SELECT 'nomination', call, state, statement, created FROM forum_nomination WHERE person = $1 OR by_person = $1
		UNION ALL SELECT 'interest', forum, decision, text, at FROM forum_interest WHERE person = $1
		UNION ALL SELECT 'position', decision, position, reason, at FROM forum_position WHERE by_person = $1 ORDER BY 5, 2, 1`, person)
	if len(out) == 0 {
		return nil, err
	}
	return out, err
}

// Erase takes a person out. That an organisation held a seat on which days stays,
// and so do interests as those of the seat, without a name.
func (personal) Erase(ctx context.Context, tx *db.Tx, person string) error {
	for _, q := range []string{
		`UPDATE forum_term SET person = '', name = '–', alternate = '' WHERE person = $1`,
		`UPDATE forum_nomination SET person = '', name = '–' WHERE person = $1`,
		`UPDATE forum_nomination SET by_person = '' WHERE by_person = $1`,
		`UPDATE forum_interest SET person = '', text = '–' WHERE person = $1`,
		`UPDATE forum_position SET by_person = '' WHERE by_person = $1`,
		`UPDATE forum_call SET by_person = '' WHERE by_person = $1`,
		`UPDATE forum_rules SET by_person = '' WHERE by_person = $1`,
		`UPDATE forum_decision SET created_by = '' WHERE created_by = $1`,
		`UPDATE forum SET created_by = '' WHERE created_by = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	return nil
}

// Subjects are what people choose a frequency for.
var Subjects = []notify.Subject{{Name: "forums", Default: notify.Now}} // in which I sit or for which I stand

// Notifies say whom the events of forums concern beside followers.
var Notifies = []notify.Rule{
	{Verb: "forum.nomination_judged", Subject: "forums", To: nominator},
	{Verb: "forum.interest_declared", Subject: "forums", To: members},
	{Verb: "forum.rules_published", Subject: "forums", To: members},
	{Verb: "decision.proposed", Subject: "forums", To: deciders},
	{Verb: "decision.adopted", Subject: "forums", To: deciders},
	{Verb: "decision.rejected", Subject: "forums", To: deciders},
}

func members(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	return seated(ctx, tx, e.Record)
}

// seated returns the people who hold a seat of a forum today.
func seated(ctx context.Context, tx *db.Tx, forum string) ([]string, error) {
	return db.List(ctx, tx, db.One[string], `SELECT DISTINCT person FROM forum_term WHERE forum = $1 AND person <> '' AND starts <= $2 AND ends >= $2 AND (ended = '' OR ended >= $2)`, forum, today(tx))
}

func deciders(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	m, err := Decision(ctx, tx, e.Record)
	if err != nil {
		return nil, err
	}
	return seated(ctx, tx, m.Forum)
}

func nominator(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	var n struct{ Nomination string }
	if err := e.Change(nil, &n); err != nil || n.Nomination == "" {
		return nil, err
	}
	return db.List(ctx, tx, db.One[string], `SELECT by_person FROM forum_nomination WHERE id = $1 AND by_person <> ''`, n.Nomination)
}
