package record

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/who"
	"ceiba/internal/service/who/deed"
)

// Personal is what this package keeps about people: what they said, follow,
// reported and translated.
var Personal who.Personal = personal{}

type personal struct{}

// Name returns the name of this part of a person's data.
func (personal) Name() string { return "record" }

// Export returns what a person said, follows, reported and translated.
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
	if err != nil {
		return nil, err
	}
	translated, err := db.List(ctx, tx, translationFields, `SELECT `+translationColumns+` FROM record_translation WHERE by_person = $1 ORDER BY changed`, person)
	if err != nil || len(said)+len(following)+len(reports)+len(translated) == 0 {
		return nil, err
	}
	return map[string]any{"comments": said, "following": following, "reports": reports, "translations": translated}, nil
}

// Erase leaves the places of a person's comments, so that answers to them can
// still be read, and the translations, which are the record's; nothing says any
// more whose they were.
func (personal) Erase(ctx context.Context, tx *db.Tx, person string) error {
	for _, q := range []string{
		`UPDATE record_comment SET author = '', body = '', state = 'hidden', reason = '' WHERE author = $1`,
		`DELETE FROM record_follower WHERE person = $1`,
		`UPDATE record_report SET author = '', email = '' WHERE author = $1`,
		`UPDATE record_translation SET by_person = '' WHERE by_person = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	return deed.LetGo(ctx, tx, person, "record_link.by_person", "record_attachment.by_person", "record_report.done_by")
}
