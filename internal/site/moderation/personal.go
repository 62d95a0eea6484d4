package moderation

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/who/deed"
)

// Name names this module's part of what is kept about a person.
func (d *Desk) Name() string { return "moderation" }

// kept is a case as the person it concerns takes it with them.
type kept struct {
	Comment string  `json:"comment"`
	Role    string  `json:"role"` // author or reporter
	Message string  `json:"message,omitempty"`
	Outcome Outcome `json:"outcome,omitempty"`
	Rule    int     `json:"rule,omitempty"`
	Reason  string  `json:"reason,omitempty"`
	Appeal  string  `json:"appeal,omitempty"`
}

// Export returns the cases about what a person wrote, and what they reported.
// Who reported them is not theirs to know.
func (d *Desk) Export(ctx context.Context, tx *db.Tx, person string) (any, error) {
	cs, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM moderation_case WHERE author = $1 OR reporter = $1 ORDER BY id`, person)
	out := []kept{}
	for _, c := range cs {
		if c.Reporter == person {
			out = append(out, kept{Comment: c.Comment, Role: "reporter", Message: c.Message})
			continue
		}
		out = append(out, kept{Comment: c.Comment, Role: "author", Outcome: c.Outcome, Rule: c.Rule, Reason: c.Reason, Appeal: c.Appeal})
	}
	return out, err
}

// Erase takes a person's name and words out of the cases. What was decided
// stays in the public log, which never held either.
func (d *Desk) Erase(ctx context.Context, tx *db.Tx, person string) error {
	for _, q := range []string{
		`UPDATE moderation_case SET author = '', appeal = '' WHERE author = $1`,
		`UPDATE moderation_case SET reporter = '', message = '' WHERE reporter = $1`,
		`UPDATE moderation_case SET state = 'open', taken_by = '' WHERE taken_by = $1 AND state = 'taken'`, // somebody else can take it
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	return deed.LetGo(ctx, tx, person, "moderation_case.taken_by", "moderation_case.decided_by")
}
