package joint

import (
	"context"

	"ceiba/internal/ground/db"
)

// Name names this module's part of what is kept about a person.
func (p *Projects) Name() string { return "joint" }

// mine is what a person takes with them.
type mine struct {
	Proposed []string   `json:"proposed,omitempty"` // ids of projects
	Invited  []string   `json:"invited,omitempty"`  // ids of partners
	Joined   []string   `json:"joined,omitempty"`
	Said     []mineWord `json:"said,omitempty"`
}

type mineWord struct {
	Pledge string  `json:"pledge"`
	Org    string  `json:"org"` // for which it was said
	Says   Says    `json:"says"`
	Text   string  `json:"text,omitempty"`
	At     db.Time `json:"at"`
}

// Export returns what a person did in joint projects.
func (p *Projects) Export(ctx context.Context, tx *db.Tx, person string) (any, error) {
	var out mine
	for _, q := range []struct {
		to  *[]string
		sql string
	}{
		{&out.Proposed, `SELECT id FROM joint WHERE created_by = $1 ORDER BY id`},
		{&out.Invited, `SELECT id FROM joint_partner WHERE invited_by = $1 ORDER BY id`},
		{&out.Joined, `SELECT id FROM joint_partner WHERE joined_by = $1 ORDER BY id`},
	} {
		all, err := db.List(ctx, tx, db.One[string], q.sql, person)
		if err != nil {
			return nil, err
		}
		*q.to = all
	}
	words, err := db.List(ctx, tx, wordFields, `SELECT `+wordColumns+` FROM joint_word WHERE person = $1 ORDER BY at, id`, person)
	for _, w := range words {
		out.Said = append(out.Said, mineWord{w.Pledge, w.Org, w.Says, w.Text, w.At})
	}
	if err != nil || len(out.Proposed)+len(out.Invited)+len(out.Joined)+len(out.Said) == 0 {
		return nil, err
	}
	return out, nil
}

// Erase takes a person out of what they did. The words stay: they are their
// organisation's, and a pledge stands by them.
func (p *Projects) Erase(ctx context.Context, tx *db.Tx, person string) error {
	for _, q := range []string{
		`UPDATE joint SET created_by = '' WHERE created_by = $1`,
		`UPDATE joint_partner SET invited_by = '' WHERE invited_by = $1`,
		`UPDATE joint_partner SET joined_by = '' WHERE joined_by = $1`,
		`UPDATE joint_word SET person = '' WHERE person = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	return nil
}
