package record

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/who"
)

// Personal is what this package keeps about people: what they said, follow and
// reported.
var Personal who.Personal = personal{}

type personal struct{}

// Name returns the name of this part of a person's data.
func (personal) Name() string { return "record" }

// Export returns what a person said, follows and reported.
func (personal) Export(ctx context.Context, tx *db.Tx, person string) (any, error) {
	said, err := db.List(ctx, tx, commentFields, `SELECT `+commentColumns+` FROM record_comment WHERE author = $1 ORDER BY created`, person)
	if err != nil {
		return nil, err
	}
	following, err := Following(ctx, tx, person)
	if err != nil {
		return nil, err
	}
	reports, err := db.List(ctx, tx, reportFields, `SELECT `+reportColumns+` FROM record_report WHERE author = $1 ORDER BY created`, person)
	if err != nil || len(said)+len(following)+len(reports) == 0 {
		return nil, err
	}
	return map[string]any{"comments": said, "following": following, "reports": reports}, nil
}

// Erase leaves the places of a person's comments, so that answers to them can
// still be read, and nothing else.
func (personal) Erase(ctx context.Context, tx *db.Tx, person string) error {
	for _, q := range []string{
		`UPDATE record_comment SET author = '', body = '', state = 'hidden', reason = '' WHERE author = $1`,
		`DELETE FROM record_follower WHERE person = $1`,
		`UPDATE record_report SET author = '', email = '' WHERE author = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	return nil
}
